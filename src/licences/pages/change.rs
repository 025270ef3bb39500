//! What the pages of changes share: the calculation that is shown, why a change is refused, and what follows once it is ordered.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::access::Scope;
use crate::billing::bill::Bill;
use crate::billing::tax::Treatment;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::{LicenceId, OrderId};
use crate::licences::changes::state::{MOST, Refusal as NotChanged};
use crate::licences::licence::Licence;
use crate::licences::listing;
use crate::money::Money;
use crate::orders::changes::place::{self, Asked, Place};
use crate::orders::changes::prepare::{self, Prepared, Refusal, Wanted};
use crate::orders::order::{Order, Status};
use crate::orders::pages::incomplete::{self, Incomplete};
use crate::orders::pages::pay;
use crate::orders::pricing::{self, Customer};
use crate::organizations::organization;
use crate::time::{Reading, Timestamp};
use crate::web::{FlashKind, PageContext};

/// More letters than a page ever writes into the key of a form.
const LONGEST_KEY: usize = 200;

/// What the page of a calculation posts when it is confirmed.
pub(super) struct Confirmation<'a> {
    pub(super) key: &'a str,
    /// The total, in minor units.
    pub(super) shown: &'a str,
}

impl Confirmation<'_> {
    /// `None` for what no page of ours posts.
    fn of(&self, licence: &LicenceId, wanted: Wanted) -> Option<Asked> {
        let key = Some(self.key.trim()).filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY)?;
        Some(Asked { licence: licence.clone(), wanted, key: key.to_owned(), shown: self.shown.parse().ok()? })
    }
}

/// A line of the calculation.
pub(super) struct LineView {
    pub(super) description: String,
    pub(super) calculation: String,
    pub(super) quantity: u32,
    pub(super) unit_price: Money,
    pub(super) amount: Money,
}

/// What is to be paid, as it is shown before it is confirmed.
pub(super) struct Calculation {
    pub(super) lines: Vec<LineView>,
    /// `8.1 % VAT`
    pub(super) tax: Option<(String, Money)>,
    /// Why there is none.
    pub(super) untaxed: &'static str,
    pub(super) total: Money,
    /// The key of the form.
    pub(super) key: String,
}

impl Calculation {
    pub(super) fn new(bill: &Bill, now: Timestamp) -> Self {
        let lines = bill.lines.iter().map(|line| LineView {
            description: line.description.clone(),
            calculation: line.calculation.clone(),
            quantity: line.quantity,
            unit_price: bill.money(line.unit_price),
            amount: bill.money(line.amount),
        });
        let (tax, untaxed) = match &bill.treatment {
            Treatment::Charged { name, rate } => (Some((format!("{rate} {name}"), bill.money(bill.tax))), ""),
            Treatment::NotCharged => (None, ""),
            Treatment::ReverseCharge => (None, "Reverse charge: you account for the tax."),
            Treatment::Exempt => (None, "No tax is charged: this Organization is exempt."),
        };
        Self { lines: lines.collect(), tax, untaxed, total: bill.total(), key: OrderId::new(now).to_string() }
    }
}

/// A licence with what a change of it needs to know.
pub(super) struct Subject {
    pub licence: Licence,
    pub used: i64,
    /// None before the first import of a catalogue.
    pub customer: Option<Customer>,
}

/// Reads it, as it is at this moment. Three statements.
pub(super) async fn subject(context: &PageContext, scope: &Scope, id: &LicenceId) -> Result<Subject, AppError> {
    let (scope, id, now) = (scope.clone(), id.clone(), context.app.now());
    let read = move |connection: &mut Connection| {
        let Some(listed) = listing::one(connection, &scope, &id)? else { return Ok::<_, DbError>(None) };
        let used = listed.used();
        let organization = organization::load(connection, scope.organization_id())?;
        let customer = pricing::customer(connection, &organization)?;
        Ok(Some(Subject { licence: listed.licence.caught_up(now), used, customer }))
    };
    context.app.read(read).await?.ok_or(AppError::NotFound)
}

impl Subject {
    /// What a change of it costs now.
    pub(super) fn prepare(&self, wanted: &Wanted, now: Timestamp) -> Result<Prepared, Refusal> {
        let customer = self.customer.as_ref().ok_or(Refusal::NotSold)?;
        prepare::of_customer(customer, (&self.licence, self.used), wanted, now)
    }

    /// What invoices need more, where that is why a change is refused. `page` is the last part of the path of its page.
    pub(super) fn incomplete(&self, scope: &Scope, refusal: &Refusal, page: &str) -> Option<Incomplete> {
        let here = || format!("{}/{page}", super::licence::path(scope, &self.licence.id));
        matches!(refusal, Refusal::Incomplete(_)).then(|| Incomplete::new(scope, &here()))
    }
}

/// The status and the sentence of a refusal.
pub(super) fn said(refusal: &Refusal, reading: Reading) -> (StatusCode, String) {
    match refusal {
        Refusal::Licence(NotChanged::TooMany) => {
            (StatusCode::UNPROCESSABLE_ENTITY, not_changed(&NotChanged::TooMany, reading))
        }
        Refusal::Licence(why) => (StatusCode::CONFLICT, not_changed(why, reading)),
        Refusal::NotSold => (StatusCode::CONFLICT, "This is not for sale for this licence at the moment.".to_owned()),
        Refusal::Incomplete(_) => (StatusCode::CONFLICT, incomplete::SENTENCE.to_owned()),
        Refusal::TooManyPending => (
            StatusCode::CONFLICT,
            "Very many orders of this Organization wait to be paid. Pay or end some of them first.".to_owned(),
        ),
        Refusal::NotAllowed => {
            (StatusCode::FORBIDDEN, "Your role does not allow this any more. Nothing was changed.".to_owned())
        }
        Refusal::Gone => (StatusCode::NOT_FOUND, "There is no such licence any more.".to_owned()),
    }
}

/// Why a licence is not changed, for people.
pub(super) fn not_changed(refusal: &NotChanged, reading: Reading) -> String {
    match refusal {
        NotChanged::NotBought => {
            "This licence was not bought here, so it has no price by which it could be changed.".to_owned()
        }
        NotChanged::Trial => "A trial ends by itself and cannot be changed. Buy a plan in the shop instead.".to_owned(),
        NotChanged::Perpetual => "This licence has no end, so there is no next term.".to_owned(),
        NotChanged::NotPerpetual => {
            "Support & Upgrade is for licences without an end. This one has it as long as it is valid.".to_owned()
        }
        NotChanged::WithoutSeats => "This licence has no seats: nobody needs one to use it.".to_owned(),
        NotChanged::Ended => "This licence has ended. Renew it first.".to_owned(),
        NotChanged::Cancelled => {
            "This licence was cancelled, so there is no next term. An Owner can resume it until its last day is over."
                .to_owned()
        }
        NotChanged::Suspended => {
            "The people who run this portal have suspended this licence. It cannot be changed meanwhile.".to_owned()
        }
        NotChanged::NextIsPaid { from } => format!(
            "The next term is paid already, with what was asked to change with it. It begins on {}; other changes are possible from then on.",
            reading.when(*from).words()
        ),
        NotChanged::RenewedUntil { ends_at } => {
            format!("The next term is paid already: this licence goes on until {}.", reading.last_day(*ends_at).words())
        }
        NotChanged::InUse { seats, used } => in_use(*seats, *used),
        NotChanged::TooMany => {
            format!("Enter a number from 1 to {}.", crate::numbers::grouped(MOST.unsigned_abs().into()))
        }
        NotChanged::NoSuchPlan => "This licence cannot change to that plan.".to_owned(),
    }
}

fn in_use(seats: i32, used: i64) -> String {
    let people = if used == 1 { "One person has a seat".to_owned() } else { format!("{used} people have a seat") };
    let seats_there = if seats == 1 { "only 1 seat".to_owned() } else { format!("only {seats} seats") };
    let first = used - i64::from(seats);
    let release =
        if first == 1 { "Release one seat first.".to_owned() } else { format!("Release {first} seats first.") };
    format!("{people}, and there would be {seats_there}. {release}")
}

/// Why a confirmed change was not ordered: the page comes once more, with this.
pub(super) struct NotOrdered(StatusCode, String);

impl NotOrdered {
    pub(super) fn said(self) -> (StatusCode, String) {
        (self.0, self.1)
    }
}

/// Orders a change that was confirmed, and leads on to its payment.
pub(super) async fn order(
    context: &PageContext,
    scope: &Scope,
    licence: &LicenceId,
    wanted: Wanted,
    confirmation: &Confirmation<'_>,
) -> Result<Result<HttpResponse, NotOrdered>, AppError> {
    let by = scope.clone();
    let Some(asked) = confirmation.of(licence, wanted) else {
        let sentence = "Something of this form is missing. Look at what it costs, and confirm it once more.";
        return Ok(Err(NotOrdered(StatusCode::UNPROCESSABLE_ENTITY, sentence.to_owned())));
    };
    // What was shown is what is ordered, if anything is.
    if context.app.payments.is_none() && asked.shown > 0 {
        return Ok(Err(NotOrdered(StatusCode::CONFLICT, pay::NOBODY_TAKES_PAYMENTS.to_owned())));
    }
    Ok(match context.app.write(move |tx| place::place(tx, &by, &asked)).await? {
        Place::Placed(order) => Ok(follow(context, scope, licence, &order).await?),
        Place::OtherWithKey(_) => {
            let sentence = "This form was sent before, for something else. Nothing was changed: begin again, please.";
            Err(NotOrdered(StatusCode::CONFLICT, sentence.to_owned()))
        }
        Place::OtherPrice => {
            let sentence = "It costs something else by now. Look at it again, please.";
            Err(NotOrdered(StatusCode::CONFLICT, sentence.to_owned()))
        }
        Place::Refused(Refusal::Gone) => return Err(AppError::NotFound),
        Place::Refused(refusal) => {
            let (status, sentence) = said(&refusal, context.reading());
            Err(NotOrdered(status, sentence))
        }
    })
}

/// What costs nothing is done; the rest is paid on the page of the provider, as in the shop.
async fn follow(
    context: &PageContext,
    scope: &Scope,
    licence: &LicenceId,
    order: &Order,
) -> Result<HttpResponse, AppError> {
    if order.bill.total == 0 && order.status == Status::Paid {
        let done = "Done. There was nothing to pay.";
        return Ok(context.lead_to(&super::licence::path(scope, licence), FlashKind::Success, done));
    }
    pay::lead(context, scope, &order.id).await
}
