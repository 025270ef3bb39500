//! Numbers of documents: from 1 on in each calendar year, without gaps.

use diesel::prelude::*;

use crate::db::{DbError, WriteTx};
use crate::schema::document_numbers;

/// What is numbered, by the key that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Series {
    Order,
    Invoice,
    CreditNote,
}

/// The next number of a series in the year (UTC) of this moment, `2026-000123` behind the seller's prefix. The series is locked until
/// the transaction ends, which is what keeps it without gaps: take it last, after every other lock.
pub fn next(tx: &mut WriteTx, series: Series, prefix: &str) -> Result<String, DbError> {
    let (series, year): (&str, i32) = (series.into(), chrono::Datelike::year(&tx.now.day()));
    tx.lock_name(&format!("document numbers {series} {year}"))?;
    let row = document_numbers::table.find((series, year));
    let last: i32 = row.select(document_numbers::last).first(tx.connection).optional()?.unwrap_or(0);
    let number = last + 1;
    if last == 0 {
        let first =
            (document_numbers::series.eq(series), document_numbers::year.eq(year), document_numbers::last.eq(number));
        diesel::insert_into(document_numbers::table).values(first).execute(tx.connection)?;
    } else {
        diesel::update(row).set(document_numbers::last.eq(number)).execute(tx.connection)?;
    }
    Ok(format!("{prefix}{year}-{number:06}"))
}
