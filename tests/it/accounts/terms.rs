//! What whoever creates an account accepts can be read, or is not asked for.

use portico::access::Role;
use portico::config::LegalPages;
use rstest::rstest;
use rstest_reuse::apply;

use super::{NINA, post, sign_up_fields};
use crate::support::{Browser, Database, Html, Persona, invite, on_each_database};

const QUESTION: &str = "I accept the terms of use and the privacy notice";

/// The links of the question, and the page with them.
fn links(page: &Html) -> Vec<String> {
    page.attributes("label:has(#terms) a", "href")
}

/// A form that is filled in well, but for the question.
fn unasked(browser: &Browser) -> Vec<(&'static str, String)> {
    sign_up_fields(browser, NINA).into_iter().filter(|(name, _)| *name != "terms").collect()
}

#[apply(on_each_database)]
fn both_forms_lead_to_what_is_accepted(#[case] database: Database) {
    let portal = database.portal_with(|_| {});
    invite(&portal.signed_in(Persona::Owner), NINA, Role::Reader);
    for path in ["/sign-up".to_owned(), portal.link_to(NINA)] {
        let page = portal.browser().get(&path);
        assert!(page.text().contains(QUESTION), "{path}");
        assert_eq!(links(&page.html()), ["/dev/terms", "/dev/privacy"]);
    }
    for (path, title) in [("/dev/terms", "Terms of use"), ("/dev/privacy", "Privacy notice")] {
        assert_eq!(portal.browser().get(path).html().text("h1"), title);
    }
    let browser = portal.browser();
    let answer = post(&browser, "/sign-up", &unasked(&browser));
    assert_eq!(
        (answer.status, answer.html().text("#terms-error").as_str()),
        (422, "Accept the terms to create an account.")
    );
}

#[apply(on_each_database)]
fn one_page_alone_is_named_alone(#[case] database: Database) {
    let privacy = Some("https://www.example.com/privacy".to_owned());
    let portal = database.portal_with(|config| config.legal = LegalPages { terms: None, privacy });
    let page = portal.browser().get("/sign-up");
    assert!(page.text().contains("I accept the privacy notice"), "{}", page.text());
    assert_eq!(links(&page.html()), ["https://www.example.com/privacy"]);
}

#[apply(on_each_database)]
fn nobody_accepts_what_cannot_be_read(#[case] database: Database) {
    let portal = database.portal_with(|config| config.legal = LegalPages::default());
    let browser = portal.browser();
    assert!(!browser.get("/sign-up").text().contains("I accept"));
    let answer = post(&browser, "/sign-up", &unasked(&browser));
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Check your inbox"));
}
