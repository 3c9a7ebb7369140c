//! The law of a pool: pure, total, no clock, no ids of its own. Tickets are published before their number is drawn, and there is one draw.
//!
//! ```text
//! open ──close──▶ closed ──publish──▶ computing ──▶ published ──draw──▶ drawn ──drop──▶ replacing ──draw──▶ drawn
//!                   ▲                    ├──▶ infeasible ──change quotas──▶ closed
//!                   └──withdraw──────────┴──▶ failed ──publish──▶ computing
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Category, Computed, Draw, MOST_ROUNDS, MOST_VOLUNTEERS, Opening, Pool, Replacing, Stage};

/// What may be asked of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 发起
    Open(Box<Opening>),
    /// 报名
    Enrol,
    /// 退出
    Withdraw {
        /// Who.
        number: u32,
    },
    /// 截止
    Close,
    /// 公布票面: begins with computing.
    PublishLottery,
    /// 调整配额
    ChangeQuotas {
        /// The quotas.
        categories: Vec<Category>,
        /// Why.
        reason: String,
    },
    /// The lottery was computed.
    Record {
        /// For which count of attempts.
        attempt: u32,
        /// What came of it.
        computed: Computed,
    },
    /// 抽号
    Draw {
        /// The draw, with the panel of its ticket.
        draw: Draw,
        /// Members with each feature.
        counts: Vec<Vec<u32>>,
    },
    /// 退出名单
    Drop(Replacing),
    /// 补抽
    Replace {
        /// The draw, with the panel of its ticket.
        draw: Draw,
        /// Members with each feature.
        counts: Vec<Vec<u32>>,
    },
    /// 到期删除, when it is due.
    Tick,
}

/// What can happen to a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Opening>),
    /// Somebody volunteered; of whom no more is written here than the number.
    Enrolled {
        /// The number.
        number: u32,
    },
    /// A volunteer left.
    Withdrawn {
        /// The number.
        number: u32,
    },
    /// Nobody else volunteers.
    Closed,
    /// A lottery is being computed.
    ComputingBegun {
        /// Which attempt.
        attempt: u32,
    },
    /// Quotas were changed.
    QuotasChanged {
        /// As they are now.
        categories: Vec<Category>,
        /// Why.
        reason: String,
    },
    /// The lottery was computed.
    Computed(Computed),
    /// The panel was drawn.
    Drawn {
        /// The draw.
        draw: Draw,
        /// Members with each feature.
        counts: Vec<Vec<u32>>,
    },
    /// Members dropped out, and tickets for their replacements are published.
    Dropped(Replacing),
    /// The panel was drawn with their replacements.
    Replaced {
        /// The draw.
        draw: Draw,
        /// Members with each feature.
        counts: Vec<Vec<u32>>,
    },
    /// What volunteers said was deleted.
    Forgotten,
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this pool was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such pool")]
    Absent,
    /// The topic has ended.
    #[error("the topic neither waits nor is on an agenda; nobody is drawn for it")]
    TopicEnded,
    /// Too late.
    #[error("the pool is closed; nobody else volunteers")]
    Closed,
    /// Too early.
    #[error("people may volunteer until {0}")]
    StillOpen(Timestamp),
    /// The household has somebody in it.
    #[error("somebody of this household has volunteered already; the pool takes one of each")]
    HouseholdTwice,
    /// Too many.
    #[error("at most {MOST_VOLUNTEERS} people volunteer for a pool")]
    Full,
    /// No such volunteer.
    #[error("number {0} has not volunteered, or has left")]
    NoVolunteer(u32),
    /// Too few.
    #[error("{0} volunteers cannot fill a panel of {1}")]
    TooFew(u32, u32),
    /// It is under way.
    #[error("the lottery is being computed; look again in a while")]
    Computing,
    /// Tickets first.
    #[error("no tickets are published; what was not published is not drawn from")]
    NotPublished,
    /// They are out.
    #[error("the tickets are published and wait for their number")]
    Published,
    /// One draw.
    #[error("the number {0} was drawn already; there is one draw")]
    Drawn(String),
    /// None yet.
    #[error("no panel is drawn yet")]
    NotDrawn,
    /// Features stay.
    #[error("quotas change only where they cannot be met, and categories and features stay as they are")]
    QuotasStay,
    /// It is out of date.
    #[error("what was computed is out of date: the pool has changed since")]
    OutOfDate,
    /// No such ticket.
    #[error("the number names no ticket: {0}")]
    NoTicket(&'static str),
    /// Nobody to replace with.
    #[error("members {0:?} cannot be replaced: they are not on the panel, or every ticket has one of them")]
    CannotReplace(Vec<u32>),
    /// Drawn for replacements.
    #[error("tickets for replacements wait for their number; draw it first")]
    Replacing,
    /// None wait.
    #[error("nobody has dropped out who was not replaced")]
    NotReplacing,
    /// It is deleted.
    #[error("what volunteers said was deleted; open another pool")]
    Forgotten,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::TopicEnded => "TOPIC_ENDED",
            Self::Closed => "POOL_CLOSED",
            Self::StillOpen(_) => "STILL_OPEN",
            Self::HouseholdTwice => "HOUSEHOLD_TWICE",
            Self::Full => "POOL_FULL",
            Self::NoVolunteer(_) => "NO_VOLUNTEER",
            Self::TooFew(..) => "TOO_FEW_VOLUNTEERS",
            Self::Computing => "COMPUTING",
            Self::NotPublished => "NOT_PUBLISHED",
            Self::Published => "PUBLISHED",
            Self::Drawn(_) => "DRAWN",
            Self::NotDrawn => "NOT_DRAWN",
            Self::QuotasStay => "QUOTAS_STAY",
            Self::OutOfDate => "OUT_OF_DATE",
            Self::NoTicket(_) => "NO_TICKET",
            Self::CannotReplace(_) => "CANNOT_REPLACE",
            Self::Replacing => "REPLACING",
            Self::NotReplacing => "NOT_REPLACING",
            Self::Forgotten => "FORGOTTEN",
        }
    }
}

/// What follows from a command.
pub fn decide(pool: Option<&Pool>, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    let pool = match (pool, command) {
        (None, Command::Open(opening)) => return Ok(vec![Event::Opened(opening.clone())]),
        (Some(_), Command::Open(_)) => return Err(Refusal::AlreadyOpened),
        (None, _) => return Err(Refusal::Absent),
        (Some(pool), _) => pool,
    };
    if let Command::Tick = command {
        let due = pool.forget_at().is_some_and(|due| due <= at);
        return Ok(if due { vec![Event::Forgotten] } else { Vec::new() });
    }
    if pool.forgotten_at.is_some() {
        return Err(Refusal::Forgotten);
    }
    let event = match command {
        Command::Open(_) => return Err(Refusal::AlreadyOpened),
        Command::Tick => return Ok(Vec::new()),
        Command::Enrol => enrol(pool, at)?,
        Command::Withdraw { number } => withdraw(pool, *number)?,
        Command::Close => close(pool, at)?,
        Command::PublishLottery => publish(pool)?,
        Command::ChangeQuotas { categories, reason } => match &pool.stage {
            Stage::Infeasible(_) if same_features(&pool.opening.categories, categories) => {
                Event::QuotasChanged { categories: categories.clone(), reason: reason.clone() }
            }
            _ => return Err(Refusal::QuotasStay),
        },
        Command::Record { attempt, computed } => match &pool.stage {
            Stage::Computing if *attempt == pool.attempt => Event::Computed(computed.clone()),
            _ => return Err(Refusal::OutOfDate),
        },
        Command::Draw { draw, counts } => match &pool.stage {
            Stage::Published(lottery) => {
                agrees(draw, &lottery.sha256)?;
                Event::Drawn { draw: draw.clone(), counts: counts.clone() }
            }
            Stage::Drawn(panel) | Stage::Replacing(panel, _) => {
                let first = panel.draws.first().map(|draw| draw.number.clone());
                return Err(Refusal::Drawn(first.unwrap_or_default()));
            }
            _ => return Err(Refusal::NotPublished),
        },
        Command::Drop(replacing) => drop_members(pool, replacing)?,
        Command::Replace { draw, counts } => match &pool.stage {
            Stage::Replacing(_, replacing) => {
                agrees(draw, &replacing.sha256)?;
                Event::Replaced { draw: draw.clone(), counts: counts.clone() }
            }
            _ => return Err(Refusal::NotReplacing),
        },
    };
    Ok(vec![event])
}

/// The draw must be from the tickets that are published.
fn agrees(draw: &Draw, sha256: &str) -> Result<(), Refusal> {
    if draw.sha256 == sha256 { Ok(()) } else { Err(Refusal::OutOfDate) }
}

fn same_features(old: &[Category], new: &[Category]) -> bool {
    let names = |categories: &[Category]| -> Vec<(String, Vec<String>)> {
        let features =
            |category: &Category| category.quotas.iter().map(|quota| quota.feature.clone()).collect();
        categories.iter().map(|category| (category.name.clone(), features(category))).collect()
    };
    names(old) == names(new)
}

fn enrol(pool: &Pool, at: Timestamp) -> Result<Event, Refusal> {
    if pool.stage != Stage::Open || at >= pool.opening.closes_at {
        return Err(Refusal::Closed);
    }
    if pool.volunteers >= MOST_VOLUNTEERS {
        return Err(Refusal::Full);
    }
    Ok(Event::Enrolled { number: pool.last_number + 1 })
}

fn withdraw(pool: &Pool, number: u32) -> Result<Event, Refusal> {
    if let Some(panel) = pool.panel() {
        return Err(Refusal::Drawn(panel.draws.first().map(|draw| draw.number.clone()).unwrap_or_default()));
    }
    if number == 0 || number > pool.last_number || pool.volunteers == 0 {
        return Err(Refusal::NoVolunteer(number));
    }
    Ok(Event::Withdrawn { number })
}

fn close(pool: &Pool, at: Timestamp) -> Result<Event, Refusal> {
    match pool.stage {
        Stage::Open if at < pool.opening.closes_at => Err(Refusal::StillOpen(pool.opening.closes_at)),
        Stage::Open => Ok(Event::Closed),
        _ => Err(Refusal::Closed),
    }
}

fn publish(pool: &Pool) -> Result<Event, Refusal> {
    match &pool.stage {
        Stage::Open => Err(Refusal::StillOpen(pool.opening.closes_at)),
        Stage::Computing => Err(Refusal::Computing),
        Stage::Published(_) => Err(Refusal::Published),
        Stage::Drawn(_) | Stage::Replacing(..) => {
            let draws = pool.panel().and_then(|panel| panel.draws.first());
            Err(Refusal::Drawn(draws.map(|draw| draw.number.clone()).unwrap_or_default()))
        }
        Stage::Abandoned => Err(Refusal::Forgotten),
        Stage::Closed | Stage::Infeasible(_) | Stage::Failed if pool.volunteers < pool.opening.seats => {
            Err(Refusal::TooFew(pool.volunteers, pool.opening.seats))
        }
        Stage::Closed | Stage::Infeasible(_) | Stage::Failed => {
            Ok(Event::ComputingBegun { attempt: pool.attempt + 1 })
        }
    }
}

fn drop_members(pool: &Pool, replacing: &Replacing) -> Result<Event, Refusal> {
    match &pool.stage {
        Stage::Drawn(panel) => {
            let on_panel = |number: &u32| panel.members().contains(number);
            if replacing.left.is_empty()
                || !replacing.left.iter().all(on_panel)
                || panel.draws.len() > MOST_ROUNDS
            {
                return Err(Refusal::CannotReplace(replacing.left.clone()));
            }
            Ok(Event::Dropped(replacing.clone()))
        }
        Stage::Replacing(..) => Err(Refusal::Replacing),
        _ => Err(Refusal::NotDrawn),
    }
}
