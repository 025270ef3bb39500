//! What the company bought, and what it pays with: cards of the sandbox.

use chrono::Duration;

use super::people::scope_of;
use super::{Event, Seeder, expect, unexpected};
use crate::access::{Operator, Scope};
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::money::{Currency, Money};
use crate::orders::order::{Order, Status};
use crate::orders::payment;
use crate::orders::place::{Asked, Place, place};
use crate::orders::pricing::Wanted;
use crate::orders::refund::{self, Ask};
use crate::orders::settle::{Settle, settle};
use crate::orders::top_up::choose::{SwitchOn, switch_on};
use crate::orders::top_up::settings::Choice;
use crate::payments::methods;
use crate::payments::provider::{NewRefund, ProviderKind};
use crate::payments::sandbox::{at_once, cards::Card};

/// Below how many credits a package is bought automatically; which, and for how much a month at the most.
pub(super) const TOP_UP_AT: i64 = 100;
const TOP_UP: &str = "credits-500";
const CAP: Money = Money { minor: 100_000, currency: Currency::Chf };

pub(super) enum Purchase {
    /// By whom, which package, with which coupon.
    Credits(&'static str, &'static str, &'static str),
    /// Somebody else had bought the same: the money goes back.
    CreditsTwice(&'static str, &'static str),
    TopUpOn,
    /// The Owner has another card charged from now on.
    Card(Card),
    /// Placed, and not paid yet.
    Pending,
}

/// With how many days ago. The new card is declined while nobody is there: a renewal fails meanwhile.
const PURCHASES: [(i64, Purchase); 6] = [
    (541, Purchase::Credits("owner", "credits-1000", "WELCOME50")),
    (463, Purchase::Credits("manager", "credits-1000", "")),
    (462, Purchase::CreditsTwice("henrik.lindqvist", "credits-1000")),
    (300, Purchase::TopUpOn),
    (14, Purchase::Card(Card::DeclinedLater)),
    (3, Purchase::Card(Card::Good)),
];

impl Seeder {
    pub(super) fn purchase(&mut self, tx: &mut WriteTx, owner: &Scope, purchase: &Purchase) -> Result<(), DbError> {
        match purchase {
            Purchase::Credits(by, package, coupon) => self.buy_credits(tx, owner, by, package, coupon).map(drop),
            Purchase::CreditsTwice(by, package) => {
                let order = self.buy_credits(tx, owner, by, package, "")?;
                tx.now = tx.now + Duration::hours(3);
                give_back(tx, &order)
            }
            Purchase::TopUpOn => {
                let choice = Choice { package: TOP_UP.to_owned(), threshold: TOP_UP_AT, monthly_cap: CAP };
                let outcome = switch_on(tx, owner, &choice)?;
                expect(matches!(outcome, SwitchOn::On { .. }), outcome)
            }
            Purchase::Card(card) => keep_card(tx, owner, *card).map(drop),
            Purchase::Pending => {
                let manager = scope_of(tx, owner, "manager")?;
                let wanted = Wanted::Plan { key: "mapper-yearly".to_owned(), quantity: 2 };
                let order = self.order(tx, &manager, wanted, "")?;
                expect(order.status == Status::Pending, &order.number)
            }
        }
    }

    fn buy_credits(
        &mut self,
        tx: &mut WriteTx,
        owner: &Scope,
        by: &str,
        package: &str,
        coupon: &str,
    ) -> Result<Order, DbError> {
        let buyer = scope_of(tx, owner, by)?;
        self.buy(tx, &buyer, Wanted::Package { key: package.to_owned() }, coupon)
    }

    /// Orders and pays, as at the checkout.
    pub(super) fn buy(
        &mut self,
        tx: &mut WriteTx,
        buyer: &Scope,
        wanted: Wanted,
        coupon: &str,
    ) -> Result<Order, DbError> {
        let order = self.order(tx, buyer, wanted, coupon)?;
        pay(tx, buyer, order)
    }

    fn order(&mut self, tx: &mut WriteTx, buyer: &Scope, wanted: Wanted, coupon: &str) -> Result<Order, DbError> {
        let (key, network) = (self.key(), buyer.person().ip.clone());
        match place(tx, buyer, &Asked { wanted, coupon: coupon.to_owned(), key, network })? {
            Place::Placed(order) => Ok(*order),
            other => Err(unexpected(other)),
        }
    }

    /// That of a form: another one each time.
    pub(super) fn key(&mut self) -> String {
        self.events += 1;
        format!("demo {}", self.events)
    }

    pub(super) fn plan_purchases(&mut self) {
        for (days, purchase) in PURCHASES {
            self.days_ago(days, Event::Bought(purchase));
        }
        // Long enough ago to be found, and with most of its day before it.
        self.add(self.now - Duration::minutes(100), Event::Bought(Purchase::Pending));
    }
}

/// Pays with the card that is kept, or with a new one.
pub(super) fn pay(tx: &mut WriteTx, buyer: &Scope, order: Order) -> Result<Order, DbError> {
    let Some(payment) = payment::open(tx, &order, ProviderKind::Sandbox)? else { return Ok(order) };
    let method = match methods::of(tx.connection, buyer.organization_id())? {
        Some(kept) => kept.method,
        None => at_once::keep_card(tx, None, Card::Good)?.id,
    };
    tx.now = tx.now + Duration::minutes(2);
    let paid = at_once::pay(tx, &payment.id, payment.amount(), &method)?;
    match settle(tx, &payment.id, &paid)? {
        Settle::Settled(order) => Ok(*order),
        other => Err(unexpected(other)),
    }
}

fn keep_card(tx: &mut WriteTx, owner: &Scope, card: Card) -> Result<(), DbError> {
    let kept = methods::of(tx.connection, owner.organization_id())?;
    let method = at_once::keep_card(tx, kept.as_ref().map(|kept| kept.customer.as_str()), card)?;
    methods::keep(tx, By::member(owner), owner.organization_id(), ProviderKind::Sandbox, &method).map(drop)
}

/// As an operator does it.
fn give_back(tx: &mut WriteTx, order: &Order) -> Result<(), DbError> {
    let operator = Operator { name: String::new() };
    let Ask::Asked { payment, refund, .. } = refund::ask(tx, &operator, &order.number, None)? else {
        return Err(unexpected(&order.number));
    };
    let new = NewRefund {
        key: refund.id.to_string(),
        provider_payment: payment.provider_payment.clone().unwrap_or_default(),
        amount: order.bill.money(refund.amount),
    };
    let provider_refund = at_once::give_back(tx, &new)?;
    let finished = refund::finish(tx, &operator, &refund, &provider_refund)?;
    expect(finished.is_some_and(|finished| finished.credit_note.is_some()), "a credit note")
}
