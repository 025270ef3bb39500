//! `/sign-in`.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::accounts::pages::come_back::{self, HOME, safe_target};
use crate::accounts::pages::password_check::{PasswordCheck, check_password};
use crate::accounts::pages::{passkey_form, second_step};
use crate::accounts::sessions::{Browser, Started};
use crate::accounts::sign_in::{self, Finish};
use crate::accounts::two_factor::second_step::Destination;
use crate::app::App;
use crate::config::SignUp;
use crate::db::WriteTx;
use crate::demo_accounts::{DEMO_ACCOUNTS, DEMO_PASSWORD, DemoAccount};
use crate::error::AppError;
use crate::ids::UserId;
use crate::limits::TooOften;
use crate::secrets::Secret;
use crate::security::{Event, Outcome, Who};
use crate::time::duration;
use crate::web::form::rules::{checkbox, email_address, one_line};
use crate::web::{
    FieldErrors, Form, FormPage, Layout, Left, PageContext, Query, browser, keep, remember, security_event_by,
    security_event_of, see_other, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    #[serde(deserialize_with = "email_address")]
    pub email: String,
    pub password: String,
    #[serde(deserialize_with = "one_line")]
    pub next: String,
    /// A form that came after its sender was signed out, sealed.
    pub kept: String,
    /// Whether such a form came that could not be kept.
    #[serde(deserialize_with = "checkbox")]
    pub undone: bool,
    /// Whether somebody has just signed out.
    #[serde(deserialize_with = "checkbox")]
    pub signed_out: bool,
}

impl SignInForm {
    fn problems(&self) -> FieldErrors {
        let mut errors = FieldErrors::none();
        if self.email.is_empty() {
            errors.add("email", "Enter your e-mail address.");
        }
        if self.password.is_empty() {
            errors.add("password", "Enter your password.");
        }
        errors
    }
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    layout: Layout,
    reason: &'static str,
    form: SignInForm,
    errors: FieldErrors,
    demo_accounts: &'static [DemoAccount],
    demo_password: &'static str,
    sign_up_open: bool,
    /// Whether the message that confirms an address may be what is missing.
    may_be_unconfirmed: bool,
    /// Where the browser must have opened the page to use passkeys; empty where the portal has none.
    passkey_origin: String,
}

pub(super) async fn page(
    context: PageContext,
    status: StatusCode,
    form: SignInForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let sign_up_open = context.app.config.sign_up == SignUp::Open;
    let demo_accounts: &[DemoAccount] = if context.app.config.demo { &DEMO_ACCOUNTS } else { &[] };
    let demo_password = DEMO_PASSWORD;
    let passkey_origin = passkey_form::origin(&context.app);
    let may_be_unconfirmed = errors.form() == UNCONFIRMED;
    context
        .show_plain(status, move |layout| SignInPage {
            layout,
            reason: reason(&form),
            form,
            errors,
            demo_accounts,
            demo_password,
            sign_up_open,
            may_be_unconfirmed,
            passkey_origin,
        })
        .await
}

pub async fn show(context: PageContext, query: Query<SignInForm>) -> Result<HttpResponse, AppError> {
    if context.signed_in.is_some() {
        return Ok(see_other(safe_target(&query.0.next)));
    }
    page(
        context,
        StatusCode::OK,
        SignInForm { password: String::new(), kept: String::new(), ..query.0 },
        FieldErrors::none(),
    )
    .await
}

/// The answer to a form whose sender is not signed in any more: signing in, after which its page shows it again. Where it cannot be
/// kept, signing in leads to the empty form.
pub async fn interrupted(
    request: &HttpRequest,
    payload: &mut Payload,
    page: &FormPage,
) -> Result<HttpResponse, AppError> {
    let holder = browser(request).known.and_then(|known| known.latest());
    let Left { page, kept } = keep(request, payload, page, holder.as_ref()).await;
    let Some(kept) = kept else {
        return Err(AppError::SignInRequired { next: Some(page), is_undone: true });
    };
    let context = PageContext::extract(request).await?;
    let form = SignInForm { kept, next: page, ..SignInForm::default() };
    self::page(context, StatusCode::FORBIDDEN, form, FieldErrors::none()).await
}

/// What somebody is told who has to sign in before they can go on.
fn reason(form: &SignInForm) -> &'static str {
    if !form.kept.is_empty() {
        "You were signed out meanwhile, so nothing was done. Sign in and your form comes back as you left it."
    } else if form.undone {
        "You were signed out meanwhile, so nothing was done. Sign in and do it again."
    } else if safe_target(&form.next) != HOME {
        "Sign in to open the page that you asked for."
    } else if form.signed_out {
        "You are signed out."
    } else {
        ""
    }
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<SignInForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = form.problems();
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    match authenticate(&context.app, &form, browser(&request)).await? {
        SignIn::Done(session) => {
            security_event_by(&request, Event::SignIn, Outcome::Success, Who::User(&session.holder), "");
            let target =
                come_back::target(&context, &session.holder, &form.next, &form.kept, come_back::SIGNED_OUT).await;
            remember(&request, &session, see_other(&target))
        }
        SignIn::SecondStep { holder, pending } => {
            security_event_by(&request, Event::SecondStep, Outcome::Success, Who::User(&holder), "asked");
            second_step::lead_on(&context.session, &pending)
        }
        SignIn::Wrong => {
            security_event_of(&request, Event::SignIn, Outcome::Refused, &form.email);
            let errors = FieldErrors::form_only(wrong(&context.app));
            page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await
        }
        SignIn::Suspended => page(context, StatusCode::FORBIDDEN, form, FieldErrors::form_only(SUSPENDED)).await,
        SignIn::TooOften(too_often) => {
            security_event_of(&request, Event::SignIn, Outcome::Limited, &form.email);
            let wait = duration(too_often.retry_after);
            let sentence = format!("Too many attempts. Wait {wait} and try again, or reset your password.");
            let errors = FieldErrors::form_only(sentence);
            Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often))
        }
    }
}

/// For whoever has proven who they are.
pub(super) const SUSPENDED: &str =
    "This account is suspended. Write to the people who run this portal if you think it should not be.";

const UNCONFIRMED: &str = "The e-mail address or the password is not right, or the address is not confirmed yet: look for our message, \
     or have it sent again.";

/// The same for everybody, whether there is such an account, such a sign-up, or neither.
fn wrong(app: &App) -> &'static str {
    match app.config.sign_up {
        SignUp::Open => UNCONFIRMED,
        SignUp::Invited => "The e-mail address or the password is not right.",
    }
}

enum SignIn {
    Done(Started),
    /// The account asks for more than the password.
    SecondStep {
        holder: UserId,
        pending: Secret,
    },
    /// Unknown address or wrong password: nobody is told which.
    Wrong,
    Suspended,
    TooOften(TooOften),
}

async fn authenticate(app: &App, form: &SignInForm, browser: Browser) -> Result<SignIn, AppError> {
    let email = form.email.clone();
    let (known, new_hash) = match check_password(app, &email, form.password.clone(), &browser).await? {
        PasswordCheck::Right { known, new_hash } => (known, new_hash),
        PasswordCheck::Wrong => return Ok(SignIn::Wrong),
        PasswordCheck::TooOften(too_often) => return Ok(SignIn::TooOften(too_often)),
    };
    let destination = Destination { next: form.next.clone(), kept: form.kept.clone() };
    let finish =
        move |tx: &mut WriteTx<'_>| sign_in::finish(tx, &email, &known, new_hash.as_deref(), &browser, &destination);
    Ok(match app.write(finish).await? {
        Finish::SignedIn(session) => SignIn::Done(session),
        Finish::SecondStep { holder, pending } => SignIn::SecondStep { holder, pending },
        Finish::Outdated => SignIn::Wrong,
        Finish::Suspended => SignIn::Suspended,
    })
}
