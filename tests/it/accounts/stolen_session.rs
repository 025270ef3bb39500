//! Whoever has a copy of a cookie has nothing any more as soon as its holder, or somebody who may, does something about it: on the
//! next request, on every server, whatever it asks for.

use chrono::Duration;
use portico::access::Operator;
use portico::db::DbError;
use portico::people::suspension::{self, Suspend};
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, is_signed_in, reset_token, sign_in};
use crate::support::{Browser, PASSWORD, Persona, Portal, acme, on_both};

fn sign_out_elsewhere(_: &Portal, holder: &Browser, _: &str) {
    assert_eq!(holder.post("/account/security/sessions/end-others", &[]).status, 303);
}

fn sign_out_each(_: &Portal, holder: &Browser, _: &str) {
    let page = holder.get("/account/security").html();
    // The own one, which was used last, is the first.
    for button in page.attributes("form", "action").iter().rev().filter(|action| action.contains("/sessions/ses_")) {
        assert_eq!(holder.post(button, &[]).status, 303);
    }
}

fn change_password(_: &Portal, holder: &Browser, _: &str) {
    let fields = [("current_password", PASSWORD), ("password", CHOSEN)];
    assert_eq!(holder.post("/account/security/password", &fields).status, 303);
}

fn reset_password(portal: &Portal, _: &Browser, email: &str) {
    let token = reset_token(portal, email);
    let fields = [("token", token.as_str()), ("password", CHOSEN)];
    assert_eq!(portal.browser().post("/reset-password", &fields).status, 303);
}

/// By the link in the mail about a browser that was not seen before.
fn say_it_was_not_me(portal: &Portal, _: &Browser, email: &str) {
    portal.later(Duration::minutes(5));
    assert_eq!(sign_in(&portal.browser(), email, PASSWORD).status, 303);
    assert_eq!(portal.browser().post(&portal.link_to(email), &[]).status, 200);
}

fn suspend(portal: &Portal, _: &Browser, email: &str) {
    let ada = Operator { name: "ada".to_owned() };
    let suspended = portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &ada, email));
    assert!(matches!(suspended.expect("an answer"), Suspend::Suspended { .. }));
}

/// What can be done about a stolen session, and whose is stolen: each by somebody else, since a password is good for one of them.
type Remedy = (&'static str, Persona, fn(&Portal, &Browser, &str));

const REMEDIES: [Remedy; 6] = [
    ("sign-out elsewhere", Persona::Member, sign_out_elsewhere),
    ("sign-out of each session", Persona::Member, sign_out_each),
    ("a new password", Persona::Owner, change_password),
    ("a reset of the password", Persona::Manager, reset_password),
    ("“This was not me”", Persona::Editor, say_it_was_not_me),
    ("suspension of the account", Persona::Reader, suspend),
];

#[apply(on_both)]
fn a_stolen_session_is_worth_nothing_after_whatever_is_done_about_it(#[case] portal: &Portal) {
    let second = portal.second_server();
    for (remedy, persona, apply) in REMEDIES {
        let (stolen, holder) = (portal.signed_in(persona), portal.signed_in(persona));
        let copies = [stolen.copy(), stolen.at(&second.url)];
        for copy in &copies {
            assert!(is_signed_in(copy), "{remedy}: it works until something is done");
        }
        apply(portal, &holder, &persona.email());
        for copy in &copies {
            assert!(!is_signed_in(copy), "{remedy}");
            for path in ["/account/security", "/account/privacy", &acme("")] {
                let answer = copy.get(path);
                assert_eq!(answer.status, 303, "{remedy}: {path}");
                assert!(answer.location().starts_with("/sign-in?"), "{remedy}: {path}");
            }
            let change = [("field", "company"), ("seen_company", ""), ("company", "Thieves Ltd")];
            assert_eq!(copy.post("/account/details", &change).status, 403, "{remedy}: a change");
        }
    }
}

#[apply(on_both)]
fn after_a_removal_a_session_opens_nothing_of_the_organization(#[case] portal: &Portal) {
    let second = portal.second_server();
    let stolen = portal.signed_in(Persona::Manager);
    let copies = [stolen.copy(), stolen.at(&second.url)];
    let selected = portal.membership(Persona::Manager);
    assert_eq!(portal.signed_in(Persona::Owner).post(&acme("/people/remove"), &[("selected", &selected)]).status, 303);
    for copy in &copies {
        for path in ["", "/people", "/people/export.csv", "/credits", "/plans", "/activity"] {
            assert_eq!(copy.get(&acme(path)).status, 404, "{path}");
        }
        assert_eq!(copy.post(&acme("/people/remove"), &[("selected", &selected)]).status, 404);
    }
}
