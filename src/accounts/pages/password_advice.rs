//! `/password-advice`: what is wrong with a password that is being typed, for the script of forms that set one. Nothing is stored but how
//! often it is asked.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::accounts::password;
use crate::app::in_span;
use crate::error::AppError;
use crate::rates::Limit;
use crate::web::{Form, PageContext, client_network};

/// The fields of those forms that are looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TypedForm {
    password: String,
    first_name: String,
    last_name: String,
    company: String,
    email: String,
}

#[derive(Serialize)]
struct Advice {
    is_good: bool,
    sentence: String,
}

pub async fn judge(
    request: HttpRequest,
    context: PageContext,
    form: Form<TypedForm>,
) -> Result<HttpResponse, AppError> {
    let (Form(typed), network) = (form, client_network(&request, &context.app.config));
    context.app.write(move |tx| tx.take(Limit::PasswordAdvice, &network)).await?.or_refuse()?;
    let person = context.signed_in.map(|signed_in| signed_in.person);
    let problem = in_span(move || {
        let mut personal = vec![typed.first_name.as_str(), &typed.last_name, &typed.company, &typed.email];
        if let Some(person) = &person {
            personal.extend([person.first_name.as_str(), &person.last_name, &person.email]);
        }
        password::problem(&typed.password, &personal)
    });
    let problem = problem.await?;
    let is_good = problem.is_none();
    Ok(HttpResponse::Ok()
        .json(Advice { is_good, sentence: problem.unwrap_or_else(|| "This password is good.".to_owned()) }))
}
