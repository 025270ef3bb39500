//! `/organizations/{slug}/plans/{id}/renew` and `…/support`: another term, and another year of Support & Upgrade. Both show the
//! calculation at once and ask to confirm it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::change::{self, Calculation, Confirmation};
use crate::access::Scope;
use crate::error::AppError;
use crate::ids::LicenceId;
use crate::licences::pages::view::LicenceView;
use crate::orders::changes::prepare::Wanted;
use crate::orders::pages::incomplete::Incomplete;
use crate::time::When;
use crate::web::form::rules::one_line;
use crate::web::{Form, Layout, PageContext, Section, path_id};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExtendForm {
    #[serde(deserialize_with = "one_line")]
    pub key: String,
    #[serde(deserialize_with = "one_line")]
    pub shown: String,
}

/// What it costs and brings.
struct Step {
    calculation: Calculation,
    seats: i32,
    credits: u32,
    until: Option<When>,
}

#[derive(Template)]
#[template(path = "licences/extend.html")]
struct ExtendPage {
    layout: Layout,
    slug: String,
    licence: LicenceView,
    is_support: bool,
    step: Option<Step>,
    /// Why there is none.
    blocked: String,
    incomplete: Option<Incomplete>,
    notice: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    wanted: Wanted,
    notice: Option<(StatusCode, String)>,
) -> Result<HttpResponse, AppError> {
    let (subject, reading) = (change::subject(&context, &scope, &id).await?, context.reading());
    let grace = context.app.config.licence_grace;
    // Who only looks is told why not, and nothing is wrong with that.
    let (step, blocked, incomplete) = match subject.prepare(&wanted, reading.now) {
        Ok(prepared) => (
            Some(Step {
                calculation: Calculation::new(&prepared.quote.bill, reading.now),
                seats: prepared.brings.seats.unwrap_or(0),
                credits: prepared.brings.credits,
                until: prepared.brings.until.map(|until| reading.last_day(until)),
            }),
            String::new(),
            None,
        ),
        Err(refusal) => {
            let page = if wanted == Wanted::Support { "support" } else { "renew" };
            (None, change::said(&refusal, reading).1, subject.incomplete(&scope, &refusal, page))
        }
    };
    let (status, notice) = notice.unwrap_or((StatusCode::OK, String::new()));
    context
        .show_as(status, move |_, layout| {
            Ok(ExtendPage {
                slug: scope.slug().to_owned(),
                licence: LicenceView::new(&subject.licence, &layout, grace),
                is_support: wanted == Wanted::Support,
                step,
                blocked,
                incomplete,
                notice,
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

async fn order(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: ExtendForm,
    wanted: Wanted,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let confirmation = Confirmation { key: &form.key, shown: &form.shown };
    match change::order(&context, &scope, &id, wanted.clone(), &confirmation).await? {
        Ok(response) => Ok(response),
        Err(again) => page(context, scope, id, wanted, Some(again.said())).await,
    }
}

pub async fn renew(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    page(context, scope, id, Wanted::Renewal, None).await
}

pub async fn order_renewal(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<ExtendForm>,
) -> Result<HttpResponse, AppError> {
    order(request, context, scope, form.0, Wanted::Renewal).await
}

pub async fn support(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    page(context, scope, id, Wanted::Support, None).await
}

pub async fn order_support(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<ExtendForm>,
) -> Result<HttpResponse, AppError> {
    order(request, context, scope, form.0, Wanted::Support).await
}
