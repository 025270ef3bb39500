//! `/account/details`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde_json::json;

use crate::access::SignedIn;
use crate::countries::{COUNTRIES, Country};
use crate::error::AppError;
use crate::profile::details::{self, Details, Field, SaveDetails, Wish};
use crate::profile::pages::details_form::{DetailsForm, industry_box, seen_fields, shown};
use crate::web::choices::INDUSTRIES;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, own_picture_path};

const PATH: &str = "/account/details";

#[derive(Template)]
#[template(path = "profile/details.html")]
struct DetailsPage {
    layout: Layout,
    email: String,
    picture: Option<String>,
    details: Details,
    /// What is stored: the next form says that this is what it saw.
    seen: Vec<(String, String)>,
    errors: FieldErrors,
    countries: &'static [Country],
    industries: Vec<IndustryBox>,
}

struct IndustryBox {
    name: String,
    label: &'static str,
    is_ticked: bool,
}

/// The page: as it was typed, or as it is stored.
pub(super) async fn page(
    context: PageContext,
    signed_in: SignedIn,
    status: StatusCode,
    typed: Option<Details>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let stored = details::load(connection, &signed_in.person.user_id)?;
            let details = typed.unwrap_or_else(|| stored.clone());
            Ok(DetailsPage {
                layout: layout.at(Section::AccountDetails),
                picture: own_picture_path(&signed_in.picture_hash),
                email: signed_in.person.email,
                seen: seen_fields(&stored),
                errors,
                countries: COUNTRIES,
                industries: industry_boxes(&details),
                details,
            })
        })
        .await
}

fn industry_boxes(details: &Details) -> Vec<IndustryBox> {
    let is_ticked = |key| details.industries.split(',').any(|ticked| ticked == key);
    let boxes = INDUSTRIES.iter().map(|industry| IndustryBox {
        name: industry_box(industry.key),
        label: industry.label,
        is_ticked: is_ticked(industry.key),
    });
    boxes.collect()
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, signed_in, StatusCode::OK, None, FieldErrors::none()).await
}

pub async fn submit(
    context: PageContext,
    signed_in: SignedIn,
    form: Form<DetailsForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    match form.single() {
        Some(Some(field)) => save_one(&context, &signed_in, &form, field).await,
        Some(None) => Err(AppError::BadRequest("There is no such field.")),
        None => save_all(context, signed_in, form).await,
    }
}

async fn save(context: &PageContext, signed_in: &SignedIn, wishes: &[Wish]) -> Result<SaveDetails, AppError> {
    let (person, wishes) = (signed_in.person.clone(), wishes.to_vec());
    context.app.write(move |tx| details::save(tx, &person, &wishes)).await
}

async fn save_all(context: PageContext, signed_in: SignedIn, form: DetailsForm) -> Result<HttpResponse, AppError> {
    let mut errors = form.problems();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        let wishes = form.wishes();
        match save(&context, &signed_in, &wishes).await? {
            SaveDetails::Saved => return Ok(context.lead_to(PATH, FlashKind::Success, "Saved.")),
            SaveDetails::Unchanged => return Ok(context.lead_to(PATH, FlashKind::Notice, "Nothing was changed.")),
            SaveDetails::Stale(fields, stored) => {
                status = StatusCode::CONFLICT;
                errors = FieldErrors::form_only("Some of it was changed elsewhere, so nothing was saved");
                for wish in wishes.iter().filter(|wish| fields.contains(&wish.field)) {
                    errors.add(wish.field.key(), changed_elsewhere(wish, &stored));
                }
            }
        }
    }
    page(context, signed_in, status, Some(form.details()), errors).await
}

/// The answer to a field that saves by itself, for the script that asked.
async fn save_one(
    context: &PageContext,
    signed_in: &SignedIn,
    form: &DetailsForm,
    field: Field,
) -> Result<HttpResponse, AppError> {
    let problems = form.problems();
    let problem = problems.of(field.key());
    if !problem.is_empty() {
        return Ok(HttpResponse::UnprocessableEntity().json(json!({ "problem": problem })));
    }
    let wish = form.wish(field);
    Ok(match save(context, signed_in, std::slice::from_ref(&wish)).await? {
        SaveDetails::Saved | SaveDetails::Unchanged => HttpResponse::Ok().json(json!({ "value": wish.wanted })),
        SaveDetails::Stale(_, stored) => {
            let problem = changed_elsewhere(&wish, &stored);
            HttpResponse::Conflict().json(json!({ "problem": problem, "stored": stored.get(field) }))
        }
    })
}

fn changed_elsewhere(wish: &Wish, stored: &Details) -> String {
    let Wish { field, wanted, .. } = wish;
    let (theirs, yours) = (shown(*field, stored.get(*field)), shown(*field, wanted));
    format!("This was changed elsewhere to {theirs}. Yours, {yours}, is not saved: save again to replace the other.")
}
