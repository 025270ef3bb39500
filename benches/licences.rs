//! Whether pages about licences and a change of a seat cost the same with few and with very many licences.
//!
//! `cargo bench --bench licences` fills one SQLite file with an Organization of 500 and one of 200,000 licences (and with
//! `-- --database postgres://…` that database, which must be empty), and does the same in both in turn. What counts is the ratio of
//! the medians in one run, never the milliseconds.

// What it measures is printed for whoever runs it.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use chrono::Duration as Days;
use diesel::prelude::*;
use portico::access::{Membership, Person, Scope};
use portico::accounts::users::{self, NewUser};
use portico::app::App;
use portico::audit::By;
use portico::config::{Config, LegalPages, LicenceArgs, Protection, SignUp};
use portico::db::{Connection, DatabaseUrl, Db, DbError, WriteTx};
use portico::ids::LicenceId;
use portico::licences::issue::{Given, issue};
use portico::licences::listing::{self, Show};
use portico::licences::seats::{self, Occupy, Release};
use portico::licences::terms::Term;
use portico::mail::Backend;
use portico::orders::dashboard::{charges, owned};
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::paging::Place;
use portico::passwords::PasswordCost;
use portico::rates::Limits;
use portico::secrets::{SecretKey, SecretKeys};
use portico::time::Clock;

const SMALL: usize = 500;
const LARGE: usize = 200_000;
/// Licences issued in one transaction.
const BATCH: usize = 5_000;
const ROUNDS: usize = 1_000;
/// Licences on a page.
const PAGE: usize = 20;

/// An Organization, and the licences that a round uses.
struct Company {
    scope: Scope,
    /// One of the middle of the list.
    licence: LicenceId,
}

fn main() {
    // `cargo test --benches` starts benches too: only `cargo bench` measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url: DatabaseUrl = match argument("--database") {
        Some(url) => url.parse().expect("a database URL"),
        None => DatabaseUrl::Sqlite(folder.path().join("portico.db")),
    };
    let app = app(&url);
    app.db.migrate().expect("migrations run");
    let started = Instant::now();
    let large = argument("--licences").map_or(LARGE, |count| count.parse().expect("a number"));
    let companies = [("small", SMALL), ("large", large)].map(|(name, licences)| fill(&app, name, licences));
    if let DatabaseUrl::Postgresql(_) = url {
        app.write_now::<_, DbError>(|tx| {
            diesel::sql_query("ANALYZE").execute(tx.connection)?;
            Ok(())
        })
        .expect("statistics");
    }
    println!("filled {url} with {SMALL} and {large} licences in {:.0} s", started.elapsed().as_secs_f64());
    println!("{:<34} {:>10} {:>10} {:>7}", "", "small", "large", "ratio");
    let (now, grace) = (app.now(), LicenceArgs::default().grace());
    for (title, show) in [
        ("My Plans, first page", Show::All),
        ("ending soon", Show::Expiring),
        ("in grace", Show::InGrace),
        ("suspended", Show::Suspended),
    ] {
        compare(&companies, title, |company| {
            read(&app, |connection| {
                listing::read(connection, &company.scope, show, Place::Start, PAGE, (now, grace)).map(drop)
            });
        });
    }
    compare(&companies, "My Plans, far down", |company| {
        let place = Place::After(company.licence.as_str());
        read(&app, |connection| {
            listing::read(connection, &company.scope, Show::All, place, PAGE, (now, grace)).map(drop)
        });
    });
    compare(&companies, "one licence", |company| {
        read(&app, |connection| listing::one(connection, &company.scope, &company.licence).map(drop));
    });
    compare(&companies, "dashboard, owned", |company| {
        read(&app, |connection| owned(connection, company.scope.organization_id(), now, grace).map(drop));
    });
    compare(&companies, "dashboard, charges", |company| {
        read(&app, |connection| charges(connection, company.scope.organization_id(), now, grace).map(drop));
    });
    compare(&companies, "a seat taken and released", |company| {
        let taken = app.write_now::<_, DbError>(|tx| seats::occupy(tx, &company.scope, &company.licence));
        assert_eq!(taken.expect("a transaction"), Occupy::Occupied);
        let freed = app.write_now::<_, DbError>(|tx| seats::release_own(tx, &company.scope, &company.licence));
        assert!(matches!(freed.expect("a transaction"), Release::Released { .. }));
    });
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn read(app: &App, body: impl FnOnce(&mut Connection) -> Result<(), DbError>) {
    app.db.read(body).expect("it is read");
}

/// Both in turn, so that whatever else the machine does meets both.
fn compare(companies: &[Company; 2], title: &str, body: impl Fn(&Company)) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (company, times) in companies.iter().zip(&mut times) {
            let started = Instant::now();
            body(company);
            times.push(started.elapsed());
        }
    }
    let [small, large] = times.map(median);
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    println!("{title:<34} {:>7} µs {:>7} µs {ratio:>7.2}", small.as_micros(), large.as_micros());
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn app(url: &DatabaseUrl) -> App {
    let config = Config {
        public_url: "http://127.0.0.1".to_owned(),
        secret_keys: SecretKeys::only(SecretKey::new(&SecretKey::generate()).expect("a fit key")),
        sign_up: SignUp::Open,
        trusted_proxies: Vec::new(),
        demo: false,
        connections: 4,
        database_time_limit: portico::db::TIME_LIMIT,
        workers: 1,
        password_cost: PasswordCost { memory: 64, passes: 1 },
        metrics_token: None,
        stop_delay: Duration::ZERO,
        limits: Limits::default(),
        protection: Protection::default(),
        legal: LegalPages::default(),
        licence_grace: LicenceArgs::default().grace(),
        closed_grace: chrono::Duration::days(30),
        mail_lanes: 1,
        payments: None,
    };
    let db = Db::connect(url, config.connections).expect("the database answers");
    App::new(config, db, Clock::System, Backend::Mailbox)
}

fn fill(app: &App, name: &str, licences: usize) -> Company {
    let scope = app.write_now::<_, DbError>(|tx| found(tx, name)).expect("the Organization is created");
    let mut middle = None;
    for start in (0..licences).step_by(BATCH) {
        app.write_now::<_, DbError>(|tx| {
            let now = tx.now;
            for number in start..(start + BATCH).min(licences) {
                // Their ends are spread over two years, half of them to come.
                tx.now = now - Days::minutes((number * 1_051_200 / licences) as i64);
                let given = Given {
                    product: format!("Product {}", number % 40),
                    plan: "Team".to_owned(),
                    term: Term::Yearly,
                    seats: 5,
                    includes: vec!["Desktop processing".to_owned(), "E-mail support".to_owned()],
                    support_until: None,
                    sold: None,
                };
                let id = issue(tx, By::member(&scope), scope.organization_id(), &given)?;
                if number == licences / 4 {
                    middle = Some(id);
                }
            }
            Ok(())
        })
        .expect("licences are issued");
    }
    Company { scope, licence: middle.expect("one of them") }
}

fn found(tx: &mut WriteTx, name: &str) -> Result<Scope, DbError> {
    let new = NewUser {
        email: format!("owner@{name}.example.com"),
        password_hash: String::new(),
        first_name: "Olga".to_owned(),
        last_name: "Owner".to_owned(),
        company: String::new(),
        country: "CH".to_owned(),
    };
    let owner: Person = users::create(tx, &new, "192.0.2.1")?.expect("the address is free");
    let new = NewOrganization {
        kind: Kind::Individual,
        name: name.to_owned(),
        legal_name: String::new(),
        country: String::new(),
        creation_key: name.to_owned(),
    };
    let Create::Created { slug } = create(tx, &owner, &new)? else { panic!("{name} is not created") };
    let membership = Membership::find(tx.connection, &owner.user_id, &slug)?.expect("created just now");
    Ok(Scope::new(owner, membership))
}
