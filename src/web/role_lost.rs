//! The answer to somebody whose role was changed between the guard in front of a page and the transaction behind it.

use crate::access::{Membership, Permission, Scope};
use crate::app::App;
use crate::error::{AppError, Forbidden};

/// What the guard would say now: a member without the permission gets 403 and the names of people who can help, an outsider 404.
pub async fn role_lost(app: &App, scope: &Scope, permission: Permission) -> AppError {
    let scope = scope.clone();
    let answer = app.read(move |connection| {
        let person = scope.person().clone();
        let Some(membership) = Membership::find(connection, &person.user_id, scope.slug())? else {
            return Ok(AppError::NotFound);
        };
        let now = Scope::new(person, membership);
        Ok(AppError::Forbidden(Box::new(Forbidden::of(connection, &now, permission)?)))
    });
    answer.await.unwrap_or_else(|error| error)
}
