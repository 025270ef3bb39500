//! People, invitations and the activity log as tests reach them.

use chrono::DateTime;
use diesel::prelude::*;
use portico::access::{Role, Scope};
use portico::db::{Connection, DbError, WriteTx};
use portico::ids::{OrganizationId, RemovalBatchId};
use portico::people::invite::{self, Invite};
use portico::people::{directory, members};
use portico::schema::{activity, invitations, memberships, organizations, users};
use portico::time::Timestamp;

use super::{Answer, Browser, Portal, SLUG};

/// The address of a page of [`SLUG`].
pub fn acme(below: &str) -> String {
    format!("/organizations/{SLUG}{below}")
}

/// A line of the activity log.
#[derive(Clone, Debug, Queryable)]
pub struct ActivityRow {
    pub id: String,
    pub organization: Option<String>,
    pub action: String,
    pub actor_name: String,
    pub actor_role: String,
    pub ip: String,
    pub subject_name: String,
    pub before: String,
    pub after: String,
}

/// Invites to [`SLUG`] through the form; `emails` as it would be pasted.
pub fn invite(browser: &Browser, emails: &str, role: Role) -> Answer {
    invite_to(browser, &acme(""), emails, role)
}

/// The same to the Organization with this page.
pub fn invite_to(browser: &Browser, organization: &str, emails: &str, role: Role) -> Answer {
    browser.upload(&format!("{organization}/people/invite"), &[("emails", emails), ("role", role.key())], &[])
}

/// Invites one address by the verb that the form calls.
pub fn invite_one(tx: &mut WriteTx, scope: &Scope, email: &str, role: Role) -> Result<Invite, DbError> {
    Ok(invite::invite(tx, scope, &[(email.to_owned(), role)])?.remove(0))
}

/// What a test removes by a verb.
pub fn batch() -> RemovalBatchId {
    RemovalBatchId::new(Timestamp::from(DateTime::UNIX_EPOCH))
}

/// Posts the role form of a person that was opened when they had the role `current`, and confirms it where that is asked for.
pub fn change_role(browser: &Browser, id: &str, current: Role, role: Role) -> Answer {
    let fields = [("role", role.key()), ("current", current.key()), ("confirmed", "yes")];
    browser.post(&acme(&format!("/people/{id}/role")), &fields)
}

impl Portal {
    pub fn query<T>(&self, body: impl FnOnce(&mut Connection) -> QueryResult<T>) -> T {
        self.app.db.read::<_, DbError>(|connection| Ok(body(connection)?)).expect("the query runs")
    }

    /// Changes rows without anybody asking for it.
    pub fn rewrite(&self, body: impl FnOnce(&mut Connection) -> QueryResult<usize>) {
        self.app.write_now::<_, DbError>(|tx| Ok(body(tx.connection)?)).expect("the change is made");
    }

    pub fn organization_id(&self) -> OrganizationId {
        self.query(|connection| {
            organizations::table.filter(organizations::slug.eq(SLUG)).select(organizations::id).first(connection)
        })
    }

    /// The id of the membership that an address has in [`SLUG`].
    pub fn member_id(&self, email: &str) -> Option<String> {
        let organization = self.organization_id();
        self.query(|connection| {
            memberships::table
                .inner_join(users::table)
                .filter(memberships::organization_id.eq(organization))
                .filter(users::email.eq(email))
                .select(memberships::id)
                .first(connection)
                .optional()
        })
    }

    /// The id of the open invitation of an address in [`SLUG`], expired or not.
    pub fn invitation_id(&self, email: &str) -> Option<String> {
        self.invitation_id_in(&self.organization_id(), email)
    }

    pub fn invitation_id_in(&self, organization: &OrganizationId, email: &str) -> Option<String> {
        self.query(|connection| {
            invitations::table
                .filter(invitations::organization_id.eq(organization))
                .filter(invitations::email.eq(email))
                .filter(invitations::closed_at.is_null())
                .select(invitations::id)
                .first(connection)
                .optional()
        })
    }

    /// The outcomes of all invitations of an address, in any Organization.
    pub fn invitation_outcomes(&self, email: &str) -> Vec<Option<String>> {
        self.query(|connection| {
            invitations::table
                .filter(invitations::email.eq(email))
                .order(invitations::created_at)
                .select(invitations::outcome)
                .load(connection)
        })
    }

    /// The addresses of the Owners of [`SLUG`].
    pub fn owners(&self) -> Vec<String> {
        let organization = self.organization_id();
        self.query(|connection| {
            memberships::table
                .inner_join(users::table)
                .filter(memberships::organization_id.eq(organization))
                .filter(memberships::role.eq(Role::Owner))
                .order(users::email)
                .select(users::email)
                .load(connection)
        })
    }

    /// Gives a role as if somebody else had done it just now, and lets in who is not there.
    pub fn set_role(&self, email: &str, role: Role) {
        let (organization, member) = (self.organization_id(), self.member_id(email));
        self.app
            .write_now::<_, DbError>(|tx| {
                let Some(member) = member else {
                    let user = users::table.filter(users::email.eq(email)).select(users::id).first(tx.connection)?;
                    return members::join(tx, &organization, &user, role, "Olga Tester").map(drop);
                };
                diesel::update(memberships::table.filter(memberships::id.eq(&member)))
                    .set(memberships::role.eq(role))
                    .execute(tx.connection)?;
                directory::set_role(tx, &member, role)
            })
            .expect("the role is set");
    }

    /// Takes somebody out as if somebody else had done it just now.
    pub fn take_out(&self, email: &str) {
        let member = self.member_id(email).expect("the person is there");
        self.app
            .write_now::<_, DbError>(|tx| {
                directory::remove(tx, &member)?;
                diesel::delete(memberships::table.filter(memberships::id.eq(&member))).execute(tx.connection)?;
                Ok(())
            })
            .expect("the person is taken out");
    }

    /// The activity log, oldest first.
    pub fn activity(&self) -> Vec<ActivityRow> {
        self.query(|connection| {
            activity::table
                .order((activity::at, activity::id))
                .select((
                    activity::id,
                    activity::organization_id,
                    activity::action,
                    activity::actor_name,
                    activity::actor_role,
                    activity::ip,
                    activity::subject_name,
                    activity::before,
                    activity::after,
                ))
                .load(connection)
        })
    }

    /// What `body` writes into the activity log, ordered by action.
    pub fn recorded(&self, body: impl FnOnce()) -> Vec<ActivityRow> {
        let before: Vec<String> = self.activity().into_iter().map(|row| row.id).collect();
        body();
        let mut rows = self.activity();
        rows.retain(|row| !before.contains(&row.id));
        rows.sort_by(|one, other| (&one.action, &one.subject_name).cmp(&(&other.action, &other.subject_name)));
        rows
    }

    /// The same, actions alone.
    pub fn recorded_actions(&self, body: impl FnOnce()) -> Vec<String> {
        self.recorded(body).into_iter().map(|row| row.action).collect()
    }
}
