//! `portico credits`: what it says, and what comes of it.

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Portal, on_both,
    process::{Ended, portico, run},
};

fn credits(portal: &Portal, arguments: &[&str]) -> Ended {
    let mut command = portico(["credits"]);
    command.args(arguments).env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    run(command)
}

fn said(ended: &Ended) -> (Option<i32>, &str, &str) {
    (ended.code, &ended.output, &ended.error)
}

#[apply(on_both)]
fn an_operator_grants_spends_and_reverses(#[case] portal: &Portal) {
    let recorded = portal.recorded(|| {
        let granted = credits(
            portal,
            &["grant", "acme", "1500", "--expires", "2099-12-31", "--reference", "WELCOME", "--note", "Welcome"],
        );
        let words = "1,500 credits granted to Acme, to be spent until the end of 2099-12-31 UTC. Reference: WELCOME. \
                     Balance: 1,500 credits.";
        assert_eq!(said(&granted), (Some(0), words, ""));
        let spent = credits(portal, &["spend", "acme", "62", "--reference", "JOB-7", "--product", "Cloud"]);
        assert_eq!(said(&spent), (Some(0), "62 credits of Acme spent. Balance: 1,438 credits.", ""));
        let reversed = credits(portal, &["reverse", "acme", "JOB-7"]);
        assert_eq!(said(&reversed), (Some(0), "62 credits given back to Acme. Balance: 1,500 credits.", ""));
        let taken = credits(portal, &["reverse", "acme", "WELCOME"]);
        assert_eq!(said(&taken), (Some(0), "1,500 credits taken back from Acme. Balance: 0 credits.", ""));
    });
    let actors: Vec<(&str, &str)> = recorded.iter().map(|row| (row.action.as_str(), row.actor_name.as_str())).collect();
    assert_eq!(
        actors,
        [
            ("credits.granted", "Operator (ada)"),
            ("credits.reversed", "Operator (ada)"),
            ("credits.reversed", "Operator (ada)"),
            ("credits.spent", "Cloud")
        ]
    );
    assert_eq!(portal.amounts(), [1_500, -62, 62, -1_500]);
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn the_same_again_changes_nothing_and_something_else_is_refused(#[case] portal: &Portal) {
    let grant = ["grant", "acme", "10", "--reference", "WELCOME"];
    assert_eq!(credits(portal, &grant).code, Some(0));
    let again = credits(portal, &grant);
    assert_eq!((again.code, portal.amounts()), (Some(0), vec![10]));
    assert!(
        again.output.starts_with("WELCOME granted 10 credits on ")
            && again.output.ends_with("already. Nothing was changed.")
    );
    let other = credits(portal, &["grant", "acme", "11", "--reference", "WELCOME"]);
    assert_eq!((other.code, other.output.as_str()), (Some(1), ""));
    assert!(other.error.contains("WELCOME granted 10 credits") && other.error.contains("choose another reference"));
    let few = credits(portal, &["spend", "acme", "11", "--reference", "JOB-1"]);
    assert_eq!(said(&few), (Some(1), "", "portico: Acme has 10 credits. Nothing was changed"));
    assert_eq!(credits(portal, &["spend", "acme", "10", "--reference", "JOB-1"]).code, Some(0));
    let nothing = credits(portal, &["reverse", "acme", "WELCOME"]);
    assert_eq!(said(&nothing), (Some(1), "", "portico: of the grant WELCOME nothing is left. Nothing was changed"));
    let unknown = credits(portal, &["reverse", "acme", "JOB-9"]);
    let sentence = "portico: Acme has no spend and no grant with the reference JOB-9";
    assert_eq!(said(&unknown), (Some(1), "", sentence));
    let nowhere = credits(portal, &["grant", "no-such-place", "10"]);
    assert_eq!(said(&nowhere), (Some(1), "", "portico: no Organization is called no-such-place in its addresses"));
    for day in ["2020-01-01", "9999-12-31"] {
        let refused = credits(portal, &["grant", "acme", "10", "--expires", day]);
        let sentence = format!("portico: {day} is over, or too far away: choose a day of the next hundred years");
        assert_eq!(said(&refused), (Some(1), "", sentence.as_str()));
    }
    assert_eq!(portal.amounts(), [10, -10]);
}

#[test]
fn what_cannot_be_meant_is_said_before_anything_is_done() {
    let portal = Portal::on_sqlite();
    for (arguments, words) in [
        (vec!["grant", "acme", "0"], "a whole number from 1 to 1000000000"),
        (vec!["grant", "acme", "-5"], "a whole number from 1 to 1000000000"),
        (vec!["grant", "acme", "1.5"], "a whole number from 1 to 1000000000"),
        (vec!["grant", "acme", "1000000000000"], "a whole number from 1 to 1000000000"),
        (vec!["grant", "acme", "5", "--expires", "tomorrow"], "--expires"),
        (vec!["grant", "acme", "5", "--reference", "two words"], "without spaces"),
        (vec!["grant", "acme", "5", "--note", "two\nlines"], "one line"),
        (vec!["spend", "acme", "5"], "--reference"),
    ] {
        let ended = credits(&portal, &arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.error.contains(words), "{arguments:?}: {ended:?}");
    }
    assert!(portal.amounts().is_empty());
}

#[test]
fn help_says_what_each_word_means() {
    for act in ["grant", "spend", "reverse"] {
        let ended = run(portico(["credits", act, "--help"]));
        assert_eq!(ended.code, Some(0));
        assert!(ended.output.contains("/organizations/NAME"), "{ended:?}");
    }
}
