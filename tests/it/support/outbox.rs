//! The outbox as an operator sees it.

use diesel::prelude::*;
use portico::app::App;
use portico::background;
use portico::db::DbError;
use portico::mail::{Backend, Undeliverable};
use portico::schema::{jobs, outbox};
use portico::time::Timestamp;

use super::{lines::poll, portal::Portal};

/// A mail in the outbox.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Mail {
    pub recipient: String,
    pub sealed: Vec<u8>,
    pub delivered_at: Option<Timestamp>,
    pub failed_as: Option<Undeliverable>,
    pub failure: String,
    /// When it is tried next, if it waits.
    #[diesel(select_expression = jobs::due_at.nullable())]
    pub due_at: Option<Timestamp>,
    #[diesel(select_expression = jobs::attempts.nullable())]
    pub attempts: Option<i32>,
    #[diesel(select_expression = jobs::last_error.nullable())]
    pub last_error: Option<String>,
}

impl Mail {
    /// What went wrong with it last.
    pub fn trouble(&self) -> &str {
        self.last_error.as_deref().unwrap_or(&self.failure)
    }
}

/// All mails in the outbox, oldest first.
pub fn all(app: &App) -> Vec<Mail> {
    app.db
        .read::<_, DbError>(|connection| {
            Ok(outbox::table
                .left_join(jobs::table.on(jobs::subject.eq(outbox::id)))
                .order((outbox::created_at, outbox::id))
                .select(Mail::as_select())
                .load(connection)?)
        })
        .expect("the outbox is read")
}

/// The mail to an address, which must be the only one.
pub fn to(app: &App, recipient: &str) -> Mail {
    let mut mails: Vec<Mail> = all(app).into_iter().filter(|mail| mail.recipient == recipient).collect();
    assert_eq!(mails.len(), 1, "mails to {recipient}");
    mails.remove(0)
}

/// Waits until the mail to an address could not be delivered.
pub fn failed(app: &App, recipient: &str) -> Mail {
    poll("the mail was tried in vain", || Some(to(app, recipient)).filter(|mail| !mail.trouble().is_empty()))
}

/// Delivers what is due now, and answers how many mails were tried.
pub fn deliver(app: &App) -> usize {
    deliver_through(app, app.backend.clone())
}

/// The same through a mail server.
pub fn deliver_through(app: &App, backend: Backend) -> usize {
    background::mail_runner(app, backend).run_due().expect("mails are delivered")
}

/// As if the mail to an address had been given up.
pub fn give_up(app: &App, recipient: &str, reason: Undeliverable) {
    app.write_now::<_, DbError>(|tx| {
        let row = outbox::table.filter(outbox::recipient.eq(recipient)).filter(outbox::delivered_at.is_null());
        diesel::update(row)
            .set((outbox::failed_at.eq(Some(tx.now)), outbox::failed_as.eq(Some(reason))))
            .execute(tx.connection)?;
        Ok(())
    })
    .expect("the outbox is changed");
}

/// As if the time had come to try everything again that waits.
pub fn try_again(app: &App) {
    app.write_now::<_, DbError>(|tx| {
        diesel::update(jobs::table).set(jobs::due_at.eq(tx.now - chrono::Duration::days(1))).execute(tx.connection)?;
        Ok(())
    })
    .expect("the jobs are changed");
}

/// Does all that is due in the background.
pub fn run_due_jobs(portal: &Portal) {
    background::runner(&portal.app).run_due().expect("jobs are done");
}
