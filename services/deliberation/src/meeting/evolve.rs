//! What a meeting is after an event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::event::Event;
use super::floor::{Floor, Hand};
use super::state::{Amendment, Call, Decision, Meeting, Motion, Phase, Ruling, Stage};

/// What a meeting is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(meeting: Option<Meeting>, at: Timestamp, event: &Event) -> Meeting {
    let mut meeting = match (meeting, event) {
        (None, Event::Convened(call)) => return convened(call, at),
        (Some(meeting), _) => meeting,
        (None, event) => panic!("{event:?} cannot be the first"),
    };
    match event {
        Event::Opened { present } => {
            meeting.present.clone_from(present);
            meeting.stage = Stage::Open { since: at };
        }
        Event::Arrived { seat } => {
            meeting.present.insert(*seat);
        }
        Event::Left { seat } => {
            meeting.present.remove(seat);
            if let Some(floor) = floor(&mut meeting) {
                floor.lower(*seat);
            }
        }
        Event::Moved { seat, topic, text } => {
            meeting.moved += 1;
            meeting.motion = Some(Motion {
                topic: *topic,
                text: text.clone(),
                mover: *seat,
                seconder: None,
                phase: Phase::Moved,
                amendment: None,
            });
        }
        Event::Ruled { text } => {
            meeting.rulings.push(Ruling { text: text.clone(), at, overturned: None });
        }
        Event::AppealDecided(appeal) => {
            if let Some(ruling) = meeting.rulings.get_mut((appeal.ruling as usize).saturating_sub(1)) {
                ruling.overturned = Some(appeal.count.carries());
            }
        }
        Event::Closed => {
            let opened_at = match meeting.stage {
                Stage::Open { since } => Some(since),
                Stage::Convened | Stage::Closed { .. } => None,
            };
            meeting.stage = Stage::Closed { opened_at, at };
        }
        Event::Decided(poll) => {
            let motion = meeting.motion.take().unwrap_or_else(|| panic!("{event:?} without a motion"));
            let (number, poll) = (meeting.moved, poll.clone());
            meeting.decided.push(Decision { number, topic: motion.topic, text: motion.text, poll, at });
        }
        Event::Lapsed => meeting.motion = None,
        Event::HandRaised { .. }
        | Event::HandLowered { .. }
        | Event::Recognised { .. }
        | Event::SpeechEnded { .. } => on_floor(&mut meeting, at, event),
        _ => on_motion(&mut meeting, event),
    }
    meeting
}

fn convened(call: &Call, at: Timestamp) -> Meeting {
    Meeting {
        call: call.clone(),
        convened_at: at,
        stage: Stage::Convened,
        present: BTreeSet::new(),
        moved: 0,
        motion: None,
        decided: Vec::new(),
        rulings: Vec::new(),
        spoken: BTreeMap::new(),
    }
}

fn floor(meeting: &mut Meeting) -> Option<&mut Floor> {
    match &mut meeting.motion.as_mut()?.phase {
        Phase::Debated(floor) => Some(floor),
        Phase::Moved | Phase::Seconded | Phase::DebateClosed => None,
    }
}

/// What happens to the floor.
fn on_floor(meeting: &mut Meeting, at: Timestamp, event: &Event) {
    let block = match event {
        Event::HandRaised { seat, .. } => meeting.seat(*seat).map(|seat| seat.block),
        _ => None,
    };
    if let Event::SpeechEnded { seat, seconds, .. } = event {
        *meeting.spoken.entry(*seat).or_default() += seconds;
    }
    match (floor(meeting), event, block) {
        (Some(floor), Event::HandRaised { seat, side }, Some(block)) => {
            floor.hands.push(Hand { seat: *seat, block, side: *side, since: at });
        }
        (Some(floor), Event::HandLowered { seat }, _) => floor.lower(*seat),
        (Some(floor), Event::Recognised { seat }, _) => floor.give(*seat, at),
        (Some(floor), Event::SpeechEnded { seconds, .. }, _) => floor.end(*seconds),
        (_, event, _) => panic!("{event:?} without a debate, or of no seat"),
    }
}

/// What happens to the motion before the meeting.
fn on_motion(meeting: &mut Meeting, event: &Event) {
    let motion = meeting.motion.as_mut().unwrap_or_else(|| panic!("{event:?} without a motion"));
    match event {
        Event::Seconded { seat } => {
            motion.seconder = Some(*seat);
            motion.phase = Phase::Seconded;
        }
        Event::DebateOpened => motion.phase = Phase::Debated(Floor::default()),
        Event::AmendmentMoved { seat, text } => {
            motion.amendment = Some(Amendment { text: text.clone(), mover: *seat, seconder: None });
        }
        Event::AmendmentSeconded { seat } => {
            if let Some(amendment) = &mut motion.amendment {
                amendment.seconder = Some(*seat);
            }
        }
        Event::AmendmentDecided { count } => {
            if let (Some(amendment), true) = (motion.amendment.take(), count.carries()) {
                motion.text = amendment.text;
            }
        }
        Event::AmendmentLapsed => motion.amendment = None,
        Event::DebateClosed => motion.phase = Phase::DebateClosed,
        // That it was voted is for the minutes; what follows from it is an event of its own.
        Event::ClosureDecided { .. } => {}
        event => panic!("{event:?} does not happen to a motion"),
    }
}
