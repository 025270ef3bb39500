//! What must not take longer for an address with an account does the same work for one without.

use rstest::rstest;
use rstest_reuse::apply;

use super::watch::Watched;
use crate::support::{Portal, on_both};

#[apply(on_both)]
fn asking_for_a_link_runs_the_same_statements_for_any_address(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let ask = |email: &str| {
        watched.take();
        let answer = watched.portal.browser().post("/forgot-password", &[("email", email)]);
        assert_eq!(answer.status, 200);
        watched.take()
    };
    // The counter of the network is made by the first.
    ask("rita@example.com");
    let known = ask("milo@example.com");
    assert!(known.iter().any(|sql| sql.contains("password_resets")), "{known:#?}");
    assert_eq!(ask("mila@example.com"), known);
    let links: i64 = portal.query(|connection| {
        use diesel::prelude::*;
        portico::schema::password_resets::table.count().get_result(connection)
    });
    assert_eq!(
        (links - 1, portal.mails_to("mila@example.com").len()),
        (1, 0),
        "for the unknown address, all is taken back"
    );
    // Behind the last address of all, another one stands in.
    assert_eq!(ask("zzz@example.com").len(), known.len() + 1);
}

#[apply(on_both)]
fn having_the_message_sent_again_runs_the_same_statements_for_any_address(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let ask = |email: &str| {
        watched.take();
        let answer = watched.portal.browser().post("/sign-up/again", &[("email", email)]);
        assert_eq!(answer.status, 200);
        watched.take()
    };
    crate::accounts::sign_up(&portal.browser(), "nina@example.com");
    // Their counters are there already, too.
    for email in ["nora@example.com", "rita@example.com"] {
        portal.browser().post("/forgot-password", &[("email", email)]);
    }
    portal.later(chrono::Duration::hours(2));
    ask("first@example.com");
    let waiting = ask("nina@example.com");
    assert!(waiting.iter().any(|sql| sql.contains("sign_ups")), "{waiting:#?}");
    assert_eq!(ask("nora@example.com"), waiting);
    assert_eq!(ask("rita@example.com"), waiting);
    let waiting: i64 = portal.query(|connection| {
        use diesel::prelude::*;
        portico::schema::sign_ups::table.count().get_result(connection)
    });
    assert_eq!(waiting, 2, "for who is not waiting, all is taken back");
}
