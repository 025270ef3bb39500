//! The pages of changes: the calculation before it is confirmed, refusals, and who may.

use diesel::prelude::*;
use portico::access::Role;
use portico::licences::terms::Term;
use portico::schema::organizations;
use rstest::rstest;
use rstest_reuse::apply;

use super::PRICE;
use crate::support::{Persona, Portal, acme, on_both};

fn page_of(licence: &portico::ids::LicenceId, below: &str) -> String {
    acme(&format!("/plans/{licence}{below}"))
}

fn let_managers_purchase(portal: &Portal, may: bool) {
    portal.rewrite(|connection| {
        diesel::update(organizations::table).set(organizations::managers_may_purchase.eq(may)).execute(connection)
    });
}

#[apply(on_both)]
fn seats_are_changed_in_two_steps(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    for persona in [Persona::Editor, Persona::Manager, Persona::Owner] {
        portal.occupy(&licence, persona);
    }
    portal.later(chrono::Duration::days(183));
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&page_of(&licence, "/seats"));
    assert!(page.text().contains("3 of 5 seats are in use."), "{}", page.text());
    let page = owner.post(&page_of(&licence, "/seats"), &[("quantity", "7")]);
    assert_eq!(page.status, 200);
    for part in ["183 of 365 days", "CHF 2,697.37", "8.1 % VAT", "CHF 2,915.86", "there are 7 seats at once"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(page.html().has_button("Confirm and pay"));
    // Fewer come later, and are confirmed as well.
    let page = owner.post(&page_of(&licence, "/seats"), &[("quantity", "3")]).text();
    assert!(page.contains("3 seats from the next term on") && page.contains("CHF 8,070.00"), "{page}");
    assert_eq!(portal.licence_row(&licence).next_quantity, None, "nothing before it is confirmed");
    let answer = owner.post(&page_of(&licence, "/seats"), &[("quantity", "3"), ("confirmed", "yes")]);
    let page = owner.follow(answer).text();
    assert!(page.contains("there are 3 seats. Nothing changes until then."), "{page}");
    assert!(page.contains("3 instead of 5") && page.contains("Keep all seats"), "{page}");
    let page = owner.get(&page_of(&licence, "/cancel")).text();
    assert!(page.contains("What was to change with the next term does not come about"), "{page}");
    let page = owner.follow(owner.post(&page_of(&licence, "/keep"), &[("what", "seats")])).text();
    assert!(page.contains("The seats stay as they are."), "{page}");
    // Too few, with both numbers.
    let refused = owner.post(&page_of(&licence, "/seats"), &[("quantity", "2")]);
    assert_eq!(refused.status, 409);
    let text = refused.text();
    assert!(text.contains("3 people have a seat, and there would be only 2 seats. Release one seat first."), "{text}");
    assert_eq!(refused.html().value("quantity"), "2", "what was typed is kept");
    for (typed, status) in [("0", 422), ("-1", 422), ("1000000000000", 422), ("many", 422), ("", 422), ("5", 200)] {
        assert_eq!(owner.post(&page_of(&licence, "/seats"), &[("quantity", typed)]).status, status, "{typed}");
    }
    let fake = [("quantity", "7"), ("confirmed", "yes"), ("key", "k"), ("shown", "1")];
    let answer = owner.post(&page_of(&licence, "/seats"), &fake);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("It costs something else by now."), "{}", answer.text());
}

#[apply(on_both)]
fn plans_stand_side_by_side(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&page_of(&licence, "/plan"));
    assert!(page.html().has_button("Upgrade to Plus") && page.html().has_button("Change to Light"), "{}", page.text());
    let page = owner.post(&page_of(&licence, "/plan"), &[("plan", "mapper-plus")]).text();
    for part in ["CHF 3,290.00 less CHF 2,690.00", "CHF 1,200.00", "CHF 1,297.20", "whoever has one keeps it"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = owner.post(&page_of(&licence, "/plan"), &[("plan", "mapper-light")]).text();
    assert!(page.contains("Light from the next term on") && page.contains("CHF 1,980.00 a year"), "{page}");
    let confirmed = [("plan", "mapper-light"), ("confirmed", "yes")];
    let page = owner.follow(owner.post(&page_of(&licence, "/plan"), &confirmed)).text();
    assert!(page.contains("the plan is Light. Nothing changes until then."), "{page}");
    assert!(page.contains("CHF 1,980.00 without tax"), "what the next term costs: {page}");
    assert_eq!(owner.post(&page_of(&licence, "/plan"), &[]).status, 422);
    assert_eq!(owner.post(&page_of(&licence, "/plan"), &[("plan", "cloud-monthly")]).status, 409);
}

#[apply(on_both)]
fn terms_and_support_show_their_calculation_at_once(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&page_of(&licence, "/renew"));
    for part in ["CHF 5,380.00", "CHF 5,815.78", "23 November 2028"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let page = owner.get(&page_of(&licence, "/support"));
    assert!(page.text().contains("Support & Upgrade is for licences without an end."), "{}", page.text());
    assert!(!page.html().has_button("Confirm and pay"));
    let perpetual = portal.bought(Term::Perpetual, 1, 469_000);
    let page = owner.get(&page_of(&perpetual, "/seats")).text();
    assert!(page.contains("there is no next term") && !page.contains("what is left of the term"), "{page}");
    let page = owner.get(&page_of(&perpetual, "/support")).text();
    assert!(page.contains("CHF 890.00") && page.contains("until 23 November 2027"), "{page}");
    let given = portal.licence(Term::Yearly, 2);
    for below in ["/seats", "/renew"] {
        let page = owner.get(&page_of(&given, below));
        assert!(page.text().contains("This licence was not bought here"), "{below}: {}", page.text());
    }
}

#[apply(on_both)]
fn what_is_confirmed_is_paid_at_once_and_twice_sent_is_one_order(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let owner = portal.signed_in(Persona::Owner);
    let shown = owner.post(&page_of(&licence, "/seats"), &[("quantity", "3")]).html();
    let (key, total) = (shown.value("key"), shown.value("shown"));
    let form = [("quantity", "3"), ("confirmed", "yes"), ("key", key.as_str()), ("shown", total.as_str())];
    let [first, second] = [0, 1].map(|_| owner.post(&page_of(&licence, "/seats"), &form));
    assert!(first.location().starts_with("/sandbox/checkout/"), "{} {}", first.status, first.text());
    assert_eq!(first.location(), second.location());
    let paid = owner.post(first.location(), &[("act", "pay"), ("card", "good")]);
    let back = owner.follow(owner.get(paid.location()));
    assert!(back.text().contains("Thank you: Acme has 1 more of"), "{}", back.text());
    assert_eq!(portal.licence_row(&licence).quantity, 3);
    assert_eq!(owner.get(&acme("/plans/orders")).html().texts("tbody tr").len(), 1);
}

#[apply(on_both)]
fn missing_details_keep_back_what_is_to_be_paid_and_nothing_else(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let_managers_purchase(portal, true);
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    portal.set_details(["", "", "", ""]);
    let [owner, manager] = [Persona::Owner, Persona::Manager].map(|persona| portal.signed_in(persona));
    for below in ["/seats", "/plan", "/renew"] {
        let page = owner.get(&page_of(&licence, below));
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Some details are missing"), "{below}: {}", page.text());
        assert!(!page.html().has_button("Confirm and pay"), "{below}");
        let complete = page.html().attributes(".notice a", "href").remove(0);
        assert_eq!(owner.get(&complete).html().value("next"), page_of(&licence, below), "it leads back");
        let page = manager.get(&page_of(&licence, below));
        assert!(page.text().contains("An Owner of this Organization can complete them."), "{}", page.text());
        assert!(page.html().attributes(".notice a", "href").is_empty(), "{below}");
    }
    let more = owner.post(&page_of(&licence, "/seats"), &[("quantity", "7")]);
    assert_eq!((more.status, more.html().value("quantity").as_str()), (409, "7"));
    assert!(more.text().contains("Complete them first."), "{}", more.text());
    assert_eq!(owner.post(&page_of(&licence, "/plan"), &[("plan", "mapper-plus")]).status, 409);
    // What costs nothing now is as ever.
    let fewer = owner.post(&page_of(&licence, "/seats"), &[("quantity", "3")]);
    assert!(fewer.status == 200 && fewer.text().contains("3 seats from the next term on"), "{}", fewer.text());
    let light = owner.post(&page_of(&licence, "/plan"), &[("plan", "mapper-light")]);
    assert!(light.status == 200 && light.text().contains("Light from the next term on"), "{}", light.text());
    assert!([fewer, light].iter().all(|page| !page.text().contains("Some details are missing")));
}

#[test]
fn without_a_provider_no_change_that_costs_is_ordered() {
    let portal = Portal::on_sqlite_with(|config| config.payments = None);
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let owner = portal.signed_in(Persona::Owner);
    let shown = owner.get(&page_of(&licence, "/renew")).html();
    let (key, total) = (shown.value("key"), shown.value("shown"));
    let answer = owner.post(&page_of(&licence, "/renew"), &[("key", &key), ("shown", &total)]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("it has no provider of payments"), "{}", answer.text());
    assert!(owner.get(&acme("/plans/orders")).text().contains("No orders yet"));
}

/// Managers buy only while the Owners let them; Support & Upgrade they always may.
#[apply(on_both)]
fn each_role_may_what_the_table_says_with_the_policy_on_and_off(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    portal.grant_everybody(&licence);
    for is_on in [true, false] {
        let_managers_purchase(portal, is_on);
        for persona in Persona::ALL {
            let browser = portal.signed_in(persona);
            let buys = persona == Persona::Owner || persona == Persona::Manager && is_on;
            let supports = persona.role().is_some_and(|role| role >= Role::Manager);
            for (below, may) in [("/seats", buys), ("/plan", buys), ("/renew", buys), ("/support", supports)] {
                let expected = if persona == Persona::Outsider {
                    404
                } else if may {
                    200
                } else {
                    403
                };
                let status = browser.get(&page_of(&licence, below)).status;
                assert_eq!(status, expected, "{persona:?} {below} {is_on}");
            }
            if persona != Persona::Outsider {
                let page = browser.get(&page_of(&licence, ""));
                assert_eq!(page.html().has_button("Change seats"), buys, "{persona:?} {is_on}");
            }
        }
    }
}
