//! "My Plans", and what of it stands on the dashboard.

use chrono::Duration;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::issue::Given;
use portico::licences::suspension;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Browser, Persona, Portal, acme, given, on_both};

fn named(product: &str, term: Term, seats: u16) -> Given {
    Given { product: product.to_owned(), ..given(term, seats) }
}

fn products(browser: &Browser, query: &str) -> Vec<String> {
    browser.get(&acme(&format!("/plans{query}"))).html().texts(".plan h3")
}

/// One of each kind, as of the end.
fn fill(portal: &Portal) -> LicenceId {
    portal.licence_of(&named("Ended long ago", Term::Monthly, 1));
    portal.later(Duration::days(30));
    portal.licence_of(&named("In grace", Term::Monthly, 1));
    portal.later(Duration::days(28));
    portal.licence_of(&named("Trial", Term::Trial, 1));
    portal.later(Duration::days(7));
    let suspended = portal.licence_of(&named("Suspended", Term::Yearly, 1));
    let operator = portal.operator();
    portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator, &suspended)).expect("suspended");
    portal.licence_of(&named("Perpetual", Term::Perpetual, 1));
    portal.licence_of(&named("Active", Term::Yearly, 3))
}

#[apply(on_both)]
fn every_licence_stands_there_with_what_it_is_and_how_it_is(#[case] portal: &Portal) {
    let active = fill(portal);
    portal.occupy(&active, Persona::Editor);
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(&acme("/plans"));
    assert_eq!(page.html().text("h1"), "Plans and License");
    assert!(page.html().texts("h2").contains(&"My Plans".to_owned()));
    assert_eq!(
        page.html().texts(".plan h3"),
        ["Active", "Perpetual", "Suspended", "Trial", "In grace", "Ended long ago"]
    );
    assert_eq!(
        page.html().texts(".plan .badge-status"),
        ["Active", "Active", "Suspended", "Trial", "In grace", "Expired"]
    );
    let first = page.html().texts(".plan").remove(0);
    for part in ["Team · Yearly", "Desktop processing · E-mail support", "1 of 3", "One is yours", "27 January 2028"]
    {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(page.html().texts(".plan").remove(1).contains("No end"));
    for (query, expected) in [
        ("?show=expiring", vec!["Trial"]),
        ("?show=in_grace", vec!["In grace"]),
        ("?show=suspended", vec!["Suspended"]),
    ] {
        assert_eq!(products(&editor, query), expected, "{query}");
    }
}

#[apply(on_both)]
fn the_dashboard_says_what_needs_attention_to_those_who_see_every_licence(#[case] portal: &Portal) {
    let editor = portal.signed_in(Persona::Editor);
    let nothing = editor.get(&acme("")).html().text("[aria-labelledby=attention-title]");
    assert!(nothing.contains("None: no licence ends soon"), "{nothing}");
    fill(portal);
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor] {
        let page = portal.signed_in(persona).get(&acme("")).html();
        assert_eq!(page.texts("[aria-labelledby=attention-title] dt"), ["In grace", "Expiring soon", "Suspended"]);
        assert_eq!(page.texts("[aria-labelledby=attention-title] dd"), ["1", "1", "1"]);
        let links = page.attributes("[aria-labelledby=attention-title] dt a", "href");
        assert_eq!(links, ["in_grace", "expiring", "suspended"].map(|show| acme(&format!("/plans?show={show}"))));
    }
    for persona in [Persona::Reader, Persona::Member] {
        assert!(!portal.signed_in(persona).get(&acme("")).html().has("[aria-labelledby=attention-title]"));
    }
}

#[apply(on_both)]
fn the_grace_period_is_a_setting(#[case] portal: &Portal) {
    portal.licence(Term::Monthly, 1);
    portal.later(Duration::days(40));
    let status = |portal: &Portal| portal.signed_in(Persona::Owner).get(&acme("/plans")).html().text(".badge-status");
    assert_eq!(status(portal), "In grace");
    let strict = portal.second_server_with(|config| config.licence_grace = Duration::zero());
    assert_eq!(status(&strict), "Expired");
}

#[apply(on_both)]
fn a_long_list_is_read_forwards_and_backwards_and_misses_nothing(#[case] portal: &Portal) {
    for number in 0..45 {
        portal.licence_of(&named(&format!("P{number:02}"), Term::Trial, 1));
        portal.later(Duration::minutes(number % 3));
    }
    // All of them end within two weeks, some at the same moment.
    portal.later(Duration::days(5));
    let manager = portal.signed_in(Persona::Manager);
    for show in ["all", "expiring"] {
        let mut path = acme(&format!("/plans?show={show}"));
        let (mut pages, mut paths) = (Vec::new(), Vec::new());
        loop {
            let page = manager.get(&path).html();
            pages.push(page.texts(".plan h3"));
            paths.push(path.clone());
            match page.attributes(".pagination a[rel=next]", "href").pop() {
                Some(next) => path = next,
                None => break,
            }
        }
        let expected: Vec<String> = match show {
            "all" => (0..45).rev().map(|number| format!("P{number:02}")).collect(),
            _ => (0..45).map(|number| format!("P{number:02}")).collect(),
        };
        assert_eq!(pages.concat(), expected, "{show}");
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
        for at in (1..pages.len()).rev() {
            let back = manager.get(&paths[at]).html().attributes(".pagination a[rel=prev]", "href").remove(0);
            assert_eq!(manager.get(&back).html().texts(".plan h3"), pages[at - 1], "{show}, back from {at}");
        }
        assert!(!manager.get(&paths[0]).html().has(".pagination a[rel=prev]"));
    }
    // An address that somebody made up leads somewhere in the list.
    for query in ["?after=YQ", "?show=expiring&after=YQ", "?show=in_grace&before=YQ", "?show=nonsense", "?before=*"] {
        assert_eq!(manager.get(&acme(&format!("/plans{query}"))).status, 200, "{query}");
    }
}

#[apply(on_both)]
fn home_marks_the_organizations_where_a_licence_is_urgent_for_who_sees_it(#[case] portal: &Portal) {
    let marks = |persona| portal.signed_in(persona).get("/home").html().texts(".rows .badge-expired");
    let nothing: [&str; 0] = [];
    let perpetual = portal.licence_of(&named("Perpetual", Term::Perpetual, 1));
    let monthly = portal.licence_of(&named("Monthly", Term::Monthly, 1));
    portal.grant_everybody(&monthly);
    assert_eq!(marks(Persona::Owner), nothing, "nothing ends soon");
    let ends_at = portal.licence_row(&monthly).ends_at.expect("it ends");
    portal.later(ends_at - Duration::days(7) - Duration::seconds(1) - portal.app.now());
    assert_eq!(marks(Persona::Owner), nothing, "more than a week before");
    portal.later(Duration::seconds(1));
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor] {
        assert_eq!(marks(persona), ["Needs attention"], "{persona:?}");
    }
    for persona in [Persona::Reader, Persona::Member, Persona::Outsider] {
        assert_eq!(marks(persona), nothing, "{persona:?}");
    }
    let home = portal.signed_in(Persona::Editor).get("/home").html();
    assert!(home.attributes(".rows a", "href").contains(&acme("/plans")));
    // In the grace period, and not any more after it.
    portal.later(Duration::days(20));
    assert_eq!(marks(Persona::Editor), ["Needs attention"]);
    portal.later(Duration::days(1));
    assert_eq!(marks(Persona::Editor), nothing);
    let operator = portal.operator();
    portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator, &perpetual)).expect("suspended");
    assert_eq!(marks(Persona::Editor), nothing, "the dashboard says so");
}
