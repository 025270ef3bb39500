//! `/invitations/{token}`: the page behind the link in an invitation mail.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::access::{Role, SignedIn};
use crate::accounts::sign_in::end_session;
use crate::accounts::sign_up::SignUpForm;
use crate::accounts::verify_email::link_unusable;
use crate::accounts::{model as accounts, sessions};
use crate::app::App;
use crate::invitations::answer::{self as invitations, Answer, Invitee, Key, Offer};
use crate::invitations::home::{Verb, invitee, lead_on};
use crate::names::initials;
use crate::secrets::Secret;
use crate::web::countries::{COUNTRIES, Country};
use crate::web::form::{checkbox, one_line};
use crate::web::{AppError, FieldErrors, Form, Layout, PageContext, When, client_address, path_text, see_other};

/// Who is looking at the invitation.
enum InvitationViewer {
    /// Signed in with the invited address.
    Invitee,
    /// Signed in with another one.
    OtherAccount { email: String },
    /// Not signed in; the address has an account.
    HasAccount,
    /// Not signed in; the address has no account yet.
    NewPerson,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct InvitationSignUpForm {
    #[serde(deserialize_with = "one_line")]
    first_name: String,
    #[serde(deserialize_with = "one_line")]
    last_name: String,
    password: String,
    #[serde(deserialize_with = "one_line")]
    country: String,
    #[serde(deserialize_with = "one_line")]
    company: String,
    #[serde(deserialize_with = "checkbox")]
    terms: bool,
}

#[derive(Template)]
#[template(path = "invitations/show.html")]
struct InvitationPage {
    layout: Layout,
    token: String,
    organization: String,
    organization_initials: String,
    role: Role,
    inviter: String,
    email: String,
    expires: When,
    viewer: InvitationViewer,
    form: InvitationSignUpForm,
    errors: FieldErrors,
    countries: &'static [Country],
}

fn key_of(request: &HttpRequest) -> (String, Key) {
    let token = path_text(request, "token");
    let key = Key::Link(Secret::presented(&token));
    (token, key)
}

/// One answer for links that are unknown, used, withdrawn or expired.
async fn unusable(request: &HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    const SENTENCE: &str = "It was used already, it was withdrawn, it is older than 15 days, or it was not copied whole. \
        Ask the person who invited you to send a new one.";
    let action = if context.signed_in.is_some() { ("/home", "Home") } else { ("/sign-in", "Sign in") };
    link_unusable(request, context, "This invitation no longer works", SENTENCE, action).await
}

/// The offer behind the link and whether its address has an account.
async fn find(app: &web::Data<App>, key: &Key) -> Result<Option<(Offer, bool)>, AppError> {
    let (key, now) = (key.clone(), app.clock.now());
    app.read(move |connection| {
        let Some(offer) = invitations::offer(connection, &key)?.filter(|offer| !offer.invitation.is_expired(now))
        else {
            return Ok(None);
        };
        let has_account = accounts::has_account(connection, &offer.invitation.email)?;
        Ok::<_, AppError>(Some((offer, has_account)))
    })
    .await
}

async fn page(
    context: PageContext,
    status: StatusCode,
    token: String,
    (offer, has_account): (Offer, bool),
    form: InvitationSignUpForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let viewer = match &context.signed_in {
        Some(signed_in) if signed_in.email == offer.invitation.email => InvitationViewer::Invitee,
        Some(signed_in) => InvitationViewer::OtherAccount { email: signed_in.email.clone() },
        None if has_account => InvitationViewer::HasAccount,
        None => InvitationViewer::NewPerson,
    };
    context
        .show_as(status, move |_, layout| {
            Ok(InvitationPage {
                token,
                organization_initials: initials(&offer.organization),
                organization: offer.organization,
                role: offer.invitation.role,
                inviter: offer.inviter,
                email: offer.invitation.email,
                expires: layout.when(offer.invitation.expires_at),
                viewer,
                form,
                errors,
                countries: COUNTRIES,
                layout,
            })
        })
        .await
}

/// Shows the invitation. Opening a link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(&request);
    let Some(found) = find(&context.app, &key).await? else {
        return unusable(&request, context).await;
    };
    page(context, StatusCode::OK, token, found, InvitationSignUpForm::default(), FieldErrors::none()).await
}

pub async fn accept(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    answer(&request, context, &signed_in, invitations::accept).await
}

pub async fn decline(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    answer(&request, context, &signed_in, invitations::decline).await
}

async fn answer(
    request: &HttpRequest,
    context: PageContext,
    signed_in: &SignedIn,
    verb: Verb,
) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(request);
    let answer = {
        let (key, invitee) = (key.clone(), invitee(signed_in));
        context.app.write(move |tx| verb(tx, &key, &invitee).map_err(AppError::from)).await?
    };
    if let Some(response) = lead_on(&context.session, &answer) {
        return Ok(response);
    }
    if answer == Answer::WrongAccount
        && let Some(found) = find(&context.app, &key).await?
    {
        // The page says whose invitation it is, and offers to switch.
        let nothing_typed = InvitationSignUpForm::default();
        return page(context, StatusCode::FORBIDDEN, token, found, nothing_typed, FieldErrors::none()).await;
    }
    unusable(request, context).await
}

/// Signs out, and comes back to the invitation.
pub async fn switch(
    request: HttpRequest,
    app: web::Data<App>,
    signed_in: SignedIn,
    identity: Option<Identity>,
    session: Session,
) -> Result<HttpResponse, AppError> {
    let (token, _) = key_of(&request);
    end_session(&app, Some(signed_in), identity, &session).await?;
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    Ok(see_other(&format!("/invitations/{token}")))
}

/// Creates an account with the invited address, which the link proves, and accepts in the same transaction.
pub async fn sign_up(
    request: HttpRequest,
    context: PageContext,
    session: Session,
    form: Form<InvitationSignUpForm>,
) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(&request);
    let Some(found) = find(&context.app, &key).await? else {
        return unusable(&request, context).await;
    };
    let Form(form) = form;
    let full = full_form(&form, &found.0.invitation.email);
    let errors = full.problems();
    let (_, has_account) = found;
    if !errors.is_empty() || has_account || context.signed_in.is_some() {
        let status = if errors.is_empty() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        return page(context, status, token, found, form, errors).await;
    }
    let app = context.app.clone();
    let address = client_address(&request, &app.config);
    let user_agent = sessions::user_agent(&request);
    let new = full.into_new_user(&app).await?;
    let outcome = {
        let key = key.clone();
        app.write(move |tx| {
            let Some(user_id) = accounts::create_user(tx, &new, &address)? else {
                return Err(AppError::Conflict(
                    "An account with this address was created meanwhile. Sign in to accept.",
                ));
            };
            let name = format!("{} {}", new.first_name, new.last_name);
            let invitee = Invitee { user_id: user_id.clone(), email: new.email, name, address: address.clone() };
            let answer = invitations::accept(tx, &key, &invitee)?;
            if answer == Answer::Unusable {
                // Withdrawn or used while the form was open: the link proves nothing any more, so there is no account.
                return Err(AppError::NotFound);
            }
            Ok((answer, sessions::start(tx, &user_id, &address, &user_agent)?))
        })
        .await
    };
    let (answer, secret) = match outcome {
        Err(AppError::NotFound) => return unusable(&request, context).await,
        other => other?,
    };
    sessions::remember(&request, &secret)?;
    Ok(lead_on(&session, &answer).unwrap_or_else(|| see_other("/home")))
}

/// The same rules as for every sign-up, with the address of the invitation.
fn full_form(form: &InvitationSignUpForm, email: &str) -> SignUpForm {
    let form = form.clone();
    SignUpForm {
        first_name: form.first_name,
        last_name: form.last_name,
        email: email.to_owned(),
        password: form.password,
        country: form.country,
        company: form.company,
        terms: form.terms,
        form_key: String::new(),
    }
}
