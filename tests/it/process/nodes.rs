//! Two processes on one database are one portal.

use diesel::prelude::*;
use portico::db::{Db, DbError};
use portico::schema::users;

use crate::support::{
    Persona, Portal, SLUG, postgresql_cluster,
    process::{Process, portico, run, serve, serve_beside},
};

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_session_made_at_one_process_counts_at_the_other_and_ends_at_both_at_once() {
    let portal = &Portal::on_postgresql();
    let (one, other) = (Process::start(serve_beside(portal)), Process::start(serve_beside(portal)));
    let dashboard = format!("/organizations/{SLUG}");
    let editor = one.signed_in(Persona::Editor);
    let elsewhere = editor.at(&other.url);
    for browser in [&editor, &elsewhere] {
        assert_eq!(browser.get(&dashboard).status, 200);
    }

    let owner = other.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Editor);
    let role = owner.post(&format!("{dashboard}/people/{id}/role"), &[("role", "manager"), ("current", "editor")]);
    assert_eq!(role.status, 303, "{}", role.text());
    assert_eq!(editor.get(&format!("{dashboard}/people")).status, 200, "the new role counts at once at the first");
    let removed = owner.post(&format!("{dashboard}/people/remove"), &[("selected", &id)]);
    assert_eq!(removed.status, 303);
    for browser in [&editor, &elsewhere] {
        assert_eq!(browser.get(&dashboard).status, 404, "who was removed is refused at both");
        assert_eq!(browser.get("/home").status, 200);
    }

    // The copy still sends the cookie, as somebody would who has stolen it.
    assert_eq!(editor.post("/sign-out", &[]).status, 303);
    let answer = elsewhere.get("/home");
    assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
    let again = one.browser();
    again.set_cookie("portico", &elsewhere.cookie("portico").unwrap_or_default());
    assert_eq!(again.get("/home").status, 303);
}

/// Two processes that begin at the same moment with nothing: both come up, and the tables are made once.
fn begin_together(url: &portico::db::DatabaseUrl) {
    let text = url.to_string();
    let processes = std::thread::scope(|scope| {
        let start = || scope.spawn(|| Process::start(serve(&text)));
        let started = [start(), start(), start()];
        started.map(|process| process.join().expect("both come up"))
    });
    for process in &processes {
        assert_eq!(process.browser().get("/readyz").body, "ready");
    }
    let applied: usize = processes.iter().map(|process| process.log().matches("migration applied").count()).sum();
    let db = Db::connect(url, 1).expect("the database answers");
    let expected = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap().count();
    assert_eq!(applied, expected, "each migration ran in one of them");
    assert_eq!(db.pending_migrations().unwrap(), Vec::<String>::new());
    let people: i64 = db.read::<_, DbError>(|connection| Ok(users::table.count().get_result(connection)?)).unwrap();
    assert_eq!(people, 0);
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn processes_that_start_together_on_an_empty_postgresql_database_migrate_it_once() {
    let cluster = postgresql_cluster();
    let name = cluster.create(None);
    begin_together(&portico::db::DatabaseUrl::Postgresql(cluster.url(&name)));
}

#[test]
fn commands_that_start_together_on_an_empty_sqlite_file_migrate_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("portico.db").display());
    let ended = std::thread::scope(|scope| {
        let start = || {
            scope.spawn(|| {
                let mut command = portico(["migrate"]);
                command.env("PORTICO_DATABASE_URL", &url);
                run(command)
            })
        };
        [start(), start(), start()].map(|command| command.join().expect("it ends"))
    });
    assert!(ended.iter().all(|ended| ended.code == Some(0)), "{ended:?}");
    assert_eq!(ended.iter().filter(|ended| ended.output.contains("migrations applied")).count(), 1, "{ended:?}");
}
