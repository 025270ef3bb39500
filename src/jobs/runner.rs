//! The runner of a process: a thread that claims jobs, and lanes that do them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::claim;
use super::job::{Job, NewJob, Priority};
use super::lanes::{Lanes, Stop};
use super::work::{JobContext, Outcome, Tried, Work};
use crate::db::DbError;
use crate::roll::Roll;
use crate::secrets::Secret;

/// How often queues are looked at without being told: for jobs of other processes and for those that wait.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How often claims are renewed: several times in the time that one holds.
const RENEW_EVERY: Duration = Duration::from_secs(30);
/// A result that cannot be stored is tried again so soon, and so often: as long as the claim holds.
const STORE_AGAIN: Duration = Duration::from_secs(1);
const STORE_TRIES: usize = 100;

/// When a process cannot do a job that another may be able to do, it leaves the whole queue to others for so long.
const LEFT_FOR: Duration = Duration::from_secs(10);

/// Jobs that are done one after another in each of several lanes.
pub struct Queue {
    name: &'static str,
    lanes: usize,
    works: Vec<Box<dyn Work>>,
    left_until: Mutex<Option<Instant>>,
}

impl Queue {
    /// `lanes` is how many jobs a process does at once. Where there are several, one is kept for jobs that somebody waits for.
    pub fn new(name: &'static str, lanes: usize, works: Vec<Box<dyn Work>>) -> Self {
        Self { name, lanes, works, left_until: Mutex::default() }
    }

    fn leave(&self) {
        *self.left_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + LEFT_FOR);
    }

    fn is_left(&self) -> bool {
        let until = *self.left_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Which kinds of its work recur.
    pub fn recurring(&self) -> Vec<&'static str> {
        self.works.iter().filter(|work| work.every().is_some()).map(|work| work.kind()).collect()
    }

    fn reserved(&self) -> usize {
        usize::from(self.lanes > 1)
    }

    fn work(&self, kind: &str) -> Option<&dyn Work> {
        self.works.iter().map(|work| &**work).find(|work| work.kind() == kind)
    }
}

/// Does the jobs of some queues.
#[derive(Clone)]
pub struct Runner {
    context: JobContext,
    queues: Arc<[Queue]>,
    /// What this runner's claims are known by.
    id: Arc<str>,
    stop: Arc<Stop>,
    /// Where its threads are missed if they are gone.
    roll: Roll,
}

/// A runner at work.
pub struct RunnerHandle {
    runner: Runner,
    ended: Receiver<()>,
}

impl Runner {
    pub fn new(context: JobContext, queues: Vec<Queue>) -> Self {
        Self {
            context,
            queues: queues.into(),
            id: Secret::random().as_str().into(),
            stop: Arc::default(),
            roll: Roll::default(),
        }
    }

    pub fn on_roll(self, roll: &Roll) -> Self {
        Self { roll: roll.clone(), ..self }
    }

    /// Starts the threads.
    pub fn start(self) -> std::io::Result<RunnerHandle> {
        let (end, ended) = channel();
        let lanes = (0..self.queues.len()).map(|at| self.start_lanes(at, &end)).collect::<Result<Vec<_>, _>>()?;
        let (runner, presence) = (self.clone(), self.roll.join());
        std::thread::Builder::new().name("jobs".to_owned()).spawn(move || {
            let _held = (end, presence);
            runner.work_until_told(&lanes);
        })?;
        Ok(RunnerHandle { runner: self, ended })
    }

    /// Does all that is due now, on this thread. Answers how many tries that were.
    pub fn run_due(&self) -> Result<usize, DbError> {
        let mut tried = 0;
        self.run_due_and_tell(|_, _| tried += 1)?;
        Ok(tried)
    }

    /// The same, and tells each try with what came of it. What fails waits for its next try, and does not keep the others from theirs.
    pub fn run_due_and_tell(&self, mut tell: impl FnMut(&Job, &Outcome)) -> Result<(), DbError> {
        self.schedule()?;
        for queue in &*self.queues {
            while let [job] = &*self.claim(queue, &Priority::ALL, 1)? {
                tell(job, &self.process(queue, job));
            }
        }
        Ok(())
    }

    fn start_lanes(&self, at: usize, end: &Sender<()>) -> std::io::Result<Lanes> {
        let runner = self.clone();
        let queue = &self.queues[at];
        Lanes::start(queue.name, queue.lanes, (end, &self.roll), move |job| {
            runner.process(&runner.queues[at], job);
            runner.context.transactions.wake.ring();
        })
    }

    fn work_until_told(&self, lanes: &[Lanes]) {
        let mut is_scheduled = false;
        let mut renewed = Instant::now();
        while !self.stop.is_told() {
            // A panic ends this round, and the thread goes on.
            let round = catch_unwind(AssertUnwindSafe(|| {
                if !is_scheduled {
                    self.schedule()?;
                    is_scheduled = true;
                }
                if renewed.elapsed() >= RENEW_EVERY {
                    renewed = Instant::now();
                    self.renew(lanes)?;
                }
                self.dispatch(lanes)
            }));
            match round {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => {}
                Ok(Err(error)) => tracing::error!(%error, "jobs cannot be claimed"),
                Err(_) => tracing::error!("claiming jobs panicked"),
            }
            self.context.transactions.wake.wait(LOOK_AGAIN);
        }
    }

    /// Stores the first job of all recurring work.
    fn schedule(&self) -> Result<(), DbError> {
        for queue in &*self.queues {
            for work in queue.works.iter().filter(|work| work.every().is_some()) {
                let (name, kind) = (queue.name, work.kind());
                self.context.write(|tx| {
                    let first = NewJob { queue: name, kind, subject: "", priority: Priority::Usual, due_at: tx.now };
                    Ok(tx.add_job_once(first)?)
                })?;
            }
        }
        Ok(())
    }

    fn renew(&self, lanes: &[Lanes]) -> Result<(), DbError> {
        if lanes.iter().any(Lanes::is_busy) {
            self.context.write(|tx| claim::renew(tx, &self.id))?;
        }
        Ok(())
    }

    /// Gives jobs that are due to lanes that are free. Whether there were any.
    fn dispatch(&self, lanes: &[Lanes]) -> Result<bool, DbError> {
        let mut found = false;
        for (queue, lanes) in self.queues.iter().zip(lanes) {
            let free = lanes.free();
            if free == 0 || queue.is_left() {
                continue;
            }
            let waiting = self.claim(queue, &[Priority::Waiting], free)?;
            let rest = (free - waiting.len()).saturating_sub(queue.reserved());
            let others = self.claim(queue, &[Priority::Usual, Priority::Bulk], rest)?;
            for job in waiting.into_iter().chain(others) {
                found = true;
                lanes.give(job);
            }
        }
        Ok(found)
    }

    fn claim(&self, queue: &Queue, priorities: &[Priority], most: usize) -> Result<Vec<Job>, DbError> {
        let now = self.context.transactions.clock.now();
        let is_due =
            |priorities| self.context.db.read(|connection| claim::is_due(connection, queue.name, priorities, now));
        if most == 0 || !is_due(priorities)? {
            return Ok(Vec::new());
        }
        self.context.write(|tx| claim::claim(tx, queue.name, priorities, most, &self.id))
    }

    /// Tries a job once, stores what came of it and answers that.
    fn process(&self, queue: &Queue, job: &Job) -> Outcome {
        let work = queue.work(&job.kind);
        let tried = match work {
            Some(work) => catch_unwind(AssertUnwindSafe(|| work.run(&self.context, job)))
                .unwrap_or_else(|_| Outcome::failed(job, "panicked").into()),
            // One of a newer version.
            None => Outcome::Left { error: "this process does not know such jobs".to_owned() }.into(),
        };
        if let Outcome::Failed { error, .. } | Outcome::GivenUp { error } | Outcome::Left { error } = &tried.outcome {
            let (kind, attempts) = (&job.kind, job.attempts);
            tracing::warn!(job = %job.id, kind, subject = job.subject, attempts, error, "a job failed");
        }
        if matches!(tried.outcome, Outcome::Left { .. }) {
            queue.leave();
        }
        self.store(job, &tried, work.and_then(Work::every));
        tried.outcome
    }

    /// Stores the result of a try. Work that is done and not stored would be done twice, so this is tried as long as the claim holds.
    fn store(&self, job: &Job, tried: &Tried, every: Option<chrono::Duration>) {
        for _ in 0..STORE_TRIES {
            match self.context.write(|tx| claim::finish(tx, job, &self.id, tried, every)) {
                Ok(true) => return,
                Ok(false) => return tracing::warn!(job = %job.id, "a job took longer than its claim held"),
                Err(error) => tracing::warn!(job = %job.id, %error, "the result of a job cannot be stored"),
            }
            if self.stop.is_told() {
                return;
            }
            self.stop.wait(STORE_AGAIN);
        }
    }
}

impl RunnerHandle {
    /// Stops after the jobs that are being done. False where they take longer than `within`: then they are left alone.
    pub fn stop(self, within: Duration) -> bool {
        self.runner.stop.tell();
        self.runner.context.transactions.wake.ring();
        self.ended.recv_timeout(within) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
    }
}
