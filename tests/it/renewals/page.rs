//! What pages say about the next charge, and to whom.

use chrono::Duration;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, sold};
use crate::support::{Persona, Portal, acme, on_both, till::Say};

/// The card about it on the page of a licence.
fn card(portal: &Portal, persona: Persona, licence: &portico::ids::LicenceId) -> String {
    let page = portal.signed_in(persona).get(&acme(&format!("/plans/{licence}")));
    assert_eq!(page.status, 200);
    page.html().texts("section[aria-labelledby=automatic-title]").join(" ")
}

#[apply(on_both)]
fn the_page_of_a_licence_says_what_is_charged_next(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    let licence = portal.licence_of(&sold(Term::Monthly));
    portal.grant_everybody(&licence);
    for persona in [Persona::Owner, Persona::Manager] {
        let card = card(portal, persona, &licence);
        for word in ["On", "17 December 2026", "CHF 139.00", "Visa ending in 4242"] {
            assert!(card.contains(word), "{persona:?}: {word} in {card}");
        }
    }
    for persona in [Persona::Editor, Persona::Reader, Persona::Member] {
        assert_eq!(card(portal, persona, &licence), "", "{persona:?}");
    }
    portal.forget_method();
    let without = card(portal, Persona::Owner, &licence);
    assert!(without.contains("Without a payment method nothing can be charged"), "{without}");
    assert!(without.contains("Add a payment method"), "{without}");
    assert!(!card(portal, Persona::Manager, &licence).contains("Add a payment method"));
    portal.keep_method("card-1");
    desk.till.usually(Say::Decline("insufficient funds"));
    desk.go_to("2026-12-17T00:00:00Z");
    desk.work();
    let failed = card(portal, Persona::Owner, &licence);
    assert!(failed.contains("Failed") && failed.contains("18 December 2026"), "{failed}");
    desk.pass(8 * 24, Duration::hours(1));
    let given_up = card(portal, Persona::Owner, &licence);
    assert!(given_up.contains("It is not tried again by itself"), "{given_up}");
}

#[apply(on_both)]
fn nothing_is_said_of_what_was_given_or_does_not_renew(#[case] portal: &Portal) {
    for term in [Term::Monthly, Term::Perpetual, Term::Trial] {
        let licence = portal.licence(term, 3);
        assert_eq!(card(portal, Persona::Owner, &licence), "", "{term:?}");
    }
}

#[apply(on_both)]
fn the_list_says_when_a_licence_renews_and_who_may_sees_what_it_costs(#[case] portal: &Portal) {
    let licence = portal.licence_of(&sold(Term::Monthly));
    portal.grant_everybody(&licence);
    for (persona, sees_prices) in
        [(Persona::Owner, true), (Persona::Manager, true), (Persona::Editor, false), (Persona::Reader, false)]
    {
        let list = portal.signed_in(persona).get(&acme("/plans")).text();
        assert!(list.contains("Renews") && list.contains("17 December 2026"), "{persona:?}: {list}");
        assert_eq!(list.contains("CHF 139.00"), sees_prices, "{persona:?}: {list}");
    }
}
