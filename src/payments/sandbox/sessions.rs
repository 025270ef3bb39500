//! Pages of the sandbox that were opened: for a payment, or to keep a method.

use chrono::Duration;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use super::new_id;
use crate::db::{Connection, DbError, WriteTx};
use crate::money::{Currency, Money};
use crate::payments::provider::{NewCheckout, NewMethodPage};
use crate::schema::sandbox_sessions;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// For how long something can be done on a page.
const OPEN_FOR: Duration = Duration::hours(24);

#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    Open,
    /// What it was opened for was done.
    Done,
    /// It was closed.
    Closed,
}

stored_as_text!(State);

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sandbox_sessions, treat_none_as_default_value = false)]
pub struct Session {
    pub id: String,
    pub(super) reference: String,
    pub(super) organization: String,
    pub(super) customer: String,
    amount: Option<i64>,
    currency: Option<Currency>,
    pub description: String,
    pub(super) keeps_method: bool,
    pub(super) success_url: String,
    pub cancel_url: String,
    pub state: State,
    pub(super) payment: Option<String>,
    pub(super) method: Option<String>,
    created_at: Timestamp,
    ends_at: Timestamp,
}

impl Session {
    /// What is to be paid; nothing where a method alone is kept.
    pub fn amount(&self) -> Option<Money> {
        Some(Money { minor: self.amount?, currency: self.currency? })
    }

    pub fn keeps_method(&self) -> bool {
        self.keeps_method
    }

    /// Whether what it was opened for can still be done.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        self.state == State::Open && now < self.ends_at
    }

    /// Where it is, as a path of this portal.
    pub fn path(&self) -> String {
        format!("/sandbox/checkout/{}", self.id)
    }
}

pub fn find(connection: &mut Connection, id: &str) -> Result<Option<Session>, DbError> {
    Ok(sandbox_sessions::table.find(id).select(Session::as_select()).first(connection).optional()?)
}

/// The same, locked until the transaction ends.
pub(super) fn lock(tx: &mut WriteTx, id: &str) -> Result<Option<Session>, DbError> {
    tx.lock_row("sandbox_sessions", id)?;
    find(tx.connection, id)
}

/// Opens a page for a payment; the same where there is one for it already.
pub(super) fn open(tx: &mut WriteTx, new: &NewCheckout) -> Result<Session, DbError> {
    let reference = new.payment.as_str();
    tx.lock_name(&format!("sandbox {reference}"))?;
    let same = sandbox_sessions::table.filter(sandbox_sessions::reference.eq(reference));
    if let Some(session) = same.select(Session::as_select()).first::<Session>(tx.connection).optional()? {
        return Ok(session);
    }
    let session = Session {
        amount: Some(new.amount.minor),
        currency: Some(new.amount.currency),
        description: new.description.clone(),
        keeps_method: new.keeps_method,
        ..session(
            tx.now,
            new.organization.to_string(),
            new.customer.clone(),
            (new.success_url.clone(), new.cancel_url.clone()),
        )
    };
    store(tx, Session { reference: reference.to_owned(), ..session })
}

/// Opens a page on which a method is kept.
pub(super) fn open_for_method(tx: &mut WriteTx, new: &NewMethodPage) -> Result<Session, DbError> {
    let urls = (new.success_url.clone(), new.cancel_url.clone());
    store(tx, session(tx.now, new.organization.to_string(), new.customer.clone(), urls))
}

fn session(
    now: Timestamp,
    organization: String,
    customer: String,
    (success_url, cancel_url): (String, String),
) -> Session {
    let id = new_id("sbx_session");
    Session {
        reference: id.clone(),
        id,
        organization,
        customer,
        amount: None,
        currency: None,
        description: String::new(),
        keeps_method: true,
        success_url,
        cancel_url,
        state: State::Open,
        payment: None,
        method: None,
        created_at: now,
        ends_at: now + OPEN_FOR,
    }
}

fn store(tx: &mut WriteTx, session: Session) -> Result<Session, DbError> {
    diesel::insert_into(sandbox_sessions::table).values(&session).execute(tx.connection)?;
    Ok(session)
}

/// Stores what has become of it.
pub(super) fn end(
    tx: &mut WriteTx,
    id: &str,
    state: State,
    payment: Option<&str>,
    method: Option<&str>,
) -> Result<(), DbError> {
    diesel::update(sandbox_sessions::table.find(id))
        .set((
            sandbox_sessions::state.eq(state),
            sandbox_sessions::payment.eq(payment),
            sandbox_sessions::method.eq(method),
        ))
        .execute(tx.connection)?;
    Ok(())
}
