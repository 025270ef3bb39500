//! `/organizations/{slug}/plans/{id}`: one licence, who has a seat of it, and who may.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::access::{Permission, Role, Scope};
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::{LicenceGrantId, LicenceId, SeatId};
use crate::licences::cancellation::{can_be_cancelled, can_be_resumed};
use crate::licences::changes::again;
use crate::licences::licence::Licence;
use crate::licences::pages::automatic::AutomaticView;
use crate::licences::pages::view::LicenceRow;
use crate::licences::terms::Term;
use crate::licences::{automatic, grants, seats};
use crate::paging::{Part, Place};
use crate::time::When;
use crate::web::form::rules::{email_address, valid_email};
use crate::web::{FieldErrors, Layout, PageContext, Query, Section, path_id};

/// People of one of the lists on a page.
const PAGE: usize = 20;

/// Which part of the lists of people is shown: the ids around which it stands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    seats_after: String,
    seats_before: String,
    access_after: String,
    access_before: String,
}

impl PeopleQuery {
    fn seats(&self) -> Place<&str> {
        let known = |id| Some(id).filter(|id: &&str| SeatId::parse(id).is_some());
        Place::of(known(self.seats_after.as_str()), known(self.seats_before.as_str()))
    }

    fn access(&self) -> Place<&str> {
        let known = |id| Some(id).filter(|id: &&str| LicenceGrantId::parse(id).is_some());
        Place::of(known(self.access_after.as_str()), known(self.access_before.as_str()))
    }
}

/// Who is given access.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct AccessForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
}

/// Somebody in one of the lists.
struct PersonRow {
    member_id: String,
    name: String,
    email: String,
    role: Option<Role>,
    since: Option<When>,
}

/// A part of a list of people, with the addresses of those around it.
#[derive(Default)]
struct PeopleList {
    rows: Vec<PersonRow>,
    previous: Option<String>,
    next: Option<String>,
}

impl PeopleList {
    /// `list` names it in the address of the page.
    fn new<T>(part: Part<T>, page: &str, list: &str, id: impl Fn(&T) -> String, row: impl Fn(T) -> PersonRow) -> Self {
        let href = |side: &str, at: &T| format!("{page}?{list}_{side}={}#{list}-title", id(at));
        Self {
            previous: part.rows.first().filter(|_| part.has_previous).map(|first| href("before", first)),
            next: part.rows.last().filter(|_| part.has_next).map(|last| href("after", last)),
            rows: part.rows.into_iter().map(row).collect(),
        }
    }
}

/// Why a button did nothing: status and sentence.
pub(super) struct Refusal(pub StatusCode, pub String);

#[derive(Template)]
#[template(path = "licences/licence.html")]
struct LicencePage {
    layout: Layout,
    slug: String,
    row: LicenceRow,
    automatic: Option<AutomaticView>,
    /// Whether whoever looks can take a seat now.
    can_occupy: bool,
    can_cancel: bool,
    can_resume: bool,
    /// Whether whoever looks may change what it costs, and it was bought.
    can_change: bool,
    can_renew: bool,
    can_buy_support: bool,
    manages: bool,
    holders: PeopleList,
    granted: PeopleList,
    form: AccessForm,
    errors: FieldErrors,
    refusal: String,
}

/// What of the page depends on what was done.
#[derive(Default)]
pub(super) struct Answer {
    pub people: PeopleQuery,
    pub form: AccessForm,
    pub errors: FieldErrors,
    pub refusal: String,
}

pub(super) async fn page(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    status: StatusCode,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    let grace = context.app.config.licence_grace;
    context
        .show_as(status, move |connection, layout| {
            let (listed, automatic) = automatic::one(connection, &scope, &id)?.ok_or(AppError::NotFound)?;
            let (licence, now) = (&listed.licence, layout.now());
            let row = LicenceRow::new(&listed, &layout, grace);
            let may_cancel = scope.may(Permission::CancelLicences);
            let manages = scope.may(Permission::ManageLicences);
            let (holders, granted) = match manages {
                true => people(connection, &scope, &id, &layout, &answer.people)?,
                false => Default::default(),
            };
            Ok(LicencePage {
                slug: scope.slug().to_owned(),
                can_occupy: licence.is_valid_at(now) && row.free() > 0 && !row.has_own_seat,
                can_cancel: may_cancel && can_be_cancelled(licence, now),
                can_resume: may_cancel && can_be_resumed(licence, now),
                can_change: scope.may(Permission::Purchase) && can_be_changed(licence),
                can_renew: scope.may(Permission::Purchase) && again::quote(licence, now).is_ok(),
                can_buy_support: scope.may(Permission::PurchaseSupport) && takes_support(licence),
                row,
                automatic: AutomaticView::new(licence, &automatic, &scope, &layout),
                manages,
                holders,
                granted,
                form: answer.form,
                errors: answer.errors,
                refusal: answer.refusal,
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

/// Whether it was bought by a plan that can be changed. Whether it can be changed at this moment is said on the page for it.
fn can_be_changed(licence: &Licence) -> bool {
    licence.unit_price().is_some() && licence.term != Term::Trial && licence.suspended_at.is_none()
}

fn takes_support(licence: &Licence) -> bool {
    can_be_changed(licence) && licence.term == Term::Perpetual
}

/// Who has a seat, and who was given access. Two statements.
fn people(
    connection: &mut Connection,
    scope: &Scope,
    id: &LicenceId,
    layout: &Layout,
    query: &PeopleQuery,
) -> Result<(PeopleList, PeopleList), DbError> {
    let page = path(scope, id);
    let holders = seats::holders(connection, id, query.seats(), PAGE)?;
    let holders = PeopleList::new(
        holders,
        &page,
        "seats",
        |holder| holder.id.to_string(),
        |holder| PersonRow {
            member_id: holder.member_id.to_string(),
            name: holder.name(),
            role: None,
            since: Some(layout.when(holder.since)),
            email: holder.email,
        },
    );
    let granted = grants::granted(connection, id, query.access(), PAGE)?;
    let granted = PeopleList::new(
        granted,
        &page,
        "access",
        |granted| granted.id.to_string(),
        |granted| PersonRow {
            member_id: granted.member_id.to_string(),
            name: granted.name(),
            role: Some(granted.role),
            since: None,
            email: granted.email,
        },
    );
    Ok((holders, granted))
}

/// The path of the page of a licence.
pub(super) fn path(scope: &Scope, id: &LicenceId) -> String {
    scope.path(&format!("/plans/{id}"))
}

/// The page once more, with why a button did nothing.
pub(super) async fn refused(
    context: PageContext,
    scope: Scope,
    id: LicenceId,
    refusal: Refusal,
) -> Result<HttpResponse, AppError> {
    let Refusal(status, refusal) = refusal;
    page(context, scope, id, status, Answer { refusal, ..Answer::default() }).await
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    people: Query<PeopleQuery>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    page(context, scope, id, StatusCode::OK, Answer { people: people.0, ..Answer::default() }).await
}
