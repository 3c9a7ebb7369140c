//! The law of a record's seals: one after the other, one for a day, the days in their order. Pure.

use std::fmt;

use gongzhi_proto::ids::AreaCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a seal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The district whose record it is.
    pub district: AreaCode,
    /// The day that was over.
    pub day: Date,
    /// Root of the tree over the ends of all chains: 64 hexadecimal digits.
    pub root: String,
    /// How many chains.
    pub chains: u64,
    /// How many events they hold together.
    pub events: u64,
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Seal the record as it stands.
    Seal(Sealed),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The record was sealed.
    ChainsSealed(Sealed),
}

/// How the rules say no: they never do, because a day that is sealed stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// What follows from a command; nothing for a day that is sealed already.
pub fn decide(last: Option<&Sealed>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let Command::Seal(wanted) = command;
    match last {
        Some(last) if last.day >= wanted.day => Ok(Vec::new()),
        Some(_) | None => Ok(vec![Event::ChainsSealed(wanted.clone())]),
    }
}

/// What it is after an event: the last seal.
pub fn evolve(event: &Event) -> Sealed {
    let Event::ChainsSealed(sealed) = event;
    sealed.clone()
}
