//! `/home`: every Organization of the person, with an offer to become Owner, and the invitations that wait for them.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Role, SignedIn};
use crate::error::AppError;
use crate::ids::OrganizationId;
use crate::names::{Initials, fold};
use crate::organizations::listing::{self, Listed, PAGE};
use crate::organizations::organization::Kind;
use crate::people::counts::{self, Counts};
use crate::people::offers::{self, Offer};
use crate::time::When;
use crate::web::form::rules::one_line;
use crate::web::{Layout, PageContext, Query, Section, logo_path, see_other};

/// How many invitations are shown unfolded.
const OPEN_INVITATIONS: usize = 10;

struct HomeOrganization {
    name: String,
    slug: String,
    initials: Initials,
    logo: Option<String>,
    kind: Kind,
    role: Role,
    /// Something of it is urgent for this person.
    needs_attention: bool,
    /// An offer to become Owner.
    offer: Option<String>,
    /// It asks for the two-factor authentication that they have not set up.
    needs_two_factor: bool,
    /// For those who may see them.
    people: Option<HomePeople>,
}

struct HomePeople {
    members: usize,
    pending: usize,
}

struct HomeInvitation {
    id: String,
    organization: String,
    initials: Initials,
    role: Role,
    inviter: String,
    expires: When,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    layout: Layout,
    /// When the account is deleted, where that waits.
    deletion: Option<When>,
    organizations: Vec<HomeOrganization>,
    /// The newest, and those that are folded away below them: nobody can bury one under many.
    invitations: Vec<HomeInvitation>,
    more_invitations: Vec<HomeInvitation>,
    search: String,
    /// Whether there are enough Organizations to look for one.
    has_search: bool,
    next_page: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Paging {
    #[serde(deserialize_with = "one_line")]
    search: String,
    after: String,
}

impl Paging {
    /// The page after `last`.
    fn next(&self, last: &OrganizationId) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("search", &self.search);
        }
        format!("/home?{}", query.append_pair("after", last.as_str()).finish())
    }
}

/// `/` leads home.
pub async fn root() -> HttpResponse {
    see_other("/home")
}

pub async fn show(context: PageContext, signed_in: SignedIn, query: Query<Paging>) -> Result<HttpResponse, AppError> {
    let Query(paging) = query;
    let grace = context.app.config.licence_grace;
    context
        .show(move |connection, layout| {
            let after = OrganizationId::parse(&paging.after);
            let user = &signed_in.person.user_id;
            let moment = (layout.now(), grace);
            let mut listed = listing::of_user(connection, user, &paging.search, after.as_ref(), moment)?;
            let has_more = listed.len() > PAGE;
            listed.truncate(PAGE);
            let last = listed.last().filter(|_| has_more).map(|last| &last.membership.organization_id);
            let next_page = last.map(|last| paging.next(last));
            // A page is read in the order of ids, and shown in the order of names.
            listed.sort_by_cached_key(|one| fold(&one.membership.name));
            let managed = listed.iter().map(|one| &one.membership).filter(|one| one.may(Permission::ViewPeople));
            let managed: Vec<_> = managed.map(|one| one.organization_id.clone()).collect();
            let mut counts = counts::read_all(connection, &managed, layout.now())?;
            let waiting = offers::waiting_for(connection, &signed_in.person.email, layout.now())?;
            let mut invitations: Vec<_> = waiting.into_iter().map(|offer| shown(offer, &layout)).collect();
            let more_invitations = invitations.split_off(invitations.len().min(OPEN_INVITATIONS));
            Ok(HomePage {
                deletion: signed_in.deletion_due_at.map(|due_at| layout.when(due_at)),
                organizations: listed
                    .into_iter()
                    .map(|one| {
                        let people = counts.remove(&one.membership.organization_id);
                        HomeOrganization::new(one, people, signed_in.has_two_factor)
                    })
                    .collect(),
                invitations,
                more_invitations,
                has_search: layout.has_many_organizations() || !paging.search.is_empty(),
                search: paging.search,
                next_page,
                layout: layout.at(Section::Home),
            })
        })
        .await
}

impl HomeOrganization {
    fn new(listed: Listed, people: Option<Counts>, has_two_factor: bool) -> Self {
        let Listed { membership, kind, has_urgent_licence, offer } = listed;
        Self {
            offer: offer.map(|id| id.to_string()),
            needs_attention: has_urgent_licence && membership.may(Permission::ViewLicences),
            needs_two_factor: membership.policies.requires_two_factor && !has_two_factor,
            initials: Initials::of(&membership.name),
            logo: logo_path(&membership.slug, &membership.logo_hash),
            kind,
            name: membership.name,
            slug: membership.slug,
            role: membership.role,
            people: people.map(|counts| HomePeople { members: counts.members(), pending: counts.pending() }),
        }
    }
}

fn shown(offer: Offer, layout: &Layout) -> HomeInvitation {
    HomeInvitation {
        id: offer.invitation.id.to_string(),
        initials: Initials::of(&offer.organization),
        inviter: offer.inviter(),
        organization: offer.organization,
        role: offer.invitation.role,
        expires: layout.when(offer.invitation.expires_at),
    }
}
