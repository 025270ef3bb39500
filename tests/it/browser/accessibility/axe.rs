//! Looks at a page in every way in which it is shown, and asks axe-core, which knows what people with a disability trip over.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Persona, Portal, Profile};

const AXE: &str = include_str!("../../../browser/vendor/axe.min.js");

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// The last is a light one in which the system, not the page, says the colours.
const SCHEMES: [&str; 3] = ["light", "dark", FORCED];
const FORCED: &str = "forced colours";
/// A small phone and a desk, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 1440];
/// The narrowest window in which nobody should have to scroll sideways: a desk at 400 %, WCAG 1.4.10.
const NARROWEST: u32 = 320;

const RUN: &str = "
    const [tags, rules, rendered, done] = arguments;
    const told = ({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`);
    const wanted = ({ ruleId, tags: its }) => its.some((tag) => tags.includes(tag)) && rules[ruleId]?.enabled !== false
        && (its.includes('cat.color') || ['target-size', 'scrollable-region-focusable'].includes(ruleId));
    const runOnly = rendered ? { type: 'rule', values: axe.getRules().filter(wanted).map(({ ruleId }) => ruleId) }
        : { type: 'tag', values: tags };
    axe.run(document, { runOnly, rules: rendered ? {} : rules, resultTypes: ['violations'] })
        .then(({ violations }) => done(violations.flatMap(told)), (error) => done([`axe failed: ${error}`]));";

/// What can be seen: all that axe's rules go by, except those about colours and sizes. Where it is the same in another scheme, only
/// these rules can find something else, and they are half of the work.
const VISIBLE: &str = "
    return [...document.querySelectorAll('*')].map((one) => {
        const { right, bottom, width, height } = one.getBoundingClientRect();
        return Number(one.checkVisibility({ visibilityProperty: true }) && width && height && right > 0 && bottom > 0);
    }).join('');";

/// Whatever is wider than the window makes the whole page scroll sideways.
const TOO_WIDE: &str = "
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth);
    return [`${scrollWidth} pixels wide in a window of ${clientWidth}: ${wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))}`];";

/// A browser that remembers what is wrong with the pages it was shown.
pub struct Inspector {
    pub profile: Profile,
    seen: usize,
    problems: Vec<String>,
    is_finished: bool,
}

impl Inspector {
    pub fn new(portal: &Portal) -> Self {
        Self::of(Profile::open(portal))
    }

    pub fn of(profile: Profile) -> Self {
        Self { profile, seen: 0, problems: Vec::new(), is_finished: false }
    }

    pub fn signed_in(portal: &Portal, persona: Persona) -> Self {
        let inspector = Self::new(portal);
        inspector.profile.sign_in(persona);
        inspector
    }

    /// Opens a page that must have this heading, and inspects it.
    pub fn open(&mut self, path: &str, heading: &str) {
        self.profile.open_page(path);
        self.inspect(heading);
    }

    /// Inspects the page that is there, or is on its way, with this heading.
    pub fn inspect(&mut self, heading: &str) {
        self.inspect_with(heading, &json!({}));
    }

    /// A mail is no page but a part of the page of a mail program: where it stands among landmarks is decided there.
    pub fn open_mail(&mut self, path: &str, heading: &str) {
        self.profile.open_page(path);
        let off = json!({ "enabled": false });
        self.inspect_with(heading, &json!({ "landmark-one-main": off, "region": off }));
    }

    fn inspect_with(&mut self, heading: &str, rules: &Value) {
        self.profile.arrives_at(heading);
        self.keep_for_other_checkers(heading);
        let place = format!("“{heading}” at {}", self.profile.address());
        self.profile.script(AXE, &[]);
        for width in WIDTHS {
            let mut visible_before = None;
            for scheme in SCHEMES {
                self.look(scheme, width);
                let visible = self.profile.script(VISIBLE, &[]);
                let is_known = visible_before.as_ref() == Some(&visible);
                let found = self.profile.script_with_callback(RUN, &[json!(TAGS), rules.clone(), json!(is_known)]);
                visible_before = Some(visible);
                self.note(&format!("{place}, {scheme}, {width} pixels"), &found);
                self.note(&place, &self.profile.script(TOO_WIDE, &[]));
                self.seen += 1;
            }
        }
        self.look("light", NARROWEST);
        self.note(&place, &self.profile.script(TOO_WIDE, &[]));
        self.note(&place, &json!(self.profile.complaints()));
    }

    /// Leaves the page as it stands in the browser in the folder that `PORTICO_TEST_PAGES` names: see `tests/browser/nu`.
    fn keep_for_other_checkers(&self, heading: &str) {
        static KEPT: AtomicUsize = AtomicUsize::new(0);
        let Some(folder) = std::env::var_os("PORTICO_TEST_PAGES") else { return };
        // As it was served: without the roles that js/table.js reminds browsers of, which no checker wants to see written out.
        const AS_SERVED: &str = "const page = document.documentElement.cloneNode(true);
            page.querySelectorAll('[data-table], [data-table] *').forEach((part) => part.removeAttribute('role'));
            return `<!doctype html>${page.outerHTML}`";
        let page = self.profile.script(AS_SERVED, &[]);
        let words: String = heading.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
        let name = format!("{:03}-{words}.html", KEPT.fetch_add(1, Ordering::Relaxed));
        let written = std::fs::write(Path::new(&folder).join(&name), page.as_str().unwrap_or_default());
        written.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    fn note(&mut self, place: &str, found: &Value) {
        let found = found.as_array().expect("a list").iter().map(|problem| problem.as_str().unwrap_or_default());
        self.problems.extend(found.map(|problem| format!("{place}: {problem}")));
    }

    fn look(&self, scheme: &str, width: u32) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": if scheme == FORCED { "light" } else { scheme } },
            { "name": "forced-colors", "value": if scheme == FORCED { "active" } else { "none" } },
            // Otherwise colours are read while they change.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.profile.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.profile.devtools("Emulation.setDeviceMetricsOverride", &size);
        let script = "return [matchMedia('(prefers-color-scheme: dark)').matches, matchMedia('(forced-colors: active)').matches, document.documentElement.clientWidth]";
        assert_eq!(
            self.profile.script(script, &[]),
            json!([scheme == "dark", scheme == FORCED, width]),
            "the page is shown as asked"
        );
    }

    /// The end: there must have been something to look at, and nothing wrong with it.
    pub fn finish(mut self) {
        assert!(self.seen > 0);
        self.is_finished = true;
        assert!(self.problems.is_empty(), "{} problems:\n{}", self.problems.len(), self.problems.join("\n\n"));
    }
}

impl Drop for Inspector {
    /// A test that forgets to ask what is wrong would never fail.
    fn drop(&mut self) {
        assert!(self.is_finished || std::thread::panicking(), "an inspection is not finished");
    }
}
