//! The program itself, as an operator starts it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chrono::Duration;
use diesel::prelude::*;
use portico::db::{DatabaseUrl, Db, DbError, WriteTx};
use portico::schema::jobs;

use super::browser::Browser;
use super::lines::{Lines, poll};
use super::portal::{PASSWORD, Persona, Portal};

/// The key of every portal in tests, so that a process and the test read the same outbox.
pub fn secret_key() -> String {
    "The key of tests: more than 64 bytes and never to be typed by anybody elsewhere.".to_owned()
}

/// A command of the program, with nothing in its environment.
pub fn portico<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portico"));
    command.args(arguments).env_clear();
    command
}

/// `portico serve` on a free port, with everything set that it wants. No mail server answers unless another one is set.
pub fn serve(database_url: &str) -> Command {
    let mut command = portico(["serve"]);
    command
        .env("PORTICO_LISTEN", "127.0.0.1:0")
        .env("PORTICO_STOP_DELAY", "0")
        .env("PORTICO_PUBLIC_URL", "http://localhost")
        .env("PORTICO_DATABASE_URL", database_url)
        .env("PORTICO_SECRET_KEY", secret_key())
        .env("PORTICO_SMTP_URL", "smtp://127.0.0.1:1")
        .env("PORTICO_MAIL_FROM", "Portico <portal@example.com>");
    command
}

/// `portico serve` on the database of a portal. A process has the clock of the machine, and the portal has it from now on, too.
pub fn serve_beside(portal: &Portal) -> Command {
    portal.keep_real_time();
    serve(&portal.app.db.url().to_string())
}

/// A running server of its own. It is killed when the test forgets about it.
pub struct Process {
    child: Child,
    pub url: String,
    output: Lines,
    log: Lines,
}

impl Process {
    /// Starts a server and waits until it says where it listens.
    pub fn start(command: Command) -> Self {
        Self::start_with_log(command, Stdio::piped())
    }

    /// The same with its log going elsewhere. What goes into a pipe is read.
    pub fn start_with_log(mut command: Command, log: Stdio) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (output, log) = (Lines::default(), Lines::default());
        output.collect(child.stdout.take().expect("piped"));
        if let Some(lines) = child.stderr.take() {
            log.collect(lines);
        }
        let mut process = Self { child, url: String::new(), output, log };
        let announced = |line: &String| {
            let address = line.strip_prefix("Portico listens on ").or_else(|| line.strip_prefix("Portico demo: "))?;
            address.split_whitespace().next().map(str::to_owned)
        };
        let url = poll("the server says where it listens", || {
            let found = process.output.all().iter().find_map(announced);
            assert!(
                found.is_some() || process.child.try_wait().expect("a child").is_none(),
                "the server ended instead of listening: {}",
                process.log()
            );
            found
        });
        process.url = url;
        process
    }

    /// A browser that nobody has signed in with.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which somebody is signed in through the form.
    pub fn signed_in(&self, persona: Persona) -> Browser {
        self.signed_in_with(self.browser(), persona)
    }

    /// The same in a browser that they signed in with before, so that nobody is told by mail.
    pub fn signed_in_again(&self, portal: &Portal, persona: Persona) -> Browser {
        let browser = self.browser();
        browser.set_cookie("portico-known", &portal.known_browser_of(&persona.email()));
        self.signed_in_with(browser, persona)
    }

    fn signed_in_with(&self, browser: Browser, persona: Persona) -> Browser {
        // On a machine that does other work, too, the one at a time who may hash has to be waited for, as the answer says.
        let answer = poll("there is a turn to sign in", || {
            let answer = browser.post("/sign-in", &[("email", &persona.email()), ("password", PASSWORD)]);
            (answer.status != 503).then_some(answer)
        });
        assert_eq!((answer.status, answer.location()), (303, "/home"), "{persona:?} signs in");
        browser
    }

    /// What it printed for people.
    pub fn output(&self) -> String {
        self.output.all().join("\n")
    }

    /// What it logged.
    pub fn log(&self) -> String {
        self.log.all().join("\n")
    }

    /// Waits until it has printed something for people.
    pub fn wait_for_output(&self, words: &str) {
        let found = self.output.wait(|lines| lines.iter().any(|line| line.contains(words)).then_some(()));
        assert!(found.is_some(), "it never prints “{words}”: {}", self.output());
    }

    pub fn wait_for_log(&self, words: &str) {
        let found = self.log.wait(|lines| lines.iter().any(|line| line.contains(words)).then_some(()));
        assert!(found.is_some(), "the log never says “{words}”: {}", self.log());
    }

    /// The most memory that it has had resident so far, in MB, without the pages of the program itself: a debug build has many, and
    /// the system takes them away when it needs room.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
            line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
        };
        (kilobytes("VmHWM:") - kilobytes("RssFile:")) / 1_024
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("a killed process ends");
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &script]).status().expect("a shell");
        assert!(status.success(), "{script}");
    }

    /// Waits until it has ended by itself, and answers its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        poll("the process ends", || self.child.try_wait().expect("a child")).code()
    }

    /// Stops it as a service manager does.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.wait(), Some(0), "{}", self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub output: String,
    pub error: String,
}

/// Runs a command to its end. One that does not end is killed, and the test fails.
pub fn run(mut command: Command) -> Ended {
    let mut child = spawn(&mut command);
    let (output, error) = (Lines::default(), Lines::default());
    let readers =
        [output.collect(child.stdout.take().expect("piped")), error.collect(child.stderr.take().expect("piped"))];
    struct Killed(Child);
    impl Drop for Killed {
        fn drop(&mut self) {
            let _ = self.0.kill();
        }
    }
    let mut child = Killed(child);
    let status = poll("the command ends", || child.0.try_wait().expect("a child"));
    for reader in readers {
        reader.join().expect("the output is read");
    }
    Ended { code: status.code(), output: output.all().join("\n"), error: error.all().join("\n") }
}

/// `portico doctor` with the settings that `portico serve` would get.
pub fn doctor(settings: &Command) -> Ended {
    let mut doctor = portico(["doctor"]);
    doctor.envs(settings.get_envs().filter_map(|(key, value)| Some((key, value?))));
    run(doctor)
}

/// The database of a portal for a process alone: with SQLite a copy, so that nobody else holds the file open when the process
/// dies; with PostgreSQL the database itself.
pub struct Alone {
    pub url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

impl Alone {
    pub fn of(portal: &Portal) -> Self {
        match portal.app.db.url() {
            DatabaseUrl::Sqlite(path) => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                for name in files_of(path) {
                    if name.exists() {
                        let copy = folder.path().join(name.file_name().expect("a file"));
                        std::fs::copy(&name, copy).expect("the database can be copied");
                    }
                }
                let copy = folder.path().join(path.file_name().expect("a file"));
                Self { url: DatabaseUrl::Sqlite(copy), _folder: Some(folder) }
            }
            postgresql => Self { url: postgresql.clone(), _folder: None },
        }
    }

    /// Somebody who looks at it beside the process.
    pub fn db(&self) -> Db {
        Db::connect(&self.url, 1).expect("the database answers")
    }

    /// As if the claims of a process that died had run out.
    pub fn forget_claims(&self, portal: &Portal) {
        let forget = |tx: &mut WriteTx<'_>| {
            let free = (jobs::claimed_by.eq(None::<String>), jobs::due_at.eq(tx.now - Duration::minutes(1)));
            Ok(diesel::update(jobs::table.filter(jobs::claimed_by.is_not_null())).set(free).execute(tx.connection)?)
        };
        self.db().write::<_, DbError>(&portal.app.context, forget).expect("the claims are forgotten");
    }
}

fn files_of(path: &Path) -> [PathBuf; 2] {
    [path.to_owned(), path.with_extension("db-wal")]
}
