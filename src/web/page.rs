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
use crate::web::compress::{self, Coding};
use crate::web::flash::{self, Flash, FlashKind};
use crate::web::layout::Layout;

/// All that a handler needs to answer with a page.
pub struct PageContext {
    pub app: web::Data<App>,
    pub session: Session,
    pub signed_in: Option<SignedIn>,
    scope: Option<Scope>,
    coding: Coding,
}

impl FromRequest for PageContext {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = App::of(request).clone();
        let scope = request.extensions().get::<Scope>().cloned();
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        let coding = compress::negotiated(request);
        ready(Ok(Self { app, session: request.get_session(), signed_in, scope, coding }))
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
        let Self { app, session, signed_in, scope, coding } = self;
        let flash: Option<Flash> = flash::take(&session);
        let (demo, now) = (app.config.demo, app.now());
        let db = app.db.clone();
        let written = move |connection: &mut Connection| {
            let mut layout =
                Layout::bare(signed_in.as_ref(), demo, now).load(connection, signed_in.as_ref(), scope.as_ref())?;
            layout.flash = flash;
            let page = build(connection, layout)?;
            Ok::<_, AppError>(compress::compressed(page.render()?.into_bytes(), coding))
        };
        let (body, coding) = in_span(move || db.read(written)).await??;
        let mut response = HttpResponse::build(status);
        response
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::VARY, "Accept-Encoding"));
        if let Some(coding) = coding.name() {
            response.insert_header((header::CONTENT_ENCODING, coding));
        }
        Ok(response.body(body))
    }

    /// Leads to another page of the portal, which shows a message.
    pub fn lead_to(&self, location: &str, kind: FlashKind, message: impl Into<String>) -> HttpResponse {
        flash::flash(&self.session, kind, message);
        see_other(location)
    }
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
