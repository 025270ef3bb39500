//! What came of a top-up.

use chrono::Duration;
use serde_json::{Value, json};

use super::record::{self, Ending};
use super::settings::{self, Held, Settings, Stopped};
use super::words;
use crate::access::{Actor, lock_organization};
use crate::audit::{Action, By, Change};
use crate::credits::{low_balance, top_up, top_up_job};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, PaymentId};
use crate::notifications::payment_problem;
use crate::orders::off_session;

/// How long a bank that has declined is not asked.
const REST: Duration = Duration::hours(1);
/// After so many in a row it is switched off.
const MOST_DECLINES: i32 = 3;

/// The bank said no.
pub(super) fn declined(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    payment: &PaymentId,
    reason: &str,
) -> Result<(), DbError> {
    lock_organization(tx, organization)?;
    if !end(tx, payment, Ending::Declined, reason)? {
        return Ok(());
    }
    let Some(mut settings) = settings::read(tx.connection, organization)?.filter(Settings::is_on) else {
        return low_balance::top_up_ended(tx, organization);
    };
    settings.declines += 1;
    if settings.declines >= MOST_DECLINES {
        return stop(tx, settings, Stopped::Declined, reason);
    }
    let again = tx.now + REST;
    settings.hold(Held::Declined, again);
    settings::store(tx, &settings)?;
    top_up_job::add(tx, organization, again)?;
    low_balance::top_up_ended(tx, organization)
}

/// It was not wanted any more, and the provider had not begun.
pub(super) fn not_charged(tx: &mut WriteTx, organization: &OrganizationId, payment: &PaymentId) -> Result<(), DbError> {
    lock_organization(tx, organization)?;
    end(tx, payment, Ending::Stopped, "")?;
    // It may have been switched on again meanwhile.
    if let Some(settings) = settings::read(tx.connection, organization)?.filter(Settings::is_on) {
        top_up::wait(tx, organization, settings.threshold)?;
    }
    low_balance::top_up_ended(tx, organization)
}

/// Ends the top-up of a payment, and its order. False where it had ended.
fn end(tx: &mut WriteTx, payment: &PaymentId, ending: Ending, reason: &str) -> Result<bool, DbError> {
    let order = off_session::order_of(tx.connection, payment)?;
    if !record::end(tx, &order, ending, reason)? {
        return Ok(false);
    }
    off_session::declined(tx, payment, reason)?;
    Ok(true)
}

/// Switches it off, and tells those who hear of payments.
pub(super) fn stop(tx: &mut WriteTx, mut settings: Settings, why: Stopped, reason: &str) -> Result<(), DbError> {
    settings.switch_off(tx, Some(why));
    settings::store(tx, &settings)?;
    let organization = settings.organization_id.clone();
    top_up::wait_no_more(tx, &organization)?;
    let change = Change {
        action: Action::TopUpSwitchedOff,
        subject_id: organization.as_str(),
        subject_name: &settings.package,
        before: Value::Null,
        after: json!({ "why": <&str>::from(why) }),
    };
    tx.record(By::outside(Actor::Job, &organization), change)?;
    let telling = words::Telling::new(tx, &settings, why, reason)?;
    payment_problem(tx, &organization, &telling.problem())?;
    low_balance::top_up_ended(tx, &organization)
}
