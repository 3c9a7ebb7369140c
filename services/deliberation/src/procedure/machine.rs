//! The law of a procedure: pure, total, no clock, no ids of its own. No step is skipped; one that misses its threshold ends it; what is not made public is told.
//!
//! ```text
//! proposal ──▶ consultation ──▶ review ──▶ resolution ──▶ resolved ──disclose decision──▶ decision disclosed ──disclose result──▶ result disclosed
//!     └──────────────┴─────────────┴────────────┴──▶ failed       (the first two may be held together, with a reason)
//! ```

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::law::Law;
use super::state::{Disclosed, Disclosure, Held, Opening, Procedure, Publication, Record, Stage, Step};
use crate::rules::{day_of, start_of};

/// What may be asked of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 启动
    Open {
        /// How it begins.
        opening: Box<Opening>,
        /// True when the topic is on a published agenda.
        scheduled: bool,
        /// True when the topic has a procedure that did not fail.
        under_way: bool,
    },
    /// 记录一议
    Record(Box<Record>),
    /// 决议公开
    DiscloseDecision {
        /// How.
        disclosure: Disclosure,
        /// Day by which the result will be public.
        result_due_on: Date,
    },
    /// 实施结果公开
    DiscloseResult {
        /// How.
        disclosure: Disclosure,
    },
    /// What happens by itself: a day has passed.
    Tick,
}

/// What can happen to a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened(Box<Opening>),
    /// A step was held.
    StepRecorded {
        /// Its record.
        record: Box<Record>,
        /// Whether its thresholds were reached.
        passed: bool,
    },
    /// The decision was made public.
    DecisionDisclosed {
        /// How.
        decision: Disclosed,
        /// Day by which the result will be public.
        result_due_on: Date,
    },
    /// The result was made public.
    ResultDisclosed(Disclosed),
    /// The day of a publication passed without it.
    DisclosureOverdue {
        /// Which.
        publication: Publication,
        /// Its day.
        due_on: Date,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this procedure was opened already")]
    AlreadyOpened,
    /// There is none.
    #[error("there is no such procedure")]
    Absent,
    /// Not on an agenda.
    #[error("the topic is on no published agenda; what was not published is not decided")]
    TopicNotScheduled,
    /// One at a time.
    #[error("a procedure on this topic is under way, or was resolved")]
    UnderWay,
    /// Another step.
    #[error("the next step is the {0}; none can be skipped or held twice")]
    NotNext(&'static str),
    /// Only the first two.
    #[error("only the first two steps may be held together")]
    CannotMerge,
    /// Days go on.
    #[error("it cannot have happened before {0}, the day of what comes first")]
    TooEarly(Date),
    /// Not yet.
    #[error("what lies in the future has not happened yet")]
    InFuture,
    /// Told too late.
    #[error("it was announced, or its draft sent out, too late: days of notice: {0}; hold it again")]
    NoticeTooShort(u16),
    /// Not resolved.
    #[error("nothing was resolved that could be made public")]
    NotResolved,
    /// Decision first.
    #[error("the decision is made public before its result")]
    DecisionNotDisclosed,
    /// It was.
    #[error("it was made public already")]
    AlreadyDisclosed,
    /// Too late a day.
    #[error("the result must be public by {0} at the latest")]
    ResultTooLate(Date),
    /// It has failed.
    #[error("the procedure failed; begin anew")]
    Failed,
    /// No step is left.
    #[error("all steps were held")]
    AllHeld,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Absent => "ABSENT",
            Self::TopicNotScheduled => "TOPIC_NOT_SCHEDULED",
            Self::UnderWay => "UNDER_WAY",
            Self::NotNext(_) => "NOT_NEXT",
            Self::CannotMerge => "CANNOT_MERGE",
            Self::TooEarly(_) => "TOO_EARLY",
            Self::InFuture => "IN_FUTURE",
            Self::NoticeTooShort(_) => "NOTICE_TOO_SHORT",
            Self::NotResolved => "NOT_RESOLVED",
            Self::DecisionNotDisclosed => "DECISION_NOT_DISCLOSED",
            Self::AlreadyDisclosed => "ALREADY_DISCLOSED",
            Self::ResultTooLate(_) => "RESULT_TOO_LATE",
            Self::Failed => "PROCEDURE_FAILED",
            Self::AllHeld => "ALL_HELD",
        }
    }
}

/// What follows from a command.
pub fn decide(
    procedure: Option<&Procedure>,
    at: Timestamp,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let procedure = match (procedure, command) {
        (None, Command::Open { scheduled: false, .. }) => return Err(Refusal::TopicNotScheduled),
        (None, Command::Open { under_way: true, .. }) => return Err(Refusal::UnderWay),
        (None, Command::Open { opening, .. }) => return Ok(vec![Event::Opened(opening.clone())]),
        (Some(_), Command::Open { .. }) => return Err(Refusal::AlreadyOpened),
        (None, _) => return Err(Refusal::Absent),
        (Some(procedure), _) => procedure,
    };
    let today = day_of(at);
    // A day that has passed is told first, also where nobody has looked yet.
    let missed = procedure.untold().filter(|(_, due_on)| today > *due_on);
    let mut events: Vec<_> = missed
        .map(|(publication, due_on)| Event::DisclosureOverdue { publication, due_on })
        .into_iter()
        .collect();
    match command {
        Command::Tick => {}
        Command::Open { .. } => return Err(Refusal::AlreadyOpened),
        Command::Record(record) => events.push(recorded(procedure, today, record)?),
        Command::DiscloseDecision { disclosure, result_due_on } => {
            events.push(decision_disclosed(procedure, today, disclosure, *result_due_on)?);
        }
        Command::DiscloseResult { disclosure } => {
            events.push(result_disclosed(procedure, today, disclosure)?);
        }
    }
    Ok(events)
}

fn recorded(procedure: &Procedure, today: Date, record: &Record) -> Result<Event, Refusal> {
    let next = match procedure.stage {
        Stage::Open { next } => next,
        Stage::Failed => return Err(Refusal::Failed),
        Stage::Resolved { .. } | Stage::DecisionDisclosed { .. } | Stage::ResultDisclosed { .. } => {
            return Err(Refusal::AllHeld);
        }
    };
    if record.step != next {
        return Err(Refusal::NotNext(name(next)));
    }
    if record.merged.is_some() && next != Step::Proposal {
        return Err(Refusal::CannotMerge);
    }
    if record.held_on > today {
        return Err(Refusal::InFuture);
    }
    let earliest = procedure.last_day().unwrap_or_else(|| day_of(procedure.opened_at));
    if record.held_on < earliest {
        return Err(Refusal::TooEarly(earliest));
    }
    let law = &procedure.opening.law;
    let steps = [Some(next), record.merged.as_ref().and(next.next())];
    let mut passed = true;
    for threshold in steps.into_iter().flatten().filter_map(|step| law.threshold(step)) {
        let latest = days_before(record.held_on, threshold.notice_days);
        if threshold.notice_days > 0 && record.announced_on.is_none_or(|announced| announced > latest) {
            return Err(Refusal::NoticeTooShort(threshold.notice_days));
        }
        passed &= threshold.quorum.is_reached(record.present, record.entitled)
            && threshold.approval.is_reached(record.in_favour, record.present);
    }
    Ok(Event::StepRecorded { record: Box::new(record.clone()), passed })
}

fn decision_disclosed(
    procedure: &Procedure,
    today: Date,
    disclosure: &Disclosure,
    result_due_on: Date,
) -> Result<Event, Refusal> {
    let due_on = match &procedure.stage {
        Stage::Open { .. } => return Err(Refusal::NotResolved),
        Stage::Failed => return Err(Refusal::Failed),
        Stage::Resolved { due_on } => *due_on,
        Stage::DecisionDisclosed { .. } | Stage::ResultDisclosed { .. } => {
            return Err(Refusal::AlreadyDisclosed);
        }
    };
    let resolved_on = procedure.last_day().unwrap_or(disclosure.on);
    happened(disclosure.on, resolved_on, today)?;
    let latest = days_after(resolved_on, procedure.opening.law.result_days);
    if result_due_on > latest {
        return Err(Refusal::ResultTooLate(latest));
    }
    if result_due_on < disclosure.on {
        return Err(Refusal::TooEarly(disclosure.on));
    }
    let decision = Disclosed { disclosure: disclosure.clone(), due_on, late: today > due_on };
    Ok(Event::DecisionDisclosed { decision, result_due_on })
}

fn result_disclosed(procedure: &Procedure, today: Date, disclosure: &Disclosure) -> Result<Event, Refusal> {
    match &procedure.stage {
        Stage::Open { .. } => Err(Refusal::NotResolved),
        Stage::Failed => Err(Refusal::Failed),
        Stage::Resolved { .. } => Err(Refusal::DecisionNotDisclosed),
        Stage::DecisionDisclosed { decision, due_on } => {
            happened(disclosure.on, decision.disclosure.on, today)?;
            let (disclosure, late) = (disclosure.clone(), today > *due_on);
            Ok(Event::ResultDisclosed(Disclosed { disclosure, due_on: *due_on, late }))
        }
        Stage::ResultDisclosed { .. } => Err(Refusal::AlreadyDisclosed),
    }
}

fn happened(on: Date, earliest: Date, today: Date) -> Result<(), Refusal> {
    if on < earliest {
        return Err(Refusal::TooEarly(earliest));
    }
    if on > today { Err(Refusal::InFuture) } else { Ok(()) }
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Proposal => "proposal",
        Step::Consultation => "consultation",
        Step::Review => "review",
        Step::Resolution => "resolution",
    }
}

/// A day so many days after another one.
fn days_after(day: Date, days: u16) -> Date {
    day.saturating_add(Span::new().days(days))
}

fn days_before(day: Date, days: u16) -> Date {
    day.saturating_sub(Span::new().days(days))
}

/// The instant at which a day has passed that was not told yet.
pub fn next_due(procedure: &Procedure) -> Option<Timestamp> {
    procedure.untold().and_then(|(_, due_on)| start_of(days_after(due_on, 1)))
}

/// What a procedure is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(procedure: Option<Procedure>, at: Timestamp, event: &Event) -> Procedure {
    match (procedure, event) {
        (None, Event::Opened(opening)) => Procedure {
            opening: opening.as_ref().clone(),
            opened_at: at,
            held: Vec::new(),
            stage: Stage::Open { next: Step::Proposal },
            overdue: Default::default(),
        },
        (Some(mut procedure), Event::StepRecorded { record, passed }) => {
            procedure.stage = after_step(&procedure.opening.law, record, *passed);
            procedure.held.push(Held { record: record.as_ref().clone(), passed: *passed });
            procedure
        }
        (Some(procedure), Event::DecisionDisclosed { decision, result_due_on }) => Procedure {
            stage: Stage::DecisionDisclosed { decision: decision.clone(), due_on: *result_due_on },
            ..procedure
        },
        (
            Some(Procedure {
                stage: Stage::DecisionDisclosed { decision, .. },
                opening,
                opened_at,
                held,
                overdue,
            }),
            Event::ResultDisclosed(result),
        ) => {
            let stage = Stage::ResultDisclosed { decision, result: result.clone() };
            Procedure { stage, opening, opened_at, held, overdue }
        }
        (Some(mut procedure), Event::DisclosureOverdue { publication, .. }) => {
            procedure.overdue.insert(*publication);
            procedure
        }
        (procedure, event) => panic!("{event:?} cannot follow {procedure:?}"),
    }
}

fn after_step(law: &Law, record: &Record, passed: bool) -> Stage {
    let last = if record.merged.is_some() { Step::Consultation } else { record.step };
    match (passed, last.next()) {
        (false, _) => Stage::Failed,
        (true, Some(next)) => Stage::Open { next },
        (true, None) => Stage::Resolved { due_on: days_after(record.held_on, law.decision_days) },
    }
}
