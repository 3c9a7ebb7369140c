//! The only write path: load, decide, evolve, save, history, outbox, commit. What is written is written whole or not at all, once per idempotency
//! key; a repeat returns the first answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use gongzhi_proto::envelope::{Envelope, Meta};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{PgConnection, PgPool, Postgres, Row, Transaction};
use tokio::sync::Notify;
use uuid::Uuid;

pub use crate::aggregate::{Aggregate, Announcement, Done, DoneOf, Rows};
use crate::clock::Clock;
use crate::gate::Admission;
use crate::repeat::{self, Touched};
use crate::rows::Pending;
use crate::status::Failure;
use crate::{crash, history, outbox, telemetry};

/// Writes for one service. Cloning shares it.
#[derive(Clone)]
pub struct Writer {
    pool: PgPool,
    clock: Clock,
    service: &'static str,
    wake_relay: Arc<Notify>,
}

/// Tries against others who create the same thing or repeat the same command at the same time.
const TRIES: usize = 4;

impl Writer {
    /// A writer into a service's schema.
    pub fn new(pool: PgPool, clock: Clock, service: &'static str) -> Self {
        Self { pool, clock, service, wake_relay: Arc::new(Notify::new()) }
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

    /// Executes one command on one aggregate and commits.
    pub async fn execute<A: Aggregate>(
        &self,
        admission: &Admission,
        rules: &A::Rules,
        target: Target<'_>,
        command: A::Command,
    ) -> Result<DoneOf<A>, Failure> {
        for _ in 0..TRIES {
            let mut unit = self.begin(admission).await?;
            let done = unit.execute::<A>(rules, target, &command).await?;
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
    fn id(self) -> &'a str {
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

/// What a unit will write when it commits.
#[derive(Default)]
struct Work {
    aggregates: BTreeMap<(&'static str, String), Saved>,
    events: Vec<history::Row>,
    facts: Vec<outbox::Row>,
    touched: Vec<Touched>,
    index: Pending,
}

struct Saved {
    /// Version in the table; 0 when it is not there.
    expected: i64,
    version: i64,
    state: String,
    hash: Vec<u8>,
    due_at: Option<Timestamp>,
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
        let id = target.id();
        let (state, saved) = self.load::<A>(id).await?;
        if let (None, Target::Existing(_)) = (&state, target) {
            return Err(Failure::NotFound(format!("{} {id}", A::KIND)));
        }
        if let Some(state) = &state {
            self.admission.require(&A::authority(state, command), A::acting(command))?;
        }
        let events = match A::decide(state.as_ref(), self.at, command, rules) {
            Ok(events) => events,
            // The same command may have been answered between the look at its key and the lock of the aggregate; what it did then refuses it now.
            Err(refusal) => {
                self.look_for_repeat().await?;
                let answer = self.first_answer::<A>().await?;
                return answer.ok_or_else(|| Failure::refused(&refusal));
            }
        };
        self.apply::<A>(id, command, state, saved, events)
    }

    /// The first answer to a command that was answered before.
    async fn first_answer<A: Aggregate>(&mut self) -> Result<Option<DoneOf<A>>, Failure> {
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

    /// Loads an aggregate for update, as this unit sees it.
    async fn load<A: Aggregate>(&mut self, id: &str) -> Result<(Option<A::State>, Saved), Failure> {
        if let Some(saved) = self.work.aggregates.remove(&(A::KIND, id.to_owned())) {
            return Ok((Some(parse(&saved.state)?), saved));
        }
        let row = sqlx::query("select version, state::text, hash, due_at from aggregates where kind = $1 and id = $2 for update")
            .bind(A::KIND)
            .bind(id)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some(row) = row else {
            return Ok((
                None,
                Saved { expected: 0, version: 0, state: String::new(), hash: Vec::new(), due_at: None },
            ));
        };
        let version = row.get(0);
        let due_at = row.get::<Option<jiff_sqlx::Timestamp>, _>(3).map(|due| due.to_jiff());
        let saved = Saved { expected: version, version, state: row.get(1), hash: row.get(2), due_at };
        Ok((Some(parse(&saved.state)?), saved))
    }

    fn apply<A: Aggregate>(
        &mut self,
        id: &str,
        command: &A::Command,
        state: Option<A::State>,
        mut saved: Saved,
        events: Vec<A::Event>,
    ) -> Result<DoneOf<A>, Failure> {
        let from = saved.version;
        let traceparent = telemetry::traceparent();
        let known = state.is_some();
        let mut state = state;
        for event in &events {
            let after = A::evolve(state.take(), self.at, event);
            saved.version += 1;
            let row = history::Row::chain(
                A::KIND,
                id,
                saved.version,
                self.at,
                self.admission.caller.id(),
                to_json(event)?,
                &saved.hash,
            );
            saved.hash.clone_from(&row.hash);
            self.work.events.push(row);
            for (nth, announcement) in A::announce(id, &after, event).into_iter().enumerate() {
                let meta = Meta {
                    event_id: outbox::event_id(A::KIND, id, saved.version, nth),
                    aggregate_kind: A::KIND,
                    aggregate_id: id.to_owned(),
                    version: saved.version,
                    at: self.at,
                    area: announcement.area,
                    audience: announcement.audience,
                    actor: self.admission.caller.id().to_owned(),
                    traceparent: traceparent.clone(),
                };
                let envelope = Envelope::seal(&announcement.fact, meta)
                    .map_err(|error| Failure::Bug(error.to_string()))?;
                self.work.facts.push(outbox::Row::of(&envelope, id)?);
            }
            state = Some(after);
        }
        let Some(state) = state else {
            return Err(Failure::Bug(format!("a command on an absent {} made nothing happen", A::KIND)));
        };
        if !known {
            self.admission.require(&A::scope(&state), A::acting(command))?;
        }
        self.work.touched.push(Touched { kind: A::KIND.into(), id: id.into(), from, to: saved.version });
        if !events.is_empty() {
            saved.due_at = A::next_due(&state);
            saved.state = to_json(&state)?;
            self.work.index.put(A::KIND, id, A::index(id, &state));
        }
        let version = saved.version;
        self.work.aggregates.insert((A::KIND, id.to_owned()), saved);
        Ok(Done { id: id.to_owned(), state, version, events })
    }

    /// Commits. False when others were first and the whole unit must be done again; nothing was written then.
    pub async fn commit(mut self) -> Result<bool, Failure> {
        if self.repeat.is_some() {
            return Ok(true);
        }
        self.work.index.flush(&mut self.transaction).await?;
        let changed: Vec<_> =
            self.work.aggregates.iter().filter(|(_, saved)| saved.version != saved.expected).collect();
        let command = match (&self.admission.idempotency_key, self.work.touched.is_empty()) {
            (Some(key), false) => Some((key.as_str(), to_json(&self.work.touched)?)),
            _ => None,
        };
        let (events, facts) = (&self.work.events, &self.work.facts);
        // Effects that are neither history nor told to anybody are made of facts and can be made again, with the position that is lost with them: their
        // commit need not wait for the disk, and takes no fsync from commands.
        if events.is_empty() && command.is_none() && self.admission.is_reaction() {
            sqlx::query("set local synchronous_commit = off").execute(&mut *self.transaction).await?;
        }
        let instants = |row: &&history::Row| row.at.to_sqlx();
        let recorded: bool = sqlx::query_scalar(
            "select record_commit($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)",
        )
        .bind(changed.iter().map(|((kind, _), _)| *kind).collect::<Vec<_>>())
        .bind(changed.iter().map(|((_, id), _)| id.as_str()).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, saved)| saved.expected).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, saved)| saved.version).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, saved)| saved.state.as_str()).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, saved)| saved.hash.as_slice()).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, saved)| saved.due_at.map(|due| due.to_sqlx())).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.kind).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.id.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.version).collect::<Vec<_>>())
        .bind(events.iter().map(|row| instants(&row)).collect::<Vec<_>>())
        .bind(self.admission.caller.id())
        .bind(events.iter().map(|row| row.event.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.hash.as_slice()).collect::<Vec<_>>())
        .bind(self.admission.caller.id())
        .bind(command.as_ref().map(|(key, _)| *key))
        .bind(&self.admission.fingerprint)
        .bind(command.as_ref().map(|(_, touched)| touched.as_str()))
        .bind(self.at.to_sqlx())
        .bind(facts.iter().map(|row| row.bucket).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.body.as_slice()).collect::<Vec<_>>())
        .fetch_one(&mut *self.transaction)
        .await?;
        if !recorded {
            self.transaction.rollback().await?;
            return Ok(false);
        }
        crash::point("execute.before_commit");
        self.transaction.commit().await?;
        crash::point("execute.after_commit");
        if !self.work.facts.is_empty() {
            self.wake_relay.notify_one();
        }
        Ok(true)
    }
}

/// Reads what this program wrote; what it cannot read is a bug or damage, never the caller's fault.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        Failure::Bug(format!("a stored {} cannot be read: {error}", std::any::type_name::<T>()))
    })
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Bug(error.to_string()))
}
