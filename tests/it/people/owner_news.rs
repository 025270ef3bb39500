//! What Owners hear of by mail, and that they choose it.

use chrono::Duration;
use portico::access::Role;
use portico::accounts::users::{self, NewUser};
use portico::db::DbError;
use portico::people::invite;
use portico::people::offers::{self, Answer, Key};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, on_both, outbox};

/// The subjects of the mails to a persona.
fn heard(portal: &Portal, persona: Persona) -> Vec<String> {
    portal.mails_to(&persona.email()).into_iter().map(|mail| mail.subject).collect()
}

/// Creates an account for each address, invites them, and has them answer.
fn invited_answer(portal: &Portal, emails: &[String], accepts: bool) {
    let manager = portal.scope(Persona::Manager);
    let lines: Vec<(String, Role)> = emails.iter().map(|email| (email.clone(), Role::Editor)).collect();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            invite::invite(tx, &manager, &lines)?;
            Ok(())
        })
        .expect("they are invited");
    for email in emails {
        let key = portico::ids::InvitationId::parse(&portal.invitation_id(email).expect("invited")).expect("an id");
        let answer = portal.app.write_now::<_, DbError>(|tx| {
            let new = NewUser {
                email: email.clone(),
                password_hash: String::new(),
                first_name: "Ada".to_owned(),
                last_name: "Lovelace".to_owned(),
                company: String::new(),
                country: "CH".to_owned(),
            };
            let person = users::create(tx, &new, "192.0.2.1")?.expect("a free address");
            let key = Key::Id(key.clone());
            if accepts { offers::accept(tx, &key, &person) } else { offers::decline(tx, &key, &person) }
        });
        assert!(matches!(answer, Ok(Answer::Joined { .. } | Answer::Declined { .. })), "{answer:?}");
    }
}

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("ada-{number}@example.net")).collect()
}

#[apply(on_both)]
fn owners_hear_of_answers_and_nobody_else_does(#[case] portal: &Portal) {
    invited_answer(portal, &addresses(1), true);
    assert_eq!(heard(portal, Persona::Owner), ["Ada Lovelace joined Acme on Portico"]);
    assert_eq!(heard(portal, Persona::Manager), Vec::<String>::new());
    outbox::deliver(&portal.app);
    portal.later(Duration::hours(2));
    invited_answer(portal, &["bea@example.net".to_owned()], false);
    let last = heard(portal, Persona::Owner).pop();
    assert_eq!(last.as_deref(), Some("bea@example.net declined the invitation to Acme on Portico"));
}

#[apply(on_both)]
fn of_many_answers_there_is_one_mail_at_once_and_one_an_hour_later(#[case] portal: &Portal) {
    let addresses = addresses(12);
    invited_answer(portal, &addresses[..1], true);
    assert!(outbox::deliver(&portal.app) > 0);
    invited_answer(portal, &addresses[1..], true);
    let heard = heard(portal, Persona::Owner);
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[1], "Ada Lovelace joined Acme on Portico");
}

#[apply(on_both)]
fn other_owners_hear_of_a_new_one_but_not_who_made_them_one(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    let path = acme(&format!("/people/{}/role", portal.membership(Persona::Manager)));
    let fields = [("role", "owner"), ("current", "manager"), ("confirmed", "yes")];
    assert_eq!(owner.post(&path, &fields).status, 303);
    let second: Vec<String> = portal.mails_to("second@example.com").into_iter().map(|mail| mail.subject).collect();
    assert_eq!(second, ["Manuel Tester is now an Owner of Acme on Portico"]);
    assert_eq!(heard(portal, Persona::Owner), Vec::<String>::new());
    assert_eq!(heard(portal, Persona::Manager), ["Your role in Acme on Portico is now Owner"]);
}

#[apply(on_both)]
fn owners_choose_what_they_hear_of_in_the_settings(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/settings"));
    assert_eq!(page.html().attributes("input[type=checkbox][checked]", "name"), ["accepted", "declined", "new_owners"]);
    let recorded = portal.recorded(|| {
        let answer = owner.post(&acme("/settings/news"), &[("sent", "yes"), ("declined", "true")]);
        assert!(owner.follow(answer).text().contains("News for Owners saved."));
        let again = owner.post(&acme("/settings/news"), &[("sent", "yes"), ("declined", "true")]);
        assert!(owner.follow(again).text().contains("Nothing was changed."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.action, "organization.news.changed");
    assert!(
        row.before.contains(r#""news_accepted":true"#) && row.after.contains(r#""news_accepted":false"#),
        "{row:?}"
    );
    let page = owner.get(&acme("/settings"));
    assert_eq!(page.html().attributes("input[type=checkbox][checked]", "name"), ["declined"]);
    assert!(!portal.signed_in(Persona::Manager).get(&acme("/settings")).text().contains("News for Owners"));
    invited_answer(portal, &addresses(1), true);
    assert_eq!(heard(portal, Persona::Owner), Vec::<String>::new());
}
