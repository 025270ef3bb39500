//! What surrounds every page: who is signed in, where they are, where they can go.

use crate::access::{Membership, Role, Scope, SignedIn};
use crate::db::{Connection, DbError};
use crate::names::Initials;
use crate::time::{Calendar, Reading, Timestamp, When, Zone};
use crate::web::assets::Assets;
use crate::web::flash::Flash;
use crate::web::navigation::{self, NavigationGroup, NavigationItem, Section};

/// How many Organizations the switcher lists; its search and "All Organizations" lead to the rest.
const SWITCHER_LENGTH: usize = 8;
/// From how many on the switcher has a search.
const MANY: usize = 6;

pub struct Layout {
    pub assets: &'static Assets,
    pub user: Option<LayoutUser>,
    pub organization: Option<LayoutOrganization>,
    pub organizations: Vec<SwitcherItem>,
    pub flash: Option<Flash>,
    pub active: Section,
    pub demo: bool,
    /// How whoever looks reads moments.
    pub reading: Reading,
}

pub struct LayoutUser {
    pub name: String,
    pub email: String,
    pub initials: Initials,
    pub picture: Option<String>,
}

pub struct LayoutOrganization {
    pub name: String,
    pub slug: String,
    pub role: Role,
    pub initials: Initials,
    pub logo: Option<String>,
    pub navigation: Vec<NavigationGroup>,
}

pub struct SwitcherItem {
    pub name: String,
    pub slug: String,
    pub initials: Initials,
    pub logo: Option<String>,
    pub current: bool,
}

impl Layout {
    /// A layout for somebody who may be signed in, without the list of their Organizations.
    pub fn bare(signed_in: Option<&SignedIn>, demo: bool, now: Timestamp) -> Self {
        Self {
            assets: Assets::paths(),
            user: signed_in.map(LayoutUser::from),
            organization: None,
            organizations: Vec::new(),
            flash: None,
            active: Section::None,
            demo,
            reading: reading(signed_in, now),
        }
    }

    /// Adds the switcher, and the navigation of the Organization that the page belongs to. One statement.
    pub(super) fn load(
        mut self,
        connection: &mut Connection,
        signed_in: Option<&SignedIn>,
        scope: Option<&Scope>,
    ) -> Result<Self, DbError> {
        let Some(signed_in) = signed_in else { return Ok(self) };
        let listed = Membership::of_user(connection, &signed_in.person.user_id, SWITCHER_LENGTH as i64)?;
        self.organization = scope.map(LayoutOrganization::from);
        // Where somebody is comes first, however many others there are.
        let current = scope.map(|scope| SwitcherItem { current: true, ..SwitcherItem::from(&scope.membership) });
        let others = listed.iter().filter(|other| scope.is_none_or(|scope| scope.slug() != other.slug));
        self.organizations = current.into_iter().chain(others.map(SwitcherItem::from)).take(SWITCHER_LENGTH).collect();
        Ok(self)
    }

    pub fn at(mut self, section: Section) -> Self {
        self.active = section;
        self
    }

    pub fn has_many_organizations(&self) -> bool {
        self.organizations.len() >= MANY
    }

    pub fn is_home(&self) -> bool {
        self.active == Section::Home
    }

    /// The pages of a person about themselves. Empty on all others.
    pub fn account_pages(&self) -> Vec<NavigationItem> {
        navigation::account(self.active)
    }

    /// The dashboard says the role itself.
    pub fn is_dashboard(&self) -> bool {
        self.active == Section::Dashboard
    }

    /// The moment that the page shows as now.
    pub fn now(&self) -> Timestamp {
        self.reading.now
    }

    /// The zone in which the page shows moments.
    pub fn zone(&self) -> Zone {
        self.reading.calendar.zone
    }

    /// A moment as this page shows it.
    pub fn when(&self, moment: Timestamp) -> When {
        self.reading.when(moment)
    }

    /// The last day of what is valid until `end`, as this page shows it.
    pub fn last_day(&self, end: Timestamp) -> When {
        self.reading.last_day(end)
    }
}

/// How somebody reads moments: as they have chosen, or as everybody does who is not signed in.
pub(super) fn reading(signed_in: Option<&SignedIn>, now: Timestamp) -> Reading {
    Reading { now, calendar: signed_in.map_or(Calendar::USUAL, |signed_in| signed_in.calendar) }
}

impl From<&SignedIn> for LayoutUser {
    fn from(signed_in: &SignedIn) -> Self {
        let name = signed_in.person.name();
        let (email, picture) = (signed_in.person.email.clone(), own_picture_path(&signed_in.picture_hash));
        Self { initials: Initials::of(&name), name, email, picture }
    }
}

impl From<&Membership> for SwitcherItem {
    fn from(membership: &Membership) -> Self {
        Self {
            name: membership.name.clone(),
            slug: membership.slug.clone(),
            initials: Initials::of(&membership.name),
            logo: logo_path(&membership.slug, &membership.logo_hash),
            current: false,
        }
    }
}

impl From<&Scope> for LayoutOrganization {
    fn from(scope: &Scope) -> Self {
        let membership = &scope.membership;
        Self {
            name: membership.name.clone(),
            slug: membership.slug.clone(),
            role: membership.role,
            initials: Initials::of(&membership.name),
            logo: logo_path(&membership.slug, &membership.logo_hash),
            navigation: navigation::groups(scope),
        }
    }
}

impl LayoutOrganization {
    /// What the navigation calls the part of the portal that is shown; empty where it has no entry for it.
    pub fn here(&self, active: &Section) -> &'static str {
        let mut items = self.navigation.iter().flat_map(|group| &group.items);
        items.find(|item| item.is_at(active)).map_or("", |item| item.label)
    }
}

/// Where the picture of whoever is signed in is served, if there is one. The hash makes a new picture a new path.
pub fn own_picture_path(picture_hash: &str) -> Option<String> {
    (!picture_hash.is_empty()).then(|| format!("/account/picture?v={picture_hash}"))
}

/// Where a logo is served, if there is one. The hash makes a new logo a new path.
pub fn logo_path(slug: &str, logo_hash: &str) -> Option<String> {
    (!logo_hash.is_empty()).then(|| format!("/organizations/{slug}/logo?v={logo_hash}"))
}
