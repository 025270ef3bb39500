//! Every column of the database that says who somebody is, against what the export has of it, and against what becomes of it when an
//! account is deleted. A new one fails the tests until it is in the export, or here with the reason why it is not, and until it is said
//! what becomes of it. That nothing is left is looked for in all columns: see `erasing.rs`.

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
    ("account_deletions.user_id", "account_deletions"),
    ("activity.actor_id", "activity"),
    ("activity.actor_name", "security_events"),
    ("activity.ip", "activity"),
    ("activity.subject_id", "security_events"),
    ("activity.subject_name", "activity"),
    ("authenticator_apps.user_id", "authenticator_apps"),
    ("consents.ip", "consents"),
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
    ("memberships.inviter_name", "memberships"),
    ("memberships.user_id", "memberships"),
    ("notification_choices.user_id", "notification_choices"),
    ("notification_mails.recipient", "notification_mails"),
    ("notification_mails.user_id", "notification_mails"),
    ("notification_recipients.email", "notification_addresses"),
    ("orders.placed_by", "orders"),
    ("organizations.created_by", "organizations_created"),
    ("outbox.recipient", "mails"),
    ("ownership_offers.offered_by", "ownership_offers_made"),
    ("ownership_offers.offered_to", "ownership_offers_received"),
    ("passkeys.user_id", "passkeys"),
    ("password_resets.email", "password_resets"),
    ("password_resets.user_id", "password_resets"),
    ("payment_method_pages.opened_by", "payment_pages"),
    ("recovery_codes.user_id", "recovery_codes"),
    ("removals.removed_by", "removed"),
    ("removals.user_id", "removed_from"),
    ("sign_in_notices.ip", "sign_in_notices"),
    ("sign_in_notices.user_id", "sign_in_notices"),
    ("user_pictures.user_id", "picture"),
    ("user_sessions.ip", "sessions"),
    ("user_sessions.user_id", "sessions"),
    ("users.email", "profile"),
    ("users.first_name", "profile"),
    ("users.last_name", "profile"),
    ("users.phone", "profile"),
];

/// A column that is in no export, and why.
const NOT_EXPORTED: &[(&str, &str)] = &[
    ("credit_entries.actor_name", "a booking is in the activity of who made it"),
    ("invoices.paid_by", "says how it was paid, not by whom"),
    ("jobs.claimed_by", "a process, not a person"),
    ("kept_forms.user_id", "a form that waits sealed for minutes until its sender is signed in again"),
    ("orders.placed_by_name", "a copy of the name, beside who it was"),
    ("organizations.legal_name", "what an Organization says of itself"),
    ("organizations.officer_name", "what an Organization says of itself"),
    ("organizations.officer_phone", "what an Organization says of itself"),
    ("payment_method_pages.opened_by_name", "a copy of the name, beside who it was"),
    ("payment_methods.kept_by", "a name of whoever chose the card of an Organization: whose it is, is not stored"),
    ("pending_sign_ins.user_id", "a sign-in that waits for minutes until its second step is done"),
    ("refunds.by_name", "the operator who gave money back"),
    ("removals.inviter_name", "for ten minutes, what the membership comes back with"),
    ("sign_ups.email", "who signs up has no account yet, and an account removes it"),
    ("sign_ups.first_name", "who signs up has no account yet, and an account removes it"),
    ("sign_ups.last_name", "who signs up has no account yet, and an account removes it"),
];

/// What becomes of a column when an account is deleted.
enum Then {
    /// The rows go.
    Rows,
    /// The value is emptied, or becomes "Deleted user".
    Emptied,
    /// It says which account it was, whose row stays without a name.
    Id,
    /// It stays, and why.
    Stays(&'static str),
}

use Then::{Emptied, Id, Rows, Stays};

const OWN: &str = "what an Organization says of itself, which its Owners change";
const NOBODY: &str = "who signs up has no account yet, and an account removes it";

const DELETED: &[(&str, Then)] = &[
    ("account_deletions.user_id", Rows),
    ("activity.actor_id", Id),
    ("activity.actor_name", Emptied),
    ("activity.ip", Emptied),
    ("activity.subject_id", Id),
    ("activity.subject_name", Emptied),
    ("authenticator_apps.user_id", Rows),
    ("consents.ip", Rows),
    ("consents.user_id", Rows),
    ("credit_entries.actor_name", Emptied),
    ("data_exports.user_id", Rows),
    ("email_changes.new_email", Stays("of another account that asks for the address, for 24 hours; the own ones go")),
    ("email_changes.old_email", Rows),
    ("email_changes.user_id", Rows),
    ("invitation_blocks.email", Stays("whoever has the mailbox wants no mails, with an account or without")),
    ("invitations.email", Rows),
    ("invitations.invited_by", Id),
    ("invoices.paid_by", Stays("says how it was paid, not by whom")),
    ("jobs.claimed_by", Stays("a process, not a person")),
    ("kept_forms.user_id", Rows),
    ("licence_grants.user_id", Rows),
    ("licence_seats.user_id", Rows),
    ("memberships.inviter_name", Emptied),
    ("memberships.user_id", Rows),
    ("notification_choices.user_id", Rows),
    ("notification_mails.recipient", Rows),
    ("notification_mails.user_id", Rows),
    ("notification_recipients.email", Stays("where whoever has the mailbox wants no mails; the others go")),
    ("orders.placed_by", Id),
    ("orders.placed_by_name", Emptied),
    ("organizations.created_by", Id),
    ("organizations.legal_name", Stays(OWN)),
    ("organizations.officer_name", Stays(OWN)),
    ("organizations.officer_phone", Stays(OWN)),
    ("outbox.recipient", Stays("of the last mail, for a month; the others go")),
    ("ownership_offers.offered_by", Rows),
    ("ownership_offers.offered_to", Rows),
    ("passkeys.user_id", Rows),
    ("password_resets.email", Rows),
    ("password_resets.user_id", Rows),
    ("payment_method_pages.opened_by", Id),
    ("payment_method_pages.opened_by_name", Emptied),
    ("payment_methods.kept_by", Emptied),
    ("pending_sign_ins.user_id", Rows),
    ("recovery_codes.user_id", Rows),
    ("refunds.by_name", Stays("the operator who gave money back")),
    ("removals.inviter_name", Stays("for ten minutes")),
    ("removals.removed_by", Id),
    ("removals.user_id", Rows),
    ("sign_in_notices.ip", Rows),
    ("sign_in_notices.user_id", Rows),
    ("sign_ups.email", Stays(NOBODY)),
    ("sign_ups.first_name", Stays(NOBODY)),
    ("sign_ups.last_name", Stays(NOBODY)),
    ("user_pictures.user_id", Rows),
    ("user_sessions.ip", Rows),
    ("user_sessions.user_id", Rows),
    ("users.email", Emptied),
    ("users.first_name", Emptied),
    ("users.last_name", Emptied),
    ("users.phone", Emptied),
];

/// Columns that name a person by their names, and those that refer to users.
pub(super) fn personal_columns(portal: &Portal) -> BTreeSet<String> {
    portal.query(|connection| {
        let is_personal = |name: &str| {
            matches!(name, "user_id" | "actor_id" | "subject_id" | "recipient" | "email" | "phone" | "ip")
                || name.ends_with("_by")
                || name.ends_with("_name")
                || name.ends_with("_phone")
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

#[apply(on_both)]
fn of_every_column_that_names_somebody_it_is_said_what_becomes_of_it(#[case] portal: &Portal) {
    let found = personal_columns(portal);
    let said: BTreeSet<String> = DELETED.iter().map(|(column, _)| (*column).to_owned()).collect();
    assert_eq!(said.len(), DELETED.len(), "each stands there once");
    let missing: Vec<_> = found.difference(&said).collect();
    assert!(missing.is_empty(), "nobody says what becomes of it when an account is deleted: {missing:?}");
    let gone: Vec<_> = said.difference(&found).collect();
    assert!(gone.is_empty(), "no such columns any more: {gone:?}");
    for (column, then) in DELETED {
        assert!(!matches!(then, Stays("")), "{column} stays for a reason");
    }
    // And it is so, of somebody who has a row in every one of them.
    super::erasing::a_full_life(portal);
    let user = portal.user_id(super::erasing::ZENOBIA);
    let rows_of = |portal: &Portal, column: &str| {
        let (table, name) = column.split_once('.').expect("a table and a column");
        let query = format!("SELECT \"{name}\" AS line FROM \"{table}\" WHERE \"{name}\" = '{user}'");
        portal.query(|connection| Ok(lines(connection, &query).len()))
    };
    let of_account = |then: &Then| matches!(then, Rows | Id);
    let ids: Vec<&str> = DELETED
        .iter()
        .filter(|(column, then)| of_account(then) && !column.ends_with("email") && !column.ends_with("ip"))
        .map(|(column, _)| *column)
        .collect();
    let before: Vec<(&str, usize)> = ids.iter().map(|column| (*column, rows_of(portal, column))).collect();
    super::deletion::pass(portal);
    for (column, count) in before {
        let is_gone = DELETED.iter().any(|(name, then)| *name == column && matches!(then, Rows));
        let left = rows_of(portal, column);
        assert!(
            if is_gone { left == 0 } else { left >= count || column.starts_with("removals.") },
            "{column}: {left} of {count}"
        );
    }
}
