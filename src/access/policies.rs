//! What an Organization lets its people do beyond what every Organization does. Only an Owner changes that.

use diesel::prelude::*;

use crate::schema::organizations;

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

/// How the Owners of an Organization chose: read with the membership on each request, and again where a transaction locks the
/// Organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Policies {
    pub managers_may_purchase: bool,
}

impl Policies {
    pub fn is_on(self, policy: Policy) -> bool {
        match policy {
            Policy::ManagersMayPurchase => self.managers_may_purchase,
        }
    }
}
