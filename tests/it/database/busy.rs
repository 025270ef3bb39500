//! Many writers, locks that somebody holds, transactions that get in each other's way: readers go on, and who cannot be served now
//! is told so.

use std::sync::mpsc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use portico::db::{Asked, Connection, DatabaseUrl, DbError, LaneState};
use portico::schema::{organizations, users};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Database, Persona, Portal, SLUG,
    lines::poll,
    on_both, on_each_database,
    state::{assert_unchanged, state},
};

/// Those who write.
fn writing(portal: &Portal) -> LaneState {
    let [_, writers, _] = portal.app.db.state();
    writers.lane
}

/// Holds all that writes, until it is dropped.
struct Held(Vec<(mpsc::Sender<()>, std::thread::JoinHandle<()>)>);

impl Held {
    fn of(portal: &Portal) -> Self {
        let hold = |_| {
            let (let_go, held) = mpsc::channel::<()>();
            let (tell, told) = mpsc::channel();
            let app = portal.app.clone();
            let thread = std::thread::spawn(move || {
                let written = app.write_now::<(), DbError>(|_| {
                    tell.send(()).expect("the test waits");
                    let _ = held.recv();
                    Ok(())
                });
                written.expect("nothing is written");
            });
            told.recv().expect("it has begun");
            (let_go, thread)
        };
        Self((0..writing(portal).size).map(hold).collect())
    }

    fn let_go(self) {
        for (let_go, thread) in self.0 {
            drop(let_go);
            thread.join().expect("it ends");
        }
    }
}

#[apply(on_each_database)]
fn writers_who_wait_keep_no_reader_waiting_and_are_told_when_it_takes_too_long(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.database_time_limit = Duration::from_millis(700));
    let owner = portal.signed_in(Persona::Owner);
    let before = state(portal);
    let held = Held::of(portal);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..12)
            .map(|number| {
                let owner = owner.at(&portal.url);
                let name = format!("Later {number}");
                scope.spawn(move || owner.post("/organizations/new", &[("kind", "individual"), ("name", &name)]))
            })
            .collect();
        poll("writers wait", || (writing(portal).waiting > 5).then_some(()));
        assert_eq!(owner.get(&format!("/organizations/{SLUG}/people")).status, 200);
        assert_eq!(owner.get("/readyz").status, 200);
        for writer in writers {
            let answer = writer.join().expect("an answer");
            assert_eq!((answer.status, answer.header("retry-after")), (503, "2"), "{}", answer.text());
        }
    });
    held.let_go();
    // Who was told that nothing was changed finds nothing changed later.
    poll("all writers are done", || (writing(portal).busy == 0).then_some(()));
    assert_unchanged(&before, &state(portal), "changes that were answered with 503");
    assert_eq!(owner.post("/organizations/new", &[("kind", "individual"), ("name", "Now")]).status, 303);
}

#[apply(on_both)]
fn a_page_reads_one_state_of_the_database(#[case] portal: &Portal) {
    let company = |connection: &mut Connection| {
        let companies = users::table.filter(users::email.eq(Persona::Member.email())).select(users::company);
        Ok::<String, DbError>(companies.first(connection)?)
    };
    let read = portal.app.db.read(|connection| {
        let first = company(connection)?;
        portal.app.write_now::<_, DbError>(|tx| {
            let member = users::table.filter(users::email.eq(Persona::Member.email()));
            Ok(diesel::update(member).set(users::company.eq("Changed")).execute(tx.connection)?)
        })?;
        Ok::<_, DbError>((first, company(connection)?))
    });
    let (first, second) = read.expect("it reads");
    assert_eq!(first, second);
    assert_eq!(portal.app.db.look(company).expect("it reads"), "Changed");
}

#[test]
fn a_full_disk_refuses_changes_for_now_and_shows_pages() {
    let portal = Portal::on_sqlite();
    let limit = |pages: &str| {
        let set = format!("PRAGMA max_page_count = {pages}");
        portal.app.write_now::<(), DbError>(|tx| Ok(tx.connection.batch_execute(&set)?)).expect("it is set");
    };
    let owner = portal.signed_in(Persona::Owner);
    limit("1");
    let full = (0..200).map(|number| {
        let name = format!("{number} {}", "x".repeat(80));
        owner.post("/organizations/new", &[("kind", "individual"), ("name", &name)])
    });
    let refused = full.into_iter().find(|answer| answer.status != 303).expect("it is full at last");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "2"), "{}", refused.text());
    assert_eq!(owner.get("/home").status, 200);
    limit("1000000");
    assert_eq!(owner.post("/organizations/new", &[("kind", "individual"), ("name", "After")]).status, 303);
}

/// Another program at the same PostgreSQL.
fn another(portal: &Portal) -> PgConnection {
    let DatabaseUrl::Postgresql(url) = portal.app.db.url() else { panic!("this is on PostgreSQL") };
    <PgConnection as diesel::Connection>::establish(url).expect("it answers")
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_row_that_somebody_holds_is_waited_for_only_so_long() {
    let portal = Portal::on_postgresql();
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    let mut other = another(&portal);
    other.batch_execute("BEGIN; SELECT 1 FROM organizations FOR UPDATE").expect("it is locked");
    let change = || {
        let role = [("role", "editor"), ("current", "reader")];
        owner.post(&format!("/organizations/{SLUG}/people/{id}/role"), &role)
    };
    let answer = change();
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"), "{}", answer.text());
    other.batch_execute("ROLLBACK").expect("it is free");
    assert_eq!(change().status, 303);
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_transaction_that_a_deadlock_ended_is_done_again() {
    let portal = Portal::on_postgresql();
    let member = Persona::Member.email();
    let mut other = another(&portal);
    // The other one does not notice first.
    other.batch_execute("SET deadlock_timeout = '1min'; BEGIN; SELECT 1 FROM users FOR UPDATE").expect("it is locked");
    let (first_locked, first_is_locked) = mpsc::channel();
    let (ended, has_ended) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        first_is_locked.recv().expect("the first lock");
        other.batch_execute("SELECT 1 FROM organizations FOR UPDATE; COMMIT").expect("it gets both locks");
        ended.send(()).expect("the test waits");
    });
    let mut tries = 0;
    let context = portal.app.context.clone();
    let done = portal.app.db.write_asked(&context, &Asked::default(), |tx| {
        tries += 1;
        // There is one more try, and so one deadlock.
        if tries == 2 {
            has_ended.recv().expect("the other one has both locks, and ends");
        }
        diesel::update(organizations::table).set(organizations::website.eq("x")).execute(tx.connection)?;
        let _ = first_locked.send(());
        let user = users::table.filter(users::email.eq(&member));
        Ok(diesel::update(user).set(users::company.eq("Changed")).execute(tx.connection)?)
    });
    assert_eq!((done.expect("it is stored the second time"), tries), (1, 2));
    thread.join().expect("the other one is stored, too");
}
