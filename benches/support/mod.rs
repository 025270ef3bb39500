//! What benchmarks share: a portal with one Owner, and a client that asks for pages over one connection.

// What is measured is printed for whoever runs it; no benchmark uses all of this.
#![allow(clippy::print_stdout, dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use portico::access::{Membership, Person, Scope};
use portico::accounts::users::{self, NewUser};
use portico::app::App;
use portico::config::{Config, LegalPages, Protection, SignUp};
use portico::db::{DatabaseUrl, Db, DbError, WriteTx};
use portico::ids::UserId;
use portico::mail::Backend;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::passwords::PasswordCost;
use portico::rates::Limits;
use portico::secrets::{SecretKey, SecretKeys};
use portico::server::serve;
use portico::time::Clock;

pub const PASSWORD: &str = "a quiet harbour at dawn";
const ROUNDS: usize = 1_500;

/// Whether to measure: `cargo test --benches` starts benchmarks too.
pub fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// What stands behind `name` at the command line.
pub fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The database that `--database` names, or an SQLite file in a folder that goes with the benchmark.
pub fn database(folder: &tempfile::TempDir) -> DatabaseUrl {
    match argument("--database") {
        Some(url) => url.parse().expect("a database URL"),
        None => DatabaseUrl::Sqlite(folder.path().join("portico.db")),
    }
}

/// An Organization of the Owner.
pub fn found(tx: &mut WriteTx, name: &str, hash: &str) -> Result<Scope, DbError> {
    let owner = match users::credentials(tx.connection, "owner@example.com")? {
        Some(known) => owner(known.id),
        None => user(tx, "Olga", "Owner", "owner@example.com", hash)?,
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
    Ok(Scope::new(owner, membership))
}

pub fn app(url: &DatabaseUrl) -> App {
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
        closed_grace: chrono::Duration::days(30),
        mail_lanes: 1,
        payments: None,
    };
    let db = Db::connect(url, config.connections).expect("the database answers");
    App::new(config, db, Clock::System, Backend::Mailbox)
}

pub fn user(tx: &mut WriteTx, first: &str, last: &str, email: &str, hash: &str) -> Result<Person, DbError> {
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

/// Who owns all Organizations.
pub fn owner(user_id: UserId) -> Person {
    Person {
        user_id,
        email: "owner@example.com".to_owned(),
        first_name: "Olga".to_owned(),
        last_name: "Owner".to_owned(),
        ip: "192.0.2.1".to_owned(),
    }
}

pub fn start(app: &Data<App>) -> TcpStream {
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
pub struct Client {
    stream: BufReader<TcpStream>,
    cookie: String,
}

impl Client {
    pub fn new(stream: TcpStream) -> Self {
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

    pub fn sign_in(&mut self) {
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

    pub fn get(&mut self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}\r\n\r\n", self.cookie);
        let (status, head, body) = self.send(&request);
        assert_eq!(status, 200, "{path}: {head}");
        String::from_utf8(body).expect("a page")
    }

    fn time(&mut self, path: &str) -> Duration {
        let started = Instant::now();
        self.get(path);
        started.elapsed()
    }

    /// Both pages in turn, so that whatever else the machine does meets both. What counts is the ratio of the medians.
    pub fn compare(&mut self, title: &str, small: &str, large: &str) {
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

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
