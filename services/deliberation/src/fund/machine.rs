//! The law of a fund: pure, total, no clock, no ids of its own. Projects stay as they are once slips are cast, and only what is closed is counted.
//!
//! ```text
//! open ──publish──▶ published ──close──▶ computing ──▶ decided
//!                                         ▲  ├──▶ tied ──settle──▶ computing
//!                                         └──┴──▶ overdue ──close──▶ computing
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Computed, Fund, MOST_PROJECTS, Opening, Project, Stage};

/// What may be asked of a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 设立
    Open(Box<Opening>),
    /// 增加项目
    AddProject(Project),
    /// 撤回项目
    WithdrawProject {
        /// Which.
        number: u32,
        /// Why.
        reason: String,
    },
    /// 公示
    Publish {
        /// How many slips.
        slips: u32,
    },
    /// 打印选票
    Print,
    /// 截止
    Close {
        /// Slips that were cast; none counts where it was closed before.
        ballots: u32,
    },
    /// The outcome was computed.
    Record(Computed),
    /// 抽签定序
    Settle {
        /// The number, as digits.
        number: String,
    },
}

/// What can happen to a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Opening>),
    /// It has another project.
    ProjectAdded(Project),
    /// A project was taken back.
    ProjectWithdrawn {
        /// Which.
        number: u32,
        /// Why.
        reason: String,
    },
    /// It was published.
    Published {
        /// How many slips.
        slips: u32,
    },
    /// Its slips were given out to be printed.
    Printed,
    /// No more slips are cast.
    Closed {
        /// How many were.
        ballots: u32,
    },
    /// It is computed once more.
    ComputingBegun,
    /// The outcome was computed.
    Computed(Computed),
    /// A tie is settled.
    TieSettled {
        /// The number, as digits.
        number: String,
    },
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this fund was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such fund")]
    Absent,
    /// Not on an agenda.
    #[error("the topic is on no published agenda; what was not published is not decided")]
    NotScheduled,
    /// It is published.
    #[error("the fund is published and its projects stay as they are")]
    Published,
    /// Not yet.
    #[error("the fund is not published")]
    NotPublished,
    /// Too many.
    #[error("at most {MOST_PROJECTS} projects are in a fund")]
    TooManyProjects,
    /// None.
    #[error("there is no project to decide on")]
    NoProjects,
    /// No such project.
    #[error("there is no project {0}, or it was taken back")]
    NoProject(u32),
    /// It could never be paid for.
    #[error("the project costs {0} fen, more than the {1} fen of the fund")]
    CostAboveFund(i64, i64),
    /// Too early.
    #[error("the topic may be voted on from {0}: its agenda is published until then")]
    Notice(Timestamp),
    /// Too late.
    #[error("slips are cast until {0} only")]
    Over(Timestamp),
    /// Too early.
    #[error("slips may be cast until {0}")]
    StillOpen(Timestamp),
    /// Once.
    #[error(
        "the slips were given out to be printed already; who prints them twice cannot tell which are in whose hands"
    )]
    Printed,
    /// No such slip.
    #[error("there is no slip of this code in this fund")]
    UnknownCode,
    /// Once.
    #[error("this slip was cast already, for other projects; what is cast stays")]
    CastAlready,
    /// It did not take part.
    #[error("this slip was not cast; its share was never given out")]
    NotCast,
    /// It is under way.
    #[error("the outcome is being computed; look again in a while")]
    Computing,
    /// Not computing.
    #[error("no outcome is being computed; what was computed is out of date")]
    OutOfDate,
    /// No tie.
    #[error("no tie waits for a number")]
    NoTie,
    /// Done.
    #[error("the fund is decided; nothing more happens to it")]
    Decided,
    /// Not yet.
    #[error("the fund is not decided yet")]
    NotDecided,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::NotScheduled => "NOT_SCHEDULED",
            Self::Published => "PUBLISHED",
            Self::NotPublished => "NOT_PUBLISHED",
            Self::TooManyProjects => "TOO_MANY_PROJECTS",
            Self::NoProjects => "NO_PROJECTS",
            Self::NoProject(_) => "NO_PROJECT",
            Self::CostAboveFund(..) => "COST_ABOVE_FUND",
            Self::Notice(_) => "NOTICE_NOT_OVER",
            Self::Over(_) => "OVER",
            Self::StillOpen(_) => "STILL_OPEN",
            Self::Printed => "PRINTED",
            Self::UnknownCode => "UNKNOWN_CODE",
            Self::CastAlready => "CAST_ALREADY",
            Self::NotCast => "NOT_CAST",
            Self::Computing => "COMPUTING",
            Self::OutOfDate => "OUT_OF_DATE",
            Self::NoTie => "NO_TIE",
            Self::Decided => "DECIDED",
            Self::NotDecided => "NOT_DECIDED",
        }
    }
}

/// What follows from a command.
pub fn decide(fund: Option<&Fund>, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    let fund = match (fund, command) {
        (None, Command::Open(opening)) => return Ok(vec![Event::Opened(opening.clone())]),
        (Some(_), Command::Open(_)) => return Err(Refusal::AlreadyOpened),
        (None, _) => return Err(Refusal::Absent),
        (Some(fund), _) => fund,
    };
    let event = match command {
        Command::Open(_) => return Err(Refusal::AlreadyOpened),
        Command::AddProject(project) => add(fund, project)?,
        Command::WithdrawProject { number, reason } => withdraw(fund, *number, reason)?,
        Command::Publish { slips } => publish(fund, at, *slips)?,
        Command::Print => match &fund.stage {
            Stage::Open => return Err(Refusal::NotPublished),
            _ if fund.printed_at.is_some() => return Err(Refusal::Printed),
            Stage::Published => Event::Printed,
            Stage::Computing | Stage::Tied(_) | Stage::Decided(_) | Stage::Overdue => {
                return Err(Refusal::Over(fund.opening.closes_at));
            }
        },
        Command::Close { ballots } => close(fund, at, *ballots)?,
        Command::Record(computed) => match &fund.stage {
            Stage::Computing => Event::Computed(computed.clone()),
            Stage::Open | Stage::Published | Stage::Tied(_) | Stage::Decided(_) | Stage::Overdue => {
                return Err(Refusal::OutOfDate);
            }
        },
        Command::Settle { number } => match &fund.stage {
            Stage::Tied(_) => Event::TieSettled { number: number.clone() },
            Stage::Open | Stage::Published | Stage::Computing | Stage::Decided(_) | Stage::Overdue => {
                return Err(Refusal::NoTie);
            }
        },
    };
    Ok(vec![event])
}

fn add(fund: &Fund, project: &Project) -> Result<Event, Refusal> {
    if fund.stage != Stage::Open {
        return Err(Refusal::Published);
    }
    if project.cost_fen > fund.opening.amount_fen {
        return Err(Refusal::CostAboveFund(project.cost_fen, fund.opening.amount_fen));
    }
    if fund.projects.len() >= MOST_PROJECTS {
        return Err(Refusal::TooManyProjects);
    }
    Ok(Event::ProjectAdded(project.clone()))
}

fn withdraw(fund: &Fund, number: u32, reason: &str) -> Result<Event, Refusal> {
    match &fund.stage {
        Stage::Open | Stage::Published => {}
        Stage::Decided(_) => return Err(Refusal::Decided),
        Stage::Computing | Stage::Tied(_) | Stage::Overdue => {
            return Err(Refusal::Over(fund.opening.closes_at));
        }
    }
    match fund.project(number) {
        Some(project) if project.withdrawn.is_none() => {
            Ok(Event::ProjectWithdrawn { number, reason: reason.to_owned() })
        }
        Some(_) | None => Err(Refusal::NoProject(number)),
    }
}

fn publish(fund: &Fund, at: Timestamp, slips: u32) -> Result<Event, Refusal> {
    if fund.stage != Stage::Open {
        return Err(Refusal::Published);
    }
    if fund.projects.iter().all(|project| project.withdrawn.is_some()) {
        return Err(Refusal::NoProjects);
    }
    if at < fund.opening.votable_from {
        return Err(Refusal::Notice(fund.opening.votable_from));
    }
    if at >= fund.opening.closes_at {
        return Err(Refusal::Over(fund.opening.closes_at));
    }
    Ok(Event::Published { slips })
}

fn close(fund: &Fund, at: Timestamp, ballots: u32) -> Result<Event, Refusal> {
    match &fund.stage {
        Stage::Open => Err(Refusal::NotPublished),
        Stage::Published if at < fund.opening.closes_at => Err(Refusal::StillOpen(fund.opening.closes_at)),
        Stage::Published => Ok(Event::Closed { ballots }),
        Stage::Computing => Err(Refusal::Computing),
        Stage::Overdue => Ok(Event::ComputingBegun),
        Stage::Tied(_) | Stage::Decided(_) => Err(Refusal::Over(fund.opening.closes_at)),
    }
}

/// What a fund is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(fund: Option<Fund>, at: Timestamp, event: &Event) -> Fund {
    let mut fund = match (fund, event) {
        (None, Event::Opened(opening)) => {
            return Fund {
                opening: opening.as_ref().clone(),
                opened_at: at,
                projects: Vec::new(),
                slips: 0,
                printed_at: None,
                ballots: 0,
                tie_number: None,
                stage: Stage::Open,
            };
        }
        (Some(fund), event) if !matches!(event, Event::Opened(_)) => fund,
        (fund, event) => panic!("{event:?} cannot follow {fund:?}"),
    };
    match event {
        Event::Opened(_) => {}
        Event::ProjectAdded(project) => fund.projects.push(project.clone()),
        Event::ProjectWithdrawn { number, reason } => {
            let project = (*number as usize).checked_sub(1).and_then(|place| fund.projects.get_mut(place));
            match project {
                Some(project) => project.withdrawn = Some(reason.clone()),
                None => panic!("{event:?} cannot follow {fund:?}"),
            }
        }
        Event::Published { slips } => {
            fund.slips = *slips;
            fund.stage = Stage::Published;
        }
        Event::Printed => fund.printed_at = Some(at),
        Event::Closed { ballots } => {
            fund.ballots = *ballots;
            fund.stage = Stage::Computing;
        }
        Event::ComputingBegun => fund.stage = Stage::Computing,
        Event::Computed(Computed::Tied(tied)) => fund.stage = Stage::Tied(tied.clone()),
        Event::Computed(Computed::Decided(decision)) => fund.stage = Stage::Decided(decision.clone()),
        Event::Computed(Computed::Overdue) => fund.stage = Stage::Overdue,
        Event::TieSettled { number } => {
            fund.tie_number = Some(number.clone());
            fund.stage = Stage::Computing;
        }
    }
    fund
}
