//! What is for sale now, as pages show it.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::contents::{Country, CreditPackage, Plan, Product, Seller};
use super::entries::{self, Kind, Row};
use crate::db::{Connection, DbError};
use crate::schema::catalogue_entries;

/// Everything but the coupons, which are for who knows them. Each list in the order of the file.
pub struct OnSale {
    pub seller: Seller,
    countries: HashMap<String, Country>,
    pub products: Vec<Product>,
    pub plans: Vec<Plan>,
    pub credit_packages: Vec<CreditPackage>,
}

/// Reads it in one statement. `None` before the first import.
pub fn read(connection: &mut Connection) -> Result<Option<OnSale>, DbError> {
    let rows = entries::shown(connection)?;
    let Some(seller) = rows.iter().find(|row| row.kind == Kind::Seller) else { return Ok(None) };
    let countries = of_kind(&rows, Kind::Country, |country: &mut Country, key| country.key = key)?;
    Ok(Some(OnSale {
        seller: content(seller)?,
        countries: countries.into_iter().map(|country| (country.key.clone(), country)).collect(),
        products: of_kind(&rows, Kind::Product, |product: &mut Product, key| product.key = key)?,
        plans: of_kind(&rows, Kind::Plan, |plan: &mut Plan, key| plan.key = key)?,
        credit_packages: of_kind(&rows, Kind::CreditPackage, |package: &mut CreditPackage, key| package.key = key)?,
    }))
}

/// Who sells. One statement. `None` before the first import.
pub fn seller(connection: &mut Connection) -> Result<Option<Seller>, DbError> {
    let row = catalogue_entries::table
        .filter(catalogue_entries::kind.eq(Kind::Seller))
        .filter(catalogue_entries::on_sale.eq(true))
        .select(Row::as_select());
    row.first::<Row>(connection).optional()?.as_ref().map(content).transpose()
}

fn of_kind<T: DeserializeOwned>(rows: &[Row], kind: Kind, name: impl Fn(&mut T, String)) -> Result<Vec<T>, DbError> {
    let named = |row: &Row| {
        let mut found = content(row)?;
        name(&mut found, row.key.clone());
        Ok(found)
    };
    rows.iter().filter(|row| row.kind == kind).map(named).collect()
}

pub(super) fn content<T: DeserializeOwned>(row: &Row) -> Result<T, DbError> {
    let wrong = |error| DbError::Unexpected(format!("{} {} of the catalogue: {error}", row.kind.words(), row.key));
    serde_json::from_str(&row.content).map_err(wrong)
}

impl OnSale {
    /// What holds for customers of a country. An import without the entry for all others is refused.
    pub fn country(&self, code: &str) -> Option<&Country> {
        self.countries.get(code).or_else(|| self.countries.get(Country::ELSEWHERE))
    }

    pub fn product(&self, key: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.key == key)
    }

    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.key == key)
    }

    pub fn plans_of(&self, product: &str) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(move |plan| plan.product == product)
    }
}
