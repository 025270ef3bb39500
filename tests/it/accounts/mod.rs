//! Signing up, confirming the address, signing in and out, choosing a new password, and what is limited about all that.

mod confirming;
mod email_change;
mod enumeration;
pub mod home;
mod kept_forms;
mod known_browser;
mod limits;
mod new_browser;
mod passkey_confirming;
mod passkey_second_step;
mod passkey_sign_in;
pub mod passkeys;
mod password_advice;
mod password_change;
mod reset;
mod secrecy;
mod send_again;
mod session_list;
mod sessions;
mod sign_in;
mod sign_up;
mod sign_up_form;
mod stolen_session;
mod terms;
pub mod two_factor;
mod two_factor_limits;
mod verification;
use crate::support::{Answer, Browser, Persona, Portal, mails};

/// Somebody without an account.
pub const NINA: &str = "nina@example.com";
/// The password that somebody new chooses.
pub const CHOSEN: &str = "seven lanterns by the sea";

/// The fields of a sign-up form that is filled in well, with the key of a page opened just now.
pub fn sign_up_fields(browser: &Browser, email: &str) -> Vec<(&'static str, String)> {
    let page = browser.get("/sign-up");
    assert_eq!(page.status, 200);
    let form_key = page.html().value("form_key");
    assert!(!form_key.is_empty(), "each form has a key of its own");
    vec![
        ("first_name", "Nina".to_owned()),
        ("last_name", "Newcomer".to_owned()),
        ("email", email.to_owned()),
        ("password", CHOSEN.to_owned()),
        ("country", "CH".to_owned()),
        ("company", "Newcomers Ltd".to_owned()),
        ("terms", "true".to_owned()),
        ("form_key", form_key),
    ]
}

/// The same fields with another value for one of them.
pub fn with(fields: &[(&'static str, String)], name: &str, value: &str) -> Vec<(&'static str, String)> {
    let change = |(field, old): &(&'static str, String)| {
        let new = if *field == name { value.to_owned() } else { old.clone() };
        (*field, new)
    };
    fields.iter().map(change).collect()
}

pub fn post(browser: &Browser, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, &fields)
}

/// Signs up through the form.
pub fn sign_up(browser: &Browser, email: &str) -> Answer {
    let answer = post(browser, "/sign-up", &sign_up_fields(browser, email));
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Check your inbox"), "{email}");
    answer
}

/// The secret in the newest link mailed to an address. Tests move the clock between two mails to one address.
pub fn token_to(portal: &Portal, email: &str) -> String {
    let link = portal.link_to(email);
    let (_, token) = link.split_once("token=").unwrap_or_else(|| panic!("no token in {link}"));
    assert_eq!(token.len(), 43, "32 bytes");
    token.to_owned()
}

/// Asks for a reset link and answers its secret.
pub fn reset_token(portal: &Portal, email: &str) -> String {
    portal.later(chrono::Duration::seconds(1));
    let answer = portal.browser().post("/forgot-password", &[("email", email)]);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Check your inbox"));
    assert!(portal.link_to(email).starts_with("/reset-password?token="));
    token_to(portal, email)
}

pub fn sign_in(browser: &Browser, email: &str, password: &str) -> Answer {
    browser.post("/sign-in", &[("email", email), ("password", password)])
}

/// Whether the browser is signed in now.
pub fn is_signed_in(browser: &Browser) -> bool {
    let home = browser.get("/home");
    match home.status {
        200 => true,
        303 => {
            assert_eq!(home.location(), "/sign-in");
            false
        }
        other => panic!("/home answers {other}"),
    }
}

/// How many rows a table has.
#[macro_export]
macro_rules! count {
    ($portal:expr, $table:ident) => {{
        use diesel::prelude::*;
        $portal
            .app
            .db
            .read::<i64, portico::db::DbError>(|connection| {
                Ok(portico::schema::$table::table.count().get_result(connection)?)
            })
            .expect("the rows are counted")
    }};
}

/// How many mails there are, to anybody.
pub fn mail_count(portal: &Portal) -> usize {
    mails(&portal.app).len()
}

/// The persona that most tests here use.
pub const OLGA: Persona = Persona::Owner;
