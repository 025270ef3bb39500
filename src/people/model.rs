//! Memberships: the rows and the verbs.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Role, Scope};
use crate::audit::{Action, Change};
use crate::db::{Connection, DbError, Timestamp, WriteTx, is_unique};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::mail::{Removed, RoleChanged};
use crate::names::fold;
use crate::organizations::owners;
use crate::people::directory::{self, Kind};
use crate::schema::{memberships, users};

/// Somebody in an Organization.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: MembershipId,
    pub user_id: UserId,
    pub role: Role,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// The name of who invited them; empty for the creator.
    pub invited_by: String,
    pub joined_at: Timestamp,
}

impl Person {
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

type Columns = (
    memberships::id,
    users::id,
    memberships::role,
    users::first_name,
    users::last_name,
    users::email,
    memberships::invited_by,
    memberships::created_at,
);
const COLUMNS: Columns = (
    memberships::id,
    users::id,
    memberships::role,
    users::first_name,
    users::last_name,
    users::email,
    memberships::invited_by,
    memberships::created_at,
);
type Row = (MembershipId, UserId, Role, String, String, String, String, Timestamp);

impl From<Row> for Person {
    fn from((id, user_id, role, first_name, last_name, email, invited_by, joined_at): Row) -> Self {
        Self { id, user_id, role, first_name, last_name, email, invited_by, joined_at }
    }
}

/// A person of this Organization. An id of another Organization finds nothing.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &MembershipId,
) -> Result<Option<Person>, DbError> {
    let row: Option<Row> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq(id))
        .filter(memberships::organization_id.eq(organization))
        .select(COLUMNS)
        .first(connection)
        .optional()?;
    Ok(row.map(Person::from))
}

/// Those of `ids` who are people of this Organization, by name. One statement.
pub fn find_all(
    connection: &mut Connection,
    organization: &OrganizationId,
    ids: &[MembershipId],
) -> Result<Vec<Person>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq_any(ids))
        .filter(memberships::organization_id.eq(organization))
        .select(COLUMNS)
        .load(connection)?;
    let mut people: Vec<Person> = rows.into_iter().map(Person::from).collect();
    people.sort_by_cached_key(|person| fold(&person.name()));
    Ok(people)
}

/// Makes a user a person of an Organization. Answers false, and changes nothing, where they are one already.
pub fn join(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    invited_by: &str,
) -> Result<bool, DbError> {
    let (first_name, last_name, email): (String, String, String) = users::table
        .filter(users::id.eq(user))
        .select((users::first_name, users::last_name, users::email))
        .first(tx.connection)?;
    let name = format!("{first_name} {last_name}");
    let id = MembershipId::new(tx.now);
    let now = tx.now;
    let inserted = tx.savepoint(|connection| {
        diesel::insert_into(memberships::table)
            .values((
                memberships::id.eq(&id),
                memberships::organization_id.eq(organization),
                memberships::user_id.eq(user),
                memberships::role.eq(role),
                memberships::invited_by.eq(invited_by),
                memberships::created_at.eq(now),
                memberships::updated_at.eq(now),
            ))
            .execute(connection)
    });
    match inserted {
        Ok(_) => {
            directory::add(tx, organization, (Kind::Member, id.as_str()), role, &name, &email)?;
            Ok(true)
        }
        Err(error) if is_unique(&error, "memberships", "user") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRole {
    Changed {
        name: String,
    },
    /// The person has that role already.
    Unchanged {
        name: String,
    },
    /// Somebody else changed the role since the page was opened.
    Stale {
        role: Role,
    },
    LastOwner,
    /// The roles of this moment do not allow it.
    NotAllowed,
    /// No such person here, any more.
    Gone,
}

/// Gives `person` another role. `seen` is the role that the actor saw when choosing.
pub fn change_role(
    tx: &mut WriteTx,
    scope: &Scope,
    person: &MembershipId,
    seen: Role,
    role: Role,
    dashboard: &str,
) -> Result<ChangeRole, DbError> {
    let Some(actor_role) = scope.lock(tx)? else {
        return Ok(ChangeRole::NotAllowed);
    };
    let Some(person) = find(tx.connection, scope.organization_id(), person)? else {
        return Ok(ChangeRole::Gone);
    };
    if !actor_role.may_give(person.role) || !actor_role.may_give(role) {
        return Ok(ChangeRole::NotAllowed);
    }
    if person.role == role {
        return Ok(ChangeRole::Unchanged { name: person.name() });
    }
    if person.role != seen {
        return Ok(ChangeRole::Stale { role: person.role });
    }
    if owners::is_last_owner(tx, scope.organization_id(), &person.id)? {
        return Ok(ChangeRole::LastOwner);
    }
    diesel::update(memberships::table.filter(memberships::id.eq(&person.id)))
        .set((memberships::role.eq(role), memberships::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    directory::set_role(tx, person.id.as_str(), role)?;
    let name = person.name();
    tx.record(
        &scope.actor(actor_role),
        Some(scope.organization_id()),
        Change {
            action: Action::RoleChanged,
            subject_id: person.user_id.as_str(),
            subject_name: &name,
            before: json!({ "role": person.role.key() }),
            after: json!({ "role": role.key() }),
        },
    )?;
    if person.user_id != scope.signed_in.user_id {
        let message = RoleChanged {
            first_name: person.first_name,
            organization: scope.organization.name.clone(),
            by: scope.signed_in.name(),
            old_role: person.role.to_string(),
            new_role: role.to_string(),
            role_description: role.description().to_owned(),
            link: dashboard.to_owned(),
        };
        tx.send(&person.email, &message)?;
    }
    Ok(ChangeRole::Changed { name })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remove {
    Removed {
        name: String,
    },
    LastOwner,
    NotAllowed,
    /// People leave by themselves.
    Oneself,
    Gone,
}

/// Takes somebody out of the Organization. Their account stays.
pub fn remove(tx: &mut WriteTx, scope: &Scope, person: &MembershipId) -> Result<Remove, DbError> {
    let Some(actor_role) = scope.lock(tx)? else {
        return Ok(Remove::NotAllowed);
    };
    let Some(person) = find(tx.connection, scope.organization_id(), person)? else {
        return Ok(Remove::Gone);
    };
    if person.user_id == scope.signed_in.user_id {
        return Ok(Remove::Oneself);
    }
    if !actor_role.may_give(person.role) {
        return Ok(Remove::NotAllowed);
    }
    if owners::is_last_owner(tx, scope.organization_id(), &person.id)? {
        return Ok(Remove::LastOwner);
    }
    end(tx, scope, actor_role, &person, Action::MemberRemoved)?;
    let message = Removed {
        first_name: person.first_name.clone(),
        organization: scope.organization.name.clone(),
        by: scope.signed_in.name(),
    };
    tx.send(&person.email, &message)?;
    Ok(Remove::Removed { name: person.name() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Left,
    LastOwner,
    /// Not one of the people any more.
    Gone,
}

/// The actor leaves the Organization.
pub fn leave(tx: &mut WriteTx, scope: &Scope) -> Result<Leave, DbError> {
    let Some(role) = scope.lock(tx)? else {
        return Ok(Leave::Gone);
    };
    let Some(person) = find(tx.connection, scope.organization_id(), &scope.organization.id)? else {
        return Ok(Leave::Gone);
    };
    if owners::is_last_owner(tx, scope.organization_id(), &person.id)? {
        return Ok(Leave::LastOwner);
    }
    end(tx, scope, role, &person, Action::MemberLeft)?;
    Ok(Leave::Left)
}

/// Ends a membership, with everything that hangs on it.
fn end(tx: &mut WriteTx, scope: &Scope, actor_role: Role, person: &Person, action: Action) -> Result<(), DbError> {
    directory::remove(tx, person.id.as_str())?;
    diesel::delete(memberships::table.filter(memberships::id.eq(&person.id))).execute(tx.connection)?;
    let name = person.name();
    tx.record(
        &scope.actor(actor_role),
        Some(scope.organization_id()),
        Change {
            action,
            subject_id: person.user_id.as_str(),
            subject_name: &name,
            before: json!({ "role": person.role.key(), "email": person.email }),
            after: Value::Null,
        },
    )
}
