//! Vouchers to try.

use chrono::Days;

use crate::access::Operator;
use crate::catalogue::on_sale;
use crate::db::{DbError, WriteTx};
use crate::demo_accounts::{CREDIT_VOUCHER, LICENCE_VOUCHER};
use crate::licences::terms::end_of;
use crate::vouchers::code::Code;
use crate::vouchers::create::{self, Batch};
use crate::vouchers::worth::Worth;

/// Which plan one of them is worth, and how many credits the other one.
const PLAN: &str = "fields-yearly";
const CREDITS: u32 = 500;

pub(super) fn make(tx: &mut WriteTx) -> Result<(), DbError> {
    let on_sale = on_sale::read(tx.connection)?;
    let plan = on_sale.and_then(|on_sale| Worth::of_plan(&on_sale, PLAN));
    let plan = plan.ok_or_else(|| DbError::Unexpected(format!("the demo does not sell {PLAN}")))?;
    for (code, worth) in [(LICENCE_VOUCHER, plan), (CREDIT_VOUCHER, Worth::Credits(CREDITS))] {
        let code = Code::read(code).ok_or_else(|| DbError::Unexpected(format!("{code} is no code")))?;
        let batch = Batch { worth, uses: 1, ends_at: end_of(tx.now.day() + Days::new(3 * 365)), organization: None };
        create::store(tx, &Operator { name: String::new() }, &[code], &batch)?;
    }
    Ok(())
}
