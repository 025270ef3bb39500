//! An Organization has at least one Owner, whatever its Owners do to themselves and to each other, and when.

use portico::access::Role;
use portico::db::DbError;
use portico::ids::MembershipId;
use portico::people::removal::{self, Leave, Remove};
use portico::people::roles::{self, ChangeRole};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, acme, at_once, batch, change_role, on_both};

const SECOND: &str = "second@example.com";

/// What an Owner can do that leaves one Owner less.
#[derive(Clone, Copy, Debug)]
enum Way {
    RemoveTheOther,
    LowerTheOther,
    LowerOneself,
    Leave,
}

impl Way {
    const ALL: [Way; 4] = [Way::RemoveTheOther, Way::LowerTheOther, Way::LowerOneself, Way::Leave];

    /// Each with each, once.
    fn pairs() -> Vec<(Way, Way)> {
        let from = |at: usize| Way::ALL[at..].iter().map(move |other| (Way::ALL[at], *other));
        (0..Way::ALL.len()).flat_map(from).collect()
    }

    fn in_browser(self, browser: &Browser, own: &str, other: &str) -> Answer {
        match self {
            Way::RemoveTheOther => browser.post(&acme("/people/remove"), &[("selected", other)]),
            Way::LowerTheOther => change_role(browser, other, Role::Owner, Role::Member),
            Way::LowerOneself => change_role(browser, own, Role::Owner, Role::Manager),
            Way::Leave => browser.post(&acme("/leave"), &[]),
        }
    }

    /// Whether it was done.
    fn in_transaction(
        self,
        tx: &mut portico::db::WriteTx,
        scope: &portico::access::Scope,
        other: &MembershipId,
    ) -> Result<bool, DbError> {
        let lower = |tx: &mut portico::db::WriteTx, who: &MembershipId| {
            let outcome = roles::change(tx, scope, who, Role::Owner, Role::Member)?;
            Ok(matches!(outcome, ChangeRole::Changed { .. }))
        };
        match self {
            Way::RemoveTheOther => Ok(matches!(removal::remove(tx, scope, other, &batch())?, Remove::Removed { .. })),
            Way::LowerTheOther => lower(tx, other),
            Way::LowerOneself => lower(tx, &scope.membership.id),
            Way::Leave => Ok(removal::leave(tx, scope)? == Leave::Left),
        }
    }
}

fn make_both_owners(portal: &Portal) {
    portal.set_role(&Persona::Owner.email(), Role::Owner);
    portal.set_role(SECOND, Role::Owner);
}

#[apply(on_both)]
fn the_only_owner_cannot_lower_their_own_role(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Owner);
    for role in [Role::Manager, Role::Member] {
        let recorded = portal.recorded(|| {
            let answer = change_role(&owner, &id, Role::Owner, role);
            assert_eq!(answer.status, 409);
            assert!(answer.text().contains("This is the only Owner. Make somebody else Owner first."));
        });
        assert!(recorded.is_empty(), "{recorded:?}");
    }
    assert_eq!(portal.owners(), ["olga@example.com"]);
}

#[apply(on_both)]
fn the_only_owner_cannot_leave(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/leave"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("You are the only Owner of Acme"));
    assert!(!page.html().has("main form[method=post]"), "there is nothing to press");
    let recorded = portal.recorded(|| {
        let answer = owner.post(&acme("/leave"), &[]);
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains("You are the only Owner of Acme"));
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert_eq!(portal.owners(), ["olga@example.com"]);
}

#[apply(on_both)]
fn the_only_owner_cannot_be_removed(#[case] portal: &Portal) {
    let id = portal.membership(Persona::Owner);
    for persona in [Persona::Owner, Persona::Manager] {
        let browser = portal.signed_in(persona);
        let answer = browser.post(&acme("/people/remove"), &[("selected", &id)]);
        assert_eq!(answer.status, 303);
        let said = browser.follow(answer).text();
        assert!(said.contains("You cannot remove yourself") || said.contains("Your role does not allow"), "{said}");
    }
    assert_eq!(portal.owners(), ["olga@example.com"]);
}

#[apply(on_both)]
fn an_owner_beside_another_can_be_lowered_or_go(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    let second = portal.member_id(SECOND).unwrap();
    assert_eq!(change_role(&owner, &second, Role::Owner, Role::Editor).status, 303);
    assert_eq!(portal.role_of(SECOND), Some(Role::Editor));
    portal.set_role(SECOND, Role::Owner);
    assert_eq!(owner.post(&acme("/leave"), &[]).status, 303);
    assert_eq!(portal.owners(), [SECOND]);
}

#[apply(on_both)]
fn of_two_owners_who_act_on_each_other_at_once_one_stays(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in_as(SECOND));
    for (first, second) in Way::pairs() {
        for round in 0..3 {
            make_both_owners(portal);
            let (own, opposite) = (portal.membership(Persona::Owner), portal.member_id(SECOND).unwrap());
            let (a, b) =
                at_once(|| first.in_browser(&one, &own, &opposite), || second.in_browser(&other, &opposite, &own));
            let what = format!("{first:?} and {second:?}, round {round}: {} and {}", a.status, b.status);
            assert_eq!(portal.owners().len(), 1, "{what}");
            for answer in [a, b] {
                assert!([303, 403, 404, 409].contains(&answer.status), "{what}: {}", answer.text());
            }
        }
    }
}

#[apply(on_both)]
fn of_two_owners_whose_transactions_overlap_one_stays(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    for (first, second) in Way::pairs() {
        make_both_owners(portal);
        // Both were Owners when their requests began.
        let (one, other) = (portal.scope(Persona::Owner), portal.scope_of(SECOND, crate::support::SLUG));
        let (has_first, _) = portal.overlapping(
            |tx| first.in_transaction(tx, &one, &other.membership.id),
            |tx| second.in_transaction(tx, &other, &one.membership.id),
        );
        assert!(has_first, "{first:?} came first");
        assert_eq!(portal.owners().len(), 1, "{first:?}, then {second:?}");
    }
}
