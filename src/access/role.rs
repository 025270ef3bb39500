//! Roles.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use strum::VariantArray;

use crate::access::Permission;
use crate::stored::stored_as_text;

/// A role in an Organization. The order is the ladder: each role may do all that the ones before it may.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Member,
    Reader,
    Editor,
    Manager,
    Owner,
}

stored_as_text!(Role);

impl Role {
    /// The ladder, lowest first.
    pub const ALL: &'static [Role] = Role::VARIANTS;

    /// The role as stored and as posted by forms.
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn parse(key: &str) -> Option<Self> {
        key.parse().ok()
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

    /// The same in a few words, to choose by.
    pub fn gist(self) -> &'static str {
        match self {
            Role::Member => "Sees what is shared with them",
            Role::Reader => "Sees everything, changes nothing",
            Role::Editor => "Works on every resource",
            Role::Manager => "Also invites and removes people",
            Role::Owner => "Everything, with settings and Owners",
        }
    }

    /// Whether somebody with this role may give `other` to a person, or take it away: nobody reaches above their own rank, and
    /// who may not manage people reaches nobody.
    pub fn may_give(self, other: Role) -> bool {
        Permission::ManagePeople.is_given_by(self) && other <= self
    }

    /// The roles that somebody with this role may give, lowest first.
    pub fn givable(self) -> Vec<Role> {
        Self::ALL.iter().copied().filter(|role| self.may_give(*role)).collect()
    }
}

impl std::fmt::Display for Role {
    /// The variants are named as pages name them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}
