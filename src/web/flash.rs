//! A message for the next page, kept in the private cookie.

use actix_session::Session;
use serde::{Deserialize, Serialize};

const KEY: &str = "flash";

/// The longest message, in bytes as the cookie holds it. A cookie takes four thousand with all that is in it, and one that does not
/// hold it ends the request with an error, after its work is done.
const LONGEST: usize = 3_500;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    pub kind: FlashKind,
    pub message: String,
    #[serde(default)]
    pub actions: Vec<FlashAction>,
}

/// What can be done about what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashAction {
    /// A form without fields is posted there.
    Post { label: String, path: String },
    /// A page to go to.
    Link { label: String, path: String },
}

impl FlashAction {
    pub fn post(label: &str, path: String) -> Self {
        Self::Post { label: label.to_owned(), path }
    }

    pub fn link(label: &str, path: &str) -> Self {
        Self::Link { label: label.to_owned(), path: path.to_owned() }
    }
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
    leave(session, Flash { kind, message: message.into(), actions: Vec::new() });
}

/// The same, with what can be done about it.
pub(super) fn leave(session: &Session, flash: Flash) {
    // JSON within JSON: quotation marks are escaped twice.
    let stored = serde_json::to_string(&flash).and_then(|text| serde_json::to_string(&text));
    if stored.is_ok_and(|stored| stored.len() <= LONGEST) {
        let _ = session.insert(KEY, flash);
    }
}

/// The message that the page before left, once.
pub(super) fn take(session: &Session) -> Option<Flash> {
    // Removing what is not there would set the cookie anew with every page.
    let has_one = session.entries().contains_key(KEY);
    if has_one { session.remove_as::<Flash>(KEY).and_then(Result::ok) } else { None }
}

#[cfg(test)]
mod tests {
    use actix_session::SessionExt;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_can_be_done_stays_with_the_message() {
        let session = TestRequest::default().to_srv_request().get_session();
        let actions = vec![FlashAction::post("Undo", "/undo".to_owned()), FlashAction::link("Open", "/page")];
        leave(&session, Flash { kind: FlashKind::Success, message: "Removed.".to_owned(), actions: actions.clone() });
        assert_eq!(take(&session).expect("the message").actions, actions);
    }

    #[test]
    fn a_message_that_no_cookie_holds_is_left_out() {
        let session = TestRequest::default().to_srv_request().get_session();
        flash(&session, FlashKind::Success, "Saved.");
        flash(&session, FlashKind::Success, "x".repeat(LONGEST));
        flash(&session, FlashKind::Success, "\"".repeat(LONGEST / 3));
        assert_eq!(take(&session).map(|flash| flash.message).as_deref(), Some("Saved."));
        assert!(take(&session).is_none(), "once");
    }
}
