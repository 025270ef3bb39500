//! A real mail server in a process of its own, and certificates for it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::lines::Lines;

const PYTHON: &str = "/usr/bin/python3";

/// A mail as the server got it.
#[derive(Clone, Debug, Deserialize)]
pub struct Received {
    pub sender: String,
    pub recipients: Vec<String>,
    /// Whether it came through TLS.
    pub tls: bool,
    /// Who signed in at the server.
    pub user: Option<String>,
    /// The content type of the whole.
    pub kind: String,
    /// Names in lower case, values decoded.
    headers: Vec<(String, String)>,
    pub text: String,
    pub html: String,
    /// As it stood on the wire.
    pub raw: String,
}

impl Received {
    /// Every value of a header, decoded.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header that must be there once.
    pub fn header(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.raw);
        all[0]
    }
}

/// How a mail server is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub port: u16,
    pub certificate: Option<PathBuf>,
    /// TLS from the start; otherwise STARTTLS is demanded where there is a certificate.
    pub wrapped: bool,
    /// `user:password` that must be given.
    pub account: Option<String>,
}

/// A running mail server. It ends with its standard input, so with the test.
pub struct SmtpServer {
    child: Child,
    orders: ChildStdin,
    events: Lines,
    complaints: Lines,
    pub port: u16,
}

impl SmtpServer {
    /// A server that takes everything in clear. Tests that need one are ignored where there is none (`build.rs`).
    pub fn start() -> Self {
        Self::start_with(&Options::default())
    }

    pub fn start_with(options: &Options) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/smtp_server.py");
        let mut command = Command::new(PYTHON);
        command.arg("-I").arg(script).args(["--port", &options.port.to_string()]);
        if let Some(certificate) = &options.certificate {
            command.arg("--certificate").arg(certificate);
        }
        if options.wrapped {
            command.arg("--wrapped");
        }
        if let Some(account) = &options.account {
            command.args(["--account", account]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the mail server can be started");
        let (events, complaints) = (Lines::default(), Lines::default());
        events.collect(child.stdout.take().expect("piped"));
        complaints.collect(child.stderr.take().expect("piped"));
        let orders = child.stdin.take().expect("piped");
        let listening = events.wait(|lines| lines.first().cloned());
        let listening = listening.unwrap_or_else(|| panic!("no mail server: {:?}", complaints.all()));
        let port = serde_json::from_str::<Value>(&listening).expect("JSON")["port"].as_u64().expect("a port");
        Self { child, orders, events, complaints, port: port.try_into().expect("a port") }
    }

    /// Its address, in clear.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    fn order(&mut self, order: &Value) {
        let before = self.count("obeyed");
        writeln!(self.orders, "{order}").expect("the mail server listens");
        self.wait_for("obeyed", before + 1);
    }

    /// Answers so to a recipient from now on.
    pub fn refuse(&mut self, recipient: &str, answer: &str) {
        self.order(&json!({ "refuse": { recipient: answer } }));
    }

    /// Answers so to every message from now on.
    pub fn refuse_data(&mut self, answer: &str) {
        self.order(&json!({ "data": answer }));
    }

    /// Takes messages, but does not say so until it accepts everything again.
    pub fn hold(&mut self) {
        self.order(&json!({ "hold": true }));
    }

    pub fn accept(&mut self) {
        self.order(&json!({}));
    }

    /// How often something has happened: `mail` (a sender was named), `message` (taken), `answered`, `refused`.
    pub fn count(&self, event: &str) -> usize {
        self.events.all().iter().filter(|line| is(line, event)).count()
    }

    pub fn wait_for(&self, event: &str, count: usize) {
        let enough = |lines: &[String]| (lines.iter().filter(|line| is(line, event)).count() >= count).then_some(());
        let names = || self.events.all().iter().filter_map(|line| event_of(line)).collect::<Vec<_>>();
        let is_enough = self.events.wait(enough).is_some();
        assert!(is_enough, "no {count} × {event}, only {:?}; {:?}", names(), self.complaints.all());
    }

    /// The messages so far.
    pub fn received(&self) -> Vec<Received> {
        let all = self.events.all();
        let messages = all.iter().filter(|line| is(line, "message"));
        messages.map(|line| serde_json::from_str(line).expect("a message")).collect()
    }

    /// Waits until there are `count` messages.
    pub fn wait_for_messages(&self, count: usize) -> Vec<Received> {
        self.wait_for("message", count);
        self.received()
    }

    /// Ends it, with all its connections, and answers the port that is free now.
    pub fn end(mut self) -> u16 {
        self.child.kill().expect("the mail server can be killed");
        self.child.wait().expect("a killed process ends");
        self.port
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn event_of(line: &str) -> Option<String> {
    let value: Value = serde_json::from_str(line).ok()?;
    value["event"].as_str().map(str::to_owned)
}

fn is(line: &str, event: &str) -> bool {
    event_of(line).is_some_and(|name| name == event)
}

/// A certificate for this machine that nobody trusts unless told to.
pub struct Certificate {
    folder: tempfile::TempDir,
}

impl Certificate {
    pub fn make() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let certificate = made.cert.pem();
        std::fs::write(folder.path().join("certificate"), &certificate).expect("a file");
        std::fs::write(folder.path().join("both"), certificate + &made.signing_key.serialize_pem()).expect("a file");
        Self { folder }
    }

    /// For the server: with its key.
    pub fn with_key(&self) -> PathBuf {
        self.folder.path().join("both")
    }

    /// For `SSL_CERT_FILE` of a process that is to trust it.
    pub fn alone(&self) -> PathBuf {
        self.folder.path().join("certificate")
    }
}
