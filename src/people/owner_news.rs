//! What the Owners of an Organization hear of by mail: as they have chosen, that an invitation was accepted or declined, that there
//! is a new Owner; always, that what is asked of whoever enters was changed.
//!
//! An Owner gets one mail at once and then one an hour, which tells the latest and leads to the rest; who caused the news gets
//! none.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::{Permission, Role, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::people::mail::{News, OwnerNews};
use crate::schema::{memberships, organizations, users};

/// How many Owners are told, those who have been longest.
const TOLD: i64 = 10;
/// How often one of them is told at the most.
const SPACING: Duration = Duration::hours(1);

/// What the Owners want to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, AsChangeset, serde::Serialize)]
#[diesel(table_name = organizations)]
pub struct Choice {
    pub news_accepted: bool,
    pub news_declined: bool,
    pub news_new_owners: bool,
}

impl Choice {
    pub fn load(connection: &mut Connection, organization: &OrganizationId) -> Result<Self, DbError> {
        let of_organization = organizations::table.filter(organizations::id.eq(organization));
        Ok(of_organization.select(Self::as_select()).first(connection)?)
    }

    fn wants(self, news: &News) -> bool {
        match news {
            // Whoever joins as an Owner is a new one.
            News::Accepted { role: Role::Owner, .. } => self.news_accepted || self.news_new_owners,
            News::Accepted { .. } => self.news_accepted,
            News::Declined { .. } => self.news_declined,
            News::NewOwner { .. } | News::HandedOver { .. } => self.news_new_owners,
            News::TwoFactor { .. } | News::SessionLength { .. } => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choose {
    Saved,
    Unchanged,
    /// The actor lost the role meanwhile.
    NotAllowed,
}

/// Changes what the Owners hear of.
pub fn choose(tx: &mut WriteTx, scope: &Scope, choice: Choice) -> Result<Choose, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else {
        return Ok(Choose::NotAllowed);
    };
    let before = Choice::load(tx.connection, scope.organization_id())?;
    if before == choice {
        return Ok(Choose::Unchanged);
    }
    diesel::update(organizations::table.filter(organizations::id.eq(scope.organization_id())))
        .set((choice, organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let json = |choice| serde_json::to_value(choice).unwrap_or_default();
    let change = Change {
        action: Action::OwnerNewsChanged,
        subject_id: scope.organization_id().as_str(),
        subject_name: &scope.membership.name,
        before: json(before),
        after: json(choice),
    };
    tx.record(By::member(&scope), change)?;
    Ok(Choose::Saved)
}

/// Tells the Owners, all but those whom it concerns. The caller holds the lock on the Organization.
pub fn tell(tx: &mut WriteTx, organization: &OrganizationId, news: &News, but: &[&UserId]) -> Result<(), DbError> {
    let of_organization = organizations::table.filter(organizations::id.eq(organization));
    let (choice, name, slug): (Choice, String, String) =
        of_organization.select((Choice::as_select(), organizations::name, organizations::slug)).first(tx.connection)?;
    if !choice.wants(news) {
        return Ok(());
    }
    // Who can take over the Organization, and what keeps others out of it, is nothing that one of its Owners should miss.
    let is_needed = news.is_of_policy()
        || matches!(news, News::NewOwner { .. } | News::HandedOver { .. } | News::Accepted { role: Role::Owner, .. });
    let wants_it = users::organization_news.eq(true).or(users::organization_news.ne(is_needed));
    let owners: Vec<(UserId, String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .filter(users::suspended_at.is_null())
        .filter(wants_it)
        .order(memberships::id)
        .limit(TOLD)
        .select((users::id, users::first_name, users::email))
        .load(tx.connection)?;
    let page = if news.is_of_policy() { "activity" } else { "people" };
    for (owner, first_name, email) in owners.into_iter().filter(|(owner, ..)| !but.contains(&owner)) {
        let message = OwnerNews {
            first_name,
            organization: name.clone(),
            latest: news.clone(),
            link: tx.context.links.to(&format!("/organizations/{slug}/{page}")),
            settings_link: tx.context.links.to(&format!("/organizations/{slug}/settings")),
        };
        tx.send_latest(&email, &message, &format!("owner-news:{organization}:{owner}"), SPACING)?;
    }
    Ok(())
}
