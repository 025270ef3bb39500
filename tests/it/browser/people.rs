//! What an Owner does in the list of people, day by day: by the steps of a person, with JavaScript and without.

use chrono::Duration;
use portico::access::Role;
use rstest::rstest;
use serde_json::json;

use crate::support::{Persona, Portal, Profile, acme, invite};

fn profile(portal: &Portal, has_scripts: bool) -> Profile {
    let profile = if has_scripts { Profile::open(portal) } else { Profile::without_javascript(portal) };
    profile.sign_in(Persona::Owner);
    profile
}

fn invite_many(portal: &Portal, count: usize) {
    let owner = portal.signed_in(Persona::Owner);
    let guests: Vec<String> = (0..count).map(|number| format!("guest{number:03}@example.net")).collect();
    for part in guests.chunks(500) {
        assert!(invite(&owner, &part.join("\n"), Role::Reader).status < 400);
    }
}

/// How far a row is from the top of the window, and whether it is in it.
fn is_in_sight(profile: &Profile, id: &str) -> bool {
    let script = "const box = document.getElementById(arguments[0]).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight";
    profile.script(script, &[json!(id)]) == true
}

#[rstest]
#[case::with_javascript(true)]
#[case::without_javascript(false)]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn who_filters_and_acts_comes_back_to_the_same_place(#[case] has_scripts: bool) {
    let portal = Portal::on_sqlite();
    invite_many(&portal, 40);
    let profile = profile(&portal, has_scripts);
    profile.open_page(&acme("/people?sort=name&order=reversed"));
    profile.press("Pending 40");
    profile.fill("Search by name or e-mail", "guest");
    if has_scripts {
        profile.keys("\u{e007}")
    } else {
        profile.press("Search")
    }
    profile.sees("1–40 of 40");
    let id = portal.invitation_id("guest037@example.net").unwrap();
    profile.press("Resend invitation to guest037@example.net");
    profile.sees("A new invitation is on its way to guest037@example.net.");
    let address = profile.address();
    for part in ["status=pending", "search=guest", "order=reversed"] {
        assert!(address.contains(part), "{address}");
    }
    assert!(is_in_sight(&profile, &id), "the row is where it was left");
    profile.press("Withdraw invitation to guest036@example.net");
    profile.sees("The invitation to guest036@example.net was withdrawn.");
    assert!(profile.address().contains("status=pending"));
    assert!(!profile.offers("Withdraw invitation to guest036@example.net"));
    profile.press("Undo");
    profile.sees("guest036@example.net is back as before.");
    assert!(profile.offers("Withdraw invitation to guest036@example.net"));
    assert_eq!(profile.complaints(), Vec::<String>::new());
}

#[rstest]
#[case::with_javascript(true)]
#[case::without_javascript(false)]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_role_is_chosen_in_the_row(#[case] has_scripts: bool) {
    let portal = Portal::on_sqlite();
    portal.add_person("second@example.com", Role::Owner);
    let profile = profile(&portal, has_scripts);
    profile.open_page(&acme("/people?status=active"));
    let choose = |who: &str, role: &str| {
        if has_scripts {
            // As a person does with a mouse: press, choose.
            let list = profile.field(&format!("Role of {who}"));
            let script = "arguments[0].dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
                arguments[0].value = arguments[1];
                arguments[0].dispatchEvent(new Event('change', { bubbles: true }))";
            profile.script(script, &[list.argument(), json!(role.to_lowercase())]);
        } else {
            profile.choose(&format!("Role of {who}"), role);
            let script = "return arguments[0].form.querySelector('button')";
            let button = profile.script(script, &[profile.field(&format!("Role of {who}")).argument()]);
            profile.click_found(&button);
        }
    };
    choose("Milo Tester", "Editor");
    profile.sees("Milo Tester is now Editor.");
    assert!(profile.address().starts_with(&acme("/people?status=active")), "{}", profile.address());
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Editor));

    choose("Rita Tester", "Owner");
    profile.arrives_at("Change role");
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader), "asked about first");
    profile.press("Cancel");
    profile.arrives_at("User Management");
    choose("Rita Tester", "Owner");
    profile.arrives_at("Change role");
    profile.press("Change role");
    profile.sees("Rita Tester is now Owner.");

    choose("Olga Tester", "Member");
    profile.arrives_at("Change role");
    profile.sees("You cannot take this back yourself");
    profile.press("Change role");
    profile.sees("You are now Member.");
    assert_eq!(portal.role_of("olga@example.com"), Some(Role::Member));
    assert_eq!(profile.complaints(), Vec::<String>::new());
}

/// Every arrow key is a choice: none of them must be sent before the person has arrived at theirs.
#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_role_chosen_by_keyboard_waits_for_enter() {
    let portal = Portal::on_sqlite();
    let profile = profile(&portal, true);
    profile.open_page(&acme("/people?status=active"));
    let list = profile.field("Role of Milo Tester");
    profile.script("arguments[0].focus()", &[list.argument()]);
    profile.keys("\u{e015}\u{e015}");
    assert_eq!(profile.property(&list, "value"), "editor");
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));
    profile.keys("\u{e007}");
    profile.sees("Milo Tester is now Editor.");
}

#[rstest]
#[case::with_javascript(true)]
#[case::without_javascript(false)]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn all_501_that_match_are_sent_again(#[case] has_scripts: bool) {
    let portal = Portal::on_sqlite();
    invite_many(&portal, 501);
    portal.later(Duration::days(15));
    let profile = profile(&portal, has_scripts);
    profile.open_page(&acme("/people?status=expired"));
    profile.sees("1–50 of 501");
    assert!(!profile.offers("Resend"), "there is nobody selected yet");
    profile.tick("Select guest001@example.net");
    profile.tick("Select all 501");
    if has_scripts {
        profile.sees("501 selected");
    }
    profile.press("Resend");
    profile.arrives_at("Resend invitations");
    profile.sees("501 invitations");
    profile.press("Resend");
    profile.sees("501 invitations are on their way again.");
    assert!(profile.address().contains("status=expired"));
    profile.press("Pending 501");
    profile.sees("1–50 of 501");
    assert_eq!(profile.complaints(), Vec::<String>::new());
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_slash_leads_to_the_search_and_a_choice_of_the_filter_applies() {
    let portal = Portal::on_sqlite();
    let profile = profile(&portal, true);
    profile.open_page(&acme("/people"));
    profile.keys("/");
    assert_eq!(profile.focused(), "Search by name or e-mail");
    profile.keys("rita\u{e007}");
    profile.sees("1–1 of 1");
    profile.press("Clear");
    profile.sees("1–5 of 5");
    // The driver takes what stands in a closed <details> for hidden, though CSS shows it where there is room.
    let script = "arguments[0].value = 'editor'; arguments[0].dispatchEvent(new Event('change', { bubbles: true }))";
    profile.script(script, &[profile.field("Role").argument()]);
    profile.sees("1–1 of 1");
    assert!(profile.address().contains("role=editor"), "{}", profile.address());
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn shift_and_a_click_select_everybody_in_between() {
    let portal = Portal::on_sqlite();
    invite_many(&portal, 10);
    let profile = profile(&portal, true);
    profile.open_page(&acme("/people?status=pending"));
    profile.tick("Select guest002@example.net");
    profile.sees("1 selected");
    let last = profile.field("Select guest006@example.net");
    profile.click_with_shift(&last);
    profile.sees("5 selected");
}

/// Improvement of the list for phones: two lines a person, the first five in sight, forty-six in six screens.
#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn forty_six_people_on_a_phone_take_little_room() {
    let portal = Portal::on_sqlite();
    for number in 0..38 {
        portal.add_person(&format!("person.with.a.long.address-{number}@survey.example.com"), Role::Reader);
    }
    invite_many(&portal, 3);
    let profile = profile(&portal, true);
    profile.resize(360, 740);
    profile.open_page(&acme("/people"));
    profile.sees("1–46 of 46");
    let measured = profile.script(
        "const rows = [...document.querySelectorAll('.table-people tbody tr')].map((row) => row.getBoundingClientRect());
         return { rows: rows.length, highest: Math.max(...rows.map((row) => row.height)), fifth: rows[4].bottom + scrollY,
             page: document.documentElement.scrollHeight, wide: document.documentElement.scrollWidth }",
        &[],
    );
    let number = |name: &str| measured[name].as_f64().unwrap();
    assert_eq!(number("rows"), 46.0);
    assert!(number("highest") <= 84.0, "{measured}");
    assert!(number("fifth") <= 740.0, "{measured}");
    assert!(number("page") <= 4_200.0, "{measured}");
    assert_eq!(number("wide"), 360.0, "{measured}");
    let small = profile.script(
        "return [...document.querySelectorAll('main :is(a, button, input, select, summary)')]
            .filter((one) => one.checkVisibility() && one.type !== 'hidden')
            .map((one) => [one, one.getBoundingClientRect()])
            .filter(([one, box]) => box.width > 1 && !one.matches('th > a') && (box.height < 24 || box.width < 24))
            .map(([one]) => one.outerHTML.slice(0, 80))",
        &[],
    );
    assert_eq!(small, json!([]), "everything can be touched");
}

/// What is computed for the first element of a selector.
fn computed(profile: &Profile, selector: &str, property: &str) -> String {
    let script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]";
    profile.script(script, &[json!(selector), json!(property)]).as_str().unwrap_or_default().to_owned()
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn on_paper_there_is_the_list_and_nothing_to_press() {
    let portal = Portal::on_sqlite();
    invite_many(&portal, 3);
    let profile = profile(&portal, true);
    profile.open_page(&acme("/people"));
    for part in [".header", ".side", ".filter", ".tabs", ".list-export", ".page-actions", ".footer"] {
        assert_ne!(computed(&profile, part, "display"), "none", "{part} on the screen");
    }
    assert_eq!(computed(&profile, ".paper", "display"), "none", "on the screen the page says where it is");
    profile.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    for part in [".header", ".side", ".filter", ".tabs", ".list-export", ".page-actions", ".footer"] {
        assert_eq!(computed(&profile, part, "display"), "none", "{part} on paper");
    }
    assert_ne!(computed(&profile, ".paper", "display"), "none", "Organization and date");
    assert_eq!(computed(&profile, ".table-people thead", "display"), "table-header-group", "on every sheet");
}

/// Where the system says the colours, borders tell the roles apart, and the form of a mark the statuses.
#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn in_forced_colours_roles_and_statuses_differ_by_form() {
    let portal = Portal::on_sqlite();
    let owner = portal.signed_in(Persona::Owner);
    for (email, role) in
        [("a@example.net", Role::Manager), ("b@example.net", Role::Editor), ("c@example.net", Role::Reader)]
    {
        invite(&owner, email, role);
    }
    let profile = profile(&portal, true);
    profile.devtools(
        "Emulation.setEmulatedMedia",
        &json!({ "features": [{ "name": "forced-colors", "value": "active" }] }),
    );
    profile.open_page(&acme("/people?status=pending"));
    let border = |role: &str| {
        let badge = format!(".table-people .badge-{role}");
        (computed(&profile, &badge, "borderTopStyle"), computed(&profile, &badge, "borderTopWidth"))
    };
    let borders = [border("manager"), border("editor"), border("reader")];
    assert!(borders[0] != borders[1] && borders[1] != borders[2] && borders[0] != borders[2], "{borders:?}");
    let mark = profile.script(
        "const mark = getComputedStyle(document.querySelector('.badge-pending'), '::before');
         return [mark.borderTopStyle, mark.borderRadius, mark.backgroundColor]",
        &[],
    );
    assert_eq!(mark[0], "solid", "{mark}");
}
