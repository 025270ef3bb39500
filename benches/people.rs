//! Whether pages about people cost the same in a small and in a very large Organization.
//!
//! `cargo bench --bench people` fills one SQLite file with an Organization of 200 and one of 200,000 people (and with
//! `-- --database postgres://…` that database, which must be empty), starts the real server, and asks for the same page of both
//! in turn over one connection. What counts is the ratio of the medians in one run, never the milliseconds.

// What it measures is printed for whoever runs it.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use diesel::prelude::*;
use portico::access::{Membership, Person, Role, Scope};
use portico::accounts::users::{self, NewUser};
use portico::app::App;
use portico::config::{Config, LegalPages, Protection, SignUp};
use portico::db::{Connection, DatabaseUrl, Db, DbError, WriteTx};
use portico::ids::UserId;
use portico::mail::Backend;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::passwords::PasswordCost;
use portico::people::counts;
use portico::people::invite::invite;
use portico::people::listing::{self, Place, Range, Sort};
use portico::people::members::join;
use portico::rates::Limits;
use portico::schema::people_terms;
use portico::secrets::{SecretKey, SecretKeys};
use portico::server::serve;
use portico::time::Clock;

const PASSWORD: &str = "a quiet harbour at dawn";
const SMALL: usize = 200;
const LARGE: usize = 200_000;
/// People created in one transaction.
const BATCH: usize = 5_000;
const ROUNDS: usize = 1_500;

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
    // `cargo test --benches` starts benches too: only `cargo bench` measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url: DatabaseUrl = match argument("--database") {
        Some(url) => url.parse().expect("a database URL"),
        None => DatabaseUrl::Sqlite(folder.path().join("portico.db")),
    };
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
    let far_small = client.page_after("small", 2);
    let far_large = client.page_after("large", 2_000);
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

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
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
        stop_delay: std::time::Duration::ZERO,
        limits: Limits::default(),
        protection: Protection::default(),
        legal: LegalPages::default(),
        licence_grace: portico::config::LicenceArgs::default().grace(),
        mail_lanes: 1,
    };
    let db = Db::connect(url, config.connections).expect("the database answers");
    App::new(config, db, Clock::System, Backend::Mailbox)
}

fn fill(app: &App, name: &str, people: usize) {
    let hash = app.passwords.hash_now(PASSWORD);
    let scope = app.write_now::<_, DbError>(|tx| {
        let owner = match users::credentials(tx.connection, "owner@example.com")? {
            Some(known) => owner(known.id),
            None => user(tx, "Olga", "Owner", "owner@example.com", &hash)?,
        };
        let new = NewOrganization {
            kind: Kind::Individual,
            name: name.to_owned(),
            legal_name: String::new(),
            country: String::new(),
            creation_key: name.to_owned(),
        };
        let Create::Created { slug } = create(tx, &owner, &new)? else { panic!("{name} is not created") };
        let membership = Membership::find(tx.connection, &owner.user_id, &slug)?.expect("created just now");
        let scope = Scope::new(owner, membership);
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

fn user(tx: &mut WriteTx, first: &str, last: &str, email: &str, hash: &str) -> Result<Person, DbError> {
    let new = NewUser {
        email: email.to_owned(),
        password_hash: hash.to_owned(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        company: String::new(),
        country: "CH".to_owned(),
    };
    Ok(users::create(tx, &new, "192.0.2.1")?.expect("the address is free"))
}

/// Who owns both Organizations.
fn owner(user_id: UserId) -> Person {
    Person {
        user_id,
        email: "owner@example.com".to_owned(),
        first_name: "Olga".to_owned(),
        last_name: "Owner".to_owned(),
        ip: "192.0.2.1".to_owned(),
    }
}

fn start(app: &Data<App>) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = app.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new()
            .block_on(async move { serve(app, vec![listener]).expect("the server starts").await })
            .expect("the server runs");
    });
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    stream
}

/// One connection that is kept, and the cookie.
struct Client {
    stream: BufReader<TcpStream>,
    cookie: String,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(stream), cookie: String::new() }
    }

    fn send(&mut self, request: &str) -> (u16, String, Vec<u8>) {
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
        let (mut head, mut line) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            self.stream.read_line(&mut line).expect("the server answers");
            head.push_str(&line);
        }
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the whole body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, head, body)
    }

    fn sign_in(&mut self) {
        let form = format!("email=owner%40example.com&password={}", PASSWORD.replace(' ', "+"));
        let (status, head, _) = self.send(&format!(
            "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ));
        assert_eq!(status, 303, "{head}");
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: ").filter(|cookie| cookie.starts_with("portico=")))
            .expect("a cookie");
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    }

    fn get(&mut self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}\r\n\r\n", self.cookie);
        let (status, head, body) = self.send(&request);
        assert_eq!(status, 200, "{path}: {head}");
        String::from_utf8(body).expect("a page")
    }

    /// The address of a page that many pages down.
    fn page_after(&mut self, slug: &str, pages: usize) -> String {
        let mut path = format!("/organizations/{slug}/people");
        for _ in 0..pages {
            let page = self.get(&path);
            let at = page.find("after=").expect("a next page");
            let rest = &page[..];
            let start = rest[..at].rfind('"').expect("an attribute") + 1;
            let end = at + rest[at..].find('"').expect("an attribute");
            path = rest[start..end].replace("&amp;", "&").replace("&#38;", "&");
        }
        path.rsplit_once('/').expect("a path").1.to_owned()
    }

    fn time(&mut self, path: &str) -> Duration {
        let started = Instant::now();
        self.get(path);
        started.elapsed()
    }

    /// Both pages in turn, so that whatever else the machine does meets both.
    fn compare(&mut self, title: &str, small: &str, large: &str) {
        let (small, large) = (format!("/organizations/small/{small}"), format!("/organizations/large/{large}"));
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            one.push(self.time(&small));
            other.push(self.time(&large));
        }
        let (one, other) = (median(one), median(other));
        let ratio = other.as_secs_f64() / one.as_secs_f64();
        let micros = |time: Duration| format!("{} µs", time.as_micros());
        println!("{title:<34} {:>10} {:>10} {ratio:>7.2}", micros(one), micros(other));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
