//! The line of the log for each request, written and counted when its answer has ended: that of a file of many megabytes long
//! after its head.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::{HttpMessage, web};

use crate::access::SignedIn;
use crate::app::App;
use crate::ids::{RequestId, UserId};
use crate::metrics::counts::{COUNTS, Held};
use crate::web::client_ip;

/// A request that has come.
pub(super) struct Begun {
    pub id: RequestId,
    pub method: Method,
    started: Instant,
    in_flight: Held,
}

impl Begun {
    pub fn new(id: RequestId, method: Method) -> Self {
        Self { id, method, started: Instant::now(), in_flight: COUNTS.in_flight() }
    }

    /// Writes the line now, or once the last piece of the answer has been sent. `route` is a pattern.
    pub fn answered(self, app: &App, route: String, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let request = response.request();
        let line = Line {
            route,
            status: response.status().as_u16(),
            user: request.extensions().get::<SignedIn>().map(|signed_in| signed_in.person.user_id.clone()),
            ip: client_ip(request, &app.config),
            begun: self,
        };
        match response.response().body().size() {
            BodySize::None => line.write(0, true),
            BodySize::Sized(bytes) => line.write(bytes, true),
            BodySize::Stream => {
                let streamed = |body| Streamed { body, line: Some(line), bytes: 0, is_whole: false };
                return response.map_body(|_, body| BoxBody::new(streamed(body)));
            }
        }
        response
    }
}

struct Line {
    begun: Begun,
    route: String,
    status: u16,
    user: Option<UserId>,
    ip: String,
}

impl Line {
    fn write(self, bytes: u64, is_whole: bool) {
        let Self { begun: Begun { id, method, started, in_flight }, route, status, user, ip } = self;
        let took = started.elapsed();
        drop(in_flight);
        let duration_ms = took.as_micros() as f64 / 1_000.0;
        let (method, user) = (method.as_str(), user.as_ref().map(UserId::as_str));
        if is_whole && status < 400 && is_small_talk(&route) {
            tracing::debug!(request = %id, method, route, status, duration_ms, bytes, user, ip, "answered");
        } else if is_whole {
            tracing::info!(request = %id, method, route, status, duration_ms, bytes, user, ip, "answered");
        } else {
            tracing::warn!(request = %id, method, route, status, duration_ms, bytes, user, ip, "answered in part");
        }
        COUNTS.answered(route, method, status, took);
    }
}

/// What comes with every page, or every few seconds from a machine.
fn is_small_talk(route: &str) -> bool {
    const ROUTES: [&str; 8] = [
        "/static/{name}",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/manifest.webmanifest",
        "/robots.txt",
        "/healthz",
        "/readyz",
        "/metrics",
    ];
    ROUTES.contains(&route)
}

/// The body of an answer that is sent as it is made.
struct Streamed {
    body: BoxBody,
    line: Option<Line>,
    bytes: u64,
    is_whole: bool,
}

impl MessageBody for Streamed {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_next(context);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => self.bytes += piece.len() as u64,
            Poll::Ready(Some(Err(error))) => {
                let request = self.line.as_ref().map(|line| line.begun.id.as_str());
                tracing::error!(request, %error, "an answer broke off");
            }
            Poll::Ready(None) => self.is_whole = true,
            Poll::Pending => {}
        }
        polled
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.write(self.bytes, self.is_whole);
        }
    }
}
