//! From a page struct to a response: one trip to a blocking thread in which the page reads what it needs, is written and
//! compressed.

use std::future::{Ready, ready};

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use crate::access::{Scope, SignedIn};
use crate::app::{App, in_span};
use crate::db::Connection;
use crate::error::AppError;
use crate::time::Reading;
use crate::web::compress::{self, Coding};
use crate::web::flash::{self, Flash, FlashAction, FlashKind};
use crate::web::kept_form::FillIn;
use crate::web::layout::{Layout, reading};

/// All that a handler needs to answer with a page.
pub struct PageContext {
    pub app: web::Data<App>,
    pub session: Session,
    pub signed_in: Option<SignedIn>,
    scope: Option<Scope>,
    coding: Coding,
    fill_in: Option<FillIn>,
}

impl FromRequest for PageContext {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = App::of(request).clone();
        let scope = request.extensions().get::<Scope>().cloned();
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        let coding = compress::negotiated(request);
        let fill_in = FillIn::of(request);
        ready(Ok(Self { app, session: request.get_session(), signed_in, scope, coding, fill_in }))
    }
}

impl PageContext {
    /// Answers with the page that `build` makes from the database.
    pub async fn show<P, F>(self, build: F) -> Result<HttpResponse, AppError>
    where
        P: Template,
        F: FnOnce(&mut Connection, Layout) -> Result<P, AppError> + Send + 'static,
    {
        self.show_as(StatusCode::OK, build).await
    }

    /// Like [`PageContext::show`] with another status: 422 for a form that comes back with errors.
    pub async fn show_as<P, F>(self, status: StatusCode, build: F) -> Result<HttpResponse, AppError>
    where
        P: Template,
        F: FnOnce(&mut Connection, Layout) -> Result<P, AppError> + Send + 'static,
    {
        let Self { app, session, signed_in, scope, coding, fill_in } = self;
        let mut layout = Layout::bare(signed_in.as_ref(), app.config.demo, app.now());
        layout.flash = flash::take(&session);
        let read = move |connection: &mut Connection| {
            let layout = layout.load(connection, signed_in.as_ref(), scope.as_ref())?;
            build(connection, layout)
        };
        // Written on the same thread, but with the connection given back.
        let written = app.db.on_reader(move |db| written(&db.read(read)?, coding, fill_in.as_ref())).await?;
        Ok(response(status, written))
    }

    /// Answers with a page that needs nothing from the database. Who is not signed in gets it while the database is away, too.
    pub async fn show_plain<P, F>(self, status: StatusCode, build: F) -> Result<HttpResponse, AppError>
    where
        P: Template,
        F: FnOnce(Layout) -> P + Send + 'static,
    {
        if self.signed_in.is_some() {
            return self.show_as(status, move |_, layout| Ok(build(layout))).await;
        }
        let Self { app, session, coding, .. } = self;
        let mut layout = Layout::bare(None, app.config.demo, app.now());
        layout.flash = flash::take(&session);
        Ok(response(status, in_span(move || written(&build(layout), coding, None)).await??))
    }

    /// What somebody typed into a field of this page before they had to prove who they are.
    pub fn filled_in(&self, field: &str) -> Option<String> {
        self.fill_in.as_ref()?.0.field(field).cloned()
    }

    /// How whoever asks reads moments.
    pub fn reading(&self) -> Reading {
        reading(self.signed_in.as_ref(), self.app.now())
    }

    /// Leads to another page of the portal, which shows a message.
    pub fn lead_to(&self, location: &str, kind: FlashKind, message: impl Into<String>) -> HttpResponse {
        flash::flash(&self.session, kind, message);
        see_other(location)
    }

    /// The same, where a mail is on its way: in the demo it can be read at once.
    pub fn lead_to_mail(&self, location: &str, kind: FlashKind, message: String) -> HttpResponse {
        let mailbox = self.app.config.demo.then(|| FlashAction::link("Open the mailbox", "/dev/mailbox"));
        self.lead_to_with(location, Flash { kind, message, actions: mailbox.into_iter().collect() })
    }

    /// The same, where something can be done about what happened.
    pub fn lead_to_with(&self, location: &str, flash: Flash) -> HttpResponse {
        self.leave(flash);
        see_other(location)
    }

    /// Leaves a message for the next page that is not that of an error.
    pub fn leave(&self, flash: Flash) {
        flash::leave(&self.session, flash);
    }
}

/// A page as it is sent, with how it is compressed.
type Written = (Vec<u8>, Coding);

fn written(page: &impl Template, coding: Coding, fill_in: Option<&FillIn>) -> Result<Written, AppError> {
    Ok(compress::compressed(page.render_with_values(&fill_in)?.into_bytes(), coding))
}

fn response(status: StatusCode, (body, coding): Written) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if let Some(coding) = coding.name() {
        response.insert_header((header::CONTENT_ENCODING, coding));
    }
    response.body(body)
}

/// "See that page next": the answer to a form that did its work.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

/// A part of the path, as text.
pub fn path_text(request: &HttpRequest, name: &str) -> String {
    let raw = request.match_info().get(name).unwrap_or_default();
    percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned()
}

/// An id in the path. What is not an id of that kind names nothing: 404.
pub fn path_id<T>(request: &HttpRequest, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, AppError> {
    request.match_info().get(name).and_then(parse).ok_or(AppError::NotFound)
}
