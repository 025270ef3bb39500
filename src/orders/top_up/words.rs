//! What people are told where auto top-up was switched off.

use super::price;
use super::settings::{Settings, Stopped};
use crate::credits::amount::counted;
use crate::db::{DbError, WriteTx};
use crate::notifications::PaymentProblem;

pub(super) struct Telling {
    what: String,
    amount: String,
    next: String,
}

impl Telling {
    pub(super) fn new(tx: &mut WriteTx, settings: &Settings, why: Stopped, reason: &str) -> Result<Self, DbError> {
        let quote = price::of_package(tx.connection, &settings.organization_id, &settings.package)?;
        let why = match why {
            Stopped::Declined if reason.is_empty() => "The bank declined the charge three times in a row.".to_owned(),
            Stopped::Declined => {
                let reason = reason.trim_end_matches('.');
                format!("The bank declined the charge three times in a row: {reason}.")
            }
            Stopped::NotSold => "The package of credits that was chosen is not sold any more.".to_owned(),
            Stopped::Currency => "The monthly cap is in another currency than the one that is paid in now.".to_owned(),
            Stopped::NoMethod => "There is no payment method to charge.".to_owned(),
        };
        let what = quote.as_ref().map_or_else(
            || "The automatic top-up of credits".to_owned(),
            |(_, credits)| format!("The automatic top-up of {}", counted(*credits)),
        );
        let amount = quote.map_or_else(|| settings.package.clone(), |(quote, _)| quote.bill.total().to_string());
        let next =
            format!("{why} Auto top-up was switched off. An Owner can switch it on again on the page of credits.");
        Ok(Self { what, amount, next })
    }

    pub(super) fn problem(&self) -> PaymentProblem<'_> {
        PaymentProblem { what: &self.what, amount: &self.amount, next: &self.next }
    }
}
