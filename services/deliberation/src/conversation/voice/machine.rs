//! The law of one voice, what is said with one slip: a few statements, and a judgement of each statement, of which the last counts. Pure, total, no clock, no ids of its own.
//! It knows the slip, never a person, and of the statements that the slip made only how many.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::state::Talk;

/// What somebody says of a statement. Written short: a voice holds many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Judgement {
    /// 同意
    #[serde(rename = "a")]
    Agree,
    /// 跳过
    #[serde(rename = "p")]
    Pass,
    /// 不同意
    #[serde(rename = "d")]
    Disagree,
}

/// What was said with a slip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Statements that were made.
    pub made: u32,
    /// Times that something was judged, also where it had been judged before.
    pub changes: u64,
    /// What counts, by number of the statement.
    pub judgements: BTreeMap<u32, Judgement>,
}

/// What may be asked of a voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 提交意见
    Make,
    /// 表态
    Judge {
        /// Number of the statement.
        number: u32,
        /// What is said of it.
        judgement: Judgement,
        /// True when there is an accepted statement of this number.
        accepted: bool,
    },
}

/// What can happen to a voice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It has made a statement.
    Made,
    /// It has judged.
    Judged {
        /// Number of the statement.
        number: u32,
        /// What is said of it.
        judgement: Judgement,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too late.
    #[error("the conversation has ended; what was said was not taken")]
    Ended,
    /// Enough.
    #[error("this slip has made as many statements as a slip may: {0}")]
    NoMoreStatements(u32),
    /// Nothing to judge.
    #[error("there is no accepted statement of this number")]
    NoSuchStatement,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended => "CONVERSATION_ENDED",
            Self::NoMoreStatements(_) => "NO_MORE_STATEMENTS",
            Self::NoSuchStatement => "NO_SUCH_STATEMENT",
        }
    }
}

/// What follows from a command.
pub fn decide(
    voice: Option<&Voice>,
    at: Timestamp,
    command: &Command,
    talk: &Talk,
) -> Result<Vec<Event>, Refusal> {
    // What counts is told to whoever sends it again, also after the end: nobody must wonder whether it was taken.
    if let (Some(voice), Command::Judge { number, judgement, .. }) = (voice, command)
        && voice.judgements.get(number) == Some(judgement)
    {
        return Ok(Vec::new());
    }
    if !talk.goes_on(at) {
        return Err(Refusal::Ended);
    }
    match command {
        Command::Make if voice.is_some_and(|voice| voice.made >= talk.statements_per_slip) => {
            Err(Refusal::NoMoreStatements(talk.statements_per_slip))
        }
        Command::Make => Ok(vec![Event::Made]),
        Command::Judge { accepted: false, .. } => Err(Refusal::NoSuchStatement),
        Command::Judge { number, judgement, .. } => {
            Ok(vec![Event::Judged { number: *number, judgement: *judgement }])
        }
    }
}

/// What a voice is after an event.
pub fn evolve(voice: Option<Voice>, event: &Event) -> Voice {
    let mut voice = voice.unwrap_or_default();
    match event {
        Event::Made => voice.made += 1,
        Event::Judged { number, judgement } => {
            voice.judgements.insert(*number, *judgement);
            voice.changes += 1;
        }
    }
    voice
}
