//! The page of an invitation, whoever looks at it.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::Role;
use crate::accounts::users;
use crate::app::App;
use crate::config::LegalPages;
use crate::error::AppError;
use crate::names::Initials;
use crate::people::offers::{self, Key, Offer};
use crate::secrets::Secret;
use crate::time::When;
use crate::web::form::rules::{checkbox, name};
use crate::web::{FieldErrors, Layout, LinkUnusable, PageContext, path_text};

/// Who is looking at the invitation.
pub(super) enum InvitationViewer {
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
    /// Makes a form that is sent twice count once, where it sends a message.
    pub form_key: String,
    #[serde(deserialize_with = "name")]
    pub first_name: String,
    #[serde(deserialize_with = "name")]
    pub last_name: String,
    pub password: String,
    #[serde(deserialize_with = "checkbox")]
    pub terms: bool,
}

#[derive(Template)]
#[template(path = "invitations/show.html")]
struct InvitationPage {
    layout: Layout,
    token: String,
    organization: String,
    organization_initials: Initials,
    /// Where its logo is served, if it has one.
    logo: Option<String>,
    role: Role,
    inviter: String,
    email: String,
    expires: When,
    viewer: InvitationViewer,
    /// Whether the viewer has the mail. A link that came in another way proves no address, and so says no for nobody.
    was_mailed: bool,
    form: InvitationSignUpForm,
    errors: FieldErrors,
    legal: LegalPages,
}

/// The secret in the path, as text and as what names the invitation.
pub(super) fn key_of(request: &HttpRequest) -> (String, Key) {
    let token = path_text(request, "token");
    let key = Key::Link(Secret::presented(&token));
    (token, key)
}

/// Where an invitation is.
pub(super) fn path_of(token: &str) -> String {
    format!("/invitations/{}", encoded(token))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// One answer for links that are unknown, used, withdrawn or expired. Who signs in comes back: who has joined by this link is led on.
pub(super) async fn unusable(request: &HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let token = path_text(request, "token");
    let (action_href, action_label) = match context.signed_in {
        Some(_) => (Cow::Borrowed("/home"), "Home"),
        None => (Cow::Owned(format!("/sign-in?next=/invitations/{}", encoded(&encoded(&token)))), "Sign in"),
    };
    let page = LinkUnusable {
        heading: "This invitation no longer works",
        sentence: "It was used already, it was withdrawn, it is older than 15 days, or it was not copied whole. \
            If you have joined by it, sign in; if not, ask the person who invited you to send a new one.",
        action_href,
        action_label,
    };
    page.show(request, context).await
}

/// What a link offers, and whether its address has an account, which only the holder of the mail is told.
pub(super) struct Invited {
    pub offer: Offer,
    pub has_account: bool,
}

pub(super) async fn find(app: &App, key: &Key) -> Result<Option<Invited>, AppError> {
    let (key, now) = (key.clone(), app.now());
    app.read(move |connection| {
        let Some(offer) = offers::find(connection, &key)?.filter(|offer| !offer.invitation.is_expired(now)) else {
            return Ok(None);
        };
        let has_account = offer.was_mailed(&key) && users::has_account(connection, &offer.invitation.email)?;
        Ok(Some(Invited { offer, has_account }))
    })
    .await
}

pub(super) async fn page(
    context: PageContext,
    status: StatusCode,
    token: String,
    invited: Invited,
    form: InvitationSignUpForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let Invited { offer, has_account } = invited;
    let viewer = match context.signed_in.as_ref().map(|signed_in| &signed_in.person.email) {
        Some(email) if *email == offer.invitation.email => InvitationViewer::Invitee,
        Some(email) => InvitationViewer::OtherAccount { email: email.clone() },
        None if has_account => InvitationViewer::HasAccount,
        None => InvitationViewer::NewPerson,
    };
    let legal = context.app.config.legal.clone();
    let form = match form.form_key.is_empty() {
        true => InvitationSignUpForm { form_key: Secret::random().as_str().to_owned(), ..form },
        false => form,
    };
    let was_mailed = offer.was_mailed(&Key::Link(Secret::presented(&token)));
    context
        .show_as(status, move |_, layout| {
            Ok(InvitationPage {
                logo: offer.has_logo().then(|| format!("{}/logo", path_of(&token))),
                token,
                organization_initials: Initials::of(&offer.organization),
                inviter: offer.inviter(),
                organization: offer.organization,
                role: offer.invitation.role,
                email: offer.invitation.email,
                expires: layout.when(offer.invitation.expires_at),
                viewer,
                was_mailed,
                form,
                errors,
                legal,
                layout,
            })
        })
        .await
}
