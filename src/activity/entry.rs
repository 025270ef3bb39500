//! A row of the activity log.

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::audit::{Action, Topic};
use crate::ids::ActivityId;
use crate::paging::Standing;
use crate::schema::activity;
use crate::time::Timestamp;

/// What of something was changed.
pub type Fields = Map<String, Value>;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = activity)]
pub struct Entry {
    pub id: ActivityId,
    pub at: Timestamp,
    /// The id of a person; a word for whoever is none; empty for whoever has a mail.
    pub actor_id: String,
    pub actor_name: String,
    /// The role that they had then, by its key. Empty where they had none.
    pub actor_role: String,
    pub ip: String,
    /// By its key: while a version is replaced, the next one may have written it.
    #[diesel(column_name = action)]
    pub key: String,
    pub subject_id: String,
    pub subject_name: String,
    before: String,
    after: String,
}

impl Entry {
    /// `None` for one that this version does not know.
    pub fn action(&self) -> Option<Action> {
        self.key.parse().ok()
    }

    pub fn topic(&self) -> Option<Topic> {
        self.action().map(Action::topic)
    }

    pub fn before(&self) -> Fields {
        fields(&self.before)
    }

    pub fn after(&self) -> Fields {
        fields(&self.after)
    }

    pub fn standing(&self) -> Standing<ActivityId> {
        Standing { at: self.at, id: self.id.clone() }
    }
}

fn fields(text: &str) -> Fields {
    serde_json::from_str(text).unwrap_or_default()
}
