//! The law of one vote: cast once with its slip, or entered from paper by two people who say the same. Pure, total, no ids of its own. It knows the slip, never a person.
//!
//! ```text
//! nothing ──cast──▶ standing        nothing ──enter──▶ half entered ──enter the same, another person──▶ standing
//!                                                      half entered ──enter another, another person──▶ nothing (struck out)
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ballot::count::Choice;

/// When votes are taken; what the ballot says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// From when.
    pub opens_at: Timestamp,
    /// Until when votes are cast, exclusive; papers are entered until the ballot is counted.
    pub closes_at: Timestamp,
    /// True once it was counted.
    pub counted: bool,
}

/// A vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Nothing stands: what two people entered differed.
    #[default]
    Nothing,
    /// One person has entered it from paper.
    HalfEntered {
        /// Who.
        by: String,
        /// What the paper says.
        choice: Choice,
    },
    /// It counts.
    Standing {
        /// The vote.
        choice: Choice,
    },
}

/// What may be asked of a vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 投票
    Cast {
        /// The vote.
        choice: Choice,
    },
    /// 录入纸质票
    Enter {
        /// Who enters it.
        by: String,
        /// What the paper says.
        choice: Choice,
    },
}

/// What can happen to a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was cast.
    Cast {
        /// The vote.
        choice: Choice,
    },
    /// One person has entered it.
    HalfEntered {
        /// Who.
        by: String,
        /// What the paper says.
        choice: Choice,
    },
    /// A second person has entered the same.
    Entered {
        /// Who.
        by: String,
        /// The vote.
        choice: Choice,
    },
    /// A second person has entered something else.
    StruckOut {
        /// Who.
        by: String,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too early.
    #[error("the ballot is not open yet")]
    NotOpenYet,
    /// Too late.
    #[error("the ballot has ended; the vote was not taken")]
    Ended,
    /// It counts already, as another.
    #[error("another vote was cast with this slip; it stands")]
    AlreadyVoted,
    /// The paper of this slip is being entered.
    #[error("the paper with this slip is being entered; it counts once a second person has entered it")]
    PaperBeingEntered,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotOpenYet => "NOT_OPEN_YET",
            Self::Ended => "BALLOT_ENDED",
            Self::AlreadyVoted => "ALREADY_VOTED",
            Self::PaperBeingEntered => "PAPER_BEING_ENTERED",
        }
    }
}

/// What follows from a command.
pub fn decide(
    vote: Option<&Vote>,
    at: Timestamp,
    command: &Command,
    polling: &Polling,
) -> Result<Vec<Event>, Refusal> {
    // What stands is told to whoever sends it again, also after the end: nobody must wonder whether it was taken.
    if let (
        Some(Vote::Standing { choice }),
        Command::Cast { choice: again } | Command::Enter { choice: again, .. },
    ) = (vote, command)
    {
        return if choice == again { Ok(Vec::new()) } else { Err(Refusal::AlreadyVoted) };
    }
    if at < polling.opens_at {
        return Err(Refusal::NotOpenYet);
    }
    match (vote, command) {
        _ if polling.counted => Err(Refusal::Ended),
        (_, Command::Cast { .. }) if at >= polling.closes_at => Err(Refusal::Ended),
        (None | Some(Vote::Nothing), Command::Cast { choice }) => Ok(vec![Event::Cast { choice: *choice }]),
        (None | Some(Vote::Nothing), Command::Enter { by, choice }) => {
            Ok(vec![Event::HalfEntered { by: by.clone(), choice: *choice }])
        }
        (Some(Vote::HalfEntered { .. }), Command::Cast { .. }) => Err(Refusal::PaperBeingEntered),
        (Some(Vote::HalfEntered { by: first, choice: known }), Command::Enter { by, choice }) => {
            Ok(match (first == by, known == choice) {
                // Whoever has mistyped corrects it; a second person it still takes.
                (true, false) => vec![Event::HalfEntered { by: by.clone(), choice: *choice }],
                (true, true) => Vec::new(),
                (false, true) => vec![Event::Entered { by: by.clone(), choice: *choice }],
                (false, false) => vec![Event::StruckOut { by: by.clone() }],
            })
        }
        (Some(Vote::Standing { .. }), Command::Cast { .. } | Command::Enter { .. }) => {
            Err(Refusal::AlreadyVoted)
        }
    }
}

/// What a vote is after an event.
pub fn evolve(_vote: Option<Vote>, event: &Event) -> Vote {
    match event {
        Event::Cast { choice } | Event::Entered { choice, .. } => Vote::Standing { choice: *choice },
        Event::HalfEntered { by, choice } => Vote::HalfEntered { by: by.clone(), choice: *choice },
        Event::StruckOut { .. } => Vote::Nothing,
    }
}
