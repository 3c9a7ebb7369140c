//! The law of the whistle: what the sub-district, the called departments and the arbiter may do, and what then happens. Pure.
//!
//! Does not know who asks; whether a person may ask is said by the access law of the contracts. Choices that are not obvious:
//! - Steps include the ones before them: who reports in has signed for the whistle and made contact. A repeat changes nothing.
//! - A refusal stops no clock, and who has reported in may still refuse; the whistle is not finished while a refusal is open.
//! - A department may refuse twice; after that the arbiter has spoken often enough and a refusal is not taken any more.
//! - When the last department that is left is excused nobody is called any more: the whistle is withdrawn with the arbiter's reason.
//!   Whoever runs this machine then gives the case back to the sub-district, as for any other withdrawal.
//! - Clocks that stand still go on by themselves at the end of the suspension; a timer that is late does not lengthen it.

use gongzhi_proto::ids::{DepartmentCode, Level as AreaLevel};
use jiff::Timestamp;

pub use super::command::{Command, CommandKind};
pub use super::event::Event;
pub use super::refusal::Refusal;
pub use super::state::Whistle;
use super::state::{Decision, Kind, Level, Phase, Summons, SummonsPhase};
use crate::calendar::WorkCalendar;
use crate::clock::{Alarm, Clock, ClockKind};
use crate::limits::{Subject, WhistleLimits};
use crate::rules::Rules;

/// So often a department may refuse one whistle.
pub(super) const REFUSALS_AT_MOST: u32 = 2;

/// Says what happens when a command comes: events, none when there is nothing to do, or why not.
pub fn decide(
    whistle: Option<&Whistle>,
    at: Timestamp,
    command: &Command,
    rules: &Rules,
) -> Result<Vec<Event>, Refusal> {
    let Some(whistle) = whistle else { return begin(at, command, rules) };
    match overslept(whistle, at, command, rules) {
        None => decide_now(whistle, at, command, rules),
        Some(resumed) => {
            let whistle = evolve(Some(whistle.clone()), at, &resumed);
            let events = decide_now(&whistle, at, command, rules)?;
            Ok(if events.is_empty() { events } else { [vec![resumed], events].concat() })
        }
    }
}

/// The end of a suspension that the timer has not told yet. Whoever comes first after it meets clocks that run.
fn overslept(whistle: &Whistle, at: Timestamp, command: &Command, rules: &Rules) -> Option<Event> {
    let ended = whistle.suspended_until.is_some_and(|until| until <= at);
    let tells_itself = matches!(command, Command::Tick | Command::Resume);
    if ended && !tells_itself { resume(whistle, at, rules) } else { None }
}

fn decide_now(
    whistle: &Whistle,
    at: Timestamp,
    command: &Command,
    rules: &Rules,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Sound { .. } => Err(Refusal::AlreadySounded),
        Command::Accept { summary } => accept(whistle, summary),
        Command::Withdraw { reason } => withdraw(whistle, reason),
        Command::Suspend { until } => Ok(suspend(whistle, at, *until)),
        Command::Resume => Ok(resume(whistle, at, rules).into_iter().collect()),
        Command::Tick => Ok(tick(whistle, at, rules)),
        Command::SignFor { department }
        | Command::MakeContact { department }
        | Command::ReportIn { department }
        | Command::Finish { department, .. }
        | Command::Refuse { department, .. }
        | Command::DecideRefusal { department, .. }
        | Command::AgreeTask { department, .. }
        | Command::HandInEvidence { department, .. }
        | Command::OrderRework { department, .. } => {
            let summons = joined(whistle, department)?;
            of_department(whistle, summons, department, at, command, rules)
        }
    }
}

/// Makes the whistle that follows from an event.
///
/// # Panics
/// On an event that cannot follow: the history was not made by `decide`.
pub fn evolve(whistle: Option<Whistle>, at: Timestamp, event: &Event) -> Whistle {
    super::evolve::evolve(whistle, at, event)
}

/// The earliest instant at which something happens by itself: a reminder, supervision, the end of a suspension.
pub fn next_due(whistle: &Whistle) -> Option<Timestamp> {
    if let Some(until) = whistle.suspended_until {
        return Some(until);
    }
    let clocks = whistle.summonses.values().flat_map(|summons| &summons.clocks);
    clocks.filter_map(Clock::next_alarm).map(|(due, _)| due).min()
}

fn begin(at: Timestamp, command: &Command, rules: &Rules) -> Result<Vec<Event>, Refusal> {
    let Command::Sound { case_id, area, category, kind, level, departments, request } = command else {
        // A timer may outlive nothing, but it is never refused.
        return if command.kind() == CommandKind::Tick {
            Ok(Vec::new())
        } else {
            Err(Refusal::NoSuchWhistle)
        };
    };
    if area.level() < AreaLevel::SubDistrict {
        return Err(Refusal::AreaTooWide(area.clone()));
    }
    if departments.is_empty() {
        return Err(Refusal::NoDepartment);
    }
    let limits = limits(rules, at, *kind, *level);
    let start = |kind, term| Clock::start(kind, at, term, &rules.calendar);
    Ok(vec![Event::WhistleSounded {
        case_id: *case_id,
        area: area.clone(),
        category: category.clone(),
        kind: *kind,
        level: *level,
        departments: departments.clone(),
        request: request.clone(),
        clocks: vec![
            start(ClockKind::SignFor, limits.sign_for),
            start(ClockKind::MakeContact, limits.make_contact),
            start(ClockKind::ReportIn, limits.report_in),
            start(ClockKind::Finish, limits.finish),
        ],
    }])
}

/// The limits of the day on which the whistle was sounded.
fn limits(rules: &Rules, sounded_at: Timestamp, kind: Kind, level: Level) -> WhistleLimits {
    let subject = match (kind, level) {
        (Kind::Emergency, Level::Blue | Level::Yellow | Level::Red) => Subject::EmergencyWhistle,
        (Kind::JointEnforcement | Kind::PriorityWork, Level::Blue) => Subject::BlueWhistle,
        (Kind::JointEnforcement | Kind::PriorityWork, Level::Yellow) => Subject::YellowWhistle,
        (Kind::JointEnforcement | Kind::PriorityWork, Level::Red) => Subject::RedWhistle,
    };
    rules.limits.of_whistle(WorkCalendar::date_of(sounded_at), subject)
}

/// The summons of a department that was called and is not excused, under a whistle that is open.
fn joined<'a>(whistle: &'a Whistle, department: &DepartmentCode) -> Result<&'a Summons, Refusal> {
    let summons = whistle.summonses.get(department).ok_or_else(|| Refusal::NotCalled(department.clone()))?;
    match &whistle.phase {
        Phase::Sounded | Phase::Finished => {}
        Phase::Accepted { .. } => return Err(Refusal::AlreadyAccepted),
        Phase::Withdrawn { .. } => return Err(Refusal::Withdrawn),
    }
    if summons.is_joined() { Ok(summons) } else { Err(Refusal::Excused(department.clone())) }
}

fn of_department(
    whistle: &Whistle,
    summons: &Summons,
    department: &DepartmentCode,
    at: Timestamp,
    command: &Command,
    rules: &Rules,
) -> Result<Vec<Event>, Refusal> {
    let code = || department.clone();
    match command {
        Command::SignFor { .. } => Ok(steps_to(SummonsPhase::SignedFor, summons, department, at)),
        Command::MakeContact { .. } => Ok(steps_to(SummonsPhase::Contacted, summons, department, at)),
        Command::ReportIn { .. } => Ok(steps_to(SummonsPhase::ReportedIn, summons, department, at)),
        Command::Finish { summary, .. } => finish(whistle, summons, department, at, summary),
        Command::Refuse { reason, .. } => refuse(summons, department, reason),
        Command::DecideRefusal { decision, reason, .. } => {
            decide_refusal(whistle, summons, department, *decision, reason)
        }
        Command::AgreeTask { .. } if summons.phase == SummonsPhase::Done => Err(Refusal::AlreadyDone(code())),
        Command::AgreeTask { task, .. } if summons.task.as_ref() == Some(task) => Ok(Vec::new()),
        Command::AgreeTask { task, .. } => {
            Ok(vec![Event::TaskAgreed { department: code(), task: task.clone() }])
        }
        Command::HandInEvidence { text, references, .. } => Ok(vec![Event::EvidenceHandedIn {
            department: code(),
            text: text.clone(),
            references: references.clone(),
        }]),
        Command::OrderRework { reason, .. } => match summons.phase {
            SummonsPhase::Done => Ok(vec![rework(whistle, department, at, reason, rules)]),
            SummonsPhase::Called
            | SummonsPhase::SignedFor
            | SummonsPhase::Contacted
            | SummonsPhase::ReportedIn
            | SummonsPhase::Excused => Err(Refusal::NotDone(code())),
        },
        Command::Sound { .. }
        | Command::Accept { .. }
        | Command::Withdraw { .. }
        | Command::Suspend { .. }
        | Command::Resume
        | Command::Tick => panic!("{:?} does not concern a department", command.kind()),
    }
}

/// The steps that lead a department to a phase, those that it has not made yet.
fn steps_to(
    phase: SummonsPhase,
    summons: &Summons,
    department: &DepartmentCode,
    at: Timestamp,
) -> Vec<Event> {
    let late = |kind| summons.open_clock(kind).is_some_and(|clock| clock.has_run_out(at));
    let code = || department.clone();
    let steps = [
        (
            SummonsPhase::SignedFor,
            Event::DepartmentSignedFor { department: code(), late: late(ClockKind::SignFor) },
        ),
        (
            SummonsPhase::Contacted,
            Event::DepartmentMadeContact { department: code(), late: late(ClockKind::MakeContact) },
        ),
        (
            SummonsPhase::ReportedIn,
            Event::DepartmentReportedIn { department: code(), late: late(ClockKind::ReportIn) },
        ),
    ];
    let missing = |(step, _): &(SummonsPhase, Event)| *step > summons.phase && *step <= phase;
    steps.into_iter().filter(missing).map(|(_, event)| event).collect()
}

fn finish(
    whistle: &Whistle,
    summons: &Summons,
    department: &DepartmentCode,
    at: Timestamp,
    summary: &str,
) -> Result<Vec<Event>, Refusal> {
    match summons.phase {
        SummonsPhase::Called | SummonsPhase::SignedFor | SummonsPhase::Contacted => {
            Err(Refusal::NotReportedIn(department.clone()))
        }
        SummonsPhase::Done | SummonsPhase::Excused => Ok(Vec::new()),
        SummonsPhase::ReportedIn => {
            let late = summons.open_clock(ClockKind::Finish).is_some_and(|clock| clock.has_run_out(at));
            let finished = Event::DepartmentFinished {
                department: department.clone(),
                summary: summary.to_owned(),
                late,
            };
            let mut events = vec![finished];
            if summons.open_refusal.is_none() && waits_only_for(whistle, department) {
                events.push(Event::WhistleFinished);
            }
            Ok(events)
        }
    }
}

fn waits_only_for(whistle: &Whistle, department: &DepartmentCode) -> bool {
    whistle.waiting_for().iter().all(|code| code == department)
}

fn refuse(summons: &Summons, department: &DepartmentCode, reason: &str) -> Result<Vec<Event>, Refusal> {
    if summons.open_refusal.is_some() {
        return Ok(Vec::new());
    }
    match summons.phase {
        SummonsPhase::Done | SummonsPhase::Excused => Err(Refusal::AlreadyDone(department.clone())),
        SummonsPhase::Called
        | SummonsPhase::SignedFor
        | SummonsPhase::Contacted
        | SummonsPhase::ReportedIn => {
            if summons.refusals >= REFUSALS_AT_MOST {
                return Err(Refusal::RefusedTooOften(department.clone()));
            }
            Ok(vec![Event::SummonsRefused { department: department.clone(), reason: reason.to_owned() }])
        }
    }
}

fn decide_refusal(
    whistle: &Whistle,
    summons: &Summons,
    department: &DepartmentCode,
    decision: Decision,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    if summons.open_refusal.is_none() {
        return Err(Refusal::NoRefusalOpen(department.clone()));
    }
    let (department_code, reason) = (department.clone(), reason.to_owned());
    let others_are_done = waits_only_for(whistle, department);
    Ok(match decision {
        Decision::Stands => {
            let mut events = vec![Event::SummonsUpheld { department: department_code, reason }];
            if summons.phase == SummonsPhase::Done && others_are_done {
                events.push(Event::WhistleFinished);
            }
            events
        }
        Decision::Excused => {
            let excused = Event::DepartmentExcused { department: department_code, reason: reason.clone() };
            if whistle.summonses.values().filter(|summons| summons.is_joined()).count() == 1 {
                vec![excused, Event::WhistleWithdrawn { reason }]
            } else if others_are_done {
                vec![excused, Event::WhistleFinished]
            } else {
                vec![excused]
            }
        }
    })
}

fn rework(
    whistle: &Whistle,
    department: &DepartmentCode,
    at: Timestamp,
    reason: &str,
    rules: &Rules,
) -> Event {
    let term = limits(rules, whistle.sounded_at, whistle.kind, whistle.level).rework;
    let mut clock = Clock::start(ClockKind::Finish, at, term, &rules.calendar);
    if whistle.suspended_until.is_some() {
        clock.suspend(at);
    }
    Event::ReworkOrdered { department: department.clone(), reason: reason.to_owned(), clock }
}

fn accept(whistle: &Whistle, summary: &str) -> Result<Vec<Event>, Refusal> {
    match &whistle.phase {
        Phase::Sounded => Err(Refusal::NotFinished { waiting_for: whistle.waiting_for() }),
        Phase::Finished => {
            let finishes = whistle.summonses.values().filter(|summons| summons.is_joined());
            let late = finishes
                .flat_map(|summons| &summons.clocks)
                .any(|clock| clock.kind == ClockKind::Finish && clock.overdue);
            Ok(vec![Event::ResultAccepted { summary: summary.to_owned(), late }])
        }
        Phase::Accepted { .. } => Ok(Vec::new()),
        Phase::Withdrawn { .. } => Err(Refusal::Withdrawn),
    }
}

fn withdraw(whistle: &Whistle, reason: &str) -> Result<Vec<Event>, Refusal> {
    match &whistle.phase {
        Phase::Sounded | Phase::Finished => Ok(vec![Event::WhistleWithdrawn { reason: reason.to_owned() }]),
        Phase::Accepted { .. } => Err(Refusal::AlreadyAccepted),
        Phase::Withdrawn { .. } => Ok(Vec::new()),
    }
}

fn suspend(whistle: &Whistle, at: Timestamp, until: Timestamp) -> Vec<Event> {
    let pointless = !whistle.is_open() || whistle.suspended_until.is_some() || until <= at;
    if pointless { Vec::new() } else { vec![Event::ClocksSuspended { until_at: until }] }
}

/// The end of a suspension, at the latest when it was to end anyway.
fn resume(whistle: &Whistle, at: Timestamp, rules: &Rules) -> Option<Event> {
    let resumed_at = whistle.suspended_until?.min(at);
    let resumed = |summons: &Summons| {
        let mut clocks = summons.clocks.clone();
        clocks.iter_mut().for_each(|clock| clock.resume(resumed_at, &rules.calendar));
        clocks
    };
    let open = whistle.summonses.iter().filter(|(_, summons)| summons.clocks.iter().any(Clock::is_open));
    let clocks = open.map(|(code, summons)| (code.clone(), resumed(summons))).collect();
    Some(Event::ClocksResumed { resumed_at, clocks })
}

/// Everything that is due by now, in the order in which it became due.
fn tick(whistle: &Whistle, at: Timestamp, rules: &Rules) -> Vec<Event> {
    let mut whistle = whistle.clone();
    let mut events = Vec::new();
    while let Some(event) = by_itself(&whistle, at, rules) {
        whistle = evolve(Some(whistle), at, &event);
        events.push(event);
    }
    events
}

fn by_itself(whistle: &Whistle, at: Timestamp, rules: &Rules) -> Option<Event> {
    if let Some(until) = whistle.suspended_until {
        return if until <= at { resume(whistle, at, rules) } else { None };
    }
    let of_all = whistle.summonses.iter().flat_map(|(code, summons)| {
        summons.clocks.iter().filter_map(move |clock| {
            clock.alarm_at(at).map(|(due, alarm)| (due, code, clock.kind, alarm, clock.due_at))
        })
    });
    let (_, code, clock, alarm, due_at) = of_all.min()?;
    let department = code.clone();
    Some(match alarm {
        Alarm::Reminder => Event::DepartmentReminded { department, clock, due_at },
        Alarm::RunOut => Event::DepartmentSupervised { department, clock, due_at },
    })
}
