//! The wallet of an Organization, its lock, and the one place that writes rows of the ledger.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::access::lock_organization;
use crate::audit::{Action, By, Change};
use crate::credits::entry::{Entry, Kind, Source};
use crate::credits::top_up_job;
use crate::credits::watch::Watch;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{CreditEntryId, OrganizationId};
use crate::schema::credit_wallets;
use crate::time::Timestamp;

/// The clocks of several processes differ a little, and whoever waited for the wallet began before: as long as it is no more than
/// this, the moments of rows follow their numbers. A clock that was wrong by more stays visible.
const SKEW: Duration = Duration::minutes(1);

/// What the rows of an Organization add up to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_wallets, treat_none_as_default_value = false)]
pub struct Wallet {
    pub organization_id: OrganizationId,
    pub balance: i64,
    /// How many rows there are: the number of the last one.
    pub entries: i64,
    pub last_at: Timestamp,
    #[diesel(embed)]
    pub watch: Watch,
    /// At or below which balance a spend is followed by a top-up. None while it is off, while one is pending and while it waits: see
    /// [`top_up`](crate::credits::top_up).
    top_up_at: Option<i64>,
}

/// What is to be written into the ledger.
pub(super) struct NewEntry<'a> {
    pub kind: Kind,
    pub source: Option<Source>,
    pub amount: i64,
    /// None for a row that is known by its id.
    pub reference: Option<&'a str>,
    pub note: &'a str,
}

/// The wallet of an Organization; none before its first grant.
pub fn read(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Wallet>, DbError> {
    let row = credit_wallets::table
        .filter(credit_wallets::organization_id.eq(organization))
        .select(Wallet::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}

impl Wallet {
    /// Locks the wallet until the transaction ends: nobody else writes a row of this ledger meanwhile.
    pub(super) fn lock(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Option<Self>, DbError> {
        tx.lock_row_by("credit_wallets", "organization_id", organization.as_str())?;
        read(tx.connection, organization)
    }

    /// The same, where it is opened if there is none. The lock on the Organization keeps a second one from being opened.
    pub(super) fn lock_or_open(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Self, DbError> {
        lock_organization(tx, organization)?;
        if let Some(wallet) = Self::lock(tx, organization)? {
            return Ok(wallet);
        }
        let (organization_id, last_at) = (organization.clone(), tx.now);
        let watch = Watch::default();
        let wallet = Self { organization_id, balance: 0, entries: 0, last_at, watch, top_up_at: None };
        diesel::insert_into(credit_wallets::table).values(&wallet).execute(tx.connection)?;
        Ok(wallet)
    }

    /// Writes the next row, with its activity. The wallet is locked.
    pub(super) fn book(&mut self, tx: &mut WriteTx, by: By<'_>, new: &NewEntry<'_>) -> Result<Entry, DbError> {
        let id = CreditEntryId::new(tx.now);
        let entry = Entry {
            reference: new.reference.unwrap_or(id.as_str()).to_owned(),
            id,
            organization_id: self.organization_id.clone(),
            number: self.entries + 1,
            at: self.moment(tx.now),
            kind: new.kind,
            source: new.source,
            amount: new.amount,
            balance_after: self.balance + new.amount,
            actor_name: by.actor().name(),
            note: new.note.to_owned(),
        };
        diesel::insert_into(crate::schema::credit_entries::table).values(&entry).execute(tx.connection)?;
        let before = std::mem::replace(&mut self.balance, entry.balance_after);
        (self.entries, self.last_at) = (entry.number, entry.at);
        diesel::update(credit_wallets::table.filter(credit_wallets::organization_id.eq(&self.organization_id)))
            .set((
                credit_wallets::balance.eq(self.balance),
                credit_wallets::entries.eq(self.entries),
                credit_wallets::last_at.eq(self.last_at),
            ))
            .execute(tx.connection)?;
        // What was taken back or has expired is nothing that somebody used: only a spend is followed by a purchase.
        if new.kind == Kind::Spend {
            self.top_up_if_due(tx)?;
        }
        self.watch.note(tx, &self.organization_id, before, self.balance)?;
        let change = Change {
            action: action(new.kind),
            subject_id: entry.id.as_str(),
            subject_name: &entry.reference,
            before: json!({ "balance": before }),
            after: json!({ "balance": entry.balance_after, "amount": entry.amount, "note": entry.note }),
        };
        tx.record(by, change)?;
        Ok(entry)
    }

    /// Waits for this balance, or for none.
    pub(super) fn wait_for(&mut self, tx: &mut WriteTx, top_up_at: Option<i64>) -> Result<(), DbError> {
        self.top_up_at = top_up_at;
        diesel::update(credit_wallets::table.filter(credit_wallets::organization_id.eq(&self.organization_id)))
            .set(credit_wallets::top_up_at.eq(top_up_at))
            .execute(tx.connection)?;
        Ok(())
    }

    /// Begins a top-up where the balance is that low: a job does it, and nothing is waited for or told meanwhile.
    pub(super) fn top_up_if_due(&mut self, tx: &mut WriteTx) -> Result<bool, DbError> {
        if self.top_up_at.is_none_or(|threshold| self.balance > threshold) {
            return Ok(false);
        }
        self.wait_for(tx, None)?;
        self.watch.top_up_since = Some(tx.now);
        self.watch.store(tx, &self.organization_id)?;
        let now = tx.now;
        top_up_job::add(tx, &self.organization_id, now)?;
        Ok(true)
    }

    /// When a row is written that is written now.
    fn moment(&self, now: Timestamp) -> Timestamp {
        if self.last_at > now && self.last_at - now <= SKEW { self.last_at } else { now }
    }
}

fn action(kind: Kind) -> Action {
    match kind {
        Kind::Grant => Action::CreditsGranted,
        Kind::Spend => Action::CreditsSpent,
        Kind::Reversal => Action::CreditsReversed,
        Kind::Expiry => Action::CreditsExpired,
    }
}
