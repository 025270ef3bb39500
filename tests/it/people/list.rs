//! The "User access management" list: what it shows, finds, filters, and how its pages follow each other.

use std::collections::BTreeSet;

use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::ids::InvitationId;
use portico::mail::Undeliverable;
use portico::people::invite::{self as invite_verbs, Withdraw};
use rstest::rstest;
use rstest_reuse::apply;

use super::join;
use crate::support::{Browser, Html, Persona, Portal, acme, batch, invite, on_both, outbox};

/// The addresses that a page lists, in order.
fn listed(page: &Html) -> Vec<String> {
    let rows = page.texts("table.table-people tbody tr");
    let address = |row: &String| row.split(' ').find(|word| word.contains('@')).map(str::to_owned);
    rows.iter().map(|row| address(row).unwrap_or_else(|| panic!("no address in {row}"))).collect()
}

fn found(browser: &Browser, query: &str) -> Vec<String> {
    let answer = browser.get(&acme(&format!("/people?{query}")));
    assert_eq!(answer.status, 200, "{query}");
    let mut found = listed(&answer.html());
    found.sort();
    found
}

fn link(page: &Html, name: &str) -> Option<String> {
    let at = page.texts(".pagination a").iter().position(|text| text == name)?;
    page.attributes(".pagination a", "href").into_iter().nth(at)
}

/// Every page from `path` on, as the links lead.
fn pages(browser: &Browser, path: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        assert!(pages.len() < 20, "the pages never end");
        let answer = browser.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        let page = answer.html();
        assert_eq!(link(&page, "Previous page").is_some(), !pages.is_empty(), "{path}");
        pages.push(listed(&page));
        next = link(&page, "Next page");
    }
    pages
}

/// Many members: `count` of them, named so that names and addresses are ordered differently.
fn crowd(portal: &Portal, count: usize, role: Role) {
    // Several share a name: the order must still be one order.
    let one = |number: usize| {
        let first_name = format!("Name{:02}", (number * 7) % 40);
        (format!("crowd{number}@example.com"), first_name, "Crowd".to_owned())
    };
    let all: Vec<_> = (0..count).map(one).collect();
    join(portal, &all, role);
}

fn name(portal: &Portal, email: &str, first_name: &str, last_name: &str, role: Role) {
    join(portal, &[(email.to_owned(), first_name.to_owned(), last_name.to_owned())], role);
}

#[apply(on_both)]
fn the_list_shows_members_and_invitations_with_role_and_status(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com", Role::Reader);
    portal.later(chrono::Duration::days(15));
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "soon@example.com", Role::Editor);
    let page = owner.get(&acme("/people")).html();
    assert_eq!(page.text("h1"), "User Management");
    assert_eq!(page.text("#people-title"), "User access management");
    let rows = page.texts("table.table-people tbody tr");
    assert_eq!(rows.len(), 7);
    let row = |email: &str| rows.iter().find(|row| row.contains(email)).unwrap().as_str();
    assert!(row("olga@example.com").starts_with("OT Olga Tester You olga@example.com"), "{rows:?}");
    assert!(row("olga@example.com").ends_with("Active 23 Nov 2026 today"), "{rows:?}");
    assert!(row("rita@example.com").ends_with("Active 23 Nov 2026 Never"), "{rows:?}");
    let role = |id: &str| page.text(&format!("#{id} option[selected]"));
    assert_eq!(role(&portal.membership(Persona::Reader)), "Reader");
    let soon = row("soon@example.com");
    assert!(soon.contains("soon@example.com Not joined yet Editor Pending expires in 15 days 8 Dec 2026"), "{soon}");
    assert!(soon.ends_with("Resend Withdraw"), "{soon}");
    let late = row("late@example.com");
    assert!(late.contains("late@example.com Not joined yet Reader Expired today 23 Nov 2026"), "{late}");
    assert!(page.text(".tabs").contains("All 7 Active 5 Pending 1 Expired 1"), "{}", page.text(".tabs"));
    let own = portal.membership(Persona::Owner);
    assert!(!page.attributes("input[name=selected]", "value").contains(&own), "nobody selects themselves");
    assert_eq!(page.attributes("input[name=selected]", "value").len(), 6);
}

#[apply(on_both)]
fn people_are_found_by_words_of_the_name_and_parts_of_the_address(#[case] portal: &Portal) {
    name(portal, "z.muller@survey.example.org", "Zoë", "Ångström-Müller", Role::Editor);
    name(portal, "anna@example.com", "Anna Maria", "de la Cruz", Role::Reader);
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "zoltan@example.net", Role::Member);
    let zoe = "z.muller@survey.example.org";
    let anna = "anna@example.com";
    for (search, expected) in [
        ("Zoë", vec![zoe]),
        ("zoe", vec![zoe]),
        ("ZOE ANG", vec![zoe]),
        ("angstrom", vec![zoe]),
        ("Ångström", vec![zoe]),
        ("maria", vec![anna]),
        ("  Anna   Maria ", vec![anna]),
        ("cruz", vec![anna]),
        ("la cruz", vec![anna]),
        ("z.mul", vec![zoe]),
        ("survey", vec![zoe]),
        ("example.net", vec!["zoltan@example.net"]),
        ("zo", vec![zoe, "zoltan@example.net"]),
        ("anna@example.com", vec![anna]),
        ("nna", vec![anna]),
        ("gstrom", vec![zoe]),
        ("na", vec![]),
        ("%", vec![]),
        ("_", vec![]),
        ("'; DROP TABLE users; --", vec![]),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("search", search).finish();
        assert_eq!(found(&owner, &query), expected, "{search}");
    }
    let nobody = owner.get(&acme("/people?search=nobody"));
    assert!(nobody.text().contains("Nobody matches this filter"));
    assert!(nobody.html().has_button("Clear"));
    assert_eq!(nobody.html().value("search"), "nobody");
}

#[apply(on_both)]
fn somebody_is_listed_once_though_several_words_match(#[case] portal: &Portal) {
    name(portal, "anna.anders@anders.example.com", "Anna", "Anders", Role::Reader);
    let owner = portal.signed_in(Persona::Owner);
    // Manuel ends in what begins so, too.
    assert_eq!(found(&owner, "search=an"), ["anna.anders@anders.example.com", "manuel@example.com"]);
    assert_eq!(found(&owner, "search=anders"), ["anna.anders@anders.example.com"]);
}

#[apply(on_both)]
fn the_list_is_filtered_by_role_and_status(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com", Role::Reader);
    portal.later(chrono::Duration::days(15));
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "soon@example.com", Role::Reader);
    assert_eq!(found(&owner, "role=reader"), ["late@example.com", "rita@example.com", "soon@example.com"]);
    assert_eq!(found(&owner, "role=manager"), ["manuel@example.com"]);
    assert_eq!(found(&owner, "status=active").len(), 5);
    assert_eq!(found(&owner, "status=pending"), ["soon@example.com"]);
    assert_eq!(found(&owner, "status=expired"), ["late@example.com"]);
    assert_eq!(found(&owner, "role=reader&status=active"), ["rita@example.com"]);
    assert_eq!(found(&owner, "role=reader&status=expired&search=late"), ["late@example.com"]);
    assert_eq!(found(&owner, "role=owner&status=pending"), Vec::<String>::new());
    assert_eq!(found(&owner, "role=king&status=gone").len(), 7, "what is unknown narrows nothing");
    let page = owner.get(&acme("/people?role=reader&status=expired&search=late")).html();
    assert_eq!([page.value("search"), page.value("role"), page.value("status")], ["late", "reader", "expired"]);
}

#[apply(on_both)]
fn a_changed_role_is_found_under_the_new_one(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    crate::support::change_role(&owner, &portal.membership(Persona::Reader), Role::Reader, Role::Editor);
    assert_eq!(found(&owner, "role=reader&search=rita"), Vec::<String>::new());
    assert_eq!(found(&owner, "role=editor&search=rita"), ["rita@example.com"]);
}

#[apply(on_both)]
fn sixty_people_are_two_pages_with_links_both_ways(#[case] portal: &Portal) {
    crowd(portal, 55, Role::Member);
    let owner = portal.signed_in(Persona::Owner);
    let first = owner.get(&acme("/people")).html();
    assert_eq!(listed(&first).len(), 50);
    assert_eq!(link(&first, "Previous page"), None);
    let second = owner.get(&link(&first, "Next page").expect("there is more")).html();
    assert_eq!(listed(&second).len(), 10);
    assert_eq!(link(&second, "Next page"), None);
    assert_eq!(link(&second, "Previous page"), Some(acme("/people")));
}

#[apply(on_both)]
fn exactly_fifty_people_are_one_page(#[case] portal: &Portal) {
    crowd(portal, 45, Role::Member);
    let page = portal.signed_in(Persona::Owner).get(&acme("/people")).html();
    assert_eq!(listed(&page).len(), 50);
    assert!(!page.has(".pagination"));
}

#[apply(on_both)]
fn every_page_together_is_everybody_once_and_in_order(#[case] portal: &Portal) {
    crowd(portal, 110, Role::Editor);
    let owner = portal.signed_in(Persona::Owner);
    let invited: Vec<String> = (0..30).map(|number| format!("name{number:02}@example.net")).collect();
    assert_eq!(invite(&owner, &invited.join("\n"), Role::Reader).status, 200);
    let all = pages(&owner, &acme("/people"));
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 45]);
    let flat = all.concat();
    let once: BTreeSet<&String> = flat.iter().collect();
    assert_eq!((flat.len(), once.len()), (145, 145), "nobody twice, nobody missing");
    assert!(invited.iter().all(|email| once.contains(email)));
    // Members and invitations are one order: by the name, or by the address of whoever has none yet.
    let position = |email: &str| flat.iter().position(|one| one == email).unwrap();
    assert!(position("edith@example.com") < position("name00@example.net"));
    assert!(position("name29@example.net") < position("olga@example.com"));

    let editors = pages(&owner, &acme("/people?role=editor&status=active")).concat();
    assert_eq!((editors.len(), editors.iter().collect::<BTreeSet<_>>().len()), (111, 111));
    let searched = pages(&owner, &acme("/people?search=name")).concat();
    assert_eq!((searched.len(), searched.iter().collect::<BTreeSet<_>>().len()), (140, 140));
    let pending = pages(&owner, &acme("/people?search=name&status=pending")).concat();
    assert_eq!(pending.len(), 30);
    let crowd = pages(&owner, &acme("/people?search=crowd")).concat();
    assert_eq!((crowd.len(), crowd.iter().collect::<BTreeSet<_>>().len()), (110, 110));
}

#[apply(on_both)]
fn somebody_removed_between_two_pages_leaves_no_gap(#[case] portal: &Portal) {
    crowd(portal, 60, Role::Member);
    let owner = portal.signed_in(Persona::Owner);
    let before = pages(&owner, &acme("/people"));
    let first = owner.get(&acme("/people")).html();
    let next = link(&first, "Next page").unwrap();
    // Both the last of the first page, which the link names, and one in its middle go.
    portal.take_out(&before[0][49]);
    portal.take_out(&before[0][20]);
    assert_eq!(listed(&owner.get(&next).html()), before[1]);
}

#[apply(on_both)]
fn a_broken_page_link_shows_the_beginning(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for after in ["nonsense!", "AAAA", "%00", "zzz"] {
        let answer = owner.get(&acme(&format!("/people?after={after}")));
        assert!(answer.status == 200 || (after == "%00" && answer.status == 400), "{after}: {}", answer.status);
    }
}

#[apply(on_both)]
fn the_only_person_is_told_to_invite_others(#[case] portal: &Portal) {
    let outsider = portal.signed_in(Persona::Outsider);
    let page = outsider.get("/organizations/elsewhere/people");
    assert!(page.text().contains("Nobody but you so far"));
    assert_eq!(
        page.html().attributes("main a.button-secondary", "href").last().unwrap(),
        "/organizations/elsewhere/people/invite"
    );
}

/// A name that sorts behind all others, as only an account from before such names were refused can have.
#[apply(on_both)]
fn nobody_hides_behind_the_end_of_the_list(#[case] portal: &Portal) {
    let hidden = [("hidden@example.com", "\u{10ffff}"), ("second@example.com", "\u{10ffff}\u{10ffff}Zoe")];
    for (email, first_name) in hidden {
        super::join(portal, &[(email.to_owned(), first_name.to_owned(), "Last".to_owned())], Role::Manager);
    }
    let owner = portal.signed_in(Persona::Owner);
    for query in ["", "?role=manager", "?status=active", "?search=last"] {
        let page = owner.get(&acme(&format!("/people{query}"))).text();
        let file = owner.get(&acme(&format!("/people/export.csv{query}"))).body;
        for (email, _) in hidden {
            assert!(page.contains(email), "{email} with {query}: {page}");
            assert!(file.contains(email), "{email} with {query}: {file}");
        }
    }
}

#[apply(on_both)]
fn an_invitation_whose_mail_did_not_arrive_says_so_and_why_until_it_is_sent_again(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    for (address, reason, words) in [
        (
            "nobody@example.net",
            Undeliverable::NoMailbox,
            "There is no such mailbox. Withdraw it and invite the right address.",
        ),
        (
            "full@example.net",
            Undeliverable::MailboxClosed,
            "The mailbox is full or switched off. Tell them, and resend it later.",
        ),
        ("filter@example.net", Undeliverable::Refused, "Their mail server refused the mail. Tell them, and resend it."),
        (
            "away@example.net",
            Undeliverable::Unreachable,
            "No mail server took it for three days. Check the address, and resend it.",
        ),
        ("dropped@example.net", Undeliverable::Dropped, "It was taken out of the queue. Resend it."),
    ] {
        invite(&manager, address, Role::Reader);
        let row = || {
            let page = manager.get(&acme(&format!("/people?search={address}"))).html();
            page.texts("table.table-people tbody tr").remove(0)
        };
        assert!(row().contains("Pending") && !row().contains("not delivered"), "{}", row());
        outbox::give_up(&portal.app, address, reason);
        assert!(row().contains("Pending · not delivered") && row().contains(words), "{}", row());
        let id = portal.query(|connection| {
            use portico::schema::invitations;
            invitations::table
                .filter(invitations::email.eq(address))
                .select(invitations::id)
                .first::<String>(connection)
        });
        assert_eq!(manager.post(&acme(&format!("/people/{id}/resend")), &[]).status, 303);
        assert!(row().contains("Pending") && !row().contains("not delivered"), "{}", row());
    }
}

#[apply(on_both)]
fn a_withdrawn_invitation_is_not_mailed_any_more(#[case] portal: &Portal) {
    let manager = portal.scope(Persona::Manager);
    let browser = portal.signed_in(Persona::Manager);
    for address in ["one@example.net", "two@example.net"] {
        invite(&browser, address, Role::Reader);
    }
    let find = |address: &str| {
        portal.query(|connection| {
            use portico::schema::invitations;
            invitations::table.filter(invitations::email.eq(address)).select(invitations::id).first(connection)
        })
    };
    let one: InvitationId = find("one@example.net");
    let outcome =
        portal.app.write_now::<_, DbError>(|tx| invite_verbs::withdraw(tx, &manager, &one, &batch())).unwrap();
    assert_eq!(outcome, Withdraw::Withdrawn { email: "one@example.net".to_owned() });
    assert_eq!(outbox::deliver(&portal.app), 1);
    assert!(portal.mails_to("one@example.net").is_empty());
    // What has left already cannot be taken back.
    let two: InvitationId = find("two@example.net");
    portal.app.write_now::<_, DbError>(|tx| invite_verbs::withdraw(tx, &manager, &two, &batch())).unwrap();
    assert_eq!(portal.mails_to("two@example.net").len(), 1);
}
