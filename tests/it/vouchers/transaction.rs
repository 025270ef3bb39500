//! A voucher is redeemed as often as it may, and no more, however many try at once.

use diesel::prelude::*;
use portico::access::{Role, Scope};
use portico::db::DbError;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::schema::{credit_entries, credit_wallets, licences, voucher_redemptions};
use portico::vouchers::create::Batch;
use portico::vouchers::redeem::{Redeem, Refusal, redeem};
use rstest::rstest;
use rstest_reuse::apply;

use super::{code, credits, licence};
use crate::support::{Persona, Portal, all_at_once, change_role, on_both, places::ELSEWHERE};

const TASKS: usize = 50;

/// An Organization of its own, and its Owner in it.
fn another(portal: &Portal, number: usize) -> Scope {
    let owner = portal.add_user(&format!("owner-{number}@example.org"));
    let new = NewOrganization {
        kind: Kind::Individual,
        name: format!("Another {number}"),
        legal_name: String::new(),
        country: "CH".to_owned(),
        creation_key: "vouchers".to_owned(),
    };
    let created = portal.app.write_now(|tx| create(tx, &owner, &new)).expect("it is stored");
    let Create::Created { slug } = created else { panic!("{new:?} was not created") };
    portal.scope_of(&owner.email, &slug)
}

fn try_it(portal: &Portal, scope: &Scope, code: &str) -> Redeem {
    portal.app.write_now::<_, DbError>(|tx| redeem(tx, scope, code, "192.0.2.1")).expect("an answer")
}

fn is_redeemed(outcome: &Redeem) -> bool {
    matches!(outcome, Redeem::Redeemed(_))
}

#[apply(on_both)]
fn fifty_fight_for_the_last_use_and_one_gets_it(#[case] portal: &Portal) {
    let code = code(portal, &Batch { uses: 2, ..credits(portal, 100) });
    let scopes: Vec<Scope> = (0..TASKS).map(|number| another(portal, number)).collect();
    assert!(is_redeemed(&try_it(portal, &portal.scope(Persona::Owner), &code)), "the first use");
    let outcomes = all_at_once(TASKS, |number| try_it(portal, &scopes[number], &code));
    let redeemed = outcomes.iter().filter(|outcome| is_redeemed(outcome)).count();
    assert_eq!(redeemed, 1, "{outcomes:?}");
    let refused = |outcome: &&Redeem| **outcome == Redeem::Refused(Refusal::UsedUp);
    assert_eq!(outcomes.iter().filter(refused).count(), TASKS - 1, "{outcomes:?}");
    let (uses, entries, sum): (i64, i64, Vec<i64>) = portal.query(|connection| {
        Ok((
            voucher_redemptions::table.count().get_result(connection)?,
            credit_entries::table.count().get_result(connection)?,
            credit_wallets::table.select(credit_wallets::balance).load(connection)?,
        ))
    });
    assert_eq!((uses, entries, sum.iter().sum::<i64>()), (2, 2, 200));
}

#[apply(on_both)]
fn fifty_of_one_organization_get_one_licence(#[case] portal: &Portal) {
    let code = code(portal, &Batch { uses: 50, ..licence(portal, "mapper-yearly") });
    let scope = portal.scope(Persona::Manager);
    let outcomes = all_at_once(TASKS, |_| try_it(portal, &scope, &code));
    assert_eq!(outcomes.iter().filter(|outcome| is_redeemed(outcome)).count(), 1, "{outcomes:?}");
    let already = |outcome: &&Redeem| matches!(outcome, Redeem::Refused(Refusal::Already { .. }));
    assert_eq!(outcomes.iter().filter(already).count(), TASKS - 1, "{outcomes:?}");
    let licences: i64 = portal.query(|connection| licences::table.count().get_result(connection));
    assert_eq!(licences, 1);
}

#[apply(on_both)]
fn who_lost_the_role_meanwhile_redeems_nothing(#[case] portal: &Portal) {
    let code = code(portal, &credits(portal, 100));
    let scope = portal.scope(Persona::Manager);
    let membership = portal.membership(Persona::Manager);
    let changed = change_role(&portal.signed_in(Persona::Owner), &membership, Role::Manager, Role::Editor);
    assert_eq!(changed.status, 303);
    assert_eq!(try_it(portal, &scope, &code), Redeem::Refused(Refusal::NotAllowed));
    // The code is still good.
    assert!(is_redeemed(&try_it(portal, &portal.scope_of(&Persona::Outsider.email(), ELSEWHERE), &code)));
}
