//! `/organizations/{slug}/two-factor`: where somebody is led who enters an Organization that asks for two-factor authentication, while
//! their account has none.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Scope, SignedIn};
use crate::accounts::pages::come_back;
use crate::error::AppError;
use crate::web::{
    FlashKind, FormPage, Layout, Left, Next, PageContext, Query, flash, keep, own_path, query_string, see_other,
};

#[derive(Template)]
#[template(path = "accounts/two_factor/required.html")]
struct RequiredPage {
    layout: Layout,
    organization: String,
    slug: String,
    /// Leads back to what was asked for.
    set_up: String,
}

pub async fn show(
    context: PageContext,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<Next>,
) -> Result<HttpResponse, AppError> {
    let next = own_path(&query.0.next).map_or_else(|| scope.path(""), str::to_owned);
    if signed_in.has_two_factor || !scope.membership.policies.requires_two_factor {
        return Ok(see_other(&next));
    }
    context
        .show(move |_, layout| {
            let set_up = format!("/account/security/two-factor{}", query_string([("next", &*next)]));
            let (organization, slug) = (scope.membership.name.clone(), scope.slug().to_owned());
            Ok(RequiredPage { layout, organization, slug, set_up })
        })
        .await
}

/// The answer to a form: nothing is done, and it is kept meanwhile. Its sender is signed in, so it need not go along to the browser.
pub async fn interrupted(
    request: &HttpRequest,
    payload: &mut Payload,
    page: &FormPage,
    slug: String,
) -> Result<HttpResponse, AppError> {
    const KEPT: come_back::Words = come_back::Words {
        filled_in: "Nothing was sent yet. Set up two-factor authentication within the hour, and your form comes back as you left it, \
            without files and passwords.",
        lost: "Nothing was sent, and your form could not be kept. Fill it in once more afterwards.",
    };
    let context = PageContext::extract(request).await?;
    let holder = SignedIn::extract(request).await?.person.user_id;
    let Left { page: next, kept } = keep(request, payload, page, Some(&holder)).await;
    let next = match kept {
        Some(kept) => come_back::target(&context, &holder, &next, &kept, KEPT).await,
        None => {
            flash(&context.session, FlashKind::Notice, "Nothing was done yet.");
            next
        }
    };
    Err(AppError::TwoFactorRequired { slug, next: Some(next) })
}
