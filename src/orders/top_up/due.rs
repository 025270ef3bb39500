//! What is done when credits are to be topped up.

use super::overview::{self, Overview};
use super::settings::{self, Held, Settings, Stopped};
use super::{outcome, price, record};
use crate::access::lock_organization;
use crate::credits::{expiry, low_balance, top_up, top_up_job, wallet};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, TopUpId};
use crate::orders::off_session::{self, Ask, Placed};
use crate::payments::provider::ProviderKind;

/// What the provider is to be asked for now, if for anything. Locks the Organization.
pub fn step(tx: &mut WriteTx, organization: &OrganizationId, provider: ProviderKind) -> Result<Option<Ask>, DbError> {
    lock_organization(tx, organization)?;
    let Some(settings) = settings::read(tx.connection, organization)? else { return Ok(None) };
    if let Some(begun) = record::in_flight(tx.connection, organization)? {
        // It may have been charged already: the same is asked for again, or looked at where it is not wanted any more.
        let payment = off_session::payment_of(tx.connection, &begun.order_id)?;
        return off_session::ask_again(tx, &payment, settings.is_on()).map(Some);
    }
    // What waits has a job of its own.
    if !settings.is_on() || settings.held_until.is_some_and(|until| tx.now < until) {
        return Ok(None);
    }
    expiry::expire(tx, organization)?;
    let balance = wallet::read(tx.connection, organization)?.map_or(0, |wallet| wallet.balance);
    if balance > settings.threshold {
        return wait_again(tx, settings).map(|()| None);
    }
    let overview = overview::read(tx.connection, organization, tx.now)?;
    begin(tx, settings, &overview, provider)
}

/// Credits came from elsewhere meanwhile.
fn wait_again(tx: &mut WriteTx, mut settings: Settings) -> Result<(), DbError> {
    settings.let_go();
    settings::store(tx, &settings)?;
    top_up::wait(tx, &settings.organization_id, settings.threshold)?;
    low_balance::top_up_ended(tx, &settings.organization_id)
}

fn begin(
    tx: &mut WriteTx,
    mut settings: Settings,
    overview: &Overview,
    provider: ProviderKind,
) -> Result<Option<Ask>, DbError> {
    let organization = &settings.organization_id.clone();
    let Some((quote, credits)) = price::of_package(tx.connection, organization, &settings.package)? else {
        return outcome::stop(tx, settings, Stopped::NotSold, "").map(|()| None);
    };
    let (total, cap) = (quote.bill.total(), settings.monthly_cap());
    if total.currency != cap.currency {
        return outcome::stop(tx, settings, Stopped::Currency, "").map(|()| None);
    }
    let Some(method) = overview.method.as_ref().filter(|method| method.is_of(provider)) else {
        return outcome::stop(tx, settings, Stopped::NoMethod, "").map(|()| None);
    };
    if overview.charged + total.minor > cap.minor {
        return wait_for_next_month(tx, settings).map(|()| None);
    }
    settings.let_go();
    settings::store(tx, &settings)?;
    low_balance::top_up_began(tx, organization)?;
    let key = format!("top-up {}", TopUpId::new(tx.now));
    let Placed { order, ask, .. } = off_session::place(tx, organization, quote, &key, (provider, method))?;
    record::begin(tx, organization, &order.id, credits, total)?;
    Ok(Some(ask))
}

/// The cap of this month is reached. Nobody is mailed for it: the page says so, and the balance is low, which is told.
fn wait_for_next_month(tx: &mut WriteTx, mut settings: Settings) -> Result<(), DbError> {
    let (_, next_month) = record::month_of(tx.now);
    settings.hold(Held::Cap, next_month);
    settings::store(tx, &settings)?;
    top_up_job::add(tx, &settings.organization_id, next_month)?;
    low_balance::top_up_ended(tx, &settings.organization_id)
}
