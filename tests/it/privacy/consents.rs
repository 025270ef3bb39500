//! Consents: chosen, withdrawn, kept, shown, and taken as a list by an operator.

use std::fs;

use chrono::Duration;
use portico::privacy::kind::{Kind, WORDING};
use rstest::rstest;
use rstest_reuse::apply;
use strum::IntoEnumIterator;

use crate::support::{
    Answer, Browser, Html, Persona, Portal, on_both,
    process::{Ended, portico, run},
};

const PAGE: &str = "/account/privacy";
const EDIT: &str = "/account/privacy/edit";

/// The form as a page shows it, with these boxes ticked and no other.
fn post(browser: &Browser, page: &Html, ticked: &[&str]) -> Answer {
    let seen: Vec<(String, String)> =
        Kind::iter().map(|kind| format!("seen_{}", kind.key())).map(|name| (name.clone(), page.value(&name))).collect();
    let mut fields: Vec<(&str, &str)> = seen.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(ticked.iter().map(|name| (*name, "true")));
    browser.post(EDIT, &fields)
}

fn choose(browser: &Browser, ticked: &[&str]) -> Answer {
    post(browser, &browser.get(EDIT).html(), ticked)
}

fn ticked(browser: &Browser) -> Vec<String> {
    browser.get(EDIT).html().attributes("input[type=checkbox][checked]", "name")
}

fn export(portal: &Portal, kind: &str) -> Ended {
    let mut command = portico(["consents", "export", kind]);
    command.env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    run(command)
}

#[apply(on_both)]
fn each_choice_is_kept_with_its_moment_and_nothing_is_allowed_before(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.get("/account/details").html().attributes("a[href='/account/privacy']", "href").len(), 1);
    let page = reader.get(PAGE);
    assert!(page.html().text("main").matches("Not allowed").count() == 6 && !page.text().contains("History of your"));
    assert_eq!(ticked(&reader), Vec::<String>::new());

    let recorded = portal.recorded(|| {
        let answer = choose(&reader, &["product_news", "diagnostics"]);
        assert_eq!((answer.status, answer.location()), (303, PAGE), "{}", answer.text());
        assert!(reader.follow(answer).text().contains("Your choices are saved."));
    });
    let actions: Vec<_> = recorded.iter().map(|row| (row.action.as_str(), row.after.as_str())).collect();
    let given = "account.consent.given";
    assert_eq!(actions, [(given, r#"{"consent":"Product news"}"#), (given, r#"{"consent":"Diagnostics"}"#)]);
    assert_eq!(ticked(&reader), ["product_news", "diagnostics"]);
    portal.later(Duration::days(3));
    assert_eq!(portal.recorded_actions(|| drop(choose(&reader, &["diagnostics"]))), ["account.consent.withdrawn"]);

    let page = reader.get(PAGE).html();
    let rows = page.texts("#history li");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[0].contains("Product news: withdrawn") && rows[0].contains("26 November 2026"), "{rows:?}");
    assert!(rows[2].contains("Product news: allowed") && rows[2].contains("23 November 2026"), "{rows:?}");
    let now = page.texts("main section:first-of-type li");
    assert!(now[0].contains("Not allowed since 26 November 2026"), "{now:?}");
    assert!(now[5].contains("Allowed since 23 November 2026") && !now[1].contains("since"), "{now:?}");
    assert!(reader.get("/account/security/events").text().contains("You withdrew the consent to Product news"));
    // Nobody else's page shows any of it.
    assert!(portal.signed_in(Persona::Editor).get(PAGE).html().text("main").matches("Not allowed").count() == 6);
}

#[apply(on_both)]
fn only_what_a_form_changes_is_chosen_by_it(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    assert_eq!(choose(&member, &["surveys"]).status, 303);
    // Another tab shows the page of before, and its form ticks one more.
    let old = member.get(EDIT).html();
    assert_eq!(choose(&member, &[]).status, 303);
    assert_eq!(post(&member, &old, &["surveys", "webinars"]).status, 303);
    assert_eq!(ticked(&member), ["webinars"]);
    // The same form again chooses nothing anew.
    let nothing = portal.recorded_actions(|| {
        assert!(member.follow(post(&member, &old, &["surveys", "webinars"])).text().contains("Nothing was changed."));
    });
    assert_eq!(nothing, Vec::<String>::new());
    for broken in [&[][..], &[("product_news", "true")], &[("seen_product_news", "maybe")]] {
        assert_eq!(member.post(EDIT, broken).status, 422, "{broken:?}");
    }
    assert_eq!(ticked(&member), ["webinars"]);
}

#[apply(on_both)]
fn a_long_history_is_read_page_by_page(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    for number in 0..25 {
        choose(&member, if number % 2 == 0 { &["training"][..] } else { &[] });
    }
    let first = member.get(PAGE).html();
    assert_eq!(first.texts("#history li").len(), 20);
    let next = first.attributes("#history a[rel=next]", "href").remove(0);
    let second = member.get(&next).html();
    assert_eq!(second.texts("#history li").len(), 5);
    let back = second.attributes("#history a[rel=prev]", "href").remove(0);
    assert_eq!(member.get(&back).html().texts("#history li").len(), 20);
    assert_eq!(member.get(&format!("{PAGE}?after=nonsense")).html().texts("#history li").len(), 20);
}

#[apply(on_both)]
fn an_operator_takes_the_list_of_who_agrees_now(#[case] portal: &Portal) {
    let (reader, editor, member) =
        (portal.signed_in(Persona::Reader), portal.signed_in(Persona::Editor), portal.signed_in(Persona::Member));
    for browser in [&reader, &editor, &member] {
        assert_eq!(choose(browser, &["product_news"]).status, 303);
    }
    assert_eq!(choose(&editor, &["analytics"]).status, 303);
    let suspended = portico(["user", "suspend", "milo@example.com"])
        .env("PORTICO_DATABASE_URL", portal.app.db.url().to_string())
        .status()
        .expect("it runs");
    assert!(suspended.success());
    let recorded = portal.recorded(|| {
        let ended = export(portal, "product_news");
        assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));
        let lines: Vec<&str> = ended.output.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], "email,first_name,last_name,since,wording");
        assert!(lines[1].starts_with("rita@example.com,Rita,Tester,2026-11-23T"), "{lines:?}");
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.after.as_str()), ("consents.exported", r#"{"count":1}"#));
    assert_eq!(export(portal, "surveys").output.lines().count(), 1);
    let unknown = export(portal, "gossip");
    assert!(unknown.code == Some(2) && unknown.error.contains("product_news"), "{}", unknown.error);
}

#[test]
fn the_words_that_people_agree_to_are_documented_and_change_with_their_version() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/privacy.md")).expect("it is there");
    for kind in Kind::iter() {
        let line = format!("| {WORDING} | `{}` | {}: {} |\n", kind.key(), kind.label(), kind.about());
        assert!(text.contains(&line), "docs/privacy.md lacks this line: add it, with another WORDING.\n{line}");
    }
}
