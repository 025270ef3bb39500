//! Restoring, and making somebody Owner: `portico organization`.

use chrono::Duration;
use portico::access::{Operator, Role};
use portico::closing::restore::{self, Restore};
use portico::db::DbError;
use rstest::rstest;
use rstest_reuse::apply;

use super::{close, closed_at};
use crate::support::{
    Persona, Portal, SLUG, acme, invite, on_both,
    process::{Ended, portico, run, serve_beside},
};

fn organization(portal: &Portal, arguments: &[&str]) -> Ended {
    let settings = serve_beside(portal);
    let mut command = portico(["organization"]);
    command.args(arguments).envs(settings.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.env("USER", "ada");
    run(command)
}

fn said(ended: &Ended) -> (Option<i32>, &str, &str) {
    (ended.code, &ended.output, &ended.error)
}

#[apply(on_both)]
fn an_operator_restores_it_whole(#[case] portal: &Portal) {
    portal.keep_real_time();
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com", Role::Reader);
    let invitation = portal.link_to("late@example.com");
    assert_eq!(said(&organization(portal, &["restore", SLUG])).1, "Acme is open. Nothing was changed.");
    assert_eq!(close(&owner).status, 303);
    let recorded = portal.recorded(|| {
        let ended = organization(portal, &["restore", SLUG]);
        assert_eq!(said(&ended), (Some(0), "Acme is open again.", ""));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("organization.restored", "Operator (ada)"));
    assert_eq!(closed_at(portal), None);
    assert_eq!(owner.get(&acme("/people")).status, 200);
    assert!(portal.browser().get(&invitation).text().contains("Acme"));
    let told = portal.mails_to(&Persona::Owner.email()).pop().expect("a mail");
    assert!(told.subject.contains("Acme is open again"), "{}", told.subject);
    assert!(!portal.mails_to(&Persona::Manager.email()).iter().any(|mail| mail.subject.contains("open again")));
    let unknown = organization(portal, &["restore", "nobody"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.error.contains("no Organization is called nobody"), "{}", unknown.error);
}

#[apply(on_both)]
fn the_last_moment_is_one_before_the_end(#[case] portal: &Portal) {
    let by = Operator { name: "ada".to_owned() };
    let restore = || {
        let grace = Duration::days(30);
        portal.app.write_now::<_, DbError>(|tx| restore::restore(tx, &by, SLUG, grace)).unwrap()
    };
    assert_eq!(close(&portal.signed_in(Persona::Owner)).status, 303);
    portal.later(Duration::days(30) - Duration::seconds(1));
    assert_eq!(restore(), Restore::Restored { name: "Acme".to_owned(), has_owner: true });
    assert_eq!(close(&portal.signed_in(Persona::Owner)).status, 303);
    portal.later(Duration::days(30));
    assert_eq!(restore(), Restore::TooLate { name: "Acme".to_owned() });
}

#[apply(on_both)]
fn an_operator_hears_that_no_owner_is_left(#[case] portal: &Portal) {
    portal.keep_real_time();
    assert_eq!(close(&portal.signed_in(Persona::Owner)).status, 303);
    portal.set_role(&Persona::Owner.email(), Role::Reader);
    let ended = organization(portal, &["restore", SLUG]);
    let words = "Acme is open again. No Owner can sign in: `portico organization set-owner acme EMAIL` makes one.";
    assert_eq!(said(&ended), (Some(0), words, ""));
    assert_eq!(organization(portal, &["set-owner", SLUG, &Persona::Manager.email()]).code, Some(0));
}

#[apply(on_both)]
fn an_operator_makes_members_and_others_owner(#[case] portal: &Portal) {
    portal.keep_real_time();
    let recorded = portal.recorded(|| {
        for (email, said_of) in [(" Rita@Example.com", "rita@example.com"), ("otto@example.com", "otto@example.com")] {
            let ended = organization(portal, &["set-owner", SLUG, email]);
            assert_eq!(said(&ended), (Some(0), &*format!("{said_of} is Owner of Acme."), ""));
            assert_eq!(portal.role_of(said_of), Some(Role::Owner));
            let again = organization(portal, &["set-owner", SLUG, email]).output;
            assert_eq!(again, format!("{said_of} was Owner of Acme before. Nothing was changed."));
        }
    });
    let rows: Vec<_> = recorded.iter().map(|row| (row.action.as_str(), row.actor_name.as_str())).collect();
    assert_eq!(rows, [("organization.owner.set", "Operator (ada)"); 2]);
    // Of several news that nobody has sent yet the latest is told.
    assert!(portal.mails_to(&Persona::Owner.email()).iter().any(|mail| mail.text.contains("Otto")));
    assert!(portal.signed_in(Persona::Reader).get(&acme("/close")).status == 200);
    let listed = portal.signed_in(Persona::Owner).get(&acme("/people?role=owner")).text();
    assert!(listed.contains("Rita") && listed.contains("Otto"), "{listed}");
    for (slug, email, why) in [
        (SLUG, "nobody@example.com", "no account has the address nobody@example.com"),
        ("nowhere", "rita@example.com", "no open Organization is called nowhere"),
    ] {
        let ended = organization(portal, &["set-owner", slug, email]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.error.contains(why), "{}", ended.error);
    }
}
