//! The navigation of an Organization with as many entries as are to come: behind "Menu" on a phone, beside the page on a desk.

use serde_json::{Value, json};

use super::keyboard::tab_to;
use crate::support::{Persona, Portal, Profile, acme, key};

/// The entries that product.md names, those that are not there yet put into the page as the templates would write them: in the groups
/// that there are today. Answers all of them in their order.
const EIGHT: &str = "
    const entries = ['Resources', 'Credit History', 'Email notifications', 'Activity'];
    const lists = document.querySelectorAll('.side-list');
    const labels = () => [...document.querySelectorAll('.side-link')].map((one) => one.textContent.trim());
    entries.filter((label) => !labels().includes(label)).forEach((label, number) => {
        const entry = lists[0].lastElementChild.cloneNode(true);
        entry.firstChild.lastChild.data = label;
        entry.firstChild.removeAttribute('aria-current');
        lists[number % lists.length].append(entry);
    });
    return labels()";

fn is_at_width(profile: &Profile, width: u32, height: u32) {
    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    profile.devtools("Emulation.setDeviceMetricsOverride", &size);
    let is_wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(profile.script(is_wide, &[]), false, "nobody scrolls sideways at {width} pixels");
}

fn is_drawer_open(profile: &Profile) -> Value {
    profile.script("return document.querySelector('#side-panel').matches(':popover-open')", &[])
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn eight_entries_are_reached_by_keyboard_on_a_phone_and_all_fit_on_a_desk() {
    let portal = Portal::on_sqlite();
    let profile = Profile::open(&portal);
    profile.sign_in(Persona::Owner);
    profile.open_page(&acme("/people"));
    let entries = profile.script(EIGHT, &[]);
    let entries: Vec<&str> = entries.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!((entries.len(), entries[0], entries[1]), (8, "Dashboard", "User Management"), "{entries:?}");
    for (width, height) in [(360, 740), (768, 900)] {
        is_at_width(&profile, width, height);
        assert!(!profile.offers("Dashboard"), "the entries wait behind the menu at {width} pixels");
        profile.script("document.querySelector('.skip-link').focus()", &[]);
        tab_to(&profile, "Menu");
        profile.keys(key::ENTER);
        assert_eq!(is_drawer_open(&profile), true);
        for entry in &entries {
            tab_to(&profile, entry);
        }
        profile.keys(key::ESCAPE);
        assert_eq!((is_drawer_open(&profile), profile.focused()), (Value::Bool(false), "Menu".to_owned()));
    }
    is_at_width(&profile, 1440, 900);
    assert!(!profile.offers("Menu"));
    let below = "return [...document.querySelectorAll('.side-link')]
        .filter((one) => !one.checkVisibility() || one.getBoundingClientRect().bottom > innerHeight).length";
    assert_eq!(profile.script(below, &[]), 0, "all are in sight");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_menu_opens_and_leads_on_without_javascript() {
    let portal = Portal::on_sqlite();
    let profile = Profile::without_javascript(&portal);
    profile.sign_in(Persona::Owner);
    is_at_width(&profile, 360, 740);
    profile.open_page(&acme(""));
    profile.sees("Menu");
    assert!(!profile.offers("User Management"));
    profile.press("Menu");
    profile.press("User Management");
    profile.arrives_at("User Management");
    let here = "return [document.querySelector('.side-here').innerText, document.querySelector('.side-link[aria-current]').innerText]";
    assert_eq!(profile.script(here, &[])[0], "User Management", "the bar says where one is");
}
