//! Meetings as the contracts have them, with what follows from their state: who is next, and how speaking time was shared.

use std::collections::BTreeMap;

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::floor::{Block, Side};
use super::state::{Amendment, Count, Decision, Meeting, Motion, Phase, Poll, Ruling, Say, Stage};

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn block(block: Block) -> pb::SeatBlock {
    match block {
        Block::State => pb::SeatBlock::State,
        Block::Social => pb::SeatBlock::Social,
    }
}

pub(super) fn side(side: Side) -> pb::MotionSide {
    match side {
        Side::For => pb::MotionSide::For,
        Side::Against => pb::MotionSide::Against,
    }
}

pub(super) fn outcome(carried: bool) -> pb::MotionOutcome {
    if carried { pb::MotionOutcome::Carried } else { pb::MotionOutcome::Lost }
}

pub(super) fn method(poll: &Poll) -> pb::MeetingVoteMethod {
    match poll {
        Poll::Hands(_) => pb::MeetingVoteMethod::ShowOfHands,
        Poll::RollCall(_) => pb::MeetingVoteMethod::RollCall,
        Poll::Secret(_) => pb::MeetingVoteMethod::Secret,
    }
}

pub(super) fn count(count: Count) -> pb::ShowOfHands {
    pb::ShowOfHands {
        ayes: number(count.ayes),
        noes: number(count.noes),
        abstentions: number(count.abstentions),
    }
}

/// What may be shown of a vote.
pub(super) fn shown_count(poll: &Poll) -> Option<pb::ShowOfHands> {
    poll.shown().map(count)
}

pub(super) fn roll_call(poll: &Poll) -> Vec<pb::SeatVote> {
    let Poll::RollCall(said) = poll else { return Vec::new() };
    let vote = |(seat, say): (&u32, &Say)| {
        let choice = match say {
            Say::Aye => pb::Choice::For,
            Say::No => pb::Choice::Against,
            Say::Abstain => pb::Choice::Abstain,
        };
        pb::SeatVote { seat: number(*seat), choice: choice as i32 }
    };
    said.iter().map(vote).collect()
}

fn amendment(amendment: &Amendment) -> pb::Amendment {
    pb::Amendment {
        text: amendment.text.clone(),
        mover_seat: number(amendment.mover),
        seconder_seat: amendment.seconder.map_or(0, number),
    }
}

fn motion(motion: &Motion, moved: u32) -> pb::Motion {
    let phase = match &motion.phase {
        Phase::Moved => pb::MotionPhase::Moved,
        Phase::Seconded => pb::MotionPhase::Seconded,
        Phase::Debated(_) => pb::MotionPhase::Debated,
        Phase::DebateClosed => pb::MotionPhase::DebateClosed,
    };
    pb::Motion {
        number: number(moved),
        topic_id: motion.topic.to_string(),
        text: motion.text.clone(),
        mover_seat: number(motion.mover),
        seconder_seat: motion.seconder.map_or(0, number),
        phase: phase as i32,
        amendment: motion.amendment.as_ref().map(amendment),
    }
}

fn decision(decided: &Decision) -> pb::DecidedMotion {
    pb::DecidedMotion {
        number: number(decided.number),
        topic_id: decided.topic.to_string(),
        text: decided.text.clone(),
        outcome: outcome(decided.poll.count().carries()) as i32,
        method: method(&decided.poll) as i32,
        count: shown_count(&decided.poll),
        roll_call: roll_call(&decided.poll),
        decided_at: Some(to_wire(decided.at)),
    }
}

fn ruling((nth, ruling): (u32, &Ruling)) -> pb::Ruling {
    pb::Ruling {
        number: number(nth),
        text: ruling.text.clone(),
        ruled_at: Some(to_wire(ruling.at)),
        appeal: ruling.overturned.map_or(pb::MotionOutcome::Unspecified, outcome) as i32,
    }
}

/// Jain's index of shares: (Σt)²/(nΣt²). Where nobody has anything all are equal.
fn jain(shares: &[u32]) -> f64 {
    let sum: f64 = shares.iter().map(|share| f64::from(*share)).sum();
    let squares: f64 = shares.iter().map(|share| f64::from(*share).powi(2)).sum();
    if squares == 0.0 { 1.0 } else { sum.powi(2) / (shares.len() as f64 * squares) }
}

fn speaking_time(meeting: &Meeting) -> pb::SpeakingTime {
    let mut parties: BTreeMap<(Block, &str), u32> = BTreeMap::new();
    for (nth, seat) in (1..).zip(&meeting.call.seats) {
        *parties.entry((seat.block, &seat.party)).or_default() +=
            meeting.spoken.get(&nth).copied().unwrap_or(0);
    }
    let of = |wanted: Block| -> Vec<u32> {
        parties.iter().filter(|((block, _), _)| *block == wanted).map(|(_, seconds)| *seconds).collect()
    };
    let (state, social) = (of(Block::State), of(Block::Social));
    let (state_sum, social_sum) = (state.iter().sum(), social.iter().sum());
    let party = |((of, party), seconds): (&(Block, &str), &u32)| pb::PartySpeakingTime {
        block: block(*of) as i32,
        party: (*party).to_owned(),
        seconds: number(*seconds),
    };
    pb::SpeakingTime {
        state_seconds: number(state_sum),
        social_seconds: number(social_sum),
        blocks_jain: jain(&[state_sum, social_sum]),
        state_jain: jain(&state),
        social_jain: jain(&social),
        parties_jain: jain(&parties.values().copied().collect::<Vec<_>>()),
        parties: parties.iter().map(party).collect(),
    }
}

fn queue(meeting: &Meeting) -> Vec<pb::RaisedHand> {
    let Some(floor) = meeting.floor() else { return Vec::new() };
    let raised = |hand: super::floor::Hand| pb::RaisedHand {
        seat: number(hand.seat),
        side: side(hand.side) as i32,
        raised_at: Some(to_wire(hand.since)),
        turns_used: number(floor.turns_of(hand.seat)),
    };
    floor.order(meeting.call.bylaws.turn_seconds).into_iter().map(raised).collect()
}

/// Motions that were carried, and those that were lost.
pub(super) fn outcomes(meeting: &Meeting) -> (i32, i32) {
    let carried = meeting.decided.iter().filter(|decided| decided.poll.count().carries()).count();
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    (number(carried), number(meeting.decided.len() - carried))
}

/// Status, when it was opened, when it was closed.
fn standing(stage: Stage) -> (pb::MeetingStatus, Option<Timestamp>, Option<Timestamp>) {
    match stage {
        Stage::Convened => (pb::MeetingStatus::Convened, None, None),
        Stage::Open { since } => (pb::MeetingStatus::Open, Some(since), None),
        Stage::Closed { opened_at, at } => (pb::MeetingStatus::Closed, opened_at, Some(at)),
    }
}

pub(super) fn summary(id: &str, meeting: &Meeting, version: i64) -> pb::MeetingSummary {
    let call = &meeting.call;
    let (status, opened_at, closed_at) = standing(meeting.stage);
    let (carried, lost) = outcomes(meeting);
    pb::MeetingSummary {
        meeting_id: id.to_owned(),
        area_code: call.area.to_string(),
        agenda_id: call.agenda.to_string(),
        topic_ids: call.topics.iter().map(ToString::to_string).collect(),
        status: status as i32,
        convened_at: Some(to_wire(meeting.convened_at)),
        opened_at: opened_at.map(to_wire),
        closed_at: closed_at.map(to_wire),
        seats: number(meeting.seats()),
        present: number(meeting.present()),
        carried,
        lost,
        version,
    }
}

pub(super) fn meeting(id: &str, meeting: &Meeting, version: i64) -> pb::Meeting {
    let call = &meeting.call;
    let (status, opened_at, closed_at) = standing(meeting.stage);
    let seat = |(nth, seat): (u32, &super::state::Seat)| pb::MeetingSeat {
        number: number(nth),
        block: block(seat.block) as i32,
        party: seat.party.clone(),
        present: meeting.present.contains(&nth),
    };
    pb::Meeting {
        meeting_id: id.to_owned(),
        area_code: call.area.to_string(),
        agenda_id: call.agenda.to_string(),
        topic_ids: call.topics.iter().map(ToString::to_string).collect(),
        seats: (1..).zip(&call.seats).map(seat).collect(),
        bylaws: Some(pb::MeetingBylaws {
            quorum: Some(call.bylaws.quorum.shown()),
            closure: Some(call.bylaws.closure.shown()),
            turn_seconds: number(call.bylaws.turn_seconds),
            turns: number(call.bylaws.turns),
        }),
        status: status as i32,
        convened_at: Some(to_wire(meeting.convened_at)),
        opened_at: opened_at.map(to_wire),
        closed_at: closed_at.map(to_wire),
        quorate: meeting.is_quorate(),
        motion: meeting.motion.as_ref().map(|before| motion(before, meeting.moved)),
        turn: meeting.turn().map(|(turn, ends_at)| pb::SpeakingTurn {
            seat: number(turn.seat),
            side: side(turn.side) as i32,
            started_at: Some(to_wire(turn.since)),
            ends_at: Some(to_wire(ends_at)),
        }),
        queue: queue(meeting),
        decided: meeting.decided.iter().map(decision).collect(),
        rulings: (1..).zip(&meeting.rulings).map(ruling).collect(),
        speaking_time: Some(speaking_time(meeting)),
        version,
    }
}

#[cfg(test)]
mod tests {
    use super::jain;

    #[test]
    fn jain_is_one_among_equals_and_one_nth_for_one_alone() {
        for (shares, index) in [(&[5, 5, 5][..], 1.0), (&[7, 0, 0, 0], 0.25), (&[0, 0], 1.0), (&[], 1.0)] {
            assert!((jain(shares) - index).abs() < 1e-12, "{shares:?}");
        }
        assert!((jain(&[1, 3]) - 0.8).abs() < 1e-12);
    }
}
