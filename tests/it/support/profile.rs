//! What a person does in a browser. Things are found by their accessible names, as somebody who listens to the page finds them.

use std::time::Duration;

use serde_json::{Value, json};

use super::chromium::{Element, Profile};
use super::{PASSWORD, Persona};

const PRESSABLE: &str = "a[href], button, summary";
const FIELDS: &str = "input, select, textarea";

/// Everything that can be seen and whose words contain the name: a first choice, because asking for accessible names is slow.
const CANDIDATES: &str = "
    const [css, name] = arguments;
    const words = (one) => [one.textContent, one.ariaLabel ?? '', ...[...(one.labels ?? [])].map((label) => label.textContent)];
    return [...document.querySelectorAll(css)].filter((one) =>
        one.checkVisibility() && words(one).some((text) => text.replace(/\\s+/g, ' ').includes(name)));";

/// Keys as WebDriver writes them.
pub mod key {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const ESCAPE: &str = "\u{e00c}";
    pub const DOWN: &str = "\u{e015}";
}

impl Profile {
    pub fn open_page(&self, path: &str) {
        self.command("POST", "/url", &json!({ "url": format!("{}{path}", self.site) }));
    }

    /// Opens another tab of the same window, in which all goes on. Answers what the one before is called.
    pub fn open_tab(&self) -> Value {
        let before = self.command("GET", "/window", &Value::Null);
        let tab = self.command("POST", "/window/new", &json!({ "type": "tab" }));
        self.go_to_tab(&tab["handle"]);
        before
    }

    /// Answers what the tab before is called.
    pub fn go_to_tab(&self, tab: &Value) -> Value {
        let before = self.command("GET", "/window", &Value::Null);
        self.command("POST", "/window", &json!({ "handle": tab }));
        before
    }

    pub fn back(&self) {
        self.command("POST", "/back", &json!({}));
    }

    pub fn forward(&self) {
        self.command("POST", "/forward", &json!({}));
    }

    /// The address without the site.
    pub fn address(&self) -> String {
        let url = self.command("GET", "/url", &Value::Null);
        let url = url.as_str().unwrap_or_default();
        url.strip_prefix(&self.site).unwrap_or(url).to_owned()
    }

    /// The status with which the server answered this page.
    pub fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.script(script, &[]).as_u64().unwrap_or_default()
    }

    /// All that can be read on the page.
    pub fn text(&self) -> String {
        self.script("return document.body.innerText", &[]).as_str().unwrap_or_default().to_owned()
    }

    pub fn shows(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Asks again until there is an answer; the page may be on its way.
    pub fn wait<T>(&self, what: &str, question: impl Fn() -> Result<Option<T>, String>) -> T {
        let mut last = String::new();
        for _ in 0..200 {
            match question() {
                Ok(Some(answer)) => return answer,
                Ok(None) => last.clear(),
                Err(error) => last = error,
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        panic!("{what}: not there within ten seconds. {last}\n{}: {}", self.address(), self.text());
    }

    fn ask(&self, script: &str, arguments: &[Value]) -> Result<Value, String> {
        self.try_command("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Waits until the page says this.
    pub fn sees(&self, words: &str) {
        self.wait(words, || {
            let found = self.ask("return document.body.innerText.includes(arguments[0])", &[json!(words)])?;
            Ok((found == Value::Bool(true)).then_some(()))
        });
    }

    /// Waits until the page with this heading is there.
    pub fn arrives_at(&self, heading: &str) {
        self.wait(heading, || {
            let script =
                "return document.readyState === 'complete' && document.querySelector('h1')?.innerText === arguments[0]";
            Ok((self.ask(script, &[json!(heading)])? == Value::Bool(true)).then_some(()))
        });
    }

    /// Everything of a kind with exactly this accessible name.
    fn named(&self, css: &str, name: &str) -> Result<Vec<Element>, String> {
        let candidates = self.ask(CANDIDATES, &[json!(css), json!(name)])?;
        let mut found = Vec::new();
        for element in candidates.as_array().into_iter().flatten().filter_map(Element::from) {
            if self.try_command("GET", &format!("/element/{}/computedlabel", element.0), &Value::Null)? == json!(name) {
                found.push(element);
            }
        }
        Ok(found)
    }

    fn find(&self, css: &str, name: &str) -> Element {
        self.wait(name, || Ok(self.named(css, name)?.into_iter().next()))
    }

    /// Whether a link or a button with this name can be seen now.
    pub fn offers(&self, name: &str) -> bool {
        !self.named(PRESSABLE, name).unwrap_or_default().is_empty()
    }

    /// A link, a button or a menu.
    pub fn button(&self, name: &str) -> Element {
        self.find(PRESSABLE, name)
    }

    pub fn field(&self, label: &str) -> Element {
        self.find(FIELDS, label)
    }

    pub fn click(&self, element: &Element) {
        self.command("POST", &format!("/element/{}/click", element.0), &json!({}));
    }

    /// Presses a link, a button or a menu.
    pub fn press(&self, name: &str) {
        self.click(&self.button(name));
    }

    /// Ticks a box or takes an option of several.
    pub fn tick(&self, label: &str) {
        self.click(&self.field(label));
    }

    /// Replaces what a field holds.
    pub fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).0;
        self.command("POST", &format!("/element/{field}/clear"), &json!({}));
        self.type_into(label, text);
    }

    /// Adds to what a field holds; a field for files takes a path.
    pub fn type_into(&self, label: &str, text: &str) {
        let field = self.field(label).0;
        self.command("POST", &format!("/element/{field}/value"), &json!({ "text": text }));
    }

    /// Chooses from a list.
    pub fn choose(&self, label: &str, option: &str) {
        let script = "return [...arguments[0].options].find((one) => one.text === arguments[1])";
        let found = self.script(script, &[self.field(label).argument(), json!(option)]);
        self.click(&Element::from(&found).unwrap_or_else(|| panic!("{label} has no {option}")));
    }

    /// What the browser knows of an element now, such as `value`, `checked` or `disabled`.
    pub fn property(&self, element: &Element, name: &str) -> Value {
        self.command("GET", &format!("/element/{}/property/{name}", element.0), &Value::Null)
    }

    pub fn sign_in(&self, persona: Persona) {
        self.open_page("/sign-in");
        self.fill("E-mail address", &persona.email());
        self.fill("Password", PASSWORD);
        self.press("Sign in");
        self.arrives_at("Home");
    }

    /// Presses keys of the keyboard, wherever the focus is.
    pub fn keys(&self, keys: &str) {
        let press = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.command("POST", "/actions", &json!({ "actions": [keyboard] }));
    }

    /// Clicks what a script found.
    pub fn click_found(&self, found: &Value) {
        self.click(&Element::from(found).unwrap_or_else(|| panic!("{found} is no element")));
    }

    pub fn click_with_shift(&self, element: &Element) {
        const SHIFT: &str = "\u{e008}";
        let keys = |kind: &str| json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": [{ "type": kind, "value": SHIFT }] }] });
        self.command("POST", "/actions", &keys("keyDown"));
        self.click(element);
        self.command("POST", "/actions", &keys("keyUp"));
    }

    /// Makes the page as large as on another screen.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    pub fn double_click(&self, element: &Element) {
        let at = json!({ "type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": element.argument() });
        let (down, up) = (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": [at, down, up, down, up] });
        self.command("POST", "/actions", &json!({ "actions": [mouse] }));
    }

    /// The accessible name of what has the focus; empty where nothing has it.
    pub fn focused(&self) -> String {
        let active = self.command("GET", "/element/active", &Value::Null);
        let Some(element) = Element::from(&active) else {
            return String::new();
        };
        let label = self.command("GET", &format!("/element/{}/computedlabel", element.0), &Value::Null);
        label.as_str().unwrap_or_default().to_owned()
    }

    /// What the browser complained about since it was last asked: errors of scripts, files that are missing, violations of the
    /// Content-Security-Policy. That the page itself is an error page is no complaint.
    pub fn complaints(&self) -> Vec<String> {
        let here = format!("{}{} ", self.site, self.address());
        let log = self.command("POST", "/se/log", &json!({ "type": "browser" }));
        let complaints = log.as_array().into_iter().flatten().filter(|entry| entry["level"] != "INFO");
        let lines = complaints.map(|entry| entry["message"].as_str().unwrap_or_default());
        let is_page = |line: &&str| line.starts_with(&here) && line.contains("the server responded with a status of");
        lines.filter(|line| !is_page(line)).map(str::to_owned).collect()
    }
}
