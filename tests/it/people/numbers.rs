//! How many the list says there are, where in them a page is, and how much of them one page sends.

use portico::access::{Operator, Role};
use portico::db::DbError;
use portico::people::suspension;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::bulk::crowd;
use super::join;
use crate::support::{Browser, Persona, Portal, acme, invite, on_both};

/// The text of some part of the list with this query.
fn part(browser: &Browser, query: &str, css: &str) -> String {
    let answer = browser.get(&acme(&format!("/people?{query}")));
    assert_eq!(answer.status, 200, "{query}");
    answer.html().text(css)
}

#[apply(on_both)]
fn tabs_say_how_many_have_the_chosen_role(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com, reader\nlater@example.com, reader\nlatest@example.com, editor", Role::Member);
    portal.later(chrono::Duration::days(15));
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "soon@example.com, reader", Role::Member);
    for (query, expected) in [
        ("", "All 9 Active 5 Pending 1 Expired 3"),
        ("role=reader", "All 4 Active 1 Pending 1 Expired 2"),
        ("role=reader&status=expired", "All 4 Active 1 Pending 1 Expired 2"),
        ("role=editor&status=pending", "All 2 Active 1 Pending 0 Expired 1"),
        ("role=owner", "All 1 Active 1 Pending 0 Expired 0"),
        // How many a search finds is not known without looking at all of them.
        ("search=late&role=reader", "All Active Pending Expired"),
    ] {
        assert_eq!(part(&owner, query, ".tabs"), expected, "{query}");
    }
    assert_eq!(part(&owner, "role=reader&status=expired", ".list-range"), "1–2 of 2");
    assert_eq!(part(&owner, "role=reader&status=pending", ".list-range"), "1–1 of 1");
}

#[apply(on_both)]
fn who_is_suspended_is_passed_over_among_the_active_and_counted_in_all(#[case] portal: &Portal) {
    crowd(portal, 60);
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in 0..55 {
                let by = Operator { name: "ada".to_owned() };
                suspension::suspend(tx, &by, &format!("crowd{number}@example.com"))?;
            }
            Ok(())
        })
        .expect("they are suspended");
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(part(&owner, "role=member", ".tabs"), "All 61 Active 6 Pending 0 Expired 0");
    assert_eq!(part(&owner, "role=member&status=active", ".list-range"), "1–6 of 6");
    assert_eq!(part(&owner, "status=active", ".list-range"), "1–10 of 10");
    let rows = owner.get(&acme("/people?status=active")).html().texts("table.table-people tbody tr");
    assert_eq!(rows.iter().filter(|row| row.contains("crowd")).count(), 5, "{rows:?}");
}

#[apply(on_both)]
fn a_forged_place_in_the_list_is_none_that_there_cannot_be(#[case] portal: &Portal) {
    crowd(portal, 160);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/people")).html();
    let next = page.attributes(".pagination a[rel=next]", "href").remove(0);
    assert!(next.ends_with("&at=50"), "{next}");
    for (at, expected) in [
        ("50", "51–100 of 165"),
        ("18446744073709551615", "116–165 of 165"),
        ("18446744073709551565", "116–165 of 165"),
        ("116", "116–165 of 165"),
        ("18446744073709551616", "1–50 of 165"),
        ("-1", "1–50 of 165"),
        ("x", "1–50 of 165"),
    ] {
        let answer = owner.get(&next.replace("at=50", &format!("at={at}")));
        assert_eq!(answer.status, 200, "{at}");
        assert_eq!(answer.html().text(".list-range"), expected, "{at}");
        let links = answer.html().attributes(".pagination a", "href");
        assert_eq!(links.len(), 2, "{at}");
        for link in links {
            assert_eq!(owner.get(&link).status, 200, "{link}");
        }
    }
}

#[apply(on_both)]
fn the_filter_keeps_the_order(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/people?sort=name&order=reversed&status=active")).html();
    let fields = |kind: &str| {
        let css = format!(".filter {kind}");
        page.attributes(&css, "name").into_iter().zip(page.attributes(&css, "value")).collect::<Vec<_>>()
    };
    let hidden = fields("input[type=hidden]");
    let kept = [("status", "active"), ("order", "reversed")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(hidden, kept);
    assert!(!owner.get(&acme("/people")).html().has(".filter input[name=order]"), "nothing where there is nothing");
}

/// The budget of a page, with names as people have them.
#[apply(on_both)]
fn a_page_of_47_people_is_sent_in_8_kilobytes(#[case] portal: &Portal) {
    const FIRST: [&str; 12] = [
        "Ada",
        "Benedikt",
        "Chiara",
        "Dmitri",
        "Elif",
        "Fatoumata",
        "Guillaume",
        "Hiroko",
        "Ingrid",
        "Joaquín",
        "Kwame",
        "Łucja",
    ];
    const LAST: [&str; 12] = [
        "Abernathy",
        "Brunner",
        "Castellanos",
        "Drăgulescu",
        "Eriksson",
        "Fitzgerald",
        "Grünwald",
        "Haddad",
        "Ivanova",
        "Jeong",
        "Kowalczyk",
        "Lindqvist",
    ];
    let one = |number: usize| {
        let (first, last) = (FIRST[number % 12], LAST[(number * 5 + number / 12) % 12]);
        let email = format!("colleague.{}@survey-{}.example.com", number * 7_919, number % 5);
        (email, first.to_owned(), last.to_owned())
    };
    let all: Vec<_> = (0..36).map(one).collect();
    for (role, some) in [Role::Reader, Role::Editor, Role::Manager].iter().zip(all.chunks(12)) {
        join(portal, some, *role);
    }
    let owner = portal.signed_in(Persona::Owner);
    let guests: Vec<String> =
        (0..6).map(|number| format!("new.colleague{number}@partner-{number}.example.org")).collect();
    invite(&owner, &guests.join("\n"), Role::Reader);
    owner.get(&acme("/people"));
    assert_eq!(part(&owner, "", ".list-range"), "1–47 of 47");
    for coding in ["zstd", "gzip"] {
        let answer = owner.send(Method::GET, &acme("/people"), &[("Accept-Encoding", coding)], Vec::new());
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding));
        let length: usize = answer.header("content-length").parse().expect("a length");
        assert!(length <= 8 * 1_024, "{length} bytes in {coding}");
    }
}
