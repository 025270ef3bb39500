//! Recovery codes that were made just now: they are shown once.

use actix_web::HttpResponse;
use askama::Template;

use crate::error::AppError;
use crate::web::{Layout, PageContext, Section};

#[derive(Template)]
#[template(path = "accounts/two_factor/codes.html")]
struct CodesPage {
    layout: Layout,
    codes: Vec<String>,
    /// Whether they come with turning it on.
    is_first: bool,
}

impl CodesPage {
    fn all(&self) -> String {
        self.codes.join(" ")
    }
}

/// The answer to a form that made codes.
pub(super) async fn shown(context: PageContext, codes: Vec<String>, is_first: bool) -> Result<HttpResponse, AppError> {
    context.show(move |_, layout| Ok(CodesPage { layout: layout.at(Section::Security), codes, is_first })).await
}
