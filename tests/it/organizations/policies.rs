//! Policies: what Managers may do only while the Owners let them.

use portico::access::{Membership, Permission, Policies, Policy, Role, Scope, SessionLength};
use portico::db::DbError;
use portico::organizations::organization::{self, Settings};
use portico::organizations::settings::{self, SaveSettings};
use rstest::rstest;
use rstest_reuse::apply;

use super::settings::{EDIT, filled, post};
use crate::support::{Persona, Portal, acme, at_once, on_both};

const OFF: Policies =
    Policies { managers_may_purchase: false, requires_two_factor: false, session_length: SessionLength::Portal };
const ON: Policies = Policies { managers_may_purchase: true, ..OFF };

/// An Owner turns the policy on or off.
fn choose(portal: &Portal, managers_may_purchase: bool) {
    let scope = portal.scope(Persona::Owner);
    let saved = portal.app.write_now::<_, DbError>(|tx| {
        let stored = organization::load(tx.connection, scope.organization_id())?;
        let changed = Settings { managers_may_purchase, ..stored.settings.clone() };
        settings::save(tx, &scope, &changed, stored.version)
    });
    assert_eq!(saved.expect("the policy is stored"), SaveSettings::Saved);
}

/// Whether the permission is there once the Organization is locked.
fn may_now(portal: &Portal, scope: &Scope, permission: Permission) -> bool {
    portal.app.write_now::<_, DbError>(|tx| Ok(scope.lock_for(tx, permission)?.is_some())).expect("it is read")
}

#[test]
fn what_each_role_may_with_and_without_the_policy() {
    // Every other permission is the same for every policy.
    for permission in Permission::ALL {
        let depends = permission.minimum_role_under(ON) != permission.minimum_role_under(OFF);
        assert_eq!(depends, *permission == Permission::Purchase, "{permission:?}");
    }
    let purchase = Permission::Purchase;
    assert_eq!(purchase.minimum_role_under(ON), Role::Manager);
    assert_eq!(purchase.minimum_role_under(OFF), Role::Owner);
    for role in Role::ALL.iter().copied() {
        assert_eq!(purchase.is_given_by(role), role == Role::Owner, "{role}");
        // Only a Manager would be helped by it.
        let missing = (role == Role::Manager).then_some(Policy::ManagersMayPurchase);
        assert_eq!(purchase.denied_by(role, OFF), missing, "{role}");
        assert_eq!(purchase.denied_by(role, ON), None, "{role}");
    }
}

#[apply(on_both)]
fn managers_may_purchase_until_an_owner_says_otherwise(#[case] portal: &Portal) {
    let may = |persona| portal.scope(persona).may(Permission::Purchase);
    let all = [Persona::Member, Persona::Reader, Persona::Editor, Persona::Manager, Persona::Owner];
    assert_eq!(all.map(may), [false, false, false, true, true], "the policy is on where nobody chose");
    choose(portal, false);
    assert_eq!(all.map(may), [false, false, false, false, true], "a scope of the next request knows it");
    choose(portal, true);
    assert_eq!(all.map(may), [false, false, false, true, true]);
    // It is the choice of one Organization alone.
    choose(portal, false);
    portal.signed_in(Persona::Owner).post("/organizations/new", &[("kind", "individual"), ("name", "Solo")]);
    assert_eq!(portal.scope_of(&Persona::Owner.email(), "solo").membership.policies, ON);
    assert_eq!(portal.scope(Persona::Owner).membership.policies, OFF);
}

#[apply(on_both)]
fn the_policy_and_the_role_are_those_of_the_moment_in_which_something_is_changed(#[case] portal: &Portal) {
    let (manager, owner) = (portal.scope(Persona::Manager), portal.scope(Persona::Owner));
    assert!(may_now(portal, &manager, Permission::Purchase));
    choose(portal, false);
    assert!(manager.may(Permission::Purchase), "this scope is of a request that began before");
    assert!(!may_now(portal, &manager, Permission::Purchase), "but it counts what holds now");
    assert!(may_now(portal, &manager, Permission::RedeemVouchers), "what depends on the role alone stays");
    assert!(may_now(portal, &owner, Permission::Purchase));
    // And the other way round.
    let manager = portal.scope(Persona::Manager);
    choose(portal, true);
    assert!(!manager.may(Permission::Purchase) && may_now(portal, &manager, Permission::Purchase));
}

#[apply(on_both)]
fn nobody_purchases_after_the_policy_went_off(#[case] portal: &Portal) {
    for _ in 0..6 {
        let manager = portal.scope(Persona::Manager);
        let purchase = || {
            portal.app.write_now::<_, DbError>(|tx| {
                let scope = manager.lock_for(tx, Permission::Purchase)?;
                let stored = organization::load(tx.connection, manager.organization_id())?;
                Ok((scope.is_some(), stored.settings.managers_may_purchase))
            })
        };
        let ((), outcome) = at_once(|| choose(portal, false), purchase);
        let (passed, is_on) = outcome.expect("the transaction commits");
        assert_eq!(passed, is_on, "who holds the lock sees the policy that holds");
        choose(portal, true);
    }
}

#[apply(on_both)]
fn an_owner_chooses_in_the_settings_and_it_is_shown_and_recorded(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    assert!(manager.get(&acme("/settings")).text().contains("Managers may purchase Yes"));
    let page = owner.get(EDIT).html();
    assert!(page.has("input[name=managers_may_purchase][checked]"));
    let mut fields = filled(&page, &[]);
    fields.retain(|(name, _)| name != "managers_may_purchase");
    let recorded = portal.recorded(|| assert_eq!(post(&owner, &fields).status, 303));
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.action, "organization.settings.changed");
    assert_eq!(row.before, r#"{"managers_may_purchase":true}"#);
    assert_eq!(row.after, r#"{"managers_may_purchase":false}"#);
    let shown = manager.get(&acme("/settings")).text();
    assert!(shown.contains("Managers may purchase No, only Owners purchase licences and credits"), "{shown}");
    assert!(!owner.get(EDIT).html().has("input[name=managers_may_purchase][checked]"));
    // Saved from a page that still shows it on, it is a decision, and one sees against whose.
    let answer = post(&owner, &filled(&page, &[]));
    assert_eq!(answer.status, 409);
    assert_eq!(answer.html().texts(".differences tbody tr"), ["Managers may purchase Yes No"]);
    // Saving the details that invoices need leaves it as it is.
    let details =
        [("version", "2"), ("postal_address", "Quai 1"), ("zip", "1000"), ("city", "Lausanne"), ("tax_id", "1")];
    assert_eq!(owner.post(&acme("/settings/complete"), &details).status, 303);
    assert_eq!(portal.scope(Persona::Owner).membership.policies, OFF);
    assert_eq!(manager.post(EDIT, &[("version", "3"), ("managers_may_purchase", "true")]).status, 403);
}

#[apply(on_both)]
fn a_manager_is_told_which_policy_is_off_and_who_can_help(#[case] portal: &Portal) {
    choose(portal, false);
    let refusal = |persona| {
        let scope = portal.scope(persona);
        let asked = portico::web::role_lost(&portal.app, &scope, Permission::Purchase);
        match actix_web::rt::System::new().block_on(asked) {
            portico::error::AppError::Forbidden(forbidden) => forbidden,
            other => panic!("{other}"),
        }
    };
    let forbidden = refusal(Persona::Manager);
    assert_eq!((forbidden.needed, forbidden.off), (Role::Owner, Some(Policy::ManagersMayPurchase)));
    assert_eq!(forbidden.helpers[0].email, "olga@example.com");
    // An Editor would not be helped by the policy, so they are told nothing of it.
    assert_eq!((refusal(Persona::Editor).needed, refusal(Persona::Editor).off), (Role::Owner, None));
    choose(portal, true);
    assert_eq!((refusal(Persona::Editor).needed, refusal(Persona::Editor).off), (Role::Manager, None));
}

#[apply(on_both)]
fn the_list_of_ones_organizations_knows_the_policy_of_each(#[case] portal: &Portal) {
    choose(portal, false);
    let user = portal.scope(Persona::Manager).person().user_id.clone();
    let all =
        portal.app.db.read::<_, DbError>(|connection| Membership::of_user(connection, &user, 5)).expect("it is read");
    assert_eq!(all.iter().map(|membership| membership.policies).collect::<Vec<_>>(), [OFF]);
}
