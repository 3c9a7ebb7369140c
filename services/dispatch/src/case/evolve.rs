//! How a case follows from what happened to it. Needs no rule: events carry what was computed when they were decided.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::event::Event;
use super::state::{Case, Phase, Rated, Registration, Rung, Suspension, Terms};
use crate::clock::{Alarm, Clock};

pub(super) fn evolve(case: Option<Case>, at: Timestamp, event: &Event) -> Case {
    match (case, event) {
        (None, Event::CaseRegistered { registration, terms, clock }) => {
            registered(at, Registration::clone(registration), *terms, clock.clone())
        }
        (Some(mut case), event) => {
            apply(&mut case, at, event);
            case
        }
        (None, event) => panic!("a case cannot begin with {}", event.name()),
    }
}

fn registered(at: Timestamp, registration: Registration, terms: Terms, clock: Clock) -> Case {
    Case {
        registration,
        registered_at: at,
        terms,
        phase: Phase::Registered,
        rung: Rung::Community,
        reporters: 1,
        round: 1,
        reworks: 0,
        consultation: None,
        suspension: None,
        erased: BTreeSet::new(),
        clocks: vec![clock],
    }
}

fn apply(case: &mut Case, at: Timestamp, event: &Event) {
    match event {
        Event::CaseRegistered { .. } => panic!("a {} case cannot be registered again", case.phase.name()),
        Event::ReporterJoined { reporter } => case.reporters = *reporter,
        Event::CaseAccepted { clock, .. } => {
            stop_clock(case, at);
            restart(case, clock);
        }
        Event::ConsultationConvened => case.phase = Phase::Consulting,
        Event::ConsultationConcluded { outcome, .. } => {
            case.consultation = Some(*outcome);
            case.phase = Phase::Handling;
        }
        Event::CaseClimbed { rung, .. } => case.rung = *rung,
        Event::CaseWhistled { whistle_id } => case.phase = Phase::Whistled { whistle_id: *whistle_id },
        Event::CaseTakenBack { .. } => case.phase = Phase::Handling,
        Event::CaseSettled { summary, .. } => {
            stop_clock(case, at);
            case.suspension = None;
            case.phase = Phase::Settled { summary: summary.clone() };
        }
        Event::CaseSentBack { clock, .. } => {
            case.reworks += 1;
            restart(case, clock);
        }
        Event::CaseVerified { .. } => case.phase = Phase::FollowingUp { ratings: Vec::new() },
        Event::CaseRated { reporter, rating, .. } => rate(case, *reporter, *rating),
        Event::CaseReopened { round, rung, clock } => {
            case.reworks += 1;
            case.round = *round;
            case.rung = *rung;
            restart(case, clock);
        }
        Event::CaseClosed { .. } => case.phase = Phase::Closed { closed_at: at },
        Event::CaseVoided { reason } => {
            if let Some(clock) = case.clocks.last_mut() {
                clock.cancel(at);
            }
            case.suspension = None;
            case.phase = Phase::Void { voided_at: at, reason: reason.clone() };
        }
        Event::SuspensionRequested { .. }
        | Event::SuspensionApproved { .. }
        | Event::SuspensionRefused { .. }
        | Event::SuspensionEnded { .. } => suspension(case, at, event),
        Event::ContactErased { reporter, .. } => {
            case.erased.insert(*reporter);
        }
        Event::CaseReminded { .. } => note(case, Alarm::Reminder, event),
        Event::CaseOverdue { .. } => note(case, Alarm::RunOut, event),
    }
}

fn suspension(case: &mut Case, at: Timestamp, event: &Event) {
    match event {
        Event::SuspensionRequested { reason } => {
            case.suspension = Some(Suspension { reason: reason.clone(), requested_at: at, until_at: None });
        }
        Event::SuspensionApproved { until_at } => {
            let Some(suspension) = &mut case.suspension else { panic!("nobody asked for a suspension") };
            suspension.until_at = Some(*until_at);
            case.clocks.iter_mut().for_each(|clock| clock.suspend(at));
        }
        Event::SuspensionRefused { .. } => case.suspension = None,
        Event::SuspensionEnded { clock, .. } => {
            case.suspension = None;
            let Some(last) = case.clocks.last_mut() else { panic!("a case without a clock was suspended") };
            *last = clock.clone();
        }
        other => panic!("{} does not concern a suspension", other.name()),
    }
}

fn rate(case: &mut Case, reporter: u32, rating: super::state::Rating) {
    let Phase::FollowingUp { ratings } = &mut case.phase else {
        panic!("a {} case cannot be rated", case.phase.name());
    };
    ratings.push(Rated { reporter, rating });
}

fn stop_clock(case: &mut Case, at: Timestamp) {
    if let Some(clock) = case.clocks.last_mut() {
        clock.stop(at);
    }
}

fn restart(case: &mut Case, clock: &Clock) {
    case.clocks.push(clock.clone());
    case.phase = Phase::Handling;
}

fn note(case: &mut Case, alarm: Alarm, event: &Event) {
    match case.clocks.last_mut().filter(|clock| clock.is_open()) {
        Some(clock) => clock.note(alarm),
        None => panic!("{} without a clock that counts", event.name()),
    }
}
