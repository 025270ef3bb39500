//! What a provider calls an Organization: one name, however many ask at once and whatever is paid.

use diesel::prelude::*;
use portico::db::DbError;
use portico::payments::customers::{keep_first, of};
use portico::payments::provider::ProviderKind;
use portico::schema::{payment_customers, sandbox_sessions};
use rstest::rstest;
use rstest_reuse::apply;

use crate::orders::{package, with_key};
use crate::support::{Persona, Portal, acme, all_at_once, on_both};

#[apply(on_both)]
fn of_eight_customers_that_are_made_at_once_one_is_kept_for_all(#[case] portal: &Portal) {
    let organization = portal.organization_id();
    let kept = all_at_once(8, |number| {
        let made = format!("cus_{number}");
        let kept = portal.app.write_now::<_, DbError>(|tx| keep_first(tx, &organization, ProviderKind::Stripe, &made));
        kept.expect("an answer")
    });
    assert!(kept.iter().all(|customer| *customer == kept[0]), "{kept:?}");
    let known = portal.app.db.read(|connection| of(connection, &organization, ProviderKind::Stripe));
    assert_eq!(known.expect("it is read").as_ref(), Some(&kept[0]));
    let other = portal.app.db.read(|connection| of(connection, &organization, ProviderKind::Sandbox));
    assert_eq!(other.expect("it is read"), None, "another provider calls it otherwise");
}

#[apply(on_both)]
fn all_that_an_organization_pays_is_found_under_one_name(#[case] portal: &Portal) {
    portal.shop();
    let owner = portal.signed_in(Persona::Owner);
    let manager = portal.signed_in(Persona::Manager);
    for (key, browser) in [("1", &owner), ("2", &manager)] {
        let order = portal.order(&with_key(key, package("credits-100")));
        let page = browser.post(&acme(&format!("/plans/orders/{}/pay", order.id)), &[]);
        let paid = browser.post(page.location(), &[("act", "pay"), ("card", "good")]);
        browser.get(paid.location());
    }
    owner.post(&acme("/plans/payment-method/open"), &[]);
    let names: Vec<String> = portal
        .query(|connection| sandbox_sessions::table.select(sandbox_sessions::customer).distinct().load(connection));
    let kept: Vec<String> =
        portal.query(|connection| payment_customers::table.select(payment_customers::customer).load(connection));
    assert_eq!((names.len(), &names), (1, &kept));
    assert!(owner.get(&acme("/plans/payment-method")).text().contains("Visa ending in 4242"), "it is kept");
}
