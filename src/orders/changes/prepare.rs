//! What a change of a licence costs and brings.

use crate::access::Permission;
use crate::billing::bill::Line;
use crate::db::{Connection, DbError};
use crate::licences::changes::state::Refusal as NotChanged;
use crate::licences::changes::{again, choices, raise, support, upgrade};
use crate::licences::licence::Licence;
use crate::orders::change_item::{Change, ChangeItem, Changed};
use crate::orders::item::Item;
use crate::orders::pricing::{self, Customer, Quote};
use crate::organizations::details::Detail;
use crate::organizations::organization::Organization;
use crate::time::Timestamp;

/// What a form asks for. It names no price.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// So many more of the plan.
    Seats {
        more: u32,
    },
    /// The plan with this key.
    Upgrade {
        plan: String,
    },
    Support,
    Renewal,
}

impl Wanted {
    /// What it takes to order it.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Support => Permission::PurchaseSupport,
            Self::Seats { .. } | Self::Upgrade { .. } | Self::Renewal => Permission::Purchase,
        }
    }
}

/// What comes of a change once it is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brings {
    pub seats: Option<i32>,
    /// Credits that come with it at once.
    pub credits: u32,
    /// The end of the term, or of Support & Upgrade.
    pub until: Option<Timestamp>,
}

/// Why a change is not ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The licence cannot be changed so.
    Licence(NotChanged),
    /// It is not for sale, or not any more, or not in the currency of the licence.
    NotSold,
    /// Invoices need more about the Organization.
    Incomplete(Vec<Detail>),
    /// So many orders are pending.
    TooManyPending,
    /// The role of this moment does not allow it.
    NotAllowed,
    /// There is no such licence.
    Gone,
}

/// A change with what it costs.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub quote: Quote,
    pub brings: Brings,
}

/// What a change of a licence costs now, where `used` of its seats are occupied. One statement.
pub fn prepare(
    connection: &mut Connection,
    organization: &Organization,
    (licence, used): (&Licence, i64),
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Result<Prepared, Refusal>, DbError> {
    let Some(customer) = pricing::customer(connection, organization)? else { return Ok(Err(Refusal::NotSold)) };
    Ok(of_customer(&customer, (licence, used), wanted, now))
}

/// The same for a customer who was read before.
pub fn of_customer(
    customer: &Customer,
    (licence, used): (&Licence, i64),
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Prepared, Refusal> {
    let (change, line, brings) = priced(customer, (licence, used), wanted, now)?;
    if !customer.missing.is_empty() {
        return Err(Refusal::Incomplete(customer.missing.clone()));
    }
    let currency = licence.unit_price().ok_or(Refusal::Licence(NotChanged::NotBought))?.currency;
    let item = Item::Change(ChangeItem { of: Changed::of(licence), change });
    let bill = customer.bill(currency, vec![line], None);
    Ok(Prepared { quote: customer.quote(item, bill), brings })
}

fn priced(
    customer: &Customer,
    (licence, used): (&Licence, i64),
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(Change, Line, Brings), Refusal> {
    match wanted {
        Wanted::Seats { more } => {
            let quote = raise::quote(licence, *more, now).map_err(Refusal::Licence)?;
            let brings = Brings { seats: Some(quote.seats), credits: quote.credits, until: licence.ends_at };
            Ok((Change::Seats { more: *more }, quote.line, brings))
        }
        Wanted::Upgrade { plan } => {
            let plans = choices::plans(&customer.on_sale, licence);
            let to = plans.into_iter().find(|other| other.key == *plan).ok_or(Refusal::NotSold)?;
            let quote = upgrade::quote(licence, used, &to, now).map_err(Refusal::Licence)?;
            let brings = Brings { seats: Some(quote.seats), credits: quote.credits, until: licence.ends_at };
            Ok((Change::Upgrade { to }, quote.line, brings))
        }
        Wanted::Support => {
            let (plan, price) = choices::support(&customer.on_sale, licence).ok_or(Refusal::NotSold)?;
            let quote = support::quote(licence, &plan.name, price, now).map_err(Refusal::Licence)?;
            Ok((Change::Support, quote.line, Brings { until: Some(quote.until), ..Brings::default() }))
        }
        Wanted::Renewal => {
            let quote = again::quote(licence, now).map_err(Refusal::Licence)?;
            let brings = Brings {
                seats: Some(quote.next.seats),
                credits: quote.next.credits.cast_unsigned(),
                until: Some(quote.until),
            };
            Ok((Change::Renewal, quote.line, brings))
        }
    }
}
