//! How many people an Organization has, kept with every change: saying it costs the same however many they are.
//!
//! Only whether an invitation has expired depends on the time. Those are counted when somebody asks, in an index, and there are at
//! most [`MOST_OPEN`](crate::people::invitations::MOST_OPEN) of them.

use std::collections::HashMap;

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use crate::access::{Role, lock_organization};
use crate::db::{Connection, Db, DbError, TxContext, WriteTx, on_either};
use crate::ids::OrganizationId;
use crate::schema::{invitations, people_counts};
use crate::time::Timestamp;

/// As what somebody is counted, by the key that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Counted {
    Active,
    /// A member whose account is suspended.
    Suspended,
    /// An open invitation, expired or not.
    Invited,
}

/// How many have each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerRole([usize; Role::ALL.len()]);

impl PerRole {
    pub fn of(&self, role: Role) -> usize {
        self.0[role as usize]
    }

    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Members who can act.
    pub active: PerRole,
    /// Members whose account is suspended.
    pub suspended: PerRole,
    /// Open invitations, pending and expired.
    pub invited: PerRole,
    /// Those of them that have expired.
    pub expired: PerRole,
}

impl Counts {
    /// Everybody in the list.
    pub fn all(&self) -> usize {
        self.members() + self.invited.total()
    }

    /// Members, suspended ones among them.
    pub fn members(&self) -> usize {
        self.active.total() + self.suspended.total()
    }

    /// Invitations that can be accepted now.
    pub fn pending(&self) -> usize {
        self.invited.total().saturating_sub(self.expired.total())
    }

    /// Takes over one row of what is kept, or of what was counted.
    fn note(&mut self, kind: &str, role: Role, people: i64) {
        let per_role = match kind.parse() {
            Ok(Counted::Active) => &mut self.active,
            Ok(Counted::Suspended) => &mut self.suspended,
            Ok(Counted::Invited) => &mut self.invited,
            Err(_) if kind == EXPIRED => &mut self.expired,
            Err(_) => return,
        };
        per_role.0[role as usize] = usize::try_from(people).unwrap_or(0);
    }
}

/// What stands as the kind beside what is counted, and not kept.
const EXPIRED: &str = "expired";

/// One statement.
pub fn read(connection: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Counts, DbError> {
    let expired = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .filter(invitations::expires_at.le(now))
        .group_by(invitations::role)
        .select((EXPIRED.into_sql::<Text>(), invitations::role, count_star()));
    let query = people_counts::table
        .filter(people_counts::organization_id.eq(organization))
        .select((people_counts::kind, people_counts::role, people_counts::people.cast::<BigInt>()))
        .union_all(expired);
    let rows: Vec<(String, Role, i64)> = on_either!(connection, |connection| query.load(connection))?;
    let mut counts = Counts::default();
    for (kind, role, people) in rows {
        counts.note(&kind, role, people);
    }
    Ok(counts)
}

/// The same of several Organizations. Two statements, however many there are, and none for none.
pub fn read_all(
    connection: &mut Connection,
    organizations: &[OrganizationId],
    now: Timestamp,
) -> Result<HashMap<OrganizationId, Counts>, DbError> {
    let mut all: HashMap<OrganizationId, Counts> = HashMap::new();
    if organizations.is_empty() {
        return Ok(all);
    }
    let kept: Vec<(OrganizationId, String, Role, i32)> = people_counts::table
        .filter(people_counts::organization_id.eq_any(organizations))
        .select((people_counts::organization_id, people_counts::kind, people_counts::role, people_counts::people))
        .load(connection)?;
    for (organization, kind, role, people) in kept {
        all.entry(organization).or_default().note(&kind, role, people.into());
    }
    let expired: Vec<(OrganizationId, Role, i64)> = invitations::table
        .filter(invitations::organization_id.eq_any(organizations))
        .filter(invitations::closed_at.is_null())
        .filter(invitations::expires_at.le(now))
        .group_by((invitations::organization_id, invitations::role))
        .select((invitations::organization_id, invitations::role, count_star()))
        .load(connection)?;
    for (organization, role, people) in expired {
        all.entry(organization).or_default().note(EXPIRED, role, people);
    }
    Ok(all)
}

/// How many invitations are open, expired ones among them. Whoever holds the lock on the Organization sees every one: nobody opens
/// or closes one without.
pub(super) fn open_invitations(connection: &mut Connection, organization: &OrganizationId) -> Result<i64, DbError> {
    let open: Option<i64> = people_counts::table
        .filter(people_counts::organization_id.eq(organization))
        .filter(people_counts::kind.eq(<&str>::from(Counted::Invited)))
        .select(sum(people_counts::people))
        .first(connection)?;
    Ok(open.unwrap_or(0))
}

/// Both databases know `$1`.
const ADD: &str = "INSERT INTO people_counts (organization_id, kind, role, people) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (organization_id, kind, role) DO UPDATE SET people = people_counts.people + $4";

/// Counts so many more, or fewer. Whoever takes somebody away holds the lock on the Organization.
pub(super) fn add(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    counted: Counted,
    role: Role,
    people: i32,
) -> Result<(), DbError> {
    diesel::sql_query(ADD)
        .bind::<Text, _>(organization)
        .bind::<Text, _>(<&str>::from(counted))
        .bind::<Text, _>(role)
        .bind::<Integer, _>(people)
        .execute(tx.connection)?;
    Ok(())
}

/// What there is, as it should be kept.
const COUNTED: &str = "SELECT organization_id, kind, role, count(*) AS people FROM (\
    SELECT memberships.organization_id, memberships.role, \
        CASE WHEN users.suspended_at IS NULL THEN 'active' ELSE 'suspended' END AS kind \
        FROM memberships INNER JOIN users ON users.id = memberships.user_id \
    UNION ALL SELECT organization_id, role, 'invited' AS kind FROM invitations WHERE closed_at IS NULL\
    ) AS everybody";
const KEPT: &str = "SELECT organization_id, kind, role, people FROM people_counts WHERE people <> 0";
const EACH: &str = "GROUP BY organization_id, kind, role";

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = Text)]
    organization_id: OrganizationId,
}

/// Counts the people of every Organization, and puts right what differs from what was kept: an older version of the program, while
/// it still answered beside this one, has counted nothing.
pub(super) fn correct(db: &Db, context: &TxContext) -> Result<(), DbError> {
    let wrong = format!(
        "SELECT DISTINCT organization_id FROM (\
            SELECT * FROM ({KEPT} EXCEPT {COUNTED} {EACH}) AS too_many \
            UNION ALL SELECT * FROM ({COUNTED} {EACH} EXCEPT {KEPT}) AS too_few) AS wrong"
    );
    let wrong: Vec<Wrong> = db.read::<_, DbError>(|connection| Ok(diesel::sql_query(wrong).load(connection)?))?;
    for Wrong { organization_id } in wrong {
        db.write::<_, DbError>(context, |tx| recount(tx, &organization_id))?;
    }
    Ok(())
}

fn recount(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    lock_organization(tx, organization)?;
    diesel::delete(people_counts::table.filter(people_counts::organization_id.eq(organization)))
        .execute(tx.connection)?;
    diesel::sql_query(format!(
        "INSERT INTO people_counts (organization_id, kind, role, people) {COUNTED} WHERE organization_id = $1 {EACH}"
    ))
    .bind::<Text, _>(organization)
    .execute(tx.connection)?;
    Ok(())
}
