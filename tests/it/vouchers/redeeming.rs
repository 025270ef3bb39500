//! The page: what a code is worth, who gets it, and what it says to codes that are not good.

use chrono::Duration;
use diesel::prelude::*;
use portico::licences::terms::end_of;
use portico::schema::{credit_wallets, licences, voucher_redemptions};
use portico::vouchers::create::Batch;
use rstest::rstest;
use rstest_reuse::apply;

use super::{code, credits, licence, look, only_for, validate};
use crate::catalogue::{file_with, import_text};
use crate::support::{
    Persona, Portal, acme, on_both,
    places::ELSEWHERE,
    state::{assert_unchanged, stored},
};

fn balance(portal: &Portal) -> i64 {
    let wallets = credit_wallets::table.find(portal.organization_id()).select(credit_wallets::balance);
    portal.query(|connection| wallets.first(connection).optional()).unwrap_or(0)
}

/// Product, plan and seats of the licences of acme.
fn owned(portal: &Portal) -> Vec<(String, String, i32)> {
    let all = licences::table.filter(licences::organization_id.eq(portal.organization_id())).order(licences::id);
    portal.query(|connection| all.select((licences::product, licences::plan, licences::seats)).load(connection))
}

#[apply(on_both)]
fn what_it_is_worth_and_who_gets_it_is_shown_before_anything_happens(#[case] portal: &Portal) {
    let code = code(portal, &credits(portal, 500));
    let browser = portal.signed_in(Persona::Manager);
    assert_eq!(browser.get(&acme("/plans/redeem")).status, 200);
    let before = stored(portal);
    let shown = look(&browser, &code);
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("This voucher is worth 500 credits") && shown.text().contains("Acme"));
    assert!(shown.text().contains("Validate"));
    assert_unchanged(&before, &stored(portal), "a look");
    let recorded = portal.recorded(|| {
        let answer = validate(&browser, &shown.html().value("code"));
        assert_eq!((answer.status, answer.location()), (303, acme("/credits").as_str()));
        let next = browser.follow(answer);
        assert!(next.text().contains("Voucher redeemed: Acme got 500 credits."), "{}", next.text());
    });
    assert_eq!(balance(portal), 500);
    // In the order of their names.
    let actions: Vec<&str> = recorded.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["credits.granted", "voucher.redeemed"]);
    assert_eq!(recorded[1].subject_name, format!("…-{}", &code[15..]));
    assert!(!portal.dump().contains(&code), "no code is stored");
    // Once more, as a double click or the back button does.
    let again = validate(&browser, &code);
    assert_eq!(again.status, 409);
    assert!(again.text().contains("Acme redeemed this voucher on 23 November 2026. Nothing was changed."));
    assert_eq!(balance(portal), 500);
}

#[apply(on_both)]
fn a_licence_comes_as_it_was_for_sale_when_the_voucher_was_made(#[case] portal: &Portal) {
    let code = code(portal, &licence(portal, "mapper-yearly"));
    let changed = file_with(&[("seats = 5", "seats = 1"), ("name = \"Mapper\"", "name = \"Plotter\"")]);
    import_text(portal, &changed).expect("no faults");
    let browser = portal.signed_in(Persona::Owner);
    let shown = look(&browser, &code);
    for words in ["This voucher is worth Mapper, Yearly", "One year", "Orthomosaics"] {
        assert!(shown.text().contains(words), "{words}");
    }
    let answer = validate(&browser, &code);
    assert_eq!((answer.status, answer.location()), (303, acme("/plans").as_str()));
    assert!(browser.follow(answer).text().contains("Voucher redeemed: Acme has Mapper, Yearly now."));
    let expected = [("Mapper".to_owned(), "Yearly".to_owned(), 5)];
    assert_eq!(owned(portal), expected);
    assert_eq!(balance(portal), 100, "the credits of the plan come with it");
    // What was redeemed stays as it is, whatever is for sale.
    import_text(portal, crate::catalogue::SELLER).expect("nothing is for sale any more");
    assert_eq!(owned(portal), expected);
}

#[apply(on_both)]
fn a_code_may_be_typed_with_spaces_and_small_letters(#[case] portal: &Portal) {
    let code = code(portal, &credits(portal, 40));
    let typed = format!("  {} ", code.replace('-', " ").to_lowercase());
    let browser = portal.signed_in(Persona::Manager);
    assert!(look(&browser, &typed).text().contains("This voucher is worth 40 credits"));
    assert_eq!(validate(&browser, &typed).status, 303);
}

#[apply(on_both)]
fn what_is_wrong_with_a_code_is_said_and_nothing_is_changed(#[case] portal: &Portal) {
    let elsewhere = portal.scope_of(&Persona::Outsider.email(), ELSEWHERE).organization_id().clone();
    let used = code(portal, &credits(portal, 1));
    let foreign = portal.signed_in(Persona::Outsider);
    let there = format!("/organizations/{ELSEWHERE}/plans/redeem");
    assert_eq!(foreign.post(&there, &[("code", &used), ("confirmed", "yes")]).status, 303);
    let made_for_another = code(portal, &only_for(elsewhere, credits(portal, 1)));
    let expired = code(portal, &Batch { ends_at: end_of(portal.app.now().day()), ..credits(portal, 1) });
    portal.later(Duration::days(1));
    let browser = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    for (code, status, sentence) in [
        ("", 422, "Enter the code of the voucher."),
        ("ABCD", 422, "No voucher has this code."),
        ("ABCD-EFGH-JKLM-NPQR", 422, "No voucher has this code."),
        (&used, 409, "This voucher has been redeemed already."),
        (&expired, 410, "This voucher has expired: its last day was 23 November 2026."),
        (&made_for_another, 409, "This voucher was made for another customer, not for Acme."),
    ] {
        for answer in [look(&browser, code), validate(&browser, code)] {
            assert_eq!(answer.status, status, "{code}");
            assert!(answer.text().contains(sentence), "{code}: {}", answer.text());
        }
    }
    assert_unchanged(&before, &stored(portal), "codes that are not good");
    assert_eq!(foreign.post(&there, &[("code", &made_for_another), ("confirmed", "yes")]).status, 303, "it is theirs");
}

#[apply(on_both)]
fn several_organizations_redeem_a_voucher_of_several_uses_once_each(#[case] portal: &Portal) {
    let code = code(portal, &Batch { uses: 2, ..credits(portal, 10) });
    let (acme, elsewhere) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Outsider));
    assert_eq!(validate(&acme, &code).status, 303);
    assert_eq!(validate(&acme, &code).status, 409);
    let there = format!("/organizations/{ELSEWHERE}/plans/redeem");
    assert_eq!(elsewhere.post(&there, &[("code", &code), ("confirmed", "yes")]).status, 303);
    let redeemed: i64 = portal.query(|connection| voucher_redemptions::table.count().get_result(connection));
    assert_eq!((redeemed, balance(portal)), (2, 10));
}

#[apply(on_both)]
fn other_organizations_of_the_person_can_be_chosen(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    assert!(!browser.get(&acme("/plans/redeem")).text().contains("For another Organization"));
    let created = browser
        .post("/organizations/new", &[("form_key", "k"), ("kind", "individual"), ("name", "Beta"), ("country", "CH")]);
    assert_eq!(created.status, 303, "{}", created.text());
    let page = browser.get(&acme("/plans/redeem"));
    assert!(page.html().attributes("main a", "href").contains(&"/organizations/beta/plans/redeem".to_owned()));
}

#[apply(on_both)]
fn of_two_tabs_with_the_last_use_open_the_second_is_told(#[case] portal: &Portal) {
    let code = code(portal, &credits(portal, 10));
    let (acme_tab, other_tab) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Outsider));
    let there = format!("/organizations/{ELSEWHERE}/plans/redeem");
    assert_eq!(look(&acme_tab, &code).status, 200);
    assert_eq!(other_tab.post(&there, &[("code", &code)]).status, 200);
    assert_eq!(validate(&acme_tab, &code).status, 303);
    let late = other_tab.post(&there, &[("code", &code), ("confirmed", "yes")]);
    assert_eq!(late.status, 409);
    assert!(late.text().contains("This voucher has been redeemed already."), "{}", late.text());
    assert_eq!(balance(portal), 10);
}
