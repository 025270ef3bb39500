//! Why a mail is not delivered: what concerns the mail itself, kept apart from what concerns this installation and its server.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

use crate::stored::stored_as_text;

/// Why a mail was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Undeliverable {
    /// There is no such mailbox, or no such domain.
    NoMailbox,
    /// The mailbox is full or switched off.
    MailboxClosed,
    /// The mail was refused for another reason, such as a filter.
    Refused,
    /// No server took it for days.
    Unreachable,
    /// An operator dropped it.
    Dropped,
}

stored_as_text!(Undeliverable);

/// What stood in the way of a mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// With the server, or with this installation's right to send through it. Every mail has it, so none is given up for it.
    Server(String),
    /// With this mail, says the server.
    Mail(Undeliverable, String),
}

/// What was asked for when the server refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, signing in, naming the sender.
    Before,
    Recipient,
    Content,
}

impl Trouble {
    /// What a permanent refusal (5xx) means. `text` is the server's answer.
    pub(super) fn refused(stage: Stage, code: u16, text: String) -> Self {
        let status = enhanced_status(&text);
        let is_about_this_installation = stage == Stage::Before
            // Signing in is demanded, or the command is not known or not in order (RFC 5321 4.2.3, RFC 4954).
            || matches!(code, 500..=504 | 521 | 530..=538)
            // Security and policy (RFC 3463 3.8): relaying, and who may send. A filter says so of contents, too.
            || (stage == Stage::Recipient && status.is_some_and(|(subject, _)| subject == 7))
            || (stage == Stage::Recipient && text.to_ascii_lowercase().contains("relay"));
        if is_about_this_installation {
            return Self::Server(text);
        }
        let reason = match (stage, status) {
            (Stage::Recipient, Some((1, _))) => Undeliverable::NoMailbox,
            (_, Some((2, 1 | 2))) => Undeliverable::MailboxClosed,
            (Stage::Recipient, None) if matches!(code, 550 | 551 | 553) => Undeliverable::NoMailbox,
            (Stage::Recipient, _) if code == 552 => Undeliverable::MailboxClosed,
            _ => Undeliverable::Refused,
        };
        Self::Mail(reason, text)
    }
}

/// Subject and detail of an enhanced status code such as `5.1.1` (RFC 3463).
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    text.split(|character: char| !(character.is_ascii_digit() || character == '.')).find_map(|word| {
        let mut parts = word.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        (class == "5" && parts.next().is_none()).then_some(())?;
        Some((subject.parse().ok()?, detail.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_the_mail_are_told_from_those_of_the_installation() {
        use Stage::{Before, Content, Recipient};
        use Undeliverable::{MailboxClosed, NoMailbox, Refused};
        for (stage, code, text, expected) in [
            (Recipient, 550, "550 5.1.1 unknown", Some(NoMailbox)),
            (Recipient, 550, "550 no such user", Some(NoMailbox)),
            (Recipient, 552, "552 5.2.2 over quota", Some(MailboxClosed)),
            (Recipient, 554, "554 5.7.1 <a@b.ch>: Relay access denied", None),
            (Recipient, 550, "550 relaying to b.ch prohibited", None),
            (Recipient, 550, "550 5.7.60 client does not have permissions to send as this sender", None),
            (Recipient, 530, "530 5.7.0 authentication required", None),
            (Before, 553, "553 5.7.1 sender address rejected", None),
            (Before, 550, "550 not here", None),
            (Content, 554, "554 5.7.1 looks like spam", Some(Refused)),
            (Content, 552, "552 5.3.4 too large", Some(Refused)),
            (Content, 503, "503 out of order", None),
        ] {
            let found = match Trouble::refused(stage, code, text.to_owned()) {
                Trouble::Mail(reason, _) => Some(reason),
                Trouble::Server(_) => None,
            };
            assert_eq!(found, expected, "{stage:?} {text}");
        }
    }
}
