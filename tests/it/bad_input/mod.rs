//! Whatever is sent, the answer is a page with a clear sentence and the right status; nothing half-done is stored, and nothing
//! that anybody can send is the server's fault.

mod addresses;
mod bodies;
mod fields;
mod kept;
mod protocol;
mod random;
mod raw;
mod slow;
pub use random::Random;

use portico::access::Role;
use portico::routes::{RouteInfo, table};

use crate::support::{
    Answer, Browser, Portal,
    places::{Places, Sample},
};

/// The routes that take a form. What only a script asks refuses nothing: it judges.
fn forms() -> Vec<RouteInfo> {
    let is_form = |route: &RouteInfo| route.method == "POST" && route.path != "/password-advice";
    table(true, true).list().into_iter().filter(is_form).collect()
}

/// Whether a form looks at its fields before all else. The second step of signing in leads to the first where nothing waits for it, and
/// codes that do not work any more are no file: `accounts::two_factor` sends those what is wrong. An Organization with an order that is not
/// paid stays open, whatever is sent: `closing` sends its form.
fn looks_at_fields_first(route: &RouteInfo) -> bool {
    const OTHERS: [&str; 5] = [
        "/sign-in/two-factor",
        "/sign-in/two-factor/passkey",
        "/sign-in/recovery-code",
        "/account/security/two-factor/codes/file",
        "/organizations/{slug}/close",
    ];
    !OTHERS.contains(&route.path.as_str())
}

/// Whether only somebody who is not signed in can send the form of a route.
fn is_for_strangers(route: &RouteInfo) -> bool {
    matches!(route.path.as_str(), "/invitations/{token}/sign-up" | "/sign-up" | "/sign-in")
}

/// Somebody who may send the form of a route so that it is accepted, and where.
fn somebody(portal: &Portal, number: usize, route: &RouteInfo) -> (Browser, Places) {
    let email = format!("somebody-{number}@example.com");
    if is_for_strangers(route) {
        return (portal.browser(), portal.places(number, &email));
    }
    portal.add_person(&email, Role::Owner);
    (portal.signed_in_as(&email), portal.places(number, &email))
}

/// Where forms are sent that are all refused: since none of them changes anything, one set of places does for every route.
struct Refusals {
    places: Places,
    stranger: Browser,
    owner: Browser,
}

impl Refusals {
    fn new(portal: &Portal) -> Self {
        let email = "somebody@example.com";
        portal.add_person(email, Role::Owner);
        let places = portal.places(0, email);
        // What asks for details that are missing has something to ask for.
        portal.set_details([""; 4]);
        Self { places, stranger: portal.browser(), owner: portal.signed_in_as(email) }
    }

    /// Somebody whose form would be accepted if it were right, its address, and the right form.
    fn at(&self, route: &RouteInfo) -> (&Browser, String, Sample) {
        let browser = if is_for_strangers(route) { &self.stranger } else { &self.owner };
        (browser, self.places.path(&route.path), self.places.sample(route))
    }
}

/// Posts a body that is encoded already, with the content type that the form has.
fn post_as(sample: &Sample, browser: &Browser, path: &str, body: Vec<u8>) -> Answer {
    let (content_type, _) = sample.request();
    let headers = [("Content-Type", content_type.as_str()), ("Sec-Fetch-Site", "same-origin")];
    browser.send(ureq::http::Method::POST, path, &headers, body)
}

/// A refusal is a page that says what is wrong.
fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{what}");
    let page = answer.html();
    assert!(!page.text("h1").is_empty(), "{what}");
    let says = [page.text("main .lead"), page.text(".notice"), page.text(".field-error"), page.text("main p")];
    assert!(says.iter().any(|sentence| sentence.len() > 15), "{what} says nothing: {}", answer.text());
}
