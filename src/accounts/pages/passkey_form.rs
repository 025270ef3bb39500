//! What forms share that carry the answer of a passkey.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use serde::Deserialize;

use crate::accounts::passkeys::{Answer, Refusal};
use crate::app::App;
use crate::limits::TooOften;
use crate::security::{Event, Outcome, Who};
use crate::web::form::rules::one_line;
use crate::web::{FieldErrors, security_event_by, too_often_sentence};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasskeyForm {
    question: String,
    answer: String,
    #[serde(deserialize_with = "one_line")]
    pub next: String,
    /// A form that was not acted on, sealed.
    pub kept: String,
}

impl PasskeyForm {
    pub(super) fn answer(&self) -> Answer {
        Answer { question: self.question.clone(), answer: self.answer.clone() }
    }
}

/// For the log: how somebody proved who they are.
pub(super) const DETAIL: &str = "passkey";

/// Where the browser must have opened a page to use passkeys; empty where the portal has none.
pub(super) fn origin(app: &App) -> String {
    app.passkeys.as_ref().map(|party| party.origin.clone()).unwrap_or_default()
}

/// How a page comes back whose passkey was refused.
pub(super) struct Refused {
    pub status: StatusCode,
    pub errors: FieldErrors,
    pub too_often: Option<TooOften>,
}

/// Tells the log, and says what the page says.
pub(super) fn refused(request: &HttpRequest, event: Event, who: Who<'_>, refusal: Refusal) -> Refused {
    let tell = |outcome| security_event_by(request, event, outcome, who, DETAIL);
    let sentence = match refusal {
        Refusal::TooOften(too_often) => {
            tell(Outcome::Limited);
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            return Refused { status: StatusCode::TOO_MANY_REQUESTS, errors, too_often: Some(too_often) };
        }
        Refusal::Outdated => {
            tell(Outcome::Refused);
            "That took too long, or it was sent before. Try again."
        }
        Refusal::Wrong => {
            tell(Outcome::Refused);
            "This passkey does not sign in here. It may have been removed."
        }
        Refusal::Copied(user) => {
            security_event_by(request, Event::PasskeyCopied, Outcome::Refused, Who::User(&user), "");
            "This passkey was refused: there seems to be a copy of it. Sign in another way and remove it."
        }
    };
    Refused { status: StatusCode::UNPROCESSABLE_ENTITY, errors: FieldErrors::form_only(sentence), too_often: None }
}
