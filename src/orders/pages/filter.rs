//! What of the orders is shown. Links and the export carry it in their addresses.

use serde::Deserialize;

use crate::access::Scope;
use crate::ids::OrderId;
use crate::orders::order::Status;
use crate::paging::Place;

/// Orders on a page.
pub const PAGE: usize = 25;

/// What the list is narrowed to, and where in it a page begins. Unknown values mean all, from the newest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OrderFilter {
    pub status: String,
    pub after: String,
    pub before: String,
}

impl OrderFilter {
    pub fn status(&self) -> Option<Status> {
        self.status.parse().ok()
    }

    pub fn place(&self) -> Place<OrderId> {
        Place::of(OrderId::parse(&self.after), OrderId::parse(&self.before))
    }

    /// The address of the list, or of its file, with this filter from a place on.
    pub fn address(scope: &Scope, below: &str, status: Option<Status>, place: Option<(&str, &OrderId)>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(status) = status {
            query.append_pair("status", status.as_ref());
        }
        if let Some((name, id)) = place {
            query.append_pair(name, id.as_str());
        }
        let (path, query) = (scope.path(below), query.finish());
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}
