//! The process dies in the middle of writes, again and again: what it answered is there, and nothing is there by half.

mod checks;
mod worker;
use std::sync::mpsc::{Receiver, Sender, channel};

use checks::{assert_sound, assert_written, role_of, wait_for_silence};
use portico::db::{Db, DbError};
use rstest::rstest;
use rstest_reuse::apply;
use worker::Worker;

use crate::support::{
    Persona, Portal, on_both,
    process::{Alone, Process, serve},
};

const ROUNDS: usize = 5;

/// A change that was answered with success.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Written {
    Invited(String),
    Founded { slug: String },
    Role(&'static str),
    Joined,
    Removed,
}

/// Has people write all at once, kills the process in the middle, and answers what it had answered.
fn write_until_killed(process: &mut Process, round: usize, membership: &str, role: &'static str) -> Vec<Written> {
    let (tell, told): (Sender<Written>, Receiver<Written>) = channel();
    let worker = |persona| Worker::new(process, persona, &tell);
    let (inviter, founder, changer) = (worker(Persona::Manager), worker(Persona::Editor), worker(Persona::Owner));
    let (remover, outsider) = (worker(Persona::Owner), worker(Persona::Outsider));
    drop(tell);
    let mut written = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(move || inviter.invites(round));
        scope.spawn(move || founder.founds(round));
        scope.spawn(move || changer.changes_roles(membership, role));
        scope.spawn(move || remover.comes_and_goes(&outsider));
        // Each round dies a little later.
        written.extend(told.iter().take(40 + 7 * round));
        process.kill();
        written.extend(told.iter());
    });
    written
}

/// As if the rounds were on different days.
fn forget_limits(portal: &Portal, alone: &Alone) {
    use diesel::prelude::*;
    use portico::schema::rate_limits;
    let db = Db::connect(&alone.url, 1).expect("the database answers");
    db.write::<_, DbError>(&portal.app.context, |tx| Ok(diesel::delete(rate_limits::table).execute(tx.connection)?))
        .expect("the counters are removed");
}

fn dies_and_comes_back(portal: &Portal) {
    let alone = Alone::of(portal);
    let membership = portal.membership(Persona::Member);
    let mut written = Vec::new();
    let mut role = "member";
    for round in 0..ROUNDS {
        forget_limits(portal, &alone);
        let mut process = Process::start(serve(&alone.url.to_string()));
        written.extend(write_until_killed(&mut process, round, &membership, role));
        // With SQLite nobody but the new process has the file open when it starts, so that it is the one to repair it.
        let process = Process::start(serve(&alone.url.to_string()));
        assert_eq!(process.browser().get("/readyz").body, "ready");
        let db = Db::connect(&alone.url, 1).expect("the database answers");
        wait_for_silence(&db);
        role = db
            .read::<_, DbError>(|connection| {
                assert_sound(connection);
                assert_written(connection, &written);
                Ok(role_of(connection, &membership))
            })
            .unwrap();
        if let Some(Written::Founded { slug }) = written.iter().rfind(|one| matches!(one, Written::Founded { .. })) {
            let founder = process.signed_in(Persona::Editor);
            assert_eq!(founder.get(&format!("/organizations/{slug}")).status, 200);
        }
    }
    let kinds = |what: fn(&Written) -> bool| written.iter().filter(|one| what(one)).count();
    assert!(kinds(|one| matches!(one, Written::Invited(_))) > 0, "{written:?}");
    assert!(kinds(|one| matches!(one, Written::Founded { .. })) > 0, "{written:?}");
    assert!(kinds(|one| matches!(one, Written::Role(_))) > 0, "{written:?}");
    assert!(kinds(|one| matches!(one, Written::Joined)) > 0, "{written:?}");
    assert!(kinds(|one| matches!(one, Written::Removed)) > 0, "{written:?}");
}

#[apply(on_both)]
fn what_was_answered_survives_kill_9_and_nothing_is_stored_by_half(#[case] portal: &Portal) {
    dies_and_comes_back(portal);
}
