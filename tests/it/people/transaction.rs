//! A change, its activity row and its mail are stored together, or none of them is.

use portico::access::Role;
use portico::db::{DbError, WriteTx};
use portico::ids::{InvitationId, MembershipId};
use portico::organizations::create::{NewOrganization, create};
use portico::organizations::organization::{self, Kind, Settings};
use portico::organizations::settings;
use portico::people::invite;
use portico::people::offers::{self, Key};
use portico::people::ownership::offer::offer;
use portico::people::{removal, roles};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, batch, invite, invite_one, mails, on_both};

const INVITED: &str = "invited@example.com";

/// All that a change leaves behind.
#[derive(Debug, PartialEq)]
struct Traces {
    activity: usize,
    mails: usize,
    people: Vec<(String, Role)>,
    terms: i64,
    invitations: Vec<Option<String>>,
}

fn traces(portal: &Portal) -> Traces {
    use diesel::prelude::*;
    use portico::schema::{memberships, people_terms};
    Traces {
        activity: portal.activity().len(),
        mails: mails(&portal.app).len(),
        people: portal.query(|connection| {
            memberships::table.order(memberships::id).select((memberships::id, memberships::role)).load(connection)
        }),
        terms: portal.query(|connection| people_terms::table.count().get_result(connection)),
        invitations: portal.invitation_outcomes(INVITED),
    }
}

type Verb = Box<dyn Fn(&mut WriteTx) -> Result<(), DbError>>;

/// Every verb that changes people, invitations or an Organization, each ready to succeed.
fn verbs(portal: &Portal) -> Vec<(&'static str, Verb)> {
    let scope = portal.scope(Persona::Owner);
    let member = MembershipId::parse(&portal.membership(Persona::Member)).unwrap();
    let invitation = InvitationId::parse(&portal.invitation_id(INVITED).unwrap()).unwrap();
    let leaver = portal.scope(Persona::Reader);
    let invitee = portal.add_user(INVITED);
    let mut all: Vec<(&'static str, Verb)> = Vec::new();
    {
        let scope = scope.clone();
        all.push((
            "invitation.sent",
            Box::new(move |tx| invite_one(tx, &scope, "new@example.com", Role::Member).map(drop)),
        ));
    }
    {
        let (scope, id) = (scope.clone(), invitation.clone());
        all.push(("invitation.resent", Box::new(move |tx| invite::resend(tx, &scope, &id).map(drop))));
    }
    {
        let (scope, id) = (scope.clone(), invitation.clone());
        all.push(("invitation.withdrawn", Box::new(move |tx| invite::withdraw(tx, &scope, &id, &batch()).map(drop))));
    }
    {
        let (key, invitee) = (Key::Id(invitation.clone()), invitee.clone());
        all.push(("invitation.accepted", Box::new(move |tx| offers::accept(tx, &key, &invitee).map(drop))));
    }
    {
        let key = Key::Id(invitation);
        all.push(("invitation.declined", Box::new(move |tx| offers::decline(tx, &key, &invitee).map(drop))));
    }
    {
        let (scope, id) = (scope.clone(), member.clone());
        let change = move |tx: &mut WriteTx| roles::change(tx, &scope, &id, Role::Member, Role::Editor).map(drop);
        all.push(("member.role.changed", Box::new(change)));
    }
    {
        let (scope, email) = (scope.clone(), Persona::Editor.email());
        all.push(("ownership.offered", Box::new(move |tx| offer(tx, &scope, &email, Role::Manager).map(drop))));
    }
    {
        let scope = scope.clone();
        all.push(("member.removed", Box::new(move |tx| removal::remove(tx, &scope, &member, &batch()).map(drop))));
    }
    all.push(("member.left", Box::new(move |tx| removal::leave(tx, &leaver).map(drop))));
    {
        let creator = scope.person().clone();
        let new = NewOrganization {
            kind: Kind::Individual,
            name: "Third".to_owned(),
            legal_name: String::new(),
            country: String::new(),
            creation_key: "third".to_owned(),
        };
        all.push(("organization.created", Box::new(move |tx| create(tx, &creator, &new).map(drop))));
    }
    all.push((
        "organization.settings.changed",
        Box::new(move |tx| {
            let stored = organization::load(tx.connection, scope.organization_id())?;
            let changed = Settings { city: "Bern".to_owned(), ..stored.settings.clone() };
            settings::save(tx, &scope, &changed, stored.version).map(drop)
        }),
    ));
    all
}

/// What makes a transaction fail after its work is done.
fn failure() -> DbError {
    DbError::Unreachable("the test pulls the plug".to_owned())
}

#[apply(on_both)]
fn what_is_rolled_back_leaves_no_activity_no_mail_and_no_change(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Member);
    let verbs = verbs(portal);
    let before = traces(portal);
    for (action, verb) in verbs {
        let outcome = portal.app.write_now::<(), DbError>(|tx| {
            verb(tx)?;
            Err(failure())
        });
        assert!(outcome.is_err());
        assert_eq!(traces(portal), before, "{action}");
    }
}

#[apply(on_both)]
fn every_change_writes_its_activity_row_in_its_own_transaction(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Member);
    let mut seen = Vec::new();
    for (action, verb) in verbs(portal) {
        // Each verb starts from the same state: what it does is looked at inside, then undone.
        let outcome = portal.app.write_now::<(), DbError>(|tx| {
            use diesel::prelude::*;
            use portico::schema::activity;
            let before: Vec<String> = activity::table.select(activity::id).load(tx.connection)?;
            verb(tx)?;
            let written: Vec<(String, Option<String>)> = activity::table
                .filter(activity::id.ne_all(before))
                .select((activity::action, activity::organization_id))
                .load(tx.connection)?;
            seen.push((action, written));
            Err(failure())
        });
        assert!(outcome.is_err());
    }
    assert_eq!(seen.len(), 11);
    for (action, written) in seen {
        let [(recorded, organization)] = written.as_slice() else { panic!("{action}: {written:?}") };
        assert_eq!((recorded.as_str(), organization.is_some()), (action, true));
    }
}
