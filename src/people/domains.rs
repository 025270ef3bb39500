//! The domains whose addresses can be invited, where the Owners narrow that. Members, and invitations that were sent before, stay.

use std::fmt;

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::OrganizationId;
use crate::schema::organizations;

/// As they are stored: normal domains with spaces between them. None means any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedDomains(String);

impl AllowedDomains {
    /// Those of the moment: read where the Organization is locked.
    pub fn of(connection: &mut Connection, organization: &OrganizationId) -> Result<Self, DbError> {
        let stored = organizations::table.filter(organizations::id.eq(organization));
        Ok(Self(stored.select(organizations::invitation_domains).first(connection)?))
    }

    /// Whether an address, in its one spelling, can be invited. A domain does not stand for those below it.
    pub fn allow(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        self.0.is_empty() || self.0.split(' ').any(|allowed| Some(allowed) == domain)
    }
}

impl fmt::Display for AllowedDomains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace(' ', ", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_stands_for_itself_alone() {
        let allowed = AllowedDomains("acme.example xn--exmple-cua.net".to_owned());
        for email in ["ada@acme.example", "ada@xn--exmple-cua.net"] {
            assert!(allowed.allow(email), "{email}");
        }
        for email in ["ada@dept.acme.example", "ada@notacme.example", "ada@acme.example.net", "ada", ""] {
            assert!(!allowed.allow(email), "{email}");
        }
        assert!(AllowedDomains(String::new()).allow("ada@anywhere.example"));
        assert_eq!(allowed.to_string(), "acme.example, xn--exmple-cua.net");
    }
}
