//! The invitation mail as the invite page shows it: the very text that is sent, for each role that can be given.

use crate::access::{Role, Scope};
use crate::links::Links;
use crate::mail::Message;
use crate::people::invitations::LIFETIME;
use crate::people::invite::{self, Sender};
use crate::time::{Calendar, Timestamp};

/// What stands in place of what differs from mail to mail.
const SOMEBODY: &str = "name@example.com";
const SECRET: &str = "…";

pub(super) struct Preview {
    pub role: Role,
    pub subject: String,
    pub text: String,
}

pub(super) fn previews(links: &Links, scope: &Scope, now: Timestamp) -> Vec<Preview> {
    let sender = Sender::acting(scope);
    let preview = |role| {
        let mail = invite::message(links, &sender, SOMEBODY, role, now + LIFETIME, SECRET);
        Preview { role, subject: mail.subject(), text: mail.text(Calendar::USUAL) }
    };
    scope.membership.role.givable().into_iter().map(preview).collect()
}
