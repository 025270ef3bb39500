//! `/organizations/{slug}/notifications/threshold`: below how many credits the balance is low.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::credits::amount::{Amount, counted, grouped};
use crate::error::AppError;
use crate::notifications::pages::overview;
use crate::notifications::threshold::{self, Set};
use crate::web::form::rules::one_line;
use crate::web::{FieldErrors, FlashKind, Form, PageContext, role_lost};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ThresholdForm {
    /// `yes`: nothing but this tells a form without a number from no form at all.
    sent: String,
    #[serde(deserialize_with = "one_line")]
    below: String,
}

/// A number of credits as people write it, with or without something between the thousands.
fn read(text: &str) -> Option<Amount> {
    let digits: String =
        text.chars().filter(|one| !matches!(one, ' ' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}')).collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).and_then(Amount::new)
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<ThresholdForm>) -> Result<HttpResponse, AppError> {
    let Form(ThresholdForm { sent, below: typed }) = form;
    if sent != "yes" {
        return Err(AppError::Unprocessable("The form did not arrive whole. Nothing was changed."));
    }
    let below = read(&typed).map(Amount::credits);
    if below.is_none() && !typed.is_empty() {
        let problem = format!("Enter a whole number from 1 to {}, or leave it empty.", grouped(Amount::MOST));
        let errors = FieldErrors::field_only("below", problem);
        return overview::page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(typed), errors).await;
    }
    let (by, back) = (scope.clone(), scope.path("/notifications"));
    match context.app.write(move |tx| threshold::set(tx, &by, below)).await? {
        Set::Saved => {
            let message = match below {
                Some(below) => format!("People are told when there are fewer than {}.", counted(below)),
                None => "Nobody is told any more when credits run low.".to_owned(),
            };
            Ok(context.lead_to(&back, FlashKind::Success, message))
        }
        Set::Unchanged => Ok(context.lead_to(&back, FlashKind::Notice, "Nothing was changed.")),
        Set::NotAllowed => Err(role_lost(&context.app, &scope, Permission::ManageNotifications).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (text, expected) in [
            ("500", Some(500)),
            ("1,500", Some(1_500)),
            ("1’500", Some(1_500)),
            ("1 000 000 000", Some(1_000_000_000)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("1000000000000", None),
            ("99999999999999999999", None),
            ("few", None),
            (",", None),
            ("+5", None),
        ] {
            assert_eq!(read(text).map(Amount::credits), expected, "{text}");
        }
    }
}
