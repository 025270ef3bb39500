//! `/organizations/{slug}/settings`: showing them.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::{Permission, Policies, Scope};
use crate::error::AppError;
use crate::organizations::details;
use crate::organizations::organization;
use crate::organizations::pages::view::OrganizationView;
use crate::people::owner_news::Choice;
use crate::people::pages::without_two_factor;
use crate::web::{Layout, PageContext, Section};

#[derive(Template)]
#[template(path = "organizations/settings.html")]
struct SettingsPage {
    layout: Layout,
    organization: OrganizationView,
    /// How many details are missing; only who can complete them is told.
    missing: usize,
    can_edit: bool,
    can_transfer: bool,
    policies: Policies,
    /// That some people lack the two-factor authentication that is required, if any do.
    lacking: Option<String>,
    /// Chosen by those who may edit.
    news: Option<Choice>,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let row = organization::load(connection, scope.organization_id())?;
            let can_edit = scope.may(Permission::EditSettings);
            let news = can_edit.then(|| Choice::load(connection, scope.organization_id())).transpose()?;
            let lacking = without_two_factor::waiting(connection, &scope)?;
            Ok(SettingsPage {
                missing: if can_edit { details::missing(&row).len() } else { 0 },
                organization: OrganizationView::new(row, &scope, &layout),
                can_edit,
                can_transfer: scope.may(Permission::TransferOwnership),
                policies: scope.membership.policies,
                lacking,
                news,
                layout: layout.at(Section::Settings),
            })
        })
        .await
}
