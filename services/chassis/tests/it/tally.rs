//! The smallest thing with a history: a tally that is opened, counted up and closed. Its facts borrow names from the contracts.

use std::sync::Arc;

use anyhow::Result;
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, DoneOf, Rows, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::{Failure, Refusal};
use gongzhi_harness::Bench;
use gongzhi_proto::dispatch::v1 as facts;
use gongzhi_proto::ids::AreaCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;

pub const SCHEMA: &str = "tally";

pub struct Tally;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub area: AreaCode,
    pub count: i64,
    pub rings_at: Option<Timestamp>,
    pub rung: i64,
}

pub enum Command {
    Open { area: AreaCode },
    Count,
    RingIn { seconds: i64 },
    Tick,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Opened { area: AreaCode },
    Counted,
    Set { rings_at: Timestamp },
    Rang,
}

#[derive(Debug, PartialEq)]
pub enum No {
    Open,
    Closed,
    Full,
}

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the tally says {self:?}")
    }
}

impl Refusal for No {
    fn reason(&self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Full => "FULL",
        }
    }
}

impl Aggregate for Tally {
    const KIND: &'static str = "tally";
    type State = State;
    type Command = Command;
    type Event = Event;
    type Refusal = No;
    /// The highest count.
    type Rules = i64;

    fn decide(
        state: Option<&State>,
        at: Timestamp,
        command: &Command,
        rules: &i64,
    ) -> Result<Vec<Event>, No> {
        match (command, state) {
            (Command::Open { .. }, Some(_)) => Err(No::Open),
            (Command::Open { area }, None) => Ok(vec![Event::Opened { area: area.clone() }]),
            (_, None) => Err(No::Closed),
            (Command::Count, Some(state)) if state.count >= *rules => Err(No::Full),
            (Command::Count, Some(_)) => Ok(vec![Event::Counted]),
            (Command::RingIn { seconds }, Some(_)) => {
                Ok(vec![Event::Set { rings_at: at + SignedDuration::from_secs(*seconds) }])
            }
            (Command::Tick, Some(state)) => {
                Ok(state.rings_at.filter(|due| *due <= at).map(|_| Event::Rang).into_iter().collect())
            }
        }
    }

    fn evolve(state: Option<State>, _at: Timestamp, event: &Event) -> State {
        match (event, state) {
            (Event::Opened { area }, None) => State { area: area.clone(), count: 0, rings_at: None, rung: 0 },
            (Event::Counted, Some(state)) => State { count: state.count + 1, ..state },
            (Event::Set { rings_at }, Some(state)) => State { rings_at: Some(*rings_at), ..state },
            (Event::Rang, Some(state)) => State { rings_at: None, rung: state.rung + 1, ..state },
            (event, state) => panic!("{event:?} cannot follow {state:?}"),
        }
    }

    fn next_due(state: &State) -> Option<Timestamp> {
        state.rings_at
    }

    fn tick() -> Option<Command> {
        Some(Command::Tick)
    }

    fn scope(state: &State) -> Scope {
        Scope::area(state.area.clone())
    }

    fn announce(id: &str, state: &State, event: &Event) -> Vec<Announcement> {
        match event {
            Event::Opened { .. } => {
                vec![Announcement::to_all(&state.area, facts::CaseVoided { case_id: id.into() })]
            }
            Event::Counted => vec![Announcement::to_all(
                &state.area,
                facts::ReporterJoined { case_id: id.into(), reporter_count: state.count as i32 },
            )],
            Event::Set { .. } | Event::Rang => vec![],
        }
    }

    fn index(_: &str, _: &State) -> Vec<Rows> {
        vec![]
    }
}

/// A writer into a fresh schema with a table for a consumer's effects.
pub async fn writer(bench: &Bench) -> Result<Writer> {
    bench.migrate(SCHEMA, &Migrator::with_migrations(vec![])).await?;
    let writer = bench.context.writer(SCHEMA).await?;
    sqlx::query("create table counts (id text primary key, opened int not null default 0, count int not null default 0)").execute(writer.pool()).await?;
    Ok(writer)
}

pub async fn open(writer: &Writer, bench: &Bench, id: &str) -> Result<DoneOf<Tally>, Failure> {
    let command = Command::Open { area: bench.area("001052") };
    writer
        .execute::<Tally>(
            &Admission::system(SCHEMA, format!("open-{id}")),
            &Arc::new(i64::MAX),
            Target::Any(id),
            command,
        )
        .await
}

pub async fn count(writer: &Writer, id: &str, key: &str) -> Result<DoneOf<Tally>, Failure> {
    writer
        .execute::<Tally>(
            &Admission::system(SCHEMA, key),
            &Arc::new(1000),
            Target::Existing(id),
            Command::Count,
        )
        .await
}
