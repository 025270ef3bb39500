//! Coupons, for who knows their codes.

use diesel::prelude::*;

use super::contents::Coupon;
use super::entries::{Kind, Row};
use super::on_sale::content;
use crate::db::{Connection, DbError};
use crate::schema::catalogue_entries;

/// What somebody typed, as codes are written: capital letters and digits, without spaces and hyphens.
pub fn code(typed: &str) -> String {
    let is_between = |character: &char| character.is_whitespace() || "-‐‑–—".contains(*character);
    typed.chars().filter(|character| !is_between(character)).collect::<String>().to_uppercase()
}

/// The coupon with this code, where it holds now. One statement.
pub fn find(connection: &mut Connection, code: &str) -> Result<Option<Coupon>, DbError> {
    // No code has one, and PostgreSQL does not even compare text that does.
    if code.contains('\0') {
        return Ok(None);
    }
    let row = catalogue_entries::table.find((Kind::Coupon, code)).filter(catalogue_entries::on_sale.eq(true));
    let found: Option<Row> = row.select(Row::as_select()).first(connection).optional()?;
    found.as_ref().map(content).transpose()
}
