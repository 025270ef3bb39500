//! E-mail notifications: who hears of what, and that each hears it once.

mod adding;
mod confirming;
mod ends;
mod log;
mod low_balance;
mod page;
mod payments;
mod unsubscribing;
mod year;

use diesel::prelude::*;
use portico::db::DbError;
use portico::ids::{MailId, NotificationId, RecipientId};
use portico::notifications::add::{self, Add};
use portico::notifications::kinds::{Kinds, Occasion};
use portico::notifications::recipients::{self, Recipient};
use portico::notifications::threshold::{self, Set};
use portico::notifications::{PaymentProblem, payment_problem};
use portico::schema::{notification_mails, notification_recipients};
use portico::secrets::Secret;

use crate::support::{Browser, Persona, Portal, acme};

/// Whoever keeps the books, and has no account.
pub const BOOKS: &str = "books@example.net";

/// A recipient who was asked.
pub struct Asked {
    pub recipient: String,
    pub confirm_token: String,
    pub unsubscribe_token: String,
}

/// As if an address had been added to acme just now, in place of most that were added like this: there may not be many.
pub fn asked(portal: &Portal, email: &str) -> Asked {
    let organization = portal.organization_id();
    let (confirm, unsubscribe) = (Secret::random(), Secret::random());
    let id = portal.app.write_now::<_, DbError>(|tx| {
        use notification_mails as mails;
        use notification_recipients as rows;
        let is_another = rows::email.like("bookkeeper-%").and(rows::email.ne("bookkeeper-0@example.net"));
        diesel::delete(rows::table.filter(rows::email.eq(email).or(is_another))).execute(tx.connection)?;
        let id = RecipientId::new(tx.now);
        diesel::insert_into(rows::table)
            .values((
                rows::id.eq(&id),
                rows::organization_id.eq(&organization),
                rows::email.eq(email),
                Kinds { expiring: true, ..Kinds::NONE },
                rows::created_at.eq(tx.now),
                rows::secret_hash.eq(confirm.hash()),
                rows::confirm_until.eq(tx.now + add::LIFETIME),
            ))
            .execute(tx.connection)?;
        diesel::insert_into(mails::table)
            .values((
                mails::id.eq(NotificationId::new(tx.now)),
                mails::organization_id.eq(&organization),
                mails::occasion.eq(Occasion::Confirmation),
                mails::subject.eq("Confirm"),
                mails::recipient.eq(email),
                mails::mail_id.eq(MailId::new(tx.now)),
                mails::secret_hash.eq(unsubscribe.hash()),
                mails::sent_at.eq(tx.now),
            ))
            .execute(tx.connection)?;
        Ok(id)
    });
    Asked {
        recipient: id.expect("the recipient is stored").to_string(),
        confirm_token: confirm.as_str().to_owned(),
        unsubscribe_token: unsubscribe.as_str().to_owned(),
    }
}

/// The path of the link in the newest mail to an address that ends mails like it.
pub fn unsubscribe_link(portal: &Portal, email: &str) -> String {
    let mail = portal.mails_to(email).pop().expect("a mail");
    let link = mail.unsubscribe.expect("a link that ends them");
    link.strip_prefix(&portal.app.config.public_url).expect("a link to the portal").to_owned()
}

/// The subjects of the mails to an address, oldest first.
pub fn subjects(portal: &Portal, email: &str) -> Vec<String> {
    portal.mails_to(email).into_iter().map(|mail| mail.subject).collect()
}

/// How many mails of an occasion the log has, whether or not the outbox has forgotten them.
pub fn logged(portal: &Portal, occasion: Occasion) -> i64 {
    portal.query(|connection| {
        notification_mails::table
            .filter(notification_mails::occasion.eq(occasion))
            .filter(notification_mails::recipient.eq(Persona::Owner.email()))
            .count()
            .get_result(connection)
    })
}

/// Sends the form that adds an address for all kinds.
pub fn post_add(browser: &Browser, email: &str) -> crate::support::Answer {
    let fields =
        [("email", email), ("expiring", "true"), ("expired", "true"), ("low_credits", "true"), ("payments", "true")];
    browser.post(&acme("/notifications/add"), &fields)
}

impl Portal {
    /// The Manager adds an address.
    pub fn add_recipient(&self, email: &str, kinds: Kinds) -> Add {
        let manager = self.scope(Persona::Manager);
        self.app.write_now::<_, DbError>(|tx| add::add(tx, &manager, email, kinds)).expect("an outcome")
    }

    /// The same, confirmed by whoever has the mail.
    pub fn add_confirmed(&self, email: &str, kinds: Kinds) {
        assert_eq!(self.add_recipient(email, kinds), Add::Asked);
        let answer = self.browser().post(&self.link_to(email), &[]);
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Address confirmed"));
    }

    pub fn recipients(&self) -> Vec<Recipient> {
        let organization = self.organization_id();
        self.app.db.read(|connection| recipients::all(connection, &organization)).expect("the recipients are read")
    }

    pub fn recipient(&self, email: &str) -> Recipient {
        self.recipients().into_iter().find(|recipient| recipient.email == email).expect("a recipient")
    }

    /// The Organization says below how many credits the balance is low.
    pub fn call_low(&self, below: Option<i64>) {
        let manager = self.scope(Persona::Manager);
        let set = self.app.write_now::<_, DbError>(|tx| threshold::set(tx, &manager, below)).expect("an outcome");
        assert_eq!(set, Set::Saved);
    }

    /// A renewal is declined. Answers how many are told.
    pub fn payment_fails(&self) -> usize {
        let organization = self.organization_id();
        let problem = PaymentProblem {
            what: "The renewal of Mapper, Yearly",
            amount: "CHF 1,290.00",
            next: "We try again on 24 November. If it fails until 30 November, the licence goes into its grace period.",
        };
        self.app.write_now::<_, DbError>(|tx| payment_problem(tx, &organization, &problem)).expect("they are told")
    }
}
