//! Every column of the database that says who somebody is, against what the export has of it. A new one fails the test until it is in
//! the export, or here with the reason why it is not.

use std::collections::BTreeSet;

use portico::db::Connection;
use rstest::rstest;
use rstest_reuse::apply;

use super::exports::document;
use crate::support::{
    Persona, Portal, on_both,
    state::{columns, lines},
};

/// A column, and the list of the export that has its rows.
const EXPORTED: &[(&str, &str)] = &[
    ("activity.actor_id", "activity"),
    ("activity.subject_id", "security_events"),
    ("authenticator_apps.user_id", "authenticator_apps"),
    ("consents.user_id", "consents"),
    ("data_exports.user_id", "data_exports"),
    ("email_changes.new_email", "email_changes"),
    ("email_changes.old_email", "email_changes"),
    ("email_changes.user_id", "email_changes"),
    ("invitation_blocks.email", "invitations_refused"),
    ("invitations.email", "invitations_received"),
    ("invitations.invited_by", "invitations_sent"),
    ("licence_grants.user_id", "licence_access"),
    ("licence_seats.user_id", "seats"),
    ("memberships.user_id", "memberships"),
    ("notification_choices.user_id", "notification_choices"),
    ("notification_mails.recipient", "notification_mails"),
    ("notification_mails.user_id", "notification_mails"),
    ("notification_recipients.email", "notification_addresses"),
    ("orders.placed_by", "orders"),
    ("organizations.created_by", "organizations_created"),
    ("outbox.recipient", "mails"),
    ("passkeys.user_id", "passkeys"),
    ("password_resets.email", "password_resets"),
    ("password_resets.user_id", "password_resets"),
    ("payment_method_pages.opened_by", "payment_pages"),
    ("recovery_codes.user_id", "recovery_codes"),
    ("removals.removed_by", "removed"),
    ("removals.user_id", "removed_from"),
    ("sign_in_notices.user_id", "sign_in_notices"),
    ("user_pictures.user_id", "picture"),
    ("user_sessions.user_id", "sessions"),
    ("users.email", "profile"),
];

/// A column that is in no export, and why.
const NOT_EXPORTED: &[(&str, &str)] = &[
    ("invoices.paid_by", "says how it was paid, not by whom"),
    ("jobs.claimed_by", "a process, not a person"),
    ("kept_forms.user_id", "a form that waits sealed for minutes until its sender is signed in again"),
    ("payment_methods.kept_by", "a name of whoever chose the card of an Organization: whose it is, is not stored"),
    ("pending_sign_ins.user_id", "a sign-in that waits for minutes until its second step is done"),
    ("sign_ups.email", "who signs up has no account yet, and an account removes it"),
];

/// Columns that name a person by their names, and those that refer to users.
pub(super) fn personal_columns(portal: &Portal) -> BTreeSet<String> {
    portal.query(|connection| {
        let is_personal = |name: &str| {
            matches!(name, "user_id" | "actor_id" | "subject_id" | "recipient" | "email")
                || name.ends_with("_by")
                || name.ends_with("_email")
                || name.ends_with("_user_id")
        };
        let mut found: BTreeSet<String> = columns(connection)
            .into_iter()
            .filter(|column| is_personal(&column.name))
            .map(|column| format!("{}.{}", column.table_name, column.name))
            .collect();
        let references = match connection {
            Connection::Sqlite(_) => {
                "SELECT tables.name || '.' || keys.\"from\" AS line FROM sqlite_master tables \
                 JOIN pragma_foreign_key_list(tables.name) keys WHERE keys.\"table\" = 'users'"
            }
            Connection::Postgresql(_) => {
                "SELECT (conrelid::regclass || '.' || attname)::text AS line FROM pg_constraint \
                 JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey) \
                 WHERE contype = 'f' AND confrelid = 'users'::regclass"
            }
        };
        let references = lines(connection, references);
        assert!(references.contains(&"consents.user_id".to_owned()), "{references:?}");
        found.extend(references);
        Ok(found)
    })
}

#[apply(on_both)]
fn every_column_that_names_somebody_is_in_the_export_or_has_a_reason(#[case] portal: &Portal) {
    let found = personal_columns(portal);
    let (exported, reasoned) =
        (EXPORTED.iter().map(|(column, _)| *column), NOT_EXPORTED.iter().map(|(column, _)| *column));
    let known: Vec<String> = exported.chain(reasoned).map(str::to_owned).collect();
    let listed: BTreeSet<String> = known.iter().cloned().collect();
    assert_eq!(known.len(), listed.len(), "each is in one of the lists");
    let missing: Vec<_> = found.difference(&listed).collect();
    assert!(missing.is_empty(), "neither in the export nor in the list of reasons: {missing:?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "no such columns any more: {gone:?}");
    let document = document(portal, Persona::Owner);
    for (column, section) in EXPORTED {
        assert!(document[*section].is_array(), "{column}: the export has no {section}");
    }
}
