//! Recovery codes that were made just now: they are shown once.

use actix_web::HttpResponse;
use askama::Template;

use super::TWO_FACTOR;
use crate::error::AppError;
use crate::web::{Layout, PageContext, Section, own_path};

#[derive(Template)]
#[template(path = "accounts/two_factor/codes.html")]
struct CodesPage {
    layout: Layout,
    codes: Vec<String>,
    /// Whether they come with turning it on.
    is_first: bool,
    next: String,
}

impl CodesPage {
    fn all(&self) -> String {
        self.codes.join(" ")
    }
}

/// The answer to a form that made codes. Where they come with turning it on, `next` says where its holder was about to go, if they were.
pub(super) async fn shown(
    context: PageContext,
    codes: Vec<String>,
    next: Option<&str>,
) -> Result<HttpResponse, AppError> {
    let is_first = next.is_some();
    let next = next.and_then(own_path).unwrap_or(TWO_FACTOR).to_owned();
    context.show(move |_, layout| Ok(CodesPage { layout: layout.at(Section::Security), codes, is_first, next })).await
}
