//! What invoices need more about an Organization before anything can be ordered, and the way to complete it.

use crate::access::{Permission, Scope};
use crate::web::query_string;

/// Said to whoever orders something all the same.
pub const SENTENCE: &str = "The invoice needs more details about this Organization. Complete them first.";

/// What `templates/orders/incomplete.html` shows.
pub struct Incomplete {
    pub organization: String,
    /// Where details are completed, which leads back. None for a role that cannot.
    pub complete: Option<String>,
}

impl Incomplete {
    /// `here` is the path of the page that it is shown on, with its query.
    pub fn new(scope: &Scope, here: &str) -> Self {
        let complete = || format!("{}{}", scope.path("/settings/complete"), query_string([("next", here)]));
        Self {
            organization: scope.membership.name.clone(),
            complete: scope.may(Permission::EditSettings).then(complete),
        }
    }
}
