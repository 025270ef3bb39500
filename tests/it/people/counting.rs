//! The kept counts are what one counts.

use diesel::prelude::*;
use portico::access::{Operator, Person, Role, Scope};
use portico::db::{DbError, WriteTx};
use portico::ids::{InvitationId, MembershipId, RemovalId};
use portico::people::counts::{self, Counts};
use portico::people::invite::Invite;
use portico::people::listing::{self, Place, Range, Sort, Status};
use portico::people::offers::{self, Key};
use portico::people::{directory, invite, removal, roles, suspension, undo};
use portico::schema::{people_counts, removals};
use rstest::rstest;
use rstest_reuse::apply;

use crate::bad_input::Random;
use crate::support::{Persona, Portal, SLUG, at_once, batch, invite as invite_by_form, on_both};

impl Portal {
    fn counts(&self) -> Counts {
        let (organization, now) = (self.organization_id(), self.app.now());
        self.app
            .db
            .read::<_, DbError>(|connection| counts::read(connection, &organization, now))
            .expect("they are read")
    }

    /// Whether what is kept is what the list shows.
    pub(super) fn counts_agree(&self) -> Counts {
        let (organization, now) = (&self.organization_id(), self.app.now());
        let everybody = Range {
            organization,
            search: "",
            role: None,
            status: None,
            sort: Sort::Name,
            descending: false,
            from: Place::Start,
            limit: 10_000,
            now,
        };
        let list = self
            .app
            .db
            .read::<_, DbError>(|connection| listing::read(connection, &everybody))
            .expect("the list is read");
        let counts = self.counts();
        let listed = |statuses: &[Status], role: Option<Role>| {
            let is_meant = |status, of| statuses.contains(&status) && role.is_none_or(|role| role == of);
            list.iter().filter(|entry| is_meant(entry.status, entry.role)).count()
        };
        for role in Role::ALL {
            assert_eq!(counts.active.of(*role), listed(&[Status::Active], Some(*role)), "{role} of {counts:?}");
            assert_eq!(counts.suspended.of(*role), listed(&[Status::Suspended], Some(*role)), "{role} of {counts:?}");
            let invited = listed(&[Status::Pending, Status::Expired], Some(*role));
            assert_eq!(counts.invited.of(*role), invited, "{role} of {counts:?}");
            assert_eq!(counts.expired.of(*role), listed(&[Status::Expired], Some(*role)), "{role} of {counts:?}");
        }
        assert_eq!(counts.pending(), listed(&[Status::Pending], None));
        assert_eq!(counts.all(), list.len());
        counts
    }

    fn change<T>(&self, body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, DbError>) -> T {
        self.app.write_now(body).expect("the change is stored")
    }
}

fn operator() -> Operator {
    Operator { name: "ada".to_owned() }
}

/// Who comes and goes.
fn candidates(portal: &Portal) -> Vec<Person> {
    (0..8).map(|number| portal.add_user(&format!("person-{number}@example.com"))).collect()
}

/// One change by chance: most are made, some are refused, as it comes.
fn anything(portal: &Portal, people: &[Person], owner: &Scope, chance: &mut Random) {
    let number = chance.below(8);
    let email = format!("person-{number}@example.com");
    let invitation = portal.invitation_id(&email).and_then(|id| InvitationId::parse(&id));
    let member = portal.member_id(&email).and_then(|id| MembershipId::parse(&id));
    let role = Role::ALL[chance.below(Role::ALL.len())];
    match (chance.below(10), invitation, member) {
        (0 | 1, ..) => drop(portal.change(|tx| invite::invite(tx, owner, &[(email, role)]))),
        (2, Some(id), _) => drop(portal.change(|tx| invite::withdraw(tx, owner, &id, &batch()))),
        (3, Some(id), _) => drop(portal.change(|tx| invite::resend(tx, owner, &id))),
        (4 | 5, Some(id), _) => {
            let person = people[number].clone();
            let decline = chance.below(4) == 0;
            drop(portal.change(|tx| match decline {
                true => offers::decline(tx, &Key::Id(id), &person),
                false => offers::accept(tx, &Key::Id(id), &person),
            }));
        }
        (2, _, Some(id)) => drop(portal.change(|tx| removal::remove(tx, owner, &id, &batch()))),
        (3, _, Some(_)) => {
            let scope = portal.scope_of(&email, SLUG);
            portal.change(|tx| removal::leave(tx, &scope));
        }
        (4 | 5, _, Some(id)) => {
            let seen = portal.role_of(&email).expect("a member");
            drop(portal.change(|tx| roles::change(tx, owner, &id, seen, role)));
        }
        (6, ..) => drop(portal.change(|tx| suspension::suspend(tx, &operator(), &email))),
        (7, ..) => drop(portal.change(|tx| suspension::resume(tx, &operator(), &email))),
        (8, ..) => {
            let removed: Vec<RemovalId> =
                portal.query(|connection| removals::table.select(removals::id).limit(3).load(connection));
            portal.change(|tx| undo::undo(tx, owner, &removed));
        }
        _ => portal.later(chrono::Duration::days(3)),
    }
}

#[apply(on_both)]
fn kept_counts_are_right_after_whatever_happens(#[case] portal: &Portal) {
    let (people, owner) = (candidates(portal), portal.scope(Persona::Owner));
    let (mut expired, mut suspended) = (0, 0);
    for seed in 0..3 {
        let mut chance = Random::new(seed);
        for _ in 0..100 {
            anything(portal, &people, &owner, &mut chance);
            let counts = portal.counts_agree();
            expired += counts.expired.total();
            suspended += counts.suspended.total();
        }
    }
    assert!(expired > 0 && suspended > 0, "chance has left something out");
}

#[apply(on_both)]
fn kept_counts_are_right_after_changes_at_the_same_moment(#[case] portal: &Portal) {
    let (people, owner) = (candidates(portal), portal.scope(Persona::Owner));
    let change = |seed: u64| {
        let mut chance = Random::new(seed);
        for _ in 0..40 {
            anything(portal, &people, &owner, &mut chance);
        }
    };
    at_once(|| change(11), || change(12));
    portal.counts_agree();
}

/// The race in which a count could be lost: somebody is removed while an operator lets them in again.
#[apply(on_both)]
fn who_is_removed_while_they_are_resumed_is_counted_once(#[case] portal: &Portal) {
    portal.add_person("pat@example.com", Role::Editor);
    let pat = MembershipId::parse(&portal.member_id("pat@example.com").expect("a member")).expect("an id");
    let owner = portal.scope(Persona::Owner);
    portal.change(|tx| suspension::suspend(tx, &operator(), "pat@example.com"));
    assert_eq!(portal.counts_agree().suspended.of(Role::Editor), 1);
    portal.overlapping(
        |tx| suspension::resume(tx, &operator(), "pat@example.com"),
        |tx| removal::remove(tx, &owner, &pat, &batch()),
    );
    assert_eq!(portal.counts_agree().members(), 5);
}

/// How many are open is asked before every part of a list of addresses.
#[apply(on_both)]
fn the_most_open_invitations_are_those_that_were_counted(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let invite =
        |email: &str| portal.change(|tx| invite::invite(tx, &owner, &[(email.to_owned(), Role::Reader)])).remove(0);
    assert_eq!(invite("first@example.com"), Invite::Sent);
    portal.change(|tx| {
        use diesel::prelude::*;
        let readers = people_counts::table.filter(people_counts::kind.eq("invited"));
        diesel::update(readers).set(people_counts::people.eq(4_998)).execute(tx.connection)?;
        Ok(())
    });
    assert_eq!(invite("second@example.com"), Invite::Sent);
    portal.change(|tx| invite::invite(tx, &owner, &[("third@example.com".to_owned(), Role::Editor)]));
    assert_eq!(invite("fourth@example.com"), Invite::TooManyOpen, "of all roles together");
    directory::complete(&portal.app.db, &portal.app.context).expect("they are counted");
    assert_eq!(invite("fourth@example.com"), Invite::Sent);
}

#[apply(on_both)]
fn what_an_older_version_left_uncounted_or_unfindable_is_put_right_at_the_start(#[case] portal: &Portal) {
    invite_by_form(&portal.signed_in(Persona::Owner), "ines@example.com", Role::Reader);
    let right = portal.counts_agree();
    portal.change(|tx| {
        use portico::schema::people_terms;
        let some =
            people_counts::table.filter(people_counts::kind.eq("active")).filter(people_counts::role.eq("owner"));
        diesel::update(some).set(people_counts::people.eq(7)).execute(tx.connection)?;
        diesel::delete(people_counts::table.filter(people_counts::kind.eq("invited"))).execute(tx.connection)?;
        // What the versions before knew of: the order of names and the words.
        let newer = people_terms::table.filter(people_terms::term.ge("\u{2}")).filter(people_terms::term.lt("\u{5}"));
        diesel::delete(newer).execute(tx.connection)?;
        Ok(())
    });
    directory::complete(&portal.app.db, &portal.app.context).expect("it is completed");
    assert_eq!(portal.counts_agree(), right);
    let list = portal.app.db.read::<_, DbError>(|connection| {
        let (organization, now) = (&portal.organization_id(), portal.app.now());
        let (search, from, sort) = ("", Place::Start, Sort::Role);
        let range =
            Range { organization, search, role: None, status: None, sort, descending: false, from, limit: 100, now };
        listing::read(connection, &range)
    });
    assert_eq!(list.expect("the list is read").len(), 6);
}
