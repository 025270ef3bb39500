//! Forms that name many people. Long ones are worked on one at a time, and a batch a transaction, so that everybody else gets
//! their turn in between. A form that is cut short has lost and doubled nothing: sent again, it says what was done already.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use tokio::sync::SemaphorePermit;

use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::error::AppError;
use crate::ids::UserId;
use crate::limits::{self, TooOften};
use crate::rates::Limit;
use crate::time::duration;

/// How many lines are worked on in one transaction. A form with more is a long one.
pub const BATCH: usize = 25;
/// How long a long form waits for another.
const WAIT: Duration = Duration::from_secs(3);

/// The right to work on a long form.
#[must_use]
pub struct FormTurn<'a>(#[allow(dead_code, reason = "held, not read")] Option<SemaphorePermit<'a>>);

/// Why a long form is not worked on now.
pub struct NotNow {
    pub status: StatusCode,
    pub sentence: String,
    pub too_often: TooOften,
}

/// Waits until no other long form is worked on; a short one need not wait.
pub async fn form_turn(app: &App, lines: usize) -> Result<FormTurn<'_>, NotNow> {
    if lines <= BATCH {
        return Ok(FormTurn(None));
    }
    match tokio::time::timeout(WAIT, app.long_forms.acquire()).await {
        Ok(Ok(turn)) => Ok(FormTurn(Some(turn))),
        _ => Err(NotNow {
            status: StatusCode::SERVICE_UNAVAILABLE,
            sentence: "Other long lists are being worked on. Nothing was done: send the form again in a few seconds."
                .to_owned(),
            too_often: TooOften { limit: None, retry_after: WAIT.as_secs().cast_signed() },
        }),
    }
}

/// Counts a long form. Who has none left is told so by a look alone.
pub async fn count_form(app: &App, account: &UserId, lines: usize) -> Result<Option<NotNow>, AppError> {
    if lines <= BATCH {
        return Ok(None);
    }
    let wanted = [Limit::LongForms, Limit::LongFormLines].map(|limit| (limit, account.to_string()));
    let (looked_up, rates, now) = (wanted.clone(), app.context.limits.clone(), app.now());
    let seen = app.read(move |connection| limits::look(connection, &rates, &looked_up, now)).await?;
    let refusal = match seen.refusal() {
        Some(too_often) => Some(too_often),
        None => {
            let lines = i32::try_from(lines).unwrap_or(i32::MAX);
            app.write(move |tx| {
                let [(forms, who), (form_lines, _)] = &wanted;
                let (_, no_form) = tx.take_up_to(*forms, who, 1)?;
                let (_, no_lines) = tx.take_up_to(*form_lines, who, lines)?;
                Ok(no_form.or(no_lines))
            })
            .await?
        }
    };
    Ok(refusal.map(|too_often| NotNow {
        status: StatusCode::TOO_MANY_REQUESTS,
        sentence: format!(
            "You have sent very many long lists. Nothing was done: wait {} and send the form again.",
            duration(too_often.retry_after)
        ),
        too_often,
    }))
}

/// Works on a form when its turn has come: counted, and a batch a transaction. See [`in_batches`].
pub async fn work_on<T, O>(
    app: &App,
    account: &UserId,
    all: Vec<T>,
    verb: impl Fn(&mut WriteTx<'_>, &[T]) -> Result<Vec<O>, DbError> + Send + Sync + 'static,
) -> Result<Result<Vec<O>, NotNow>, AppError>
where
    T: Send + Sync + 'static,
    O: Send + 'static,
{
    let turn = match form_turn(app, all.len()).await {
        Ok(turn) => turn,
        Err(not_now) => return Ok(Err(not_now)),
    };
    if let Some(not_now) = count_form(app, account, all.len()).await? {
        return Ok(Err(not_now));
    }
    let outcomes = in_batches(app, all, verb, |_| true).await;
    drop(turn);
    outcomes.map(Ok)
}

/// What became of each of `all`, a batch a transaction. The answer is shorter where `goes_on` said to stop after a batch, or where
/// the database did not answer any more after the first.
pub async fn in_batches<T, O>(
    app: &App,
    all: Vec<T>,
    verb: impl Fn(&mut WriteTx<'_>, &[T]) -> Result<Vec<O>, DbError> + Send + Sync + 'static,
    goes_on: impl Fn(&[O]) -> bool,
) -> Result<Vec<O>, AppError>
where
    T: Send + Sync + 'static,
    O: Send + 'static,
{
    let count = all.len();
    let work = Arc::new((all, verb));
    let mut outcomes = Vec::with_capacity(count);
    for start in (0..count).step_by(BATCH) {
        let work = Arc::clone(&work);
        let batch = app.write(move |tx| {
            let (all, verb) = &*work;
            verb(tx, &all[start..count.min(start + BATCH)])
        });
        match batch.await {
            Ok(found) => {
                let is_last = !goes_on(&found);
                outcomes.extend(found);
                if is_last {
                    break;
                }
            }
            Err(error) if outcomes.is_empty() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, done = outcomes.len(), count, "a long form was cut short");
                break;
            }
        }
    }
    Ok(outcomes)
}
