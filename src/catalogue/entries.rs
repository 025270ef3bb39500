//! The entries as they are stored: a row each.

use std::collections::HashMap;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::schema::catalogue_entries;
use crate::stored::stored_as_text;

/// What an entry is, by the key that is stored.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Seller,
    Country,
    Product,
    Plan,
    CreditPackage,
    Coupon,
}

stored_as_text!(Kind);

impl Kind {
    /// What operators call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Country => "country",
            Self::Product => "product",
            Self::Plan => "plan",
            Self::CreditPackage => "credit package",
            Self::Coupon => "coupon",
        }
    }
}

/// An entry in its place of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = catalogue_entries, primary_key(kind, key))]
pub struct Row {
    pub kind: Kind,
    pub key: String,
    pub position: i32,
    /// A JSON object: one of [`contents`](crate::catalogue::contents).
    pub content: String,
    /// Whether the file still has it.
    pub on_sale: bool,
}

/// The entries that are for sale, or those that are not any more, in their order.
fn load(connection: &mut Connection, on_sale: bool) -> Result<Vec<Row>, DbError> {
    let rows = catalogue_entries::table.filter(catalogue_entries::on_sale.eq(on_sale));
    Ok(rows.order(catalogue_entries::position).select(Row::as_select()).load(connection)?)
}

/// What is for sale without being asked for: all but coupons, of which a file may hold very many.
pub fn shown(connection: &mut Connection) -> Result<Vec<Row>, DbError> {
    let rows = catalogue_entries::table
        .filter(catalogue_entries::on_sale.eq(true))
        .filter(catalogue_entries::kind.ne(Kind::Coupon));
    Ok(rows.order(catalogue_entries::position).select(Row::as_select()).load(connection)?)
}

/// All entries, first those that are for sale.
pub fn all(connection: &mut Connection) -> Result<Vec<Row>, DbError> {
    Ok([load(connection, true)?, load(connection, false)?].concat())
}

/// Writes the rows that differ from those stored.
pub(super) fn write(tx: &mut WriteTx, stored: &[Row], rows: &[Row]) -> Result<(), DbError> {
    let stored: HashMap<(Kind, &str), &Row> = stored.iter().map(|row| ((row.kind, row.key.as_str()), row)).collect();
    for row in rows {
        match stored.get(&(row.kind, row.key.as_str())) {
            None => diesel::insert_into(catalogue_entries::table).values(row).execute(tx.connection)?,
            Some(same) if *same == row => 0,
            Some(_) => {
                let place = catalogue_entries::table.find((row.kind, &row.key));
                diesel::update(place).set(row).execute(tx.connection)?
            }
        };
    }
    Ok(())
}
