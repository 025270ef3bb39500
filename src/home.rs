//! `/home`: every Organization of the person, and the invitations that wait for them.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Role, SignedIn};
use crate::ids::OrganizationId;
use crate::invitations::answer::{Offer, waiting_for};
use crate::names::initials;
use crate::organizations::{logo_address, model as organizations};
use crate::web::{AppError, Layout, PageContext, Query, Section, When, see_other};

struct HomeOrganization {
    name: String,
    slug: String,
    initials: String,
    logo: Option<String>,
    kind: &'static str,
    role: Role,
}

struct HomeInvitation {
    id: String,
    organization: String,
    initials: String,
    role: Role,
    inviter: String,
    expires: When,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    layout: Layout,
    organizations: Vec<HomeOrganization>,
    invitations: Vec<HomeInvitation>,
    next_page: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Paging {
    after: String,
}

/// `/` leads home.
pub async fn root() -> HttpResponse {
    see_other("/home")
}

pub async fn show(context: PageContext, signed_in: SignedIn, query: Query<Paging>) -> Result<HttpResponse, AppError> {
    let after = OrganizationId::parse(&query.0.after);
    context
        .show(move |connection, layout| {
            let mut listed = organizations::of_user(connection, &signed_in.user_id, after.as_ref())?;
            let has_more = listed.len() > organizations::HOME_PAGE as usize;
            listed.truncate(organizations::HOME_PAGE as usize);
            let next_page = listed.last().filter(|_| has_more).map(|last| format!("/home?after={}", last.key));
            // A page is read in the order of ids, and shown in the order of names.
            listed.sort_by_key(|one| one.name.to_lowercase());
            let waiting = waiting_for(connection, &signed_in.email, layout.now())?;
            Ok(HomePage {
                organizations: listed.into_iter().map(HomeOrganization::from).collect(),
                invitations: waiting.into_iter().map(|offer| shown(offer, &layout)).collect(),
                next_page,
                layout: layout.at(Section::Home),
            })
        })
        .await
}

impl From<organizations::Listed> for HomeOrganization {
    fn from(listed: organizations::Listed) -> Self {
        Self {
            initials: initials(&listed.name),
            logo: logo_address(&listed.slug, &listed.logo_hash),
            kind: listed.kind.label(),
            name: listed.name,
            slug: listed.slug,
            role: listed.role,
        }
    }
}

fn shown(offer: Offer, layout: &Layout) -> HomeInvitation {
    HomeInvitation {
        id: offer.invitation.id.to_string(),
        initials: initials(&offer.organization),
        organization: offer.organization,
        role: offer.invitation.role,
        inviter: offer.inviter,
        expires: layout.when(offer.invitation.expires_at),
    }
}
