//! Whether pages about people cost the same in a small and in a very large Organization.
//!
//! `cargo bench --bench people` fills one SQLite file with an Organization of 200 and one of 200,000 people (and with
//! `-- --database postgres://…` that database, which must be empty), starts the real server, and asks for the same page of both
//! in turn over one connection. What counts is the ratio of the medians in one run, never the milliseconds.

// What it measures is printed for whoever runs it.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use actix_web::web::Data;
use diesel::prelude::*;
use portico::access::{Membership, Role, Scope};
use portico::accounts::users;
use portico::app::App;
use portico::db::{Connection, DatabaseUrl, DbError};
use portico::people::counts;
use portico::people::invite::invite;
use portico::people::listing::{self, Place, Range, Sort};
use portico::people::members::join;
use portico::schema::people_terms;

use support::{Client, PASSWORD, app, argument, database, found, is_asked_for, median, owner, start, user};

mod support;

const SMALL: usize = 200;
const LARGE: usize = 200_000;
/// People created in one transaction.
const BATCH: usize = 5_000;

const FIRST: [&str; 20] = [
    "Aisha", "Bruno", "Chiara", "Daniel", "Elena", "Finn", "Grace", "Henrik", "Ivan", "Jasmin", "Kenji", "Laura",
    "Mateo", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Samuel", "Tereza",
];
const LAST: [&str; 23] = [
    "Adeyemi", "Berger", "Carvalho", "Dahl", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Keller",
    "Laurent", "Moreau", "Nieminen", "Okafor", "Petrovic", "Quist", "Rossi", "Sato", "Thornton", "Ueda", "Vasquez",
    "Watanabe",
];

fn main() {
    if !is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(&folder);
    let app = Data::new(app(&url));
    app.db.migrate().expect("migrations run");
    let started = Instant::now();
    let large = argument("--people").map_or(LARGE, |people| people.parse().expect("a number"));
    for (name, people) in [("small", SMALL), ("large", large)] {
        fill(&app, name, people);
    }
    if let DatabaseUrl::Postgresql(_) = url {
        app.write_now::<_, DbError>(|tx| {
            diesel::sql_query("ANALYZE").execute(tx.connection)?;
            Ok(())
        })
        .expect("statistics");
    }
    println!("filled {url} with {SMALL} and {large} people in {:.0} s", started.elapsed().as_secs_f64());
    inviting(&app);
    reading(&app);
    let mut client = Client::new(start(&app));
    client.sign_in();
    println!("{:<34} {:>10} {:>10} {:>7}", "page", "200", "200,000", "ratio");
    let far_small = page_after(&mut client, "small", 2);
    let far_large = page_after(&mut client, "large", 2_000);
    let pages: [(&str, &str, &str); 6] = [
        ("list, first page", "people", "people"),
        ("list, far down", &far_small, &far_large),
        ("search by a common beginning", "people?search=ke", "people?search=ke"),
        ("search by one address", "people?search=kenji.keller.70%40", "people?search=kenji.keller.148190%40"),
        ("Owners only", "people?role=owner", "people?role=owner"),
        ("pending only", "people?status=pending", "people?status=pending"),
    ];
    for (title, small, large) in pages {
        client.compare(title, small, large);
    }
}

/// The scope of the Owner in one of the Organizations.
fn scope(app: &App, slug: &str) -> Scope {
    app.db
        .read::<_, DbError>(|connection| {
            let known = users::credentials(connection, "owner@example.com")?.expect("the Owner is there");
            let membership = Membership::find(connection, &known.id, slug)?.expect("of both Organizations");
            Ok(Scope::new(owner(known.id), membership))
        })
        .expect("the scope is read")
}

/// How many invitations a second are stored, and how many terms each of them and each member has.
fn inviting(app: &App) {
    let scope = scope(app, "small");
    let started = Instant::now();
    for start in (0..1_000).step_by(25) {
        let emails: Vec<_> = (start..start + 25)
            .map(|number| (format!("first.last{number}@company.example.org"), Role::Reader))
            .collect();
        app.write_now::<_, DbError>(|tx| invite(tx, &scope, &emails)).expect("they are invited");
    }
    println!("inviting 1,000: {:.0} a second", 1_000.0 / started.elapsed().as_secs_f64());
    for kind in ["member", "invitation"] {
        let (terms, entries): (i64, i64) = app
            .db
            .read::<_, DbError>(|connection| {
                let of_kind = people_terms::table.filter(people_terms::kind.eq(kind));
                // Each entry has one place in the order of names.
                let by_name = of_kind.filter(people_terms::term.lt("\u{2}"));
                Ok((of_kind.count().get_result(connection)?, by_name.count().get_result(connection)?))
            })
            .expect("they are counted");
        println!("terms of one {kind}: {:.1}", terms as f64 / entries as f64);
    }
}

/// What the list asks of the database, without the page around it.
fn reading(app: &App) {
    let scopes = ["small", "large"].map(|slug| scope(app, slug));
    println!("{:<34} {:>10} {:>10} {:>7}", "reading", "small", "large", "ratio");
    for (title, search, sort, descending) in [
        ("by name", "", Sort::Name, false),
        ("by role", "", Sort::Role, false),
        ("by joining, latest first", "", Sort::Joined, true),
        ("by last activity, latest first", "", Sort::LastActive, true),
        ("search of one word", "ke", Sort::Name, false),
        ("search of two words", "keller kenji", Sort::Name, false),
        ("search of two words that never meet", "keller zz", Sort::Name, false),
    ] {
        compare(app, title, &scopes, |connection, scope| {
            let range = Range {
                organization: scope.organization_id(),
                search,
                role: None,
                status: None,
                sort,
                descending,
                from: Place::Start,
                limit: 51,
                now: app.now(),
            };
            listing::read(connection, &range).map(drop)
        });
    }
    compare(app, "counts", &scopes, |connection, scope| {
        counts::read(connection, scope.organization_id(), app.now()).map(drop)
    });
}

fn compare(app: &App, title: &str, scopes: &[Scope; 2], body: impl Fn(&mut Connection, &Scope) -> Result<(), DbError>) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..200 {
        for (scope, times) in scopes.iter().zip(&mut times) {
            let started = Instant::now();
            app.db.read(|connection| body(connection, scope)).expect("it is read");
            times.push(started.elapsed());
        }
    }
    let [small, large] = times.map(median);
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    println!("{title:<34} {:>7} µs {:>7} µs {ratio:>7.2}", small.as_micros(), large.as_micros());
}

fn fill(app: &App, name: &str, people: usize) {
    let hash = app.passwords.hash_now(PASSWORD);
    let scope = app.write_now::<_, DbError>(|tx| {
        let scope = found(tx, name, &hash)?;
        let guests: Vec<_> = (0..50).map(|guest| (format!("guest{guest}@example.com"), Role::Reader)).collect();
        invite(tx, &scope, &guests)?;
        Ok(scope)
    });
    let scope = scope.expect("the Organization is created");
    for start in (0..people).step_by(BATCH) {
        app.write_now::<_, DbError>(|tx| {
            for number in start..(start + BATCH).min(people) {
                let (first, last) = (FIRST[number % FIRST.len()], LAST[(number / 7) % LAST.len()]);
                let email = format!("{first}.{last}.{number}@{name}.example.com").to_lowercase();
                let person = user(tx, first, last, &email, &hash)?;
                let role = Role::ALL[number % 4];
                join(tx, scope.organization_id(), &person.user_id, role, "Olga Owner")?;
            }
            Ok(())
        })
        .expect("people join");
    }
}

/// The address of a page that many pages down.
fn page_after(client: &mut Client, slug: &str, pages: usize) -> String {
    let mut path = format!("/organizations/{slug}/people");
    for _ in 0..pages {
        let page = client.get(&path);
        let at = page.find("after=").expect("a next page");
        let rest = &page[..];
        let start = rest[..at].rfind('"').expect("an attribute") + 1;
        let end = at + rest[at..].find('"').expect("an attribute");
        path = rest[start..end].replace("&amp;", "&").replace("&#38;", "&");
    }
    path.rsplit_once('/').expect("a path").1.to_owned()
}
