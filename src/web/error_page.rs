//! Errors as pages: what happened, and the way out. Inside an Organization they keep its frame.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Membership, Scope, SignedIn};
use crate::app::App;
use crate::error::AppError;
use crate::ids::RequestId;
use crate::payments::provider::ProviderError;
use crate::people::owners::Helper;
use crate::time::duration;
use crate::web::{Layout, own_path};

struct WayOut {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    layout: Layout,
    status: u16,
    heading: String,
    sentence: String,
    hint: Option<String>,
    helpers: Vec<Helper>,
    links: Vec<WayOut>,
    request_id: String,
}

pub(super) async fn error_page(app: &App, request: &HttpRequest, bare: &HttpResponse, id: &RequestId) -> HttpResponse {
    let status = bare.status();
    let known = bare.error().and_then(|error| error.as_error::<AppError>());
    if status.is_server_error() {
        let reason = bare.error().map_or_else(|| status.to_string(), ToString::to_string);
        tracing::error!(request = %id, reason, "request failed");
    }
    let mut response = HttpResponse::build(status);
    for (name, value) in bare.headers() {
        response.append_header((name, value));
    }
    if request.method() == Method::HEAD {
        return response.finish();
    }
    let mut page = ErrorPage {
        layout: frame(app, request, status).await,
        status: status.as_u16(),
        heading: String::new(),
        sentence: String::new(),
        hint: None,
        helpers: Vec::new(),
        links: Vec::new(),
        request_id: id.to_string(),
    };
    page.describe(status, known);
    page.lead_out(request, known);
    match page.render() {
        Ok(body) => response.content_type("text/html; charset=utf-8").body(body),
        Err(error) => {
            tracing::error!(request = %id, %error, "the error page cannot be written");
            response.content_type("text/plain; charset=utf-8").body(page.sentence)
        }
    }
}

/// What surrounds the page. Whoever may see the Organization in the address keeps it; to everybody else it does not exist here either.
/// Where the portal itself is in trouble nothing is asked of the database.
async fn frame(app: &App, request: &HttpRequest, status: StatusCode) -> Layout {
    let signed_in = request.extensions().get::<SignedIn>().cloned();
    let bare = || Layout::bare(signed_in.as_ref(), app.config.demo, app.now());
    let is_trouble = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let Some(signed_in) = signed_in.clone().filter(|_| !is_trouble) else { return bare() };
    let below = request.path().strip_prefix("/organizations/").unwrap_or_default();
    let slug = below.split('/').next().unwrap_or_default().to_owned();
    let layout = bare();
    let loaded = app.read(move |connection| {
        let person = &signed_in.person;
        let membership = match slug.as_str() {
            "" => None,
            slug => Membership::find(connection, &person.user_id, slug)?,
        };
        let scope = membership.map(|membership| Scope::new(person.clone(), membership));
        layout.load(connection, Some(&signed_in), scope.as_ref())
    });
    loaded.await.unwrap_or_else(|_| bare())
}

/// The page with the form that was sent, as the browser names it: a path of this site, and not of a page with a secret, whose address
/// browsers keep to themselves.
fn form_page(request: &HttpRequest) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let url = url::Url::parse(referer).ok()?;
    let path = own_path(&url[url::Position::BeforePath..url::Position::AfterQuery])?;
    (path != "/").then(|| path.to_owned())
}

impl ErrorPage {
    /// The ways out: back to the form, the Organization, Home.
    fn lead_out(&mut self, request: &HttpRequest, known: Option<&AppError>) {
        let is_refused = matches!(known, Some(AppError::Forbidden(_) | AppError::CrossOrigin | AppError::Misdirected));
        if !request.method().is_safe() && !is_refused {
            let back = form_page(request).map(|href| WayOut { href, label: "Back to the form".to_owned() });
            self.links.extend(back);
        }
        if let Some(organization) = &self.layout.organization {
            let (href, label) =
                (format!("/organizations/{}", organization.slug), format!("Dashboard of {}", organization.name));
            self.links.push(WayOut { href, label });
        }
        let (href, label) = if self.layout.user.is_some() { ("/home", "Home") } else { ("/sign-in", "Sign in") };
        self.links.push(WayOut { href: href.to_owned(), label: label.to_owned() });
    }

    fn describe(&mut self, status: StatusCode, known: Option<&AppError>) {
        let (heading, sentence) = match (known, status) {
            (Some(AppError::Forbidden(forbidden)), _) => {
                self.hint = Some(match forbidden.off {
                    None => format!("Ask somebody with that role in {}.", forbidden.organization),
                    Some(policy) => format!(
                        "The policy “{}” is off in {}. An {} can do this for you, or turn the policy on in the settings.",
                        policy.name(),
                        forbidden.organization,
                        forbidden.needed,
                    ),
                });
                self.helpers.clone_from(&forbidden.helpers);
                ("You cannot open this page", format!("It needs the role {} or higher.", forbidden.needed))
            }
            (Some(AppError::CrossOrigin), _) => (
                "That form came from somewhere else",
                "The request was sent from another site, so nothing was changed. Open the page here and try again."
                    .to_owned(),
            ),
            (Some(AppError::Misdirected), _) => (
                "There is no such site here",
                "This portal is reached under another address. Whoever runs it sets that address as PORTICO_PUBLIC_URL, and lets \
                 the proxy in front of it pass the Host header on."
                    .to_owned(),
            ),
            (Some(AppError::BadRequest(sentence)), _) => ("That request cannot be read", (*sentence).to_owned()),
            (Some(AppError::Conflict(sentence)), _) => ("Something changed meanwhile", (*sentence).to_owned()),
            (Some(AppError::TooLarge(sentence)), _) => ("That is too large", (*sentence).to_owned()),
            (Some(AppError::TooSlow), _) => (
                "That took too long",
                "The rest of the request did not arrive, so nothing was changed. Check your connection and try again."
                    .to_owned(),
            ),
            (Some(AppError::Unprocessable(sentence)), _) => ("That cannot be done", (*sentence).to_owned()),
            (Some(AppError::TooOften(too_often)), _) => {
                ("Too many attempts", format!("Wait {} and try again.", duration(too_often.retry_after)))
            }
            (Some(AppError::Uncertain), _) => (
                "Look before you try again",
                "The portal did not hear in time whether your change is stored. Look in a few seconds whether it is there."
                    .to_owned(),
            ),
            (Some(AppError::Payments(ProviderError::Away(_))), _) => (
                "The payment provider cannot be reached",
                "It did not answer, so nothing was changed here, and nothing is charged twice if you try again. Do so in a minute."
                    .to_owned(),
            ),
            (Some(AppError::Payments(ProviderError::Refused(_))), _) => (
                "The payment provider refused",
                "It did not do what it was asked for. Nothing was changed here. If that stays so, tell support the reference below."
                    .to_owned(),
            ),
            (Some(AppError::TooMuchAtOnce(sentence)), _) => ("Too much at once", (*sentence).to_owned()),
            (_, StatusCode::NOT_FOUND) => (
                "Page not found",
                "There is no page at this address, or you have no access to it. The link may be old or mistyped."
                    .to_owned(),
            ),
            (_, StatusCode::METHOD_NOT_ALLOWED) => {
                ("That does not work here", "This address exists, but not for this kind of request.".to_owned())
            }
            (_, StatusCode::PAYLOAD_TOO_LARGE) => {
                ("That is too large", "The request is larger than this page accepts.".to_owned())
            }
            (_, StatusCode::SERVICE_UNAVAILABLE) => (
                "Busy for a moment",
                "The portal could not answer just now. Nothing was changed. Try again in a few seconds.".to_owned(),
            ),
            (_, status) if status.is_server_error() => (
                "Something went wrong on our side",
                "Nothing you did caused this. Try again; if it stays, tell support the reference below."
                    .to_owned(),
            ),
            _ => (
                "That request cannot be read",
                "Your browser sent something that this page does not understand.".to_owned(),
            ),
        };
        self.heading = heading.to_owned();
        self.sentence = sentence;
    }
}
