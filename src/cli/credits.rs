//! `portico credits`: what an operator grants, spends and reverses.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::operator::{self, Database};
use super::{CliError, chosen_day, log};
use crate::access::{Actor, Operator, Product};
use crate::audit::By;
use crate::config::DatabaseArgs;
use crate::credits::amount::{Amount, counted};
use crate::credits::entry::{Entry, Kind, Source};
use crate::credits::grant::{self, Grant, NewGrant};
use crate::credits::reference::Reference;
use crate::credits::reverse::{self, Reverse};
use crate::credits::spend::{self, NewSpend, Spend};
use crate::ids::OrganizationId;
use crate::licences::terms::end_of;
use crate::organizations::organization;

#[derive(Args, Debug)]
pub struct CreditsArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Gives credits to an Organization.
    Grant(GrantArgs),
    /// Spends credits of an Organization, as a product does. All of them or, where there are fewer, none.
    Spend(SpendArgs),
    /// Gives back what was spent, or takes back what is left of a grant.
    Reverse(ReverseArgs),
}

#[derive(Args, Debug)]
struct GrantArgs {
    /// The Organization, by the name in its addresses: /organizations/NAME.
    organization: String,
    /// How many credits: a whole number, 1 to 1,000,000,000.
    #[arg(value_name = "CREDITS", value_parser = amount, allow_negative_numbers = true)]
    amount: Amount,
    /// The last day on which they can be spent, such as 2027-12-31, in UTC. Without it they do not expire.
    #[arg(long, value_name = "DAY")]
    expires: Option<NaiveDate>,
    /// What the grant is known by: letters, digits and -_.:/#, 100 at the most. The same one again grants nothing more.
    #[arg(long, value_parser = reference)]
    reference: Option<Reference>,
    /// What for, in a few words that the Organization reads.
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = note)]
    note: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args, Debug)]
struct SpendArgs {
    /// The Organization, by the name in its addresses: /organizations/NAME.
    organization: String,
    /// How many credits: a whole number, 1 to 1,000,000,000.
    #[arg(value_name = "CREDITS", value_parser = amount, allow_negative_numbers = true)]
    amount: Amount,
    /// What is paid for: letters, digits and -_.:/#, 100 at the most. The same one again spends nothing more.
    #[arg(long, value_parser = reference)]
    reference: Reference,
    /// The product that spends them, as its customers know it. Without it, the operator does.
    #[arg(long, value_name = "NAME", value_parser = note)]
    product: Option<String>,
    /// What for, in a few words that the Organization reads.
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = note)]
    note: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args, Debug)]
struct ReverseArgs {
    /// The Organization, by the name in its addresses: /organizations/NAME.
    organization: String,
    /// The reference of the spend or the grant.
    reference: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// How long a note may be, in characters.
const LONGEST_NOTE: usize = 200;

fn amount(text: &str) -> Result<Amount, String> {
    text.parse().ok().and_then(Amount::new).ok_or_else(|| "write a whole number from 1 to 1000000000".to_owned())
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "write 1 to 100 letters, digits and -_.:/#, without spaces".to_owned())
}

fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_fit = text.chars().count() <= LONGEST_NOTE && !text.chars().any(char::is_control);
    if is_fit { Ok(text.to_owned()) } else { Err("write one line of at most 200 characters".to_owned()) }
}

/// What was done, in a sentence, or why nothing was.
type Said = Result<String, CliError>;

pub(super) fn run(args: &CreditsArgs) -> Result<(), CliError> {
    let said = match &args.act {
        Act::Grant(args) => grant(args),
        Act::Spend(args) => spend(args),
        Act::Reverse(args) => reverse(args),
    };
    log::say(&said?);
    Ok(())
}

/// The Organization that is called so.
fn find(database: &Database, slug: &str) -> Result<(OrganizationId, String), CliError> {
    // No slug has one, and PostgreSQL does not even compare text that does.
    let found =
        if slug.contains('\0') { None } else { database.read(|connection| organization::named(connection, slug))? };
    found.ok_or_else(|| CliError::Refused(format!("no Organization is called {slug} in its addresses")))
}

fn grant(args: &GrantArgs) -> Said {
    let last = args.expires.map(chosen_day::checked).transpose()?;
    let database = Database::open(&args.database)?;
    let (id, name) = find(&database, &args.organization)?;
    let operator = operator::operator();
    let new = NewGrant {
        amount: args.amount,
        source: Source::Operator,
        ends_at: last.map(end_of),
        reference: args.reference.as_ref(),
        note: &args.note,
    };
    let outcome = database.write(|tx| grant::grant(tx, by(&operator, &id), &id, &new))?;
    let until = last.map_or_else(String::new, |day| format!(", to be spent until the end of {day} UTC"));
    match outcome {
        Grant::Granted(entry) => Ok(format!(
            "{} granted to {name}{until}. Reference: {}. Balance: {}.",
            counted(entry.amount),
            entry.reference,
            counted(entry.balance_after)
        )),
        Grant::Already(entry) => Ok(already(&entry)),
        Grant::Reversed(entry) => {
            Err(reversed("granted", &entry, args.reference.as_ref().map_or("", Reference::as_str)))
        }
        Grant::OtherWithReference(entry) => Err(other_with_reference(&entry)),
        Grant::EndsInThePast => {
            Err(CliError::Refused("the last day to spend them is over already. Nothing was changed".to_owned()))
        }
    }
}

fn spend(args: &SpendArgs) -> Said {
    let database = Database::open(&args.database)?;
    let (id, name) = find(&database, &args.organization)?;
    let operator = operator::operator();
    let product = args.product.clone().filter(|name| !name.is_empty()).map(|name| Product { name });
    let actor = product.as_ref().map_or(Actor::Operator(&operator), Actor::Product);
    let new = NewSpend { amount: args.amount, reference: &args.reference, note: &args.note };
    match database.write(|tx| spend::spend(tx, By::outside(actor, &id), &id, &new))? {
        Spend::Spent(entry) => {
            Ok(format!("{} of {name} spent. Balance: {}.", counted(-entry.amount), counted(entry.balance_after)))
        }
        Spend::Already(entry) => Ok(already(&entry)),
        Spend::Reversed(entry) => Err(reversed("spent", &entry, args.reference.as_str())),
        Spend::OtherWithReference(entry) => Err(other_with_reference(&entry)),
        Spend::TooFew { balance } => {
            Err(CliError::Refused(format!("{name} has {}. Nothing was changed", counted(balance))))
        }
    }
}

fn reverse(args: &ReverseArgs) -> Said {
    let database = Database::open(&args.database)?;
    let (id, name) = find(&database, &args.organization)?;
    let operator = operator::operator();
    let reference = &args.reference;
    let unknown = || CliError::Refused(format!("{name} has no spend and no grant with the reference {reference}"));
    if reference.contains('\0') {
        return Err(unknown());
    }
    let refused = |why: String| Err(CliError::Refused(format!("{why}. Nothing was changed")));
    match database.write(|tx| reverse::reverse(tx, by(&operator, &id), &id, reference))? {
        Reverse::Reversed { entry, expired, balance } if entry.amount > 0 => {
            let lost = if expired > 0 { format!(", of which {expired} had expired meanwhile") } else { String::new() };
            Ok(format!("{} given back to {name}{lost}. Balance: {}.", counted(entry.amount), counted(balance)))
        }
        Reverse::Reversed { entry, balance, .. } => {
            Ok(format!("{} taken back from {name}. Balance: {}.", counted(-entry.amount), counted(balance)))
        }
        Reverse::Already(entry) => {
            Ok(format!("{reference} was reversed on {} already. Nothing was changed.", entry.at.exact()))
        }
        Reverse::NothingLeft(_) => refused(format!("of the grant {reference} nothing is left")),
        Reverse::NotReversible(_) => refused(format!("{reference} is neither a grant nor a spend")),
        Reverse::Unknown => Err(unknown()),
    }
}

fn by<'a>(operator: &'a Operator, organization: &'a OrganizationId) -> By<'a> {
    By::outside(Actor::Operator(operator), organization)
}

/// What a row did, such as "granted 500 credits".
fn did(entry: &Entry) -> String {
    let verb = match entry.kind {
        Kind::Grant => "granted",
        Kind::Spend => "spent",
        Kind::Reversal => "reversed",
        Kind::Expiry => "expired",
    };
    format!("{verb} {} on {}", counted(entry.amount.abs()), entry.at.exact())
}

fn already(entry: &Entry) -> String {
    format!("{} {} already. Nothing was changed.", entry.reference, did(entry))
}

/// Whoever asks again must not take for done what was taken back.
fn reversed(verb: &str, reversal: &Entry, reference: &str) -> CliError {
    let when = reversal.at.exact();
    CliError::Refused(format!(
        "{reference} was {verb} and reversed on {when}: choose another reference. Nothing was changed"
    ))
}

fn other_with_reference(entry: &Entry) -> CliError {
    CliError::Refused(format!("{} {}: choose another reference. Nothing was changed", entry.reference, did(entry)))
}
