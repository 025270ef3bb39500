//! "Undo" after a removal or a withdrawal: as if nothing had happened, for ten minutes.

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::ids::{InvitationId, MembershipId};
use portico::people::links::{self, ShowLink};
use portico::people::members;
use portico::people::removals::WINDOW;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, acme, invite, on_both, outbox};

/// Removes these from a narrowed list, and answers the page that follows.
pub(super) fn remove(browser: &Browser, ids: &[&str]) -> Answer {
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("selected", *id)).collect();
    let answer = browser.post(&acme("/people/remove?role=reader"), &fields);
    assert_eq!((answer.status, answer.location()), (303, acme("/people?role=reader").as_str()));
    browser.follow(answer)
}

/// Where the button "Undo" of a page posts to.
pub(super) fn undo_path(page: &Answer) -> String {
    assert!(page.html().has_button("Undo"), "{}", page.text());
    page.html().attributes(".notice form", "action").remove(0)
}

/// A membership as it is stored.
type Stored = (String, String, Timestamp, Option<NaiveDate>, Option<Timestamp>);

fn stored(portal: &Portal, id: &str) -> Option<Stored> {
    use portico::schema::memberships::{
        created_at, id as key, inviter_name, last_active_on, last_opened_at, role, table,
    };
    let columns = (role, inviter_name, created_at, last_active_on, last_opened_at);
    portal.query(|connection| table.filter(key.eq(id)).select(columns).first(connection).optional())
}

#[apply(on_both)]
fn who_was_removed_is_back_as_before_and_never_hears_of_it(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let id = portal.membership(Persona::Reader);
    let member = MembershipId::parse(&id).unwrap();
    portal.app.write_now::<_, DbError>(|tx| members::touch(tx, &member)).unwrap();
    let before = stored(portal, &id);
    assert!(before.as_ref().is_some_and(|(.., opened)| opened.is_some()));
    let page = remove(&manager, &[&id]);
    assert!(page.text().contains("Rita Tester was removed."));
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.get(&acme("")).status, 404, "access ends at once");
    let recorded = portal.recorded_actions(|| {
        let answer = manager.post(&undo_path(&page), &[]);
        assert_eq!(answer.location(), acme("/people?role=reader"));
        let page = manager.follow(answer);
        assert!(page.text().contains("Rita Tester is back as before."), "{}", page.text());
        assert!(page.text().contains("rita@example.com"), "in the list again");
    });
    assert_eq!(recorded, ["member.restored"]);
    assert_eq!(stored(portal, &id), before);
    assert_eq!(reader.get(&acme("")).status, 200);
    assert!(manager.get(&acme("/people?search=rita")).text().contains("rita@example.com"));
    portal.later(WINDOW + Duration::minutes(1));
    assert!(portal.mails_to("rita@example.com").is_empty());
    // The person can be removed again, and this is another removal.
    let manager = portal.signed_in(Persona::Manager);
    remove(&manager, &[&id]);
    assert_eq!(portal.role_of("rita@example.com"), None);
}

#[apply(on_both)]
fn who_stays_removed_is_told_when_it_cannot_be_undone_any_more(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &[&portal.membership(Persona::Reader)]);
    let path = undo_path(&page);
    portal.later(WINDOW - Duration::seconds(1));
    assert_eq!(outbox::deliver(&portal.app), 0);
    portal.later(Duration::seconds(1));
    assert_eq!(outbox::deliver(&portal.app), 1);
    assert_eq!(portal.mails_to("rita@example.com").len(), 1);
    let answer = owner.post(&path, &[]);
    assert!(owner.follow(answer).text().contains("This can no longer be undone."));
    assert_eq!(portal.role_of("rita@example.com"), None);
}

#[apply(on_both)]
fn an_invitation_that_was_mailed_works_again_and_is_not_mailed_twice(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "guest@example.net", Role::Reader);
    let link = portal.link_to("guest@example.net");
    assert_eq!(outbox::deliver(&portal.app), 1);
    let id = portal.invitation_id("guest@example.net").unwrap();
    let answer = manager.post(&acme(&format!("/people/{id}/withdraw?status=pending")), &[]);
    assert_eq!(answer.location(), acme("/people?status=pending"));
    let page = manager.follow(answer);
    let dead = portal.browser().get(&link);
    assert!(dead.text().contains("no longer works"), "{}", dead.text());
    let recorded = portal.recorded_actions(|| {
        assert_eq!(manager.post(&undo_path(&page), &[]).status, 303);
    });
    assert_eq!(recorded, ["invitation.restored"]);
    assert_eq!(portal.browser().get(&link).status, 200);
    assert_eq!(portal.mails_to("guest@example.net").len(), 1);
    assert!(manager.get(&acme("/people?search=guest")).text().contains("Pending"));
}

/// To whoever is invited it looks as if nothing had happened: also where somebody gave them a link by another way.
#[apply(on_both)]
fn an_invitation_whose_mail_was_taken_back_is_mailed_then_as_by_its_inviter(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Manager), "guest@example.net", Role::Reader);
    let without_link = || {
        let link = portal.link_to("guest@example.net");
        let mail = portal.mails_to("guest@example.net").remove(0);
        (mail.subject, mail.reply_to, mail.text.replace(&link, "…"), mail.html.replace(&link, "…"))
    };
    let before = without_link();
    let shown = shown_link(portal, "guest@example.net");
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &[&portal.invitation_id("guest@example.net").unwrap()]);
    assert_eq!(outbox::deliver(&portal.app), 0);
    assert!(portal.mails_to("guest@example.net").is_empty());
    owner.post(&undo_path(&page), &[]);
    assert_eq!(without_link(), before);
    assert_eq!(before.1.as_deref(), Some("manuel@example.com"));
    assert_eq!(portal.mails_to("guest@example.net").len(), 1);
    assert_eq!(outbox::deliver(&portal.app), 1);
    for link in [portal.link_to("guest@example.net"), shown] {
        assert_eq!(portal.browser().get(&link).status, 200, "{link}");
    }
}

/// The path of the link that a Manager copies.
fn shown_link(portal: &Portal, email: &str) -> String {
    let (manager, id) = (portal.scope(Persona::Manager), portal.invitation_id(email).expect("it is open"));
    let id = InvitationId::parse(&id).expect("an id");
    let shown = portal.app.write_now::<_, DbError>(|tx| links::show(tx, &manager, &id)).expect("an answer");
    let ShowLink::Shown { link } = shown else { panic!("the link of {email} is not shown") };
    link.trim_start_matches(portal.app.config.public_url.as_str()).to_owned()
}

#[apply(on_both)]
fn all_that_were_removed_at_once_come_back_at_once(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let guests: Vec<String> = (0..40).map(|number| format!("guest{number}@example.net")).collect();
    assert_eq!(invite(&owner, &guests.join("\n"), Role::Reader).status, 200);
    let mut ids: Vec<String> = guests.iter().map(|guest| portal.invitation_id(guest).unwrap()).collect();
    ids.push(portal.membership(Persona::Reader));
    let page = remove(&owner, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(page.text().contains("41 people or invitations were removed."));
    let answer = owner.post(&undo_path(&page), &[]);
    assert!(owner.follow(answer).text().contains("All 41 are back as before."));
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader));
    assert!(guests.iter().all(|guest| portal.invitation_id(guest).is_some()));
}

/// Withdraws so many invitations at once, and answers the page that follows.
fn withdraw_many(owner: &Browser, portal: &Portal, count: usize) -> Answer {
    let guests: Vec<String> = (0..count).map(|number| format!("guest{number}@example.net")).collect();
    assert_eq!(invite(owner, &guests.join("\n"), Role::Reader).status, 200);
    let ids: Vec<String> = guests.iter().map(|guest| portal.invitation_id(guest).unwrap()).collect();
    remove(owner, &ids.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Makes a removal unreadable, the first or the last one, or readable again.
fn break_removal(portal: &Portal, is_first: bool, role: &str) {
    use portico::schema::removals::{id, role as stored, table};
    let ids: Vec<String> = portal.query(|connection| table.order(id).select(id).load(connection));
    let broken = if is_first { ids.first() } else { ids.last() }.expect("there are some");
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            Ok(diesel::update(table.filter(id.eq(broken))).set(stored.eq(role)).execute(tx.connection)?)
        })
        .expect("it is changed");
}

#[apply(on_both)]
fn what_could_not_be_undone_just_now_can_be_tried_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = withdraw_many(&owner, portal, 40);
    let turn = portal.app.long_forms.try_acquire().expect("nobody else is there");
    let page = owner.follow(owner.post(&undo_path(&page), &[]));
    assert!(page.text().contains("Other long lists are being worked on. Nothing was done"), "{}", page.text());
    drop(turn);
    // The database fails at once: the page of the error leads back to a list that offers it.
    break_removal(portal, true, "nonsense");
    assert_eq!(owner.post(&undo_path(&page), &[]).status, 500);
    let page = owner.get(&acme("/people"));
    assert!(page.text().contains("This may not have been undone"), "{}", page.text());
    break_removal(portal, true, "reader");
    let page = owner.follow(owner.post(&undo_path(&page), &[]));
    assert!(page.text().contains("All 40 are back as before."), "{}", page.text());
    assert!(!page.html().has_button("Undo"));
}

#[apply(on_both)]
fn the_rest_of_what_was_cut_short_can_be_undone(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = withdraw_many(&owner, portal, 40);
    // The second batch fails.
    break_removal(portal, false, "nonsense");
    let page = owner.follow(owner.post(&undo_path(&page), &[]));
    let sentence = "25 of 40 are back as before. The portal was busy then: undo the others again.";
    assert!(page.text().contains(sentence), "{}", page.text());
    break_removal(portal, false, "reader");
    let page = owner.follow(owner.post(&undo_path(&page), &[]));
    assert!(page.text().contains("All 15 are back as before."), "{}", page.text());
}

#[apply(on_both)]
fn nobody_else_undoes_it_nor_who_may_not_any_more(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    let page = remove(&manager, &[&portal.membership(Persona::Reader)]);
    let path = undo_path(&page);
    let answer = owner.post(&path, &[]);
    assert!(owner.follow(answer).text().contains("This can no longer be undone."));
    let outsider = portal.signed_in(Persona::Outsider);
    assert_eq!(outsider.post(&path, &[]).status, 404);
    let elsewhere = path.replace("/acme/", "/elsewhere/");
    let answer = outsider.post(&elsewhere, &[]);
    assert!(outsider.follow(answer).text().contains("This can no longer be undone."));
    assert_eq!(manager.post(&acme("/people/undo/nonsense"), &[]).status, 404);
    assert_eq!(portal.role_of("rita@example.com"), None);
    portal.set_role("manuel@example.com", Role::Editor);
    assert_eq!(manager.post(&path, &[]).status, 403);
    assert_eq!(portal.role_of("rita@example.com"), None);
}

/// An Owner who removed an Owner, and is a Manager by now, gives nobody that role.
#[apply(on_both)]
fn no_role_above_ones_own_is_given_by_undoing(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let id = portal.scope_of("second@example.com", "acme").membership.id.to_string();
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &[&id]);
    portal.set_role("manuel@example.com", Role::Owner);
    portal.set_role("olga@example.com", Role::Manager);
    let answer = owner.post(&undo_path(&page), &[]);
    assert!(owner.follow(answer).text().contains("Your role does not allow this."));
    assert_eq!(portal.role_of("second@example.com"), None);
}
