//! What people do to a page: they click twice, select everything, look at their password, and go back.

use serde_json::json;

use crate::support::{Persona, Portal, Profile, SLUG};

/// Counts, over the next page too, how many times a form is really sent.
const COUNT_SUBMISSIONS: &str = "
    sessionStorage.sent = 0;
    addEventListener('submit', (event) => { if (!event.defaultPrevented) sessionStorage.sent = +sessionStorage.sent + 1; });";

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_double_click_sends_a_form_once() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    let by_mouse = |profile: &Profile| profile.double_click(&profile.button("Send reset link"));
    // However slow the mouse, and however fast the server: both clicks before anything else can happen.
    let at_once = |profile: &Profile| {
        let button = profile.button("Send reset link").argument();
        profile.script("arguments[0].click(); arguments[0].click()", &[button]);
    };
    for (persona, click_twice) in [(Persona::Owner, &by_mouse as &dyn Fn(&Profile)), (Persona::Reader, &at_once)] {
        profile.open_page("/forgot-password");
        profile.script(COUNT_SUBMISSIONS, &[]);
        profile.fill("E-mail address", &persona.email());
        click_twice(&profile);
        profile.arrives_at("Check your inbox");
        assert_eq!(profile.script("return sessionStorage.sent", &[]), "1", "{persona:?}");
        assert_eq!(portal.mails_to(&persona.email()).len(), 1, "{persona:?}");
    }
    // Whoever comes back can send the form again.
    profile.back();
    profile.arrives_at("Forgot password?");
    profile.fill("E-mail address", &Persona::Member.email());
    profile.press("Send reset link");
    profile.arrives_at("Check your inbox");
    assert_eq!(portal.mails_to(&Persona::Member.email()).len(), 1);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn several_people_are_selected_counted_and_removed() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    profile.open_page(&format!("/organizations/{SLUG}/people"));
    assert!(!profile.offers("Remove user"), "there is nobody to remove yet");
    profile.tick("Select Milo Tester");
    profile.sees("1 selected");
    assert!(profile.offers("Remove user"));
    let all = profile.field("Select all");
    assert_eq!(profile.property(&all, "indeterminate"), true);

    profile.click(&all);
    profile.sees("4 selected");
    assert_eq!(profile.property(&all, "checked"), true);
    profile.click(&all);
    assert!(!profile.offers("Remove user"));

    profile.click(&all);
    profile.tick("Select Manuel Tester");
    profile.sees("3 selected");
    profile.press("Remove user");
    profile.arrives_at("Remove users");
    for (name, is_named) in [("Edith", true), ("Rita", true), ("Milo", true), ("Manuel", false), ("Olga", false)] {
        assert_eq!(
            profile.script("return document.querySelector('main').innerText.includes(arguments[0])", &[json!(name)]),
            is_named,
            "{name}"
        );
    }
    // Going back keeps what was selected, and the count with it.
    profile.back();
    profile.arrives_at("User Management");
    profile.sees("3 selected");
    profile.press("Remove user");
    profile.arrives_at("Remove users");
    profile.press("Remove user");
    profile.arrives_at("User Management");
    assert!(!profile.offers("Milo Tester") && profile.offers("Manuel Tester"));
    assert_eq!(portal.role_of(&Persona::Member.email()), None);
    assert_eq!(profile.complaints(), Vec::<String>::new());
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_password_is_shown_on_request_and_hidden_before_it_is_sent() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.open_page("/sign-in");
    let field = profile.field("Password");
    let kind = || profile.property(&field, "type");
    profile.fill("Password", "open sesame, please");
    assert_eq!(kind(), "password");
    profile.press("Show password");
    assert_eq!(kind(), "text");
    assert_eq!(profile.property(&field, "value"), "open sesame, please", "what was typed stays");
    profile.press("Hide password");
    assert_eq!(kind(), "password");
    profile.press("Show password");
    profile
        .script("addEventListener('submit', () => { sessionStorage.kind = arguments[0].type; })", &[field.argument()]);
    profile.fill("E-mail address", "nobody@example.com");
    profile.press("Sign in");
    profile.sees("The e-mail address or the password is not right, or");
    assert_eq!(profile.script("return sessionStorage.kind", &[]), "password");
    assert_eq!(profile.property(&profile.field("Password"), "value"), "", "a password is never sent back");
    assert_eq!(profile.property(&profile.field("E-mail address"), "value"), "nobody@example.com");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn going_back_after_signing_out_shows_nothing_private() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    let people = format!("/organizations/{SLUG}/people");
    profile.open_page(&people);
    profile.sees("manuel@example.com");
    profile.open_page(&format!("/organizations/{SLUG}/settings"));
    profile.arrives_at("Organization settings");
    profile.press("Account menu: Olga Tester");
    profile.press("Sign out");
    profile.arrives_at("Sign in");
    let shows_nothing = |profile: &Profile| {
        profile.arrives_at("Sign in");
        for private in ["manuel@example.com", "Acme", "Olga"] {
            assert!(!profile.shows(private), "{private} at {}", profile.address());
        }
    };
    for _ in 0..3 {
        profile.back();
        shows_nothing(&profile);
    }
    for _ in 0..3 {
        profile.forward();
        shows_nothing(&profile);
    }
    profile.open_page(&people);
    shows_nothing(&profile);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_legal_name_is_asked_of_a_business_only() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Outsider);
    profile.open_page("/organizations/new");
    let is_asked = || profile.script("return document.getElementById('legal_name').checkVisibility()", &[]);
    assert_eq!(is_asked(), true);
    profile.tick("Individual");
    assert_eq!(is_asked(), false);
    profile.fill("Organization name", "Otto alone");
    profile.press("Create organization");
    profile.arrives_at("Dashboard");
    profile.sees("Otto alone is ready. You are its Owner.");
}
