//! Links that do not work: to somebody outside, unknown, used, withdrawn, declined, replaced and expired ones are one and the
//! same.

use chrono::Duration;
use portico::access::Role;
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::link;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, acme, invite, on_both};

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
        ("malformed", format!("/invitations/{}", "x".repeat(43))),
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
    let form =
        [("first_name", "Ines"), ("last_name", "Invited"), ("password", "a quiet harbour at dawn"), ("terms", "true")];
    browser.post(&format!("{path}/sign-up"), &form)
}

#[apply(on_both)]
fn every_dead_link_gives_a_stranger_the_same_answer(#[case] portal: &Portal) {
    let links = dead_links(portal);
    let answer = all_the_same(&links, |path| portal.browser().get(path));
    assert_eq!(answer.status, 404);
    assert_eq!(answer.html().text("h1"), "This invitation no longer works");
    assert!(!answer.text().contains("Acme"), "nothing is told about the Organization");
    let sign_in = answer.html().attributes("main a.button-primary", "href").remove(0);
    assert_eq!(sign_in, format!("/sign-in?next={}", links[0].1), "who has used it comes back");
    assert_eq!(all_the_same(&links, |path| portal.browser().post(&format!("{path}/decline"), &[])).status, 404);
    assert_eq!(all_the_same(&links, |path| portal.browser().get(&format!("{path}/logo"))).status, 404);
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

#[apply(on_both)]
fn a_link_leads_who_has_joined_by_it_into_the_organization(#[case] portal: &Portal) {
    let used = dead_links(portal).into_iter().find(|(kind, _)| *kind == "used").expect("there is one").1;
    let joined = portal.signed_in_as("used@example.com");
    assert_eq!((joined.get(&used).status, joined.get(&used).location()), (303, acme("").as_str()));
    // Signed out, by way of the page that everybody sees.
    let browser = portal.browser();
    let sign_in = browser.get(&used).html().attributes("main a.button-primary", "href").remove(0);
    let next = browser.get(&sign_in).html().attributes("input[name=next]", "value").remove(0);
    let form = [("email", "used@example.com"), ("password", PASSWORD), ("next", next.as_str())];
    let answer = browser.post("/sign-in", &form);
    assert_eq!(browser.follow(answer).html().text("h1"), "Dashboard");
    // A member who has joined otherwise is as good as a stranger to it, and so is who was removed.
    assert_eq!(portal.signed_in(Persona::Reader).get(&used).status, 404);
    portal.take_out("used@example.com");
    let removed = joined.get(&used);
    assert_eq!((removed.status, removed.html().text("h1").as_str()), (404, "This invitation no longer works"));
}

#[apply(on_both)]
fn whatever_is_behind_the_path_the_way_back_stays_on_this_site(#[case] portal: &Portal) {
    for odd in ["x%2F%2Fevil.example", "%0d%0aSet-Cookie", "a%22%3E%3Cb", "%E2%80%A6", "x?next=//evil.example"] {
        let answer = portal.browser().get(&format!("/invitations/{odd}"));
        assert_eq!(answer.status, 404, "{odd}");
        let sign_in = answer.html().attributes("main a.button-primary", "href").remove(0);
        assert!(sign_in.starts_with("/sign-in?next=/invitations/"), "{sign_in}");
        let browser = portal.browser();
        let next = browser.get(&sign_in).html().attributes("input[name=next]", "value").remove(0);
        let form = [("email", "olga@example.com"), ("password", PASSWORD), ("next", next.as_str())];
        let location = browser.post("/sign-in", &form).location().to_owned();
        assert!(location == "/home" || location.starts_with("/invitations/"), "{odd}: {location}");
    }
}
