//! "Auto top-up": what it says to whom, and its form.

use portico::orders::top_up::choose::SwitchOn;
use rstest::rstest;
use rstest_reuse::apply;

use super::{ONE, choice, desk, switched_on};
use crate::renewals::Desk;
use crate::support::{Persona, Portal, acme, on_both, till::Say};

const FORM: [(&str, &str); 3] = [("package", "credits-100"), ("threshold", "50"), ("monthly_cap", "500.00")];

#[apply(on_both)]
fn an_owner_switches_it_on_and_off_and_a_manager_sees_how_it_is_set(#[case] portal: &Portal) {
    let _desk = desk(portal);
    let owner = portal.signed_in(Persona::Owner);
    let form = owner.get(&acme("/credits/top-up"));
    assert!(form.status == 200 && form.text().contains("Visa ending in 4242"), "{}", form.text());
    let answer = owner.post(&acme("/credits/top-up/on"), &FORM);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let on = owner.follow(answer);
    for word in ["Auto top-up is on.", "100 credits", "50 credits", "CHF 500.00", "CHF 0.00 of it"] {
        assert!(on.text().contains(word), "{word} in {}", on.text());
    }
    let manager = portal.signed_in(Persona::Manager).get(&acme("/credits/top-up"));
    assert!(manager.text().contains("CHF 500.00") && manager.text().contains("Only an Owner"), "{}", manager.text());
    assert!(manager.html().texts("form button").iter().all(|button| button != "Switch off" && button != "Save"));
    let history = portal.signed_in(Persona::Manager).get(&acme("/credits"));
    assert!(history.text().contains("no more than 50 are left"), "{}", history.text());
    let off = owner.follow(owner.post(&acme("/credits/top-up/off"), &[]));
    assert!(off.text().contains("Auto top-up is off."), "{}", off.text());
}

#[apply(on_both)]
fn what_is_wrong_with_the_form_is_said_and_what_was_typed_is_kept(#[case] portal: &Portal) {
    let _desk = desk(portal);
    let owner = portal.signed_in(Persona::Owner);
    for (field, value, status, sentence) in [
        ("package", "", 422, "Choose how many credits are bought."),
        ("package", "credits-7", 409, "not sold any more"),
        ("threshold", "", 422, "whole number of credits"),
        ("threshold", "-1", 422, "whole number of credits"),
        ("threshold", "1.5", 422, "whole number of credits"),
        ("threshold", "1000000000000", 422, "whole number of credits"),
        ("monthly_cap", "", 422, "Enter an amount in CHF"),
        ("monthly_cap", "0", 422, "Enter an amount in CHF"),
        ("monthly_cap", "-5", 422, "Enter an amount in CHF"),
        ("monthly_cap", "1e9", 422, "Enter an amount in CHF"),
        ("monthly_cap", "107.01", 409, "One top-up costs CHF 107.02"),
    ] {
        let form: Vec<(&str, &str)> =
            FORM.iter().map(|(name, kept)| (*name, if *name == field { value } else { *kept })).collect();
        let answer = owner.post(&acme("/credits/top-up/on"), &form);
        assert_eq!(answer.status, status, "{field}={value}");
        assert!(answer.text().contains(sentence), "{field}={value}: {}", answer.text());
        for (name, typed) in form.iter().filter(|(name, _)| *name != "package") {
            assert_eq!(answer.html().value(name), *typed, "{field}={value}");
        }
    }
    // A thousand may be written as people write it.
    let grouped = [("package", "credits-100"), ("threshold", "1,000"), ("monthly_cap", "1'500")];
    assert_eq!(owner.post(&acme("/credits/top-up/on"), &grouped).status, 303);
}

#[apply(on_both)]
fn who_cannot_have_it_yet_is_told_why(#[case] portal: &Portal) {
    let _desk = Desk::new(portal);
    let page = |persona| portal.signed_in(persona).get(&acme("/credits/top-up")).text();
    assert!(page(Persona::Owner).contains("once this Organization has paid for something"));
    assert_eq!(portal.signed_in(Persona::Owner).post(&acme("/credits/top-up/on"), &FORM).status, 409);
    portal.buy_once();
    portal.forget_method();
    assert!(page(Persona::Owner).contains("Add a payment method"));
    assert!(page(Persona::Manager).contains("An Owner has to add a payment method"));
}

#[apply(on_both)]
fn who_removes_the_payment_method_switches_it_off_as_the_page_says(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/plans/payment-method/remove"));
    assert!(page.text().contains("Auto top-up is switched off with it"), "{}", page.text());
    let method = page.html().value("method");
    let stale = owner.post(&acme("/plans/payment-method/remove"), &[("method", "another one")]);
    assert!(owner.follow(stale).text().contains("Nothing was changed") && portal.top_up_settings().is_on());
    let actions = portal.recorded_actions(|| {
        let removed = owner.post(&acme("/plans/payment-method/remove"), &[("method", &method)]);
        assert!(owner.follow(removed).text().contains("Removed, and auto top-up was switched off."));
    });
    assert_eq!(actions, ["credits.top_up.off", "payment.method.removed"]);
    assert!(!portal.top_up_settings().is_on());
    let why = owner.get(&acme("/credits/top-up")).text();
    assert!(why.contains("There was nothing to pay with, so it was switched off."), "{why}");
    portal.spend(portal.balance() - 10, "little-is-left");
    desk.work();
    assert_eq!((portal.top_ups(), desk.till.asked()), (vec![], 0));
}

#[apply(on_both)]
fn the_page_says_why_it_waits_or_is_off(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    let page = || portal.signed_in(Persona::Owner).get(&acme("/credits/top-up")).text();
    desk.till.says(&[Say::Decline("insufficient funds")]);
    portal.spend(110, "job-1");
    desk.work();
    let declined = page();
    assert!(declined.contains("The last charge was declined") && declined.contains("insufficient funds"), "{declined}");
    portal.forget_method();
    desk.pass(1, chrono::Duration::hours(2));
    assert!(page().contains("There was nothing to pay with, so it was switched off."), "{}", page());
    portal.keep_method("card-1");
    assert_eq!(portal.switch_on(&choice(50, ONE)), SwitchOn::On { has_begun: true });
    desk.work();
    portal.spend(100, "job-2");
    desk.work();
    assert!(page().contains("above the cap of this month"), "{}", page());
}
