//! Home: every Organization of the person, a page of fifty at a time.

use std::collections::BTreeSet;
use std::ops::Range;

use portico::access::Role;
use portico::db::DbError;
use portico::organizations::create::{NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::rates::Limit;
use rstest::rstest;
use rstest_reuse::apply;

use super::OLGA;

use crate::support::{Html, Persona, Portal, at_once, invite, on_both};

/// Makes somebody the Owner of many Organizations.
pub fn found_many(portal: &Portal, persona: Persona, numbers: Range<usize>) {
    let slug = if persona == Persona::Outsider { "elsewhere" } else { crate::support::SLUG };
    let creator = portal.scope_of(&persona.email(), slug).person().clone();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in numbers {
                let new = NewOrganization {
                    kind: Kind::Individual,
                    name: format!("Studio {number:03}"),
                    legal_name: String::new(),
                    country: String::new(),
                    creation_key: format!("studio {number}"),
                };
                // Over many days, as far as the limit is concerned.
                tx.forget(Limit::OrganizationsCreated, creator.user_id.as_str())?;
                create(tx, &creator, &new)?;
            }
            Ok(())
        })
        .expect("the Organizations are created");
}

#[apply(on_both)]
fn home_shows_each_organization_once_over_its_pages(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..120);
    let browser = portal.signed_in(OLGA);
    let mut seen = BTreeSet::new();
    let mut path = "/home".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = browser.get(&path);
        assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Home"));
        let links: Vec<String> = page
            .html()
            .attributes("main a", "href")
            .into_iter()
            .filter(|href| href.starts_with("/organizations/") && href != "/organizations/new")
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        sizes.push(links.len());
        for link in links {
            assert!(seen.insert(link.clone()), "{link} is shown twice");
        }
        assert!(page.html().has_button("New organization"));
        match page.html().attributes("main a[href^='/home?after=']", "href").pop() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(sizes, [50, 50, 21]);
    assert!(seen.contains("/organizations/acme") && !seen.contains("/organizations/elsewhere"));
}

#[apply(on_both)]
fn one_is_found_among_hundreds_by_words_of_its_name(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..120);
    let browser = portal.signed_in(OLGA);
    let names = |path: &str| browser.get(path).html().texts("main h3");
    assert_eq!(names("/home?search=077"), ["Studio 077 Owner"]);
    assert_eq!(names("/home?search=%20ST%C3%9CDIO%20%2077"), ["Studio 077 Owner"], "by parts, whatever the accents");
    assert_eq!(names("/home?search=acme"), ["Acme Owner"]);
    let page = browser.get("/home?search=studio").html();
    let next = page.attributes("main a[rel=next]", "href").pop().expect("a next page");
    assert!(next.starts_with("/home?search=studio&after="), "{next}");
    assert_eq!(browser.get(&next).html().texts("main h3").len(), 50);
    let nothing = browser.get("/home?search=%3Cnobody%3E");
    assert!(nothing.text().contains("No Organization is called that") && nothing.html().has_button("New organization"));
    assert_eq!(nothing.html().value("search"), "<nobody>");
    assert_eq!(names("/home?search=elsewhere"), ["No Organization is called that"], "of one's own only");
}

#[apply(on_both)]
fn the_switcher_begins_with_the_organization_that_is_open(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    assert!(!browser.get("/home").html().has("#switcher-search"), "there is nothing to search yet");
    found_many(portal, OLGA, 0..30);
    let page = browser.get("/organizations/studio-029").html();
    let names = listed(&page);
    assert_eq!((names.len(), names[0].as_str(), names[1].as_str()), (8, "Studio 029", "Acme"));
    assert_eq!(page.attributes(".switcher [aria-current]", "href"), ["/organizations/studio-029"]);
    assert!(page.has("form[action='/home'][method=get] #switcher-search[name=search]"));
    assert!(page.has_button("All Organizations"));
}

/// The Organizations that the switcher of a page lists, in its order.
fn listed(page: &Html) -> Vec<String> {
    page.texts(".switcher a[href^='/organizations/']:not([href='/organizations/new']) span:last-child")
}

#[apply(on_both)]
fn the_switcher_lists_what_was_opened_last_first(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..12);
    let browser = portal.signed_in(OLGA);
    let open = |number: usize| {
        portal.later(chrono::Duration::minutes(1));
        let page = browser.get(&format!("/organizations/studio-{number:03}"));
        assert_eq!(page.status, 200);
        listed(&page.html())
    };
    for number in [7, 3, 11] {
        open(number);
    }
    let begins = ["Studio 011", "Studio 003", "Studio 007", "Acme", "Studio 000", "Studio 001"];
    assert_eq!(listed(&browser.get("/home").html())[..6], begins);
    // Those that were never opened come after the others, and the one that is open before all.
    assert_eq!(open(5)[..5], ["Studio 005", "Studio 011", "Studio 003", "Studio 007", "Acme"]);
    // Some minutes later the same one is opened anew, on the same day.
    portal.later(chrono::Duration::minutes(10));
    open(7);
    assert_eq!(listed(&browser.get("/home").html())[..3], ["Studio 007", "Studio 005", "Studio 011"]);
}

#[apply(on_both)]
fn who_opens_an_organization_twice_at_once_has_opened_it_last(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..3);
    let browser = portal.signed_in(OLGA);
    browser.get("/organizations/studio-001");
    portal.later(chrono::Duration::minutes(10));
    let again = || browser.get("/organizations/studio-002").status;
    assert_eq!(at_once(again, again), (200, 200));
    assert_eq!(listed(&browser.get("/home").html())[..3], ["Studio 002", "Studio 001", "Acme"]);
}

#[apply(on_both)]
fn a_logo_on_home_opens_no_organization(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..2);
    let browser = portal.signed_in(OLGA);
    let before = browser.get("/home").body;
    browser.get("/organizations/studio-001/logo");
    assert_eq!(browser.get("/home").body, before);
    browser.get("/organizations/studio-001");
    assert_eq!(listed(&browser.get("/home").html())[0], "Studio 001");
}

#[apply(on_both)]
fn exactly_one_page_has_no_next_page(#[case] portal: &Portal) {
    found_many(portal, OLGA, 0..49);
    let page = portal.signed_in(OLGA).get("/home");
    assert!(!page.html().has("a[href^='/home?after=']"));
}

#[apply(on_both)]
fn a_mistyped_place_in_the_list_is_its_beginning(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let first = browser.get("/home").body;
    for after in ["x", "org_", "mem_01kb0000000000000000000000", "%20", "'--"] {
        assert_eq!(browser.get(&format!("/home?after={after}")).body, first, "{after}");
    }
    assert_eq!(browser.get("/home?after=a&after=b").status, 400);
}

#[apply(on_both)]
fn home_says_role_and_way_in_for_each_organization(#[case] portal: &Portal) {
    found_many(portal, Persona::Outsider, 0..1);
    let page = portal.signed_in(Persona::Outsider).get("/home");
    let text = page.text();
    assert!(text.contains("Elsewhere") && text.contains("Studio 000") && text.contains("Owner"), "{text}");
    assert!(!text.contains("Acme"));
    assert!(page.html().has("main a[href='/organizations/elsewhere']"));
    let page = portal.signed_in(Persona::Reader).get("/home");
    assert!(page.text().contains("Acme") && page.text().contains("Reader"));
    assert!(
        page.html().texts("main a").iter().any(|text| text.starts_with("Dashboard")),
        "{:?}",
        page.html().texts("main a")
    );
}

#[apply(on_both)]
fn home_says_to_managers_how_many_people_there_are(#[case] portal: &Portal) {
    let facts = |persona: Persona| portal.signed_in(persona).get("/home").html().texts("main .row-main p");
    assert_eq!(facts(Persona::Owner), ["Business · 5 people"]);
    found_many(portal, Persona::Manager, 0..1);
    assert_eq!(facts(Persona::Manager), ["Business · 5 people", "Individual · 1 person"]);
    invite(&portal.signed_in(OLGA), "early@example.net", Role::Member);
    portal.later(chrono::Duration::days(10));
    invite(&portal.signed_in(OLGA), "late@example.net, reader\nowner@example.net, owner", Role::Member);
    assert_eq!(facts(Persona::Owner), ["Business · 5 people, 3 pending"]);
    portal.later(chrono::Duration::days(5));
    assert_eq!(facts(Persona::Manager)[0], "Business · 5 people, 2 pending", "one has expired");
    for persona in [Persona::Editor, Persona::Reader, Persona::Member] {
        assert_eq!(facts(persona), ["Business"], "{persona:?}");
    }
}

#[apply(on_both)]
fn somebody_without_an_organization_is_told_what_to_do(#[case] portal: &Portal) {
    portal.add_user("alone@example.com");
    let page = portal.signed_in_as("alone@example.com").get("/home");
    assert_eq!(page.status, 200);
    assert!(page.html().has_button("New organization"));
    assert!(!page.html().has("main a[href='/organizations/acme']"));
}

#[apply(on_both)]
fn the_front_door_leads_home_or_to_signing_in(#[case] portal: &Portal) {
    let browser = portal.browser();
    let answer = browser.get("/");
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    let page = browser.follow(answer);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Sign in"));
}
