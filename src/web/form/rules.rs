//! How fields are read, and what they must hold.

use serde::{Deserialize, Deserializer};
use validator::ValidationError;

use crate::names::has_noncharacter;
use crate::web::choices::{Choice, label};

/// A single line: outer white space removed, line breaks and other control characters turned into spaces.
pub fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(single_line(&text))
}

pub fn single_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ").trim().to_owned()
}

/// An e-mail address as it is stored and compared: without outer white space, lower-cased.
pub fn email_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(normal_email(&String::deserialize(deserializer)?))
}

pub fn normal_email(text: &str) -> String {
    single_line(text).to_lowercase()
}

/// A checkbox: any value means ticked.
pub fn checkbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    String::deserialize(deserializer).map(|_| true)
}

/// The longest address that mail servers take, in bytes.
const EMAIL_BYTES: usize = 254;

/// Whether mail can be sent to `email`: the form that browsers accept, of the length that servers take.
pub fn is_email(email: &str) -> bool {
    use validator::ValidateEmail;
    email.len() <= EMAIL_BYTES
        && email.validate_email()
        && email.split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
        && email.parse::<lettre::Address>().is_ok()
}

fn invalid(message: &'static str) -> ValidationError {
    ValidationError::new("invalid").with_message(message.into())
}

pub fn valid_email(email: &str) -> Result<(), ValidationError> {
    match email {
        "" => Err(invalid("Enter an e-mail address.")),
        email if is_email(email) => Ok(()),
        _ => Err(invalid("Enter an e-mail address like name@example.com.")),
    }
}

/// For fields that must not be empty; the attribute gives the message.
pub fn given(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() { Err(ValidationError::new("required")) } else { Ok(()) }
}

/// Names stand in lists, and in mails to addresses that nobody has confirmed: they must be readable, and not carry a link there.
pub fn plain_name(text: &str) -> Result<(), ValidationError> {
    let folded = text.to_lowercase();
    if folded.contains("://") || folded.contains("www.") {
        return Err(invalid("Leave out web addresses."));
    }
    if has_noncharacter(text) {
        return Err(invalid("Leave out what is no character of any script."));
    }
    Ok(())
}

/// A country code of the list, or nothing.
pub fn known_country(code: &str) -> Result<(), ValidationError> {
    let is_known = code.is_empty() || crate::web::countries::country_name(code).is_some();
    if is_known { Ok(()) } else { Err(invalid("Choose a country from the list.")) }
}

/// A web address, or nothing.
pub fn web_address(url: &str) -> Result<(), ValidationError> {
    let is_web =
        |url: url::Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|h| h.contains('.'));
    if url.is_empty() || url::Url::parse(url).is_ok_and(is_web) {
        return Ok(());
    }
    Err(invalid("Enter a web address like https://www.example.com."))
}

/// A key of a closed list, or nothing.
pub fn known_choice(choices: &[Choice], key: &str) -> Result<(), ValidationError> {
    let is_known = key.is_empty() || label(choices, key).is_some();
    if is_known { Ok(()) } else { Err(invalid("Choose one of the list.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_web_address_and_holds_only_characters() {
        for name in ["Ada", "Acme Inc.", "O’Sullivan", "株式会社", "Dr. h.c. Müller-Lüdenscheidt", ""] {
            assert!(plain_name(name).is_ok(), "{name}");
        }
        for name in ["https://evil.example", "go to WWW.evil.example", "ftp://x", "a\u{10ffff}", "\u{fdd0}"] {
            assert!(plain_name(name).is_err(), "{name}");
        }
    }
}
