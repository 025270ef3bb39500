//! A message for the next page, kept in the private cookie.

use actix_session::Session;
use serde::{Deserialize, Serialize};

const KEY: &str = "flash";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    pub kind: FlashKind,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FlashKind {
    Success,
    Notice,
    Error,
}

impl FlashKind {
    pub fn class(self) -> &'static str {
        self.into()
    }
}

/// Leaves a message for the next page.
pub fn flash(session: &Session, kind: FlashKind, message: impl Into<String>) {
    // A cookie that cannot hold it loses a message, nothing else.
    let _ = session.insert(KEY, Flash { kind, message: message.into() });
}

/// The message that the page before left, once.
pub(super) fn take(session: &Session) -> Option<Flash> {
    session.remove_as::<Flash>(KEY).and_then(Result::ok)
}
