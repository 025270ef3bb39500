//! What whoever runs the portal asks it, and how it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use portico::schema::users;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, lines::poll, on_both, state::stored};

#[apply(on_both)]
fn a_running_portal_is_healthy_and_ready(#[case] portal: &Portal) {
    let browser = portal.browser();
    for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (200, word));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("set-cookie"), "");
    }
    // Who is signed in makes no difference.
    assert_eq!(portal.signed_in(Persona::Member).get("/readyz").body, "ready");
}

#[apply(on_both)]
fn a_portal_with_pending_migrations_is_up_but_not_ready(#[case] portal: &Portal) {
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            let last = diesel::sql_query(
                "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
            );
            match tx.connection {
                portico::db::Connection::Sqlite(sqlite) => last.execute(sqlite)?,
                portico::db::Connection::Postgresql(postgresql) => last.execute(postgresql)?,
            };
            Ok(())
        })
        .expect("one migration is forgotten");
    let browser = portal.browser();
    assert_eq!(browser.get("/healthz").status, 200);
    let answer = browser.get("/readyz");
    assert_eq!((answer.status, answer.body.as_str()), (503, "migrations"));
}

#[apply(on_both)]
fn a_busy_database_is_answered_with_a_page_and_later(#[case] portal: &Portal) {
    // All connections for reading are taken by somebody who does not let go.
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    let (taken, all_taken) = std::sync::mpsc::channel();
    let browser = portal.signed_in(Persona::Owner);
    let threads: Vec<_> = (0..portal.app.db.state()[0].lane.size)
        .map(|_| {
            let (app, held, taken) = (portal.app.clone(), held.clone(), taken.clone());
            std::thread::spawn(move || {
                app.db.read::<_, portico::db::DbError>(|connection| {
                    users::table.select(users::id).first::<String>(connection)?;
                    taken.send(()).expect("the test waits");
                    let _ = held.lock().map(|held| held.recv());
                    Ok(())
                })
            })
        })
        .collect();
    for _ in &threads {
        all_taken.recv().expect("a connection is taken");
    }
    let answer = browser.get("/home");
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert_eq!(answer.html().text("h1"), "Busy for a moment");
    assert_eq!(browser.get("/healthz").status, 200, "the process is up");
    assert_eq!(browser.get("/readyz").status, 200, "it does not queue behind requests");
    assert_eq!(portal.browser().get("/sign-in").status, 200, "what needs no database does not wait for it");
    drop(hold);
    for thread in threads {
        thread.join().expect("it ends").expect("it reads");
    }
    assert_eq!(browser.get("/home").status, 200);
    poll("it is ready again", || (browser.get("/readyz").status == 200).then_some(()));
}

/// Somebody else may write for a moment; a database that lets nobody write is no place to send requests to.
#[test]
fn a_database_that_can_only_be_read_is_not_ready() {
    let portal = Portal::on_sqlite();
    let portico::db::DatabaseUrl::Sqlite(path) = portal.app.db.url() else { panic!("this is on SQLite") };
    let mut other = diesel::SqliteConnection::establish(&path.to_string_lossy()).expect("it opens");
    other.batch_execute("BEGIN IMMEDIATE").expect("it writes");
    assert_eq!(portal.browser().get("/readyz").status, 200);
    other.batch_execute("ROLLBACK").expect("it ends");
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| match tx.connection {
            portico::db::Connection::Sqlite(sqlite) => Ok(sqlite.batch_execute("PRAGMA query_only = ON")?),
            portico::db::Connection::Postgresql(_) => unreachable!("this is on SQLite"),
        })
        .expect("the pragma is set");
    let answer =
        poll("it is not ready", || Some(portal.browser().get("/readyz")).filter(|answer| answer.status == 503));
    assert_eq!((answer.body.as_str(), answer.header("retry-after")), ("writing", "2"));
}

/// Where every turn to write is taken whenever it is looked at, a change that was stored meanwhile shows that writing works.
#[apply(on_both)]
fn many_writers_are_not_one_who_never_ends(#[case] portal: &Portal) {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    let (taken, all_taken) = std::sync::mpsc::channel();
    let threads: Vec<_> = (0..portal.app.db.state()[1].lane.size)
        .map(|_| {
            let (app, held, taken) = (portal.app.clone(), held.clone(), taken.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(app.db.on_writer::<_, portico::db::DbError>(move |_, _| {
                    taken.send(()).expect("the test waits");
                    let _ = held.lock().map(|held| held.recv());
                    Ok(())
                }))
            })
        })
        .collect();
    for _ in &threads {
        all_taken.recv().expect("a turn is taken");
    }
    let has_written = || portal.app.db.try_to_write().expect("an answer");
    poll("nobody has written since", || (!has_written()).then_some(()));
    portal.app.write_now::<_, portico::db::DbError>(|_| Ok(())).expect("a change is stored");
    assert!(has_written());
    drop(hold);
    for thread in threads {
        // Who waited too long was told so.
        let _ = thread.join().expect("it ends");
    }
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_server_that_became_read_only_is_not_ready() {
    let portal = Portal::on_postgresql();
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| match tx.connection {
            portico::db::Connection::Postgresql(postgresql) => Ok(postgresql.batch_execute(
                "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = on'; END $$",
            )?),
            portico::db::Connection::Sqlite(_) => unreachable!("this is on PostgreSQL"),
        })
        .expect("the server is told");
    let second = portal.second_server();
    assert_eq!(second.browser().get("/readyz").body, "writing");
}

#[apply(on_both)]
fn a_second_server_serves_the_same_people(#[case] portal: &Portal) {
    let second = portal.second_server();
    let browser = portal.signed_in(Persona::Manager);
    let there = browser.at(&second.url);
    assert_eq!(there.get("/organizations/acme/people").status, 200);
    assert_eq!(there.post("/sign-out", &[]).location(), "/sign-in?signed_out=true");
    // Signed out there, signed out here.
    assert_eq!(browser.get("/home").status, 303);
    assert_eq!(stored(portal), stored(&second));
}

#[apply(on_both)]
fn a_request_in_flight_is_finished_when_the_server_stops(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let cookie = owner.cookie("portico").expect("a cookie");
    let body = "kind=individual&name=In+flight";
    let address = portal.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    let head = format!(
        "POST /organizations/new HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: portico={cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the server reads");
    // This answer says that the server is at it.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).expect("the server asks for the rest");
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    portal.stop();
    // Once nobody is let in any more, the stop is under way.
    let is_closed = (0..1_000).any(|_| {
        std::thread::park_timeout(Duration::from_millis(10));
        TcpStream::connect(address).is_err()
    });
    assert!(is_closed, "the server takes no new connections");
    stream.write_all(body.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer, and then the end");
    assert!(answer.starts_with("HTTP/1.1 303 See Other\r\n"), "{answer}");
    assert!(answer.contains("location: /organizations/in-flight\r\n"), "{answer}");
    assert_eq!(portal.second_server().signed_in(Persona::Owner).get("/organizations/in-flight").status, 200);
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_database_that_went_away_is_not_ready_and_comes_back() {
    let portal = Portal::on_postgresql();
    let browser = portal.signed_in(Persona::Owner);
    let end_all = || {
        let portico::db::DatabaseUrl::Postgresql(url) = portal.app.db.url() else { panic!("this is on PostgreSQL") };
        let (server, name) = url.rsplit_once('/').expect("a database");
        let mut admin = diesel::PgConnection::establish(&format!("{server}/postgres")).expect("the cluster answers");
        diesel::sql_query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind::<diesel::sql_types::Text, _>(name)
            .execute(&mut admin)
            .expect("connections end");
    };
    end_all();
    // The pool looks at a connection before it gives it away, and makes a new one.
    assert_eq!(browser.get("/home").status, 200);
    end_all();
    assert_eq!(browser.post("/organizations/new", &[("kind", "individual"), ("name", "After")]).status, 303);
    end_all();
    assert_eq!(browser.get("/readyz").status, 200);
}
