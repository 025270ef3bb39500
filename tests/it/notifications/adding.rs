//! Adding addresses, and that none is flooded.

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use portico::notifications::add::{self, Add, AskAgain};
use portico::notifications::kinds::Kinds;
use portico::notifications::recipients::{self, Edit, MOST, State};
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, post_add, subjects, unsubscribe_link};
use crate::support::places::ELSEWHERE;
use crate::support::{Persona, Portal, all_at_once, on_both};

fn ask_again(portal: &Portal, email: &str) -> AskAgain {
    let (manager, id) = (portal.scope(Persona::Manager), portal.recipient(email).id);
    portal.app.write_now::<_, DbError>(|tx| add::ask_again(tx, &manager, &id)).expect("an outcome")
}

fn remove(portal: &Portal, email: &str) -> Edit {
    let (manager, id) = (portal.scope(Persona::Manager), portal.recipient(email).id);
    portal.app.write_now::<_, DbError>(|tx| recipients::remove(tx, &manager, &id)).expect("an outcome")
}

#[apply(on_both)]
fn an_address_without_an_account_gets_nothing_before_it_is_confirmed(#[case] portal: &Portal) {
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Asked);
    assert!(matches!(portal.recipient(BOOKS).state(portal.app.now()), State::Asked { .. }));
    assert_eq!(portal.payment_fails(), 1, "the Owner alone");
    assert_eq!(subjects(portal, BOOKS).len(), 1);
    portal.browser().post(&portal.link_to(BOOKS), &[]);
    assert_eq!(portal.payment_fails(), 2);
    assert_eq!(subjects(portal, BOOKS)[1], "A payment of Acme on Portico failed");
    assert!(
        portal
            .actions()
            .ends_with(&["notifications.recipient.added".into(), "notifications.recipient.confirmed".into()])
    );
}

#[apply(on_both)]
fn people_of_the_organization_need_not_confirm_as_long_as_they_belong_to_it(#[case] portal: &Portal) {
    let email = Persona::Reader.email();
    assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Added);
    assert_eq!(subjects(portal, &email), Vec::<String>::new());
    assert_eq!(portal.payment_fails(), 2);
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.post(&crate::support::acme("/leave"), &[]).status, 303);
    assert_eq!(portal.recipient(&email).state(portal.app.now()), State::Unconfirmed);
    assert_eq!(portal.payment_fails(), 1);
    assert!(matches!(ask_again(portal, &email), AskAgain::Asked { .. }), "they can be asked like anybody");
}

#[apply(on_both)]
fn owners_and_those_who_are_there_are_not_added_again(#[case] portal: &Portal) {
    assert_eq!(portal.add_recipient(&Persona::Owner.email(), Kinds::ALL), Add::IsOwner);
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Asked);
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Already);
    // Who becomes an Owner later hears everything once.
    portal.add_confirmed("second@example.com", Kinds::ALL);
    portal.add_person("second@example.com", Role::Owner);
    assert_eq!(portal.payment_fails(), 2);
}

#[apply(on_both)]
fn there_are_fifty_at_the_most(#[case] portal: &Portal) {
    for number in 0..MOST {
        let email = format!("person-{number}@example.com");
        portal.add_person(&email, Role::Member);
        assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Added);
    }
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::TooMany);
    let answer = post_add(&portal.signed_in(Persona::Manager), BOOKS);
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("There are 50 recipients already. Remove one first."));
    assert_eq!(answer.html().value("email"), BOOKS, "what was typed is kept");
}

#[apply(on_both)]
fn one_address_is_asked_five_times_a_day_by_whomever(#[case] portal: &Portal) {
    let outsider = portal.scope_of(&Persona::Outsider.email(), ELSEWHERE);
    for round in 0..4 {
        assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Asked, "{round}");
        assert!(matches!(remove(portal, BOOKS), Edit::Done { .. }));
    }
    let add =
        |email: &str| portal.app.write_now::<_, DbError>(|tx| add::add(tx, &outsider, email, Kinds::ALL)).unwrap();
    assert_eq!(add(BOOKS), Add::Asked);
    assert!(matches!(portal.add_recipient(BOOKS, Kinds::ALL), Add::RecipientTooOften(_)));
    let answer = post_add(&portal.signed_in(Persona::Manager), BOOKS);
    assert_eq!((answer.status, answer.header("retry-after").is_empty()), (429, false));
    assert_eq!(subjects(portal, BOOKS).len(), 5);
    portal.later(Duration::days(1));
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Asked);
}

#[apply(on_both)]
fn an_organization_asks_sixty_addresses_a_day(#[case] portal: &Portal) {
    for number in 0..60 {
        let email = format!("book-{number}@example.net");
        assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Asked, "{number}");
        remove(portal, &email);
    }
    assert!(matches!(portal.add_recipient(BOOKS, Kinds::ALL), Add::TooOften(_)));
    assert_eq!(portal.recipients().len(), 0);
}

/// Neither removing and adding an address nor a membership brings back who has unsubscribed: only they can, and are asked rarely.
#[apply(on_both)]
fn who_unsubscribed_is_not_brought_back_by_others(#[case] portal: &Portal) {
    let email = Persona::Reader.email();
    assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Added);
    portal.payment_fails();
    assert_eq!(portal.browser().post(&unsubscribe_link(portal, &email), &[]).status, 200);
    assert_eq!(portal.recipient(&email).state(portal.app.now()), State::Unsubscribed);
    assert_eq!(portal.payment_fails(), 1);
    assert!(matches!(remove(portal, &email), Edit::Done { .. }));
    assert_eq!(portal.recipients().len(), 0);
    assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Asked, "they are asked now");
    assert_eq!(portal.payment_fails(), 1, "and get nothing before they answer");
    remove(portal, &email);
    portal.later(Duration::days(29));
    assert!(matches!(portal.add_recipient(&email, Kinds::ALL), Add::RecipientTooOften(_)), "once in 30 days");
    portal.later(Duration::days(1));
    assert_eq!(portal.add_recipient(&email, Kinds::ALL), Add::Asked);
    portal.browser().post(&portal.link_to(&email), &[]);
    assert_eq!(portal.payment_fails(), 2);
}

#[apply(on_both)]
fn who_wants_no_invitations_of_an_organization_is_not_asked_either(#[case] portal: &Portal) {
    let (_, link) = portal.invite(&portal.scope(Persona::Owner), BOOKS, Role::Member);
    portal.browser().post(&format!("{link}/block"), &[]);
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), Add::Blocked);
}

#[apply(on_both)]
fn of_many_who_add_the_same_address_at_once_one_does(#[case] portal: &Portal) {
    let outcomes = all_at_once(4, |_| portal.add_recipient(BOOKS, Kinds::ALL));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Add::Asked).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Add::Already).count(), 3);
    assert_eq!(subjects(portal, BOOKS).len(), 1);
}

#[apply(on_both)]
fn asking_again_makes_another_link_and_the_old_one_is_dead(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds::ALL);
    let first = portal.link_to(BOOKS);
    portal.later(Duration::days(20));
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unconfirmed);
    assert_eq!(portal.browser().get(&first).status, 404);
    assert!(matches!(ask_again(portal, BOOKS), AskAgain::Asked { .. }));
    assert_eq!(portal.browser().post(&first, &[]).status, 404);
    assert_eq!(portal.browser().post(&portal.link_to(BOOKS), &[]).status, 200);
    assert_eq!(ask_again(portal, BOOKS), AskAgain::Active);
}
