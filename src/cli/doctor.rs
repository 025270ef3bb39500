//! `portico doctor`: looks at everything that `portico serve` needs, and starts nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{CliError, LISTEN, connect, in_database, listen, log};
use crate::background;
use crate::config::{Config, DatabaseArgs, LegalPages, ServeArgs};
use crate::credits::check::disagreements;
use crate::db::{DatabaseUrl, Db, DbError};
use crate::installation::{self, Fit};
use crate::jobs::{Failing, Recurring, failing, recurring};
use crate::orders::{order, payment};
use crate::secrets::SecretKeys;
use crate::time::Timestamp;

pub(super) fn run(args: &ServeArgs) -> Result<(), CliError> {
    let mut failures = 0;
    let mut check = |name: &str, outcome: Result<String, String>| match outcome {
        Ok(detail) => log::say(&format!("ok    {name}: {detail}")),
        Err(reason) => {
            failures += 1;
            log::say(&format!("FAIL  {name}: {reason}"));
        }
    };
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let config = log::filter(&args.log).and_then(|_| Config::production(args)).map_err(|error| text(&error));
    let proxy = config.as_ref().ok().and_then(Config::missing_proxy);
    check("settings", config.map(|config| config.public_url));
    check("terms and privacy", Ok(legal_pages(&args.legal)));
    check("secret key", check_key(args));
    if let Some(problem) = proxy {
        check("proxy", Err(problem.to_owned()));
    }
    check("database", check_database(&args.database).map_err(|error| text(&error)));
    if let Some(db) = usable(&args.database) {
        check("credits", check_credits(&db));
        match unmatched(&db) {
            Ok(found) if found.is_empty() => check("payments", Ok("all money that came fits an order".to_owned())),
            // It stays known after it was given back, so it keeps nobody from starting.
            Ok(found) => log::say(&format!("note  payments: {}", words_about(found))),
            Err(error) => check("payments", Err(text(&error))),
        }
        match db.read(|connection| recurring(connection, &background::recurring())) {
            Ok(all) => all.iter().for_each(|job| check(&format!("job {}", job.kind), check_job(job))),
            Err(error) => check("jobs", Err(text(&error))),
        }
        match db.read(|connection| failing(connection, &background::MONEY)) {
            Ok(all) => all.iter().for_each(|jobs| check(&format!("jobs {}", jobs.kind), Err(words_of(jobs)))),
            Err(error) => check("jobs", Err(text(&error))),
        }
    }
    let mail = args.mail.parse().map_err(|error| text(&error)).and_then(|backend| backend.check());
    check("mail server", mail.map(|()| "answers".to_owned()));
    check("listen address", check_listen(args.listen.listen).map_err(|error| text(&error)));
    if failures == 0 { Ok(()) } else { Err(CliError::Unhealthy(failures)) }
}

fn legal_pages(legal: &LegalPages) -> String {
    let named = |name: &str, page: &Option<String>| match page {
        Some(page) => page.clone(),
        None => format!("{name} is not set"),
    };
    let pages = [named("PORTICO_TERMS_URL", &legal.terms), named("PORTICO_PRIVACY_URL", &legal.privacy)].join(", ");
    if legal.are_there() { pages } else { format!("{pages}: whoever signs up accepts nothing") }
}

fn check_listen(address: SocketAddr) -> Result<String, CliError> {
    match listen(address, LISTEN) {
        Ok((_, actual)) => Ok(actual.to_string()),
        Err(_) if is_portico(address).unwrap_or(false) => Ok(format!("a Portico runs already at {address}")),
        Err(error) => Err(error),
    }
}

/// Whether what answers at an address is a Portico.
fn is_portico(address: SocketAddr) -> std::io::Result<bool> {
    const WAIT: Duration = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer)?;
    Ok(answer.contains("x-request-id: req_"))
}

fn check_key(args: &ServeArgs) -> Result<String, String> {
    let keys = args.secret_key.parse().map_err(|error| error.to_string())?;
    let exposed = args.secret_key.exposed();
    if let Some(path) = exposed.first() {
        return Err(format!("everybody on this machine can read {}", path.display()));
    }
    match key_fit(args, &keys) {
        Some(Fit::Foreign) => Err(Fit::FOREIGN.to_owned()),
        Some(Fit::Current) => Ok("it is the one of this database".to_owned()),
        Some(Fit::Other) => Ok("it takes the place of a previous one at the next start".to_owned()),
        Some(Fit::New) | None => Ok("no database has one yet, or none that could be asked".to_owned()),
    }
}

/// How the keys fit the database, if there is one that can say.
fn key_fit(args: &ServeArgs, keys: &SecretKeys) -> Option<Fit> {
    let url = args.database.parse().ok()?;
    let is_there = !matches!(&url, DatabaseUrl::Sqlite(path) if !path.exists());
    let db = is_there.then(|| connect(&url, 1).ok()).flatten()?;
    db.read(|connection| installation::fit(connection, keys)).ok()
}

fn check_database(args: &DatabaseArgs) -> Result<String, CliError> {
    let url = args.parse()?;
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.exists()
    {
        return Ok(format!("{url} does not exist yet; `portico migrate` or `portico serve` creates it"));
    }
    let db = connect(&url, 1)?;
    let pending = db.pending_migrations().map_err(in_database(&url))?.len();
    let unknown = db.unknown_migrations().map_err(in_database(&url))?.len();
    Ok(match (pending, unknown) {
        (0, 0) => format!("{url} is up to date"),
        (0, count) => format!("{url} is newer than this program, which does not know {count} of its migrations"),
        (count, _) => format!("{url} answers; {count} migrations are pending (`serve` and `migrate` apply them)"),
    })
}

/// The database, where there is one that is up to date.
fn usable(args: &DatabaseArgs) -> Option<Db> {
    let url = args.parse().ok()?;
    let is_there = !matches!(&url, DatabaseUrl::Sqlite(path) if !path.exists());
    let db = is_there.then(|| connect(&url, 1).ok()).flatten()?;
    db.pending_migrations().ok()?.is_empty().then_some(db)
}

/// Whether the ledgers agree with themselves.
fn check_credits(db: &Db) -> Result<String, String> {
    match db.read(disagreements) {
        Ok(found) if found.is_empty() => Ok("every balance is the sum of its rows".to_owned()),
        Ok(found) => Err(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        Err(error) => Err(error.to_string()),
    }
}

/// How many payments are named that fit no order.
const NAMED: i64 = 20;

/// The money that fits no order, a phrase for each payment: one more than are named where there are more.
fn unmatched(db: &Db) -> Result<Vec<String>, DbError> {
    db.read(|connection| {
        let found = payment::unmatched(connection, NAMED + 1)?;
        let words = |one: &payment::Payment| {
            let (number, due) = (order::number(connection, &one.order_id)?, one.amount());
            let moment = one.updated_at.exact();
            let name = one.provider_payment.as_deref().unwrap_or_default();
            Ok(format!("{} came for order {number} of {due} at {moment} ({} {name})", one.arrived, one.provider))
        };
        found.iter().map(words).collect()
    })
}

fn words_about(mut unmatched: Vec<String>) -> String {
    let more = if unmatched.len() as i64 > NAMED { "; and more" } else { "" };
    unmatched.truncate(NAMED as usize);
    format!("money came that nobody owes, to be given back at the provider: {}{more}", unmatched.join("; "))
}

/// Work that comes once and fails.
fn words_of(jobs: &Failing) -> String {
    let Failing { count, due_at, last_error, .. } = jobs;
    format!("{count} failed and will be tried again, the first at {}: {last_error}", due_at.exact())
}

/// When recurring work ran and runs next, and whether it fails.
fn check_job(job: &Recurring) -> Result<String, String> {
    let at = |moment: Option<Timestamp>| moment.map_or("never".to_owned(), |moment| moment.exact());
    let next = if job.is_running() { "it is being done".to_owned() } else { format!("next {}", job.due_at.exact()) };
    let times = format!("last run {}, last done {}, {next}", at(job.ran_at), at(job.done_at));
    match job.is_failing() {
        false => Ok(times),
        true => Err(format!("failed {} times in a row, {times}: {}", job.failures().max(1), job.last_error)),
    }
}
