//! The page of an invitation for those who sent it, and its link: to be had until it is over, by who may send it again, and recorded.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::ids::InvitationId;
use portico::mail::Undeliverable;
use portico::people::invite::{self, Resend};
use portico::people::links::{self, ShowLink};
use portico::people::offers::{self, Answer, Key};
use portico::rates::{Limit, Rate};
use portico::schema::invitations;
use portico::secrets::{Secret, SecretKey, SecretKeys};
use rstest::rstest;
use rstest_reuse::apply;

use super::{INVITED, link};
use crate::support::{
    Answer as Page, Browser, Database, Persona, Portal, acme, at_once, invite, on_both, on_each_database, outbox,
};

/// The page of the open invitation of an address.
fn page_of(portal: &Portal, email: &str) -> String {
    acme(&format!("/people/{}", portal.invitation_id(email).expect("an open invitation")))
}

fn ask_for_link(browser: &Browser, page: &str) -> Page {
    browser.post(&format!("{page}/link"), &[])
}

/// The link that a page shows.
fn shown(page: &Page) -> Option<String> {
    page.html().attributes("#link[readonly]", "value").pop()
}

/// The path of the link that a page shows when it is asked for it.
fn shown_path(portal: &Portal, browser: &Browser, page: &str) -> String {
    let link = shown(&ask_for_link(browser, page)).expect("the link is shown");
    link.strip_prefix(&portal.url).expect("a link to this portal").to_owned()
}

fn sealed(portal: &Portal) -> Vec<Option<Vec<u8>>> {
    portal.query(|connection| invitations::table.select(invitations::sealed_secret).load(connection))
}

#[apply(on_both)]
fn the_page_says_who_invited_whom_until_when_and_what_became_of_the_mail(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Manager), INVITED, Role::Editor);
    let (owner, page) = (portal.signed_in(Persona::Owner), page_of(portal, INVITED));
    let facts = |browser: &Browser| browser.get(&page).html().texts(".facts > div");
    let told = [
        "Status Pending · 15 days left",
        "Role Editor Uses the licences and works on every resource of the Organization.",
        "Invited by Manuel Tester manuel@example.com",
        "Sent 23 November 2026",
        "Valid until 8 December 2026",
        "Mail Waits to be sent",
    ];
    assert_eq!(facts(&owner), told);
    assert_eq!(owner.get(&page).html().text("h1"), INVITED);
    for button in ["Resend", "Copy invitation link", "Withdraw"] {
        assert!(owner.get(&page).html().has_button(button), "{button}");
    }
    outbox::deliver(&portal.app);
    portal.later(Duration::days(3));
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(facts(&owner)[5], "Mail Handed to their mail server 3 days ago");
    portal.later(Duration::days(12));
    let owner = portal.signed_in(Persona::Owner);
    let expired = owner.get(&page);
    assert_eq!(expired.html().texts(".facts dd")[0], "Expired");
    assert!(expired.html().has_button("Resend") && expired.html().has_button("Withdraw"));
    assert!(!expired.html().has_button("Copy invitation link"), "the link would not work");
    assert!(expired.text().contains("The link works no more. “Resend” makes a new one."));
    assert_eq!(owner.post(&format!("{page}/withdraw"), &[]).status, 303);
    assert_eq!(owner.get(&page).status, 404);
}

#[apply(on_both)]
fn who_acts_on_the_page_comes_back_to_the_same_place_in_the_list(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Editor);
    let list = acme("/people?role=editor&sort=joined");
    let row = owner.get(&list).html().attributes("th a[href*='/people/inv_']", "href").pop().expect("its row");
    let id = portal.invitation_id(INVITED).expect("an open invitation");
    let page = owner.get(&row).html();
    assert_eq!(page.attributes(".back a", "href"), [format!("{list}#{id}")]);
    let [resend, link, withdraw] = page.attributes(".actions form", "action").try_into().expect("three forms");
    assert_eq!(owner.post(&link, &[]).html().attributes(".back a", "href"), [format!("{list}#{id}")]);
    assert_eq!(owner.post(&resend, &[]).location(), format!("{list}#{id}"));
    assert_eq!(owner.post(&withdraw, &[]).location(), list);
}

#[apply(on_both)]
fn the_page_says_why_the_mail_did_not_arrive(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Editor);
    outbox::give_up(&portal.app, INVITED, Undeliverable::NoMailbox);
    let text = owner.get(&page_of(portal, INVITED)).text();
    assert!(text.contains("The mail did not arrive There is no such mailbox."), "{text}");
    assert!(text.contains("Mail Not delivered"), "{text}");
}

#[apply(on_both)]
fn the_link_that_is_shown_is_not_the_one_that_was_mailed_and_looking_at_it_is_recorded(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, INVITED, Role::Reader);
    let (page, mailed) = (page_of(portal, INVITED), link(portal, INVITED));
    assert_eq!(shown(&manager.get(&page)), None, "not before somebody asks");
    let before = shown_path(portal, &manager, &page);
    assert_ne!(before, mailed, "who invited does not hold what proves the address");
    let recorded = portal.recorded(|| {
        let answer = ask_for_link(&portal.signed_in(Persona::Owner), &page);
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        assert_eq!(shown(&answer), Some(format!("{}{before}", portal.url)), "the same one to everybody");
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("invitation.link.shown", INVITED));
    assert_eq!((row.actor_name.as_str(), row.actor_role.as_str()), ("Olga Tester", "owner"));
    // Sent again, it is a new one, and neither of the old ones works.
    manager.post(&format!("{page}/resend"), &[]);
    let after = shown_path(portal, &manager, &page);
    for old in [&before, &mailed] {
        assert_eq!(portal.browser().get(old).status, 404, "{old}");
    }
    // Whoever signs in with the address accepts by it, and is led on by it later.
    portal.add_user(INVITED);
    let invitee = portal.signed_in_as(INVITED);
    assert_eq!(invitee.get(&after).status, 200);
    assert_eq!(invitee.post(&format!("{after}/accept"), &[]).location(), acme(""));
    assert_eq!(invitee.get(&after).location(), acme(""));
}

#[apply(on_both)]
fn the_link_of_an_owner_is_for_owners(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Owner);
    let (manager, page) = (portal.signed_in(Persona::Manager), page_of(portal, INVITED));
    let recorded = portal.recorded(|| {
        let looked_at = manager.get(&page);
        assert_eq!(looked_at.status, 200, "Managers see the list, too");
        for button in ["Resend", "Copy invitation link", "Withdraw"] {
            assert!(!looked_at.html().has_button(button), "{button}");
        }
        let refused = ask_for_link(&manager, &page);
        assert_eq!((refused.status, shown(&refused)), (403, None));
    });
    assert!(recorded.is_empty());
}

#[apply(on_both)]
fn nobody_sees_the_link_of_another_organization_or_of_nothing(#[case] portal: &Portal) {
    let outsider = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    let (theirs, _) = portal.invite(&outsider, INVITED, Role::Member);
    let owner = portal.signed_in(Persona::Owner);
    for id in [theirs.as_str(), "inv_01kb1b1b1be1ea1b1b1b1b1b1b", "inv_x", &portal.membership(Persona::Reader)] {
        let page = acme(&format!("/people/{id}"));
        assert_eq!(ask_for_link(&owner, &page).status, 404, "{id}");
        assert_eq!(owner.get(&page).status, if id.starts_with("mem_") { 200 } else { 404 }, "{id}");
    }
}

#[apply(on_both)]
fn links_are_kept_sealed_and_erased_when_the_invitation_is_over(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for (email, verb) in [("accepts@example.com", "accept"), ("declines@example.com", "decline")] {
        portal.add_user(email);
        invite(&owner, email, Role::Reader);
        let path = shown_path(portal, &owner, &page_of(portal, email));
        let secret = path.strip_prefix("/invitations/").unwrap();
        assert!(sealed(portal).iter().any(Option::is_some), "it is kept");
        assert!(!format!("{:?}", sealed(portal)).contains(&format!("{:?}", secret.as_bytes())), "it is sealed");
        assert_eq!(portal.signed_in_as(email).post(&format!("{path}/{verb}"), &[]).status, 303);
        assert!(sealed(portal).iter().all(Option::is_none), "{verb}");
    }
    let invite_and_show = |owner: &Browser, email: &str| {
        invite(owner, email, Role::Reader);
        shown_path(portal, owner, &page_of(portal, email));
    };
    invite_and_show(&owner, INVITED);
    assert_eq!(owner.post(&format!("{}/withdraw", page_of(portal, INVITED)), &[]).status, 303);
    portal.later(Duration::minutes(9));
    outbox::run_due_jobs(portal);
    assert_eq!(sealed(portal).iter().flatten().count(), 1, "so long a withdrawal can be undone");
    invite_and_show(&owner, "open@example.com");
    portal.later(Duration::minutes(11));
    outbox::run_due_jobs(portal);
    assert_eq!(sealed(portal).iter().flatten().count(), 1, "but not for longer; that of an open one stays");
    portal.later(Duration::days(15));
    outbox::run_due_jobs(portal);
    assert_eq!(sealed(portal).iter().flatten().count(), 0, "until it has expired");
}

#[apply(on_both)]
fn a_link_that_was_sealed_by_another_process_is_replaced_where_it_cannot_be_used(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let page = page_of(portal, INVITED);
    let first = shown_path(portal, &owner, &page);
    let set = |secret: Option<Vec<u8>>, hash: Option<String>| {
        let row = (invitations::sealed_secret.eq(secret), invitations::shown_hash.eq(hash));
        portal
            .app
            .write_now::<_, DbError>(|tx| Ok(diesel::update(invitations::table).set(row).execute(tx.connection)?))
            .expect("the row is changed");
    };
    let kept = sealed(portal).remove(0);
    // Another key; a secret of which this version knows nothing, as a process of the version before seals it; none.
    for (secret, hash) in [(Some(vec![7; 80]), Some(Secret::random().hash())), (kept, None), (None, None)] {
        set(secret, hash);
        let replaced = shown_path(portal, &owner, &page);
        assert_ne!(replaced, first);
        assert_eq!((portal.browser().get(&replaced).status, portal.browser().get(&first).status), (200, 404));
        assert_eq!(shown_path(portal, &owner, &page), replaced, "and stays");
    }
}

#[apply(on_both)]
fn a_link_sealed_before_a_rotation_is_shown_after_it(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (page, old) = (page_of(portal, INVITED), portal.app.config.secret_keys.current.clone());
    let link = shown_path(portal, &owner, &page);
    let current = SecretKey::new(&SecretKey::generate()).expect("a fit key");
    let rotated = portal.second_server_with(|config| config.secret_keys = SecretKeys { current, others: vec![old] });
    let owner = owner.at(&rotated.url);
    assert_eq!(shown(&ask_for_link(&owner, &page)), Some(format!("{}{link}", rotated.url)));
}

#[apply(on_each_database)]
fn a_link_is_not_shown_without_end(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::InvitationLinkShown, Rate::new(2, 60));
    });
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let page = page_of(portal, INVITED);
    let recorded = portal.recorded_actions(|| {
        let answers: Vec<Page> = (0..3).map(|_| ask_for_link(&owner, &page)).collect();
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 429]);
        assert_eq!((shown(&answers[2]), answers[2].header("retry-after")), (None, "3600"));
        assert!(answers[2].text().contains("Wait 60 minutes and try again."), "{}", answers[2].text());
    });
    assert_eq!(recorded, ["invitation.link.shown", "invitation.link.shown"]);
}

fn id_of(portal: &Portal) -> InvitationId {
    InvitationId::parse(&portal.invitation_id(INVITED).expect("an open invitation")).expect("an id")
}

#[apply(on_both)]
fn a_link_is_shown_before_it_is_used_or_not_at_all(#[case] portal: &Portal) {
    let scope = portal.scope(Persona::Owner);
    let (_, path) = portal.invite(&scope, INVITED, Role::Reader);
    let (id, invitee) = (id_of(portal), portal.add_user(INVITED));
    let key = Key::Link(Secret::presented(path.strip_prefix("/invitations/").unwrap()));
    let (accepted, link) =
        portal.overlapping(|tx| offers::accept(tx, &key, &invitee), |tx| links::show(tx, &scope, &id));
    assert!(matches!(accepted, Answer::Joined { .. }), "{accepted:?}");
    assert!(link == ShowLink::Gone, "of an invitation that is used there is no link");
}

#[apply(on_both)]
fn a_link_that_is_replaced_meanwhile_is_not_shown(#[case] portal: &Portal) {
    let scope = portal.scope(Persona::Owner);
    portal.invite(&scope, INVITED, Role::Reader);
    let id = id_of(portal);
    let (resent, shown) = portal.overlapping(|tx| invite::resend(tx, &scope, &id), |tx| links::show(tx, &scope, &id));
    assert_eq!(resent, Resend::Sent { email: INVITED.to_owned() });
    let ShowLink::Shown { link } = shown else { panic!("there is a link") };
    let path = link.strip_prefix(&portal.url).expect("a link to this portal");
    assert_eq!(portal.browser().get(path).status, 200, "it is the new one");
}

#[apply(on_both)]
fn what_is_withdrawn_while_it_is_sent_again_is_withdrawn(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    for round in 0..4 {
        let email = format!("round{round}@example.com");
        invite(&owner, &email, Role::Member);
        let page = page_of(portal, &email);
        let click = |browser: &Browser, verb: &str| browser.post(&format!("{page}/{verb}"), &[]).status;
        let (resent, withdrawn) = at_once(|| click(&owner, "resend"), || click(&manager, "withdraw"));
        assert!([303, 404].contains(&resent) && withdrawn == 303, "{resent} {withdrawn}");
        assert_eq!(portal.invitation_outcomes(&email), [Some("withdrawn".to_owned())]);
        assert_eq!(ask_for_link(&owner, &page).status, 404);
    }
}

/// The link that is shown proves no address, so its form sends a message: once, also for a double click.
#[apply(on_both)]
fn a_sign_up_by_a_shown_link_that_is_sent_twice_mails_once(#[case] portal: &Portal) {
    portal.invite(&portal.scope(Persona::Owner), INVITED, Role::Reader);
    let page = page_of(portal, INVITED);
    let link = shown_path(portal, &portal.signed_in(Persona::Owner), &page);
    let before = portal.mails_to(INVITED).len();
    let browser = portal.browser();
    let form = browser.get(&link).html();
    let key = form.value("form_key");
    assert!(!key.is_empty());
    let fields = [
        ("form_key", key.as_str()),
        ("first_name", "Ines"),
        ("last_name", "Invited"),
        ("password", "a quiet harbour at dawn"),
        ("terms", "true"),
    ];
    for _ in 0..2 {
        assert_eq!(browser.post(&format!("{link}/sign-up"), &fields).status, 200);
    }
    assert_eq!(portal.mails_to(INVITED).len(), before + 1);
    // Another form is another try.
    assert_ne!(portal.browser().get(&link).html().value("form_key"), key);
}
