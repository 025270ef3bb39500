//! Signing in: who gets in, what the others are told, and where it leads.

use rstest::rstest;
use rstest_reuse::apply;
use url::Url;

use super::{NINA, OLGA, is_signed_in, sign_in};
use crate::count;
use crate::support::{Database, PASSWORD, Portal, on_both, on_each_database};

const WRONG: &str = "The e-mail address or the password is not right, or the address is not confirmed yet";

/// Addresses that lead elsewhere, or would in some browser. `{…}` are control characters.
const ELSEWHERE: &[&str] = &[
    "https://evil.example",
    "http://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "//evil.example",
    "//evil.example/home",
    "///evil.example",
    "////evil.example",
    "/////evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "/\\\\evil.example",
    "/\\\\/evil.example",
    "//\\evil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "%2f%2fevil.example",
    "%2F%2Fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%5c%5cevil.example",
    "%5c%5cevil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/%00/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u{b}//evil.example",
    "\u{c}//evil.example",
    "/ /evil.example",
    "/\u{a0}/evil.example",
    "/\u{2028}/evil.example",
    "\u{feff}//evil.example",
    "/\u{200b}/evil.example",
    "／／evil.example",
    "/／evil.example",
    "〱evil.example",
    "/%ef%bc%8f/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/./\\evil.example",
    "/home/..//evil.example",
    "/%2e/%2fevil.example",
    "/%2e%2e//evil.example",
    "./\\evil.example",
    "..//evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "%6aavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://evil.example",
    "mailto:eve@evil.example",
    "blob:https://evil.example/1",
    "view-source:https://evil.example",
    "@evil.example",
    ":80@evil.example",
    ".evil.example",
    "evil.example",
    "www.evil.example/home",
    "user:password@evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/home?to=//evil.example",
    "/home#//evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:80.evil.example",
    "/sign-out",
    "/sign-in?next=//evil.example",
];

/// Where a browser that gets this location at the portal ends up.
fn resolved(portal: &Portal, location: &str) -> Url {
    Url::parse(&portal.url).and_then(|base| base.join(location)).unwrap_or_else(|error| panic!("{location}: {error}"))
}

/// A refused attempt as a page that can be compared: without the address that was typed.
fn refused(portal: &Portal, email: &str, password: &str) -> (u16, Vec<(String, String)>, String) {
    let answer = sign_in(&portal.browser(), email, password);
    let (status, headers, body) = answer.comparable();
    assert!(body.contains(email), "the form keeps the address");
    assert!(password.is_empty() || !body.contains(password), "a password is never sent back");
    (status, headers, body.replace(email, "ADDRESS").replace(&email.replace('@', "%40"), "ADDRESS"))
}

#[apply(on_both)]
fn the_right_password_leads_home(#[case] portal: &Portal) {
    let browser = portal.browser();
    let page = browser.get("/sign-in");
    assert!(page.html().has_button("Sign in") && page.html().has_button("Create an account"));
    assert!(page.html().has_button("Forgot password?"));
    let answer = sign_in(&browser, &OLGA.email(), PASSWORD);
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    let home = browser.get("/home");
    assert_eq!((home.status, home.html().text("h1").as_str()), (200, "Home"));
    assert!(home.text().contains("olga@example.com"));
}

#[apply(on_both)]
fn the_address_may_be_written_in_any_letters(#[case] portal: &Portal) {
    assert_eq!(sign_in(&portal.browser(), "  OLGA@Example.com ", PASSWORD).status, 303);
}

#[apply(on_both)]
fn a_wrong_password_and_an_unknown_address_have_the_same_answer(#[case] portal: &Portal) {
    // Equally long addresses, so that not even the length of the answer may differ.
    let wrong = refused(portal, "olga@example.com", "not the right password");
    let unknown = refused(portal, "olaf@example.com", "not the right password");
    assert_eq!(wrong.0, 422);
    assert!(wrong.2.contains(WRONG));
    assert_eq!(wrong, unknown);
    let overlong = "p".repeat(1_025);
    assert_eq!(refused(portal, "olga@example.com", &overlong), refused(portal, "olaf@example.com", &overlong));
    assert_eq!(refused(portal, "olga@example.com", &PASSWORD.to_uppercase()), wrong);
    assert_eq!(refused(portal, "olga@example.com", &format!("{PASSWORD} ")), wrong);
    assert_eq!(count!(portal, user_sessions), 0);
}

#[apply(on_both)]
fn each_attempt_checks_one_password_whether_the_address_has_an_account_or_not(#[case] portal: &Portal) {
    for email in ["olga@example.com", "nobody@example.com", "not an address", "olga@example.com"] {
        let before = portal.app.passwords.checked();
        assert_eq!(sign_in(&portal.browser(), email, "not the right password").status, 422);
        assert_eq!(portal.app.passwords.checked(), before + 1, "{email}");
    }
    let overlong = "p".repeat(1_025);
    for email in ["olga@example.com", "nobody@example.com"] {
        let before = portal.app.passwords.checked();
        assert_eq!(sign_in(&portal.browser(), email, &overlong).status, 422);
        assert_eq!(portal.app.passwords.checked(), before, "none for either: no account has such a password");
    }
}

#[apply(on_both)]
fn empty_fields_have_their_own_messages(#[case] portal: &Portal) {
    let answer = portal.browser().post("/sign-in", &[("next", "/home")]);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.html().text("#email-error"), "Enter your e-mail address.");
    assert_eq!(answer.html().text("#password-error"), "Enter your password.");
}

#[apply(on_both)]
fn a_link_can_fill_in_the_address_but_not_the_password(#[case] portal: &Portal) {
    let page = portal.browser().get("/sign-in?email=nina%40example.com&password=a+secret+in+a+link");
    assert_eq!(page.html().attributes("#email", "value"), [NINA]);
    assert!(!page.body.contains("a secret in a link"));
}

#[apply(on_both)]
fn signing_in_leads_to_the_page_that_was_asked_for(#[case] portal: &Portal) {
    for path in [
        "/organizations/acme",
        "/organizations/acme/people?search=ed&role=editor",
        "/invitations/abc-DEF_123",
        "/organizations/new",
    ] {
        let browser = portal.browser();
        let answer = browser.post("/sign-in", &[("email", "olga@example.com"), ("password", PASSWORD), ("next", path)]);
        assert_eq!((answer.status, answer.location()), (303, path));
    }
}

#[apply(on_both)]
fn a_page_that_needs_signing_in_is_opened_afterwards(#[case] portal: &Portal) {
    let path = "/organizations/acme/people?search=m%C3%BCller&status=active";
    let browser = portal.browser();
    let sent_away = browser.get(path);
    assert_eq!(sent_away.status, 303);
    assert!(sent_away.location().starts_with("/sign-in?next="));
    let form = browser.get(sent_away.location());
    let next = form.html().attributes("form[action='/sign-in'] input[name=next]", "value").swap_remove(0);
    assert_eq!(next, path);
    // A slip in between does not lose the way.
    let again =
        browser.post("/sign-in", &[("email", "olga@example.com"), ("password", "oh dear, wrong"), ("next", &next)]);
    let next = again.html().attributes("form[action='/sign-in'] input[name=next]", "value").swap_remove(0);
    let answer = browser.post("/sign-in", &[("email", "olga@example.com"), ("password", PASSWORD), ("next", &next)]);
    assert_eq!((answer.status, answer.location()), (303, path));
    assert_eq!(browser.get(answer.location()).status, 200);
}

#[apply(on_both)]
fn no_next_leads_off_the_site(#[case] portal: &Portal) {
    assert!(ELSEWHERE.len() >= 60);
    let own = Url::parse(&portal.url).expect("an address").origin();
    let signed_in = portal.browser();
    for next in ELSEWHERE {
        let answer =
            signed_in.post("/sign-in", &[("email", "olga@example.com"), ("password", PASSWORD), ("next", next)]);
        assert_eq!(answer.status, 303, "{next:?}");
        let location = answer.location();
        assert!(location.starts_with('/') && location.is_ascii(), "{next:?} leads to {location:?}");
        assert!(!location[1..].starts_with(['/', '\\']), "{next:?} leads to {location:?}");
        assert_eq!(resolved(portal, location).origin(), own, "{next:?} leads to {location:?}");
        assert!(!location.starts_with("/sign-"), "{next:?} leads to {location:?}");

        // Somebody who is signed in already is led on by the page itself.
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let page = signed_in.get(&format!("/sign-in?{query}"));
        assert_eq!((page.status, page.location()), (303, location), "{next:?}");
    }
}

#[apply(on_both)]
fn the_demo_accounts_are_offered_only_in_the_demo(#[case] portal: &Portal) {
    let page = portal.browser().get("/sign-in");
    assert!(page.html().has_button("Continue as Owner"));
    assert!(page.html().has("input[name=email][value='owner@example.com']"));
}

#[apply(on_each_database)]
fn outside_the_demo_no_account_and_no_mailbox_is_offered(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut portico::config::Config| config.demo = false);
    let browser = portal.browser();
    let page = browser.get("/sign-in");
    assert!(!page.body.contains("Continue as") && !page.body.contains(portico::demo_accounts::DEMO_PASSWORD));
    assert!(!page.body.contains("/dev/mailbox"));
    assert_eq!(browser.get("/dev/mailbox").status, 404);
    assert!(!is_signed_in(&browser));
}

/// Somebody else's passwords are being checked all the time.
#[test]
fn who_gets_no_turn_within_three_seconds_is_told_to_come_back() {
    let portal = Portal::on_sqlite();
    let app = portal.app.clone();
    let turn =
        actix_web::rt::System::new().block_on(app.passwords.turn("somewhere else")).expect("nobody else is there");
    let answer = sign_in(&portal.browser(), &OLGA.email(), PASSWORD);
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert!(answer.text().contains("Busy for a moment"), "{}", answer.text());
    assert_eq!(portal.browser().get("/sign-in").status, 200, "pages are served meanwhile");
    drop(turn);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303, "the try did not count");
}

/// It comes back as a header, and proxies answer 502 for one of 60 KB.
#[apply(on_both)]
fn an_endless_place_to_come_back_to_is_forgotten(#[case] portal: &Portal) {
    let long = format!("/organizations/acme?x={}", "y".repeat(3_000));
    assert_eq!(portal.browser().get(&long).location(), "/sign-in");
    let form = [("email", "olga@example.com"), ("password", PASSWORD), ("next", long.as_str())];
    assert_eq!(portal.browser().post("/sign-in", &form).location(), "/home");
    let short = "/organizations/acme?x=y";
    assert!(portal.browser().get(short).location().starts_with("/sign-in?next="));
}
