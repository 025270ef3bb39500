//! Suspending an account: its holder is kept out from the next request on, and every Organization keeps an Owner who can act.

use diesel::prelude::*;
use portico::access::{Operator, Role};
use portico::db::{DbError, WriteTx};
use portico::ids::InvitationId;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::people::members;
use portico::people::offers::{self, Answer, Key};
use portico::people::removal::{self, Leave, Remove};
use portico::people::roles::{self, ChangeRole};
use portico::people::suspension::{self, Resume, Suspend};
use portico::schema::{memberships, users as user_rows};
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::{CHOSEN, is_signed_in, reset_token, sign_in};
use crate::support::{PASSWORD, Persona, Portal, SLUG, acme, at_once, batch, invite, on_both};

const SECOND: &str = "second@example.com";
const OLGA: &str = "olga@example.com";
const MILO: &str = "milo@example.com";
const SENTENCE: &str = "This account is suspended.";

fn operator() -> Operator {
    Operator { name: "ada".to_owned() }
}

fn suspend(tx: &mut WriteTx, email: &str) -> Result<Suspend, DbError> {
    suspension::suspend(tx, &operator(), email)
}

impl Portal {
    fn suspend(&self, email: &str) -> Suspend {
        self.app.write_now(|tx| suspend(tx, email)).expect("an answer")
    }

    fn resume(&self, email: &str) -> Resume {
        self.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator(), email)).expect("an answer")
    }

    /// The Owners of [`SLUG`] who can act.
    fn active_owners(&self) -> usize {
        let organization = self.organization_id();
        let owners: i64 = self.query(|connection| {
            memberships::table
                .inner_join(user_rows::table)
                .filter(memberships::organization_id.eq(&organization))
                .filter(memberships::role.eq(Role::Owner))
                .filter(user_rows::suspended_at.is_null())
                .count()
                .get_result(connection)
        });
        usize::try_from(owners).expect("a number")
    }
}

#[apply(on_both)]
fn a_suspended_person_is_out_at_once_on_every_process_and_cannot_come_back(#[case] portal: &Portal) {
    let other = portal.second_server();
    let browser = portal.signed_in(Persona::Member);
    let elsewhere = other.signed_in(Persona::Member);
    let recorded = portal.recorded(|| assert_eq!(portal.suspend(MILO), Suspend::Suspended { sessions: 2 }));
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("account.suspended", "Operator (ada)"));
    assert_eq!((row.subject_name.as_str(), row.after.as_str()), ("Milo Tester", r#"{"sessions":2}"#));
    assert!(!is_signed_in(&browser) && !is_signed_in(&elsewhere));
    let answer = sign_in(&browser, MILO, PASSWORD);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains(SENTENCE), "{}", answer.text());
    assert!(!is_signed_in(&browser));
    // Who has no session is kept out, too, where one was left by whatever mistake.
    assert!(portal.recorded(|| assert_eq!(portal.suspend(MILO), Suspend::Already)).is_empty());

    let resumed = portal.recorded_actions(|| assert_eq!(portal.resume(MILO), Resume::Resumed));
    assert_eq!(resumed, ["account.resumed"]);
    assert!(!is_signed_in(&browser), "the old session stays ended");
    assert_eq!(sign_in(&browser, MILO, PASSWORD).status, 303);
    assert!(portal.recorded(|| assert_eq!(portal.resume(MILO), Resume::Already)).is_empty());
}

#[apply(on_both)]
fn a_session_of_a_suspended_person_opens_nothing(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    // As if a session had slipped through.
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let milo = user_rows::table.filter(user_rows::email.eq(MILO));
            diesel::update(milo).set(user_rows::suspended_at.eq(Some(tx.now))).execute(tx.connection)?;
            Ok(())
        })
        .expect("it is set");
    assert!(!is_signed_in(&browser));
}

#[apply(on_both)]
fn who_does_not_know_the_password_is_not_told(#[case] portal: &Portal) {
    let wrong = |email| sign_in(&portal.browser(), email, "not this one, surely");
    let before = wrong(MILO).comparable();
    portal.suspend(MILO);
    assert_eq!(wrong(MILO).comparable(), before);
    let known = portal.browser().post("/forgot-password", &[("email", MILO)]).comparable();
    let unknown = portal.browser().post("/forgot-password", &[("email", "mila@example.com")]).comparable();
    assert_eq!(known.2.replace(MILO, "…"), unknown.2.replace("mila@example.com", "…"));
    assert_eq!(portal.mails_to(MILO).len(), 0, "no link is mailed");
}

#[apply(on_both)]
fn no_link_helps_to_a_password(#[case] portal: &Portal) {
    let token = reset_token(portal, MILO);
    portal.suspend(MILO);
    let browser = portal.browser();
    assert_eq!(browser.get(&format!("/reset-password?token={token}")).status, 404);
    let post = || browser.post("/reset-password", &[("token", &token), ("password", CHOSEN)]);
    assert_eq!(post().status, 404);
    portal.resume(MILO);
    assert_eq!(post().status, 404, "nor later");
    assert_eq!(sign_in(&browser, MILO, PASSWORD).status, 303);
}

#[apply(on_both)]
fn nobody_accepts_what_a_suspended_person_offered(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "otto@example.com", Role::Reader);
    let link = portal.link_to("otto@example.com");
    portal.suspend("manuel@example.com");
    let otto = portal.signed_in(Persona::Outsider);
    let answer = otto.post(&format!("{link}/accept"), &[]);
    assert!(otto.follow(answer).text().contains("This invitation can no longer be accepted."));
    assert_eq!(portal.role_of("otto@example.com"), None);
    portal.resume("manuel@example.com");
    assert_eq!(otto.post(&format!("{link}/accept"), &[]).location(), acme(""));
}

#[apply(on_both)]
fn the_person_page_says_so_and_nobody_is_sent_to_them_for_help(#[case] portal: &Portal) {
    let second = portal.add_person(SECOND, Role::Owner);
    let manager = portal.signed_in(Persona::Manager);
    let page = acme(&format!("/people/{}", portal.member_id(SECOND).expect("a member")));
    assert!(!manager.get(&page).text().contains("Suspended"));
    portal.suspend(&second.email);
    let shown = manager.get(&page).text();
    assert!(shown.contains("Suspended") && shown.contains("Its holder cannot sign in."), "{shown}");
    let listed = |query: &str| manager.get(&acme(&format!("/people{query}"))).html().texts("tbody tr");
    let is_shown = |rows: &[String]| rows.iter().any(|row| row.contains(SECOND) && row.contains("Suspended"));
    assert!(is_shown(&listed("")) && !is_shown(&listed("?status=active")), "{:?}", listed(""));
    assert_eq!(listed("?status=suspended").len(), listed("").len(), "the list is not narrowed to them");
    let export = manager.get(&acme("/people/export.csv")).body;
    assert!(export.lines().any(|line| line.contains(SECOND) && line.contains("Suspended")), "{export}");
    let refused = portal.signed_in(Persona::Member).get(&acme("/people")).text();
    assert!(refused.contains(OLGA) && !refused.contains(SECOND), "{refused}");
}

#[apply(on_both)]
fn the_only_active_owner_is_not_suspended(#[case] portal: &Portal) {
    let only = Suspend::LastOwner { organizations: vec!["Acme".to_owned()] };
    assert!(portal.recorded(|| assert_eq!(portal.suspend(OLGA), only)).is_empty());
    portal.add_person(SECOND, Role::Owner);
    assert_eq!(portal.suspend(SECOND), Suspend::Suspended { sessions: 0 });
    // An Owner who cannot act is none: not for the operator, nor for the one who is left.
    assert_eq!(portal.suspend(OLGA), only);
    let olga = portal.signed_in(Persona::Owner);
    assert_eq!(olga.post(&acme("/leave"), &[]).status, 409);
    let own = portal.membership(Persona::Owner);
    let lower = crate::support::change_role(&olga, &own, Role::Owner, Role::Manager);
    assert_eq!(lower.status, 409);
    // The one who is left can take the suspended one out.
    let second = portal.member_id(SECOND).expect("a member");
    assert_eq!(olga.post(&acme("/people/remove"), &[("selected", &second)]).status, 303);
    assert_eq!((portal.role_of(SECOND), portal.active_owners()), (None, 1));
}

#[apply(on_both)]
fn an_address_without_an_account_is_unknown(#[case] portal: &Portal) {
    assert_eq!(portal.suspend("nobody@example.com"), Suspend::Unknown);
    assert_eq!(portal.resume("nobody@example.com"), Resume::Unknown);
}

/// What the other Owner does at that moment, as a transaction; whether it was done.
type Act = fn(&Portal, &mut WriteTx) -> Result<bool, DbError>;

const ACTS: [Act; 4] = [
    |portal, tx| Ok(removal::leave(tx, &portal.scope_of(SECOND, SLUG))? == Leave::Left),
    |portal, tx| {
        let scope = portal.scope_of(SECOND, SLUG);
        let outcome = roles::change(tx, &scope, &scope.membership.id, Role::Owner, Role::Member)?;
        Ok(matches!(outcome, ChangeRole::Changed { .. }))
    },
    |_, tx| Ok(matches!(suspend(tx, SECOND)?, Suspend::Suspended { .. })),
    // Makes the one who is being suspended Owner, who was not, and goes.
    |portal, tx| {
        let scope = portal.scope_of(SECOND, SLUG);
        let olga = portal.scope(Persona::Owner).membership.id;
        roles::change(tx, &scope, &olga, Role::Manager, Role::Owner)?;
        Ok(removal::leave(tx, &scope)? == Leave::Left)
    },
];

#[apply(on_both)]
fn of_two_owners_of_whom_one_goes_while_the_other_is_suspended_one_stays(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    for (number, act) in ACTS.iter().enumerate() {
        let set_out = || {
            portal.resume(OLGA);
            portal.resume(SECOND);
            portal.set_role(SECOND, Role::Owner);
            portal.set_role(OLGA, if number == 3 { Role::Manager } else { Role::Owner });
        };
        let suspended = |outcome: Suspend| matches!(outcome, Suspend::Suspended { .. });
        set_out();
        let done = portal.overlapping(|tx| suspend(tx, OLGA), |tx| act(portal, tx));
        assert!(suspended(done.0.clone()) && !done.1, "act {number}: {done:?}");
        assert_eq!(portal.active_owners(), 1, "act {number}");
        set_out();
        let done = portal.overlapping(|tx| act(portal, tx), |tx| suspend(tx, OLGA));
        assert!(done.0 && !suspended(done.1.clone()), "act {number}: {done:?}");
        assert_eq!(portal.active_owners(), 1, "act {number}");
        for _ in 0..3 {
            set_out();
            at_once(
                || portal.app.write_now(|tx| suspend(tx, OLGA)).expect("an answer"),
                || portal.app.write_now(|tx| act(portal, tx)).expect("an answer"),
            );
            assert_eq!(portal.active_owners(), 1, "act {number}");
        }
    }
}

/// Who is suspended while their own request is under way founds nothing and joins nothing: they would be an Owner whom nobody
/// counted.
#[apply(on_both)]
fn who_is_being_suspended_founds_no_organization_and_joins_none(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), "otto@example.com", Role::Owner);
    let id = portal.invitation_id("otto@example.com").expect("it is open");
    let key = Key::Id(InvitationId::parse(&id).expect("an id"));
    let otto = portal.scope_of("otto@example.com", "elsewhere").person().clone();
    portal.set_elsewhere_owner(SECOND);
    let new = NewOrganization {
        kind: Kind::Individual,
        name: "Third".to_owned(),
        legal_name: String::new(),
        country: "CH".to_owned(),
        creation_key: "third".to_owned(),
    };
    let (suspended, created) = portal.overlapping(|tx| suspend(tx, "otto@example.com"), |tx| create(tx, &otto, &new));
    assert!(matches!(suspended, Suspend::Suspended { .. }), "{suspended:?}");
    assert_eq!(created, Create::Suspended);
    portal.resume("otto@example.com");
    let (suspended, answer) =
        portal.overlapping(|tx| suspend(tx, "otto@example.com"), |tx| offers::accept(tx, &key, &otto));
    assert!(matches!(suspended, Suspend::Suspended { .. }), "{suspended:?}");
    assert_eq!(answer, Answer::Unusable);
    assert_eq!(portal.role_of("otto@example.com"), None);
    // The other way round, the operator is told.
    portal.resume("otto@example.com");
    let (created, suspended) = portal.overlapping(|tx| create(tx, &otto, &new), |tx| suspend(tx, "otto@example.com"));
    assert!(matches!(created, Create::Created { .. }), "{created:?}");
    assert_eq!(suspended, Suspend::LastOwner { organizations: vec!["Third".to_owned()] });
}

impl Portal {
    /// Gives the outsider's Organization another Owner, so that the outsider can be suspended.
    fn set_elsewhere_owner(&self, email: &str) {
        let user = self.add_user(email);
        let organization = self.scope_of("otto@example.com", "elsewhere").organization_id().clone();
        self.app
            .write_now::<_, DbError>(|tx| members::join(tx, &organization, &user.user_id, Role::Owner, "Otto Tester"))
            .expect("they join");
    }
}

/// A request that began before is refused where it changes something.
#[apply(on_both)]
fn who_was_suspended_while_a_request_was_under_way_changes_nothing(#[case] portal: &Portal) {
    let manager = portal.scope(Persona::Manager);
    let milo = portal.scope(Persona::Member).membership.id;
    let (_, removed) =
        portal.overlapping(|tx| suspend(tx, "manuel@example.com"), |tx| removal::remove(tx, &manager, &milo, &batch()));
    assert_eq!(removed, Remove::NotAllowed);
    assert_eq!(portal.role_of(MILO), Some(Role::Member));
}

#[apply(on_both)]
fn ending_sessions_signs_out_and_changes_nothing_else(#[case] portal: &Portal) {
    let end = |email: &str| {
        portal.app.write_now::<_, DbError>(|tx| suspension::end_sessions(tx, &operator(), email)).expect("an answer")
    };
    let browser = portal.signed_in(Persona::Member);
    let recorded = portal.recorded(|| assert_eq!(end(MILO), Some(1)));
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "account.sessions.ended"));
    assert!(!is_signed_in(&browser));
    assert!(portal.recorded(|| assert_eq!(end(MILO), Some(0))).is_empty(), "there was nothing to end");
    assert_eq!(end("nobody@example.com"), None);
    assert_eq!(sign_in(&browser, MILO, PASSWORD).status, 303);
}
