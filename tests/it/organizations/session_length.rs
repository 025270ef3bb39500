//! An Organization that asks whoever enters who they are, some time after they signed in.

use chrono::Duration;
use portico::access::{Role, SessionLength};
use portico::db::DbError;
use portico::guard::Guard;
use portico::organizations::policies::{self, SetSessionLength};
use portico::routes::table;
use rstest::rstest;
use rstest_reuse::apply;
use strum::VariantArray;

use crate::count;
use crate::support::{
    Answer, Browser, PASSWORD, Persona, Portal, acme, at_once, invite, on_both,
    state::{assert_unchanged, stored},
};

const CHOOSE: &str = "/organizations/acme/settings/session-length";
const CONFIRM: &str = "/sign-in/confirm";

fn choose(browser: &Browser, seen: SessionLength, length: SessionLength) -> Answer {
    browser.post(CHOOSE, &[("length", length.key()), ("seen_length", seen.key())])
}

/// An Owner chooses, whatever was chosen before.
fn set(portal: &Portal, length: SessionLength) {
    let scope = portal.scope(Persona::Owner);
    let seen = scope.membership.policies.session_length;
    let stored = portal.app.write_now::<_, DbError>(|tx| policies::set_session_length(tx, &scope, seen, length));
    assert_eq!(stored.expect("it is stored"), SetSessionLength::Saved);
}

/// Confirms on the page that came in place of what was asked for.
fn confirm(browser: &Browser, page: &Answer) -> Answer {
    let page = page.html();
    assert_eq!(page.text("h1"), "Confirm that it is you");
    let (kept, next) = (page.value("kept"), page.value("next"));
    browser.post(CONFIRM, &[("password", PASSWORD), ("kept", &kept), ("next", &next)])
}

const HOURS: [(SessionLength, i64); 6] = [
    (SessionLength::SevenDays, 168),
    (SessionLength::OneDay, 24),
    (SessionLength::TwelveHours, 12),
    (SessionLength::EightHours, 8),
    (SessionLength::FourHours, 4),
    (SessionLength::OneHour, 1),
];

#[apply(on_both)]
fn each_length_counts_to_the_second_and_for_this_organization_alone(#[case] portal: &Portal) {
    assert_eq!(SessionLength::VARIANTS.len(), HOURS.len() + 1);
    portal.signed_in(Persona::Member).post("/organizations/new", &[("kind", "individual"), ("name", "Solo")]);
    for (length, hours) in HOURS {
        set(portal, length);
        let member = portal.signed_in(Persona::Member);
        // Who is here all the time is asked as well, and a session does not end meanwhile.
        let mut left = Duration::hours(hours) - Duration::seconds(1);
        while left > Duration::zero() {
            let step = left.min(Duration::days(3));
            portal.later(step);
            left -= step;
            assert_eq!(member.get(&acme("")).status, 200, "{length:?}: {left} before");
        }
        portal.later(Duration::seconds(1));
        let answer = member.get(&acme("/plans?a=b"));
        assert_eq!(
            (answer.status, answer.location()),
            (303, "/sign-in/confirm?next=%2Forganizations%2Facme%2Fplans%3Fa%3Db")
        );
        assert_eq!(member.get("/home").status, 200, "the session goes on");
        assert_eq!(member.get("/organizations/solo").status, 200, "and so do others");
        let page = member.follow(answer);
        let asks =
            format!("Acme asks everybody to confirm who they are who signed in more than {} ago.", length.label());
        assert!(page.text().contains(&asks), "{}", page.text());
        let answer = confirm(&member, &page);
        assert_eq!((answer.status, answer.location()), (303, "/organizations/acme/plans?a=b"));
        assert_eq!(member.get(&acme("/plans")).status, 200);
        portal.later(Duration::hours(hours).min(Duration::days(3)) - Duration::seconds(1));
        assert_eq!(member.get(&acme("/plans")).status, 200, "it begins anew");
    }
}

#[apply(on_both)]
fn it_counts_on_the_very_next_request_of_every_role(#[case] portal: &Portal) {
    let personas = [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member];
    let browsers = personas.map(|persona| portal.signed_in(persona));
    portal.later(Duration::hours(2));
    for (length, status) in [
        (SessionLength::OneHour, 303),
        (SessionLength::FourHours, 200),
        (SessionLength::OneHour, 303),
        (SessionLength::Portal, 200),
    ] {
        set(portal, length);
        for browser in &browsers {
            assert_eq!(browser.get(&acme("/plans")).status, status, "{length:?}");
        }
    }
}

#[apply(on_both)]
fn no_address_of_the_organization_is_open_to_an_old_session(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let owner = portal.signed_in(Persona::Owner);
    set(portal, SessionLength::OneHour);
    portal.later(Duration::hours(1));
    // That they were here is noted.
    assert_eq!(owner.get("/home").status, 200);
    let before = stored(portal);
    for route in table(true, true).list().into_iter().filter(|route| matches!(route.guard, Guard::Organization(_))) {
        let path = places.path(&route.path);
        let is_form = route.method == "POST";
        let answer = if is_form { places.sample(&route).post(&owner, &path) } else { owner.get(&path) };
        let what = format!("{} {}: {}", route.method, route.path, answer.text());
        if route.path.ends_with("/logo") && !is_form {
            assert_eq!(answer.status, 404, "it is asked for by pages of others, and there is none: {what}");
        } else if is_form {
            assert_eq!((answer.status, &*answer.html().text("h1")), (403, "Confirm that it is you"), "{what}");
        } else {
            assert!(answer.location().starts_with("/sign-in/confirm?next=%2Forganizations%2Facme"), "{what}");
        }
    }
    assert_unchanged(&before, &stored(portal), "requests of an old session");
}

#[apply(on_both)]
fn a_form_comes_back_as_it_was_left(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    portal.later(Duration::hours(8));
    set(portal, SessionLength::EightHours);
    let answer = invite(&manager, "ada@example.net\nbea@example.net", Role::Editor);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Acme asks everybody to confirm"), "{}", answer.text());
    assert!(answer.text().contains("Nothing was done yet."), "{}", answer.text());
    let answer = confirm(&manager, &answer);
    assert_eq!(answer.location(), acme("/people/invite?kept=true"));
    let form = manager.follow(answer).html();
    assert_eq!((form.value("emails").trim(), &*form.value("role")), ("ada@example.net\nbea@example.net", "editor"));
    assert_eq!(count!(portal, invitations), 0);
    assert_eq!(invite(&manager, "ada@example.net\nbea@example.net", Role::Editor).status, 200);
    assert_eq!(count!(portal, invitations), 2);
}

#[apply(on_both)]
fn an_owner_chooses_it_and_it_is_recorded_and_told(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    assert!(owner.get(&acme("/settings")).text().contains("Session length As long as a session lasts"));
    let options = owner.get(CHOOSE).html().texts("select option");
    assert_eq!(options, ["As long as a session lasts", "7 days", "1 day", "12 hours", "8 hours", "4 hours", "1 hour"]);
    let (none, eight) = (SessionLength::Portal, SessionLength::EightHours);
    let recorded = portal.recorded(|| {
        assert!(owner.follow(choose(&owner, none, eight)).text().contains("Session length saved."));
        assert!(owner.follow(choose(&owner, none, eight)).text().contains("Nothing was changed."));
        assert_eq!(owner.post(CHOOSE, &[("length", "two_hours"), ("seen_length", "eight_hours")]).status, 422);
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(
        (&*row.action, &*row.before, &*row.after),
        ("organization.settings.changed", r#"{"session_length":"portal"}"#, r#"{"session_length":"eight_hours"}"#)
    );
    let manager = portal.signed_in(Persona::Manager);
    assert!(manager.get(&acme("/settings")).text().contains("Session length 8 hours"));
    let log = manager.get(&acme("/activity?kind=settings")).html().text("table.table-activity tbody th");
    assert!(log.contains("Session length: from As long as a session lasts to 8 hours"), "{log}");
    let mail = portal.mails_to("second@example.com").pop().expect("the other Owner is told");
    assert_eq!(mail.subject, "The session length of Acme on Portico was changed");
    assert!(mail.text.contains("8 hours"), "{}", mail.text);
    assert_eq!(portal.mails_to(&Persona::Owner.email()).len(), 0);
}

#[apply(on_both)]
fn what_another_owner_chose_meanwhile_is_shown_and_not_overwritten(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    set(portal, SessionLength::OneHour);
    let answer = choose(&owner, SessionLength::Portal, SessionLength::SevenDays);
    assert_eq!(answer.status, 409);
    let page = answer.html();
    assert!(page.text(".notice").contains("It is now: 1 hour."), "{}", answer.text());
    assert_eq!(page.value("seen_length"), "one_hour");
    assert_eq!(page.attributes("option[selected]", "value"), ["seven_days"], "what they chose stays chosen");
    assert_eq!(portal.scope(Persona::Owner).membership.policies.session_length, SessionLength::OneHour);
    // Once more is a decision.
    assert_eq!(choose(&owner, SessionLength::OneHour, SessionLength::SevenDays).status, 303);
}

#[apply(on_both)]
fn of_two_owners_who_choose_at_once_one_is_told(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let (one, other) = (portal.scope(Persona::Owner), portal.scope_of("second@example.com", "acme"));
    for _ in 0..4 {
        let seen = portal.scope(Persona::Owner).membership.policies.session_length;
        let save = |scope: &portico::access::Scope, length| {
            let saved = portal.app.write_now::<_, DbError>(|tx| policies::set_session_length(tx, scope, seen, length));
            saved.expect("it is decided")
        };
        let outcomes = at_once(|| save(&one, SessionLength::EightHours), || save(&other, SessionLength::OneHour));
        let stored = portal.scope(Persona::Owner).membership.policies.session_length;
        match outcomes {
            (SetSessionLength::Saved, SetSessionLength::Stale(now)) => assert_eq!(now, SessionLength::EightHours),
            (SetSessionLength::Stale(now), SetSessionLength::Saved) => assert_eq!(now, SessionLength::OneHour),
            other => panic!("{other:?}"),
        }
        assert!(matches!(stored, SessionLength::EightHours | SessionLength::OneHour));
        set(portal, SessionLength::Portal);
    }
    portal.set_role("second@example.com", Role::Manager);
    let refused = portal.app.write_now::<_, DbError>(|tx| {
        policies::set_session_length(tx, &other, SessionLength::Portal, SessionLength::OneHour)
    });
    assert_eq!(refused.expect("it is decided"), SetSessionLength::NotAllowed);
}
