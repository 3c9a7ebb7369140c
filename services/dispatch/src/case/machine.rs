//! The law of the case: what may happen to it, and what then happens. Pure: no clock, no ids of its own, no database.
//!
//! Does not know who asks; whether a person may ask is said by the access law of the contracts. Choices that are not obvious:
//! - A clock has run out from its due instant on, so that it does not matter whether the timer or a person comes first.
//! - One "not satisfied" reopens a case at once; the judgements of the other reporters are then of a round that is past, and ignored.
//! - Whoever goes on with the work (accepts, sounds a whistle, settles) ends an approved suspension by it. Void and settled cases have none.
//! - A clock that is stopped is history: work that comes back gets a new clock with what was left, never the old one moved.

use gongzhi_proto::ids::Level;
use jiff::{SignedDuration, Timestamp};

pub use super::command::{Command, CommandKind};
pub use super::event::Event;
pub use super::refusal::Refusal;
pub use super::state::Case;
use super::state::{
    ConsultationOutcome, Phase, Rating, Registration, Rung, Suspension, Terms, Urgency, Verification,
};
use crate::calendar::WorkCalendar;
use crate::clock::{Alarm, Clock, ClockKind, Term};
use crate::limits::Subject;
use crate::rules::Rules;

/// The longest suspension: 90 days.
const LONGEST_SUSPENSION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Says what happens when a command comes: events, none when there is nothing to do, or why not.
pub fn decide(
    case: Option<&Case>,
    at: Timestamp,
    command: &Command,
    rules: &Rules,
) -> Result<Vec<Event>, Refusal> {
    let Some(case) = case else {
        return match (command, command.kind()) {
            (Command::Register(registration), _) => register(registration, at, rules),
            (_, CommandKind::RecordRating | CommandKind::Tick) => Ok(Vec::new()),
            (_, _) => Err(Refusal::NoSuchCase),
        };
    };
    match overslept(case, at, command, rules) {
        None => decide_now(case, at, command, rules),
        Some(ended) => {
            let case = evolve(Some(case.clone()), at, &ended);
            let events = decide_now(&case, at, command, rules)?;
            Ok(if events.is_empty() { events } else { [vec![ended], events].concat() })
        }
    }
}

/// The end of a suspension that the timer has not told yet. Whoever comes first after it meets clocks that run.
fn overslept(case: &Case, at: Timestamp, command: &Command, rules: &Rules) -> Option<Event> {
    let ended = case.suspended_until().is_some_and(|until| until <= at);
    if ended && *command != Command::Tick { end_suspension(case, at, rules) } else { None }
}

fn decide_now(case: &Case, at: Timestamp, command: &Command, rules: &Rules) -> Result<Vec<Event>, Refusal> {
    admit(case, command.kind())?;
    match command {
        Command::Register(_) => Err(Refusal::AlreadyRegistered),
        Command::JoinReporter => Ok(vec![Event::ReporterJoined { reporter: case.reporters + 1 }]),
        Command::Accept => Ok(accept(case, at, rules)),
        Command::ConveneConsultation => Ok(vec![Event::ConsultationConvened]),
        Command::ConcludeConsultation { outcome, minutes } => {
            Ok(vec![Event::ConsultationConcluded { outcome: *outcome, minutes: minutes.clone() }])
        }
        Command::Climb { reason } => {
            let rung = case.rung.above().ok_or(Refusal::AtTop)?;
            Ok(vec![Event::CaseClimbed { rung, reason: reason.clone() }])
        }
        Command::Whistle { whistle_id } => {
            let mut events: Vec<Event> = end_suspension(case, at, rules).into_iter().collect();
            events.push(Event::CaseWhistled { whistle_id: *whistle_id });
            Ok(events)
        }
        Command::WhistleWithdrawn => {
            let whistle_id = case.whistle_id().ok_or(Refusal::NoWhistle)?;
            Ok(vec![Event::CaseTakenBack { whistle_id }])
        }
        Command::WhistleAccepted { summary } | Command::Settle { summary } => {
            Ok(settle(case, at, summary, rules))
        }
        Command::Verify { result, finding } => Ok(vec![verify(case, at, *result, finding, rules)]),
        Command::RecordRating { round, reporter, rating } => {
            Ok(record_rating(case, at, *round, *reporter, *rating, rules))
        }
        Command::Void { reason } => Ok(vec![Event::CaseVoided { reason: reason.clone() }]),
        Command::RequestSuspension { reason } => {
            Ok(vec![Event::SuspensionRequested { reason: reason.clone() }])
        }
        Command::ApproveSuspension { until } => approve_suspension(at, *until),
        Command::RefuseSuspension { reason } => Ok(vec![Event::SuspensionRefused { reason: reason.clone() }]),
        Command::EraseContact { reporter, reason } => erase_contact(case, *reporter, reason),
        Command::Tick => Ok(tick(case, at, rules)),
    }
}

/// Makes the case that follows from an event.
///
/// # Panics
/// On an event that cannot follow: the history was not made by `decide`.
pub fn evolve(case: Option<Case>, at: Timestamp, event: &Event) -> Case {
    super::evolve::evolve(case, at, event)
}

/// The earliest instant at which something happens by itself: a reminder, a limit that runs out, the end of a suspension.
pub fn next_due(case: &Case) -> Option<Timestamp> {
    match case.suspended_until() {
        Some(until) => Some(until),
        None => case.open_clock().and_then(Clock::next_alarm).map(|(due, _)| due),
    }
}

/// What people may do with the case now.
pub fn allowed(case: &Case) -> Vec<CommandKind> {
    let left = |kind: &CommandKind| *kind != CommandKind::EraseContact || !case.is_erased();
    let possible = |kind: &CommandKind| kind.rpc().is_some() && admit(case, *kind).is_ok() && left(kind);
    CommandKind::ALL.into_iter().filter(possible).collect()
}

/// Says whether a command is possible in this state, whatever it says.
fn admit(case: &Case, kind: CommandKind) -> Result<(), Refusal> {
    match kind {
        CommandKind::Register => Err(Refusal::AlreadyRegistered),
        // Erasure is a right of the reporter, whatever became of the case.
        CommandKind::RecordRating | CommandKind::Tick | CommandKind::EraseContact => Ok(()),
        CommandKind::JoinReporter => in_work(case, Refusal::ReportAnew),
        CommandKind::Accept => match &case.phase {
            Phase::Registered => Ok(()),
            Phase::Closed { .. } => Err(Refusal::Closed),
            Phase::Void { .. } => Err(Refusal::Void),
            Phase::Handling
            | Phase::Consulting
            | Phase::Whistled { .. }
            | Phase::Settled { .. }
            | Phase::FollowingUp { .. } => Err(Refusal::AlreadyAccepted),
        },
        CommandKind::ConveneConsultation => handled(case).and_then(|()| may_convene(case)),
        CommandKind::ConcludeConsultation => match &case.phase {
            Phase::Consulting => Ok(()),
            Phase::Handling | Phase::Whistled { .. } => Err(Refusal::NoConsultation),
            Phase::Registered
            | Phase::Settled { .. }
            | Phase::FollowingUp { .. }
            | Phase::Closed { .. }
            | Phase::Void { .. } => handled(case),
        },
        CommandKind::Climb => handled(case).and_then(|()| may_climb(case)),
        CommandKind::Whistle => handled(case).and(match case.rung {
            Rung::SubDistrict => Ok(()),
            rung @ (Rung::Community | Rung::District) => Err(Refusal::NotAtSubDistrict(rung)),
        }),
        CommandKind::WhistleAccepted | CommandKind::WhistleWithdrawn => match &case.phase {
            Phase::Whistled { .. } => Ok(()),
            Phase::Handling | Phase::Consulting => Err(Refusal::NoWhistle),
            Phase::Registered
            | Phase::Settled { .. }
            | Phase::FollowingUp { .. }
            | Phase::Closed { .. }
            | Phase::Void { .. } => handled(case),
        },
        CommandKind::Settle => handled(case),
        CommandKind::Verify => match &case.phase {
            Phase::Settled { .. } => Ok(()),
            Phase::FollowingUp { .. } => Err(Refusal::AlreadyVerified),
            Phase::Closed { .. } => Err(Refusal::Closed),
            Phase::Void { .. } => Err(Refusal::Void),
            Phase::Registered | Phase::Handling | Phase::Consulting | Phase::Whistled { .. } => {
                Err(Refusal::NotSettled)
            }
        },
        CommandKind::Void => in_work(case, Refusal::AlreadySettled).and_then(|()| match case.whistle_id() {
            Some(whistle_id) => Err(Refusal::WhistleOpen(whistle_id)),
            None => Ok(()),
        }),
        CommandKind::RequestSuspension => match &case.suspension {
            None => in_work(case, Refusal::AlreadySettled),
            Some(Suspension { until_at: Some(until), .. }) => Err(Refusal::AlreadySuspended(*until)),
            Some(Suspension { until_at: None, .. }) => Err(Refusal::SuspensionPending),
        },
        CommandKind::ApproveSuspension | CommandKind::RefuseSuspension => match &case.suspension {
            Some(Suspension { until_at: None, .. }) => Ok(()),
            Some(Suspension { until_at: Some(until), .. }) => Err(Refusal::AlreadySuspended(*until)),
            None => in_work(case, Refusal::AlreadySettled).and(Err(Refusal::NoSuspensionRequested)),
        },
    }
}

/// Admits what needs a case that is being handled, and by nobody else.
fn handled(case: &Case) -> Result<(), Refusal> {
    match &case.phase {
        Phase::Handling => Ok(()),
        Phase::Registered => Err(Refusal::NotAccepted),
        Phase::Consulting => Err(Refusal::ConsultationOpen),
        Phase::Whistled { whistle_id } => Err(Refusal::WhistleOpen(*whistle_id)),
        Phase::Settled { .. } | Phase::FollowingUp { .. } => Err(Refusal::AlreadySettled),
        Phase::Closed { .. } => Err(Refusal::Closed),
        Phase::Void { .. } => Err(Refusal::Void),
    }
}

/// Admits what needs a case that is not declared done.
fn in_work(case: &Case, otherwise: Refusal) -> Result<(), Refusal> {
    match &case.phase {
        Phase::Registered | Phase::Handling | Phase::Consulting | Phase::Whistled { .. } => Ok(()),
        Phase::Settled { .. } | Phase::FollowingUp { .. } => Err(otherwise),
        Phase::Closed { .. } => Err(Refusal::Closed),
        Phase::Void { .. } => Err(Refusal::Void),
    }
}

fn may_convene(case: &Case) -> Result<(), Refusal> {
    match case.rung {
        Rung::Community if case.registration.place.lies_in_estate() => Ok(()),
        Rung::Community => Err(Refusal::NotInEstate),
        rung @ (Rung::SubDistrict | Rung::District) => Err(Refusal::NotAtCommunity(rung)),
    }
}

fn may_climb(case: &Case) -> Result<(), Refusal> {
    match case.rung {
        Rung::Community => match (case.registration.urgency, case.consultation) {
            (Urgency::Urgent, _) | (Urgency::Normal, Some(ConsultationOutcome::BeyondEstate)) => Ok(()),
            (Urgency::Normal, Some(ConsultationOutcome::WithinEstate) | None) => {
                if case.registration.place.lies_in_estate() {
                    Err(Refusal::ConsultationFirst)
                } else {
                    Ok(())
                }
            }
        },
        Rung::SubDistrict => Ok(()),
        Rung::District => Err(Refusal::AtTop),
    }
}

fn register(registration: &Registration, at: Timestamp, rules: &Rules) -> Result<Vec<Event>, Refusal> {
    let place = &registration.place;
    let Some(community) = place.area.at(Level::Community) else {
        return Err(Refusal::AreaTooWide(place.area.clone()));
    };
    if let Some(grid) = place.grid.as_ref().filter(|grid| grid.community() != community) {
        return Err(Refusal::GridElsewhere(grid.clone()));
    }
    let Some(category) = rules.categories.get(&registration.category) else {
        return Err(Refusal::UnknownCategory(registration.category.clone()));
    };
    let subject = match registration.urgency {
        Urgency::Normal => Subject::NormalCase,
        Urgency::Urgent => Subject::UrgentCase,
    };
    let limits = rules.limits.of_case(WorkCalendar::date_of(at), subject, category.answer_within);
    Ok(vec![Event::CaseRegistered {
        registration: Box::new(registration.clone()),
        terms: Terms { answer: limits.answer, reopened: limits.reopened, floor: limits.floor },
        clock: Clock::start(ClockKind::Accept, at, limits.accept, &rules.calendar),
    }])
}

fn accept(case: &Case, at: Timestamp, rules: &Rules) -> Vec<Event> {
    let ended = end_suspension(case, at, rules);
    let late = has_run_out(case, ended.as_ref(), at);
    let clock = Clock::start(ClockKind::Answer, at, case.terms.answer, &rules.calendar);
    ended.into_iter().chain([Event::CaseAccepted { clock, late }]).collect()
}

fn settle(case: &Case, at: Timestamp, summary: &str, rules: &Rules) -> Vec<Event> {
    let ended = end_suspension(case, at, rules);
    let late = has_run_out(case, ended.as_ref(), at);
    let settled =
        Event::CaseSettled { summary: summary.to_owned(), rung: case.rung, round: case.round, late };
    ended.into_iter().chain([settled]).collect()
}

fn has_run_out(case: &Case, ended: Option<&Event>, at: Timestamp) -> bool {
    match ended {
        Some(Event::SuspensionEnded { clock, .. }) => clock.has_run_out(at),
        Some(_) | None => case.open_clock().is_some_and(|clock| clock.has_run_out(at)),
    }
}

/// The end of an approved suspension, at the latest when it was to end anyway.
fn end_suspension(case: &Case, at: Timestamp, rules: &Rules) -> Option<Event> {
    let ended_at = case.suspended_until()?.min(at);
    let mut clock = case.open_clock()?.clone();
    clock.resume(ended_at, &rules.calendar);
    Some(Event::SuspensionEnded { ended_at, clock })
}

fn verify(case: &Case, at: Timestamp, result: Verification, finding: &str, rules: &Rules) -> Event {
    match result {
        Verification::Confirmed => {
            Event::CaseVerified { finding: finding.to_owned(), round: case.round, reporters: case.reporters }
        }
        Verification::SentBack => {
            let left = case.clocks.last().map_or(case.terms.floor, |clock| {
                clock.left(clock.stopped_at.unwrap_or(at), &rules.calendar).at_least(case.terms.floor)
            });
            let term = Term { limit: left, ..case.terms.answer };
            let clock = Clock::start(ClockKind::Answer, at, term, &rules.calendar);
            Event::CaseSentBack { finding: finding.to_owned(), round: case.round, clock }
        }
    }
}

fn record_rating(
    case: &Case,
    at: Timestamp,
    round: u32,
    reporter: u32,
    rating: Rating,
    rules: &Rules,
) -> Vec<Event> {
    let Phase::FollowingUp { ratings } = &case.phase else { return Vec::new() };
    let known = (1..=case.reporters).contains(&reporter);
    if round != case.round || !known || ratings.iter().any(|rated| rated.reporter == reporter) {
        return Vec::new();
    }
    let rated = Event::CaseRated { round, reporter, rating };
    match rating {
        Rating::NotSatisfied => {
            let clock = Clock::start(ClockKind::Answer, at, case.terms.reopened, &rules.calendar);
            vec![rated, Event::CaseReopened { round: case.round + 1, rung: case.rung, clock }]
        }
        Rating::Satisfied | Rating::FairlySatisfied | Rating::NotReached => {
            let all = ratings.len() + 1 == case.reporters as usize;
            if all { vec![rated, Event::CaseClosed { round }] } else { vec![rated] }
        }
    }
}

fn approve_suspension(at: Timestamp, until: Timestamp) -> Result<Vec<Event>, Refusal> {
    let latest = at.saturating_add(LONGEST_SUSPENSION).unwrap_or(Timestamp::MAX);
    if until <= at || until > latest {
        return Err(Refusal::UntilOutOfRange { latest });
    }
    Ok(vec![Event::SuspensionApproved { until_at: until }])
}

fn erase_contact(case: &Case, reporter: u32, reason: &str) -> Result<Vec<Event>, Refusal> {
    if !(1..=case.reporters).contains(&reporter) {
        return Err(Refusal::NoSuchReporter(reporter));
    }
    match case.erased.contains(&reporter) {
        true => Ok(Vec::new()),
        false => Ok(vec![Event::ContactErased { reporter, reason: reason.to_owned() }]),
    }
}

/// Everything that is due by now, in order.
fn tick(case: &Case, at: Timestamp, rules: &Rules) -> Vec<Event> {
    let mut case = case.clone();
    let mut events = Vec::new();
    while let Some(event) = by_itself(&case, at, rules) {
        case = evolve(Some(case), at, &event);
        events.push(event);
    }
    events
}

fn by_itself(case: &Case, at: Timestamp, rules: &Rules) -> Option<Event> {
    if let Some(until) = case.suspended_until() {
        return if until <= at { end_suspension(case, at, rules) } else { None };
    }
    let clock = case.open_clock()?;
    let (due_at, kind) = (clock.due_at, clock.kind);
    clock.alarm_at(at).map(|(_, alarm)| match alarm {
        Alarm::Reminder => Event::CaseReminded { clock: kind, due_at },
        Alarm::RunOut => Event::CaseOverdue { clock: kind, due_at },
    })
}
