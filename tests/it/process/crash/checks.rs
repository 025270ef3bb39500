//! What must hold in a database whose process died.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use portico::db::{Connection, DatabaseUrl, Db, DbError};

use super::Written;
use crate::support::{lines::poll, state::lines};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(connection: &mut Connection, condition: &str) -> i64 {
    let statement = format!("SELECT count(*) AS count FROM {condition}");
    let query = diesel::sql_query(&statement);
    let rows: Result<Vec<Count>, _> = match connection {
        Connection::Sqlite(sqlite) => query.load(sqlite),
        Connection::Postgresql(postgresql) => query.load(postgresql),
    };
    rows.unwrap_or_else(|error| panic!("{statement}: {error}"))[0].count
}

/// Rows that would be there if a change had been stored by half.
const HALVES: [&str; 12] = [
    "organizations o WHERE NOT EXISTS \
     (SELECT 1 FROM memberships m WHERE m.organization_id = o.id AND m.role = 'owner')",
    "organizations o WHERE NOT EXISTS \
     (SELECT 1 FROM activity a WHERE a.organization_id = o.id AND a.action = 'organization.created')",
    "invitations i WHERE NOT EXISTS (SELECT 1 FROM activity a WHERE a.subject_id = i.id AND a.action = 'invitation.sent')",
    "invitations i WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.recipient = i.email AND o.kind = 'invitation')",
    "invitations i WHERE (i.closed_at IS NULL) <> EXISTS (SELECT 1 FROM people_terms t WHERE t.entry_id = i.id)",
    "invitations i WHERE (i.outcome = 'accepted') <> EXISTS \
     (SELECT 1 FROM activity a WHERE a.subject_id = i.id AND a.action = 'invitation.accepted')",
    "memberships m WHERE NOT EXISTS (SELECT 1 FROM people_terms t WHERE t.entry_id = m.id AND t.role = m.role)",
    "people_terms t WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.id = t.entry_id) \
     AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.id = t.entry_id)",
    "activity a WHERE a.action = 'member.role.changed' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'role_changed')",
    "activity a WHERE a.action = 'invitation.sent' AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.id = a.subject_id)",
    "removals r WHERE r.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM activity a \
     WHERE a.subject_id = r.user_id AND a.action = 'member.removed' AND a.at = r.removed_at)",
    "removals r WHERE EXISTS \
     (SELECT 1 FROM memberships m WHERE m.user_id = r.user_id AND m.organization_id = r.organization_id)",
];

/// Things of which there are as many as of others, because they are stored together.
const PAIRS: [(&str, &str); 2] = [
    ("activity WHERE action = 'invitation.sent'", "outbox WHERE kind = 'invitation'"),
    // Who is a member again is told nothing.
    ("removals WHERE user_id IS NOT NULL", "outbox WHERE kind = 'removed'"),
];

/// The file is whole, and no change is there by half.
pub fn assert_sound(connection: &mut Connection) {
    if let Connection::Sqlite(sqlite) = connection {
        #[derive(QueryableByName)]
        struct Check {
            #[diesel(sql_type = Text)]
            integrity_check: String,
        }
        let check: Vec<Check> = diesel::sql_query("PRAGMA integrity_check").load(sqlite).unwrap();
        assert_eq!(check.iter().map(|row| row.integrity_check.as_str()).collect::<Vec<_>>(), ["ok"]);
        assert_eq!(count(connection, "pragma_foreign_key_check"), 0);
    }
    for condition in HALVES {
        assert_eq!(count(connection, condition), 0, "{condition}");
    }
    for (one, other) in PAIRS {
        assert_eq!(count(connection, one), count(connection, other), "{one}, {other}");
    }
}

/// What was answered is there.
pub fn assert_written(connection: &mut Connection, all: &[Written]) {
    let invited: Vec<String> = lines(connection, "SELECT email AS line FROM invitations");
    let founded = lines(connection, "SELECT slug AS line FROM organizations");
    for one in all {
        match one {
            Written::Invited(email) => assert!(invited.contains(email), "{email} was invited"),
            Written::Founded { slug } => assert!(founded.contains(slug), "{slug} was founded"),
            _ => {}
        }
    }
    let answered = |what: &Written| i64::try_from(all.iter().filter(|one| *one == what).count()).unwrap();
    let roles = answered(&Written::Role("reader")) + answered(&Written::Role("member"));
    for (action, answered) in [
        ("member.role.changed", roles),
        ("invitation.accepted", answered(&Written::Joined)),
        ("member.removed", answered(&Written::Removed)),
    ] {
        let stored = count(connection, &format!("activity WHERE action = '{action}'"));
        // In each round one more may have been stored whose answer died on the way.
        let most = answered + i64::try_from(super::ROUNDS).unwrap();
        assert!((answered..=most).contains(&stored), "{action}: {answered} answered, {stored} stored");
    }
}

/// Waits until the database server has noticed that the process is gone.
pub fn wait_for_silence(db: &Db) {
    if let DatabaseUrl::Sqlite(_) = db.url() {
        return;
    }
    poll("PostgreSQL is idle", || {
        let busy =
            "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
        let busy = db.read::<_, DbError>(|connection| Ok(count(connection, busy))).unwrap();
        (busy == 0).then_some(())
    });
}

/// The role of somebody who is Reader or Member.
pub fn role_of(connection: &mut Connection, membership: &str) -> &'static str {
    let role = lines(connection, &format!("SELECT role AS line FROM memberships WHERE id = '{membership}'"));
    if role == ["reader"] { "reader" } else { "member" }
}
