//! What is said of a password while it is typed.

use rstest::rstest;
use rstest_reuse::apply;
use serde_json::Value;

use super::{CHOSEN, OLGA};
use crate::support::{Browser, Database, Portal, on_both, on_each_database};

fn judged(browser: &Browser, fields: &[(&str, &str)]) -> (bool, String) {
    let answer = browser.post("/password-advice", fields);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let said: Value = serde_json::from_str(&answer.body).expect("JSON");
    (said["is_good"] == true, said["sentence"].as_str().expect("a sentence").to_owned())
}

#[apply(on_both)]
fn advice_is_what_the_form_would_say(#[case] portal: &Portal) {
    let browser = portal.browser();
    assert_eq!(judged(&browser, &[("password", CHOSEN)]), (true, "This password is good.".to_owned()));
    assert_eq!(judged(&browser, &[("password", "short")]), (false, "Use at least 12 characters.".to_owned()));
    let (is_good, sentence) = judged(&browser, &[("password", "monkeydragon1")]);
    assert!(!is_good && sentence.contains("Add another word or two."), "{sentence}");
    // By the names that stand in the form, and by those of whoever is signed in.
    let named = [("password", "annabell-towers"), ("first_name", "Annabell"), ("last_name", "Towers")];
    assert!(judged(&browser, &named).1.contains("little more than your name"));
    let own = [("password", "olga-tester-olga")];
    assert!(judged(&portal.signed_in(OLGA), &own).1.contains("little more than your name"));
}

#[apply(on_each_database)]
fn it_is_limited_for_a_network(#[case] database: Database) {
    use portico::rates::{Limit, Rate};
    let portal = database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::PasswordAdvice, Rate::new(3, 60));
    });
    let browser = portal.browser();
    for _ in 0..3 {
        judged(&browser, &[("password", CHOSEN)]);
    }
    assert_eq!(browser.post("/password-advice", &[("password", CHOSEN)]).status, 429);
}
