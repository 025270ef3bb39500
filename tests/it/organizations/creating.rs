//! Creating an Organization: what is asked of whom, its address, and its first Owner.

use diesel::prelude::*;
use portico::schema::organizations;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, at_once, on_both};

const NEW: &str = "/organizations/new";

fn create(browser: &Browser, kind: &str, name: &str, legal_name: &str) -> Answer {
    browser.post(NEW, &[("kind", kind), ("name", name), ("legal_name", legal_name), ("country", "CH")])
}

fn count(portal: &Portal) -> i64 {
    portal.query(|connection| organizations::table.count().get_result(connection))
}

/// Creates one for an individual and answers its slug.
fn slug(browser: &Browser, name: &str) -> String {
    let answer = create(browser, "individual", name, "");
    assert_eq!(answer.status, 303, "{name}: {}", answer.text());
    let slug = answer.location().strip_prefix("/organizations/").unwrap().to_owned();
    assert_eq!(browser.get(answer.location()).status, 200, "{name}");
    slug
}

#[apply(on_both)]
fn the_creator_of_a_business_is_its_owner(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let page = browser.get(NEW);
    assert_eq!(page.html().text("h1"), "New organization");
    assert_eq!(page.html().value("kind"), "business");
    let recorded = portal.recorded(|| {
        let answer = create(&browser, "business", "Müller & Söhne", "Müller & Söhne GmbH");
        assert_eq!((answer.status, answer.location()), (303, "/organizations/muller-sohne"));
        let dashboard = browser.follow(answer).text();
        assert!(dashboard.contains("Müller & Söhne is ready. You are its Owner."));
        assert!(dashboard.contains("Your role Owner"), "{dashboard}");
        assert!(dashboard.contains("Legal name Müller & Söhne GmbH"), "{dashboard}");
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("organization.created", "Müller & Söhne"));
    assert_eq!((row.actor_name.as_str(), row.actor_role.as_str()), ("Milo Tester", "owner"));
    assert_eq!(row.after, r#"{"kind":"business","name":"Müller & Söhne"}"#);
    assert!(browser.get("/home").text().contains("Müller & Söhne Owner Business"));
    assert_eq!(portal.signed_in(Persona::Owner).get("/organizations/muller-sohne").status, 404, "nobody else is in it");
}

#[apply(on_both)]
fn a_business_needs_a_legal_name_and_an_individual_does_not(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let before = count(portal);
    for legal_name in ["", "   "] {
        let answer = create(&browser, "business", "Solo", legal_name);
        assert_eq!(answer.status, 422);
        let page = answer.html();
        assert_eq!(page.text("#legal_name-error"), "Enter the legal name of the business.");
        assert_eq!([page.value("kind"), page.value("name"), page.value("country")], ["business", "Solo", "CH"]);
    }
    assert_eq!(count(portal), before);
    let answer = create(&browser, "individual", "Solo", "Left over from the other choice");
    assert_eq!(answer.location(), "/organizations/solo");
    let settings = browser.get("/organizations/solo/settings").text();
    assert!(settings.contains("Kind Individual") && settings.contains("Legal name Not given"), "{settings}");
}

#[apply(on_both)]
fn bad_input_is_said_beside_its_field_and_nothing_is_created(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let before = count(portal);
    let (long, longer) = ("x".repeat(101), "x".repeat(201));
    let cases: [(&str, [&str; 4]); 9] = [
        ("name", ["individual", "---", "", ""]),
        ("name", ["individual", "Acme evil.example", "", ""]),
        ("name", ["individual", "", "", ""]),
        ("name", ["individual", " \t ", "", ""]),
        ("name", ["individual", &long, "", ""]),
        ("kind", ["", "Solo", "", ""]),
        ("kind", ["government", "Solo", "", ""]),
        ("legal_name", ["business", "Solo", &longer, ""]),
        ("country", ["individual", "Solo", "", "Atlantis"]),
    ];
    for (field, [kind, name, legal_name, country]) in cases {
        let form = [("kind", kind), ("name", name), ("legal_name", legal_name), ("country", country)];
        let answer = browser.post(NEW, &form);
        assert_eq!(answer.status, 422, "{form:?}");
        let page = answer.html();
        assert!(!page.text(&format!("#{field}-error")).is_empty(), "{form:?}");
        assert!(page.has(&format!(".notice-error a[href=\"#{field}\"]")), "the summary leads to the field");
        assert_eq!(page.value("legal_name"), legal_name);
    }
    assert_eq!(browser.post(NEW, &[]).status, 422);
    assert_eq!(count(portal), before);
}

#[apply(on_both)]
fn every_name_gets_an_address_of_its_own(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Outsider);
    assert_eq!(slug(&browser, "Acme"), "acme-2");
    assert_eq!(slug(&browser, "ACME!"), "acme-3");
    assert_eq!(slug(&browser, "  Ａｃｍｅ  "), "acme-4");
    // What cannot be written in an address, or is a page of its own, gets random letters.
    let new = slug(&browser, "New");
    let letters = new.strip_prefix("organization-").unwrap_or_else(|| panic!("{new}"));
    assert!(letters.len() == 6 && letters.bytes().all(|letter| letter.is_ascii_alphanumeric()), "{new}");
    for (name, expected) in [
        ("R 🚀🚀", "r-rocket-rocket"),
        ("株式会社", "zhu-shi-hui-she"),
        ("Картография", "kartografiia"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("Zoë's Ångström Ｌtd.", "zoe-s-angstrom-ltd"),
        ("new new", "new-new"),
    ] {
        assert_eq!(slug(&browser, name), expected, "{name}");
    }
    let page = browser.get("/organizations/script-alert-1-script");
    assert!(!page.body.contains("<script>alert"), "a name is never markup");
    assert!(page.text().contains("<script>alert(1)</script>"));
}

#[apply(on_both)]
fn the_longest_names_fit(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Outsider);
    let long = format!("{}er", "Long ".repeat(20).trim_end());
    assert_eq!(long.chars().count(), 101);
    assert_eq!(create(&browser, "individual", &long, "").status, 422);
    let long: String = long.chars().take(100).collect();
    let first = slug(&browser, &long);
    assert!(first.len() <= 60 && first.starts_with("long-long-"), "{first}");
    assert_eq!(slug(&browser, &long), format!("{first}-2"));
    // Characters are counted, not bytes.
    assert_eq!(slug(&browser, &"é".repeat(100)), "e".repeat(60));
    assert_eq!(slug(&browser, &format!("Aa {}", "👩‍🚀".repeat(32))).len(), 60);
}

#[apply(on_both)]
fn a_double_click_creates_one(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Outsider);
    let window = browser.copy();
    for round in 0..3 {
        let before = count(portal);
        let key = browser.get(NEW).html().value("form_key");
        assert!(!key.is_empty());
        let name = format!("Twice {round}");
        let form = [("kind", "individual"), ("name", name.as_str()), ("form_key", key.as_str())];
        let recorded = portal.recorded_actions(|| {
            let (one, other) = at_once(|| browser.post(NEW, &form), || window.post(NEW, &form));
            assert_eq!((one.status, other.status), (303, 303));
            assert_eq!(one.location(), other.location(), "both lead to the same one");
        });
        assert_eq!((count(portal) - before, recorded), (1, vec!["organization.created".to_owned()]));
    }
    assert_ne!(browser.get(NEW).html().value("form_key"), browser.get(NEW).html().value("form_key"));
}

#[apply(on_both)]
fn two_people_with_the_same_name_at_once_get_two(#[case] portal: &Portal) {
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Outsider));
    for round in 0..3 {
        let name = format!("Same {round}");
        let (a, b) = at_once(|| create(&one, "individual", &name, ""), || create(&other, "individual", &name, ""));
        assert_eq!((a.status, b.status), (303, 303));
        let mut found = [a.location().to_owned(), b.location().to_owned()];
        found.sort();
        assert_eq!(found, [format!("/organizations/same-{round}"), format!("/organizations/same-{round}-2")]);
    }
}
