//! The law of a meeting: pure, total, no clock, no ids of its own. A step cannot be skipped, and nothing is decided without a quorum.
//!
//! ```text
//! convened ──open──▶ open ──close──▶ closed            motion:    moved ──second──▶ seconded ──open debate──▶ debated ──close debate──▶ vote ──▶ decided
//!     └────────────close────────────▶ closed            amendment, in a debate: moved ──second──▶ seconded ──vote──▶ the words of the motion, or nothing
//! ```

use std::collections::BTreeSet;

use gongzhi_proto::ids::TopicId;
use jiff::Timestamp;

use super::evolve::evolve;
use super::floor::{Floor, Side};
use super::state::{Count, MOST, Meeting, Motion, Phase, Poll, Stage};

pub use super::event::{Appeal, Closure, Command, Event};
pub use super::refusal::Refusal;

/// What follows from a command.
pub fn decide(meeting: Option<&Meeting>, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    let meeting = match (meeting, command) {
        (None, Command::Convene { foreign: Some(topic), .. }) => return Err(Refusal::NotOnAgenda(*topic)),
        (None, Command::Convene { call, .. }) => return Ok(vec![Event::Convened(call.clone())]),
        (Some(_), Command::Convene { .. }) => return Err(Refusal::AlreadyConvened),
        (None, _) => return Err(Refusal::Absent),
        (Some(meeting), _) => meeting,
    };
    match (command, run_out(meeting, at)) {
        (Command::Tick, run_out) => Ok(run_out.into_iter().collect()),
        // A turn that has run out has ended, also where nobody has said so yet.
        (command, Some(ended)) if !matches!(command, Command::EndSpeech { .. }) => {
            let after = evolve(Some(meeting.clone()), at, &ended);
            let mut events = vec![ended];
            events.extend(asked(&after, at, command)?);
            Ok(events)
        }
        _ => asked(meeting, at, command),
    }
}

/// The end of a turn that has come to its limit.
fn run_out(meeting: &Meeting, at: Timestamp) -> Option<Event> {
    let (turn, ends_at) = meeting.turn()?;
    let seconds = meeting.call.bylaws.turn_seconds;
    (at >= ends_at).then_some(Event::SpeechEnded { seat: turn.seat, seconds, clock: seconds })
}

/// What follows from what somebody asks of a meeting.
fn asked(meeting: &Meeting, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (&meeting.stage, command) {
        (Stage::Closed { .. }, _) => Err(Refusal::Closed),
        (Stage::Convened, Command::Open { present }) => open(meeting, present),
        (Stage::Convened, Command::Close) => Ok(vec![Event::Closed]),
        (Stage::Convened, _) => Err(Refusal::NotOpen),
        (Stage::Open { .. }, command) => in_session(meeting, at, command),
    }
}

fn open(meeting: &Meeting, present: &BTreeSet<u32>) -> Result<Vec<Event>, Refusal> {
    if let Some(missing) = present.iter().find(|seat| meeting.seat(**seat).is_none()) {
        return Err(Refusal::NoSuchSeat(*missing));
    }
    let after = Meeting { present: present.clone(), ..meeting.clone() };
    quorum(&after)?;
    Ok(vec![Event::Opened { present: present.clone() }])
}

fn in_session(meeting: &Meeting, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Arrive { seat } => match meeting.seat(*seat) {
            None => Err(Refusal::NoSuchSeat(*seat)),
            Some(_) if meeting.present.contains(seat) => Ok(Vec::new()),
            Some(_) => Ok(vec![Event::Arrived { seat: *seat }]),
        },
        Command::Leave { seat } => leave(meeting, *seat),
        Command::Move { seat, topic, text, decided_today } => {
            taken(meeting, *seat)?;
            move_motion(meeting, *topic, text, *decided_today)?;
            Ok(vec![Event::Moved { seat: *seat, topic: *topic, text: text.clone() }])
        }
        Command::Rule { .. } if meeting.rulings.len() >= MOST => Err(Refusal::TooMany),
        Command::Rule { text } => Ok(vec![Event::Ruled { text: text.clone() }]),
        Command::Appeal(appeal) => appealed(meeting, appeal),
        Command::Close if meeting.motion.is_some() => Err(Refusal::MotionBefore),
        Command::Close => Ok(vec![Event::Closed]),
        Command::Convene { .. } | Command::Open { .. } => Err(Refusal::AlreadyOpen),
        // What ends by itself was looked at before.
        Command::Tick => Ok(Vec::new()),
        Command::Second { .. }
        | Command::OpenDebate
        | Command::RaiseHand { .. }
        | Command::LowerHand { .. }
        | Command::Recognise { .. }
        | Command::EndSpeech { .. }
        | Command::MoveAmendment { .. }
        | Command::SecondAmendment { .. }
        | Command::VoteAmendment { .. }
        | Command::CloseDebate { .. }
        | Command::Vote(_)
        | Command::Lapse => {
            let motion = meeting.motion.as_ref().ok_or(Refusal::NoMotion)?;
            on_motion(meeting, motion, at, command)
        }
    }
}

/// What follows from what is asked while a motion is before the meeting.
fn on_motion(
    meeting: &Meeting,
    motion: &Motion,
    at: Timestamp,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Second { seat } => {
            second(meeting, *seat, motion.mover, motion.seconder)?;
            Ok(vec![Event::Seconded { seat: *seat }])
        }
        Command::OpenDebate => match &motion.phase {
            Phase::Moved => Err(Refusal::NotSeconded),
            Phase::Seconded => Ok(vec![Event::DebateOpened]),
            Phase::Debated(_) | Phase::DebateClosed => Err(Refusal::DebateOpen),
        },
        Command::Vote(poll) => {
            if !matches!(motion.phase, Phase::DebateClosed) {
                return Err(Refusal::DebateNotClosed);
            }
            counted(meeting, poll)?;
            Ok(vec![Event::Decided(poll.clone())])
        }
        Command::Lapse => lapse(meeting, motion),
        _ => match &motion.phase {
            Phase::Debated(floor) => in_debate(meeting, (motion, floor), at, command),
            Phase::Moved | Phase::Seconded | Phase::DebateClosed => Err(Refusal::DebateNotOpen),
        },
    }
}

/// What follows from what is asked during a debate.
fn in_debate(
    meeting: &Meeting,
    (motion, floor): (&Motion, &Floor),
    at: Timestamp,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::RaiseHand { seat, side } => raise_hand(meeting, floor, *seat, *side),
        Command::LowerHand { seat } if floor.hands.iter().any(|hand| hand.seat == *seat) => {
            Ok(vec![Event::HandLowered { seat: *seat }])
        }
        Command::LowerHand { seat } => Err(Refusal::NoHand(*seat)),
        Command::EndSpeech { seconds } => end_speech(meeting, at, *seconds),
        // Nobody is interrupted: everything else waits until the floor is free.
        _ => match floor.turn {
            Some(turn) => Err(Refusal::FloorTaken(turn.seat)),
            None => on_free_floor(meeting, (motion, floor), command),
        },
    }
}

fn on_free_floor(
    meeting: &Meeting,
    (motion, floor): (&Motion, &Floor),
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let amendment = motion.amendment.as_ref();
    match command {
        Command::Recognise { .. } if amendment.is_some_and(|amendment| amendment.seconder.is_none()) => {
            Err(Refusal::NotSeconded)
        }
        Command::Recognise { seat } => match floor.next() {
            None => Err(Refusal::NobodyWaits),
            Some(next) if next.seat != *seat => Err(Refusal::NotNext(next.seat)),
            Some(_) => Ok(vec![Event::Recognised { seat: *seat }]),
        },
        Command::MoveAmendment { .. } if amendment.is_some() => Err(Refusal::AmendmentBefore),
        Command::MoveAmendment { seat, text } => {
            taken(meeting, *seat)?;
            if meeting.has_decided(motion.topic, text) {
                return Err(Refusal::DecidedBefore);
            }
            Ok(vec![Event::AmendmentMoved { seat: *seat, text: text.clone() }])
        }
        Command::SecondAmendment { seat } => {
            let amendment = amendment.ok_or(Refusal::NoAmendment)?;
            second(meeting, *seat, amendment.mover, amendment.seconder)?;
            Ok(vec![Event::AmendmentSeconded { seat: *seat }])
        }
        Command::VoteAmendment { count } => {
            let amendment = amendment.ok_or(Refusal::NoAmendment)?;
            amendment.seconder.ok_or(Refusal::NotSeconded)?;
            at_most_present(meeting, *count)?;
            Ok(vec![Event::AmendmentDecided { count: *count }])
        }
        Command::CloseDebate { .. } if amendment.is_some() => Err(Refusal::AmendmentBefore),
        Command::CloseDebate { closure: None } if floor.hands.is_empty() => Ok(vec![Event::DebateClosed]),
        Command::CloseDebate { closure: None } => Err(Refusal::HandsUp),
        Command::CloseDebate { closure: Some(closure) } => close_by_vote(meeting, closure),
        // Everything else was answered before the floor was looked at.
        _ => Ok(Vec::new()),
    }
}

fn close_by_vote(meeting: &Meeting, closure: &Closure) -> Result<Vec<Event>, Refusal> {
    taken(meeting, closure.mover)?;
    second(meeting, closure.seconder, closure.mover, None)?;
    at_most_present(meeting, closure.count)?;
    let carried = meeting.call.bylaws.closure.is_reached(closure.count.ayes, meeting.present());
    let mut events = vec![Event::ClosureDecided { closure: *closure, carried }];
    events.extend(carried.then_some(Event::DebateClosed));
    Ok(events)
}

fn leave(meeting: &Meeting, seat: u32) -> Result<Vec<Event>, Refusal> {
    match (meeting.seat(seat), meeting.turn()) {
        (None, _) => Err(Refusal::NoSuchSeat(seat)),
        (Some(_), _) if !meeting.present.contains(&seat) => Ok(Vec::new()),
        (Some(_), Some((turn, _))) if turn.seat == seat => Err(Refusal::FloorTaken(seat)),
        (Some(_), _) => Ok(vec![Event::Left { seat }]),
    }
}

fn move_motion(meeting: &Meeting, topic: TopicId, text: &str, decided_today: bool) -> Result<(), Refusal> {
    if meeting.motion.is_some() {
        return Err(Refusal::MotionBefore);
    }
    if !meeting.call.topics.contains(&topic) {
        return Err(Refusal::OtherTopic);
    }
    if decided_today || meeting.has_decided(topic, text) {
        return Err(Refusal::DecidedBefore);
    }
    if meeting.moved as usize >= MOST { Err(Refusal::TooMany) } else { Ok(()) }
}

fn raise_hand(meeting: &Meeting, floor: &Floor, seat: u32, side: Side) -> Result<Vec<Event>, Refusal> {
    taken(meeting, seat)?;
    if floor.hands.iter().chain(&floor.turn).any(|hand| hand.seat == seat) {
        return Err(Refusal::HandIsUp(seat));
    }
    if floor.turns_of(seat) >= meeting.call.bylaws.turns {
        return Err(Refusal::TurnsUsed(seat));
    }
    Ok(vec![Event::HandRaised { seat, side }])
}

fn end_speech(meeting: &Meeting, at: Timestamp, seconds: Option<u32>) -> Result<Vec<Event>, Refusal> {
    let (turn, _) = meeting.turn().ok_or(Refusal::NobodySpeaks)?;
    let passed = at.duration_since(turn.since).as_secs().max(0);
    let clock = u32::try_from(passed).unwrap_or(u32::MAX).min(meeting.call.bylaws.turn_seconds);
    let seconds = seconds.unwrap_or(clock);
    if seconds > clock {
        return Err(Refusal::LongerThanClock(clock));
    }
    Ok(vec![Event::SpeechEnded { seat: turn.seat, seconds, clock }])
}

/// Drops what waits for a second that does not come, or for a quorum that is gone.
fn lapse(meeting: &Meeting, motion: &Motion) -> Result<Vec<Event>, Refusal> {
    if let Some((turn, _)) = meeting.turn() {
        return Err(Refusal::FloorTaken(turn.seat));
    }
    if motion.amendment.as_ref().is_some_and(|amendment| amendment.seconder.is_none()) {
        return Ok(vec![Event::AmendmentLapsed]);
    }
    if motion.seconder.is_none() || !meeting.is_quorate() {
        return Ok(vec![Event::Lapsed]);
    }
    Err(Refusal::NothingLapses)
}

fn appealed(meeting: &Meeting, appeal: &Appeal) -> Result<Vec<Event>, Refusal> {
    let nth = (appeal.ruling as usize).checked_sub(1);
    let ruling = nth.and_then(|nth| meeting.rulings.get(nth)).ok_or(Refusal::NoSuchRuling(appeal.ruling))?;
    if ruling.overturned.is_some() {
        return Err(Refusal::AlreadyAppealed(appeal.ruling));
    }
    taken(meeting, appeal.mover)?;
    second(meeting, appeal.seconder, appeal.mover, None)?;
    at_most_present(meeting, appeal.count)?;
    Ok(vec![Event::AppealDecided(*appeal)])
}

/// Fails unless a seat is taken.
fn taken(meeting: &Meeting, seat: u32) -> Result<(), Refusal> {
    match meeting.seat(seat) {
        None => Err(Refusal::NoSuchSeat(seat)),
        Some(_) if !meeting.present.contains(&seat) => Err(Refusal::SeatEmpty(seat)),
        Some(_) => Ok(()),
    }
}

/// Fails unless a seat may second what another one moved.
fn second(meeting: &Meeting, seat: u32, mover: u32, seconder: Option<u32>) -> Result<(), Refusal> {
    if seconder.is_some() {
        return Err(Refusal::AlreadySeconded);
    }
    taken(meeting, seat)?;
    if seat == mover { Err(Refusal::OwnMotion) } else { Ok(()) }
}

fn quorum(meeting: &Meeting) -> Result<(), Refusal> {
    let (present, seats) = (meeting.present(), meeting.seats());
    if meeting.is_quorate() { Ok(()) } else { Err(Refusal::NoQuorum { present, seats }) }
}

/// Fails unless there is a quorum and nobody voted twice.
fn at_most_present(meeting: &Meeting, count: Count) -> Result<(), Refusal> {
    quorum(meeting)?;
    let (votes, present) = (count.total(), meeting.present());
    if votes > present { Err(Refusal::TooManyVotes { votes, present }) } else { Ok(()) }
}

fn counted(meeting: &Meeting, poll: &Poll) -> Result<(), Refusal> {
    at_most_present(meeting, poll.count())?;
    match poll {
        Poll::RollCall(said) => said.keys().try_for_each(|seat| taken(meeting, *seat)),
        Poll::Hands(_) | Poll::Secret(_) => Ok(()),
    }
}
