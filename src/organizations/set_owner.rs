//! Making somebody Owner where no Owner can do it. Only operators do.

use diesel::prelude::*;
use serde_json::json;

use crate::access::{Operator, Role, lock_organization};
use crate::accounts::users as accounts;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{MembershipId, UserId};
use crate::names::full_name;
use crate::organizations::organization;
use crate::people::mail::News;
use crate::people::ownership::open;
use crate::people::{directory, members, owner_news};
use crate::schema::{memberships, users};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetOwner {
    Set {
        organization: String,
    },
    /// Since before; nothing was changed.
    Already {
        organization: String,
    },
    Suspended,
    NoAccount,
    /// No open Organization is called so.
    NoOrganization,
}

/// The holder of the account becomes Owner, whether they are a member or not. Whoever else is Owner stays it.
pub fn set_owner(tx: &mut WriteTx, by: &Operator, slug: &str, email: &str) -> Result<SetOwner, DbError> {
    let account = users::table.filter(users::email.eq(email)).select((users::id, users::first_name, users::last_name));
    let Some((user, first, last)) = account.first::<(UserId, String, String)>(tx.connection).optional()? else {
        return Ok(SetOwner::NoAccount);
    };
    if !accounts::lock_active(tx, &user)? {
        return Ok(SetOwner::Suspended);
    }
    let Some((id, _)) = organization::named(tx.connection, slug)? else { return Ok(SetOwner::NoOrganization) };
    lock_organization(tx, &id)?;
    // As it is now that nobody closes it.
    let Some((id, organization)) = organization::named(tx.connection, slug)? else {
        return Ok(SetOwner::NoOrganization);
    };
    let place = memberships::table.filter(memberships::organization_id.eq(&id)).filter(memberships::user_id.eq(&user));
    let before: Option<(MembershipId, Role)> =
        place.select((memberships::id, memberships::role)).first(tx.connection).optional()?;
    match &before {
        Some((_, Role::Owner)) => return Ok(SetOwner::Already { organization }),
        Some((membership, _)) => {
            diesel::update(memberships::table.find(membership))
                .set((memberships::role.eq(Role::Owner), memberships::updated_at.eq(tx.now)))
                .execute(tx.connection)?;
            directory::set_role(tx, membership.as_str(), Role::Owner)?;
        }
        None => drop(members::join(tx, &id, &user, Role::Owner, "")?),
    }
    let (by, name) = (By::operator_in(by, &id), full_name(&first, &last));
    open::end_of(tx, by, &id, &user)?;
    let before = before.map_or_else(|| json!({}), |(_, role)| json!({ "role": role.key() }));
    let (action, after) = (Action::OwnerSet, json!({ "role": Role::Owner.key(), "email": email }));
    tx.record(by, Change { action, subject_id: user.as_str(), subject_name: &name, before, after })?;
    let news = News::NewOwner { name, email: email.to_owned(), by: by.actor().name() };
    owner_news::tell(tx, &id, &news, &[])?;
    Ok(SetOwner::Set { organization })
}
