//! What stands in the place of Stripe where a process is to die while it waits for it: it takes the money at once, keeps books of it,
//! and holds its answers back until it is told to give them.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};
use url::form_urlencoded;

use super::lines::poll;
use super::process::serve;
use super::stripe::{Asked, WEBHOOK_SECRET, read};

/// Money that was taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// What the bank calls it.
    pub id: String,
    /// The row of the portal.
    pub payment: String,
    pub minor: i64,
}

#[derive(Default)]
struct Books {
    /// What each page is, by its id.
    pages: BTreeMap<String, Value>,
    /// What was charged, by the key under which it is charged once, with the form that asked for it.
    charges: BTreeMap<String, (String, Value)>,
    taken: Vec<Taken>,
    is_holding: bool,
    held: usize,
}

/// All copies are one.
#[derive(Clone)]
pub struct Bank {
    pub url: String,
    shared: Arc<(Mutex<Books>, Condvar)>,
}

impl Bank {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let bank = Self { url, shared: Arc::default() };
        let teller = bank.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some((asked, mut stream)) = stream.ok().and_then(read) else { continue };
                let bank = teller.clone();
                std::thread::spawn(move || {
                    let (status, body) = bank.answer(&asked);
                    let body = body.to_string();
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                    // Whoever asked may be dead by now.
                    let _ = stream.write_all(format!("{head}{body}").as_bytes());
                });
            }
        });
        bank
    }

    /// `portico serve` whose payments this bank takes.
    pub fn serve(&self, database_url: &str) -> Command {
        let mut command = serve(database_url);
        command
            .env("PORTICO_PAYMENTS", "stripe")
            .env("PORTICO_STRIPE_SECRET_KEY", "sk_test_of_these_tests")
            .env("PORTICO_STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .env("PORTICO_STRIPE_API_BASE", &self.url);
        command
    }

    /// From now on nobody hears what becomes of anything.
    pub fn hold(&self) {
        self.shared.0.lock().unwrap().is_holding = true;
    }

    /// Waits until so many wait for an answer.
    pub fn wait_for(&self, waiting: usize) {
        poll("the bank is asked", || (self.shared.0.lock().unwrap().held >= waiting).then_some(()));
    }

    /// Answers all who wait, and whoever comes.
    pub fn let_go(&self) {
        let (books, changed) = &*self.shared;
        books.lock().unwrap().is_holding = false;
        changed.notify_all();
    }

    /// Pays on a page, as a customer does.
    pub fn pay(&self, page: &str) {
        let mut books = self.shared.0.lock().unwrap();
        let page = &mut books.pages.get_mut(page).expect("there is such a page");
        let minor = page["amount"].as_i64().expect("an amount");
        let payment = page["metadata"]["payment"].as_str().expect("a payment").to_owned();
        let id = format!("pi_{payment}");
        let card = json!({ "brand": "visa", "last4": "4242", "exp_year": 2039, "exp_month": 12 });
        page["status"] = json!("complete");
        page["payment_status"] = json!("paid");
        page["payment_intent"] = json!({
            "id": id, "amount": minor, "currency": page["currency"], "status": "succeeded",
            "setup_future_usage": "off_session", "payment_method": { "id": "pm_1", "type": "card", "card": card },
        });
        books.taken.push(Taken { id, payment, minor });
    }

    /// What was taken so far, in the order of the payments.
    pub fn taken(&self) -> Vec<Taken> {
        let mut taken = self.shared.0.lock().unwrap().taken.clone();
        taken.sort();
        taken
    }

    fn answer(&self, asked: &Asked) -> (u16, Value) {
        let (books, changed) = &*self.shared;
        let mut books = books.lock().unwrap();
        let answer = books.answer(asked);
        books.held += 1;
        let mut books = changed.wait_while(books, |books| books.is_holding).unwrap();
        books.held -= 1;
        answer
    }
}

impl Books {
    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        let path = asked.line.split('?').next().unwrap_or_default();
        match path.split_once(' ') {
            Some(("POST", "/v1/customers")) => (200, json!({ "id": "cus_1" })),
            Some(("POST", "/v1/checkout/sessions")) => (200, self.page(asked)),
            Some(("GET", path)) if path.starts_with("/v1/checkout/sessions/") => {
                match self.pages.get(path.trim_start_matches("/v1/checkout/sessions/")) {
                    Some(page) => (200, page.clone()),
                    None => unknown(),
                }
            }
            Some(("POST", "/v1/payment_intents")) => self.charge(asked),
            Some(("GET", "/v1/payment_intents")) => {
                let all: Vec<&Value> = self.charges.values().map(|(_, charge)| charge).collect();
                (200, json!({ "data": all, "has_more": false }))
            }
            _ => unknown(),
        }
    }

    fn page(&mut self, asked: &Asked) -> Value {
        let form = Form::of(asked);
        let id = format!("cs_{}", form.text("metadata[payment]"));
        let new = json!({
            "id": id, "mode": "payment", "status": "open", "payment_status": "unpaid", "customer": "cus_1",
            "url": format!("https://checkout.stripe.com/c/{id}"), "payment_intent": null, "setup_intent": null,
            "amount": form.minor("line_items[0][price_data][unit_amount]"),
            "currency": form.text("line_items[0][price_data][currency]"),
            "metadata": { "payment": form.text("metadata[payment]") },
        });
        self.pages.entry(id).or_insert(new).clone()
    }

    /// Charges once for a key, and refuses a key that comes back with something else.
    fn charge(&mut self, asked: &Asked) -> (u16, Value) {
        let (form, key) = (Form::of(asked), asked.header("idempotency-key").to_owned());
        if let Some((body, charge)) = self.charges.get(&key) {
            return match *body == asked.body {
                true => (200, charge.clone()),
                false => (400, json!({ "error": { "type": "idempotency_error", "code": "idempotency_error" } })),
            };
        }
        let (payment, minor) = (form.text("metadata[payment]"), form.minor("amount"));
        let id = format!("pi_{payment}");
        let charge = json!({
            "id": id, "amount": minor, "currency": form.text("currency"), "status": "succeeded",
            "payment_method": form.text("payment_method"), "metadata": { "payment": payment },
        });
        self.charges.insert(key, (asked.body.clone(), charge.clone()));
        self.taken.push(Taken { id, payment, minor });
        (200, charge)
    }
}

fn unknown() -> (u16, Value) {
    (404, json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } }))
}

/// The fields of a form that was sent.
struct Form(BTreeMap<String, String>);

impl Form {
    fn of(asked: &Asked) -> Self {
        Self(form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect())
    }

    fn text(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", self.0)).clone()
    }

    fn minor(&self, name: &str) -> i64 {
        self.text(name).parse().expect("a number")
    }
}
