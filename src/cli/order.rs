//! `portico order`: giving money back.

use clap::{Args, Subcommand};

use super::{CliError, in_database, log, open, operator};
use crate::app::App;
use crate::config::ServeArgs;
use crate::credits::amount::counted;
use crate::money::Money;
use crate::orders::order;
use crate::orders::refund::{self, Ask, Finished};
use crate::orders::taking_back::Taken;
use crate::payments::provider::{NewRefund, ProviderError};

#[derive(Subcommand, Debug)]
pub(super) enum OrderCommand {
    /// Gives money back by the provider of payments, with a credit note. With all of it goes what was bought: the licence ends, or is what
    /// it was before its change or its renewal, and credits that were not spent are taken back. A licence that has changed since, or was
    /// renewed again, stays as it is. One that was cut short is gone on with.
    Refund(Box<RefundArgs>),
}

#[derive(Args, Debug)]
pub(super) struct RefundArgs {
    /// The number of the order, such as O-2026-000123.
    order: String,
    /// How much, with tax, in the currency of the order, such as 129.00. Without it, all that is left.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    #[command(flatten)]
    serve: ServeArgs,
}

pub(super) fn run(command: &OrderCommand) -> Result<(), CliError> {
    let OrderCommand::Refund(args) = command;
    let _log = log::start(&args.serve.log)?;
    let app = open(&args.serve)?;
    log::say(&refund(&app, args)?);
    Ok(())
}

fn refused<T>(why: impl Into<String>) -> Result<T, CliError> {
    Err(CliError::Refused(why.into()))
}

fn refund(app: &App, args: &RefundArgs) -> Result<String, CliError> {
    let wrong = in_database(app.db.url());
    let number = args.order.trim();
    let Some(payments) = &app.payments else { return refused("PORTICO_PAYMENTS is not set: nobody can be asked") };
    let found =
        if number.contains('\0') { None } else { app.db.read(|db| order::numbered(db, number)).map_err(&wrong)? };
    let Some(found) = found else { return refused(format!("there is no order {number}")) };
    let currency = found.bill.currency;
    let amount = match &args.amount {
        None => None,
        Some(text) => match Money::parse(text, currency) {
            Some(amount) => Some(amount.minor),
            None => return refused(format!("“{text}” is no amount in {}: write one such as 129.00", currency.code())),
        },
    };
    let operator = operator::operator();
    let (order, payment, asked) =
        match app.write_now(|tx| refund::ask(tx, &operator, number, amount)).map_err(&wrong)? {
            Ask::Asked { order, payment, refund } => (order, payment, refund),
            Ask::NotPaid => return refused(format!("nothing was paid for {number}, so nothing is given back")),
            Ask::NotSoMuch { order, left } => {
                return refused(format!("{} are left of {number}. Nothing was given back", order.bill.money(left)));
            }
            Ask::Unknown => return refused(format!("there is no order {number}")),
        };
    let amount = order.bill.money(asked.amount);
    let provider_payment = payment.provider_payment.clone().unwrap_or_default();
    let new = NewRefund { key: asked.id.to_string(), provider_payment, amount };
    match payments.provider().refund(&new) {
        Ok(given) => {
            let finished = app.write_now(|tx| refund::finish(tx, &operator, &asked, &given)).map_err(&wrong)?;
            Ok(said(&amount, number, finished))
        }
        Err(ProviderError::Away(why)) => refused(format!(
            "the provider of payments does not answer ({why}). Run the same command again: the money goes once"
        )),
        Err(ProviderError::Refused(why)) => {
            app.write_now(|tx| refund::refuse(tx, &asked.id, &why)).map_err(&wrong)?;
            refused(format!("the provider of payments refused: {why}. Nothing was given back"))
        }
    }
}

fn said(amount: &Money, number: &str, finished: Option<Finished>) -> String {
    let Some(Finished { taken, credit_note }) = finished else {
        return format!("{amount} of {number} had been given back already.");
    };
    let note = credit_note.map_or_else(String::new, |note| format!(" Credit note: {note}."));
    let taken = match taken {
        Taken::Nothing => String::new(),
        Taken::Licence { credits: 0 } => " The licence ended.".to_owned(),
        Taken::Licence { credits } => format!(" The licence ended, and {} were taken back.", counted(credits)),
        Taken::Change { credits: 0 } => " The licence is what it was before.".to_owned(),
        Taken::Change { credits } => {
            format!(" The licence is what it was before, and {} were taken back.", counted(credits))
        }
        Taken::ChangedSince => {
            " The licence stays as it is: it has changed since, or was renewed again. Only money was given back."
                .to_owned()
        }
        Taken::InUse { seats, used } => format!(
            " The licence stays as it is: {used} people have a seat, and there would be {seats}. Only money was given back."
        ),
        Taken::Credits { taken, gone: 0 } => format!(" {} were taken back.", counted(taken)),
        Taken::Credits { taken, gone } => {
            format!(" {} were taken back; {} had been spent or had expired.", counted(taken), counted(gone))
        }
    };
    format!("{amount} of {number} given back.{note}{taken}")
}
