//! Pages of a provider that were opened to keep a method. What is kept on one counts once, by whichever way it is told: whoever comes
//! back, an event, or a job that looks.

use std::sync::Arc;

use chrono::Duration;
use diesel::prelude::*;

use super::methods::{self, Kept};
use super::provider::{Method, MethodPage, Provider, ProviderError, ProviderKind};
use crate::access::{Permission, Person, Scope, lock_organization};
use crate::audit::By;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::jobs::{Job, JobContext, Outcome, Purge, Tried, Work};
use crate::limits::TooOften;
use crate::rates::Limit;
use crate::schema::payment_method_pages as pages;
use crate::time::Timestamp;

/// Whoever comes back may have opened several, in two tabs.
/// What the job is called.
pub const LOOK: &str = "look at payment method pages";
const LOOKED_AT: i64 = 3;
/// How long a provider keeps such a page, with an hour to spare.
const OPEN_FOR: Duration = Duration::hours(25);
/// When a page is looked at whose visitor has not come back.
const LOOK_AFTER: Duration = Duration::minutes(10);
/// How many the job looks at in one go.
const BATCH: i64 = 50;

/// They tell who kept what only until it is kept.
pub const PURGE: Purge = Purge {
    kind: "purge payment method pages",
    table: "payment_method_pages",
    key: "session",
    moment: "opened_at",
    kept: Duration::days(30),
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The provider may be asked.
    Granted,
    TooOften(TooOften),
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// Before the provider is asked for a page.
pub fn begin(tx: &mut WriteTx, scope: &Scope) -> Result<Begin, DbError> {
    let account = scope.person().user_id.to_string();
    if let Some(too_often) = tx.take(Limit::PaymentPages, &account)?.refusal() {
        return Ok(Begin::TooOften(too_often));
    }
    let is_allowed = scope.lock_for(tx, Permission::ManagePaymentMethod)?.is_some();
    Ok(if is_allowed { Begin::Granted } else { Begin::NotAllowed })
}

#[derive(Insertable)]
#[diesel(table_name = pages, treat_none_as_default_value = false)]
struct NewRow<'a> {
    session: &'a str,
    organization_id: &'a OrganizationId,
    provider: &'static str,
    opened_by: &'a UserId,
    opened_by_name: String,
    opened_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// Keeps which page was opened, and by whom.
pub fn opened(tx: &mut WriteTx, scope: &Scope, provider: ProviderKind, session: &str) -> Result<(), DbError> {
    let person = scope.person();
    let row = NewRow {
        session,
        organization_id: scope.organization_id(),
        provider: provider.into(),
        opened_by: &person.user_id,
        opened_by_name: person.name(),
        opened_at: tx.now,
        ended_at: None,
    };
    diesel::insert_into(pages::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// The pages of an Organization on which something may have been kept, the newest first.
pub fn open_of(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    let open = pages::table
        .filter(pages::organization_id.eq(organization))
        .filter(pages::opened_at.gt(now - OPEN_FOR))
        .filter(pages::ended_at.is_null())
        .order(pages::opened_at.desc());
    Ok(open.select(pages::session).limit(LOOKED_AT).load(connection)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pages)]
struct Row {
    organization_id: OrganizationId,
    opened_by: UserId,
    opened_by_name: String,
    ended_at: Option<Timestamp>,
}

fn find(connection: &mut Connection, provider: ProviderKind, session: &str) -> Result<Option<Row>, DbError> {
    let key: &str = provider.into();
    let row = pages::table.find(session).filter(pages::provider.eq(key));
    Ok(row.select(Row::as_select()).first(connection).optional()?)
}

/// Takes what was kept on a page, unless it was taken before; `None` then, and where the page is not one of ours.
pub fn settle(
    tx: &mut WriteTx,
    provider: ProviderKind,
    session: &str,
    method: &Method,
) -> Result<Option<Kept>, DbError> {
    let Some(page) = find(tx.connection, provider, session)? else { return Ok(None) };
    lock_organization(tx, &page.organization_id)?;
    let page = find(tx.connection, provider, session)?.filter(|page| page.ended_at.is_none());
    let Some(Row { organization_id, opened_by, opened_by_name, .. }) = page else { return Ok(None) };
    end(tx, session)?;
    // Whoever opened it kept it, whoever tells. They may have left since, so their role is not looked up.
    let (first_name, last_name) = (opened_by_name, String::new());
    let person = Person { user_id: opened_by, email: String::new(), first_name, last_name, ip: String::new() };
    let by = By::guest(&person, None, &organization_id);
    Ok(Some(methods::keep(tx, by, &organization_id, provider, method)?))
}

fn end(tx: &mut WriteTx, session: &str) -> Result<(), DbError> {
    diesel::update(pages::table.find(session)).set(pages::ended_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Stores what the provider says about a page: what was kept on it, or that nothing can be any more.
pub fn store(
    tx: &mut WriteTx,
    provider: ProviderKind,
    session: &str,
    state: &MethodPage,
) -> Result<Option<Kept>, DbError> {
    match state {
        MethodPage::Open => Ok(None),
        MethodPage::Kept(method) => settle(tx, provider, session, method),
        MethodPage::Ended => end(tx, session).map(|()| None),
    }
}

/// Looks at the pages whose visitors have not come back.
pub struct Look {
    pub provider: Arc<dyn Provider>,
}

impl Look {
    fn look(&self, context: &JobContext) -> Result<(), DbError> {
        let (now, kind) = (context.transactions.clock.now(), self.provider.kind());
        let key: &str = kind.into();
        let waiting: Vec<String> = context.db.read(|connection| {
            let waiting = pages::table
                .filter(pages::opened_at.between(now - OPEN_FOR, now - LOOK_AFTER))
                .filter(pages::provider.eq(key))
                .filter(pages::ended_at.is_null())
                .order(pages::opened_at);
            Ok::<_, DbError>(waiting.select(pages::session).limit(BATCH).load(connection)?)
        })?;
        for session in waiting {
            match self.provider.look_at_method_page(&session) {
                Ok(state) => drop(context.write(|tx| store(tx, kind, &session, &state))?),
                Err(ProviderError::Refused(_)) => context.write(|tx| end(tx, &session))?,
                // The others will not be answered either.
                Err(ProviderError::Away(_)) => break,
            }
        }
        Ok(())
    }
}

impl Work for Look {
    fn kind(&self) -> &'static str {
        LOOK
    }

    fn every(&self) -> Option<Duration> {
        Some(LOOK_AFTER)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        match self.look(context) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}
