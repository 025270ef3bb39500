//! `/organizations/{slug}/people/undo/{batch}`: takes back what was removed or withdrawn at once.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::RemovalBatchId;
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::selection::MOST;
use crate::people::removals;
use crate::people::undo::{self, Undo};
use crate::web::{FlashAction, FlashKind, PageContext, Query, path_id, work_on};

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
    let (app, list) = (context.app.clone(), filter.0.list(&scope));
    let (by, now, account) = (scope.clone(), app.now(), scope.person().user_id.clone());
    let removals = app.read(move |connection| removals::find(connection, &by, &batch, now, MOST)).await?;
    let count = removals.len();
    let (kind, message) = match work_on(&app, &account, removals, move |tx, part| undo::undo(tx, &scope, part)).await? {
        Ok(outcomes) => summary(count, &outcomes),
        Err(not_now) => (FlashKind::Error, not_now.sentence),
    };
    Ok(context.lead_to(&list, kind, message))
}

/// What happened, in words.
fn summary(count: usize, outcomes: &[Undo]) -> (FlashKind, String) {
    let names: Vec<&str> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Undo::Restored { name } => Some(name.as_str()),
            Undo::NotAllowed | Undo::Gone => None,
        })
        .collect();
    let restored = names.len();
    match (restored, count) {
        (0, 0) => (FlashKind::Notice, "This can no longer be undone.".to_owned()),
        (0, _) if outcomes.contains(&Undo::NotAllowed) => {
            (FlashKind::Error, "Your role does not allow this. Nothing was changed.".to_owned())
        }
        (0, _) => (FlashKind::Notice, "They are back already, or can no longer be brought back.".to_owned()),
        (1, 1) => (FlashKind::Success, format!("{} is back as before.", names[0])),
        _ if restored == count => (FlashKind::Success, format!("All {count} are back as before.")),
        _ => (
            FlashKind::Error,
            format!("{restored} of {count} are back as before. The others could not be brought back."),
        ),
    }
}
