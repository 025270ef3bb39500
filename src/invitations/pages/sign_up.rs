//! `/invitations/{token}/sign-up`: an account with the invited address, which the link proves, and accepting in one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::lead_on::lead_on;
use super::page::{InvitationSignUpForm, find, key_of, page, unusable};
use crate::accounts::pages::sign_up::SignUpForm;
use crate::config;
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::people::offers::{self, Answer, SignUp};
use crate::rates::Limit;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::{Form, PageContext, browser, remember, security_event_of, see_other};

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<InvitationSignUpForm>,
) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(&request);
    let Some(invited) = find(&context.app, &key).await? else {
        return unusable(&request, context).await;
    };
    let Form(form) = form;
    let full = full_form(&form, &invited.offer.invitation.email);
    let errors = full.problems_of_invited(&context.app.config.legal);
    if !errors.is_empty() || invited.has_account || context.signed_in.is_some() {
        let status = if errors.is_empty() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        return page(context, status, token, invited, form, errors).await;
    }
    let email = full.email.clone();
    let (browser, counted) = (browser(&request), Secret::presented(&token).hash());
    context.app.write(move |tx| tx.take(Limit::LinkPasswords, &counted)).await?.or_refuse()?;
    let turn = context.app.passwords.turn(&wide_network_of(&browser.ip)).await?;
    let new = full.into_new_user(&context.app, turn).await?;
    let invited_only = context.app.config.sign_up == config::SignUp::Invited;
    match context.app.write(move |tx| offers::sign_up(tx, &key, &new, &browser, invited_only)).await? {
        SignUp::Done { answer, session } => {
            security_event_of(&request, Event::SignUp, Outcome::Success, &email);
            remember(&request, &session, lead_on(&context, &answer).unwrap_or_else(|| see_other("/home")))
        }
        SignUp::NotInvited { organization } => {
            let answer = Answer::InviterLostRank { organization };
            Ok(lead_on(&context, &answer).unwrap_or_else(|| see_other("/sign-in")))
        }
        SignUp::HasAccount => {
            Err(AppError::Conflict("An account with this address was created meanwhile. Sign in to accept."))
        }
        SignUp::Unusable => unusable(&request, context).await,
    }
}

/// The same rules as for every sign-up, with the address of the invitation.
fn full_form(form: &InvitationSignUpForm, email: &str) -> SignUpForm {
    let form = form.clone();
    SignUpForm {
        first_name: form.first_name,
        last_name: form.last_name,
        email: email.to_owned(),
        password: form.password,
        terms: form.terms,
        ..SignUpForm::default()
    }
}
