//! Every moment on a page is shown in the zone and the format of whoever looks; what is stored, exported and on documents stays UTC.

use chrono::Duration;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::preferences::save;
use crate::accounts::sign_in;
use crate::credits::Given;
use crate::support::{Browser, PASSWORD, Persona, Portal, acme, on_both};

fn in_zone(portal: &Portal, zone: &str, format: &str) -> Browser {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(save(&owner, &[("time_zone", zone), ("date_format", format)]).status, 303);
    owner
}

#[apply(on_both)]
fn a_changed_zone_is_shown_at_once_on_every_page(#[case] portal: &Portal) {
    let other = portal.signed_in(Persona::Manager);
    let owner = portal.signed_in(Persona::Owner);
    assert!(owner.get("/account/security").text().contains("23 November 2026, 09:30 UTC"));
    let owner = in_zone(portal, "Pacific/Kiritimati", "month_slash_day");
    let page = owner.get("/account/security");
    assert!(page.text().contains("11/23/2026, 23:30 UTC+14:00"), "{}", page.text());
    assert!(page.body.contains(r#"datetime="2026-11-23T09:30:00Z""#), "machines read UTC");
    // Half an hour later it is tomorrow beyond the date line, and for nobody else.
    portal.later(Duration::minutes(30));
    owner.post("/account/security/sessions/end-others", &[]);
    assert!(owner.get("/account/security/events").text().contains("11/24/2026, 00:00"));
    assert!(other.get("/account/security").text().contains("23 November 2026"));
}

#[apply(on_both)]
fn a_licence_is_valid_through_the_end_of_the_day_that_is_told(#[case] portal: &Portal) {
    let id = portal.licence(Term::Yearly, 3);
    let page = |zone: &str| in_zone(portal, zone, "day_month_year").get(&acme(&format!("/plans/{id}"))).text();
    // It ends with 23 November, UTC.
    assert!(page("UTC").contains("23 November 2027 through the end of that day, UTC"), "{}", page("UTC"));
    assert!(page("Europe/Zurich").contains("23 November 2027 through the end of that day, CET"));
    assert!(page("Asia/Kathmandu").contains("23 November 2027 through the end of that day, UTC+05:45"));
    // The 23rd is not over there when it ends.
    assert!(page("America/New_York").contains("22 November 2027 through the end of that day, EST"));
}

#[apply(on_both)]
fn days_of_a_filter_are_days_of_whoever_looks(#[case] portal: &Portal) {
    // 23 November, 23:30 UTC.
    portal.later(Duration::hours(14));
    portal.grant(Given::new(20, "ref-seven"));
    let found = |zone: &str, day: &str| {
        let owner = in_zone(portal, zone, "year_month_day");
        let query = format!("?from={day}&to={day}");
        let page = owner.get(&acme(&format!("/credits{query}"))).text();
        let file = owner.get(&acme(&format!("/credits/export.csv{query}"))).body;
        assert_eq!(
            page.contains("ref-seven"),
            file.contains("2026-11-23 23:30"),
            "the file has what the page has: {file}"
        );
        file.contains("ref-seven")
    };
    assert!(found("UTC", "2026-11-23") && !found("UTC", "2026-11-24"));
    assert!(!found("Europe/Zurich", "2026-11-23") && found("Europe/Zurich", "2026-11-24"));
    assert!(found("America/New_York", "2026-11-23"));
}

#[apply(on_both)]
fn mails_tell_moments_as_whoever_gets_them_reads_them(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(save(&reader, &[("time_zone", "America/New_York"), ("date_format", "month_slash_day")]).status, 303);
    portal.later(Duration::minutes(5));
    for persona in [Persona::Reader, Persona::Member] {
        assert_eq!(sign_in(&portal.browser(), &persona.email(), PASSWORD).status, 303);
    }
    let told = |persona: Persona| portal.mails_to(&persona.email()).pop().expect("a new browser is told");
    let (reader, member) = (told(Persona::Reader), told(Persona::Member));
    for text in [&reader.text, &reader.html] {
        assert!(text.contains("11/23/2026, 04:35 EST"), "{text}");
    }
    assert!(member.text.contains("23 November 2026, 09:35 UTC"), "{}", member.text);
}
