//! Accepting and declining.

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use portico::licences::terms::Term;
use portico::people::counts;
use portico::people::ownership::answer::{self, Answer};
use rstest::rstest;
use rstest_reuse::apply;

use super::{EDITH, OLGA, SECOND, assert_gone, post_offer};
use crate::support::{Persona, Portal, acme, on_both};

/// What is kept of how many there are, and how many there are.
fn assert_counted(portal: &Portal, role: Role, people: usize) {
    let (id, now) = (portal.organization_id(), portal.app.now());
    let counts = portal.app.db.read::<_, DbError>(|connection| counts::read(connection, &id, now)).expect("counts");
    assert_eq!(counts.active.of(role), people, "{role}");
}

#[apply(on_both)]
fn who_accepts_becomes_owner_and_who_offered_gets_the_role_they_chose(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    let path = portal.offer_ownership();
    let asked = portal.signed_in(Persona::Editor);
    let home = asked.get("/home");
    assert!(home.text().contains("You are asked to become Owner."));
    assert!(home.html().attributes("main a", "href").contains(&path));
    let page = asked.get(&path);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Become Owner"));
    assert!(page.text().contains("you become Owner and Olga Tester becomes Manager, both at once."), "{}", page.text());
    assert_eq!(portal.owners(), [OLGA, SECOND], "looking accepts nothing");
    assert_eq!(asked.get(&format!("{path}/accept")).status, 405);

    let recorded = portal.recorded(|| {
        let answer = asked.post(&format!("{path}/accept"), &[]);
        assert_eq!((answer.status, answer.location()), (303, acme("").as_str()), "{}", answer.text());
        assert!(asked.follow(answer).text().contains("You are now Owner of Acme."));
    });
    let rows: Vec<_> = recorded
        .iter()
        .map(|row| (row.action.as_str(), row.subject_name.as_str(), row.before.as_str(), row.after.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (
                "member.role.changed",
                "Edith Tester",
                r#"{"email":"edith@example.com","role":"editor"}"#,
                r#"{"role":"owner"}"#
            ),
            (
                "member.role.changed",
                "Olga Tester",
                r#"{"email":"olga@example.com","role":"owner"}"#,
                r#"{"role":"manager"}"#
            ),
            (
                "ownership.accepted",
                "Olga Tester",
                r#"{"owner":"olga@example.com"}"#,
                r#"{"owner":"edith@example.com"}"#
            ),
        ]
    );
    assert!(recorded.iter().all(|row| row.actor_name == "Edith Tester" && row.actor_role == "editor"));
    assert_eq!(
        (portal.owners(), portal.role_of(OLGA)),
        (vec![EDITH.to_owned(), SECOND.to_owned()], Some(Role::Manager))
    );
    assert_counted(portal, Role::Owner, 2);
    assert_counted(portal, Role::Manager, 2);
    assert_counted(portal, Role::Editor, 0);
    // From the very next request on.
    assert_eq!(owner.get(&acme("/ownership")).status, 403);
    assert_eq!(asked.get(&acme("/ownership")).status, 200);
    let log = asked.get(&acme("/activity")).text();
    assert!(log.contains("accepted to become Owner instead of Olga Tester"), "{log}");
    let subjects = |email: &str| portal.mails_to(email).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    assert_eq!(subjects(OLGA), ["Edith Tester is now Owner of Acme on Portico"]);
    assert_eq!(subjects(SECOND), ["Edith Tester is now an Owner of Acme on Portico"]);
    let news = portal.mails_to(SECOND).remove(0).text.replace('\n', " ");
    assert!(news.contains("is an Owner now, instead of Olga Tester, who is Manager now."), "{news}");
    assert_eq!(subjects(EDITH).len(), 1, "who acts is not told");
    // A second click.
    let again = asked.post(&format!("{path}/accept"), &[]);
    assert_eq!((again.status, portal.ownership_offers()), (404, 0));
}

#[apply(on_both)]
fn seats_that_the_lower_role_does_not_give_are_free_and_the_new_owner_keeps_theirs(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 5);
    portal.occupy(&licence, Persona::Owner);
    portal.occupy(&licence, Persona::Editor);
    assert_eq!(post_offer(&portal.signed_in(Persona::Owner), EDITH, "member").status, 303);
    let path = portal.link_to(EDITH);
    let actions = portal.recorded_actions(|| {
        assert_eq!(portal.signed_in(Persona::Editor).post(&format!("{path}/accept"), &[]).status, 303);
    });
    assert!(actions.contains(&"licence.seat.released".to_owned()), "{actions:?}");
    assert_eq!(portal.seats_of(&licence), [EDITH]);
    assert_eq!(portal.role_of(OLGA), Some(Role::Member));
    assert_eq!(portal.signed_in(Persona::Owner).get(&acme("/people")).status, 403);
}

#[apply(on_both)]
fn who_declines_changes_nothing_and_who_offered_is_told(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let path = portal.offer_ownership();
    let asked = portal.signed_in(Persona::Editor);
    let recorded = portal.recorded(|| {
        let answer = asked.post(&format!("{path}/decline"), &[]);
        assert_eq!((answer.status, answer.location()), (303, "/home"));
        assert!(asked.follow(answer).text().contains("You declined to become Owner of Acme."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("ownership.declined", "Edith Tester"));
    assert_eq!(portal.owners(), [OLGA, SECOND]);
    let told = portal.mails_to(OLGA).pop().expect("a mail").subject;
    assert_eq!(told, "Edith Tester declined to become Owner of Acme on Portico");
    assert!(portal.mails_to(SECOND).is_empty(), "nothing has changed for others");
    assert_gone(portal, &path);
    portal.offered();
}

#[apply(on_both)]
fn accepting_asks_for_a_fresh_sign_in_and_declining_does_not(#[case] portal: &Portal) {
    let path = portal.offer_ownership();
    let asked = portal.signed_in(Persona::Editor);
    portal.later(Duration::minutes(10));
    assert_eq!(asked.get(&path).status, 200);
    let stopped = asked.post(&format!("{path}/accept"), &[]);
    assert_eq!((stopped.status, stopped.html().text("h1").as_str()), (403, "Confirm that it is you"));
    assert_eq!(portal.owners(), [OLGA]);
    assert_eq!(asked.post(&format!("{path}/decline"), &[]).status, 303);
}

/// What an offer would do is done whole, or not at all.
#[apply(on_both)]
fn what_is_rolled_back_changes_neither_role(#[case] portal: &Portal) {
    let (id, person) = (portal.offered(), portal.scope(Persona::Editor).person().clone());
    let before = portal.dump();
    let failed = portal.app.write_now::<(), DbError>(|tx| {
        assert!(matches!(answer::accept(tx, &id, &person)?, Answer::Accepted { .. }));
        Err(DbError::Unreachable("the test pulls the plug".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(portal.dump(), before);
    assert!(matches!(portal.accept_ownership(&id), Answer::Accepted { .. }));
    assert_eq!(portal.owners(), [EDITH]);
}
