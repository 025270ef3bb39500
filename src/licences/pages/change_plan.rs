//! `/organizations/{slug}/plans/{id}/plan`: a better plan at once, or another one with the next term.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::change::{self, Calculation, Confirmation, Subject};
use crate::access::Scope;
use crate::catalogue::file::is_key;
use crate::error::AppError;
use crate::ids::LicenceId;
use crate::licences::changes::schedule::{self, Schedule};
use crate::licences::changes::{choices, upgrade};
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::pages::seats::back;
use crate::licences::pages::view::LicenceView;
use crate::money::Money;
use crate::orders::changes::prepare::{Brings, Refusal, Wanted};
use crate::orders::pages::incomplete::Incomplete;
use crate::time::{Reading, When};
use crate::web::form::rules::one_line;
use crate::web::{FlashKind, Form, Layout, PageContext, Section, path_id};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlanForm {
    /// The key of a plan.
    #[serde(deserialize_with = "one_line")]
    pub plan: String,
    /// `yes`, from the page that shows the calculation.
    pub confirmed: String,
    #[serde(deserialize_with = "one_line")]
    pub key: String,
    #[serde(deserialize_with = "one_line")]
    pub shown: String,
}

/// A plan beside the present one.
struct Offer {
    plan: CopiedPlan,
    seats: i32,
    /// What a term costs for all of them, without tax.
    price: Money,
    is_upgrade: bool,
    /// Why it cannot be had. Empty where it can.
    refusal: String,
}

/// Another plan with the next term.
struct Later {
    plan: String,
    seats: i32,
    price: Money,
    per: &'static str,
    from: Option<When>,
}

/// What is asked for, once it is known.
enum Step {
    Ask(Vec<Offer>),
    Now(Calculation, Brings, Box<CopiedPlan>),
    Later(Later),
}

#[derive(Template)]
#[template(path = "licences/change_plan.html")]
struct PlanPage {
    layout: Layout,
    slug: String,
    licence: LicenceView,
    /// What a term of it costs now, without tax. None where it costs nothing, as a trial.
    price: Option<Money>,
    plan: String,
    step: Step,
    /// What keeps back an upgrade, but not another plan with the next term, which costs nothing now.
    incomplete: Option<Incomplete>,
    notice: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    form: PlanForm,
    notice: Option<(StatusCode, String)>,
) -> Result<HttpResponse, AppError> {
    let (subject, reading) = (change::subject(&context, &scope, &id).await?, context.reading());
    let grace = context.app.config.licence_grace;
    let (status, step, said) = match step(&subject, &form.plan, reading) {
        Ok(step) => (StatusCode::OK, step, String::new()),
        Err(refusal) => {
            let (status, sentence) = change::said(&refusal, reading);
            (status, Step::Ask(offers(&subject, reading)), sentence)
        }
    };
    let (status, notice) = notice.unwrap_or((status, said));
    let incomplete = incomplete(&subject, &scope, &step, reading);
    context
        .show_as(status, move |_, layout| {
            Ok(PlanPage {
                slug: scope.slug().to_owned(),
                licence: LicenceView::new(&subject.licence, &layout, grace),
                price: subject.licence.price().filter(|price| price.minor > 0),
                plan: form.plan,
                step,
                incomplete,
                notice,
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

fn incomplete(subject: &Subject, scope: &Scope, step: &Step, reading: Reading) -> Option<Incomplete> {
    let Step::Ask(offers) = step else { return None };
    let upgrade = offers.iter().find(|offer| offer.is_upgrade && offer.refusal.is_empty())?;
    let refusal = subject.prepare(&Wanted::Upgrade { plan: upgrade.plan.key.clone() }, reading.now).err()?;
    subject.incomplete(scope, &refusal, "plan")
}

fn find(subject: &Subject, key: &str) -> Option<CopiedPlan> {
    let plans = choices::plans(&subject.customer.as_ref()?.on_sale, &subject.licence);
    plans.into_iter().find(|plan| plan.key == key)
}

fn step(subject: &Subject, key: &str, reading: Reading) -> Result<Step, Refusal> {
    if key.is_empty() {
        return Ok(Step::Ask(offers(subject, reading)));
    }
    let plan = find(subject, key).ok_or(Refusal::NotSold)?;
    if upgrade::is_upgrade(&subject.licence, &plan) {
        let prepared = subject.prepare(&Wanted::Upgrade { plan: key.to_owned() }, reading.now)?;
        return Ok(Step::Now(Calculation::new(&prepared.quote.bill, reading.now), prepared.brings, Box::new(plan)));
    }
    let licence = schedule::other_plan(&subject.licence, subject.used, &plan).map_err(Refusal::Licence)?;
    let next = licence.next_term();
    Ok(Step::Later(Later {
        seats: next.seats,
        price: for_all(&plan, next.quantity),
        per: per(&plan),
        from: licence.ends_at.map(|ends_at| reading.when(ends_at)),
        plan: plan.name,
    }))
}

fn for_all(plan: &CopiedPlan, quantity: i32) -> Money {
    let price = plan.unit_price();
    Money { minor: price.minor * i64::from(quantity), ..price }
}

/// What stands behind a price.
fn per(plan: &CopiedPlan) -> &'static str {
    plan.term.per()
}

fn offers(subject: &Subject, reading: Reading) -> Vec<Offer> {
    let Some(customer) = &subject.customer else { return Vec::new() };
    let licence = &subject.licence;
    let offer = |plan: CopiedPlan| {
        let is_upgrade = upgrade::is_upgrade(licence, &plan);
        let refusal = if is_upgrade {
            upgrade::quote(licence, subject.used, &plan, reading.now).err()
        } else {
            schedule::other_plan(licence, subject.used, &plan).err()
        };
        Offer {
            seats: plan.seats_of(licence.quantity),
            price: for_all(&plan, licence.quantity),
            is_upgrade,
            refusal: refusal.map_or_else(String::new, |refusal| change::not_changed(&refusal, reading)),
            plan,
        }
    };
    choices::plans(&customer.on_sale, licence).into_iter().map(offer).collect()
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    page(context, scope, id, PlanForm::default(), None).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<PlanForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let Form(form) = form;
    if !is_key(&form.plan) {
        let sentence = "Choose one of the plans.".to_owned();
        return page(context, scope, id, form, Some((StatusCode::UNPROCESSABLE_ENTITY, sentence))).await;
    }
    if form.confirmed != "yes" {
        return page(context, scope, id, form, None).await;
    }
    let subject = change::subject(&context, &scope, &id).await?;
    match find(&subject, &form.plan) {
        Some(plan) if !upgrade::is_upgrade(&subject.licence, &plan) => later(context, scope, id, form, plan).await,
        // What is not for sale any more is refused when it is ordered.
        _ => {
            let wanted = Wanted::Upgrade { plan: form.plan.clone() };
            let confirmation = Confirmation { key: &form.key, shown: &form.shown };
            match change::order(&context, &scope, &id, wanted, &confirmation).await? {
                Ok(response) => Ok(response),
                Err(again) => page(context, scope, id, form, Some(again.said())).await,
            }
        }
    }
}

async fn later(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    form: PlanForm,
    plan: CopiedPlan,
) -> Result<HttpResponse, AppError> {
    let (by, licence, reading, name) = (scope.clone(), id.clone(), context.reading(), plan.name.clone());
    let refusal = match context.app.write(move |tx| schedule::change_plan(tx, &by, &licence, &plan)).await? {
        Schedule::Scheduled { ends_at, .. } => {
            let from = reading.when(ends_at).words();
            let message = format!("From {from} on the plan is {name}. Nothing changes until then.");
            return Ok(back(&context, &scope, &id, FlashKind::Success, message));
        }
        Schedule::Refused(refusal) => Refusal::Licence(refusal),
        Schedule::NotAllowed => Refusal::NotAllowed,
        Schedule::Gone => return Err(AppError::NotFound),
    };
    page(context, scope, id, form, Some(change::said(&refusal, reading))).await
}
