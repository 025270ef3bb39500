//! What stands in the place of Stripe: two public programs that behave like it (`tests/stripe/`), and a server that answers what a test
//! says, for what neither of them does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

use hmac::{Hmac, Mac};
use portico::config::PaymentSettings;
use portico::payments::stripe::Account;
use portico::secrets::Secret;
use portico::time::Timestamp;
use sha2::Sha256;

use super::lines::Lines;
use super::{Database, Portal};

/// What events are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_of_these_tests";

/// An account at whatever listens there.
pub fn account(api_base: &str) -> Account {
    Account {
        secret_key: Secret::presented("sk_test_of_these_tests"),
        webhook_secrets: ["whsec_of_before", WEBHOOK_SECRET].map(Secret::presented).into(),
        api_base: url::Url::parse(api_base).expect("an address"),
        page_sites: vec![api_base.to_owned()],
    }
}

impl Database {
    /// A portal whose payments an account at Stripe takes.
    pub fn portal_with_stripe(self, api_base: &str) -> Portal {
        self.portal_with(|config| config.payments = Some(PaymentSettings::Stripe(account(api_base))))
    }
}

/// Where `tests/stripe/install` puts the programs.
fn tools() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/stripe"))
}

/// A program that ends with its standard input, so with the test.
pub struct Program {
    child: Child,
    _input: ChildStdin,
    pub url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(mut command: Command) -> (Child, ChildStdin, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let input = child.stdin.take().expect("it is piped");
    let (lines, complaints) = (Lines::default(), Lines::default());
    lines.collect(child.stdout.take().expect("it is piped"));
    complaints.collect(child.stderr.take().expect("it is piped"));
    let first = lines.wait(|lines| lines.first().cloned());
    let first = first.unwrap_or_else(|| panic!("it says nothing but {:?}", complaints.all()));
    (child, input, first)
}

/// localstripe: payments while nobody is there, declines, methods, refunds.
pub fn localstripe() -> Program {
    let mut command = Command::new(tools().join("python/bin/python"));
    command.arg("-I").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stripe/localstripe.py"));
    let (child, input, port) = start(command);
    Program { child, _input: input, url: format!("http://127.0.0.1:{port}") }
}

/// An address where nobody listens, and nobody at the port after it.
pub fn free_address() -> (u16, String) {
    let port = loop {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            break port;
        }
    };
    (port, format!("http://127.0.0.1:{port}"))
}

/// emulate, at an address that is chosen already, telling its events to a portal: a payment page, and signed events.
pub fn emulate(port: u16, portal: &Portal) -> Program {
    let mut command = Command::new(tools().join("node"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stripe/emulate.mjs"));
    command.args([&port.to_string(), &format!("{}/hooks/stripe", portal.url), WEBHOOK_SECRET]).arg(tools());
    let (child, input, _) = start(command);
    Program { child, _input: input, url: format!("http://127.0.0.1:{port}") }
}

/// A signature as the documentation of Stripe says that it is made.
pub fn sign(secret: &str, body: &str, at: Timestamp) -> String {
    let moment = at.unix_millis() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{moment}.{body}").as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={moment},v1={signature}")
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and address.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field of the form that was sent.
    pub fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into())
    }
}

/// A server that answers what a test says.
pub struct Scripted {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    /// `answer` is given a request, and answers a status and a body; a status of 0 is none, and the connection ends.
    pub fn start(answer: impl Fn(&Asked) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let notes = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some((request, mut stream)) = stream.ok().and_then(read) else { continue };
                notes.lock().expect("no test panicked").push(request.clone());
                let (status, body) = answer(&request);
                if status > 0 {
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                    let _ = stream.write_all(format!("{head}{body}").as_bytes());
                }
            }
        });
        Self { url, asked }
    }

    /// All that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panicked").clone()
    }
}

pub(super) fn read(stream: TcpStream) -> Option<(Asked, TcpStream)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let line = lines.first()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some((Asked { line, headers, body: String::from_utf8_lossy(&body).into_owned() }, stream))
}
