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
fn the_link_that_is_shown_is_the_one_that_was_mailed_and_looking_at_it_is_recorded(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, INVITED, Role::Reader);
    let page = page_of(portal, INVITED);
    assert_eq!(shown(&manager.get(&page)), None, "not before somebody asks");
    let recorded = portal.recorded(|| {
        let answer = ask_for_link(&manager, &page);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(shown(&answer), Some(format!("{}{}", portal.url, link(portal, INVITED))));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("invitation.link.shown", INVITED));
    assert_eq!((row.actor_name.as_str(), row.actor_role.as_str()), ("Manuel Tester", "manager"));
    // Sent again, it is the new one.
    let before = link(portal, INVITED);
    manager.post(&format!("{page}/resend"), &[]);
    let after = link(portal, INVITED);
    assert_ne!(before, after);
    assert_eq!(shown(&ask_for_link(&manager, &page)), Some(format!("{}{after}", portal.url)));
    // And it works.
    portal.add_user(INVITED);
    assert_eq!(portal.signed_in_as(INVITED).post(&format!("{after}/accept"), &[]).location(), acme(""));
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
        let path = link(portal, email);
        let secret = path.strip_prefix("/invitations/").unwrap();
        assert!(!format!("{:?}", sealed(portal)).contains(&format!("{:?}", secret.as_bytes())), "it is sealed");
        assert_eq!(portal.signed_in_as(email).post(&format!("{path}/{verb}"), &[]).status, 303);
        assert!(sealed(portal).iter().all(Option::is_none), "{verb}");
    }
    invite(&owner, INVITED, Role::Reader);
    assert_eq!(owner.post(&format!("{}/withdraw", page_of(portal, INVITED)), &[]).status, 303);
    portal.later(Duration::minutes(9));
    outbox::run_due_jobs(portal);
    assert_eq!(sealed(portal).iter().flatten().count(), 1, "so long a withdrawal can be undone");
    invite(&owner, "open@example.com", Role::Reader);
    portal.later(Duration::minutes(11));
    outbox::run_due_jobs(portal);
    assert_eq!(sealed(portal).iter().flatten().count(), 1, "but not for longer; that of an open one stays");
}

#[apply(on_both)]
fn an_invitation_without_a_link_that_works_says_how_to_get_one(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    // The message about it offers the link, once.
    owner.follow(invite(&owner, INVITED, Role::Reader));
    let page = page_of(portal, INVITED);
    let change = |secret: Option<Vec<u8>>| {
        portal
            .app
            .write_now::<_, DbError>(|tx| {
                let change = diesel::update(invitations::table).set(invitations::sealed_secret.eq(secret));
                Ok(change.execute(tx.connection)?)
            })
            .expect("the row is changed");
    };
    let kept = sealed(portal).remove(0);
    // Sent before links were kept.
    change(None);
    assert!(!owner.get(&page).html().has_button("Copy invitation link"));
    assert!(owner.get(&page).text().contains("Send it again to get a link."));
    assert_eq!(ask_for_link(&owner, &page).status, 409);
    // Sealed with another key.
    change(Some(vec![7; 80]));
    let refused = ask_for_link(&owner, &page);
    assert_eq!((refused.status, shown(&refused)), (409, None));
    assert!(refused.text().contains("Send it again to get a link."), "{}", refused.text());
    // A process of the version before renews the hash and leaves the sealed secret as it was.
    change(kept);
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let hash = Secret::random().hash();
            Ok(diesel::update(invitations::table).set(invitations::secret_hash.eq(hash)).execute(tx.connection)?)
        })
        .expect("the row is changed");
    assert_eq!(ask_for_link(&owner, &page).status, 409, "a dead link is not shown");
    assert_eq!(owner.post(&format!("{page}/resend"), &[]).status, 303);
    assert_eq!(shown(&ask_for_link(&owner, &page)), Some(format!("{}{}", portal.url, link(portal, INVITED))));
}

#[apply(on_both)]
fn a_link_sealed_before_a_rotation_is_shown_after_it(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (page, old) = (page_of(portal, INVITED), portal.app.config.secret_keys.current.clone());
    let current = SecretKey::new(&SecretKey::generate()).expect("a fit key");
    let rotated = portal.second_server_with(|config| config.secret_keys = SecretKeys { current, others: vec![old] });
    let owner = owner.at(&rotated.url);
    let link = link(portal, INVITED);
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
    let expected = ShowLink::Shown { link: format!("{}{}", portal.url, link(portal, INVITED)) };
    assert!(shown == expected, "it is the new one");
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
