//! `/organizations/{slug}/plans/{id}/seats`: more seats at once, or fewer with the next term.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::change::{self, Calculation, Confirmation, Subject};
use crate::access::Scope;
use crate::error::AppError;
use crate::ids::LicenceId;
use crate::licences::changes::schedule::{self, Schedule};
use crate::licences::changes::state::{MOST, Refusal as NotChanged};
use crate::licences::pages::seats::back;
use crate::licences::pages::view::LicenceView;
use crate::money::Money;
use crate::orders::changes::prepare::{Brings, Refusal, Wanted};
use crate::orders::pages::incomplete::Incomplete;
use crate::time::{Reading, When};
use crate::web::form::rules::one_line;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, path_id};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeatsForm {
    /// How many of the plan there shall be.
    #[serde(deserialize_with = "one_line")]
    pub quantity: String,
    pub confirmed: String,
    #[serde(deserialize_with = "one_line")]
    pub key: String,
    #[serde(deserialize_with = "one_line")]
    pub shown: String,
    /// Whether it came at all.
    #[serde(skip)]
    is_sent: bool,
}

impl SeatsForm {
    fn quantity(&self) -> Option<i32> {
        self.quantity.parse().ok().filter(|quantity| (1..=MOST).contains(quantity))
    }
}

/// Fewer with the next term.
struct Fewer {
    seats: i32,
    /// What the next term costs, without tax.
    price: Option<Money>,
    /// The day on which it begins.
    from: Option<When>,
}

/// What is asked for, once it is known.
enum Step {
    Ask,
    More(Calculation, Brings),
    Fewer(Fewer),
    /// It has that many.
    Same,
}

impl Step {
    fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

#[derive(Template)]
#[template(path = "licences/change_seats.html")]
struct SeatsPage {
    layout: Layout,
    slug: String,
    licence: LicenceView,
    used: i64,
    seats_each: i32,
    /// `Each has 5 seats.`
    each_has: String,
    /// Why nothing can be changed. Empty where something can.
    blocked: String,
    /// What keeps back more seats, but not fewer, which cost nothing.
    incomplete: Option<Incomplete>,
    step: Step,
    quantity: String,
    errors: FieldErrors,
    notice: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    form: SeatsForm,
    notice: Option<(StatusCode, String)>,
) -> Result<HttpResponse, AppError> {
    let (subject, reading) = (change::subject(&context, &scope, &id).await?, context.reading());
    let grace = context.app.config.licence_grace;
    // Whatever is typed: of one seat more.
    let refusal = subject.prepare(&Wanted::Seats { more: 1 }, reading.now).err();
    let (status, step, errors) = match step(&subject, &form, reading) {
        Ok(step) => (StatusCode::OK, step, FieldErrors::none()),
        Err(refusal) => {
            let (status, sentence) = change::said(&refusal, reading);
            (status, Step::Ask, FieldErrors::field_only("quantity", sentence))
        }
    };
    let (status, notice) = notice.unwrap_or((status, String::new()));
    let blocked = refusal.as_ref().map_or_else(String::new, |refusal| blocked(refusal, reading));
    let asks = matches!(step, Step::Ask | Step::Same);
    let incomplete = refusal.filter(|_| asks).and_then(|refusal| subject.incomplete(&scope, &refusal, "seats"));
    context
        .show_as(status, move |_, layout| {
            let licence = &subject.licence;
            let asked = licence.next_quantity.unwrap_or(licence.quantity).to_string();
            Ok(SeatsPage {
                slug: scope.slug().to_owned(),
                used: subject.used,
                seats_each: licence.seats_each(),
                each_has: format!("Each has {} seats.", licence.seats_each()),
                licence: LicenceView::new(licence, &layout, grace),
                blocked,
                incomplete,
                step,
                quantity: if form.quantity.is_empty() { asked } else { form.quantity },
                errors,
                notice,
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

/// Why nothing can be changed, where one seat more is refused. Empty where something can.
fn blocked(refusal: &Refusal, reading: Reading) -> String {
    match refusal {
        Refusal::Incomplete(_) | Refusal::Licence(NotChanged::TooMany | NotChanged::Ended) => String::new(),
        refusal => change::said(refusal, reading).1,
    }
}

fn step(subject: &Subject, form: &SeatsForm, reading: Reading) -> Result<Step, Refusal> {
    let licence = &subject.licence;
    if form.quantity.is_empty() && !form.is_sent {
        return Ok(Step::Ask);
    }
    let quantity = form.quantity().ok_or(Refusal::Licence(NotChanged::TooMany))?;
    if quantity > licence.quantity {
        let more = (quantity - licence.quantity).unsigned_abs();
        let prepared = subject.prepare(&Wanted::Seats { more }, reading.now)?;
        return Ok(Step::More(Calculation::new(&prepared.quote.bill, reading.now), prepared.brings));
    }
    if quantity == licence.quantity {
        return Ok(Step::Same);
    }
    let changed = schedule::fewer(licence, subject.used, quantity).map_err(Refusal::Licence)?;
    let next = changed.next_term();
    let from = licence.ends_at.map(|ends_at| reading.when(ends_at));
    Ok(Step::Fewer(Fewer { seats: next.seats, price: next.price(), from }))
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    page(context, scope, id, SeatsForm::default(), None).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<SeatsForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let form = SeatsForm { is_sent: true, ..form.0 };
    let (Some(quantity), true) = (form.quantity(), form.confirmed == "yes") else {
        return page(context, scope, id, form, None).await;
    };
    let licence = change::subject(&context, &scope, &id).await?.licence;
    if quantity <= licence.quantity {
        return reduce(context, scope, id, form, quantity).await;
    }
    let wanted = Wanted::Seats { more: (quantity - licence.quantity).unsigned_abs() };
    let confirmation = Confirmation { key: &form.key, shown: &form.shown };
    match change::order(&context, &scope, &id, wanted, &confirmation).await? {
        Ok(response) => Ok(response),
        Err(again) => page(context, scope, id, form, Some(again.said())).await,
    }
}

async fn reduce(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    form: SeatsForm,
    quantity: i32,
) -> Result<HttpResponse, AppError> {
    let (by, licence, reading) = (scope.clone(), id.clone(), context.reading());
    let refusal = match context.app.write(move |tx| schedule::reduce(tx, &by, &licence, quantity)).await? {
        Schedule::Scheduled { ends_at, seats } => {
            let seats = if seats == 1 { "1 seat".to_owned() } else { format!("{seats} seats") };
            let message =
                format!("From {} on there are {seats}. Nothing changes until then.", reading.when(ends_at).words());
            return Ok(back(&context, &scope, &id, FlashKind::Success, message));
        }
        Schedule::Refused(refusal) => Refusal::Licence(refusal),
        Schedule::NotAllowed => Refusal::NotAllowed,
        Schedule::Gone => return Err(AppError::NotFound),
    };
    page(context, scope, id, form, Some(change::said(&refusal, reading))).await
}
