//! What commits will write: aggregates, history, facts, answers and what is searched by, gathered purely from commands and written by one statement
//! each. Knows neither lanes nor transactions; whoever holds the connection says when.

use std::collections::{BTreeMap, HashSet};

use gongzhi_proto::envelope::{Envelope, Meta};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use crate::aggregate::{Aggregate, Done, DoneOf, Told};
use crate::execute::Target;
use crate::gate::Admission;
use crate::repeat::Touched;
use crate::rows::Pending;
use crate::status::Failure;
use crate::{history, outbox, telemetry};

/// What is to be written.
#[derive(Default)]
pub(crate) struct Work {
    /// What was loaded, as it is after the commands so far; version 0 stands for one that does not exist.
    pub(crate) aggregates: BTreeMap<Key, Saved>,
    events: Vec<history::Row>,
    facts: Vec<outbox::Row>,
    answers: Vec<Answer>,
    /// What the command in hand touched.
    pub(crate) touched: Vec<Touched>,
    /// What lists are searched by.
    pub(crate) index: Pending,
}

/// An aggregate as it is stored.
#[derive(Default)]
pub(crate) struct Saved {
    /// Version in the table; 0 when it is not there.
    expected: i64,
    version: i64,
    state: String,
    hash: Vec<u8>,
    due_at: Option<Timestamp>,
}

impl Saved {
    /// Reads version, state, hash and due instant from a row, beginning at a column.
    pub(crate) fn read(row: &PgRow, column: usize) -> Self {
        let version = row.get(column);
        let due_at = row.get::<Option<jiff_sqlx::Timestamp>, _>(column + 3).map(|due| due.to_jiff());
        Self { expected: version, version, state: row.get(column + 1), hash: row.get(column + 2), due_at }
    }
}

/// That a command was answered, so that its repeat finds the answer.
struct Answer {
    caller: String,
    key: String,
    fingerprint: Vec<u8>,
    touched: String,
    at: Timestamp,
}

/// What came of one command, before it is known that it is kept.
struct Outcome<A: Aggregate> {
    saved: Saved,
    state: A::State,
    events: Vec<A::Event>,
    rows: Vec<history::Row>,
    facts: Vec<outbox::Row>,
}

impl Work {
    /// Carries out a command on an aggregate that was loaded. Whatever fails leaves the work as it was.
    pub(crate) fn carry_out<A: Aggregate>(
        &mut self,
        admission: &Admission,
        at: Timestamp,
        rules: &A::Rules,
        target: Target<'_>,
        command: &A::Command,
    ) -> Result<DoneOf<A>, Failure> {
        let key = (A::KIND, target.id().to_owned());
        let saved =
            self.aggregates.get(&key).ok_or_else(|| Failure::Bug(format!("{key:?} was not loaded")))?;
        let state = if saved.version == 0 { None } else { Some(parse::<A::State>(&saved.state)?) };
        match (&state, target) {
            (None, Target::Existing(id)) => return Err(Failure::NotFound(format!("{} {id}", A::KIND))),
            (Some(state), _) => admission.require(&A::authority(state, command), A::acting(command))?,
            (None, Target::Any(_)) => {}
        }
        let known = state.is_some();
        let events =
            A::decide(state.as_ref(), at, command, rules).map_err(|refusal| Failure::refused(&refusal))?;
        let from = saved.version;
        let outcome = follow::<A>(admission, at, &key.1, saved, state, events)?;
        if !known {
            admission.require(&A::scope(&outcome.state), A::acting(command))?;
        }
        let Outcome { mut saved, state, events, rows, facts } = outcome;
        if !events.is_empty() {
            saved.due_at = A::next_due(&state);
            saved.state = to_json(&state)?;
            self.index.put(A::KIND, &key.1, A::index(&key.1, &state));
        }
        self.events.extend(rows);
        self.facts.extend(facts);
        let (id, version) = (key.1.clone(), saved.version);
        self.touched.push(Touched { kind: A::KIND.into(), id: id.clone(), from, to: version });
        self.aggregates.insert(key, saved);
        Ok(Done { id, state, version, events })
    }

    /// Ends a command: its repeat will find what it touched.
    pub(crate) fn answered(&mut self, admission: &Admission, at: Timestamp) -> Result<(), Failure> {
        let touched = std::mem::take(&mut self.touched);
        if let (Some(key), false) = (&admission.idempotency_key, touched.is_empty()) {
            self.answers.push(Answer {
                caller: admission.caller.id().to_owned(),
                key: key.clone(),
                fingerprint: admission.fingerprint.clone(),
                touched: to_json(&touched)?,
                at,
            });
        }
        Ok(())
    }

    /// True when there is neither history nor an answer to keep.
    pub(crate) fn is_without_record(&self) -> bool {
        self.events.is_empty() && self.answers.is_empty()
    }

    /// True when there is something to relay.
    pub(crate) fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// Writes everything; the last step before the commit, because buckets are locked in it. False when others were first: then nothing of it may be
    /// committed.
    pub(crate) async fn record(&mut self, connection: &mut PgConnection) -> Result<bool, Failure> {
        self.index.flush(connection).await?;
        let changed: Vec<_> =
            self.aggregates.iter().filter(|(_, saved)| saved.version != saved.expected).collect();
        let (events, answers, facts) = (&self.events, &self.answers, &self.facts);
        if changed.is_empty() && self.is_without_record() {
            return Ok(true);
        }
        let recorded = sqlx::query_scalar(
            "select record_group($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)",
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
        .bind(events.iter().map(|row| row.at.to_sqlx()).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.actor.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.event.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|row| row.hash.as_slice()).collect::<Vec<_>>())
        .bind(answers.iter().map(|answer| answer.caller.as_str()).collect::<Vec<_>>())
        .bind(answers.iter().map(|answer| answer.key.as_str()).collect::<Vec<_>>())
        .bind(answers.iter().map(|answer| answer.fingerprint.as_slice()).collect::<Vec<_>>())
        .bind(answers.iter().map(|answer| answer.touched.as_str()).collect::<Vec<_>>())
        .bind(answers.iter().map(|answer| answer.at.to_sqlx()).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.bucket).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>())
        .bind(facts.iter().map(|row| row.body.as_slice()).collect::<Vec<_>>())
        .fetch_one(connection)
        .await?;
        Ok(recorded)
    }
}

/// An aggregate of a kind.
pub(crate) type Key = (&'static str, String);

/// Loads aggregates, locked in the order in which they are named; one that does not exist is the default. Also tells which of some keys of callers were
/// used before. Both are looked up row by row, so that no plan made while the tables were small reads them whole when they have grown.
pub(crate) async fn load(
    connection: &mut PgConnection,
    targets: &[Key],
    (callers, keys): (&[&str], &[&str]),
) -> Result<(Vec<Saved>, HashSet<usize>), Failure> {
    let mut saved: Vec<_> = targets.iter().map(|_| Saved::default()).collect();
    let mut used = HashSet::new();
    if targets.is_empty() && keys.is_empty() {
        return Ok((saved, used));
    }
    let rows = sqlx::query(
        "select w.nth - 1, a.version, a.state, a.hash, a.due_at
         from unnest($1::text[], $2::text[]) with ordinality as w (kind, id, nth)
         cross join lateral (
             select version, state::text, hash, due_at from aggregates where kind = w.kind and id = w.id for update
         ) a
         union all
         select w.nth - 1, null, null, null, null
         from unnest($3::text[], $4::text[]) with ordinality as w (caller, key, nth)
         where (select true from commands c where c.caller = w.caller and c.idempotency_key = w.key)",
    )
    .bind(targets.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
    .bind(targets.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>())
    .bind(callers)
    .bind(keys)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let nth = usize::try_from(row.get::<i64, _>(0)).unwrap_or(usize::MAX);
        match (row.get::<Option<i64>, _>(1), saved.get_mut(nth)) {
            (Some(_), Some(saved)) => *saved = Saved::read(&row, 1),
            (Some(_), None) => {}
            (None, _) => used.extend([nth]),
        }
    }
    Ok((saved, used))
}

/// What follows from events: the state, the history, and what is told.
fn follow<A: Aggregate>(
    admission: &Admission,
    at: Timestamp,
    id: &str,
    before: &Saved,
    state: Option<A::State>,
    events: Vec<A::Event>,
) -> Result<Outcome<A>, Failure> {
    let actor = admission.caller.id();
    let traceparent = if events.is_empty() { None } else { telemetry::traceparent() };
    let Saved { expected, mut version, due_at, .. } = *before;
    let (mut hash, mut state) = (before.hash.clone(), state);
    let (mut rows, mut facts) = (Vec::with_capacity(events.len()), Vec::new());
    for event in &events {
        let after = A::evolve(state.take(), at, event);
        version += 1;
        let row = history::Row::chain(A::KIND, id, version, at, actor, to_json(event)?, &hash);
        hash.clone_from(&row.hash);
        rows.push(row);
        for (nth, announcement) in A::announce(id, &after, event).into_iter().enumerate() {
            let meta = Meta {
                event_id: outbox::event_id(A::KIND, id, version, nth),
                aggregate_kind: A::KIND,
                aggregate_id: id.to_owned(),
                version,
                at,
                area: announcement.area,
                audience: announcement.audience,
                actor: actor.to_owned(),
                traceparent: traceparent.clone(),
            };
            let envelope = match announcement.fact {
                Told::Fact(fact) => Envelope::seal(&fact, meta),
                Told::Carried(carried) => Envelope::carry(carried, meta),
            };
            let envelope = envelope.map_err(|error| Failure::Bug(error.to_string()))?;
            facts.push(outbox::Row::of(&envelope, id)?);
        }
        state = Some(after);
    }
    let state = state
        .ok_or_else(|| Failure::Bug(format!("a command on an absent {} made nothing happen", A::KIND)))?;
    let saved = Saved { expected, version, state: before.state.clone(), hash, due_at };
    Ok(Outcome { saved, state, events, rows, facts })
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
