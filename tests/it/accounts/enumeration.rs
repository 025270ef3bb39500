//! Nobody learns whether an address has an account: the answers are the same in status, words and headers, after the same statements,
//! within about the same time.

use std::time::{Duration, Instant};

use rstest::rstest;
use rstest_reuse::apply;

use super::{OLGA, post, sign_up_fields, with};
use crate::database::Watched;
use crate::support::{Answer, Browser, Portal, on_both};

/// Has an account.
const KNOWN: &str = "manuel@example.com";
/// Has none, is as long, and stands between two that have one.
const UNKNOWN: &str = "mariel@example.com";

/// The forms that take an address.
const FORMS: [&str; 5] = ["/sign-in", "/sign-up", "/sign-up/again", "/forgot-password", "/account/security/email"];

/// A browser in which that form can be sent, and what it sends.
struct Asker {
    browser: Browser,
    fields: Vec<(&'static str, String)>,
}

impl Asker {
    fn new(portal: &Portal, form: &str) -> Self {
        let browser = if form.starts_with("/account") { portal.signed_in(OLGA) } else { portal.browser() };
        let mut fields = sign_up_fields(&portal.browser(), "somebody@example.com");
        if form == "/sign-in" {
            fields = with(&fields, "password", "not the right password");
        }
        Self { browser, fields }
    }

    fn ask(&self, form: &str, email: &str) -> Answer {
        post(&self.browser, form, &with(&self.fields, "email", email))
    }
}

/// What whoever asks sees, the address itself apart.
fn seen(asker: &Asker, answer: &Answer, email: &str) -> (u16, Vec<(String, String)>, String, String) {
    let (status, headers, body) = answer.comparable();
    // The page that a redirect leads to, with what it says.
    let next = if status == 303 { asker.browser.get(answer.location()).text() } else { String::new() };
    // In links it is encoded.
    let name = email.split('@').next().unwrap_or_default();
    (status, headers, body.replace(name, "ADDRESS"), next.replace(name, "ADDRESS"))
}

#[apply(on_both)]
fn the_answer_is_the_same_for_known_and_unknown_addresses(#[case] portal: &Portal) {
    for form in FORMS {
        let [known, unknown] = [KNOWN, UNKNOWN].map(|email| {
            let asker = Asker::new(portal, form);
            // Nothing that happened to the account before stands on the page that follows.
            let answer = asker.ask(form, email);
            assert!(matches!(answer.status, 200 | 303 | 422), "{form}: {} {}", answer.status, answer.text());
            let seen = seen(&asker, &answer, email);
            if form.starts_with("/account") {
                assert_eq!(asker.browser.post("/account/security/email/cancel", &[]).status, 303);
            }
            seen
        });
        assert_eq!((known.0, &known.1, &known.2), (unknown.0, &unknown.1, &unknown.2), "{form}");
        // The list of what happened grows with each try; what stands above it says how it went.
        let above = |text: &str| text.split("Where you are signed in").next().unwrap_or_default().to_owned();
        assert_eq!(above(&known.3), above(&unknown.3), "{form}");
        assert!(
            !form.starts_with("/account") || known.3.contains("We sent a message to ADDRESS@example.com."),
            "{}",
            known.3
        );
    }
}

#[apply(on_both)]
fn the_same_is_asked_of_the_database_for_both(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    for form in FORMS {
        let asker = Asker::new(&watched.portal, form);
        // The first one of a kind may count what later ones find.
        for email in ["first@example.com", OLGA.email().as_str(), "second@example.com"] {
            asker.ask(form, email);
        }
        let [known, unknown] = [KNOWN, UNKNOWN].map(|email| {
            watched.take();
            let answer = asker.ask(form, email);
            assert!(matches!(answer.status, 200 | 303 | 422), "{form}: {}", answer.status);
            watched.take()
        });
        assert_eq!(known, unknown, "{form}");
        assert!(!known.is_empty(), "{form}");
    }
}

/// The middle of many, asked in turns, so that what else the machine does hits both.
fn medians(portal: &Portal, form: &str, tries: usize) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..tries {
        for (times, email) in times.iter_mut().zip([KNOWN, UNKNOWN]) {
            let asker = Asker::new(portal, form);
            // Limits end meanwhile.
            portal.later(chrono::Duration::hours(1));
            let started = Instant::now();
            let answer = asker.ask(form, email);
            times.push(started.elapsed());
            assert!(matches!(answer.status, 200 | 422), "{form}, try {number}: {}", answer.status);
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

#[apply(on_both)]
fn it_takes_about_as_long_for_both(#[case] portal: &Portal) {
    for form in ["/sign-in", "/sign-up", "/forgot-password"] {
        let [known, unknown] = medians(portal, form, 15);
        let (shorter, longer) = (known.min(unknown), known.max(unknown));
        assert!(longer < shorter * 2 + Duration::from_millis(2), "{form}: {known:?} and {unknown:?}");
    }
}
