//! From a page struct to a response: one trip to a blocking thread in which the page reads what it needs, is written and
//! compressed.

use std::cell::RefCell;
use std::future::{Ready, ready};

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use crate::access::{Scope, SignedIn};
use crate::app::App;
use crate::db::Connection;
use crate::web::flash::{self, Flash};
use crate::web::{AppError, Layout};

/// Pages smaller than this are sent as they are.
const WORTH_COMPRESSING: usize = 1_024;

/// The fastest levels that keep the largest page under 8 KB.
const GZIP_LEVEL: u32 = 3;
const ZSTD_LEVEL: i32 = 1;

thread_local! {
    /// A compressor for each thread: making one costs as much as a page.
    static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> =
        RefCell::new(zstd::bulk::Compressor::new(ZSTD_LEVEL).ok());
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// All that a handler needs to answer with a page.
pub struct PageContext {
    pub app: web::Data<App>,
    pub session: Session,
    pub signed_in: Option<SignedIn>,
    scope: Option<Scope>,
    encoding: Encoding,
}

impl FromRequest for PageContext {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().expect("every server is built with its App").clone();
        let scope = request.extensions().get::<Scope>().cloned();
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        let encoding = if accepts(request, "zstd") {
            Encoding::Zstd
        } else if accepts(request, "gzip") {
            Encoding::Gzip
        } else {
            Encoding::Identity
        };
        ready(Ok(Self { app, session: request.get_session(), signed_in, scope, encoding }))
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
        let Self { app, session, signed_in, scope, encoding } = self;
        let flash: Option<Flash> = flash::take(&session);
        let (demo, now) = (app.config.demo, app.clock.now());
        let (body, encoding) = app
            .read(move |connection| {
                let mut layout =
                    Layout::bare(signed_in.as_ref(), demo, now).load(connection, signed_in.as_ref(), scope.as_ref())?;
                layout.flash = flash;
                let page = build(connection, layout)?;
                Ok::<_, AppError>(compressed(page.render()?.into_bytes(), encoding))
            })
            .await?;
        let mut response = HttpResponse::build(status);
        response
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::VARY, "Accept-Encoding"));
        match encoding {
            Encoding::Identity => {}
            Encoding::Gzip => drop(response.insert_header((header::CONTENT_ENCODING, "gzip"))),
            Encoding::Zstd => drop(response.insert_header((header::CONTENT_ENCODING, "zstd"))),
        }
        Ok(response.body(body))
    }
}

fn compressed(plain: Vec<u8>, encoding: Encoding) -> (Vec<u8>, Encoding) {
    if plain.len() < WORTH_COMPRESSING {
        return (plain, Encoding::Identity);
    }
    match encoding {
        Encoding::Identity => (plain, Encoding::Identity),
        Encoding::Gzip => (crate::web::assets::gzipped(&plain, flate2::Compression::new(GZIP_LEVEL)), Encoding::Gzip),
        Encoding::Zstd => match ZSTD.with_borrow_mut(|zstd| zstd.as_mut().map(|zstd| zstd.compress(&plain))) {
            Some(Ok(small)) => (small, Encoding::Zstd),
            _ => (plain, Encoding::Identity),
        },
    }
}

/// Whether the client takes `encoding` (and does not refuse it with a quality of zero).
pub(super) fn accepts(request: &HttpRequest, encoding: &str) -> bool {
    let Some(value) = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    value.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding))
            && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0)))
    })
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
