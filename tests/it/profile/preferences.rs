//! Preferences: saving them, two tabs at once, the default Organization, and mails that somebody does without.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::ids::MembershipId;
use portico::people::removal::{Remove, remove};
use portico::schema::users;
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::json;

use crate::support::{
    Answer, Browser, Html, PASSWORD, Persona, Portal, Profile, SLUG, acme, batch, change_role, on_both,
};

const PAGE: &str = "/account/preferences";
const EDIT: &str = "/account/preferences/edit";

/// The form as the page shows it, with some of it changed. A field without a value is not sent.
fn filled(page: &Html, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = ["default_organization", "time_zone", "date_format"];
    let mut sent: Vec<(String, String)> = fields
        .iter()
        .map(|field| (*field).to_owned())
        .chain(
            ["default_organization", "time_zone", "date_format", "organization_news"]
                .map(|field| format!("seen_{field}")),
        )
        .map(|field| (field.clone(), page.value(&field)))
        .collect();
    if page.has("#organization_news[checked]") {
        sent.push(("organization_news".to_owned(), "true".to_owned()));
    }
    for (name, value) in changes {
        sent.retain(|(field, _)| field != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    sent
}

fn post(browser: &Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(EDIT, &fields)
}

pub fn save(browser: &Browser, changes: &[(&str, &str)]) -> Answer {
    post(browser, &filled(&browser.get(EDIT).html(), changes))
}

/// The stored default Organization of a persona.
fn default_of(portal: &Portal, persona: Persona) -> Option<String> {
    portal.query(|connection| {
        users::table.filter(users::email.eq(persona.email())).select(users::default_organization_id).first(connection)
    })
}

fn choose_acme(portal: &Portal, persona: Persona) -> Browser {
    let browser = portal.signed_in(persona);
    let id = portal.organization_id().to_string();
    assert_eq!(save(&browser, &[("default_organization", &id)]).status, 303);
    assert_eq!(default_of(portal, persona), Some(id));
    browser
}

fn sign_in(portal: &Portal, persona: Persona, next: &str) -> String {
    let fields = [("email", &*persona.email()), ("password", PASSWORD), ("next", next)];
    portal.browser().post("/sign-in", &fields).location().to_owned()
}

#[apply(on_both)]
fn all_that_is_saved_is_shown_and_recorded(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    assert!(reader.get(PAGE).text().contains("None"));
    let id = portal.organization_id().to_string();
    let changes = [("default_organization", &*id), ("time_zone", "zürich"), ("date_format", "year_month_day")];
    let recorded = portal.recorded(|| {
        let answer = save(&reader, &changes);
        assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.text());
        let page = reader.follow(answer).text();
        for said in ["Saved.", "Acme", "Europe/Zurich", "2026-11-23, 10:30 CET"] {
            assert!(page.contains(said), "{said}: {page}");
        }
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.action, "account.preferences.changed");
    assert!(row.before.contains(r#""time_zone":"UTC""#) && row.after.contains(r#""time_zone":"Europe/Zurich""#));
    assert!(row.after.contains(r#""default_organization":"Acme"#), "{}", row.after);
    assert!(!row.after.contains("organization_news"), "{}", row.after);
    assert!(reader.get("/account/security/events").text().contains("Date format, Default organization, Time zone"));
    let nothing = portal.recorded_actions(|| assert!(reader.follow(save(&reader, &[])).text().contains("Nothing was")));
    assert_eq!(nothing, Vec::<String>::new());
}

#[apply(on_both)]
fn what_does_not_exist_is_refused_and_stays_as_it_was_typed(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    let elsewhere: String = portal.query(|connection| {
        use portico::schema::organizations;
        organizations::table.filter(organizations::slug.ne(SLUG)).select(organizations::id).first(connection)
    });
    let recorded = portal.recorded_actions(|| {
        for (field, typed, sentence) in [
            ("time_zone", "Europe/Atlantis", "There is no time zone “Europe/Atlantis”."),
            ("time_zone", "", "Choose a time zone"),
            ("date_format", "roman", "Choose one of the formats."),
            ("default_organization", &elsewhere, "Choose one of your Organizations."),
            ("default_organization", "acme", "Choose one of your Organizations."),
        ] {
            let answer = save(&member, &[(field, typed)]);
            assert_eq!(answer.status, 422, "{field} {typed}");
            let told = answer.html().text(&format!("#{field}-error"));
            assert!(told.contains(sentence), "{field} {typed}: {told}");
            if field == "time_zone" {
                assert_eq!(answer.html().value(field), typed);
            }
        }
    });
    assert_eq!(recorded, Vec::<String>::new());
}

#[apply(on_both)]
fn what_was_changed_elsewhere_is_told_with_both_values(#[case] portal: &Portal) {
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(EDIT).html();
    assert_eq!(save(&editor, &[("time_zone", "Asia/Kathmandu")]).status, 303);
    let answer = post(&editor, &filled(&page, &[("time_zone", "Europe/Zurich"), ("date_format", "year_month_day")]));
    assert_eq!(answer.status, 409);
    let told = answer.html().text("#time_zone-error");
    assert!(told.contains("“Asia/Kathmandu”") && told.contains("“Europe/Zurich”"), "{told}");
    // What the other tab did not touch gets through, and does not bring back what was there before.
    assert_eq!(post(&editor, &filled(&page, &[("date_format", "day_slash_month")])).status, 303);
    assert_eq!(editor.get(EDIT).html().value("time_zone"), "Asia/Kathmandu");
    // To save it again is a decision.
    assert_eq!(save(&editor, &[("time_zone", "Europe/Zurich")]).status, 303);
}

#[apply(on_both)]
fn signing_in_opens_the_default_organization_unless_a_page_was_asked_for(#[case] portal: &Portal) {
    assert_eq!(sign_in(portal, Persona::Manager, ""), "/home");
    choose_acme(portal, Persona::Manager);
    assert_eq!(sign_in(portal, Persona::Manager, ""), acme(""));
    assert_eq!(sign_in(portal, Persona::Manager, "/home"), acme(""));
    assert_eq!(sign_in(portal, Persona::Manager, "/account/details"), "/account/details");
    assert_eq!(sign_in(portal, Persona::Manager, "https://evil.example/"), acme(""));
}

#[apply(on_both)]
fn whoever_is_removed_or_leaves_has_no_default_organization_there_any_more(#[case] portal: &Portal) {
    choose_acme(portal, Persona::Reader);
    let editor = choose_acme(portal, Persona::Editor);
    let (owner, reader) = (portal.scope(Persona::Owner), portal.membership(Persona::Reader));
    let reader = MembershipId::parse(&reader).expect("an id");
    let removed = portal.app.write_now::<_, DbError>(|tx| remove(tx, &owner, &reader, &batch()));
    assert!(matches!(removed, Ok(Remove::Removed { .. })), "{removed:?}");
    assert_eq!(default_of(portal, Persona::Reader), None);
    assert_eq!(sign_in(portal, Persona::Reader, ""), "/home");
    assert_eq!(editor.post(&acme("/leave"), &[]).status, 303);
    assert_eq!(default_of(portal, Persona::Editor), None);
    assert_eq!(editor.get(PAGE).status, 200);
}

#[apply(on_both)]
fn an_owner_does_without_news_but_hears_of_new_owners(#[case] portal: &Portal) {
    let heard = || portal.mails_to(&Persona::Owner.email()).len();
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(EDIT).html();
    let mut fields = filled(&page, &[]);
    fields.retain(|(name, _)| name != "organization_news");
    assert_eq!(post(&owner, &fields).status, 303);
    assert!(owner.get(PAGE).text().contains("Off"));
    let invited = portal.add_user("ada@example.com");
    crate::support::invite(&owner, &invited.email, Role::Editor);
    let before = heard();
    let ada = portal.signed_in_as(&invited.email);
    let id = portal.invitation_id(&invited.email).expect("invited");
    assert_eq!(ada.post(&format!("/home/invitations/{id}/accept"), &[]).status, 303);
    assert_eq!(heard(), before);
    // A second Owner makes a third.
    portal.set_role(&Persona::Manager.email(), Role::Owner);
    let manager = portal.signed_in(Persona::Manager);
    portal.later(Duration::hours(2));
    let editor = portal.membership(Persona::Editor);
    assert_eq!(change_role(&manager, &editor, Role::Editor, Role::Owner).status, 303);
    assert_eq!(heard(), before + 1);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_zone_of_the_browser_is_offered_where_it_is_another() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Member);
    profile.devtools("Emulation.setTimezoneOverride", &json!({ "timezoneId": "Asia/Kathmandu" }));
    profile.open_page(EDIT);
    profile.press("Use Asia/Kathmandu");
    assert!(!profile.offers("Use Asia/Kathmandu"));
    profile.press("Save");
    profile.sees("15:15 UTC+05:45");
    profile.open_page(EDIT);
    assert!(!profile.offers("Use Asia/Kathmandu"), "it is chosen");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn preferences_are_saved_without_javascript() {
    let portal = Portal::on_sqlite();
    let profile = Profile::without_javascript(&portal);
    profile.sign_in(Persona::Member);
    profile.open_page(PAGE);
    profile.press("Edit");
    profile.fill("Time zone", "new york");
    profile.press("Save");
    profile.sees("America/New_York");
}
