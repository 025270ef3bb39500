//! Links that do not work: to somebody outside, unknown, used, withdrawn, declined, replaced and expired ones are one and the
//! same.

use chrono::Duration;
use portico::access::Role;
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::link;
use crate::support::{Answer, Browser, Persona, Portal, acme, invite, on_both};

/// What an answer tells: all of it, but for the number of the request and what names the link itself.
fn told(answer: &Answer, path: &str) -> (u16, String, Vec<(String, String)>) {
    let (status, headers, body) = answer.comparable();
    (status, body.replace(path, "LINK"), headers)
}

/// A link of each kind that does not work, with the name of the kind.
fn dead_links(portal: &Portal) -> Vec<(&'static str, String)> {
    let owner = portal.signed_in(Persona::Owner);
    let mut links = vec![
        ("unknown", format!("/invitations/{}", Secret::random().as_str())),
        ("malformed", "/invitations/x".to_owned()),
    ];
    let invited = |email: &str| {
        portal.add_user(email);
        invite(&owner, email, Role::Reader);
        link(portal, email)
    };
    let expired = invited("expired@example.com");
    portal.later(Duration::days(15));
    links.push(("expired", expired));
    let owner = portal.signed_in(Persona::Owner);
    let invited = |email: &str| {
        portal.add_user(email);
        assert_eq!(invite(&owner, email, Role::Reader).status, 303);
        link(portal, email)
    };
    let used = invited("used@example.com");
    portal.signed_in_as("used@example.com").post(&format!("{used}/accept"), &[]);
    links.push(("used", used));
    let declined = invited("declined@example.com");
    portal.signed_in_as("declined@example.com").post(&format!("{declined}/decline"), &[]);
    links.push(("declined", declined));
    let withdrawn = invited("withdrawn@example.com");
    owner.post(&acme(&format!("/people/{}/withdraw", portal.invitation_id("withdrawn@example.com").unwrap())), &[]);
    links.push(("withdrawn", withdrawn));
    let replaced = invited("replaced@example.com");
    owner.post(&acme(&format!("/people/{}/resend", portal.invitation_id("replaced@example.com").unwrap())), &[]);
    links.push(("replaced", replaced));
    links
}

fn all_the_same(links: &[(&'static str, String)], ask: impl Fn(&str) -> Answer) -> Answer {
    let (_, first) = &links[0];
    let unknown = ask(first);
    let expected = told(&unknown, first);
    for (kind, path) in links {
        assert_eq!(told(&ask(path), path), expected, "{kind}");
    }
    unknown
}

/// A sign-up form that would be accepted.
fn sign_up(browser: &Browser, path: &str) -> Answer {
    let form = [
        ("first_name", "Ines"),
        ("last_name", "Invited"),
        ("password", "a quiet harbour at dawn"),
        ("country", "CH"),
        ("terms", "true"),
    ];
    browser.post(&format!("{path}/sign-up"), &form)
}

#[apply(on_both)]
fn every_dead_link_gives_a_stranger_the_same_answer(#[case] portal: &Portal) {
    let links = dead_links(portal);
    let answer = all_the_same(&links, |path| portal.browser().get(path));
    assert_eq!(answer.status, 404);
    assert_eq!(answer.html().text("h1"), "This invitation no longer works");
    assert!(!answer.text().contains("Acme"), "nothing is told about the Organization");
    let recorded = portal.recorded(|| {
        assert_eq!(all_the_same(&links, |path| sign_up(&portal.browser(), path)).status, 404);
    });
    assert!(recorded.is_empty(), "no account comes of it: {recorded:?}");
}

#[apply(on_both)]
fn every_dead_link_gives_a_signed_in_outsider_the_same_answer(#[case] portal: &Portal) {
    let links = dead_links(portal);
    let browser = portal.signed_in(Persona::Outsider);
    assert_eq!(all_the_same(&links, |path| browser.get(path)).status, 404);
    assert_eq!(all_the_same(&links, |path| browser.post(&format!("{path}/accept"), &[])).status, 404);
    assert_eq!(all_the_same(&links, |path| browser.post(&format!("{path}/decline"), &[])).status, 404);
}

#[apply(on_both)]
fn guessing_links_is_slowed_down(#[case] portal: &Portal) {
    let browser = portal.browser();
    let statuses: Vec<u16> =
        (0..62).map(|_| browser.get(&format!("/invitations/{}", Secret::random().as_str())).status).collect();
    assert_eq!(statuses[59..], [404, 429, 429]);
    assert!(!browser.get("/invitations/x").header("retry-after").is_empty());
}
