//! What a thing with a history is: a pure machine, what it tells others, and how lists find it. `execute` does the rest.

use gongzhi_proto::envelope::Carried;
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::{Fact, ids::AreaCode};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::caller::Scope;
use crate::status::Refusal;

/// A kind of thing with a history. All of its functions are pure: they say what is to be, and the write path does it.
pub trait Aggregate: Send + Sync + 'static {
    /// Word for the kind in tables and facts.
    const KIND: &'static str;
    /// What it is.
    type State: Clone + Serialize + DeserializeOwned + Send + Sync;
    /// What may be asked of it.
    type Command: Send + Sync;
    /// What can happen to it.
    type Event: Serialize + DeserializeOwned + Send + Sync;
    /// How its rules say no.
    type Refusal: Refusal;
    /// What its rules are made of besides code: calendars, limits.
    type Rules: Send + Sync + 'static;

    /// What follows from a command; nothing if it changes nothing.
    fn decide(
        state: Option<&Self::State>,
        at: Timestamp,
        command: &Self::Command,
        rules: &Self::Rules,
    ) -> Result<Vec<Self::Event>, Self::Refusal>;
    /// What it is after an event.
    fn evolve(state: Option<Self::State>, at: Timestamp, event: &Self::Event) -> Self::State;
    /// The earliest instant at which something happens by itself.
    fn next_due(state: &Self::State) -> Option<Timestamp>;
    /// The command that makes what is due happen; none for a kind to which nothing happens by itself.
    fn tick() -> Option<Self::Command>;
    /// Where it is, and which units take part in it.
    fn scope(state: &Self::State) -> Scope;
    /// For what a permission must be held to ask this of it; where it is, unless the kind knows better.
    fn authority(state: &Self::State, _command: &Self::Command) -> Scope {
        Self::scope(state)
    }
    /// The unit for which a command acts.
    fn acting(_command: &Self::Command) -> Option<&str> {
        None
    }
    /// What is told to whom of an event.
    fn announce(id: &str, state: &Self::State, event: &Self::Event) -> Vec<Announcement>;
    /// What lists are searched by, all of it as it is in this state; each statement at most once. Of several states in one commit the last is written.
    fn index(id: &str, state: &Self::State) -> Vec<Rows>;
}

/// A row for a statement that takes many: all rows of a commit with the same statement go to the database in one round trip.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Takes the rows as one JSON array in `$1`: `insert into t (a, b) select r.a, r.b from json_to_recordset($1) as r (a text, b int)`. An aggregate
    /// has one row in it, so what it has many of is an array within the row.
    pub sql: &'static str,
    /// The row: an object with the names of the recordset.
    pub row: Value,
}

impl Rows {
    /// A row for a statement.
    pub fn new(sql: &'static str, row: Value) -> Self {
        Self { sql, row }
    }
}

/// What is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// A fact of our contracts.
    Fact(Fact),
    /// What somebody else says and we carry.
    Carried(Carried),
}

impl From<Fact> for Told {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

/// One fact for one addressee.
pub struct Announcement {
    /// What happened.
    pub fact: Told,
    /// Where.
    pub area: AreaCode,
    /// For whom.
    pub audience: Audience,
}

impl Announcement {
    /// A fact for everybody who may see the area.
    pub fn to_all(area: &AreaCode, fact: impl Into<Fact>) -> Self {
        Self { fact: Told::Fact(fact.into()), area: area.clone(), audience: Audience::All }
    }
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Done<S, E> {
    /// Which aggregate.
    pub id: String,
    /// What it is now, or was when the first of several repeats was answered.
    pub state: S,
    /// Its version then.
    pub version: i64,
    /// What happened.
    pub events: Vec<E>,
}

/// What a command did to an aggregate of a kind.
pub type DoneOf<A> = Done<<A as Aggregate>::State, <A as Aggregate>::Event>;
