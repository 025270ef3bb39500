//! The activity log, whoever acts.

use diesel::prelude::*;
use portico::access::Operator;
use portico::audit::{Action, By, Change};
use portico::db::DbError;
use portico::schema::activity;
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::{Value, json};

use crate::support::{Portal, on_both};

#[apply(on_both)]
fn what_an_operator_does_is_recorded_without_a_user_and_without_a_role(#[case] portal: &Portal) {
    for (name, shown) in [("ada", "Operator (ada)"), ("", "Operator")] {
        let operator = Operator { name: name.to_owned() };
        let recorded = portal.recorded(|| {
            let (before, after) = (Value::Null, json!({ "sessions": 2 }));
            let change =
                Change { action: Action::SessionsEnded, subject_id: "usr_1", subject_name: "Olga", before, after };
            portal.app.write_now::<_, DbError>(|tx| tx.record(By::operator(&operator), change)).expect("a row");
        });
        let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((row.actor_name.as_str(), row.actor_role.as_str(), row.ip.as_str()), (shown, "", ""));
        assert_eq!((row.organization.as_deref(), row.after.as_str()), (None, r#"{"sessions":2}"#));
        let id: String =
            portal.query(|connection| activity::table.find(&row.id).select(activity::actor_id).get_result(connection));
        assert_eq!(id, "operator");
    }
}
