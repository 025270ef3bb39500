//! Who may do what: roles, permissions and the table that joins them. Every check in the program reads this table; the tests
//! compare each route with it.

mod guard;
mod scope;

use std::fmt;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

pub use guard::{Guard, enforce};
pub use scope::{Membership, Scope, SignedIn};

use crate::db::stored_as_text;

/// A role in an Organization. The order is the ladder: each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum Role {
    Member,
    Reader,
    Editor,
    Manager,
    Owner,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Member, Role::Reader, Role::Editor, Role::Manager, Role::Owner];

    /// The role as stored and as posted by forms.
    pub fn key(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Reader => "reader",
            Role::Editor => "editor",
            Role::Manager => "manager",
            Role::Owner => "owner",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// What the role may do, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Role::Member => "Sees the Organization and what has been shared with them, nothing else.",
            Role::Reader => "Sees every resource of the Organization, but changes nothing.",
            Role::Editor => "Uses the licences and works on every resource of the Organization.",
            Role::Manager => "Does all that an Editor does, and invites people, gives roles and removes people.",
            Role::Owner => "Does everything, including settings and choosing who else is an Owner.",
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        self >= permission.minimum_role()
    }

    /// Whether somebody with this role may give `other` to a person, or take it away: nobody reaches above their own rank, and
    /// below Manager nobody reaches anybody.
    pub fn may_give(self, other: Role) -> bool {
        self.may(Permission::ManagePeople) && other <= self
    }

    /// The roles that somebody with this role may give, lowest first.
    pub fn givable(self) -> Vec<Role> {
        Self::ALL.into_iter().filter(|role| self.may_give(*role)).collect()
    }

    fn as_str(&self) -> &str {
        self.key()
    }

    fn from_stored(text: String) -> Option<Self> {
        Self::parse(&text)
    }
}

stored_as_text!(Role);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Member => "Member",
            Role::Reader => "Reader",
            Role::Editor => "Editor",
            Role::Manager => "Manager",
            Role::Owner => "Owner",
        })
    }
}

/// Something that a role allows. Each route under an Organization names the one that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See the dashboard: Organization information and the own role.
    ViewDashboard,
    /// Leave the Organization (not the last Owner).
    Leave,
    /// See the list of people and invitations.
    ViewPeople,
    /// Invite, resend, withdraw; give, change or remove a role up to the own one.
    ManagePeople,
    /// See Organization settings, VAT data among them.
    ViewSettings,
    /// Change Organization settings, legal details and the logo.
    EditSettings,
}

/// The table of `Permission` and the lowest role that has it.
pub const PERMISSIONS: [(Permission, Role); 6] = [
    (Permission::ViewDashboard, Role::Member),
    (Permission::Leave, Role::Member),
    (Permission::ViewPeople, Role::Manager),
    (Permission::ManagePeople, Role::Manager),
    (Permission::ViewSettings, Role::Manager),
    (Permission::EditSettings, Role::Owner),
];

impl Permission {
    /// The lowest role that has this permission. What is missing from the table is the Owners' alone.
    pub fn minimum_role(self) -> Role {
        PERMISSIONS.iter().find(|(permission, _)| *permission == self).map_or(Role::Owner, |(_, role)| *role)
    }
}
