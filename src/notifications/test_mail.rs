//! A mail to everybody who hears of anything, to see that it arrives.

use serde_json::{Value, json};

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::limits::TooOften;
use crate::notifications::audience;
use crate::notifications::kinds::Occasion;
use crate::notifications::mail::TestMail;
use crate::notifications::send::{About, send};
use crate::rates::Limit;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendTest {
    Sent {
        mails: usize,
    },
    /// Nobody hears of anything.
    Nobody,
    TooOften(TooOften),
    NotAllowed,
}

pub fn send_test(tx: &mut WriteTx, scope: &Scope) -> Result<SendTest, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(SendTest::NotAllowed) };
    let organization = scope.organization_id();
    let audience = audience::everybody(tx.connection, organization)?;
    if audience.is_empty() {
        return Ok(SendTest::Nobody);
    }
    if let Some(too_often) = tx.take(Limit::NotificationTests, organization.as_str())?.refusal() {
        return Ok(SendTest::TooOften(too_often));
    }
    let about = About::locked(tx, organization)?;
    let by = scope.person().name();
    let settings_link = about.link(tx, "/notifications");
    for to in &audience {
        send(tx, &about, Occasion::Test, to, |reader, unsubscribe_link| TestMail {
            reader,
            by: by.clone(),
            link: settings_link.clone(),
            unsubscribe_link,
        })?;
    }
    let change = Change {
        action: Action::NotificationTestSent,
        subject_id: organization.as_str(),
        subject_name: &about.name,
        before: Value::Null,
        after: json!({ "mails": audience.len() }),
    };
    tx.record(By::member(&scope), change)?;
    Ok(SendTest::Sent { mails: audience.len() })
}
