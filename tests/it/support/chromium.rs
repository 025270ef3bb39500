//! A real browser: Debian's Chromium, driven over WebDriver by one chromedriver for the whole test run. WebDriver is plain JSON
//! over HTTP, and the tests need a dozen of its commands: a client crate would bring an async stack for them.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use super::Portal;

/// A running chromedriver. It ends, with every browser that it started, when the pipe to its watchdog closes, which is when this
/// process ends, however it ends.
struct Driver {
    chromium: PathBuf,
    url: String,
    folder: PathBuf,
    _watchdog: Child,
}

/// Tests that need it are ignored where it is not installed (`build.rs`).
static DRIVER: LazyLock<Driver> =
    LazyLock::new(|| Driver::start().unwrap_or_else(|why| panic!("Chromium is installed, but does not start: {why}")));

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

impl Driver {
    fn start() -> Result<Self, String> {
        let chromium = find("chromium").ok_or("Chromium is not installed")?;
        let program = find("chromedriver").ok_or("Chromium's driver is not installed")?;
        let folder = tempfile::Builder::new().prefix("portico-chromium-").tempdir().map_err(|e| e.to_string())?.keep();
        let mut driver = Command::new(&program)
            .arg("--port=0")
            // Its browsers stay in its group, so that the watchdog finds them.
            .process_group(0)
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let watchdog = Self::watch(driver.id(), &folder)?;
        let mut output = BufReader::new(driver.stdout.take().ok_or("chromedriver has no output")?).lines();
        let port = output
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse::<u16>().ok())
            .ok_or("chromedriver did not say its port")?;
        // What it says later is read and dropped, or it would wait for a full pipe.
        std::thread::spawn(move || output.for_each(drop));
        Ok(Self { chromium, url: format!("http://127.0.0.1:{port}"), folder, _watchdog: watchdog })
    }

    fn watch(group: u32, folder: &Path) -> Result<Child, String> {
        let folder = folder.display();
        Command::new("sh")
            .args(["-c", &format!("cat >/dev/null; kill -s KILL -- -{group}; rm -rf '{folder}'")])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())
    }
}

/// An element of the page, as long as the page is there.
#[derive(Clone, Debug)]
pub struct Element(pub(super) String);

/// The key under which WebDriver hides the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Element {
    pub(super) fn from(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }

    /// As an argument of a script.
    pub fn argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// A window of a browser of its own, with a fresh profile: nobody is signed in. What one does in it is in `profile.rs`.
pub struct Profile {
    agent: Agent,
    session: String,
    pub(super) site: String,
}

impl Profile {
    /// Tests that open one are ignored where Chromium or its driver is not installed (`build.rs`).
    pub fn open(portal: &Portal) -> Self {
        Self::with(portal, &json!({}))
    }

    /// With JavaScript switched off in the settings.
    pub fn without_javascript(portal: &Portal) -> Self {
        Self::with(portal, &json!({ "profile.managed_default_content_settings.javascript": 2 }))
    }

    /// One that calls the portal by the name that passkeys are made for, with a device that keeps them and sees who uses it.
    pub fn with_passkeys(portal: &Portal) -> Self {
        let mut profile = Self::open(portal);
        let party = portal.app.passkeys.as_ref().expect("the portal has a name");
        profile.site.clone_from(&party.origin);
        let device = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
        });
        profile.command("POST", "/webauthn/authenticator", &device);
        profile
    }

    fn with(portal: &Portal, preferences: &Value) -> Self {
        let driver = &*DRIVER;
        let data = tempfile::Builder::new().prefix("profile-").tempdir_in(&driver.folder).expect("a folder").keep();
        let arguments = [
            "--headless=new",
            // Chromium's own sandbox does not start as root, nor in most containers.
            "--no-sandbox",
            "--disable-gpu",
            // As on a phone, where they take no room from the width.
            "--hide-scrollbars",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            &format!("--user-data-dir={}", data.display()),
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "timeouts": { "script": 60_000, "pageLoad": 60_000 },
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "binary": driver.chromium, "args": arguments, "prefs": preferences },
        } } });
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        let mut profile = Self { agent, session: driver.url.clone(), site: portal.url.clone() };
        let session = profile.command("POST", "/session", &capabilities);
        profile.session = format!("{}/session/{}", driver.url, session["sessionId"].as_str().expect("an id"));
        profile
    }

    /// Any WebDriver command; an error is what the driver says about it.
    pub(super) fn try_command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let answer = match method {
            "GET" => self.agent.get(url).call(),
            "DELETE" => self.agent.delete(url).call(),
            _ => self.agent.post(url).send_json(body),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let is_success = answer.status().is_success();
        let limit = 50 * 1_024 * 1_024;
        let value: Value =
            answer.body_mut().with_config().limit(limit).read_json().map_err(|error| error.to_string())?;
        if is_success { Ok(value["value"].clone()) } else { Err(value["value"]["message"].to_string()) }
    }

    pub(super) fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_command(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// A command of Chromium's own protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Runs a function body in the page, which neither the page's Content-Security-Policy nor the JavaScript setting forbids.
    pub fn script(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The same for a body that calls its last argument when it is done.
    pub fn script_with_callback(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("POST", "/execute/async", &json!({ "script": script, "args": arguments }))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = self.try_command("DELETE", "", &Value::Null);
    }
}
