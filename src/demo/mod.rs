//! The believable company of `portico demo`, written in one transaction: a start that was broken off leaves nothing behind, and
//! the next one writes it all.
//!
//! Its past happens in the order of time, by the verbs by which it would have happened: what was bought was ordered and paid, what
//! renews itself was charged, and what all of that leads to later takes its place among what is still ahead (`Seeder::tell`).

mod accounts;
mod catalogue;
mod consents;
mod credits;
mod licences;
mod notifications;
mod people;
mod purchases;
mod renewals;
mod team;
mod vouchers;

use std::collections::BTreeMap;
use std::thread;

use chrono::Duration;
use diesel::prelude::*;

use crate::access::Scope;
use crate::accounts::sessions;
use crate::app::App;
use crate::credits::top_up_job;
use crate::db::{DbError, WriteTx};
use crate::demo_accounts::DEMO_PASSWORD;
use crate::ids::{LicenceId, SessionId, UserId};
use crate::schema::{jobs, users};
use crate::time::Timestamp;
use credits::Deed;
use licences::Chapter;
use purchases::Purchase;
use renewals::Charge;
use team::{INVITED, TEAM};

const DOMAIN: &str = "example.com";
/// Where the people of the demo act from: an address for documentation (RFC 5737).
const IP: &str = "192.0.2.17";
/// How long ago the second company was founded, in days.
const NORTHWIND_DAYS: i64 = 48;

/// Fills an empty database. One that has users is left as it is.
pub fn seed(app: &App) -> Result<(), DbError> {
    app.write_now(|tx| {
        let somebody: Option<UserId> = users::table.select(users::id).first(tx.connection).optional()?;
        if somebody.is_some() {
            return Ok(());
        }
        // One hash for all, made meanwhile: hashing forty times would make the first start slow, and nothing here is secret.
        thread::scope(|threads| {
            let hash = threads.spawn(|| app.passwords.hash_now(DEMO_PASSWORD));
            let (now, grace) = (tx.now, app.config.licence_grace);
            Seeder { grace, now, ahead: BTreeMap::new(), events: 0, licences: BTreeMap::new() }.tell(tx)?;
            let hash = hash.join().map_err(|_| unexpected("the password was not hashed"))?;
            diesel::update(users::table).set(users::password_hash.eq(hash)).execute(tx.connection)?;
            Ok(())
        })
    })
}

/// Something that happened.
enum Event {
    Joined(usize),
    Invited(usize),
    NorthwindFounded,
    Credits(Deed),
    Bought(Purchase),
    /// In the story of a licence.
    Licence(usize, Chapter),
    Charged(Charge),
    Notified(notifications::Step),
    Chose(consents::Choice),
    /// With their own account.
    Personal(accounts::Step),
    /// A session was used.
    Used(SessionId),
}

struct Seeder {
    /// How long seats are kept after the end of a licence.
    grace: Duration,
    now: Timestamp,
    /// What is still to happen, by when; at the same moment, in the order in which it was thought of.
    ahead: BTreeMap<(Timestamp, usize), Event>,
    /// How many were thought of.
    events: usize,
    /// The licence of each story that has begun.
    licences: BTreeMap<usize, LicenceId>,
}

impl Seeder {
    /// Writes the story of the company from its beginning on.
    fn tell(&mut self, tx: &mut WriteTx) -> Result<(), DbError> {
        let (.., founded) = TEAM[0];
        tx.now = self.at(founded);
        catalogue::import(tx)?;
        let owner = self.found_aerial_survey_group(tx)?;
        self.plan();
        while let Some(((at, _), event)) = self.ahead.pop_first() {
            tx.now = at;
            self.happen(tx, &owner, event)?;
        }
        self.visit(tx, &owner)?;
        tx.now = self.now;
        vouchers::make(tx)?;
        self.forget_charges(tx)
    }

    fn plan(&mut self) {
        for (number, (.., days)) in TEAM.iter().enumerate().skip(1) {
            self.days_ago(*days, Event::Joined(number));
        }
        for (number, (.., days)) in INVITED.iter().enumerate() {
            self.days_ago(*days, Event::Invited(number));
        }
        self.days_ago(NORTHWIND_DAYS, Event::NorthwindFounded);
        for (days, deed) in credits::deeds() {
            self.days_ago(days, Event::Credits(deed));
        }
        for choice in consents::CHOICES {
            self.days_ago(choice.days, Event::Chose(choice));
        }
        for step in accounts::STEPS {
            self.days_ago(step.days, Event::Personal(step));
        }
        self.plan_purchases();
        self.plan_licences();
        self.plan_notifications();
    }

    fn happen(&mut self, tx: &mut WriteTx, owner: &Scope, event: Event) -> Result<(), DbError> {
        match event {
            Event::Joined(number) => self.join(tx, owner, number),
            Event::Invited(number) => people::invite_to(tx, owner, number),
            Event::NorthwindFounded => self.found_northwind_mapping(tx, owner.person()),
            Event::Credits(deed) => {
                credits::happen(tx, owner, &deed)?;
                renewals::top_up_if_low(tx, owner)
            }
            Event::Bought(purchase) => self.purchase(tx, owner, &purchase),
            Event::Licence(story, chapter) => self.go_on(tx, owner, story, &chapter),
            Event::Charged(charge) => self.charge(tx, charge),
            Event::Notified(step) => self.notify(tx, owner, &step),
            Event::Chose(choice) => consents::happen(tx, owner, choice),
            Event::Personal(step) => self.act_on_account(tx, owner, step),
            Event::Used(session) => sessions::touch(tx, &session),
        }
    }

    /// So many days back, at office hours rather than at the hour of the first start.
    fn at(&self, days: i64) -> Timestamp {
        self.now - Duration::days(days) - Duration::minutes(37 * (days % 7) + 11)
    }

    fn days_ago(&mut self, days: i64, event: Event) {
        self.add(self.at(days), event);
    }

    /// Has something happen, unless that is still to come.
    fn add(&mut self, at: Timestamp, event: Event) {
        if at <= self.now {
            self.ahead.insert((at, self.events), event);
            self.events += 1;
        }
    }

    /// What charges in the background was done here, in its time.
    fn forget_charges(&self, tx: &mut WriteTx) -> Result<(), DbError> {
        let done = jobs::table.filter(jobs::queue.eq(top_up_job::QUEUE)).filter(jobs::due_at.le(self.now));
        diesel::delete(done).execute(tx.connection)?;
        Ok(())
    }
}

/// Says that something of the demo did not come out as it is written.
fn expect(is_so: bool, what: impl std::fmt::Debug) -> Result<(), DbError> {
    if is_so { Ok(()) } else { Err(unexpected(what)) }
}

fn unexpected(what: impl std::fmt::Debug) -> DbError {
    DbError::Unexpected(format!("the demo: {what:?}"))
}
