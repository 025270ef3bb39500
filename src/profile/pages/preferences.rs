//! `/account/preferences`: how somebody wants the portal to be.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::SignedIn;
use crate::error::AppError;
use crate::people::defaults;
use crate::profile::preferences::{self, Preferences};
use crate::web::{Layout, PageContext, Section};

pub(super) const PATH: &str = "/account/preferences";

#[derive(Template)]
#[template(path = "profile/preferences.html")]
struct PreferencesPage {
    layout: Layout,
    preferences: Preferences,
    /// The name of the default Organization.
    default_organization: Option<String>,
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let user = &signed_in.person.user_id;
            Ok(PreferencesPage {
                preferences: preferences::load(connection, user)?,
                default_organization: defaults::of_user(connection, user)?.map(|(_, name)| name),
                layout: layout.at(Section::Preferences),
            })
        })
        .await
}
