//! The page behind a link that does not work.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::error::AppError;
use crate::rates::Limit;
use crate::security::{Event, Outcome};
use crate::web::{Layout, PageContext, client_network, security_event};

/// What the page says, and where it leads.
#[derive(Clone)]
pub struct LinkUnusable {
    pub heading: &'static str,
    pub sentence: &'static str,
    pub action_href: Cow<'static, str>,
    pub action_label: &'static str,
}

#[derive(Template)]
#[template(path = "accounts/link_unusable.html")]
struct LinkUnusablePage {
    layout: Layout,
    link: LinkUnusable,
}

impl LinkUnusable {
    /// Shows the page. Tries from one network are counted, so that nobody guesses for long; where another transaction is writing,
    /// a try goes uncounted rather than having to wait.
    pub async fn show(self, request: &HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
        security_event(request, Event::WrongLink, Outcome::Refused, &request.match_pattern().unwrap_or_default());
        let network = client_network(request, &context.app.config);
        let counted = context.app.write_at_once(move |tx| tx.take(Limit::WrongLinkNetwork, &network)).await;
        if let Some(allowance) = counted {
            allowance.or_refuse()?;
        }
        self.show_uncounted(context).await
    }

    /// The same where the link holds no secret that anybody could guess.
    pub async fn show_uncounted(self, context: PageContext) -> Result<HttpResponse, AppError> {
        context.show_plain(StatusCode::NOT_FOUND, move |layout| LinkUnusablePage { layout, link: self }).await
    }
}
