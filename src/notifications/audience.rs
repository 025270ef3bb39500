//! Who gets a mail: Owners and recipients who want to hear of it, each address once.

use crate::db::{Connection, DbError};
use crate::ids::{OrganizationId, UserId};
use crate::notifications::kinds::{Kind, Kinds};
use crate::notifications::owners::{Owner, owners};
use crate::notifications::recipients::{self, Recipient};

/// Somebody who gets one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub email: String,
    /// Empty where nobody knows it.
    pub first_name: String,
    /// Of an Owner.
    pub owner: Option<UserId>,
}

impl From<Owner> for Addressee {
    fn from(owner: Owner) -> Self {
        Self { email: owner.email, first_name: owner.first_name, owner: Some(owner.user_id) }
    }
}

impl From<Recipient> for Addressee {
    fn from(recipient: Recipient) -> Self {
        Self { email: recipient.email, first_name: String::new(), owner: None }
    }
}

/// Those who want to hear of something. Two statements.
fn wanting(
    connection: &mut Connection,
    organization: &OrganizationId,
    wants: impl Fn(Kinds) -> bool,
) -> Result<Vec<Addressee>, DbError> {
    let owners = owners(connection, organization)?.into_iter().filter(|owner| wants(owner.kinds));
    let mut found: Vec<Addressee> = owners.map(Addressee::from).collect();
    let recipients = recipients::all(connection, organization)?.into_iter();
    for recipient in recipients.filter(|recipient| recipient.is_active() && wants(recipient.kinds)) {
        if found.iter().all(|other| other.email != recipient.email) {
            found.push(recipient.into());
        }
    }
    Ok(found)
}

/// Those who hear of a kind.
pub fn of(connection: &mut Connection, organization: &OrganizationId, kind: Kind) -> Result<Vec<Addressee>, DbError> {
    wanting(connection, organization, |kinds| kinds.has(kind))
}

/// Those who hear of anything.
pub fn everybody(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<Addressee>, DbError> {
    wanting(connection, organization, |kinds| !kinds.is_none())
}
