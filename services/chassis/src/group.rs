//! Commands that wait at the same time share one commit: a lane takes all of them, loads what they are for with one statement, decides each purely
//! and writes what came of it with one statement per table. Only what is plainly decided is kept that way. A command that is refused, was answered
//! before or fails is carried out again in a unit of its own, and so are all of a group whose commit fails: what a caller is told never depends on
//! whom it shared a commit with.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::PgConnection;
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use crate::aggregate::{Aggregate, DoneOf};
use crate::crash;
use crate::execute::{Target, Writer};
use crate::gate::Admission;
use crate::order::{Aim, Look, Order, ask};
use crate::status::Failure;
use crate::work::{self, Work};

/// Most commands in one commit.
const MOST: usize = 64;
/// Commits at the same time: while one waits for the disk, the next is decided.
const LANES: usize = 2;
/// How long a lane that goes on waits for company: those who were just answered have not sent their next command yet, and each commit costs the
/// database the same, however many commands are in it.
const LINGER: Duration = Duration::from_millis(2);
/// How long a caller waits for its group at most; every statement of a group has a shorter deadline of its own.
const PATIENCE: Duration = Duration::from_secs(60);
/// A group waits less for a lock than a command alone: many wait with it.
const BEGIN: &str = "begin; set local lock_timeout = '1s'";

/// Commands that were taken from the queue.
type Jobs = Vec<Box<dyn Job>>;

/// The lanes of one service.
#[derive(Default)]
pub(crate) struct Lanes {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Box<dyn Job>>,
    lanes: usize,
}

/// A lane that runs. One that a panic ends makes room for another.
struct Lane {
    lanes: Arc<Lanes>,
    has_ended: bool,
}

impl Lane {
    /// Takes what waits, behind what was put off; the lane ends when that is nothing.
    fn take(&mut self, put_off: Jobs) -> Option<Jobs> {
        let (mut jobs, mut waiting) = (put_off, self.lanes.lock());
        let free = MOST.saturating_sub(jobs.len()).min(waiting.jobs.len());
        jobs.extend(waiting.jobs.drain(..free));
        if jobs.is_empty() {
            waiting.lanes -= 1;
            self.has_ended = true;
            return None;
        }
        Some(jobs)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if !self.has_ended {
            self.lanes.lock().lanes -= 1;
        }
    }
}

impl Lanes {
    /// Carries out an order with what waits at the same time.
    pub(crate) async fn execute<A: Aggregate>(
        &self,
        writer: &Writer,
        order: Order<A>,
    ) -> Result<DoneOf<A>, Failure> {
        let (reply, answer) = oneshot::channel();
        let job = Waiter { order, reply, span: Span::current(), found: None, done: None };
        let starts = {
            let mut waiting = self.lock();
            waiting.jobs.push_back(Box::new(job));
            let starts = waiting.lanes < LANES;
            waiting.lanes += usize::from(starts);
            starts
        };
        if starts {
            // Not of this caller's trace: it works for all, and goes on when this caller stops waiting.
            tokio::spawn(run(writer.clone()));
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Failure::Bug("the command broke off".into())),
            Err(_) => Err(Failure::Database(sqlx::Error::PoolTimedOut)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a lane until nothing waits.
async fn run(writer: Writer) {
    let mut lane = Lane { lanes: writer.lanes(), has_ended: false };
    let mut put_off = Vec::new();
    while let Some(jobs) = lane.take(put_off) {
        let together;
        (together, put_off) = part(jobs);
        run_group(&writer, together).await;
        tokio::time::sleep(LINGER).await;
    }
}

/// Parts what may be decided together from what must see it committed first: a repeat, or a look whose answer it may change. Those whose callers have
/// gone are let go.
fn part(jobs: Jobs) -> (Jobs, Jobs) {
    let (mut keys, mut looks) = (HashSet::new(), HashSet::new());
    let jobs = jobs.into_iter().filter(|job| !job.is_abandoned());
    jobs.partition(|job| {
        let key = job.admission().idempotency_key.as_ref();
        let key = key.is_none_or(|key| keys.insert((job.admission().caller.id().to_owned(), key.clone())));
        key && job.look().is_none_or(|look| looks.insert(look.key))
    })
}

async fn run_group(writer: &Writer, mut jobs: Jobs) {
    let committed = match attempt(writer, &mut jobs).await {
        Ok(committed) => committed,
        // There is no connection to be had; alone each would only wait for one again.
        Err(Failure::Database(sqlx::Error::PoolTimedOut)) => {
            for job in jobs {
                job.fail(Failure::Database(sqlx::Error::PoolTimedOut));
            }
            return;
        }
        Err(failure) => {
            tracing::debug!(commands = jobs.len(), error = %failure, "a group is done singly");
            false
        }
    };
    for job in jobs {
        if committed && job.is_decided() {
            job.answer();
        } else {
            job.alone(writer.clone());
        }
    }
}

/// Decides a group and commits it; false when others were first.
async fn attempt(writer: &Writer, jobs: &mut [Box<dyn Job>]) -> Result<bool, Failure> {
    let mut transaction = writer.pool().begin_with(BEGIN).await?;
    look(&mut transaction, jobs).await?;
    let mut work = Work::default();
    let repeats = load(&mut transaction, jobs, &mut work).await?;
    for (nth, job) in jobs.iter_mut().enumerate() {
        if !repeats.contains(&nth) {
            job.decide(&mut work, writer.clock().now())?;
        }
    }
    if !work.record(&mut transaction).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    crash::point("execute.before_commit");
    transaction.commit().await?;
    crash::point("execute.after_commit");
    if work.has_facts() {
        writer.wake_relay().notify_one();
    }
    Ok(true)
}

/// Asks what must be known before it is known which aggregates are meant: one statement per kind of question.
async fn look(connection: &mut PgConnection, jobs: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    let mut asked: HashMap<&'static str, (Vec<usize>, Vec<serde_json::Value>)> = HashMap::new();
    for (nth, job) in jobs.iter().enumerate() {
        if let Some(look) = job.look() {
            let (who, questions) = asked.entry(look.sql).or_default();
            who.push(nth);
            questions.push(look.question);
        }
    }
    for (sql, (who, questions)) in asked {
        for (nth, answer) in who.into_iter().zip(ask(connection, sql, &questions).await?) {
            jobs[nth].find(&answer);
        }
    }
    Ok(())
}

/// Loads what the commands are for, locked in one order, and tells which of them were answered before.
async fn load(
    connection: &mut PgConnection,
    jobs: &[Box<dyn Job>],
    work: &mut Work,
) -> Result<HashSet<usize>, Failure> {
    let targets: BTreeSet<_> = jobs.iter().filter_map(|job| job.target()).collect();
    let targets: Vec<_> = targets.into_iter().collect();
    let keyed = jobs.iter().enumerate().filter_map(|(nth, job)| {
        let admission = job.admission();
        Some((nth, admission.caller.id(), admission.idempotency_key.as_deref()?))
    });
    let (mut nths, mut callers, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for (nth, caller, key) in keyed {
        nths.push(nth);
        callers.push(caller);
        keys.push(key);
    }
    let (saved, used) = work::load(connection, &targets, (&callers, &keys)).await?;
    work.aggregates.extend(targets.into_iter().zip(saved));
    Ok(used.into_iter().filter_map(|used| nths.get(used).copied()).collect())
}

/// A command that waits, whatever its kind of aggregate.
trait Job: Send + Sync {
    fn admission(&self) -> &Admission;
    fn is_abandoned(&self) -> bool;
    fn look(&self) -> Option<Look>;
    fn find(&mut self, answer: &serde_json::Value);
    fn target(&self) -> Option<(&'static str, String)>;
    /// Decides; what is not plainly done is left undecided and changes nothing.
    fn decide(&mut self, work: &mut Work, at: Timestamp) -> Result<(), Failure>;
    fn is_decided(&self) -> bool;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, failure: Failure);
    fn alone(self: Box<Self>, writer: Writer);
}

struct Waiter<A: Aggregate> {
    order: Order<A>,
    reply: oneshot::Sender<Result<DoneOf<A>, Failure>>,
    /// The caller's: what follows from the command belongs to its trace.
    span: Span,
    /// What a look found.
    found: Option<(String, A::Command)>,
    done: Option<DoneOf<A>>,
}

impl<A: Aggregate> Waiter<A> {
    fn aimed(&self) -> Option<(Target<'_>, &A::Command)> {
        match &self.order.aim {
            Aim::Existing(id, command) => Some((Target::Existing(id), command)),
            Aim::Any(id, command) => Some((Target::Any(id), command)),
            Aim::Searched(_) => self.found.as_ref().map(|(id, command)| (Target::Any(id), command)),
        }
    }

    /// Nothing for what is not plainly done; fails when the work cannot be told any more.
    fn carry_out(&self, work: &mut Work, at: Timestamp) -> Result<Option<DoneOf<A>>, Failure> {
        let Order { admission, rules, aim } = &self.order;
        let Some((target, command)) = self.aimed() else { return Ok(None) };
        let Ok(done) = work.carry_out::<A>(admission, at, rules, target, command) else { return Ok(None) };
        if let Aim::Searched(search) = aim {
            work.index.add(search.rows(&done)?);
        }
        work.answered(admission, at)?;
        Ok(Some(done))
    }
}

impl<A: Aggregate> Job for Waiter<A> {
    fn admission(&self) -> &Admission {
        &self.order.admission
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn look(&self) -> Option<Look> {
        match &self.order.aim {
            Aim::Searched(search) => Some(search.look()),
            Aim::Existing(..) | Aim::Any(..) => None,
        }
    }

    fn find(&mut self, answer: &serde_json::Value) {
        if let Aim::Searched(search) = &self.order.aim {
            self.found = search.found(answer).ok();
        }
    }

    fn target(&self) -> Option<(&'static str, String)> {
        self.aimed().map(|(target, _)| (A::KIND, target.id().to_owned()))
    }

    fn decide(&mut self, work: &mut Work, at: Timestamp) -> Result<(), Failure> {
        let carried_out = self.span.in_scope(|| catch_unwind(AssertUnwindSafe(|| self.carry_out(work, at))));
        // A machine that panics does so again alone, where it harms nobody else; what it left here cannot be told, so the group is given up.
        self.done =
            carried_out.unwrap_or_else(|_| Err(Failure::Bug("a machine panicked in a group".into())))?;
        Ok(())
    }

    fn is_decided(&self) -> bool {
        self.done.is_some()
    }

    fn answer(self: Box<Self>) {
        if let Some(done) = self.done {
            // A caller that has gone asks again with the same key.
            let _gone = self.reply.send(Ok(done));
        }
    }

    fn fail(self: Box<Self>, failure: Failure) {
        let _gone = self.reply.send(Err(failure));
    }

    fn alone(self: Box<Self>, writer: Writer) {
        let Self { order, reply, span, .. } = *self;
        let carry_out = async move {
            let _gone = reply.send(writer.execute_alone(&order).await);
        };
        tokio::spawn(carry_out.instrument(span));
    }
}
