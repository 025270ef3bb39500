//! Guesses are limited.

use chrono::Duration;
use rstest::rstest;
use rstest_reuse::apply;

use super::{code, credits, look, validate};
use crate::support::{Persona, Portal, on_both};

const WRONG: &str = "ABCD-EFGH-JKLM-NPQR";

#[apply(on_both)]
fn after_ten_wrong_codes_not_even_the_right_one_is_taken_for_an_hour(#[case] portal: &Portal) {
    let right = code(portal, &credits(portal, 10));
    let browser = portal.signed_in(Persona::Manager);
    for _ in 0..5 {
        assert_eq!(look(&browser, WRONG).status, 422);
        assert_eq!(validate(&browser, WRONG).status, 422);
    }
    for answer in [look(&browser, WRONG), look(&browser, &right), validate(&browser, &right)] {
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("Retry-After"), "3600");
        assert!(answer.text().contains("Too many attempts."), "{}", answer.text());
    }
    // Somebody else of the Organization has tries of their own.
    assert_eq!(look(&portal.signed_in(Persona::Owner), WRONG).status, 422);
    portal.later(Duration::hours(1));
    assert_eq!(validate(&browser, &right).status, 303);
}

#[apply(on_both)]
fn right_codes_do_not_count(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Manager);
    for _ in 0..12 {
        let code = code(portal, &credits(portal, 1));
        assert_eq!(look(&browser, &code).status, 200);
        assert_eq!(validate(&browser, &code).status, 303);
        assert_eq!(validate(&browser, &code).status, 409);
    }
}

/// Others behind the same address must not keep somebody from a code that is right.
#[apply(on_both)]
fn what_a_network_has_guessed_keeps_nobody_from_a_right_code(#[case] portal: &Portal) {
    let right = code(portal, &credits(portal, 10));
    for number in 0..6 {
        let email = format!("guesser-{number}@example.com");
        portal.add_person(&email, portico::access::Role::Manager);
        let browser = portal.signed_in_as(&email);
        for _ in 0..10 {
            assert_eq!(look(&browser, WRONG).status, 422);
        }
    }
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(look(&manager, WRONG).status, 429, "the guesses of the network are used up");
    assert_eq!(look(&manager, &right).status, 200);
    // A guess that is refused for the network counts for the account, too.
    for _ in 0..9 {
        assert_eq!(look(&manager, WRONG).status, 429);
    }
    assert_eq!(validate(&manager, &right).status, 429);
    assert_eq!(validate(&portal.signed_in(Persona::Owner), &right).status, 303);
}
