//! `/organizations/{slug}/notifications/test`: a mail to see that mails arrive.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::notifications::pages::overview;
use crate::notifications::test_mail::{self, SendTest};
use crate::web::{FieldErrors, FlashKind, PageContext, role_lost, too_often_sentence, with_retry_after};

pub async fn submit(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let (by, back) = (scope.clone(), scope.path("/notifications"));
    match context.app.write(move |tx| test_mail::send_test(tx, &by)).await? {
        SendTest::Sent { mails: 1 } => {
            Ok(context.lead_to_mail(&back, FlashKind::Success, "A test is on its way to 1 address.".to_owned()))
        }
        SendTest::Sent { mails } => {
            let message = format!("A test is on its way to {mails} addresses.");
            Ok(context.lead_to_mail(&back, FlashKind::Success, message))
        }
        SendTest::Nobody => {
            let message = "There is nobody to send it to: no Owner and no recipient gets any of these messages.";
            Ok(context.lead_to(&back, FlashKind::Notice, message))
        }
        SendTest::TooOften(too_often) => {
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = overview::page(context, scope, StatusCode::TOO_MANY_REQUESTS, None, errors).await?;
            Ok(with_retry_after(answer, too_often))
        }
        SendTest::NotAllowed => Err(role_lost(&context.app, &scope, Permission::ManageNotifications).await),
    }
}
