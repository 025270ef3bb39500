//! Vouchers: one that was redeemed, and those to try.

use chrono::Days;

use super::{expect, unexpected};
use crate::access::{Operator, Scope};
use crate::catalogue::on_sale;
use crate::db::{DbError, WriteTx};
use crate::demo_accounts::{CREDIT_VOUCHER, LICENCE_VOUCHER};
use crate::licences::terms::end_of;
use crate::vouchers::code::Code;
use crate::vouchers::create::{self, Batch};
use crate::vouchers::redeem::{Redeem, redeem};
use crate::vouchers::worth::Worth;

/// Which plan one of them is worth, and how many credits the other one.
const PLAN: &str = "fields-yearly";
const CREDITS: u32 = 500;

pub(super) fn make(tx: &mut WriteTx) -> Result<(), DbError> {
    for (code, worth) in [(LICENCE_VOUCHER, of_plan(tx, PLAN)?), (CREDIT_VOUCHER, Worth::Credits(CREDITS))] {
        let code = Code::read(code).ok_or_else(|| unexpected(code))?;
        store(tx, code, worth)?;
    }
    Ok(())
}

/// One that somebody was given and redeemed.
pub(super) fn redeem_one(tx: &mut WriteTx, scope: &Scope, plan: &str) -> Result<(), DbError> {
    let (code, worth) = (Code::random(), of_plan(tx, plan)?);
    store(tx, code.clone(), worth)?;
    let outcome = redeem(tx, scope, &code.to_string(), &scope.person().ip)?;
    expect(matches!(outcome, Redeem::Redeemed(_)), outcome)
}

fn of_plan(tx: &mut WriteTx, plan: &str) -> Result<Worth, DbError> {
    let on_sale = on_sale::read(tx.connection)?;
    on_sale.and_then(|on_sale| Worth::of_plan(&on_sale, plan)).ok_or_else(|| unexpected(plan))
}

fn store(tx: &mut WriteTx, code: Code, worth: Worth) -> Result<(), DbError> {
    let batch = Batch { worth, uses: 1, ends_at: end_of(tx.now.day() + Days::new(3 * 365)), organization: None };
    create::store(tx, &Operator { name: String::new() }, &[code], &batch)
}
