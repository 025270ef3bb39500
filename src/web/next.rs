//! Where somebody was about to go who has to do something else first.

use serde::Deserialize;

use super::form::rules::one_line;

/// As a query or a form carries it; [`super::own_path()`] says whether it stays on this site.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    #[serde(deserialize_with = "one_line")]
    pub next: String,
}
