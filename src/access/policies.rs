//! What an Organization lets its people do beyond what every Organization does, and what it asks of whoever enters. Only an Owner
//! changes that.

use chrono::Duration;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::schema::organizations;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// A choice of the Owners that permissions depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    ManagersMayPurchase,
}

impl Policy {
    /// As the settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManagersMayPurchase => "Managers may purchase",
        }
    }
}

/// How long ago somebody may have proved who they are who enters an Organization, by the key that is stored.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum SessionLength {
    /// As long as the portal lets a session last.
    #[default]
    Portal,
    SevenDays,
    OneDay,
    TwelveHours,
    EightHours,
    FourHours,
    OneHour,
}

stored_as_text!(SessionLength);

impl SessionLength {
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Portal => "As long as a session lasts",
            Self::SevenDays => "7 days",
            Self::OneDay => "1 day",
            Self::TwelveHours => "12 hours",
            Self::EightHours => "8 hours",
            Self::FourHours => "4 hours",
            Self::OneHour => "1 hour",
        }
    }

    /// `None` where the Organization asks for nothing.
    fn limit(self) -> Option<Duration> {
        match self {
            Self::Portal => None,
            Self::SevenDays => Some(Duration::days(7)),
            Self::OneDay => Some(Duration::days(1)),
            Self::TwelveHours => Some(Duration::hours(12)),
            Self::EightHours => Some(Duration::hours(8)),
            Self::FourHours => Some(Duration::hours(4)),
            Self::OneHour => Some(Duration::hours(1)),
        }
    }

    /// Whether it is over for somebody who proved at `since` who they are.
    pub fn is_over(self, since: Timestamp, now: Timestamp) -> bool {
        self.limit().is_some_and(|limit| now - since >= limit)
    }
}

/// How the Owners of an Organization chose: read with the membership on each request, and again where a transaction locks the
/// Organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Policies {
    pub managers_may_purchase: bool,
    /// Nobody enters whose account has no two-factor authentication.
    pub requires_two_factor: bool,
    pub session_length: SessionLength,
}

impl Policies {
    pub fn is_on(self, policy: Policy) -> bool {
        match policy {
            Policy::ManagersMayPurchase => self.managers_may_purchase,
        }
    }
}
