//! The outbox as an operator sees it.

use diesel::prelude::*;
use portico::app::App;
use portico::db::DbError;
use portico::schema::outbox;
use portico::time::Timestamp;

use super::lines::poll;

/// A mail in the outbox.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Waiting {
    pub recipient: String,
    pub sealed: Vec<u8>,
    pub attempts: i32,
    pub due_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub failure: String,
}

/// All mails in the outbox, oldest first.
pub fn all(app: &App) -> Vec<Waiting> {
    app.db
        .read::<_, DbError>(|connection| {
            Ok(outbox::table.order((outbox::created_at, outbox::id)).select(Waiting::as_select()).load(connection)?)
        })
        .expect("the outbox is read")
}

/// The mail to an address, which must be the only one.
pub fn to(app: &App, recipient: &str) -> Waiting {
    let mut mails: Vec<Waiting> = all(app).into_iter().filter(|mail| mail.recipient == recipient).collect();
    assert_eq!(mails.len(), 1, "mails to {recipient}");
    mails.remove(0)
}

/// Waits until the mail to an address could not be delivered.
pub fn failed(app: &App, recipient: &str) -> Waiting {
    poll("the mail was tried in vain", || Some(to(app, recipient)).filter(|mail| !mail.failure.is_empty()))
}

/// As if the time had come to try everything again that waits.
pub fn try_again(app: &App) {
    app.write_now::<_, DbError>(|tx| {
        diesel::update(outbox::table.filter(outbox::due_at.is_not_null()))
            .set(outbox::due_at.eq(Some(tx.now - chrono::Duration::days(1))))
            .execute(tx.connection)?;
        Ok(())
    })
    .expect("the outbox is changed");
}
