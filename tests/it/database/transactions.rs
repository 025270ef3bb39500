//! All or nothing, and reading is only reading.

use diesel::prelude::*;
use portico::db::{DatabaseUrl, DbError};
use portico::error::AppError;
use portico::people::removal;
use portico::schema::{memberships, users};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Persona, Portal, batch, on_both,
    state::{assert_unchanged, state},
};

#[apply(on_both)]
fn a_transaction_that_fails_leaves_nothing(#[case] portal: &Portal) {
    let before = state(portal);
    let scope = portal.scope(Persona::Owner);
    let person = portal.scope(Persona::Member).membership.id;
    let outcome = portal.app.write_now::<(), AppError>(|tx| {
        removal::remove(tx, &scope, &person, &batch())?;
        let left: i64 = memberships::table.filter(memberships::id.eq(&person)).count().get_result(tx.connection)?;
        assert_eq!(left, 0, "inside, it is done");
        Err(AppError::Conflict("not after all"))
    });
    assert!(matches!(outcome, Err(AppError::Conflict("not after all"))));
    assert_unchanged(&before, &state(portal), "a failing transaction");
    // The connection is fit for the next one.
    assert_eq!(portal.app.write_now::<_, DbError>(|_| Ok(7)).expect("a transaction"), 7);
}

#[apply(on_both)]
fn a_transaction_that_panics_leaves_nothing(#[case] portal: &Portal) {
    let before = state(portal);
    let scope = portal.scope(Persona::Owner);
    let person = portal.scope(Persona::Member).membership.id;
    let app = portal.app.clone();
    let outcome = std::thread::spawn(move || {
        app.write_now::<(), DbError>(|tx| {
            removal::remove(tx, &scope, &person, &batch())?;
            panic!("in the middle of a transaction, on purpose");
        })
    })
    .join();
    assert!(outcome.is_err());
    assert_unchanged(&before, &state(portal), "a panicking transaction");
    assert_eq!(portal.signed_in(Persona::Member).get("/organizations/acme").status, 200);
}

#[apply(on_both)]
fn a_failed_statement_in_a_savepoint_leaves_the_rest(#[case] portal: &Portal) {
    let taken = Persona::Owner.email();
    portal
        .app
        .write_now::<(), DbError>(|tx| {
            diesel::update(users::table.filter(users::email.eq(Persona::Member.email())))
                .set(users::company.eq("Changed"))
                .execute(tx.connection)?;
            let failed = tx.savepoint(|connection| {
                diesel::update(users::table.filter(users::email.eq(Persona::Member.email())))
                    .set(users::email.eq(&taken))
                    .execute(connection)
            });
            assert!(portico::db::is_unique(&failed.expect_err("the address is taken"), "users_email", "users.email"));
            Ok(())
        })
        .expect("the transaction commits");
    assert!(state(portal)["users"].iter().any(|row| row.contains("company='Changed'")));
}

#[test]
fn what_reads_cannot_write() {
    let portal = Portal::on_sqlite();
    let before = state(&portal);
    let outcome = portal.app.db.read::<_, DbError>(|connection| {
        Ok(diesel::update(users::table).set(users::company.eq("Oops")).execute(connection)?)
    });
    let error = outcome.expect_err("a reader cannot write").to_string();
    assert!(error.contains("readonly"), "{error}");
    assert_unchanged(&before, &state(&portal), "writing with a reader");
}

#[test]
fn a_mistyped_database_url_is_refused_with_a_reason() {
    for (url, reason) in [
        ("mysql://host/name", "must begin with sqlite:// or postgres://"),
        ("portico.db", "must begin with sqlite:// or postgres://"),
        ("sqlite://", "names no file"),
        ("sqlite:///tmp/", "names no file"),
    ] {
        let error = url.parse::<DatabaseUrl>().expect_err(url).to_string();
        assert!(error.contains(reason), "{url}: {error}");
    }
    let missing: DatabaseUrl = "sqlite:///no/such/folder/portico.db".parse().expect("a URL");
    assert!(missing.check().expect_err("no folder").to_string().contains("/no/such/folder"));
    let shown: DatabaseUrl = "postgres://user:secret@host/name".parse().expect("a URL");
    assert!(!shown.to_string().contains("secret"), "{shown}");
}
