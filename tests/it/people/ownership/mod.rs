//! An Owner offers their place to another member, who accepts or declines.

mod answering;
mod ending;
mod offering;
mod races;

use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::ids::OwnershipOfferId;
use portico::people::ownership::answer::{self, Answer as Answered};
use portico::people::ownership::offer::{self, Offer, Withdraw};
use portico::schema::ownership_offers;

use crate::support::{Answer, Browser, Persona, Portal, SLUG, acme};

const OLGA: &str = "olga@example.com";
const EDITH: &str = "edith@example.com";
const SECOND: &str = "second@example.com";

/// Sends the form of the page.
fn post_offer(browser: &Browser, email: &str, role: &str) -> Answer {
    browser.post(&acme("/ownership"), &[("email", email), ("role", role)])
}

impl Portal {
    /// The Owner offers their place to the Editor. Answers the path of the page in the mail.
    fn offer_ownership(&self) -> String {
        let answer = post_offer(&self.signed_in(Persona::Owner), EDITH, "manager");
        assert_eq!(answer.status, 303, "{}", answer.text());
        self.link_to(EDITH)
    }

    /// The same by the verb.
    fn offered(&self) -> OwnershipOfferId {
        let scope = self.scope_of(OLGA, SLUG);
        let offered = self.app.write_now::<_, DbError>(|tx| offer::offer(tx, &scope, EDITH, Role::Manager));
        assert!(matches!(offered, Ok(Offer::Offered { .. })), "{offered:?}");
        self.query(|connection| ownership_offers::table.select(ownership_offers::id).first(connection))
    }

    fn accept_ownership(&self, id: &OwnershipOfferId) -> Answered {
        let person = self.scope_of(EDITH, SLUG).person().clone();
        self.app.write_now::<_, DbError>(|tx| answer::accept(tx, id, &person)).expect("an answer")
    }

    fn withdraw_ownership(&self, id: &OwnershipOfferId) -> Withdraw {
        let scope = self.scope_of(OLGA, SLUG);
        self.app.write_now::<_, DbError>(|tx| offer::withdraw(tx, &scope, id)).expect("an answer")
    }

    /// How many offers are stored.
    fn ownership_offers(&self) -> i64 {
        self.query(|connection| ownership_offers::table.count().get_result(connection))
    }
}

/// Nothing of the offer at this path can be seen or done any more.
fn assert_gone(portal: &Portal, path: &str) {
    let asked = portal.signed_in(Persona::Editor);
    let before = (portal.owners(), portal.role_of(EDITH));
    let page = asked.get(path);
    assert_eq!((page.status, page.html().text("h1").as_str()), (404, "This offer is not open any more"));
    for below in ["accept", "decline"] {
        let answer = asked.post(&format!("{path}/{below}"), &[]);
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This offer is not open any more"));
    }
    assert!(!asked.get("/home").text().contains("You are asked to become Owner."));
    assert_eq!((portal.owners(), portal.role_of(EDITH)), before);
}
