//! Everything works without a mouse, and one always sees where one is.

use serde_json::Value;

use crate::support::{PASSWORD, Persona, Portal, Profile, SLUG, key};

/// How often Tab may be pressed before something counts as out of reach.
const FAR: usize = 40;

/// Presses Tab until the thing with this name has the focus. Everything on the way shows that it has it.
pub(super) fn tab_to(profile: &Profile, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..FAR {
        profile.keys(key::TAB);
        let focused = profile.focused();
        assert_focus_is_visible(profile, &focused);
        if focused == name {
            return;
        }
        passed.push(focused);
    }
    panic!("Tab does not lead to {name} but to {passed:?}");
}

fn assert_focus_is_visible(profile: &Profile, name: &str) {
    let seen = profile.script(
        "const one = document.activeElement;
         if (one === document.body) return 'left the page';
         const box = one.getBoundingClientRect();
         if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth) return 'out of sight';
         const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
         if (!one.matches(':focus-visible') || outlineStyle === 'none') return 'no outline';
         if (parseFloat(outlineWidth) < 2) return `an outline of ${outlineWidth}`;
         return /, 0\\)$|\\/ 0\\)$|transparent/.test(outlineColor) ? 'an invisible outline' : 'visible';",
        &[],
    );
    assert!(seen == "visible" || seen == "left the page", "the focus of “{name}” is not visible: {seen}");
}

fn is_open(profile: &Profile, menu: &str) -> Value {
    let menu = profile.button(menu);
    profile.script("return arguments[0].closest('details').open", &[menu.argument()])
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_skip_link_is_first_and_leads_to_the_content() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    for path in ["/home", &format!("/organizations/{SLUG}"), &format!("/organizations/{SLUG}/people"), "/nowhere"] {
        profile.open_page(path);
        profile.keys(key::TAB);
        assert_eq!(profile.focused(), "Skip to content", "{path}");
        assert_focus_is_visible(&profile, "Skip to content");
        profile.keys(key::ENTER);
        assert_eq!(profile.script("return document.activeElement.tagName", &[]), "MAIN", "{path}");
    }
    profile.keys(key::TAB);
    let inside = profile.script("return document.querySelector('main').contains(document.activeElement)", &[]);
    assert_eq!(inside, true, "the next Tab goes on in the content");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_menus_of_the_header_open_with_enter_and_close_with_escape() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    for (menu, entry) in [("Organizations", "Acme"), ("Account menu: Olga Tester", "Sign out")] {
        tab_to(&profile, menu);
        assert_eq!(is_open(&profile, menu), false);
        profile.keys(key::ENTER);
        assert_eq!(is_open(&profile, menu), true, "{menu}");
        profile.keys(key::ESCAPE);
        assert_eq!((is_open(&profile, menu), profile.focused()), (Value::Bool(false), menu.to_owned()));
        profile.keys(key::ENTER);
        tab_to(&profile, entry);
        profile.keys(key::ESCAPE);
        assert_eq!(profile.focused(), menu, "the focus returns to the button");
        assert_eq!(is_open(&profile, menu), false);
    }
    profile.keys(key::ENTER);
    tab_to(&profile, "Sign out");
    profile.keys(key::ENTER);
    profile.arrives_at("Sign in");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn somebody_is_invited_by_keyboard_alone() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.open_page("/sign-in");
    tab_to(&profile, "E-mail address");
    profile.keys(&Persona::Owner.email());
    tab_to(&profile, "Password");
    profile.keys(PASSWORD);
    tab_to(&profile, "Sign in");
    profile.keys(key::ENTER);
    profile.arrives_at("Home");
    tab_to(&profile, "Organizations");
    profile.keys(key::ENTER);
    tab_to(&profile, "Acme");
    profile.keys(key::ENTER);
    profile.arrives_at("Dashboard");
    tab_to(&profile, "User Management");
    profile.keys(key::ENTER);
    profile.arrives_at("User Management");
    tab_to(&profile, "Invite people");
    profile.keys(key::ENTER);
    profile.arrives_at("Invite people");

    // An error first: the summary takes the focus, and its link leads to the field.
    tab_to(&profile, "Send invitations");
    profile.keys(key::ENTER);
    profile.sees("Please check what you entered");
    assert_eq!(profile.script("return document.activeElement.role", &[]), "alert");
    tab_to(&profile, "Enter at least one e-mail address.");
    profile.keys(key::ENTER);
    assert_eq!(profile.focused(), "E-mail addresses");

    profile.keys("grace@example.com");
    tab_to(&profile, "Member");
    profile.keys(key::DOWN);
    let chosen = profile.focused();
    assert_ne!(chosen, "Member", "arrow keys choose among the roles");
    tab_to(&profile, "Send invitations");
    profile.keys(key::ENTER);
    profile.arrives_at("User Management");
    profile.sees("An invitation is on its way to grace@example.com.");
    let mail = portal.mails_to("grace@example.com").pop().expect("a mail");
    assert!(mail.text.contains(&chosen), "{chosen}: {}", mail.text);
}
