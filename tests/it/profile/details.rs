//! Account details: whole with the button, field by field as the script sends them, and two tabs at once.

use rstest::rstest;
use rstest_reuse::apply;
use serde_json::Value;

use crate::support::{Answer, Browser, Html, Persona, Portal, acme, all_at_once, on_both};

const PAGE: &str = "/account/details";
const FIELDS: [&str; 6] = ["first_name", "last_name", "company", "job_title", "phone", "country"];

/// The form as the page shows it, with some of it changed.
fn filled(page: &Html, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> =
        FIELDS.iter().map(|field| ((*field).to_owned(), page.value(field))).collect();
    for field in FIELDS.iter().chain(&["industries"]) {
        let seen = format!("seen_{field}");
        fields.push((seen.clone(), page.value(&seen)));
    }
    for ticked in page.attributes("input[type=checkbox][checked]", "name") {
        fields.push((ticked, "true".to_owned()));
    }
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

fn post(browser: &Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(PAGE, &fields)
}

fn save(browser: &Browser, changes: &[(&str, &str)]) -> Answer {
    post(browser, &filled(&browser.get(PAGE).html(), changes))
}

/// One field, as the script sends it.
fn save_one(browser: &Browser, field: &str, seen: &str, wanted: &str) -> (u16, Value) {
    let answer = browser.post(PAGE, &[("field", field), (&format!("seen_{field}"), seen), (field, wanted)]);
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text());
    (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
}

#[apply(on_both)]
fn all_that_is_saved_is_shown_and_recorded(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.get("/home").html().attributes("a[href='/account/details']", "href").len(), 1);
    let changes = [
        ("first_name", "Ritá"),
        ("last_name", "Okafor"),
        ("company", "Survey GmbH"),
        ("job_title", "Surveyor"),
        ("phone", "+41 21 555 01 00"),
        ("country", "NG"),
        ("industry_government", "true"),
        ("industry_agriculture", "true"),
    ];
    let recorded = portal.recorded(|| {
        let answer = save(&reader, &changes);
        assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.text());
        assert!(reader.follow(answer).text().contains("Saved."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.action, "account.details.changed");
    assert!(row.before.contains(r#""first_name":"Rita""#), "{}", row.before);
    assert!(row.after.contains(r#""industries":"agriculture,government""#), "{}", row.after);
    let page = reader.get(PAGE).html();
    for (field, value) in &changes[..6] {
        assert_eq!(page.value(field), *value, "{field}");
    }
    let ticked = page.attributes("input[type=checkbox][checked]", "name");
    assert_eq!(ticked, ["industry_agriculture", "industry_government"]);
    assert!(page.text(".menu-who").contains("Ritá Okafor"));
    // Nothing is recorded of what is not changed.
    let nothing = portal.recorded_actions(|| assert!(reader.follow(save(&reader, &[])).text().contains("Nothing was")));
    assert_eq!(nothing, Vec::<String>::new());
    assert!(save(&reader, &[("country", "")]).status == 303 && reader.get(PAGE).html().value("country").is_empty());
}

#[apply(on_both)]
fn a_new_name_is_found_in_every_organization_and_the_old_one_is_not(#[case] portal: &Portal) {
    let (owner, reader) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Reader));
    let found = |word: &str| owner.get(&acme(&format!("/people?search={word}"))).text().contains("rita@example.com");
    assert!(found("rita"));
    assert_eq!(save_one(&reader, "first_name", "Rita", "Zenobia").0, 200);
    assert!(found("zenob") && owner.get(&acme("/people")).text().contains("Zenobia Tester"));
    // Her address still says Rita.
    assert_eq!(save_one(&reader, "last_name", "Tester", "Quill").0, 200);
    assert!(found("quill") && !found("zenobia+tester"));
    // She stands in her new place of the list, with the role that she has.
    let names = owner.get(&acme("/people")).html().texts("tbody th");
    assert!(names.last().is_some_and(|last| last.contains("Zenobia Quill")), "{names:?}");
    assert!(owner.get(&acme("/people?role=reader")).text().contains("Zenobia Quill"));
}

#[apply(on_both)]
fn one_field_is_saved_by_itself_and_the_others_stay(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    let (status, answer) = save_one(&member, "phone", "", "  +41 21   555 01 00 ");
    assert_eq!((status, &answer["value"]), (200, &Value::from("+41 21   555 01 00")));
    let page = member.get(PAGE).html();
    assert_eq!((page.value("phone").as_str(), page.value("first_name").as_str()), ("+41 21   555 01 00", "Milo"));
    let (status, answer) = save_one(&member, "first_name", "Milo", "see www.example.com");
    assert_eq!(status, 422);
    assert!(answer["problem"].as_str().is_some_and(|problem| problem.starts_with("Leave out web addresses")));
    assert_eq!(save_one(&member, "last_name", "Tester", "").1["problem"], "Enter your last name.");
    let answer = member.post(PAGE, &[("field", "industries"), ("seen_industries", ""), ("industry_magic", "true")]);
    assert!(answer.status == 422 && answer.body.contains("Choose industries of the list."), "{}", answer.body);
    for none in ["email", "password", "password_hash", "suspended_at", "First_Name"] {
        assert_eq!(member.post(PAGE, &[("field", none), (none, "x")]).status, 400, "{none}");
    }
    assert_eq!(member.get(PAGE).html().value("first_name"), "Milo");
}

#[apply(on_both)]
fn what_was_changed_elsewhere_is_told_with_both_values_and_nothing_is_saved(#[case] portal: &Portal) {
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(PAGE).html();
    assert_eq!(save_one(&editor, "job_title", "", "Pilot").0, 200);
    // The field that somebody else changed, and one that nobody did.
    let answer = post(&editor, &filled(&page, &[("job_title", "Surveyor"), ("company", "Wings")]));
    assert_eq!(answer.status, 409);
    let told = answer.html().text("#job_title-error");
    assert!(told.contains("“Pilot”") && told.contains("“Surveyor”"), "{told}");
    assert_eq!((answer.html().value("job_title"), answer.html().value("company")), ("Surveyor".into(), "Wings".into()));
    assert_eq!(editor.get(PAGE).html().value("company"), "", "all of it or nothing");
    // To save it again is a decision.
    assert_eq!(post(&editor, &filled(&answer.html(), &[])).status, 303);
    assert_eq!(editor.get(PAGE).html().value("job_title"), "Surveyor");
    // Another field than the one that was changed elsewhere gets through, and so does the same value.
    let answer = post(&editor, &filled(&page, &[("phone", "112"), ("job_title", "Surveyor")]));
    assert_eq!(answer.status, 303, "{}", answer.text());
    let (status, answer) = save_one(&editor, "country", "DE", "FR");
    assert_eq!((status, &answer["stored"]), (409, &Value::from("CH")));
    let problem = answer["problem"].as_str().unwrap_or_default();
    assert!(problem.contains("“Switzerland”") && problem.contains("“France”"), "{problem}");
}

#[apply(on_both)]
fn two_tabs_at_once_save_one_value_and_tell_the_other(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let titles = ["Pilot", "Surveyor", "Captain", "Cook"];
    let saved = all_at_once(titles.len(), |number| save_one(&manager.copy(), "job_title", "", titles[number]).0);
    assert_eq!(saved.iter().filter(|status| **status == 200).count(), 1, "{saved:?}");
    assert_eq!(saved.iter().filter(|status| **status == 409).count(), titles.len() - 1, "{saved:?}");
}

#[apply(on_both)]
fn wrong_fields_come_back_as_they_were_typed(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let answer = save(&owner, &[("first_name", ""), ("phone", "call me"), ("company", "Kept")]);
    assert_eq!(answer.status, 422);
    let page = answer.html();
    assert_eq!(page.text("#first_name-error"), "Enter your first name.");
    assert_eq!(page.text("#phone-error"), "Enter a phone number like +41 21 555 01 00.");
    assert_eq!((page.value("phone").as_str(), page.value("company").as_str()), ("call me", "Kept"));
    assert!(owner.get(PAGE).html().value("company").is_empty());
}
