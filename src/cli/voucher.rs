//! `portico voucher`: codes that are worth a licence or credits.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use chrono::{Months, NaiveDate};
use clap::{Args, Subcommand};

use super::operator::{self, Database};
use super::{CliError, chosen_day, log};
use crate::catalogue::on_sale;
use crate::config::DatabaseArgs;
use crate::db::{Connection, DbError};
use crate::ids::OrganizationId;
use crate::licences::terms::{end_of, last_day};
use crate::organizations::organization;
use crate::time::Clock;
use crate::vouchers::code::Code;
use crate::vouchers::create::{self, Batch};
use crate::vouchers::worth::Worth;

/// How long vouchers can be redeemed, in months: usually, and at the most.
const USUAL_MONTHS: u32 = 36;

#[derive(Subcommand, Debug)]
pub(super) enum VoucherCommand {
    /// Makes codes that are worth a licence or credits, and prints them. They are stored nowhere: only their hashes are.
    Create(Box<CreateArgs>),
}

#[derive(Args, Debug)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    worth: WorthArgs,
    /// How many Organizations may redeem each code.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    uses: u16,
    /// The last day on which they can be redeemed, in UTC. Without it, three years from today.
    #[arg(long, value_name = "DAY")]
    valid_until: Option<NaiveDate>,
    /// The only customer that they are for: the name in its addresses, /organizations/NAME.
    #[arg(long = "for", value_name = "ORGANIZATION")]
    customer: Option<String>,
    /// How many codes.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    count: u16,
    /// A new file to write them to, as CSV, in place of printing them.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct WorthArgs {
    /// A licence by this plan of the catalogue, as it is for sale now.
    #[arg(long, value_name = "KEY")]
    plan: Option<String>,
    /// So many credits.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    credits: Option<u32>,
}

pub(super) fn run(command: &VoucherCommand) -> Result<(), CliError> {
    let VoucherCommand::Create(args) = command;
    let database = Database::open(&args.database)?;
    let usual = Clock::System.now().day() + Months::new(USUAL_MONTHS);
    let last = chosen_day::checked(args.valid_until.unwrap_or(usual))?;
    let (worth, organization) = database.read(|connection| {
        Ok((args.worth.read(connection)?, args.customer.as_deref().map(|slug| find(connection, slug)).transpose()?))
    })?;
    let worth = worth.ok_or_else(|| {
        let plan = args.worth.plan.as_deref().unwrap_or_default();
        CliError::Refused(format!("no plan “{plan}” that gives a licence is for sale: see `portico catalog import`"))
    })?;
    if let (Some(slug), Some(None)) = (&args.customer, &organization) {
        return Err(CliError::Refused(format!("there is no Organization “{slug}”")));
    }
    let batch = Batch { worth, uses: args.uses, ends_at: end_of(last), organization: organization.flatten() };
    let codes = create::codes(args.count);
    // They are stored nowhere, so whoever asked for them has them before they are worth anything.
    match &args.csv {
        Some(path) => write_file(path, &codes, &batch, args.customer.as_deref())?,
        None => log::hand_over(&codes.iter().map(|code| format!("{code}\n")).collect::<String>())?,
    }
    let operator = operator::operator();
    if let Err(error) = database.write(|tx| create::store(tx, &operator, &codes, &batch)) {
        return Err(worthless(&error, args.csv.as_deref()));
    }
    if let Some(path) = &args.csv {
        log::say(&format!("{} codes worth {} are in {}.", codes.len(), batch.worth, path.display()));
    }
    Ok(())
}

/// The codes that somebody has already are worth nothing, unless the database did not say.
fn worthless(error: &CliError, file: Option<&Path>) -> CliError {
    if matches!(error, CliError::Database { error: DbError::Uncertain, .. }) {
        return CliError::Refused(format!("{error}: try one of the codes before you make others"));
    }
    // A file of codes that are none would only be taken for others.
    if let Some(path) = file {
        let _ = std::fs::remove_file(path);
    }
    CliError::Refused(format!("{error}. No code is worth anything: make them again"))
}

impl WorthArgs {
    /// `None` for a plan that is not for sale.
    fn read(&self, connection: &mut Connection) -> Result<Option<Worth>, DbError> {
        match (&self.plan, self.credits) {
            (Some(plan), _) => Ok(on_sale::read(connection)?.and_then(|on_sale| Worth::of_plan(&on_sale, plan))),
            (None, credits) => Ok(credits.map(Worth::Credits)),
        }
    }
}

fn find(connection: &mut Connection, slug: &str) -> Result<Option<OrganizationId>, DbError> {
    // No slug has one, and PostgreSQL does not even compare text that does.
    let slug = slug.replace('\0', "");
    Ok(organization::named(connection, &slug)?.map(|(id, _)| id))
}

fn in_file(path: &Path) -> impl Fn(std::io::Error) -> CliError {
    move |error| CliError::File { path: path.to_owned(), error }
}

/// Writes the codes into a new file, and onto the disk. Where that fails there is no file.
fn write_file(path: &Path, codes: &[Code], batch: &Batch, customer: Option<&str>) -> Result<(), CliError> {
    let file = new_file(path)?;
    write(&file, codes, batch, customer).map_err(std::io::Error::from).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = std::fs::remove_file(path);
        in_file(path)(error)
    })
}

/// A file that only who made it can read: whoever has a code has what it is worth.
fn new_file(path: &Path) -> Result<File, CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(in_file(path))
}

fn write(file: &File, codes: &[Code], batch: &Batch, customer: Option<&str>) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["code", "worth", "uses", "last day", "organization"])?;
    let (worth, uses) = (batch.worth.to_string(), batch.uses.to_string());
    let last = last_day(batch.ends_at, &chrono::Utc).to_string();
    for code in codes {
        writer.write_record([&code.to_string(), &worth, &uses, &last, customer.unwrap_or_default()])?;
    }
    writer.flush().map_err(Into::into)
}
