//! The sign-up form: what it refuses, and that it keeps what was typed.

use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, is_signed_in, mail_count, post, sign_in, sign_up_fields, token_to, with};
use crate::count;
use crate::support::{Portal, on_both};

const TOO_COMMON: &str = "This password is among the first that attackers try. Choose another one.";
const PERSONAL: &str =
    "This password is little more than your name, your address or the name of this portal. Choose another one.";

/// Posts the form with one value changed; answers the message beside that field, empty when there is none.
fn refusal(portal: &Portal, field: &str, value: &str) -> String {
    let browser = portal.browser();
    let fields = with(&sign_up_fields(&browser, NINA), field, value);
    let answer = post(&browser, "/sign-up", &fields);
    let message = answer.html().text(&format!("#{field}-error"));
    assert_eq!(answer.status, if message.is_empty() { 200 } else { 422 }, "{field}: {}", answer.text());
    if !message.is_empty() {
        assert!(answer.html().has(&format!("[name={field}][aria-invalid=true]")), "{field} is marked");
        // There it must be understood without the field beside it.
        let end = message.strip_prefix("Use ").map_or(message.clone(), |rest| format!(": use {rest}"));
        assert!(
            answer.html().texts("[role=alert] li").iter().any(|line| line.ends_with(&end)),
            "{field} is in the summary"
        );
    }
    message
}

/// Signs up with a password, as somebody new each time; answers the message beside the password.
fn password_refusal(portal: &Portal, password: &str) -> String {
    let browser = portal.browser();
    let fields = sign_up_fields(&browser, &format!("person{}@example.com", mail_count(portal)));
    let answer = post(&browser, "/sign-up", &with(&fields, "password", password));
    assert!(!answer.body.contains(password), "a password is never sent back");
    let message = answer.html().text("#password-error");
    assert_eq!(answer.status, if message.is_empty() { 200 } else { 422 }, "{}", answer.text());
    message
}

#[apply(on_both)]
fn the_form_keeps_what_was_typed_but_never_the_password(#[case] portal: &Portal) {
    let browser = portal.browser();
    let typed = [
        ("first_name", "Nina <b>"),
        ("last_name", "New\"comer"),
        ("email", "not an address"),
        ("password", "an utterly private sentence"),
        ("country", "DE"),
        ("company", "Newcomers & Co"),
        ("terms", "true"),
        ("form_key", "the-key-of-this-form"),
    ];
    let answer = browser.post("/sign-up", &typed);
    assert_eq!(answer.status, 422);
    assert!(answer.html().text("title").starts_with("Error: "), "{}", answer.html().text("title"));
    let page = answer.html();
    for (field, value) in typed {
        match field {
            "password" => assert!(!answer.body.contains(value)),
            _ => assert_eq!(page.value(field), value, "{field}"),
        }
    }
    assert!(page.has("input[name=terms][checked]"));
    assert!(!answer.body.contains("<b>"), "what was typed is text, not markup");
    assert_eq!((mail_count(portal), count!(portal, sign_ups)), (0, 0));
}

#[apply(on_both)]
fn an_empty_form_has_a_message_for_each_field_that_is_needed(#[case] portal: &Portal) {
    let answer = portal.browser().post("/sign-up", &[]);
    assert_eq!(answer.status, 422);
    let expected = [
        ("first_name", "Enter your first name."),
        ("last_name", "Enter your last name."),
        ("email", "Enter an e-mail address."),
        ("password", "Use at least 12 characters."),
        ("country", "Choose your country."),
        ("terms", "Accept the terms to create an account."),
    ];
    let page = answer.html();
    for (field, message) in expected {
        assert_eq!(page.text(&format!("#{field}-error")), message);
    }
    assert!(!page.has("#company-error"), "the company is optional");
    assert_eq!(page.texts("[role=alert] li").len(), expected.len());
    assert_eq!(page.attributes("[role=alert] li a", "href"), expected.map(|(field, _)| format!("#{field}")));
}

#[apply(on_both)]
fn each_field_says_what_is_wrong_with_it(#[case] portal: &Portal) {
    let long = |count| "a".repeat(count);
    for (field, value, message) in [
        ("first_name", "   ".to_owned(), "Enter your first name."),
        ("first_name", long(101), "Use at most 100 characters."),
        ("last_name", "\t\r\n".to_owned(), "Enter your last name."),
        ("last_name", long(101), "Use at most 100 characters."),
        ("company", long(201), "Use at most 200 characters."),
        ("country", "XX".to_owned(), "Choose a country from the list."),
        ("country", "Switzerland".to_owned(), "Choose a country from the list."),
        ("email", "nina".to_owned(), "Enter an e-mail address like name@example.com."),
        ("email", "nina@localhost".to_owned(), "Enter an e-mail address like name@example.com."),
        ("email", "nina@example.com, olga@example.com".to_owned(), "Enter an e-mail address like name@example.com."),
        ("email", "Nina <nina@example.com>".to_owned(), "Enter an e-mail address like name@example.com."),
        (
            "email",
            "nina@example.com\r\nBcc: eve@example.com".to_owned(),
            "Enter an e-mail address like name@example.com.",
        ),
        ("email", format!("{}@example.com", long(250)), "Enter an e-mail address like name@example.com."),
        ("password", "short".to_owned(), "Use at least 12 characters."),
    ] {
        assert_eq!(refusal(portal, field, &value), message, "{field} = {value:?}");
    }
    assert_eq!(mail_count(portal), 0);
    for (field, value) in [("first_name", long(100)), ("company", long(200)), ("company", String::new())] {
        assert_eq!(refusal(portal, field, &value), "", "{field}");
    }
}

#[apply(on_both)]
fn without_the_terms_there_is_no_account(#[case] portal: &Portal) {
    let browser = portal.browser();
    let fields: Vec<_> = sign_up_fields(&browser, NINA).into_iter().filter(|(name, _)| *name != "terms").collect();
    let answer = post(&browser, "/sign-up", &fields);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.html().text("#terms-error"), "Accept the terms to create an account.");
    assert_eq!(mail_count(portal), 0);
}

#[apply(on_both)]
fn passwords_that_attackers_try_first_are_refused(#[case] portal: &Portal) {
    for common in [
        "1q2w3e4r5t6y",
        "PasswordPassword",
        "password1234",
        "aaaaaaaaaaaa",
        "121212121212",
        "Qwertyuiop123",
        "portico-demo-2026",
    ] {
        assert_eq!(password_refusal(portal, common), TOO_COMMON, "{common}");
    }
    assert_eq!(mail_count(portal), 0);
}

#[apply(on_both)]
fn a_password_that_is_the_own_name_or_address_is_refused(#[case] portal: &Portal) {
    for (email, password) in [
        ("nina.newcomer@example.com", "nina.newcomer@example.com"),
        ("nina.newcomer@example.com", "NINA.NEWCOMER@EXAMPLE.COM"),
        (NINA, "newcomernewcomer"),
        (NINA, "Newcomers Ltd"),
        (NINA, "Portico2026!!"),
    ] {
        let browser = portal.browser();
        let fields = with(&sign_up_fields(&browser, email), "password", password);
        let answer = post(&browser, "/sign-up", &fields);
        assert_eq!((answer.status, answer.html().text("#password-error").as_str()), (422, PERSONAL), "{password}");
    }
}

#[apply(on_both)]
fn the_length_of_a_password_counts_characters_below_and_bytes_above(#[case] portal: &Portal) {
    assert_eq!(password_refusal(portal, "elevenchars"), "Use at least 12 characters.");
    // Eleven characters in 33 bytes are still eleven.
    assert_eq!(
        password_refusal(portal, "日本語の長い合言葉ですね".chars().take(11).collect::<String>().as_str()),
        "Use at least 12 characters."
    );
    assert_eq!(password_refusal(portal, "twelve chäre"), "");
    assert_eq!(password_refusal(portal, "日本語の長い合言葉ですね"), "");
    let long: String =
        (0..).flat_map(|number: u32| number.to_string().into_bytes()).map(char::from).take(1_024).collect();
    assert_eq!(long.len(), 1_024);
    assert_eq!(password_refusal(portal, &long), "");
    assert_eq!(password_refusal(portal, &format!("{long}!")), "Use at most 1,024 bytes.");
    // 513 characters of two bytes each.
    let long = format!("üßöéäàçñøåúíóáîâêôû{}", "éàüö".repeat(124)).chars().take(512).collect::<String>();
    assert_eq!(password_refusal(portal, &long), "");
    assert_eq!(password_refusal(portal, &format!("{long}é")), "Use at most 1,024 bytes.");
}

#[apply(on_both)]
fn a_password_is_taken_byte_for_byte(#[case] portal: &Portal) {
    let exact = "  Grüße + 100 % „Ω“ 🔑 &=;\t ";
    let browser = portal.browser();
    assert_eq!(post(&browser, "/sign-up", &with(&sign_up_fields(&browser, NINA), "password", exact)).status, 200);
    let token = token_to(portal, NINA);
    let other = portal.browser();
    assert_eq!(other.post("/verify-email", &[("token", &token), ("password", exact.trim())]).status, 422);
    assert_eq!(other.post("/verify-email", &[("token", &token), ("password", exact)]).status, 303);

    let decomposed = exact.replace('ü', "u\u{308}");
    let different =
        [exact.trim(), exact.trim_start(), exact.trim_end(), &decomposed, &exact.to_lowercase(), &exact[1..]];
    for wrong in different {
        assert_eq!(sign_in(&portal.browser(), NINA, wrong).status, 422, "{wrong:?}");
    }
    let browser = portal.browser();
    assert_eq!(sign_in(&browser, NINA, exact).status, 303);
    assert!(is_signed_in(&browser));
}

#[apply(on_both)]
fn a_long_password_is_not_cut_short(#[case] portal: &Portal) {
    let long: String = format!("{CHOSEN} {}", "0123456789abcdef".repeat(64)).chars().take(1_024).collect();
    let browser = portal.browser();
    assert_eq!(post(&browser, "/sign-up", &with(&sign_up_fields(&browser, NINA), "password", &long)).status, 200);
    assert_eq!(browser.post("/verify-email", &[("token", &token_to(portal, NINA))]).status, 303);
    for wrong in [&long[..1_023], &long[..72], &format!("{long}0"), &format!("{}X", &long[..1_023])] {
        assert_eq!(sign_in(&portal.browser(), NINA, wrong).status, 422, "{} bytes", wrong.len());
    }
    assert_eq!(sign_in(&portal.browser(), NINA, &long).status, 303);
}

#[apply(on_both)]
fn what_cannot_be_read_is_refused_and_changes_nothing(#[case] portal: &Portal) {
    let browser = portal.browser();
    for (body, status) in [
        (b"first_name=Nina%00&email=nina%40example.com".to_vec(), 400),
        (b"first_name=%ff%fe&email=nina%40example.com".to_vec(), 400),
        (b"first_name=\xff\xfe".to_vec(), 400),
        (vec![b'a'; 70 * 1_024], 413),
    ] {
        let answer = browser.post_raw("/sign-up", body);
        assert_eq!(answer.status, status);
        assert!(!answer.html().text("h1").is_empty(), "with a page");
    }
    let headers = [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")];
    let body = format!(r#"{{"email":"{NINA}","password":"{CHOSEN}"}}"#).into_bytes();
    assert_eq!(browser.send(ureq::http::Method::POST, "/sign-up", &headers, body).status, 400);
    assert_eq!((mail_count(portal), count!(portal, sign_ups)), (0, 0));
}

#[apply(on_both)]
fn names_are_readable_and_carry_no_link(#[case] portal: &Portal) {
    const LINK: &str = "Leave out web addresses, and put a space behind a full stop.";
    for (name, message) in [
        ("Go to evil-login.com/x", LINK),
        ("зло.рф", LINK),
        ("\u{200b}\u{3164}\u{ad}\u{feff}", "Enter your first name."),
        ("!!!", "Use at least one letter or digit."),
        ("Dr. h.c. \u{202e}Nina\u{202c}", ""),
    ] {
        assert_eq!(refusal(portal, "first_name", name), message, "{name:?}");
    }
    let stored = crate::support::state::state(portal)["sign_ups"].concat();
    assert!(stored.contains("first_name='Dr. h.c. Nina'"), "{stored}");
    // Who confirms nothing is greeted by no name that a stranger chose.
    let mails = portal.mails_to(NINA);
    assert!(mails.iter().all(|mail| mail.text.starts_with("Hello,\n") && !mail.html.contains("Nina")), "{mails:?}");
}

#[apply(on_both)]
fn a_mailbox_has_one_account_however_its_domain_is_written(#[case] portal: &Portal) {
    let stored = "nina@xn--exmple-cua.net";
    super::sign_up(&portal.browser(), "Nina@Exämple.net");
    let verified =
        portal.browser().post("/verify-email", &[("token", &token_to(portal, stored)), ("password", CHOSEN)]);
    assert_eq!(verified.status, 303);
    for spelling in ["nina@exämple.net", "nina@ｅxämple.net", stored] {
        assert_eq!(sign_in(&portal.browser(), spelling, CHOSEN).status, 303, "{spelling}");
    }
    portal.later(chrono::Duration::hours(2));
    super::sign_up(&portal.browser(), "nina@ｅxämple.net");
    let mails = portal.mails_to(stored);
    assert!(mails.last().expect("a mail").subject.contains("already"), "{}", mails.last().expect("a mail").subject);
    assert_eq!(refusal(portal, "email", "nina@[192.0.2.1]"), "Enter an e-mail address like name@example.com.");
}
