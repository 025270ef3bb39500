//! `/organizations/{slug}/people/without-two-factor`: who has not set up two-factor authentication, where the Organization requires it;
//! Owners see it before, too.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::MembershipId;
use crate::numbers::grouped;
use crate::people::two_factor::{self, Lacking, MOST_COUNTED, Place};
use crate::web::{Layout, PageContext, Query, Section};

const PAGE: usize = 50;

/// Which part of the list is shown: the ids around which it stands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LackingQuery {
    after: String,
    before: String,
}

#[derive(Template)]
#[template(path = "people/without_two_factor.html")]
struct LackingPage {
    layout: Layout,
    slug: String,
    is_required: bool,
    /// How many there are, in words.
    people: String,
    rows: Vec<Lacking>,
    previous: Option<String>,
    next: Option<String>,
}

/// So many people, as they are counted.
pub fn people_words(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        _ if count > MOST_COUNTED => format!("More than {} people", grouped(MOST_COUNTED as u64)),
        _ => format!("{count} people"),
    }
}

/// That some people lack what the Organization requires; none where it requires nothing, or nobody lacks it.
pub fn waiting(connection: &mut Connection, scope: &Scope) -> Result<Option<String>, DbError> {
    if !scope.membership.policies.requires_two_factor {
        return Ok(None);
    }
    let count = two_factor::count(connection, scope.organization_id())?;
    let have = if count == 1 { "has" } else { "have" };
    Ok((count > 0).then(|| format!("{} {have} not set it up yet", people_words(count))))
}

pub async fn show(context: PageContext, scope: Scope, query: Query<LackingQuery>) -> Result<HttpResponse, AppError> {
    let is_required = scope.membership.policies.requires_two_factor;
    if !is_required && !scope.may(Permission::EditSettings) {
        return Err(AppError::NotFound);
    }
    let Query(LackingQuery { after, before }) = query;
    let place = Place::of(MembershipId::parse(&after), MembershipId::parse(&before));
    context
        .show(move |connection, layout| {
            let organization = scope.organization_id();
            let people = people_words(two_factor::count(connection, organization)?);
            let part = two_factor::lacking(connection, organization, &place, PAGE)?;
            let page = scope.path("/people/without-two-factor");
            let first = part.rows.first().filter(|_| part.has_previous);
            let last = part.rows.last().filter(|_| part.has_next);
            Ok(LackingPage {
                slug: scope.slug().to_owned(),
                is_required,
                people,
                previous: first.map(|first| format!("{page}?before={}", first.id)),
                next: last.map(|last| format!("{page}?after={}", last.id)),
                rows: part.rows,
                layout: layout.at(Section::People),
            })
        })
        .await
}
