//! Inviting and being invited: what fits on a screen, what follows the choice of a role, and copying a link.

use portico::access::Role;
use serde_json::{Value, json};

use crate::support::{Persona, Portal, Profile, acme, invite};

const WIDE: u32 = 1_440;
const NARROW: u32 = 360;

fn window(profile: &Profile, width: u32) {
    let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    profile.devtools("Emulation.setDeviceMetricsOverride", &size);
}

/// Where an element is in the page: an edge of its box, in pixels from the top.
fn edge(profile: &Profile, css: &str, edge: &str) -> f64 {
    let script = "return document.querySelector(arguments[0]).getBoundingClientRect()[arguments[1]] + scrollY";
    profile.script(script, &[json!(css), json!(edge)]).as_f64().unwrap_or_else(|| panic!("there is no {css}"))
}

fn previewed(profile: &Profile) -> Value {
    profile.script(
        "return [...document.querySelectorAll('.preview > div')].filter((one) => one.checkVisibility()).map((one) => one.className)",
        &[],
    )
}

fn inviting(profile: &Profile) {
    profile.sign_in(Persona::Owner);
    window(profile, WIDE);
    profile.open_page(&acme("/people/invite"));
    assert_eq!(profile.focused(), "E-mail addresses", "one begins to type at once");
    assert!(edge(profile, "#invite button[type=submit]", "bottom") <= 900.0, "the form is one screen");
    assert!(edge(profile, ".preview", "bottom") <= 900.0, "and so is the preview");
    assert_eq!(previewed(profile), json!(["preview-member"]));
    profile.tick("Owner");
    assert_eq!(previewed(profile), json!(["preview-owner"]), "it follows the role");
    window(profile, NARROW);
    assert!(edge(profile, "#invite button[type=submit]", "bottom") <= 950.0, "{}", edge(profile, "#invite", "bottom"));

    window(profile, WIDE);
    let many: Vec<String> = (0..297).map(|number| format!("p{number}@example.net")).collect();
    profile.script(
        "document.querySelector('#emails').value = arguments[0]",
        &[json!(format!("{}\nrita@example.com\nnobody\nuser@gmial.com", many.join("\n")))],
    );
    profile.tick("Reader");
    profile.press("Send invitations");
    profile.sees("297 invited · 1 already there · 2 mistyped");
    let height = profile.script("return document.documentElement.scrollHeight", &[]).as_f64().expect("a height");
    assert!(height <= 1_600.0, "three hundred lines make a page of {height} pixels");
    profile.press("Send corrected");
    profile.sees("1 invited · 1 mistyped");
    let field = profile.field("E-mail addresses");
    assert_eq!(profile.property(&field, "value"), "nobody", "what is still wrong stays");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn inviting_is_one_screen_and_three_hundred_lines_are_one_page() {
    let portal = Portal::on_sqlite();
    inviting(&Profile::open(&portal));
    assert_eq!(portal.mails_to("user@gmail.com").len(), 1);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn inviting_is_the_same_without_javascript() {
    let portal = Portal::on_sqlite();
    inviting(&Profile::without_javascript(&portal));
    assert_eq!(portal.mails_to("user@gmail.com").len(), 1);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_first_field_of_an_invitation_is_in_sight_at_once() {
    let portal = Portal::on_sqlite();
    invite(&portal.signed_in(Persona::Owner), "ines@example.com", Role::Editor);
    let profile = Profile::open(&portal);
    for width in [NARROW, WIDE] {
        window(&profile, width);
        profile.open_page(&portal.link_to("ines@example.com"));
        profile.sees("Olga Tester invites you to Acme as Editor.");
        assert!(
            edge(&profile, "#first_name", "bottom") <= 300.0,
            "{width}: {}",
            edge(&profile, "#first_name", "bottom")
        );
        assert!(edge(&profile, "form[action$=sign-up] button.button-primary", "bottom") <= 900.0, "{width}");
    }
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_link_of_an_invitation_is_copied_by_a_button_or_by_hand() {
    let portal = Portal::on_sqlite();
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "ines@example.com", Role::Editor);
    let page = acme(&format!("/people/{}", portal.invitation_id("ines@example.com").expect("it is open")));
    let answer = owner.post(&format!("{page}/link"), &[]);
    let link = answer.html().attributes("#link[readonly]", "value").pop().expect("the link is shown");
    for with_javascript in [true, false] {
        let profile = if with_javascript { Profile::open(&portal) } else { Profile::without_javascript(&portal) };
        profile.sign_in(Persona::Owner);
        profile.open_page(&page);
        profile.press("Copy invitation link");
        profile.sees("Invitation link");
        assert_eq!(profile.focused(), "Invitation link", "ready for the keys that copy");
        assert_eq!(profile.property(&profile.field("Invitation link"), "value"), link);
        assert_eq!(profile.offers("Copy"), with_javascript, "a button that does nothing is not there");
        if with_javascript {
            let grant = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
            profile.devtools("Browser.grantPermissions", &grant);
            profile.press("Copy");
            profile.sees("Copied");
            let read = "const done = arguments[arguments.length - 1];
                navigator.clipboard.readText().then(done, (error) => done(`${error}`))";
            assert_eq!(profile.script_with_callback(read, &[]), json!(link));
        }
    }
}
