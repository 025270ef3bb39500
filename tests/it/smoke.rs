//! Every page of every persona opens.

use crate::support::{Persona, SLUG};

on_both! {
    fn every_persona_sees_home_and_dashboard(portal) {
        for persona in Persona::ALL {
            let browser = portal.signed_in(persona);
            let home = browser.get("/home");
            assert_eq!((home.status, home.html().text("h1").as_str()), (200, "Home"));
            let dashboard = browser.get(&format!("/organizations/{SLUG}"));
            let expected = if persona == Persona::Outsider { 404 } else { 200 };
            assert_eq!(dashboard.status, expected, "{persona:?}");
        }
    }
}
