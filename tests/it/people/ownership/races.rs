//! Accepting at the same moment as something that ends the offer: whichever comes first, the roles are those of one of them, and an
//! Owner stays who can act.

use portico::access::Role;
use portico::db::{DbError, WriteTx};
use portico::ids::{MembershipId, OwnershipOfferId};
use portico::people::ownership::answer::{self, Answer};
use portico::people::ownership::offer;
use portico::people::{removal, roles, suspension};
use rstest::rstest;
use rstest_reuse::apply;

use super::{EDITH, OLGA, SECOND};
use crate::support::{Persona, Portal, SLUG, at_once, batch, on_both};

/// What another Owner, the same one, an operator or who is asked does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    RemoveWhoOffered,
    LowerWhoOffered,
    SuspendWhoOffered,
    WhoOfferedLeaves,
    Withdraw,
    RemoveWhoIsAsked,
    SuspendWhoIsAsked,
    Decline,
    AcceptToo,
}

impl Way {
    const ALL: [Way; 9] = [
        Way::RemoveWhoOffered,
        Way::LowerWhoOffered,
        Way::SuspendWhoOffered,
        Way::WhoOfferedLeaves,
        Way::Withdraw,
        Way::RemoveWhoIsAsked,
        Way::SuspendWhoIsAsked,
        Way::Decline,
        Way::AcceptToo,
    ];
}

/// As everything was when the requests began.
struct Stage {
    id: OwnershipOfferId,
    olga: portico::access::Scope,
    edith: portico::access::Scope,
    second: portico::access::Scope,
}

impl Stage {
    fn new(portal: &Portal) -> Self {
        let operator = portal.operator();
        for email in [OLGA, EDITH] {
            portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator, email)).expect("an answer");
        }
        portal.set_role(OLGA, Role::Owner);
        portal.set_role(EDITH, Role::Editor);
        let id = portal.offered();
        let scope = |email| portal.scope_of(email, SLUG);
        Self { id, olga: scope(OLGA), edith: scope(EDITH), second: scope(SECOND) }
    }

    fn accept(&self, tx: &mut WriteTx) -> Result<bool, DbError> {
        Ok(matches!(answer::accept(tx, &self.id, self.edith.person())?, Answer::Accepted { .. }))
    }

    fn act(&self, tx: &mut WriteTx, way: Way) -> Result<(), DbError> {
        let operator = portico::access::Operator { name: String::new() };
        let (olga, edith): (&MembershipId, &MembershipId) = (&self.olga.membership.id, &self.edith.membership.id);
        match way {
            Way::RemoveWhoOffered => removal::remove(tx, &self.second, olga, &batch()).map(drop),
            Way::LowerWhoOffered => roles::change(tx, &self.second, olga, Role::Owner, Role::Reader).map(drop),
            Way::SuspendWhoOffered => suspension::suspend(tx, &operator, OLGA).map(drop),
            Way::WhoOfferedLeaves => removal::leave(tx, &self.olga).map(drop),
            Way::Withdraw => offer::withdraw(tx, &self.second, &self.id).map(drop),
            Way::RemoveWhoIsAsked => removal::remove(tx, &self.second, edith, &batch()).map(drop),
            Way::SuspendWhoIsAsked => suspension::suspend(tx, &operator, EDITH).map(drop),
            Way::Decline => answer::decline(tx, &self.id, self.edith.person()).map(drop),
            Way::AcceptToo => self.accept(tx).map(drop),
        }
    }
}

#[apply(on_both)]
fn what_ends_it_first_keeps_it_from_being_accepted(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    for way in Way::ALL.into_iter().filter(|way| *way != Way::AcceptToo) {
        let stage = Stage::new(portal);
        let ((), is_accepted) = portal.overlapping(|tx| stage.act(tx, way), |tx| stage.accept(tx));
        assert!(!is_accepted, "{way:?}");
        assert_ne!(portal.role_of(EDITH), Some(Role::Owner), "{way:?}");
        assert!(portal.owners().contains(&SECOND.to_owned()), "{way:?}");
        assert_eq!(portal.ownership_offers(), 0, "{way:?}");
    }
}

#[apply(on_both)]
fn what_comes_after_it_was_accepted_finds_the_roles_as_they_are_then(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    for way in Way::ALL {
        let stage = Stage::new(portal);
        let (is_accepted, ()) = portal.overlapping(|tx| stage.accept(tx), |tx| stage.act(tx, way));
        assert!(is_accepted, "{way:?}");
        let expected = match way {
            Way::RemoveWhoOffered | Way::WhoOfferedLeaves => (None, Some(Role::Owner)),
            Way::RemoveWhoIsAsked => (Some(Role::Manager), None),
            // Lowering was about an Owner, who is none any more.
            _ => (Some(Role::Manager), Some(Role::Owner)),
        };
        assert_eq!((portal.role_of(OLGA), portal.role_of(EDITH)), expected, "{way:?}");
    }
}

/// The same where nobody else is Owner: the last one is never lost.
#[apply(on_both)]
fn the_only_owner_hands_over_and_an_owner_stays(#[case] portal: &Portal) {
    for _ in 0..5 {
        portal.set_role(OLGA, Role::Owner);
        portal.set_role(EDITH, Role::Editor);
        let (id, olga) = (portal.offered(), portal.scope(Persona::Owner));
        let person = portal.scope(Persona::Editor).person().clone();
        let (accepted, left) = at_once(
            || portal.app.write_now::<_, DbError>(|tx| answer::accept(tx, &id, &person)),
            || portal.app.write_now::<_, DbError>(|tx| removal::leave(tx, &olga)),
        );
        assert!(matches!(accepted, Ok(Answer::Accepted { .. })), "{accepted:?} {left:?}");
        assert_eq!(portal.owners(), [EDITH], "{left:?}");
    }
}

#[apply(on_both)]
fn of_two_clicks_one_accepts(#[case] portal: &Portal) {
    let path = format!("{}/accept", portal.offer_ownership());
    let (one, other) = (portal.signed_in(Persona::Editor), portal.signed_in(Persona::Editor));
    let actions = portal.recorded_actions(|| {
        let (a, b) = at_once(|| one.post(&path, &[]).status, || other.post(&path, &[]).status);
        assert!([a, b].contains(&303) && [a, b].contains(&404), "{a} {b}");
    });
    assert_eq!(actions, ["member.role.changed", "member.role.changed", "ownership.accepted"]);
    assert_eq!(portal.owners(), [EDITH]);
}
