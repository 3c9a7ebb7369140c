//! The law of a balance: pure, total, no clock, no ids of its own. Nothing is revealed before all have spoken; nothing is agreed without each of them.
//!
//! ```text
//! asking ──all given, reveal──▶ revealed ──all agree──▶ agreed
//!    ▲                             │
//!    └────────next round───────────┘      (so many rounds at most)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_choice::balance::{self, Positions};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Balance, Outcome, Phase, Plan, Position, Round};

/// What may be asked of a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 启动
    Open {
        /// What is to be balanced.
        plan: Box<Plan>,
        /// True when its topic is open or scheduled.
        topic_is_open: bool,
    },
    /// 提交立场
    Give {
        /// Who says it.
        party: String,
        /// What, sealed.
        sealed: String,
    },
    /// 开封
    Reveal {
        /// What was sealed, in the order of the parties.
        positions: Vec<Position>,
    },
    /// 下一轮
    NextRound,
    /// 达成
    Agree {
        /// On what.
        common_goals: String,
        /// Who.
        parties: BTreeSet<String>,
    },
}

/// What can happen to a balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Plan>),
    /// A party has given its position, or another one instead.
    PositionGiven {
        /// Who.
        party: String,
        /// What, sealed.
        sealed: String,
    },
    /// The positions were revealed.
    Revealed(Box<Round>),
    /// The next round began.
    NextRoundBegun,
    /// All agreed.
    Agreed {
        /// On what.
        common_goals: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this balance was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such balance")]
    Absent,
    /// The topic is over.
    #[error("the topic is neither open nor scheduled")]
    TopicNotOpen,
    /// Nobody of that code.
    #[error("there is no party {0} in this balance")]
    NoSuchParty(String),
    /// Another number of options.
    #[error("the positions do not fit the parties and options of this balance")]
    PositionsDoNotFit,
    /// Some are missing.
    #[error("not all parties have given their positions; missing: {0}")]
    NotAllGiven(String),
    /// Too late.
    #[error("the positions of this round were revealed already")]
    AlreadyRevealed,
    /// Too early.
    #[error("the positions of this round were not revealed yet")]
    NotRevealed,
    /// Enough.
    #[error("this was the last round of {0}")]
    LastRound(u32),
    /// Somebody does not.
    #[error("all parties must agree; missing: {0}")]
    NotAllAgree(String),
    /// It is over.
    #[error("the parties have agreed already")]
    AlreadyAgreed,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::TopicNotOpen => "TOPIC_NOT_OPEN",
            Self::NoSuchParty(_) => "NO_SUCH_PARTY",
            Self::PositionsDoNotFit => "POSITIONS_DO_NOT_FIT",
            Self::NotAllGiven(_) => "NOT_ALL_GIVEN",
            Self::AlreadyRevealed => "ALREADY_REVEALED",
            Self::NotRevealed => "NOT_REVEALED",
            Self::LastRound(_) => "LAST_ROUND",
            Self::NotAllAgree(_) => "NOT_ALL_AGREE",
            Self::AlreadyAgreed => "ALREADY_AGREED",
        }
    }
}

/// What follows from a command.
pub fn decide(balance: Option<&Balance>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let balance = match (balance, command) {
        (None, Command::Open { topic_is_open: false, .. }) => return Err(Refusal::TopicNotOpen),
        (None, Command::Open { plan, .. }) => return Ok(vec![Event::Opened(plan.clone())]),
        (Some(_), Command::Open { .. }) => return Err(Refusal::AlreadyOpened),
        (None, _) => return Err(Refusal::Absent),
        (Some(balance), _) => balance,
    };
    let event = match (&balance.phase, command) {
        (Phase::Agreed { .. }, _) => return Err(Refusal::AlreadyAgreed),
        (_, Command::Open { .. }) => return Err(Refusal::AlreadyOpened),
        (Phase::Asking { .. }, Command::Give { party, sealed }) => {
            known(&balance.plan, party)?;
            Event::PositionGiven { party: party.clone(), sealed: sealed.clone() }
        }
        (Phase::Asking { given }, Command::Reveal { positions }) => {
            let missing = missing(&balance.plan, |party| given.contains_key(party));
            missing.map_or(Ok(()), |missing| Err(Refusal::NotAllGiven(missing)))?;
            let outcome = outcome(&balance.plan, positions)?;
            Event::Revealed(Box::new(Round { positions: positions.clone(), outcome }))
        }
        (Phase::Asking { .. }, Command::NextRound | Command::Agree { .. }) => {
            return Err(Refusal::NotRevealed);
        }
        (Phase::Revealed, Command::Give { .. } | Command::Reveal { .. }) => {
            return Err(Refusal::AlreadyRevealed);
        }
        (Phase::Revealed, Command::NextRound)
            if balance.rounds.len() >= balance.plan.most_rounds as usize =>
        {
            return Err(Refusal::LastRound(balance.plan.most_rounds));
        }
        (Phase::Revealed, Command::NextRound) => Event::NextRoundBegun,
        (Phase::Revealed, Command::Agree { common_goals, parties }) => {
            parties.iter().try_for_each(|party| known(&balance.plan, party))?;
            let missing = missing(&balance.plan, |party| parties.contains(party));
            missing.map_or(Ok(()), |missing| Err(Refusal::NotAllAgree(missing)))?;
            Event::Agreed { common_goals: common_goals.clone() }
        }
    };
    Ok(vec![event])
}

fn known(plan: &Plan, code: &str) -> Result<(), Refusal> {
    let known = plan.parties.iter().any(|party| party.code == code);
    if known { Ok(()) } else { Err(Refusal::NoSuchParty(code.to_owned())) }
}

/// Codes of the parties that are not there; none where all are.
fn missing(plan: &Plan, is_there: impl Fn(&str) -> bool) -> Option<String> {
    let codes = plan.parties.iter().map(|party| party.code.as_str());
    let missing: Vec<_> = codes.filter(|code| !is_there(code)).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

fn outcome(plan: &Plan, positions: &[Position]) -> Result<Outcome, Refusal> {
    let asked = Positions {
        parties: plan.parties.iter().map(|party| party.code.clone()).collect(),
        options: plan.options.clone(),
        utilities: positions.iter().map(|position| position.scores.clone()).collect(),
        bottom_lines: positions.iter().map(|position| position.bottom_line).collect(),
    };
    let found = balance::balance(&asked).map_err(|_| Refusal::PositionsDoNotFit)?;
    let place = |option: &String| plan.options.iter().position(|known| known == option);
    Ok(Outcome {
        feasible: found.feasible.iter().filter_map(place).collect(),
        choice: place(&found.choice).ok_or(Refusal::PositionsDoNotFit)?,
        product: found.nash_product.map(|product| product.to_string()),
        largest_minimum_gain_choice: found.largest_minimum_gain_choice.as_ref().and_then(place),
        shortfalls: found.shortfalls,
        conflicts: found.conflicts,
    })
}

/// What a balance is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(balance: Option<Balance>, at: Timestamp, event: &Event) -> Balance {
    let asking = || Phase::Asking { given: BTreeMap::new() };
    match (balance, event) {
        (None, Event::Opened(plan)) => {
            Balance { plan: plan.as_ref().clone(), opened_at: at, rounds: Vec::new(), phase: asking() }
        }
        (
            Some(Balance { phase: Phase::Asking { mut given }, plan, opened_at, rounds }),
            Event::PositionGiven { party, sealed },
        ) => {
            given.insert(party.clone(), sealed.clone());
            Balance { plan, opened_at, rounds, phase: Phase::Asking { given } }
        }
        (Some(mut balance), Event::Revealed(round)) => {
            balance.rounds.push(round.as_ref().clone());
            Balance { phase: Phase::Revealed, ..balance }
        }
        (Some(balance), Event::NextRoundBegun) => Balance { phase: asking(), ..balance },
        (Some(balance), Event::Agreed { common_goals }) => {
            Balance { phase: Phase::Agreed { common_goals: common_goals.clone(), at }, ..balance }
        }
        (balance, event) => panic!("{event:?} cannot follow {balance:?}"),
    }
}
