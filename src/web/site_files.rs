//! The files that programs look for at addresses of their own: browsers, password managers, search engines.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;

use crate::web::assets::{self, Assets};
use crate::web::see_other;

/// What is kept from search engines: addresses that carry a secret. All else is behind the sign-in.
const ROBOTS: &str = "User-agent: *\nDisallow: /invitations/\nDisallow: /reset-password\nDisallow: /verify-email\n";

/// The name and the symbol under which a phone keeps the portal on its first screen.
#[derive(Template)]
#[template(path = "manifest.json", escape = "none")]
struct Manifest {
    assets: &'static Assets,
}

fn file(content_type: &'static str, content: impl actix_web::body::MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(content)
}

pub async fn favicon() -> HttpResponse {
    file("image/x-icon", assets::file("favicon.ico"))
}

pub async fn touch_icon() -> HttpResponse {
    file("image/png", assets::file("apple-touch-icon.png"))
}

pub async fn manifest() -> HttpResponse {
    let manifest = Manifest { assets: Assets::paths() };
    file("application/manifest+json", manifest.render().expect("writing into a String cannot fail"))
}

pub async fn robots() -> HttpResponse {
    file("text/plain; charset=utf-8", ROBOTS)
}

/// Where password managers send people to change their password.
pub async fn change_password() -> HttpResponse {
    see_other("/account/security/password")
}
