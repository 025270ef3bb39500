//! "Complete details": the short form of what invoices need.

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Html, Persona, Portal, acme, at_once, on_both};

const COMPLETE: &str = "/organizations/acme/settings/complete";
const ASKED: [&str; 4] = ["postal_address", "zip", "city", "tax_id"];
const GIVEN: [(&str, &str); 4] =
    [("postal_address", " Route  1 "), ("zip", "1000"), ("city", "Lausanne"), ("tax_id", "CHE-123.456.789")];

fn asked(page: &Html) -> Vec<String> {
    page.attributes("form.narrow :is(input:not([type=hidden]), select)", "name")
}

fn post(browser: &Browser, version: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("version", version)];
    all.extend_from_slice(fields);
    browser.post(COMPLETE, &all)
}

#[apply(on_both)]
fn only_what_is_missing_is_asked_until_nothing_is(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(COMPLETE).html();
    assert_eq!(page.text("h1"), "Complete details");
    assert_eq!(asked(&page), ["postal_address", "zip", "city", "tax_id", "tax_exempt"]);
    assert!(!page.has("input[type=file]"));
    let recorded = portal.recorded(|| {
        let answer = post(&owner, &page.value("version"), &GIVEN);
        assert_eq!((answer.status, answer.location()), (303, acme("/settings").as_str()), "{}", answer.text());
        let text = owner.follow(answer).text();
        for shown in ["Settings saved.", "1000 Lausanne", "CHE-123.456.789", "Switzerland", "Legal name Acme AG"] {
            assert!(text.contains(shown), "{shown} is missing in {text}");
        }
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.action, "organization.settings.changed");
    assert!(row.after.contains("Lausanne") && !row.after.contains("Acme"), "only what was asked: {}", row.after);
    let settings = owner.get(&acme("/settings")).html();
    assert!(settings.has_button("Edit") && !settings.has_button("Complete details"));
    assert!(owner.get(COMPLETE).text().contains("Nothing is missing."));
}

#[apply(on_both)]
fn what_was_said_at_sign_up_is_there_already(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(owner.get("/organizations/new").html().value("country"), "CH");
    owner.post("/organizations/new", &[("kind", "individual"), ("name", "Solo")]);
    let page = owner.get("/organizations/solo/settings/complete").html();
    assert_eq!(asked(&page), ["postal_address", "zip", "city", "country"], "no business, no legal name and no tax id");
    assert_eq!(page.value("country"), "CH");
    assert_eq!(owner.get("/organizations/solo/settings/edit").html().value("country"), "", "but nothing is stored");
}

#[apply(on_both)]
fn what_is_still_missing_or_wrong_is_said_at_its_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let recorded = portal.recorded(|| {
        let answer = post(&owner, "1", &[("postal_address", "Route 1"), ("zip", " "), ("city", ""), ("tax_id", "")]);
        assert_eq!(answer.status, 422);
        let page = answer.html();
        assert_eq!(page.value("postal_address"), "Route 1", "what was typed is kept");
        for field in ["zip", "city", "tax_id"] {
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
            assert!(page.has(&format!(".notice-error a[href=\"#{field}\"]")), "{field}");
        }
        assert!(!page.has("#postal_address-error"));
        let long = "1".repeat(21);
        for (field, value) in [("zip", long.as_str()), ("country", "XX")] {
            let mut fields = GIVEN.to_vec();
            fields.retain(|(name, _)| *name != field);
            fields.push((field, value));
            let page = post(&owner, "1", &fields);
            assert_eq!(page.status, 422, "the rules of the settings hold here: {field}");
            assert!(!page.html().text(&format!("#{field}-error")).is_empty(), "{field}");
        }
    });
    assert!(recorded.is_empty());
    // Who is exempt has no number.
    let exempt = [("postal_address", "R 1"), ("zip", "1"), ("city", "L"), ("tax_id", ""), ("tax_exempt", "true")];
    assert_eq!(post(&owner, "1", &exempt).status, 303);
}

#[apply(on_both)]
fn a_stale_form_shows_what_differs_and_overwrites_only_what_it_asks_for(#[case] portal: &Portal) {
    portal.add_person("second@example.com", portico::access::Role::Owner);
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in_as("second@example.com"));
    let opened = one.get(COMPLETE).html().value("version");
    let theirs = [
        ("version", opened.as_str()),
        ("name", "Acme"),
        ("legal_name", "Acme International AG"),
        ("city", "Bern"),
        ("country", "CH"),
    ];
    assert_eq!(other.post(&acme("/settings/edit"), &theirs).status, 303);
    let answer = post(&one, &opened, &GIVEN);
    assert_eq!(answer.status, 409);
    let page = answer.html();
    assert_eq!(page.value("city"), "Lausanne");
    assert!(page.texts(".differences tbody tr").contains(&"City Lausanne Bern".to_owned()));
    assert!(ASKED.iter().all(|field| page.has(&format!("#{field}"))), "it asks for the same again");
    assert_eq!(post(&one, &page.value("version"), &GIVEN).status, 303, "saving again is a decision");
    let settings = one.get(&acme("/settings")).text();
    assert!(settings.contains("1000 Lausanne") && settings.contains("Acme International AG"), "{settings}");
}

#[apply(on_both)]
fn of_two_who_complete_at_once_one_is_told(#[case] portal: &Portal) {
    portal.add_person("second@example.com", portico::access::Role::Owner);
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in_as("second@example.com"));
    let version = one.get(COMPLETE).html().value("version");
    let recorded = portal.recorded_actions(|| {
        let elsewhere = [("postal_address", "Quai 2"), ("zip", "3000"), ("city", "Bern"), ("tax_id", "CHE-123")];
        let (a, b) = at_once(|| post(&one, &version, &GIVEN).status, || post(&other, &version, &elsewhere).status);
        let mut statuses = [a, b];
        statuses.sort();
        assert_eq!(statuses, [303, 409]);
    });
    assert_eq!(recorded, ["organization.settings.changed"]);
}

#[apply(on_both)]
fn only_owners_complete_details(#[case] portal: &Portal) {
    for persona in [Persona::Manager, Persona::Editor, Persona::Member] {
        let browser = portal.signed_in(persona);
        assert_eq!(browser.get(COMPLETE).status, 403, "{persona:?}");
        assert_eq!(post(&browser, "1", &GIVEN).status, 403, "{persona:?}");
    }
}
