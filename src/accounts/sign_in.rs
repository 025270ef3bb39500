//! `/sign-in` and `/sign-out`.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::access::SignedIn;
use crate::accounts::{model, sessions};
use crate::app::App;
use crate::config::SignUp;
use crate::demo;
use crate::ids::SessionId;
use crate::limits::{SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, TooOften, is_used_up};
use crate::passwords::Checked;
use crate::web::form::{email_address, one_line};
use crate::web::{
    AppError, FieldErrors, Form, Layout, PageContext, Query, client_address, network_of, see_other, waiting,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    #[serde(deserialize_with = "email_address")]
    pub email: String,
    pub password: String,
    #[serde(deserialize_with = "one_line")]
    pub next: String,
}

/// An account that the demo offers.
pub struct DemoAccount {
    pub label: String,
    pub email: String,
    pub password: String,
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    layout: Layout,
    form: SignInForm,
    errors: FieldErrors,
    demo_accounts: Vec<DemoAccount>,
    sign_up_open: bool,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: SignInForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let sign_up_open = context.app.config.sign_up == SignUp::Open;
    let demo_accounts = if context.app.config.demo { demo::accounts() } else { Vec::new() };
    context.show_as(status, move |_, layout| Ok(SignInPage { layout, form, errors, demo_accounts, sign_up_open })).await
}

pub async fn show(context: PageContext, query: Query<SignInForm>) -> Result<HttpResponse, AppError> {
    if context.signed_in.is_some() {
        return Ok(see_other(safe_target(&query.0.next)));
    }
    page(context, StatusCode::OK, SignInForm { password: String::new(), ..query.0 }, FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<SignInForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let mut errors = FieldErrors::none();
    if form.email.is_empty() {
        errors.add("email", "Enter your e-mail address.");
    }
    if form.password.is_empty() {
        errors.add("password", "Enter your password.");
    }
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let app = context.app.clone();
    let browser = Browser {
        address: client_address(&request, &app.config),
        user_agent: sessions::user_agent(&request),
        session: context.signed_in.as_ref().map(|signed_in| signed_in.session_id.clone()),
    };
    match authenticate(&app, &form, browser).await? {
        SignIn::Done(secret) => {
            sessions::remember(&request, &secret)?;
            Ok(see_other(safe_target(&form.next)))
        }
        SignIn::Wrong => {
            let errors = FieldErrors::form_only("The e-mail address or the password is not right.");
            page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await
        }
        SignIn::TooOften(too_often) => {
            let wait = waiting(too_often.retry_after);
            let sentence = format!("Too many attempts. Wait {wait} and try again, or reset your password.");
            let errors = FieldErrors::form_only(sentence);
            Ok(too_often.mark(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?))
        }
    }
}

/// Where somebody signs in.
struct Browser {
    address: String,
    user_agent: String,
    /// The session it has already. It ends with the new one.
    session: Option<SessionId>,
}

enum SignIn {
    Done(crate::secrets::Secret),
    /// Unknown address or wrong password: nobody is told which.
    Wrong,
    TooOften(TooOften),
}

async fn authenticate(app: &web::Data<App>, form: &SignInForm, browser: Browser) -> Result<SignIn, AppError> {
    let (email, network) = (form.email.clone(), network_of(&browser.address));
    let buckets = [(SIGN_IN_ADDRESS, network.clone()), (SIGN_IN_ACCOUNT, email.clone())];
    let looked_at = buckets.clone();
    let now = app.clock.now();
    let used_up = app
        .read(move |connection| {
            for (limit, who) in &looked_at {
                if let Err(too_often) = is_used_up(connection, *limit, who, now)? {
                    return Ok(Err(too_often));
                }
            }
            Ok(Ok(()))
        })
        .await?;
    if let Err(too_often) = used_up {
        return Ok(SignIn::TooOften(too_often));
    }
    // An attempt is counted before the password is looked at, so that many at once cannot try more than the limit; and only by
    // who has a turn, so that many at once with the right password do not use the limit up.
    let turn = app.passwords.turn().await?;
    let attempt = {
        let email = email.clone();
        app.write(move |tx| {
            for (limit, who) in &buckets {
                if let Err(too_often) = tx.take(*limit, who)? {
                    return Ok(Err(too_often));
                }
            }
            Ok(Ok(model::credentials(tx.connection, &email)?))
        })
        .await?
    };
    let known = match attempt {
        Ok(known) => known,
        Err(too_often) => return Ok(SignIn::TooOften(too_often)),
    };
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let checked = app.passwords.check(turn, form.password.clone(), hash).await?;
    let Some(known) = known.filter(|_| checked != Checked::Wrong) else {
        return Ok(SignIn::Wrong);
    };
    app.write(move |tx| {
        // The password may have been reset while it was being checked, or be reset at this very moment.
        tx.lock_account(&known.id)?;
        let current = model::credentials(tx.connection, &email)?;
        if current.is_none_or(|current| current.password_hash != known.password_hash) {
            return Ok::<_, AppError>(SignIn::Wrong);
        }
        if let Checked::RightAtOldCost(hash) = checked {
            model::set_password_hash(tx, &known.id, &hash)?;
        }
        tx.give_back(SIGN_IN_ADDRESS, &network)?;
        tx.forget(SIGN_IN_ACCOUNT, &email)?;
        if let Some(session) = &browser.session {
            sessions::end(tx, session)?;
        }
        Ok(SignIn::Done(sessions::start(tx, &known.id, &browser.address, &browser.user_agent)?))
    })
    .await
}

pub async fn sign_out(
    app: web::Data<App>,
    signed_in: Option<SignedIn>,
    identity: Option<Identity>,
    session: Session,
) -> Result<HttpResponse, AppError> {
    end_session(&app, signed_in, identity, &session).await?;
    let mut response = see_other("/sign-in");
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\""),
    );
    Ok(response)
}

/// Ends the session of this browser, in the database and in the cookie.
pub async fn end_session(
    app: &web::Data<App>,
    signed_in: Option<SignedIn>,
    identity: Option<Identity>,
    session: &Session,
) -> Result<(), AppError> {
    if let Some(signed_in) = signed_in {
        app.write(move |tx| sessions::end(tx, &signed_in.session_id).map_err(AppError::from)).await?;
    }
    if let Some(identity) = identity {
        identity.logout();
    }
    session.purge();
    Ok(())
}

/// Where to go after signing in: a path of this site, or Home.
pub fn safe_target(next: &str) -> &str {
    const HOME: &str = "/home";
    let decoded = percent_encoding::percent_decode_str(next).decode_utf8_lossy();
    let is_path = |text: &str| {
        text.starts_with('/')
            && !text.starts_with("//")
            && !text.contains('\\')
            && !text.contains("//")
            && !text.chars().any(|character| character.is_control() || character.is_whitespace())
    };
    if next.is_ascii() && is_path(next) && is_path(&decoded) && !next.starts_with("/sign-") { next } else { HOME }
}
