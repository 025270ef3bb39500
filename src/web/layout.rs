//! What surrounds every page: who is signed in, where they are, where they can go.

use diesel::prelude::*;

use crate::access::{Membership, Permission, Role, Scope, SignedIn};
use crate::db::{Connection, DbError, Timestamp};
use crate::names::initials;
use crate::organizations::logo_address;
use crate::schema::{memberships, organizations};
use crate::web::When;
use crate::web::assets::Assets;
use crate::web::flash::Flash;

/// How many Organizations the switcher lists; "All Organizations" leads to the rest.
const SWITCHER_LENGTH: i64 = 10;

/// The part of the portal that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    None,
    Home,
    Dashboard,
    People,
    Settings,
}

pub struct Layout {
    pub assets: Assets,
    pub user: Option<LayoutUser>,
    pub organization: Option<LayoutOrganization>,
    pub organizations: Vec<SwitcherItem>,
    pub flash: Option<Flash>,
    pub active: Section,
    pub demo: bool,
    pub(super) now: Timestamp,
}

pub struct LayoutUser {
    pub name: String,
    pub email: String,
    pub initials: String,
}

pub struct LayoutOrganization {
    pub name: String,
    pub slug: String,
    pub role: Role,
    pub initials: String,
    pub logo: Option<String>,
    pub can_view_people: bool,
    pub can_view_settings: bool,
}

pub struct SwitcherItem {
    pub name: String,
    pub slug: String,
    pub initials: String,
    pub current: bool,
}

impl Layout {
    /// A layout for somebody who may be signed in, without the list of their Organizations.
    pub fn bare(signed_in: Option<&SignedIn>, demo: bool, now: Timestamp) -> Self {
        Self {
            assets: Assets::addresses(),
            user: signed_in.map(LayoutUser::from),
            organization: None,
            organizations: Vec::new(),
            flash: None,
            active: Section::None,
            demo,
            now,
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
        let listed: Vec<(String, String)> = memberships::table
            .inner_join(organizations::table)
            .filter(memberships::user_id.eq(&signed_in.user_id))
            .order(memberships::organization_id)
            .limit(SWITCHER_LENGTH)
            .select((organizations::name, organizations::slug))
            .load(connection)?;
        self.organization = scope.map(|scope| LayoutOrganization::from(&scope.organization));
        self.organizations = listed
            .into_iter()
            .map(|(name, slug)| SwitcherItem {
                initials: initials(&name),
                current: scope.is_some_and(|scope| scope.slug() == slug),
                name,
                slug,
            })
            .collect();
        Ok(self)
    }

    pub fn at(mut self, section: Section) -> Self {
        self.active = section;
        self
    }

    pub fn is_active(&self, name: &str) -> bool {
        match self.active {
            Section::None => false,
            Section::Home => name == "home",
            Section::Dashboard => name == "dashboard",
            Section::People => name == "people",
            Section::Settings => name == "settings",
        }
    }

    /// The moment that the page shows as now.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A moment as this page shows it.
    pub fn when(&self, moment: Timestamp) -> When {
        When::new(moment, self.now)
    }
}

impl From<&SignedIn> for LayoutUser {
    fn from(signed_in: &SignedIn) -> Self {
        let name = signed_in.name();
        Self { initials: initials(&name), name, email: signed_in.email.clone() }
    }
}

impl From<&Membership> for LayoutOrganization {
    fn from(membership: &Membership) -> Self {
        Self {
            name: membership.name.clone(),
            slug: membership.slug.clone(),
            role: membership.role,
            initials: initials(&membership.name),
            logo: logo_address(&membership.slug, &membership.logo_hash),
            can_view_people: membership.may(Permission::ViewPeople),
            can_view_settings: membership.may(Permission::ViewSettings),
        }
    }
}
