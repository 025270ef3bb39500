//! How fields are read, and what they must hold.

use serde::{Deserialize, Deserializer};
use validator::ValidationError;

use crate::names::{has_domain, has_noncharacter, is_readable, visible};
use crate::web::choices::{Choice, label};

/// A single line: outer white space removed, line breaks and other control characters turned into spaces.
pub fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(single_line(&text))
}

pub fn single_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ").trim().to_owned()
}

/// A field that may come several times. `#[serde(flatten)]` hands on what came once as a text, and not as a list of one.
pub fn each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Values {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Values::deserialize(deserializer)? {
        Values::One(value) => vec![value],
        Values::Several(values) => values,
    })
}

/// The name of a person or an Organization, without what nobody can see.
pub fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(visible(&String::deserialize(deserializer)?))
}

/// An e-mail address as it is stored and compared.
pub fn email_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(normal_email(&String::deserialize(deserializer)?))
}

/// Without outer white space, lower-cased, and with the domain as mail servers know it: `Ada@EXÄMPLE.net` and
/// `ada@xn--exmple-cua.net` are one mailbox, and so one account, one invitation and one limit. What is no domain stays as it is.
pub fn normal_email(text: &str) -> String {
    let email = single_line(text).to_lowercase();
    let Some((local, domain)) = email.rsplit_once('@') else { return email };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => format!("{local}@{domain}"),
        Err(_) => email,
    }
}

/// Domains of e-mail addresses as they are stored and compared: each once, as mail servers know it, with spaces between them.
pub fn domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut domains: Vec<String> = Vec::new();
    for written in text.split(|sign: char| sign.is_whitespace() || sign.is_control() || ",;".contains(sign)) {
        let written = written.trim_start_matches('@').to_lowercase();
        let domain = idna::domain_to_ascii(&written).unwrap_or(written);
        if !domain.is_empty() && !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains.join(" "))
}

/// A checkbox: any value means ticked.
pub fn checkbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    String::deserialize(deserializer).map(|_| true)
}

/// The longest address that mail servers take, in bytes.
const EMAIL_BYTES: usize = 254;

/// Whether mail can be sent to `email`, once it is [`normal_email`]: the form that browsers accept, of the length that servers take.
/// The address of a machine in place of a domain (`ada@[192.0.2.1]`) names nobody's mailbox.
pub fn is_email(email: &str) -> bool {
    use validator::ValidateEmail;
    let is_domain = |domain: &str| {
        let last = domain.rsplit_once('.').map(|(_, last)| last);
        last.is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()))
            && idna::domain_to_ascii(domain).is_ok_and(|normal| normal == domain)
    };
    email.len() <= EMAIL_BYTES
        && email.validate_email()
        && email.split_once('@').is_some_and(|(_, domain)| !domain.starts_with('[') && is_domain(domain))
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

/// Domains that addresses can have.
pub fn valid_domains(domains: &str) -> Result<(), ValidationError> {
    if domains.is_empty() || domains.split(' ').all(|domain| is_email(&format!("a@{domain}"))) {
        return Ok(());
    }
    Err(invalid("Enter domains like example.com, with commas or spaces between them."))
}

/// For fields that must not be empty; the attribute gives the message.
pub fn given(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() { Err(ValidationError::new("required")) } else { Ok(()) }
}

/// Names stand in lists, and in mails to addresses that nobody has confirmed: they must be readable, and not carry a link there.
/// A slash alone makes none, and stands in many a company's name (`A/S`).
pub fn plain_name(text: &str) -> Result<(), ValidationError> {
    let folded = text.to_lowercase();
    if folded.contains("://") || folded.contains("www.") || has_domain(text) {
        return Err(invalid("Leave out web addresses, and put a space behind a full stop."));
    }
    if has_noncharacter(text) {
        return Err(invalid("Leave out what is no character of any script."));
    }
    if !text.is_empty() && !is_readable(text) {
        return Err(invalid("Use at least one letter or digit."));
    }
    Ok(())
}

/// The first name of somebody who has an account, or wants one.
pub fn first_name(text: &str) -> Result<(), ValidationError> {
    name_of_person(text, "Enter your first name.")
}

/// Their last name.
pub fn last_name(text: &str) -> Result<(), ValidationError> {
    name_of_person(text, "Enter your last name.")
}

fn name_of_person(text: &str, missing: &'static str) -> Result<(), ValidationError> {
    const MOST_CHARACTERS: usize = 100;
    given(text).map_err(|_| invalid(missing))?;
    if text.chars().count() > MOST_CHARACTERS {
        return Err(invalid("Use at most 100 characters."));
    }
    plain_name(text)
}

/// A country code of the list, or nothing.
pub fn known_country(code: &str) -> Result<(), ValidationError> {
    let is_known = code.is_empty() || crate::countries::country_name(code).is_some();
    if is_known { Ok(()) } else { Err(invalid("Choose a country from the list.")) }
}

/// A phone number as people write one anywhere, or nothing: what matters is that somebody can dial it.
pub fn phone_number(number: &str) -> Result<(), ValidationError> {
    const FEWEST_DIGITS: usize = 3;
    let is_dialled = |character: char| character.is_ascii_digit() || " +-./()#*,;x".contains(character);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if number.is_empty() || number.chars().all(is_dialled) && digits >= FEWEST_DIGITS {
        return Ok(());
    }
    Err(invalid("Enter a phone number like +41 21 555 01 00."))
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
        for name in ["https://evil.example", "go to WWW.x", "evil.example/x", "ftp://x", "a\u{10ffff}", "\u{fdd0}", "…"]
        {
            assert!(plain_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_phone_number_can_be_dialled() {
        for number in ["", "+41 21 555 01 00", "(021) 555-0100", "112", "555.0100 x12"] {
            assert!(phone_number(number).is_ok(), "{number}");
        }
        for number in ["call me", "+4 (0)", "021 555 01 00 <b>", "٠١٢٣"] {
            assert!(phone_number(number).is_err(), "{number}");
        }
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        let one = "a@xn--exmple-cua.net";
        for email in
            ["a@exämple.net", " A@EXÄMPLE.net ", "a@ex\u{61}\u{308}mple.net", "a@xn--exmple-cua.net", "a@ｅxämple.net"]
        {
            assert_eq!(normal_email(email), one, "{email}");
            assert!(is_email(&normal_email(email)), "{email}");
        }
        for (email, kept) in [("Ada", "ada"), ("a@[127.0.0.1]", "a@[127.0.0.1]"), ("", "")] {
            assert_eq!(normal_email(email), kept);
        }
        for email in [
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@example",
            "ö@example.com",
            "a@xn--a.example",
            "a@b@example.com",
        ] {
            assert!(!is_email(&normal_email(email)), "{email}");
        }
    }
}
