//! The only write path: load, decide, evolve, save, history, outbox, commit. What is written is written whole or not at all, once per idempotency
//! key; a repeat returns the first answer. Single commands share commits (`group`); what belongs together or must be done again is a unit of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use gongzhi_proto::envelope::Envelope;
use jiff::Timestamp;
use sqlx::{PgConnection, PgPool, Postgres, Row, Transaction};
use tokio::sync::Notify;
use uuid::Uuid;

pub use crate::aggregate::{Aggregate, Announcement, Done, DoneOf, Rows, Told};
use crate::clock::Clock;
use crate::crash;
use crate::gate::Admission;
use crate::group::Lanes;
use crate::order::{Aim, Order};
pub use crate::order::{Look, Search};
use crate::repeat::{self, Touched};
use crate::status::Failure;
use crate::work::{Work, load, parse};

/// Writes for one service. Cloning shares it.
#[derive(Clone)]
pub struct Writer {
    pool: PgPool,
    clock: Clock,
    service: &'static str,
    wake_relay: Arc<Notify>,
    lanes: Arc<Lanes>,
}

/// Tries against others who create the same thing or repeat the same command at the same time.
const TRIES: usize = 4;

impl Writer {
    /// A writer into a service's schema.
    pub fn new(pool: PgPool, clock: Clock, service: &'static str) -> Self {
        Self { pool, clock, service, wake_relay: Arc::default(), lanes: Arc::default() }
    }

    /// The service's pool, for reading.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The service.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Told after every commit that has something to relay.
    pub(crate) fn wake_relay(&self) -> Arc<Notify> {
        self.wake_relay.clone()
    }

    /// Where single commands wait to share a commit.
    pub(crate) fn lanes(&self) -> Arc<Lanes> {
        self.lanes.clone()
    }

    /// Begins a unit of work: everything that it executes is committed together.
    pub async fn begin(&self, admission: &Admission) -> Result<Unit, Failure> {
        let mut unit = Unit {
            transaction: self.pool.begin().await?,
            admission: admission.clone(),
            at: self.clock.now(),
            clock: self.clock.clone(),
            wake_relay: self.wake_relay.clone(),
            repeat: None,
            work: Work::default(),
        };
        unit.look_for_repeat().await?;
        Ok(unit)
    }

    /// Executes one command on one aggregate; it may share its commit with others that wait at the same time. A caller that stops waiting does not
    /// undo it.
    pub async fn execute<A: Aggregate>(
        &self,
        admission: &Admission,
        rules: &Arc<A::Rules>,
        target: Target<'_>,
        command: A::Command,
    ) -> Result<DoneOf<A>, Failure> {
        let aim = match target {
            Target::Existing(id) => Aim::Existing(id.to_owned(), command),
            Target::Any(id) => Aim::Any(id.to_owned(), command),
        };
        self.lanes.execute(self, Order::<A>::new(admission, rules, aim)).await
    }

    /// Executes one command whose aggregate must be looked for first, in the same commit.
    pub async fn search<A: Aggregate>(
        &self,
        admission: &Admission,
        rules: &Arc<A::Rules>,
        search: impl Search<A>,
    ) -> Result<DoneOf<A>, Failure> {
        self.lanes.execute(self, Order::<A>::new(admission, rules, Aim::Searched(Box::new(search)))).await
    }

    /// Executes an order in a unit of its own.
    pub(crate) async fn execute_alone<A: Aggregate>(&self, order: &Order<A>) -> Result<DoneOf<A>, Failure> {
        for _ in 0..TRIES {
            let mut unit = self.begin(&order.admission).await?;
            let done = order.carry_out_in(&mut unit).await?;
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// Reads an aggregate as it is.
    pub async fn load<A: Aggregate>(&self, id: &str) -> Result<Option<(A::State, i64)>, Failure> {
        let row = sqlx::query("select version, state::text from aggregates where kind = $1 and id = $2")
            .bind(A::KIND)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((parse::<A::State>(row.get(1))?, row.get(0)))).transpose()
    }
}

/// Which aggregate a command is for.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// One that exists; fails with "not found" otherwise.
    Existing(&'a str),
    /// One that may exist already.
    Any(&'a str),
}

impl<'a> Target<'a> {
    pub(crate) fn id(self) -> &'a str {
        match self {
            Self::Existing(id) | Self::Any(id) => id,
        }
    }
}

/// A unit of work: several commands, one commit.
pub struct Unit {
    transaction: Transaction<'static, Postgres>,
    admission: Admission,
    at: Timestamp,
    clock: Clock,
    wake_relay: Arc<Notify>,
    /// Set when the same command was answered before: what it touched, in order.
    repeat: Option<std::collections::VecDeque<Touched>>,
    work: Work,
}

impl Unit {
    /// The instant of everything that this unit does.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// Who is asking.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// True when the same command was answered before; then nothing is written, and `execute` gives the first answer.
    pub fn is_repeat(&self) -> bool {
        self.repeat.is_some()
    }

    /// The connection, for effects that are not aggregates and for reading what this unit did: what its aggregates are searched by is written first.
    /// In a repeat nothing may be written with it.
    pub async fn connection(&mut self) -> Result<&mut PgConnection, Failure> {
        self.work.index.flush(&mut self.transaction).await?;
        Ok(&mut self.transaction)
    }

    /// Notes the fact whose effect follows: the instant is the clock's, but never before the fact's own.
    pub(crate) fn cause(&mut self, envelope: &Envelope) {
        self.at = self.at.max(envelope.time);
    }

    /// Executes a command on an aggregate; nothing is visible to others before [`Unit::commit`].
    pub async fn execute<A: Aggregate>(
        &mut self,
        rules: &A::Rules,
        target: Target<'_>,
        command: &A::Command,
    ) -> Result<DoneOf<A>, Failure> {
        if let Some(answer) = self.first_answer::<A>().await? {
            return Ok(answer);
        }
        self.load::<A>(target.id()).await?;
        match self.work.carry_out::<A>(&self.admission, self.at, rules, target, command) {
            // The same command may have been answered between the look at its key and the lock of the aggregate; what it did then refuses it now.
            Err(refused @ Failure::Refused { .. }) => {
                self.look_for_repeat().await?;
                self.first_answer::<A>().await?.ok_or(refused)
            }
            outcome => outcome,
        }
    }

    /// The first answer to a command that was answered before.
    pub(crate) async fn first_answer<A: Aggregate>(&mut self) -> Result<Option<DoneOf<A>>, Failure> {
        let Some(touched) = &mut self.repeat else { return Ok(None) };
        let at = touched.iter().position(|touched| touched.kind == A::KIND);
        let touched = at.and_then(|at| touched.remove(at)).ok_or(Failure::KeyReused)?;
        repeat::first_answer::<A>(&mut self.transaction, touched).await.map(Some)
    }

    async fn look_for_repeat(&mut self) -> Result<(), Failure> {
        if let (Some(key), true) = (&self.admission.idempotency_key, self.work.touched.is_empty()) {
            let touched = repeat::recorded(&mut self.transaction, &self.admission, key).await?;
            self.repeat = touched.map(|touched| touched.into_iter().collect());
        }
        Ok(())
    }

    /// Loads an aggregate for update, unless this unit has it already.
    async fn load<A: Aggregate>(&mut self, id: &str) -> Result<(), Failure> {
        self.load_all::<A>(&BTreeSet::from([id.to_owned()])).await
    }

    /// Loads aggregates of a kind for update before they are asked anything, with one statement for all of them.
    pub async fn load_all<A: Aggregate>(&mut self, ids: &BTreeSet<String>) -> Result<(), Failure> {
        let new = |id: &&String| !self.work.aggregates.contains_key(&(A::KIND, (*id).clone()));
        let targets: Vec<_> = ids.iter().filter(new).map(|id| (A::KIND, id.clone())).collect();
        let (saved, _) = load(&mut self.transaction, &targets, (&[], &[])).await?;
        self.work.aggregates.extend(targets.into_iter().zip(saved));
        Ok(())
    }

    /// Adds what is written with the state of an aggregate.
    pub(crate) fn put(&mut self, rows: Vec<Rows>) {
        self.work.index.add(rows);
    }

    /// Commits. False when others were first and the whole unit must be done again; nothing was written then.
    pub async fn commit(mut self) -> Result<bool, Failure> {
        if self.repeat.is_some() {
            return Ok(true);
        }
        self.work.answered(&self.admission, self.at)?;
        // Effects that are neither history nor told to anybody are made of facts and can be made again, with the position that is lost with them: their
        // commit need not wait for the disk, and takes no fsync from commands.
        if self.work.is_without_record() && self.admission.is_reaction() {
            sqlx::query("set local synchronous_commit = off").execute(&mut *self.transaction).await?;
        }
        if !self.work.record(&mut self.transaction).await? {
            self.transaction.rollback().await?;
            return Ok(false);
        }
        crash::point("execute.before_commit");
        self.transaction.commit().await?;
        crash::point("execute.after_commit");
        if self.work.has_facts() {
            self.wake_relay.notify_one();
        }
        Ok(true)
    }
}
