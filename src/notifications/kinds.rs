//! What can be heard of.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::schema::{notification_choices, notification_recipients};
use crate::stored::stored_as_text;

/// What people choose to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub enum Kind {
    /// Licences that end soon.
    Expiring,
    /// Licences that have ended.
    Expired,
    LowCredits,
    /// Payments that failed.
    Payments,
}

/// Why a mail was sent, as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Occasion {
    Expiring,
    Expired,
    LowCredits,
    Payments,
    /// Somebody wanted to see that it works.
    Test,
    /// The address was to be confirmed.
    Confirmation,
}

stored_as_text!(Occasion);

impl From<Kind> for Occasion {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Expiring => Self::Expiring,
            Kind::Expired => Self::Expired,
            Kind::LowCredits => Self::LowCredits,
            Kind::Payments => Self::Payments,
        }
    }
}

/// The kinds that somebody gets.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Queryable, Selectable, AsChangeset, Insertable, serde::Serialize,
)]
#[diesel(table_name = notification_recipients)]
pub struct Kinds {
    pub expiring: bool,
    pub expired: bool,
    pub low_credits: bool,
    pub payments: bool,
}

impl Kinds {
    pub const ALL: Self = Self { expiring: true, expired: true, low_credits: true, payments: true };
    pub const NONE: Self = Self { expiring: false, expired: false, low_credits: false, payments: false };

    pub fn has(self, kind: Kind) -> bool {
        match kind {
            Kind::Expiring => self.expiring,
            Kind::Expired => self.expired,
            Kind::LowCredits => self.low_credits,
            Kind::Payments => self.payments,
        }
    }

    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// The same of an Owner, where they have chosen.
#[derive(Clone, Copy, Debug, Queryable, Selectable, AsChangeset, Insertable)]
#[diesel(table_name = notification_choices)]
pub(super) struct Chosen {
    pub expiring: bool,
    pub expired: bool,
    pub low_credits: bool,
    pub payments: bool,
}

impl From<Chosen> for Kinds {
    fn from(Chosen { expiring, expired, low_credits, payments }: Chosen) -> Self {
        Self { expiring, expired, low_credits, payments }
    }
}

impl From<Kinds> for Chosen {
    fn from(Kinds { expiring, expired, low_credits, payments }: Kinds) -> Self {
        Self { expiring, expired, low_credits, payments }
    }
}
