//! What ends an offer that nobody answered.

use chrono::Duration;
use portico::access::{Operator, Role};
use portico::db::{DbError, WriteTx};
use portico::ids::MembershipId;
use portico::organizations::set_owner;
use portico::people::ownership::answer::Answer;
use portico::people::{removal, roles, suspension};
use rstest::rstest;
use rstest_reuse::apply;

use super::{EDITH, OLGA, SECOND, assert_gone};
use crate::support::{Persona, Portal, SLUG, acme, batch, on_both, outbox::run_due_jobs};

#[apply(on_both)]
fn it_can_be_accepted_for_seven_days_to_the_second(#[case] portal: &Portal) {
    let path = portal.offer_ownership();
    portal.later(Duration::days(7) - Duration::seconds(1));
    let asked = portal.signed_in(Persona::Editor);
    assert_eq!(asked.get(&path).status, 200);
    assert!(asked.get("/home").text().contains("You are asked to become Owner."));
    portal.later(Duration::seconds(1));
    assert_gone(portal, &path);
    let page = portal.signed_in(Persona::Owner).get(&acme("/ownership"));
    let text = page.text();
    assert!(text.contains("The last offer was not answered") && text.contains("Edith Tester"), "{text}");
    assert!(page.html().has("input[name=email]"));
    // It need not be withdrawn before there is another one, and is no longer known after a month.
    let id = portal.offered();
    portal.later(Duration::days(7) - Duration::seconds(1));
    assert!(matches!(portal.accept_ownership(&id), Answer::Accepted { .. }));
}

#[apply(on_both)]
fn what_nobody_answered_is_removed_a_month_later(#[case] portal: &Portal) {
    portal.offered();
    portal.later(Duration::days(36));
    run_due_jobs(portal);
    assert_eq!(portal.ownership_offers(), 1);
    portal.later(Duration::days(1) + Duration::hours(1));
    run_due_jobs(portal);
    assert_eq!(portal.ownership_offers(), 0);
}

/// Something that takes away what an offer stands on.
type End = fn(&mut WriteTx, &Portal) -> Result<(), DbError>;

fn member(portal: &Portal, email: &str) -> MembershipId {
    MembershipId::parse(&portal.member_id(email).expect("a member")).expect("an id")
}

const OPERATOR: Operator = Operator { name: String::new() };

const ENDS: &[(&str, End)] = &[
    ("who offered is no Owner any more", |tx, portal| {
        let (scope, olga) = (portal.scope_of(SECOND, SLUG), member(portal, OLGA));
        roles::change(tx, &scope, &olga, Role::Owner, Role::Manager).map(drop)
    }),
    ("who offered is removed", |tx, portal| {
        let (scope, olga) = (portal.scope_of(SECOND, SLUG), member(portal, OLGA));
        removal::remove(tx, &scope, &olga, &batch()).map(drop)
    }),
    ("who offered leaves", |tx, portal| removal::leave(tx, &portal.scope_of(OLGA, SLUG)).map(drop)),
    ("who offered is suspended", |tx, _| suspension::suspend(tx, &OPERATOR, OLGA).map(drop)),
    ("who is asked is Owner already", |tx, portal| {
        let (scope, edith) = (portal.scope_of(SECOND, SLUG), member(portal, EDITH));
        roles::change(tx, &scope, &edith, Role::Editor, Role::Owner).map(drop)
    }),
    ("an operator made who is asked Owner", |tx, _| set_owner::set_owner(tx, &OPERATOR, SLUG, EDITH).map(drop)),
    ("who is asked is removed", |tx, portal| {
        let (scope, edith) = (portal.scope_of(SECOND, SLUG), member(portal, EDITH));
        removal::remove(tx, &scope, &edith, &batch()).map(drop)
    }),
    ("who is asked leaves", |tx, portal| removal::leave(tx, &portal.scope_of(EDITH, SLUG)).map(drop)),
    ("who is asked is suspended", |tx, _| suspension::suspend(tx, &OPERATOR, EDITH).map(drop)),
];

/// Also where that is taken back: nobody accepts what was offered before.
#[apply(on_both)]
fn it_ends_with_what_it_stands_on(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    for (what, end) in ENDS {
        let id = portal.offered();
        let actions = portal.recorded_actions(|| portal.app.write_now(|tx| end(tx, portal)).expect("it is done"));
        assert!(actions.contains(&"ownership.offer.ended".to_owned()), "{what}: {actions:?}");
        assert_eq!(portal.ownership_offers(), 0, "{what}");
        for email in [OLGA, EDITH] {
            portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &OPERATOR, email)).expect("an answer");
        }
        portal.set_role(OLGA, Role::Owner);
        portal.set_role(EDITH, Role::Editor);
        assert_eq!(portal.accept_ownership(&id), Answer::Gone, "{what}");
        assert_gone(portal, &format!("/home/ownership/{id}"));
    }
}

/// Whoever looks does not rely on it: some of that may happen to rows without anybody telling.
#[apply(on_both)]
fn who_is_not_what_they_were_can_neither_accept_nor_hand_over(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let id = portal.offered();
    for (email, role) in [(OLGA, Role::Manager), (EDITH, Role::Owner)] {
        let before = portal.role_of(email).expect("a member");
        portal.set_role(email, role);
        assert_eq!(portal.accept_ownership(&id), Answer::Gone, "{email}");
        portal.set_role(email, before);
    }
    portal.take_out(OLGA);
    assert_eq!(portal.accept_ownership(&id), Answer::Gone);
    portal.set_role(OLGA, Role::Owner);
    assert!(matches!(portal.accept_ownership(&id), Answer::Accepted { .. }), "the same row, as it should be");
}

#[apply(on_both)]
fn it_ends_with_the_organization_and_does_not_come_back_with_it(#[case] portal: &Portal) {
    use portico::closing::restore::restore;
    let path = portal.offer_ownership();
    assert_eq!(portal.signed_in(Persona::Owner).post(&acme("/close"), &[("name", "Acme")]).status, 303);
    assert_gone(portal, &path);
    portal.app.write_now::<_, DbError>(|tx| restore(tx, &OPERATOR, SLUG, Duration::days(30))).expect("it is restored");
    assert_gone(portal, &path);
    assert_eq!(portal.ownership_offers(), 0);
}

/// A change of the role of who is asked, below Owner, leaves it as it is.
#[apply(on_both)]
fn another_role_of_who_is_asked_does_not_end_it(#[case] portal: &Portal) {
    let id = portal.offered();
    let (scope, edith) = (portal.scope(Persona::Owner), member(portal, EDITH));
    portal
        .app
        .write_now::<_, DbError>(|tx| roles::change(tx, &scope, &edith, Role::Editor, Role::Reader))
        .expect("an answer");
    assert!(matches!(portal.accept_ownership(&id), Answer::Accepted { .. }));
    let told = portal.mails_to(EDITH).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    assert_eq!(told.len(), 1, "not that she is Reader, which she is not: {told:?}");
}
