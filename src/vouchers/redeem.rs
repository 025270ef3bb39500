//! Redeeming a voucher, and what it is worth before.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::code::Code;
use super::worth::{LicenceWorth, Worth};
use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::credits::amount::Amount;
use crate::credits::entry::Source;
use crate::credits::grant::{self, Grant, NewGrant};
use crate::credits::reference::Reference;
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, VoucherId};
use crate::licences::issue::{self, Given};
use crate::licences::terms::{Term, support_end};
use crate::limits::{Allowance, TooOften};
use crate::rates::Limit;
use crate::schema::{voucher_redemptions as redemptions, vouchers};
use crate::time::Timestamp;

/// Why a code is not redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Unknown,
    /// As many Organizations redeemed it as may.
    UsedUp,
    Expired {
        ended_at: Timestamp,
    },
    OtherCustomer,
    /// This Organization redeemed it.
    Already {
        at: Timestamp,
    },
    TooOften(TooOften),
    /// The person's role does not allow it any more.
    NotAllowed,
}

/// What a code is worth to an Organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    Worth(Worth),
    Refused(Refusal),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeem {
    Redeemed(Worth),
    Refused(Refusal),
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = vouchers)]
struct Voucher {
    id: VoucherId,
    ending: String,
    worth: String,
    uses: i32,
    ends_at: Timestamp,
    organization_id: Option<OrganizationId>,
}

enum Found {
    Good(Box<Scope>, Voucher),
    Refused(Refusal),
}

/// What a typed code is worth. Nothing is changed, but a wrong one counts as a guess.
pub fn preview(tx: &mut WriteTx, scope: &Scope, typed: &str, network: &str) -> Result<Preview, DbError> {
    match find(tx, scope, typed, network)? {
        Found::Good(_, voucher) => Worth::load(&voucher.worth).map(Preview::Worth),
        Found::Refused(refusal) => Ok(Preview::Refused(refusal)),
    }
}

/// Gives the Organization what a typed code is worth.
pub fn redeem(tx: &mut WriteTx, scope: &Scope, typed: &str, network: &str) -> Result<Redeem, DbError> {
    let (scope, voucher) = match find(tx, scope, typed, network)? {
        Found::Good(scope, voucher) => (scope, voucher),
        Found::Refused(refusal) => return Ok(Redeem::Refused(refusal)),
    };
    let worth = Worth::load(&voucher.worth)?;
    let row = (
        redemptions::voucher_id.eq(&voucher.id),
        redemptions::organization_id.eq(scope.organization_id()),
        redemptions::redeemed_at.eq(tx.now),
    );
    diesel::insert_into(redemptions::table).values(row).execute(tx.connection)?;
    let change = Change {
        action: Action::VoucherRedeemed,
        subject_id: voucher.id.as_str(),
        subject_name: &format!("…-{}", voucher.ending),
        before: Value::Null,
        after: json!({ "worth": worth.to_string() }),
    };
    tx.record(By::member(&scope), change)?;
    match &worth {
        Worth::Credits(credits) => give_credits(tx, &scope, &voucher, *credits)?,
        Worth::Licence(licence) => {
            issue::issue(tx, By::member(&scope), scope.organization_id(), &given(licence, tx.now))?;
            give_credits(tx, &scope, &voucher, licence.credits)?;
        }
    }
    Ok(Redeem::Redeemed(worth))
}

/// The voucher of a code, locked together with the Organization, where it may be redeemed.
fn find(tx: &mut WriteTx, scope: &Scope, typed: &str, network: &str) -> Result<Found, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::RedeemVouchers)? else {
        return Ok(Found::Refused(Refusal::NotAllowed));
    };
    // A right code is not redeemed either once the guesses of the account are used up: otherwise going on would pay. What others
    // of its network guess keeps nobody from a right one.
    let own = [(Limit::VoucherGuessesAccount, scope.person().user_id.to_string())];
    if let Allowance::Refused(too_often) = tx.look(&own)? {
        return Ok(Found::Refused(Refusal::TooOften(too_often)));
    }
    let voucher = Code::read(typed).map(|code| locked(tx, &code)).transpose()?.flatten();
    let is_for =
        |voucher: &Voucher| voucher.organization_id.as_ref().is_none_or(|only| only == scope.organization_id());
    let refusal = match &voucher {
        None => Some(Refusal::Unknown),
        Some(voucher) if !is_for(voucher) => Some(Refusal::OtherCustomer),
        Some(voucher) => used(tx, &scope, voucher)?,
    };
    match (voucher, refusal) {
        (Some(voucher), None) => Ok(Found::Good(Box::new(scope), voucher)),
        (_, Some(guess @ (Refusal::Unknown | Refusal::OtherCustomer))) => match count_guess(tx, &scope, network)? {
            Allowance::Granted => Ok(Found::Refused(guess)),
            Allowance::Refused(too_often) => Ok(Found::Refused(Refusal::TooOften(too_often))),
        },
        (_, refusal) => Ok(Found::Refused(refusal.unwrap_or(Refusal::Unknown))),
    }
}

/// Counts a wrong code for the network and for the account, whichever of them is used up: who is refused for their network does not
/// get more guesses by it.
fn count_guess(tx: &mut WriteTx, scope: &Scope, network: &str) -> Result<Allowance, DbError> {
    let of_network = tx.take(Limit::VoucherGuessesNetwork, network)?;
    let own = tx.take(Limit::VoucherGuessesAccount, scope.person().user_id.as_str())?;
    Ok(if of_network.refusal().is_some() { of_network } else { own })
}

fn locked(tx: &mut WriteTx, code: &Code) -> Result<Option<Voucher>, DbError> {
    let query = vouchers::table.filter(vouchers::code_hash.eq(code.hash())).select(Voucher::as_select());
    let Some(found) = query.first::<Voucher>(tx.connection).optional()? else { return Ok(None) };
    // Nothing of it ever changes: the lock is for its redemptions.
    tx.lock_row("vouchers", found.id.as_str())?;
    Ok(Some(found))
}

/// Why a voucher that was good once is not any more.
fn used(tx: &mut WriteTx, scope: &Scope, voucher: &Voucher) -> Result<Option<Refusal>, DbError> {
    let own = redemptions::table.find((&voucher.id, scope.organization_id())).select(redemptions::redeemed_at);
    if let Some(at) = own.first(tx.connection).optional()? {
        return Ok(Some(Refusal::Already { at }));
    }
    let all = redemptions::table.filter(redemptions::voucher_id.eq(&voucher.id));
    let used: i64 = all.count().get_result(tx.connection)?;
    Ok(if used >= voucher.uses.into() {
        Some(Refusal::UsedUp)
    } else if voucher.ends_at <= tx.now {
        Some(Refusal::Expired { ended_at: voucher.ends_at })
    } else {
        None
    })
}

fn given(licence: &LicenceWorth, now: Timestamp) -> Given {
    Given {
        product: licence.product.clone(),
        plan: licence.plan.clone(),
        // No voucher is made of what is no licence.
        term: Term::of_plan(licence.term).unwrap_or(Term::Trial),
        seats: licence.seats.try_into().unwrap_or(u16::MAX),
        includes: licence.includes.clone(),
        support_until: support_end(now, licence.support_months),
        sold: None,
    }
}

/// Where there are any.
fn give_credits(tx: &mut WriteTx, scope: &Scope, voucher: &Voucher, credits: u32) -> Result<(), DbError> {
    let Some(amount) = Amount::new(credits.into()) else { return Ok(()) };
    let reference = Reference::parse(&format!("voucher/{}", voucher.id));
    let note = format!("Voucher …-{}", voucher.ending);
    let new = NewGrant { amount, source: Source::Voucher, ends_at: None, reference: reference.as_ref(), note: &note };
    match grant::grant(tx, By::member(scope), scope.organization_id(), &new)? {
        Grant::Granted(_) => Ok(()),
        other => Err(DbError::Unexpected(format!("{} was redeemed, and its credits: {other:?}", voucher.id))),
    }
}
