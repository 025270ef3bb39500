//! `/organizations/{slug}/plans/{id}/keep`: takes back what was asked for with the next term.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::change;
use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::ids::LicenceId;
use crate::licences::changes::schedule::{self, TakeBack, What};
use crate::licences::pages::licence::{self, Refusal};
use crate::licences::pages::seats::back;
use crate::web::{FlashKind, Form, PageContext, path_id, role_lost};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeepForm {
    /// `seats` or `plan`.
    pub what: String,
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<KeepForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let what = match form.0.what.as_str() {
        "plan" => What::Plan,
        "seats" => What::Seats,
        _ => {
            let sentence = "Say what stays as it is: the plan or the seats.".to_owned();
            return licence::refused(context, scope, id, Refusal(StatusCode::UNPROCESSABLE_ENTITY, sentence)).await;
        }
    };
    let (by, licence) = (scope.clone(), id.clone());
    match context.app.write(move |tx| schedule::take_back(tx, &by, &licence, what)).await? {
        TakeBack::TakenBack => {
            let kept = if what == What::Plan { "The plan stays as it is." } else { "The seats stay as they are." };
            Ok(back(&context, &scope, &id, FlashKind::Success, kept))
        }
        TakeBack::Nothing => {
            Ok(back(&context, &scope, &id, FlashKind::Notice, "Nothing was to change. Nothing was changed."))
        }
        TakeBack::Refused(refusal) => {
            let refusal = Refusal(StatusCode::CONFLICT, change::not_changed(&refusal, context.reading()));
            licence::refused(context, scope, id, refusal).await
        }
        TakeBack::NotAllowed => Err(role_lost(&context.app, &scope, Permission::Purchase).await),
        TakeBack::Gone => Err(AppError::NotFound),
    }
}
