//! `/organizations/{slug}/people/{id}`: who is in the list, a member or somebody invited; the id says which.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::{person, sent};
use crate::web::{PageContext, Query, path_id};

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    match path_id(&request, "id", InvitationId::parse) {
        Ok(invitation) => sent::show(context, scope, filter.0, invitation).await,
        Err(_) => person::show(request, context, scope, filter).await,
    }
}
