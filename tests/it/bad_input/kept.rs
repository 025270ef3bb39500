//! A form that comes back keeps what was typed, except passwords.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::{forms, somebody};
use crate::support::{Answer, Persona, Portal, on_both, places::Sample};

/// Each field shows what was sent.
fn assert_kept(answer: &Answer, sent: &Sample, what: &str) {
    let page = answer.html();
    for (field, value) in &sent.fields {
        if *field == "password" {
            assert!(!answer.body.contains(value.as_str()), "{what}: the password is in the page");
            assert_eq!(page.attributes("input[type=password]", "value"), Vec::<String>::new(), "{what}");
        } else {
            // The sign-in page of the demo has a form for each of its accounts below.
            let first = page.attributes(&format!("input[name=\"{field}\"]"), "value").into_iter().next();
            let is_kept = page.value(field) == *value || first.as_ref() == Some(value);
            assert!(is_kept, "{what}: {field} shows {:?}, not {value:?}", page.value(field));
        }
    }
}

#[apply(on_both)]
fn every_form_keeps_what_was_typed(#[case] portal: &Portal) {
    // One field of each form is wrong; all others are to be found again.
    let wrong: &[(&str, &str, &str)] = &[
        ("/sign-in", "password", "not the password of Olga"),
        ("/sign-up", "email", "nora at example.net"),
        ("/sign-up", "password", "too short"),
        ("/invitations/{token}/sign-up", "password", "too short"),
        ("/forgot-password", "email", "nora at example.net"),
        ("/organizations/new", "legal_name", ""),
        ("/organizations/new", "country", "XX"),
        ("/organizations/{slug}/settings/edit", "website", "no address <at> \"all\" & more"),
        ("/organizations/{slug}/settings/edit", "version", "7"),
        ("/organizations/{slug}/people/invite", "emails", "first@example.net\nsecond.example.net\n"),
        ("/organizations/{slug}/people/invite", "emails", "first@example.net, king\nsecond@example.net, king"),
    ];
    for (number, (path, field, value)) in wrong.iter().enumerate() {
        let route = forms().into_iter().find(|route| route.path == *path).expect("a form");
        let (browser, places) = somebody(portal, number, &route);
        let sent = places.sample(&route).with(field, value);
        let answer = sent.post(&browser, &places.path(path));
        let what = format!("{path} with {field} {value:?}");
        assert!(matches!(answer.status, 200 | 409 | 422), "{what}: {}", answer.status);
        let mut shown = sent.clone();
        match *field {
            // What is not on the list cannot be shown chosen.
            "country" => shown = shown.without("country"),
            // Saving again is about what is stored now.
            "version" => shown = shown.with("version", "1"),
            "emails" => {
                assert!(answer.html().value("emails").contains(value.lines().last().unwrap()), "{what}");
                shown = shown.without("emails");
            }
            _ => {}
        }
        assert_kept(&answer, &shown, &what);
    }
}

#[apply(on_both)]
fn a_role_that_cannot_be_given_stays_chosen(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let page = format!("/organizations/acme/people/{}", portal.membership(Persona::Member));
    let answer = manager.post(&format!("{page}/role"), &[("current", "reader"), ("role", "editor")]);
    assert_eq!(answer.status, 409);
    assert_eq!(answer.html().attributes("input[name=role][checked]", "value"), ["editor"]);
    assert_eq!(answer.html().value("current"), "member");
    assert_eq!(portal.role_of(&Persona::Member.email()), Some(Role::Member));
}

#[apply(on_both)]
fn what_was_typed_is_shown_as_text_never_as_markup(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let script = "\"><script>alert(1)</script>'{{ 7*7 }}";
    for (path, field) in [("/organizations/new", "name"), ("/organizations/acme/settings/edit", "city")] {
        let answer = owner.post(path, &[(field, script), ("country", "XX")]);
        assert_eq!(answer.status, 422, "{path}");
        assert_eq!(answer.html().value(field), script, "{path}");
        assert!(!answer.body.contains("<script>alert"), "{path}");
    }
    let answer = owner.get(&format!(
        "/organizations/acme/people?search={}",
        percent_encoding::utf8_percent_encode(script, percent_encoding::NON_ALPHANUMERIC)
    ));
    assert_eq!((answer.status, answer.html().value("search").as_str()), (200, script));
    assert!(!answer.body.contains("<script>alert"));
}

#[apply(on_both)]
fn three_people_with_the_longest_names_can_be_removed_at_once(#[case] portal: &Portal) {
    // Their names go through the cookie, into the message of the next page.
    let owner = portal.signed_in(Persona::Owner);
    let mut selected = Vec::new();
    for number in 0..3 {
        let email = format!("long-{number}@example.com");
        let user = portal.add_person(&email, Role::Member);
        portal
            .app
            .write_now::<_, portico::db::DbError>(|tx| {
                use diesel::prelude::*;
                use portico::schema::users;
                diesel::update(users::table.filter(users::id.eq(&user.user_id)))
                    .set((users::first_name.eq("\u{1f600}".repeat(100)), users::last_name.eq("\"".repeat(100))))
                    .execute(tx.connection)?;
                Ok(())
            })
            .expect("the names are stored");
        selected.push(portal.scope_of(&email, "acme").membership.id.to_string());
    }
    let fields: Vec<(&str, &str)> = selected.iter().map(|id| ("selected", id.as_str())).collect();
    let answer = owner.post("/organizations/acme/people/remove", &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let next = owner.follow(answer);
    assert_eq!(next.status, 200);
    assert!(next.text().contains("removed"), "{}", next.text());
    assert_eq!(portal.role_of("long-0@example.com"), None);
}
