//! Making vouchers.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::code::Code;
use super::worth::Worth;
use crate::access::Operator;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, VoucherId};
use crate::schema::vouchers;
use crate::time::Timestamp;

/// What the vouchers of a batch have in common.
#[derive(Clone, Debug)]
pub struct Batch {
    pub worth: Worth,
    /// How many Organizations may redeem each.
    pub uses: u16,
    /// The first moment at which they cannot be redeemed any more.
    pub ends_at: Timestamp,
    /// The only one that they are for.
    pub organization: Option<OrganizationId>,
}

#[derive(Insertable)]
#[diesel(table_name = vouchers, treat_none_as_default_value = false)]
struct Row<'a> {
    id: &'a VoucherId,
    code_hash: String,
    ending: &'a str,
    worth: &'a str,
    uses: i32,
    ends_at: Timestamp,
    organization_id: Option<&'a OrganizationId>,
}

/// How many ids of one batch its activity row names.
const NAMED: usize = 100;

/// So many new codes, which are worth nothing until they are stored.
pub fn codes(count: u16) -> Vec<Code> {
    (0..count).map(|_| Code::random()).collect()
}

/// Makes vouchers with these codes, which nobody has yet.
pub fn store(tx: &mut WriteTx, by: &Operator, codes: &[Code], batch: &Batch) -> Result<(), DbError> {
    let worth = batch.worth.stored();
    let ids: Vec<VoucherId> = codes.iter().map(|_| VoucherId::new(tx.now)).collect();
    for (code, id) in codes.iter().zip(&ids) {
        let row = Row {
            id,
            code_hash: code.hash(),
            ending: code.ending(),
            worth: &worth,
            uses: batch.uses.into(),
            ends_at: batch.ends_at,
            organization_id: batch.organization.as_ref(),
        };
        diesel::insert_into(vouchers::table).values(row).execute(tx.connection)?;
    }
    let after = json!({
        "count": codes.len(),
        "ids": ids.iter().take(NAMED).map(VoucherId::as_str).collect::<Vec<_>>(),
        "uses": batch.uses,
        "ends_at": batch.ends_at.to_string(),
        "organization": batch.organization.as_ref().map(OrganizationId::as_str),
    });
    let change = Change {
        action: Action::VouchersCreated,
        // Of several, none is what it is about.
        subject_id: if let [id] = ids.as_slice() { id.as_str() } else { "" },
        subject_name: &batch.worth.to_string(),
        before: Value::Null,
        after,
    };
    // Who is the only customer of them reads it, too.
    let by = batch.organization.as_ref().map_or(By::operator(by), |only| By::operator_in(by, only));
    tx.record(by, change)
}
