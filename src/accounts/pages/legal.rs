//! `/dev/terms` and `/dev/privacy`: what one accepts in the demo. A real portal names pages of its own.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::error::AppError;
use crate::web::{Layout, PageContext};

#[derive(Template)]
#[template(path = "accounts/terms.html")]
struct TermsPage {
    layout: Layout,
}

#[derive(Template)]
#[template(path = "accounts/privacy.html")]
struct PrivacyPage {
    layout: Layout,
}

pub async fn terms(context: PageContext) -> Result<HttpResponse, AppError> {
    context.show_plain(StatusCode::OK, |layout| TermsPage { layout }).await
}

pub async fn privacy(context: PageContext) -> Result<HttpResponse, AppError> {
    context.show_plain(StatusCode::OK, |layout| PrivacyPage { layout }).await
}
