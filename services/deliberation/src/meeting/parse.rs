//! Requests about meetings → what is asked for, with every field error at once. Nothing that names a person comes in.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{AgendaId, AreaCode, MeetingId, TopicId};

use super::event::{Appeal, Closure, Command};
use super::floor::{Block, Side};
use super::state::{Count, Poll, Say, Seat};
use crate::public_text::public_text;

/// Meetings on a page for which no size is asked, and most of them; lines of minutes likewise.
const PAGE: (i64, i64) = (50, 200);
/// Most topics of a meeting, and most seats.
const MOST: (usize, usize) = (20, 200);

/// What is asked of which meeting.
type Asked = Result<(MeetingId, Command), Failure>;

/// Topics of an agenda, and seats.
pub(super) struct Convening {
    pub(super) agenda: AgendaId,
    pub(super) topics: Vec<TopicId>,
    pub(super) seats: Vec<Seat>,
}

pub(super) fn convene(request: &pb::ConveneMeetingRequest) -> Result<Convening, Failure> {
    let mut violations = Violations::new();
    let agenda = violations.id("agenda_id", &request.agenda_id, AgendaId::parse);
    let topics: Vec<_> = (0..)
        .zip(request.topic_ids.iter().take(MOST.0))
        .filter_map(|(nth, topic)| violations.id(&format!("topic_ids[{nth}]"), topic, TopicId::parse))
        .collect();
    let given = request.topic_ids.len();
    if !(1..=MOST.0).contains(&given) {
        violations.add("topic_ids", format!("must be 1 to {}", MOST.0));
    } else if topics.iter().collect::<BTreeSet<_>>().len() < topics.len() {
        violations.add("topic_ids", "must name each topic once");
    }
    let seats = seats(&mut violations, &request.seats);
    Ok(Convening { agenda: violations.open(agenda)?, topics, seats })
}

fn seats(violations: &mut Violations, given: &[pb::MeetingSeat]) -> Vec<Seat> {
    if !(2..=MOST.1).contains(&given.len()) {
        violations.add("seats", format!("must be 2 to {}", MOST.1));
    }
    let mut seats = Vec::with_capacity(given.len().min(MOST.1));
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    for (nth, seat) in (0..).zip(given.iter().take(MOST.1)) {
        if seat.number != nth + 1 {
            violations.add(format!("seats[{nth}].number"), format!("must be {}", nth + 1));
        }
        let block = violations.choice::<pb::SeatBlock>(&format!("seats[{nth}].block"), seat.block);
        let field = format!("seats[{nth}].party");
        let party = public_text(violations, &field, &seat.party, (1, 20));
        let block = match block {
            Some(pb::SeatBlock::State) => Block::State,
            Some(pb::SeatBlock::Social) => Block::Social,
            Some(pb::SeatBlock::Unspecified) | None => continue,
        };
        if *blocks.entry(party.clone()).or_insert(block) != block {
            violations.add(field, "belongs to the other block on another seat");
        }
        seats.push(Seat { block, party });
    }
    let has = |block: Block| seats.iter().any(|seat| seat.block == block);
    if seats.len() == given.len() && seats.len() > 1 && !(has(Block::State) && has(Block::Social)) {
        violations.add("seats", "must hold at least one of each block");
    }
    seats
}

fn meeting(violations: &mut Violations, given: &str) -> Option<MeetingId> {
    violations.id("meeting_id", given, MeetingId::parse)
}

pub(super) fn id(given: &str) -> Result<MeetingId, Failure> {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, given);
    violations.open(id)
}

/// Takes the number of a seat or of something else that counts from 1.
fn ordinal(violations: &mut Violations, field: &str, given: i32) -> u32 {
    if given < 1 {
        violations.add(field, "must be a number from 1");
    }
    u32::try_from(given).unwrap_or(0)
}

/// Takes a count of votes that was stated.
fn count(violations: &mut Violations, field: &str, given: Option<pb::ShowOfHands>) -> Count {
    let Some(given) = given else {
        violations.add(field, "is required");
        return Count::default();
    };
    let mut number = |name: &str, given: i32| match u32::try_from(given) {
        Ok(number) if number <= MOST.1 as u32 => number,
        _ => {
            violations.add(format!("{field}.{name}"), format!("must be 0 to {}", MOST.1));
            0
        }
    };
    Count {
        ayes: number("ayes", given.ayes),
        noes: number("noes", given.noes),
        abstentions: number("abstentions", given.abstentions),
    }
}

pub(super) fn open(request: &pb::OpenMeetingRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let given = &request.present_seats;
    let present: BTreeSet<_> = (0..)
        .zip(given.iter().take(MOST.1))
        .map(|(nth, seat)| ordinal(&mut violations, &format!("present_seats[{nth}]"), *seat))
        .collect();
    if present.len() < given.len() {
        violations.add("present_seats", format!("must name each seat once, at most {}", MOST.1));
    }
    Ok((violations.open(id)?, Command::Open { present }))
}

pub(super) fn presence(request: &pb::MarkPresenceRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let seat = ordinal(&mut violations, "seat", request.seat);
    let presence = violations.choice::<pb::Presence>("presence", request.presence);
    let command = presence.and_then(|presence| match presence {
        pb::Presence::Unspecified => None,
        pb::Presence::Present => Some(Command::Arrive { seat }),
        pb::Presence::Left => Some(Command::Leave { seat }),
    });
    violations.open(id.zip(command))
}

/// A motion as it was entered.
pub(super) struct Moved {
    pub(super) id: MeetingId,
    pub(super) seat: u32,
    pub(super) topic: TopicId,
    pub(super) text: String,
}

pub(super) fn motion(request: &pb::MoveMotionRequest) -> Result<Moved, Failure> {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let seat = ordinal(&mut violations, "seat", request.seat);
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let text = public_text(&mut violations, "text", &request.text, (10, 500));
    let (id, topic) = violations.open(id.zip(topic))?;
    Ok(Moved { id, seat, topic, text })
}

/// Takes a meeting and the number of a seat.
fn of_seat(meeting_id: &str, seat: i32, command: impl FnOnce(u32) -> Command) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, meeting_id);
    let seat = ordinal(&mut violations, "seat", seat);
    Ok((violations.open(id)?, command(seat)))
}

pub(super) fn second(request: &pb::SecondMotionRequest) -> Asked {
    of_seat(&request.meeting_id, request.seat, |seat| Command::Second { seat })
}

pub(super) fn open_debate(request: &pb::OpenDebateRequest) -> Asked {
    Ok((id(&request.meeting_id)?, Command::OpenDebate))
}

pub(super) fn raise_hand(request: &pb::RaiseHandRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let seat = ordinal(&mut violations, "seat", request.seat);
    let side = violations.choice::<pb::MotionSide>("side", request.side).and_then(|side| match side {
        pb::MotionSide::Unspecified => None,
        pb::MotionSide::For => Some(Side::For),
        pb::MotionSide::Against => Some(Side::Against),
    });
    let (id, side) = violations.open(id.zip(side))?;
    Ok((id, Command::RaiseHand { seat, side }))
}

pub(super) fn lower_hand(request: &pb::LowerHandRequest) -> Asked {
    of_seat(&request.meeting_id, request.seat, |seat| Command::LowerHand { seat })
}

pub(super) fn recognise(request: &pb::RecogniseSeatRequest) -> Asked {
    of_seat(&request.meeting_id, request.seat, |seat| Command::Recognise { seat })
}

pub(super) fn end_speech(request: &pb::EndSpeechRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let seconds = u32::try_from(request.seconds_used);
    if seconds.is_err() {
        violations.add("seconds_used", "must be 0 or more");
    }
    let seconds = seconds.ok().filter(|seconds| *seconds > 0);
    Ok((violations.open(id)?, Command::EndSpeech { seconds }))
}

pub(super) fn amendment(request: &pb::MoveAmendmentRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let seat = ordinal(&mut violations, "seat", request.seat);
    let text = public_text(&mut violations, "text", &request.text, (10, 500));
    Ok((violations.open(id)?, Command::MoveAmendment { seat, text }))
}

pub(super) fn second_amendment(request: &pb::SecondAmendmentRequest) -> Asked {
    of_seat(&request.meeting_id, request.seat, |seat| Command::SecondAmendment { seat })
}

pub(super) fn vote_on_amendment(request: &pb::VoteOnAmendmentRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let count = count(&mut violations, "count", request.count);
    Ok((violations.open(id)?, Command::VoteAmendment { count }))
}

pub(super) fn close_debate(request: &pb::CloseDebateRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let closure = request.vote.as_ref().map(|vote| Closure {
        mover: ordinal(&mut violations, "vote.mover_seat", vote.mover_seat),
        seconder: ordinal(&mut violations, "vote.seconder_seat", vote.seconder_seat),
        count: count(&mut violations, "vote.count", vote.count),
    });
    Ok((violations.open(id)?, Command::CloseDebate { closure }))
}

pub(super) fn vote(request: &pb::VoteOnMotionRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let method = violations.choice::<pb::MeetingVoteMethod>("method", request.method);
    let by_seat = method == Some(pb::MeetingVoteMethod::RollCall);
    // Who said what is asked for in a roll call, and is not taken in any other vote.
    if !by_seat && !request.roll_call.is_empty() {
        violations.add("roll_call", "must be empty unless the vote is by roll call");
    }
    if by_seat && request.count.is_some() {
        violations.add("count", "must be absent in a roll call, which is counted from it");
    }
    let poll = match method {
        Some(pb::MeetingVoteMethod::ShowOfHands) => {
            Some(Poll::Hands(count(&mut violations, "count", request.count)))
        }
        Some(pb::MeetingVoteMethod::Secret) => {
            Some(Poll::Secret(count(&mut violations, "count", request.count)))
        }
        Some(pb::MeetingVoteMethod::RollCall) => {
            Some(Poll::RollCall(roll_call(&mut violations, &request.roll_call)))
        }
        Some(pb::MeetingVoteMethod::Unspecified) | None => None,
    };
    let (id, poll) = violations.open(id.zip(poll))?;
    Ok((id, Command::Vote(poll)))
}

fn roll_call(violations: &mut Violations, given: &[pb::SeatVote]) -> BTreeMap<u32, Say> {
    if !(1..=MOST.1).contains(&given.len()) {
        violations.add("roll_call", format!("must be 1 to {}", MOST.1));
    }
    let mut said = BTreeMap::new();
    for (nth, vote) in (0..).zip(given.iter().take(MOST.1)) {
        let seat = ordinal(violations, &format!("roll_call[{nth}].seat"), vote.seat);
        let say = match violations.choice::<pb::Choice>(&format!("roll_call[{nth}].choice"), vote.choice) {
            Some(pb::Choice::For) => Say::Aye,
            Some(pb::Choice::Against) => Say::No,
            Some(pb::Choice::Abstain | pb::Choice::Unspecified) | None => Say::Abstain,
        };
        if said.insert(seat, say).is_some() {
            violations.add(format!("roll_call[{nth}].seat"), "is named twice");
        }
    }
    said
}

pub(super) fn lapse(request: &pb::LapseMotionRequest) -> Asked {
    Ok((id(&request.meeting_id)?, Command::Lapse))
}

pub(super) fn ruling(request: &pb::MakeRulingRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let text = public_text(&mut violations, "text", &request.text, (5, 500));
    Ok((violations.open(id)?, Command::Rule { text }))
}

pub(super) fn appeal(request: &pb::AppealRulingRequest) -> Asked {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let appeal = Appeal {
        ruling: ordinal(&mut violations, "ruling", request.ruling),
        mover: ordinal(&mut violations, "seat", request.seat),
        seconder: ordinal(&mut violations, "seconder_seat", request.seconder_seat),
        count: count(&mut violations, "count", request.count),
    };
    Ok((violations.open(id)?, Command::Appeal(appeal)))
}

pub(super) fn close(request: &pb::CloseMeetingRequest) -> Asked {
    Ok((id(&request.meeting_id)?, Command::Close))
}

pub(super) fn list(request: &pb::ListMeetingsRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(area)?, page))
}

pub(super) fn minutes(request: &pb::ListMinutesRequest) -> Result<(MeetingId, Page), Failure> {
    let mut violations = Violations::new();
    let id = meeting(&mut violations, &request.meeting_id);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(id)?, page))
}
