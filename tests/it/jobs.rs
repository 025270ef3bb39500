//! Jobs: shared by several processes, tried again, never done by two at once as long as a claim holds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration as StdDuration;

use chrono::Duration;
use diesel::prelude::*;
use portico::app::App;
use portico::db::DbError;
use portico::jobs::{Job, JobContext, NewJob, Outcome, Priority, Queue, Runner, Tried, Work};
use portico::schema::jobs;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Portal, lines::poll, on_both};

const QUEUE: &str = "test";
const KIND: &str = "test.work";

type Body = dyn Fn(&Job) -> Outcome + Send + Sync;

/// Work that does what a test says.
struct Scripted {
    body: Box<Body>,
    every: Option<Duration>,
}

impl Work for Scripted {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn every(&self) -> Option<Duration> {
        self.every
    }

    fn run(&self, _: &JobContext, job: &Job) -> Tried {
        (self.body)(job).into()
    }
}

fn runner_with(
    app: &App,
    lanes: usize,
    every: Option<Duration>,
    body: impl Fn(&Job) -> Outcome + Send + Sync + 'static,
) -> Runner {
    let context = JobContext { db: app.db.clone(), transactions: app.context.clone() };
    let work = Scripted { body: Box::new(body), every };
    Runner::new(context, vec![Queue::new(QUEUE, lanes, vec![Box::new(work)])])
}

fn runner(app: &App, body: impl Fn(&Job) -> Outcome + Send + Sync + 'static) -> Runner {
    runner_with(app, 1, None, body)
}

fn add(app: &App, subject: &str, priority: Priority) {
    app.write_now::<_, DbError>(|tx| {
        Ok(tx.add_job(NewJob { queue: QUEUE, kind: KIND, subject, priority, due_at: tx.now })?)
    })
    .expect("the job is stored");
}

/// When a job is due, how often it was tried, and what went wrong last; `None` where it is done.
fn state(app: &App, subject: &str) -> Option<(Timestamp, i32, String)> {
    app.db
        .read::<_, DbError>(|connection| {
            Ok(jobs::table
                .filter(jobs::kind.eq(KIND))
                .filter(jobs::subject.eq(subject))
                .select((jobs::due_at, jobs::attempts, jobs::last_error))
                .first(connection)
                .optional()?)
        })
        .expect("the job is read")
}

/// A list that work writes its subjects into.
fn noted() -> (Arc<Mutex<Vec<String>>>, impl Fn(&Job) -> Outcome + Send + Sync + 'static) {
    let list: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&list);
    (list, move |job| {
        into.lock().unwrap().push(job.subject.clone());
        Outcome::Done
    })
}

#[apply(on_both)]
fn the_most_urgent_and_then_the_oldest_job_is_done_first(#[case] portal: &Portal) {
    for (subject, priority) in [
        ("bulk 1", Priority::Bulk),
        ("usual 1", Priority::Usual),
        ("bulk 2", Priority::Bulk),
        ("waiting", Priority::Waiting),
        ("usual 2", Priority::Usual),
    ] {
        add(&portal.app, subject, priority);
        portal.later(Duration::seconds(1));
    }
    let (done, note) = noted();
    assert_eq!(runner(&portal.app, note).run_due().unwrap(), 5);
    assert_eq!(*done.lock().unwrap(), ["waiting", "usual 1", "usual 2", "bulk 1", "bulk 2"]);
    assert_eq!(state(&portal.app, "waiting"), None);
}

#[apply(on_both)]
fn a_job_is_done_by_one_of_many_runners(#[case] portal: &Portal) {
    const JOBS: usize = 60;
    for number in 0..JOBS {
        add(&portal.app, &format!("job {number}"), Priority::Usual);
    }
    let second = portal.second_server();
    let (done, _) = noted();
    let handles = [&portal.app, &portal.app, &second.app].map(|app| {
        let into = Arc::clone(&done);
        runner_with(app, 3, None, move |job| {
            into.lock().unwrap().push(job.subject.clone());
            Outcome::Done
        })
        .start()
        .expect("threads")
    });
    poll("all jobs are done", || (done.lock().unwrap().len() >= JOBS).then_some(()));
    for handle in handles {
        assert!(handle.stop(StdDuration::from_secs(20)));
    }
    let mut subjects = done.lock().unwrap().clone();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!((done.lock().unwrap().len(), subjects.len()), (JOBS, JOBS));
    assert_eq!(
        portal.query(|connection| jobs::table.filter(jobs::kind.eq(KIND)).count().get_result::<i64>(connection)),
        0
    );
}

#[apply(on_both)]
fn what_fails_comes_again_later_and_later(#[case] portal: &Portal) {
    add(&portal.app, "a", Priority::Usual);
    let tries = runner(&portal.app, |job| Outcome::failed(job, "not today"));
    for wait in [5, 10, 20, 40] {
        assert_eq!(tries.run_due().unwrap(), 1);
        assert_eq!(tries.run_due().unwrap(), 0, "not before its time");
        let (due_at, _, error) = state(&portal.app, "a").expect("it waits");
        assert_eq!((due_at - portal.app.now(), error.as_str()), (Duration::seconds(wait), "not today"));
        portal.later(Duration::seconds(wait));
    }
    assert_eq!(runner(&portal.app, |_| Outcome::GivenUp { error: "never".to_owned() }).run_due().unwrap(), 1);
    assert_eq!(state(&portal.app, "a"), None);
}

#[apply(on_both)]
fn a_panic_ends_a_try_and_not_the_runner(#[case] portal: &Portal) {
    for subject in ["bad", "good"] {
        add(&portal.app, subject, Priority::Usual);
    }
    let (done, note) = noted();
    let handle =
        runner(&portal.app, move |job| if job.subject == "bad" { panic!("{} job", job.subject) } else { note(job) })
            .start()
            .expect("threads");
    poll("the other job is done", || (*done.lock().unwrap() == ["good"]).then_some(()));
    let (_, attempts, error) =
        poll("the panic is noted", || state(&portal.app, "bad").filter(|(_, _, error)| !error.is_empty()));
    assert_eq!((attempts, error.as_str()), (1, "panicked"));
    assert!(handle.stop(StdDuration::from_secs(20)));
}

/// The process that claimed it is gone, or was stopped for a while: then its result comes too late.
#[apply(on_both)]
fn the_result_of_a_try_counts_only_as_long_as_its_claim(#[case] portal: &Portal) {
    add(&portal.app, "a", Priority::Usual);
    let second = portal.second_server();
    let (app, clock) = (second.app.clone(), portal.app.context.clock.clone());
    let late = runner(&portal.app, move |_| {
        // The claim of this try holds: nobody else gets the job.
        assert_eq!(runner(&app, |_| Outcome::Done).run_due().unwrap(), 0);
        clock.advance(Duration::minutes(2));
        let other = runner(&app, |job| Outcome::Failed {
            error: "of the other".to_owned(),
            after: Duration::hours(job.attempts.into()),
        });
        assert_eq!(other.run_due().unwrap(), 1);
        Outcome::Done
    });
    assert_eq!(late.run_due().unwrap(), 1);
    let (due_at, attempts, error) = state(&portal.app, "a").expect("it is not done");
    assert_eq!((due_at - portal.app.now(), attempts, error.as_str()), (Duration::hours(2), 2, "of the other"));
}

#[apply(on_both)]
fn a_job_that_a_process_cannot_do_is_left_to_others(#[case] portal: &Portal) {
    add(&portal.app, "a", Priority::Usual);
    let context = JobContext { db: portal.app.db.clone(), transactions: portal.app.context.clone() };
    assert_eq!(Runner::new(context, vec![Queue::new(QUEUE, 1, Vec::new())]).run_due().unwrap(), 1);
    assert_eq!(state(&portal.app, "a").map(|(_, attempts, _)| attempts), Some(0), "it does not count as a try");
    portal.later(Duration::seconds(5));
    assert_eq!(runner(&portal.app, |_| Outcome::Done).run_due().unwrap(), 1);
    assert_eq!(state(&portal.app, "a"), None);
}

#[apply(on_both)]
fn one_lane_is_kept_for_what_somebody_waits_for(#[case] portal: &Portal) {
    for number in 0..5 {
        add(&portal.app, &format!("bulk {number}"), Priority::Bulk);
    }
    let (door, running) = (Arc::new((Mutex::new(false), std::sync::Condvar::new())), Arc::new(AtomicUsize::new(0)));
    let (done, note) = noted();
    let (gate, count) = (Arc::clone(&door), Arc::clone(&running));
    let handle = runner_with(&portal.app, 3, None, move |job| {
        if job.subject.starts_with("bulk") {
            count.fetch_add(1, Ordering::SeqCst);
            let open = gate.0.lock().unwrap();
            drop(gate.1.wait_while(open, |open| !*open).unwrap());
        }
        note(job)
    })
    .start()
    .expect("threads");
    poll("two lanes are busy", || (running.load(Ordering::SeqCst) == 2).then_some(()));
    add(&portal.app, "reset", Priority::Waiting);
    poll("the third does what somebody waits for", || (*done.lock().unwrap() == ["reset"]).then_some(()));
    assert_eq!(running.load(Ordering::SeqCst), 2);
    *door.0.lock().unwrap() = true;
    door.1.notify_all();
    poll("the rest is done", || (done.lock().unwrap().len() == 6).then_some(()));
    assert!(handle.stop(StdDuration::from_secs(20)));
}

#[apply(on_both)]
fn stopping_does_not_wait_for_a_job_without_end(#[case] portal: &Portal) {
    add(&portal.app, "a", Priority::Usual);
    let (started, begun) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = Mutex::new(ended);
    let handle = runner(&portal.app, move |_| {
        started.send(()).unwrap();
        let _ = ended.lock().unwrap().recv();
        Outcome::Done
    })
    .start()
    .expect("threads");
    begun.recv().unwrap();
    assert!(!handle.stop(StdDuration::from_millis(50)), "it says that something was left");
    drop(end);
}

#[apply(on_both)]
fn recurring_work_is_done_once_in_its_time_whoever_starts_it(#[case] portal: &Portal) {
    let second = portal.second_server();
    let done = Arc::new(AtomicUsize::new(0));
    let hourly = |app: &App| {
        let done = Arc::clone(&done);
        runner_with(app, 1, Some(Duration::hours(1)), move |_| {
            done.fetch_add(1, Ordering::SeqCst);
            Outcome::Done
        })
    };
    for _ in 0..2 {
        hourly(&portal.app).run_due().unwrap();
        hourly(&second.app).run_due().unwrap();
    }
    assert_eq!(done.load(Ordering::SeqCst), 1);
    portal.later(Duration::hours(1));
    hourly(&second.app).run_due().unwrap();
    hourly(&portal.app).run_due().unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 2);
}

/// A million rows that have run out must not hold up everybody who writes.
#[apply(on_both)]
fn what_has_run_out_is_removed_in_batches(#[case] portal: &Portal) {
    use portico::schema::rate_limits;
    let fill = |tx: &mut portico::db::WriteTx<'_>, part: std::ops::Range<i32>| {
        let rows: Vec<_> = part
            .map(|number| {
                (
                    rate_limits::bucket.eq(format!("old {number}")),
                    rate_limits::used.eq(1),
                    rate_limits::ends_at.eq(tx.now),
                )
            })
            .collect();
        match tx.connection {
            portico::db::Connection::Sqlite(sqlite) => {
                diesel::insert_into(rate_limits::table).values(rows).execute(sqlite)
            }
            portico::db::Connection::Postgresql(postgresql) => {
                diesel::insert_into(rate_limits::table).values(rows).execute(postgresql)
            }
        }
    };
    portal.app.write_now::<_, DbError>(|tx| Ok(fill(tx, 0..2_500)?)).unwrap();
    let tries = portico::background::runner(&portal.app).run_due().unwrap();
    let others = portico::background::runner(&portal.app).run_due().unwrap();
    assert_eq!(
        portal.query(|connection| rate_limits::table
            .filter(rate_limits::bucket.like("old %"))
            .count()
            .get_result::<i64>(connection)),
        0
    );
    let kinds = portal.query(|connection| jobs::table.count().get_result::<i64>(connection));
    assert_eq!((tries as i64, others), (kinds + 2, 0), "2,500 rows are three batches");
}

/// Other work of the same queue, which always fails.
struct Failing;

impl Work for Failing {
    fn kind(&self) -> &'static str {
        "test.failing"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, _: &JobContext, job: &Job) -> Tried {
        Outcome::failed(job, "no such luck").into()
    }
}

#[apply(on_both)]
fn work_that_fails_does_not_stop_the_others_and_says_how_it_goes(#[case] portal: &Portal) {
    let app = &portal.app;
    let (done, note) = noted();
    let context = JobContext { db: app.db.clone(), transactions: app.context.clone() };
    let works: Vec<Box<dyn Work>> =
        vec![Box::new(Failing), Box::new(Scripted { body: Box::new(note), every: Some(Duration::hours(1)) })];
    let runner = Runner::new(context, vec![Queue::new(QUEUE, 1, works)]);
    let of = |kind: &str| {
        let all = app.db.read(|connection| portico::jobs::recurring(connection, &[KIND, "test.failing"]));
        all.expect("they are read").into_iter().find(|job| job.kind == kind).expect("it is there")
    };
    let first = app.now();
    let mut told = Vec::new();
    runner.run_due_and_tell(|job, outcome| told.push((job.kind.clone(), matches!(outcome, Outcome::Done)))).unwrap();
    told.sort();
    assert_eq!(told, [("test.failing".to_owned(), false), (KIND.to_owned(), true)]);
    assert_eq!(done.lock().unwrap().len(), 1);
    let good = of(KIND);
    assert_eq!((good.ran_at, good.done_at, good.due_at), (Some(first), Some(first), first + Duration::hours(1)));
    assert!(!good.is_failing() && good.failures() == 0 && !good.is_running());
    let bad = of("test.failing");
    assert_eq!((bad.ran_at, bad.done_at, bad.due_at), (Some(first), None, first + Duration::seconds(5)));
    assert_eq!((bad.is_failing(), bad.failures(), bad.last_error.as_str()), (true, 1, "no such luck"));
    portal.later(Duration::seconds(5));
    assert_eq!(runner.run_due().unwrap(), 1, "the one that failed is tried again, and the other is not due");
    let bad = of("test.failing");
    assert_eq!((bad.failures(), bad.due_at), (2, app.now() + Duration::seconds(10)), "later each time");
    portal.later(Duration::hours(1));
    assert_eq!(runner.run_due().unwrap(), 2);
    assert_eq!((of(KIND).done_at, of("test.failing").failures()), (Some(app.now()), 3));
}
