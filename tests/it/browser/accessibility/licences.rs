//! "My Plans" and the pages of a licence.

use chrono::Duration;
use portico::licences::issue::Given;
use portico::licences::terms::Term;

use super::axe::Inspector;
use crate::support::{Persona, Portal, acme, given};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_licences_are_accessible() {
    let portal = Portal::on_sqlite();
    let ended = portal.licence(Term::Monthly, 2);
    portal.occupy(&ended, Persona::Editor);
    portal.later(Duration::days(33));
    let long = Given {
        product: "Photogrammetriebearbeitungssoftwarelizenzpaket".to_owned(),
        plan: "Jahresabonnement fuer Vermessungsbueros".to_owned(),
        support_until: Term::Yearly.end(portal.app.now()),
        ..given(Term::Yearly, 3)
    };
    let licence = portal.licence_of(&long);
    portal.licence(Term::Trial, 1);
    portal.give_access(&licence, "rita@example.com");
    for persona in [Persona::Editor, Persona::Reader] {
        portal.occupy(&licence, persona);
    }
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/plans"), "Plans and License");
    assert!(page.profile.shows("In grace") && page.profile.shows("Trial"));
    page.open(&acme("/plans?show=suspended"), "Plans and License");
    assert!(page.profile.shows("Nothing here needs you"));
    page.open(&acme(&format!("/plans/{ended}")), "Mapper");
    page.open(&acme(&format!("/plans/{licence}")), &long.product);
    page.profile.press("Occupy a seat");
    page.profile.sees("You have a seat now.");
    page.inspect(&long.product);
    page.profile.press("Give access");
    page.profile.sees("Enter an e-mail address.");
    page.inspect(&long.product);
    page.profile.press("Cancel licence");
    page.inspect("Cancel licence");
    page.profile.press("Cancel licence");
    page.profile.sees("Cancellation pending");
    page.inspect(&long.product);
    page.profile.press("Resume licence");
    page.profile.sees("Resumed. The licence goes on as before.");
    page.open(&acme(&format!("/people/{}", portal.membership(Persona::Reader))), "Rita Tester");
    portal.bought(Term::Monthly, 3, 3_900);
    page.open(&acme(""), "Dashboard");
    assert!(page.profile.shows("Licences needing attention") && page.profile.shows("CHF 117.00"));
    page.finish();

    let mut page = Inspector::signed_in(&portal, Persona::Member);
    page.open(&acme("/plans"), "Plans and License");
    assert!(page.profile.shows("No licence for you yet"));
    page.finish();
}
