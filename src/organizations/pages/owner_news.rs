//! `/organizations/{slug}/settings/news`: what the Owners hear of.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::people::owner_news::{self, Choice, Choose};
use crate::web::form::rules::checkbox;
use crate::web::{FlashKind, Form, PageContext, role_lost};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewsForm {
    /// `yes`: nothing but this tells a form in which no box is ticked from no form at all.
    sent: String,
    #[serde(deserialize_with = "checkbox")]
    accepted: bool,
    #[serde(deserialize_with = "checkbox")]
    declined: bool,
    #[serde(deserialize_with = "checkbox")]
    new_owners: bool,
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<NewsForm>) -> Result<HttpResponse, AppError> {
    let NewsForm { sent, accepted, declined, new_owners } = form.0;
    if sent != "yes" {
        return Err(AppError::Unprocessable("The form did not arrive whole. Nothing was changed."));
    }
    let choice = Choice { news_accepted: accepted, news_declined: declined, news_new_owners: new_owners };
    let (by, shown) = (scope.clone(), scope.path("/settings"));
    match context.app.write(move |tx| owner_news::choose(tx, &by, choice)).await? {
        Choose::Saved => Ok(context.lead_to(&shown, FlashKind::Success, "News for Owners saved.")),
        Choose::Unchanged => Ok(context.lead_to(&shown, FlashKind::Notice, "Nothing was changed.")),
        Choose::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
