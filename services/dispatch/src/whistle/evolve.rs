//! How a whistle follows from what happened to it. Needs no rule: events carry what was computed when they were decided.

use gongzhi_proto::ids::DepartmentCode;
use jiff::Timestamp;

use super::event::Event;
use super::state::{Phase, Summons, SummonsPhase, Whistle};
use crate::clock::{Alarm, Clock, ClockKind};

pub(super) fn evolve(whistle: Option<Whistle>, at: Timestamp, event: &Event) -> Whistle {
    match (whistle, event) {
        (None, Event::WhistleSounded { .. }) => sounded(at, event),
        (Some(mut whistle), event) => {
            apply(&mut whistle, at, event);
            whistle
        }
        (None, event) => panic!("a whistle cannot begin with {}", event.name()),
    }
}

fn sounded(at: Timestamp, event: &Event) -> Whistle {
    let Event::WhistleSounded { case_id, area, category, kind, level, departments, request, clocks } = event
    else {
        panic!("a whistle cannot begin with {}", event.name());
    };
    let summons = Summons {
        phase: SummonsPhase::Called,
        clocks: clocks.clone(),
        open_refusal: None,
        refusals: 0,
        reminders: 0,
        supervised: false,
        task: None,
        reworks: 0,
    };
    Whistle {
        case_id: *case_id,
        area: area.clone(),
        category: category.clone(),
        kind: *kind,
        level: *level,
        request: request.clone(),
        sounded_at: at,
        phase: Phase::Sounded,
        suspended_until: None,
        summonses: departments.iter().map(|code| (code.clone(), summons.clone())).collect(),
    }
}

fn apply(whistle: &mut Whistle, at: Timestamp, event: &Event) {
    match event {
        Event::WhistleSounded { .. } => panic!("a {} whistle cannot be sounded again", whistle.phase.name()),
        Event::DepartmentSignedFor { department, .. } => {
            reach(summons(whistle, department), SummonsPhase::SignedFor, ClockKind::SignFor, at);
        }
        Event::DepartmentMadeContact { department, .. } => {
            reach(summons(whistle, department), SummonsPhase::Contacted, ClockKind::MakeContact, at);
        }
        Event::DepartmentReportedIn { department, .. } => {
            reach(summons(whistle, department), SummonsPhase::ReportedIn, ClockKind::ReportIn, at);
        }
        Event::DepartmentFinished { department, .. } => {
            reach(summons(whistle, department), SummonsPhase::Done, ClockKind::Finish, at);
        }
        Event::SummonsRefused { department, reason } => {
            let summons = summons(whistle, department);
            summons.open_refusal = Some(reason.clone());
            summons.refusals += 1;
        }
        Event::SummonsUpheld { department, .. } => summons(whistle, department).open_refusal = None,
        Event::DepartmentExcused { department, .. } => {
            let summons = summons(whistle, department);
            summons.open_refusal = None;
            summons.phase = SummonsPhase::Excused;
            summons.clocks.iter_mut().for_each(|clock| clock.cancel(at));
        }
        Event::TaskAgreed { department, task } => summons(whistle, department).task = Some(task.clone()),
        // Evidence is history and changes nothing.
        Event::EvidenceHandedIn { .. } => {}
        Event::ReworkOrdered { department, clock, .. } => {
            let summons = summons(whistle, department);
            summons.phase = SummonsPhase::ReportedIn;
            summons.reworks += 1;
            summons.clocks.push(clock.clone());
            whistle.phase = Phase::Sounded;
        }
        Event::WhistleFinished => whistle.phase = Phase::Finished,
        Event::ResultAccepted { summary, .. } => {
            end(whistle, at, Phase::Accepted { accepted_at: at, summary: summary.clone() });
        }
        Event::WhistleWithdrawn { reason } => {
            end(whistle, at, Phase::Withdrawn { withdrawn_at: at, reason: reason.clone() });
        }
        Event::ClocksSuspended { until_at } => {
            whistle.suspended_until = Some(*until_at);
            whistle.summonses.values_mut().flat_map(|summons| &mut summons.clocks).for_each(|clock| {
                clock.suspend(at);
            });
        }
        Event::ClocksResumed { clocks, .. } => {
            whistle.suspended_until = None;
            for (department, clocks) in clocks {
                summons(whistle, department).clocks.clone_from(clocks);
            }
        }
        Event::DepartmentReminded { department, clock, .. } => {
            let summons = summons(whistle, department);
            summons.reminders += 1;
            open_clock(summons, *clock).note(Alarm::Reminder);
        }
        Event::DepartmentSupervised { department, clock, .. } => {
            let summons = summons(whistle, department);
            summons.supervised = true;
            open_clock(summons, *clock).note(Alarm::RunOut);
        }
    }
}

fn summons<'a>(whistle: &'a mut Whistle, department: &DepartmentCode) -> &'a mut Summons {
    whistle.summonses.get_mut(department).unwrap_or_else(|| panic!("{department} was not called"))
}

fn reach(summons: &mut Summons, phase: SummonsPhase, clock: ClockKind, at: Timestamp) {
    open_clock(summons, clock).stop(at);
    summons.phase = phase;
}

fn open_clock(summons: &mut Summons, kind: ClockKind) -> &mut Clock {
    let open = summons.clocks.iter_mut().find(|clock| clock.kind == kind && clock.is_open());
    open.unwrap_or_else(|| panic!("no {} clock is open", kind.as_str()))
}

fn end(whistle: &mut Whistle, at: Timestamp, phase: Phase) {
    whistle.suspended_until = None;
    for summons in whistle.summonses.values_mut() {
        summons.open_refusal = None;
        summons.clocks.iter_mut().for_each(|clock| clock.cancel(at));
    }
    whistle.phase = phase;
}
