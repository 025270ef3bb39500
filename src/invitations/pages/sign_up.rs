//! `/invitations/{token}/sign-up`: an account with the invited address. The mailed link proves it, so that accepting goes with it; who
//! was given the link in another way confirms the address first.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::lead_on::lead_on;
use super::page::{InvitationSignUpForm, Invited, find, key_of, page, unusable};
use crate::accounts::pages::sign_up::{SignUpForm, begin_here, sent};
use crate::config;
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::people::offers::{self, Answer, SignUp};
use crate::rates::Limit;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::{
    FieldErrors, Form, PageContext, browser, remember, security_event_of, see_other, too_often_sentence,
    with_retry_after,
};

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
    if !invited.offer.was_mailed(&key) {
        return confirm_first(&request, context, token, invited, form, full).await;
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
        SignUp::NotInvited { organization } => Ok(not_invited(&context, organization)),
        SignUp::HasAccount => {
            Err(AppError::Conflict("An account with this address was created meanwhile. Sign in to accept."))
        }
        SignUp::Unusable => unusable(&request, context).await,
    }
}

/// The message that confirms an address, and after that an account for which the invitation waits on its Home.
async fn confirm_first(
    request: &HttpRequest,
    context: PageContext,
    token: String,
    invited: Invited,
    form: InvitationSignUpForm,
    full: SignUpForm,
) -> Result<HttpResponse, AppError> {
    if context.app.config.sign_up == config::SignUp::Invited {
        let invitation = invited.offer.invitation.clone();
        if !context.app.read(move |connection| offers::can_still_give(connection, &invitation)).await? {
            return Ok(not_invited(&context, invited.offer.organization));
        }
    }
    let email = full.email.clone();
    match begin_here(request, &context, full).await? {
        None => sent(context, email).await,
        Some(too_often) => {
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = page(context, StatusCode::TOO_MANY_REQUESTS, token, invited, form, errors).await?;
            Ok(with_retry_after(answer, too_often))
        }
    }
}

/// Nobody gets an account without an invitation that works.
fn not_invited(context: &PageContext, organization: String) -> HttpResponse {
    let answer = Answer::InviterLostRank { organization };
    lead_on(context, &answer).unwrap_or_else(|| see_other("/sign-in"))
}

/// The same rules as for every sign-up, with the address of the invitation.
fn full_form(form: &InvitationSignUpForm, email: &str) -> SignUpForm {
    let form = form.clone();
    SignUpForm {
        form_key: form.form_key,
        first_name: form.first_name,
        last_name: form.last_name,
        email: email.to_owned(),
        password: form.password,
        terms: form.terms,
        ..SignUpForm::default()
    }
}
