//! `/organizations/{slug}/people/undo/{batch}`: takes back what was removed or withdrawn at once.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::Scope;
use crate::app::App;
use crate::error::AppError;
use crate::ids::RemovalBatchId;
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::selection::MOST;
use crate::people::removals;
use crate::people::undo::{self, Undo};
use crate::web::{Flash, FlashAction, FlashKind, PageContext, Query, path_id, work_on};

/// The button that undoes a removal.
pub(super) fn offer(scope: &Scope, filter: &PeopleFilter, batch: &RemovalBatchId) -> FlashAction {
    let path = format!("{}{}", scope.path(&format!("/people/undo/{batch}")), filter.query());
    FlashAction::post("Undo", path)
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    let batch = path_id(&request, "batch", RemovalBatchId::parse)?;
    let (list, again) = (filter.0.list(&scope), offer(&scope, &filter.0, &batch));
    match take_back(&context.app, scope, batch).await {
        Ok(Done { kind, message, is_whole }) => {
            let actions = if is_whole { Vec::new() } else { vec![again] };
            Ok(context.lead_to_with(&list, Flash { kind, message, actions }))
        }
        Err(error) => {
            // The page of the error leads back to the list, where the button is gone otherwise.
            let message = "This may not have been undone: the portal could not answer just then.".to_owned();
            context.leave(Flash { kind: FlashKind::Error, message, actions: vec![again] });
            Err(error)
        }
    }
}

/// What became of a batch.
struct Done {
    kind: FlashKind,
    message: String,
    /// Whether all of it was worked on.
    is_whole: bool,
}

async fn take_back(app: &App, scope: Scope, batch: RemovalBatchId) -> Result<Done, AppError> {
    let (by, now, account) = (scope.clone(), app.now(), scope.person().user_id.clone());
    let removals = app.read(move |connection| removals::find(connection, &by, &batch, now, MOST)).await?;
    let count = removals.len();
    Ok(match work_on(app, &account, removals, move |tx, part| undo::undo(tx, &scope, part)).await? {
        Ok(outcomes) if outcomes.len() < count => {
            let restored = names(&outcomes).len();
            let message =
                format!("{restored} of {count} are back as before. The portal was busy then: undo the others again.");
            Done { kind: FlashKind::Error, message, is_whole: false }
        }
        Ok(outcomes) => {
            let (kind, message) = summary(count, &outcomes);
            Done { kind, message, is_whole: true }
        }
        Err(not_now) => Done { kind: FlashKind::Error, message: not_now.sentence, is_whole: false },
    })
}

/// Who is back.
fn names(outcomes: &[Undo]) -> Vec<&str> {
    outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Undo::Restored { name } | Undo::WithoutSeats { name, .. } => Some(name.as_str()),
            Undo::NotAllowed | Undo::Gone => None,
        })
        .collect()
}

/// What happened, in words.
fn summary(count: usize, outcomes: &[Undo]) -> (FlashKind, String) {
    let names = names(outcomes);
    let restored = names.len();
    let seats = lost_seats(outcomes);
    if !seats.is_empty() && restored == count {
        return (FlashKind::Notice, format!("{}{seats}", back(&names)));
    }
    match (restored, count) {
        (0, 0) => (FlashKind::Notice, "This can no longer be undone.".to_owned()),
        (0, _) if outcomes.contains(&Undo::NotAllowed) => {
            (FlashKind::Error, "Your role does not allow this. Nothing was changed.".to_owned())
        }
        (0, _) => (FlashKind::Notice, "They are back already, or can no longer be brought back.".to_owned()),
        _ if restored == count => (FlashKind::Success, back(&names)),
        _ => (
            FlashKind::Error,
            format!("{restored} of {count} are back as before. The others could not be brought back.{seats}"),
        ),
    }
}

fn back(names: &[&str]) -> String {
    match names {
        [name] => format!("{name} is back as before."),
        names => format!("All {} are back as before.", names.len()),
    }
}

/// Of whom somebody else has the seat by now, in sentences; empty where that is nobody.
fn lost_seats(outcomes: &[Undo]) -> String {
    let lost = |outcome: &Undo| match outcome {
        Undo::WithoutSeats { name, products } => {
            Some(format!(" No seat is free any more for {name}: {}.", products.join(", ")))
        }
        Undo::Restored { .. } | Undo::NotAllowed | Undo::Gone => None,
    };
    outcomes.iter().filter_map(lost).collect()
}
