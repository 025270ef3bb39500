//! The page of a licence with many people, and what is typed into its address.

use portico::access::Role;
use portico::db::DbError;
use portico::licences::issue::Given;
use portico::licences::seats;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{Persona, Portal, SLUG, given, on_both};

#[apply(on_both)]
fn many_people_are_listed_a_part_at_a_time(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 100);
    let mut expected = Vec::new();
    for number in 0..45 {
        let email = format!("reader-{number:02}@example.com");
        portal.add_person(&email, Role::Reader);
        portal.give_access(&licence, &email);
        let scope = portal.scope_of(&email, SLUG);
        portal.app.write_now::<_, DbError>(|tx| seats::occupy(tx, &scope, &licence)).expect("a seat");
        expected.push(format!("reader-{number:02} Tester"));
    }
    let manager = portal.signed_in(Persona::Manager);
    for list in ["seats", "access"] {
        let section = format!("[aria-labelledby={list}-title]");
        let (mut path, mut pages) = (page_of(&licence, ""), Vec::new());
        loop {
            let page = manager.get(&path).html();
            pages.push(page.texts(&format!("{section} li a")));
            match page.attributes(&format!("{section} .pagination a[rel=next]"), "href").pop() {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(pages.concat(), expected, "{list}");
        let last = manager.get(&path).html();
        let back = last.attributes(&format!("{section} .pagination a[rel=prev]"), "href").remove(0);
        assert_eq!(manager.get(&back).html().texts(&format!("{section} li a")), pages[1], "{list}");
    }
    for query in ["?seats_after=nonsense", "?access_before=%27", "?seats_before=seat_01kb1b1b1be1ea1b1b1b1b1b1b"] {
        assert_eq!(manager.get(&page_of(&licence, query)).status, 200, "{query}");
    }
}

#[apply(on_both)]
fn support_and_what_it_includes_are_shown_and_escaped(#[case] portal: &Portal) {
    let given = Given {
        product: "<b>Mapper</b>".to_owned(),
        includes: vec!["A & B".to_owned(), "<i>C</i>".to_owned()],
        support_until: Term::Yearly.end(portal.app.now()),
        ..given(Term::Perpetual, 1)
    };
    let licence = portal.licence_of(&given);
    let page = portal.signed_in(Persona::Editor).get(&page_of(&licence, ""));
    assert_eq!(page.html().text("h1"), "<b>Mapper</b>");
    assert_eq!(page.html().texts(".facts li"), ["A & B", "<i>C</i>"]);
    assert!(page.text().contains("Support & Upgrade until 23 November 2027"), "{}", page.text());
    portal.later(chrono::Duration::days(366));
    let page = portal.signed_in(Persona::Editor).get(&page_of(&licence, "")).text();
    assert!(page.contains("Support & Upgrade ended 23 November 2027") && page.contains("Active"), "{page}");
}
