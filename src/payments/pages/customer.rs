//! What the provider calls an Organization. Before the first page that is opened for it the provider is asked, once: so all that it
//! pays, and what it pays with, is found under one name there.

use crate::access::Scope;
use crate::app::App;
use crate::error::AppError;
use crate::payments::Payments;
use crate::payments::customers;
use crate::payments::provider::{NewCustomer, ProviderError};

/// Asks the provider outside of any transaction, where it does not know the Organization. Of two who do so at once one is kept, for both.
pub async fn customer(
    app: &App,
    payments: &Payments,
    scope: &Scope,
) -> Result<Result<String, ProviderError>, AppError> {
    let (organization, kind) = (scope.organization_id().clone(), payments.kind());
    let id = organization.clone();
    if let Some(known) = app.look(move |connection| customers::of(connection, &id, kind)).await? {
        return Ok(Ok(known));
    }
    let new = NewCustomer {
        organization: organization.clone(),
        name: scope.membership.name.clone(),
        email: scope.person().email.clone(),
    };
    let made = match payments.ask(move |provider| provider.create_customer(&new)).await {
        Ok(made) => made,
        Err(error) => return Ok(Err(error)),
    };
    app.write(move |tx| customers::keep_first(tx, &organization, kind, &made)).await.map(Ok)
}
