//! Whether what is kept along with the ledger agrees with its rows. Looks at all rows: for `portico doctor`, not for a page.

use std::fmt;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{Connection, DbError};

/// How many disagreements of a kind are told.
const TOLD: usize = 5;

/// What is kept, and what the rows say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The balance of the wallet, and the sum of the rows.
    Balance,
    /// How many rows the wallet counts, and how many there are without a gap.
    Entries,
    /// The balance after a row, and the balance before it with its amount.
    BalanceAfter,
    /// What is left of a grant, and what its parts leave of it.
    Remaining,
    /// The amount of a row, and the sum of its parts.
    Parts,
}

impl What {
    const ALL: [Self; 5] = [Self::Balance, Self::Entries, Self::BalanceAfter, Self::Remaining, Self::Parts];

    /// The query that finds where it is wrong. It is the same on both databases.
    fn query(self) -> &'static str {
        match self {
            Self::Balance => {
                "SELECT organizations.slug AS organization, '' AS reference, credit_wallets.balance AS kept, \
                 CAST(COALESCE(SUM(credit_entries.amount), 0) AS BIGINT) AS counted FROM credit_wallets \
                 INNER JOIN organizations ON organizations.id = credit_wallets.organization_id \
                 LEFT JOIN credit_entries ON credit_entries.organization_id = credit_wallets.organization_id \
                 GROUP BY organizations.slug, credit_wallets.organization_id, credit_wallets.balance \
                 HAVING credit_wallets.balance <> COALESCE(SUM(credit_entries.amount), 0)"
            }
            Self::Entries => {
                "SELECT organizations.slug AS organization, '' AS reference, credit_wallets.entries AS kept, \
                 COUNT(credit_entries.id) AS counted FROM credit_wallets \
                 INNER JOIN organizations ON organizations.id = credit_wallets.organization_id \
                 LEFT JOIN credit_entries ON credit_entries.organization_id = credit_wallets.organization_id \
                 GROUP BY organizations.slug, credit_wallets.organization_id, credit_wallets.entries \
                 HAVING credit_wallets.entries <> COUNT(credit_entries.id) \
                 OR credit_wallets.entries <> COALESCE(MAX(credit_entries.number), 0)"
            }
            Self::BalanceAfter => {
                "SELECT organizations.slug AS organization, reference, balance_after AS kept, counted FROM ( \
                 SELECT organization_id, reference, balance_after, amount + LAG(balance_after, 1, CAST(0 AS BIGINT)) OVER \
                 (PARTITION BY organization_id ORDER BY number) AS counted FROM credit_entries) AS run \
                 INNER JOIN organizations ON organizations.id = run.organization_id WHERE balance_after <> counted"
            }
            Self::Remaining => {
                "SELECT organizations.slug AS organization, credit_entries.reference AS reference, \
                 credit_grants.remaining AS kept, \
                 CAST(credit_entries.amount + COALESCE(used.amount, 0) AS BIGINT) AS counted FROM credit_grants \
                 INNER JOIN credit_entries ON credit_entries.id = credit_grants.entry_id \
                 INNER JOIN organizations ON organizations.id = credit_grants.organization_id \
                 LEFT JOIN (SELECT grant_id, SUM(amount) AS amount FROM credit_parts GROUP BY grant_id) AS used \
                 ON used.grant_id = credit_grants.entry_id \
                 WHERE credit_grants.remaining <> credit_entries.amount + COALESCE(used.amount, 0)"
            }
            Self::Parts => {
                "SELECT organizations.slug AS organization, credit_entries.reference AS reference, \
                 credit_entries.amount AS kept, CAST(COALESCE(parts.amount, 0) AS BIGINT) AS counted FROM credit_entries \
                 INNER JOIN organizations ON organizations.id = credit_entries.organization_id \
                 LEFT JOIN (SELECT entry_id, SUM(amount) AS amount FROM credit_parts GROUP BY entry_id) AS parts \
                 ON parts.entry_id = credit_entries.id \
                 WHERE credit_entries.kind <> 'grant' AND credit_entries.amount <> COALESCE(parts.amount, 0)"
            }
        }
    }
}

/// Something that is kept and that the rows contradict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    pub what: What,
    /// The slug of the Organization.
    pub organization: String,
    /// Of the row, where it is about one.
    pub reference: String,
    pub kept: i64,
    pub counted: i64,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, organization, reference, kept, counted } = self;
        match what {
            What::Balance => write!(f, "{organization} has {kept} credits, and its rows add up to {counted}"),
            What::Entries => {
                write!(f, "{organization} counts {kept} rows, and there are {counted}, or some are missing")
            }
            What::BalanceAfter => {
                write!(
                    f,
                    "{organization}: after {reference} there are {kept} credits, and {counted} by the row before it"
                )
            }
            What::Remaining => {
                write!(
                    f,
                    "{organization}: of {reference}, {kept} credits are left, and {counted} by what was taken from it"
                )
            }
            What::Parts => {
                write!(
                    f,
                    "{organization}: {reference} changes {kept} credits, and {counted} of those that were granted"
                )
            }
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    organization: String,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = BigInt)]
    kept: i64,
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

/// Where the ledgers of all Organizations disagree, up to five of each kind. Five statements.
pub fn disagreements(connection: &mut Connection) -> Result<Vec<Disagreement>, DbError> {
    let mut all = Vec::new();
    for what in What::ALL {
        let found: Vec<Found> = diesel::sql_query(format!("{} LIMIT {TOLD}", what.query())).load(connection)?;
        all.extend(found.into_iter().map(|Found { organization, reference, kept, counted }| Disagreement {
            what,
            organization,
            reference,
            kept,
            counted,
        }));
    }
    Ok(all)
}
