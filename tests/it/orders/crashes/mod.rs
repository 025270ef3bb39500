//! The process dies between the payment and what follows from it, at points that are certain: while the provider keeps its answer back,
//! and in the middle of the transaction that settles.

mod paying;
mod settling;

use std::io::Write;
use std::net::TcpStream;

use portico::db::Db;
use portico::time::Clock;
use serde_json::json;

use crate::support::bank::Bank;
use crate::support::process::{Alone, Process};
use crate::support::stripe::{WEBHOOK_SECRET, sign};
use crate::support::{Browser, Database, Persona, Portal, acme};

const LICENCE: &str = "/plans/shop/mapper/buy/mapper-yearly";
const CREDITS: &str = "/credits/buy/credits-100";

/// A bank, and a portal in which orders were placed that wait for their money.
struct Scene {
    bank: Bank,
    portal: Portal,
    alone: Alone,
    owner: Browser,
    orders: Vec<Waiting>,
}

struct Waiting {
    /// The page of the order in the portal.
    page: String,
    /// The page of the bank.
    session: String,
    payment: String,
}

impl Scene {
    /// `orders` are checkout pages, with how many are bought there and a coupon.
    fn with(database: Database, orders: &[(&str, &str, &str)]) -> Self {
        let bank = Bank::open();
        let portal = database.portal_with_stripe(&bank.url);
        // Whatever day it is outside.
        portal.shop_with(&[("until = 2027-06-30\n", "")]);
        portal.keep_real_time();
        let owner = portal.signed_in(Persona::Owner);
        let place = |(path, quantity, coupon): &(&str, &str, &str)| {
            let key = format!("{path} {coupon}");
            let form = [("form_key", key.as_str()), ("quantity", quantity), ("coupon", coupon), ("act", "pay")];
            let answer = owner.post(&acme(path), &form);
            assert_eq!(answer.status, 303, "{}", answer.text());
            let session = answer.location().rsplit('/').next().unwrap_or_default().to_owned();
            let page = owner.get(&acme("/plans/orders")).html().attributes("table a", "href").remove(0);
            let payment = session.trim_start_matches("cs_").to_owned();
            Waiting { page, session, payment }
        };
        let orders: Vec<Waiting> = orders.iter().map(place).collect();
        for order in &orders {
            bank.pay(&order.session);
        }
        let alone = Alone::of(&portal);
        Self { bank, portal, alone, owner, orders }
    }

    fn start(&self) -> Process {
        Process::start(self.bank.serve(&self.alone.url.to_string()))
    }

    fn db(&self) -> Db {
        self.alone.db()
    }
}

/// A request on its way, to which nobody waits for the answer. It ends when it is dropped.
fn send(process: &Process, head: &str, body: &str) -> TcpStream {
    let address = process.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let length = body.len();
    let request = format!("{head}\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("it is sent");
    stream
}

/// The event by which the bank tells that a page was paid, with its signature of this moment.
fn event(order: &Waiting) -> (String, String) {
    let page = json!({ "id": order.session, "mode": "payment", "metadata": { "payment": order.payment } });
    let event = json!({ "id": format!("evt_{}", order.session), "type": "checkout.session.completed", "data": { "object": page } });
    let body = event.to_string();
    let signature = sign(WEBHOOK_SECRET, &body, Clock::System.now());
    (body, signature)
}

/// The bank tells, and does not wait for the answer.
fn begin_to_tell(process: &Process, order: &Waiting) -> TcpStream {
    let (body, signature) = event(order);
    let head = "POST /hooks/stripe HTTP/1.1\r\nContent-Type: application/json";
    send(process, &format!("{head}\r\nStripe-Signature: {signature}"), &body)
}

/// The bank tells, until it is heard.
fn tell(process: &Process, order: &Waiting) {
    let (body, signature) = event(order);
    let headers = [("Content-Type", "application/json"), ("Stripe-Signature", signature.as_str())];
    let answer = process.browser().send(ureq::http::Method::POST, "/hooks/stripe", &headers, body.into_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}
