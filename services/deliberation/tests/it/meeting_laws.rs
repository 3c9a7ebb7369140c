//! Laws that hold for every meeting, whatever commands come in whatever order.

use std::collections::BTreeMap;

use gongzhi_deliberation::meeting::floor::{Block, Floor, Side};
use gongzhi_deliberation::meeting::machine::{Closure, Event};
use gongzhi_deliberation::meeting::state::{Poll, Seat};
use gongzhi_deliberation::meeting::{Command, Meeting, decide, evolve};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::machines::at;
use crate::machines_meeting::{call, count, topic};

/// Seats of the meeting: three of the state, five of society.
const SEATS: u32 = 8;

/// Something that is done: a command, or what only the state knows how to say.
#[derive(Clone, Debug)]
enum Deed {
    Do(Command),
    /// Gives the floor to whoever is next.
    RecogniseNext,
}

fn seat() -> impl Strategy<Value = u32> {
    1..=SEATS
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::For), Just(Side::Against)]
}

fn poll() -> impl Strategy<Value = Poll> {
    (0..5_u32, 0..5_u32, 0..3_u32, any::<bool>()).prop_map(|(ayes, noes, abstentions, secret)| {
        let count = count(ayes, noes, abstentions);
        if secret { Poll::Secret(count) } else { Poll::Hands(count) }
    })
}

fn motion() -> impl Strategy<Value = Command> {
    (seat(), 1..3_u128, 0..4_u8).prop_map(|(seat, number, nth)| Command::Move {
        seat,
        topic: topic(number),
        text: format!("第{nth}号方案"),
        decided_today: false,
    })
}

/// What can be asked in a session; much of it is refused.
fn commands() -> impl Strategy<Value = Command> {
    prop_oneof![
        20 => (seat(), side()).prop_map(|(seat, side)| Command::RaiseHand { seat, side }),
        2 => seat().prop_map(|seat| Command::LowerHand { seat }),
        3 => seat().prop_map(|seat| Command::Recognise { seat }),
        8 => Just(Command::EndSpeech { seconds: None }),
        3 => (0..140_u32).prop_map(|seconds| Command::EndSpeech { seconds: Some(seconds) }),
        2 => seat().prop_map(|seat| Command::Leave { seat }),
        3 => seat().prop_map(|seat| Command::Arrive { seat }),
        3 => motion(),
        3 => seat().prop_map(|seat| Command::Second { seat }),
        3 => Just(Command::OpenDebate),
        1 => (seat(), 0..4_u8).prop_map(|(seat, nth)| Command::MoveAmendment { seat, text: format!("第{nth}号方案") }),
        2 => seat().prop_map(|seat| Command::SecondAmendment { seat }),
        2 => (0..6_u32, 0..4_u32).prop_map(|(ayes, noes)| Command::VoteAmendment { count: count(ayes, noes, 0) }),
        1 => Just(Command::CloseDebate { closure: None }),
        1 => (seat(), seat(), 0..9_u32).prop_map(|(mover, seconder, ayes)| Command::CloseDebate {
            closure: Some(Closure { mover, seconder, count: count(ayes, 0, 0) }),
        }),
        2 => poll().prop_map(Command::Vote),
        1 => Just(Command::Lapse),
        1 => Just(Command::Rule { text: "裁定".into() }),
        3 => Just(Command::Tick),
    ]
}

fn deeds() -> impl Strategy<Value = Vec<(i64, Deed)>> {
    let deed = prop_oneof![3 => commands().prop_map(Deed::Do), 1 => Just(Deed::RecogniseNext)];
    prop::collection::vec((0..90_i64, deed), 1..150)
}

fn follow(meeting: Option<Meeting>, at: Timestamp, events: &[Event]) -> Option<Meeting> {
    events.iter().fold(meeting, |meeting, event| Some(evolve(meeting, at, event)))
}

/// A meeting in the middle of a debate, all seats taken.
fn beginning() -> (Meeting, Vec<(Timestamp, Event)>) {
    let seat = |nth: u32| match nth {
        0..3 => Seat { block: Block::State, party: format!("街道{nth}") },
        _ => Seat { block: Block::Social, party: "居民".into() },
    };
    let call = gongzhi_deliberation::meeting::state::Call { seats: (0..SEATS).map(seat).collect(), ..call() };
    let commands = [
        Command::Convene { call: Box::new(call), foreign: None },
        Command::Open { present: (1..=SEATS).collect() },
        Command::Move { seat: 4, topic: topic(1), text: "第9号方案".into(), decided_today: false },
        Command::Second { seat: 1 },
        Command::OpenDebate,
    ];
    let (mut meeting, mut history) = (None, Vec::new());
    for command in &commands {
        let events = decide(meeting.as_ref(), at(0), command).unwrap();
        meeting = follow(meeting, at(0), &events);
        history.extend(events.into_iter().map(|event| (at(0), event)));
    }
    (meeting.unwrap(), history)
}

fn blocks_waiting(floor: &Floor) -> usize {
    [Block::State, Block::Social]
        .iter()
        .filter(|block| floor.hands.iter().any(|hand| hand.block == **block))
        .count()
}

/// Who has spoken on the motion, counted from the events alone.
#[derive(Default)]
struct Ledger {
    /// Turns and seconds of each seat.
    seats: BTreeMap<u32, (u32, u32)>,
    /// Seconds of the state and of society.
    blocks: (u32, u32),
}

impl Ledger {
    fn note(&mut self, meeting: &Meeting, event: &Event) {
        match event {
            Event::Moved { .. } => *self = Self::default(),
            Event::SpeechEnded { seat, seconds, .. } => {
                let (turns, sum) = self.seats.entry(*seat).or_default();
                (*turns, *sum) = (*turns + 1, *sum + seconds);
                match meeting.seat(*seat).unwrap().block {
                    Block::State => self.blocks.0 += seconds,
                    Block::Social => self.blocks.1 += seconds,
                }
            }
            _ => {}
        }
    }

    fn check(&self, meeting: &Meeting, both_waited: bool) -> Result<(), TestCaseError> {
        let bylaws = &meeting.call.bylaws;
        for (turns, seconds) in self.seats.values() {
            prop_assert!(*turns <= bylaws.turns, "a turn too many");
            prop_assert!(*seconds <= bylaws.turns * bylaws.turn_seconds, "spoke for too long");
        }
        if both_waited {
            let difference = self.blocks.0.abs_diff(self.blocks.1);
            prop_assert!(difference <= bylaws.turn_seconds, "{:?}", self.blocks);
        }
        Ok(())
    }
}

/// What holds of an event, by the meeting before it.
fn check_event(before: &Meeting, event: &Event) -> Result<(), TestCaseError> {
    let bylaws = &before.call.bylaws;
    match event {
        Event::Moved { topic, text, .. } => {
            prop_assert!(before.motion.is_none(), "two motions at a time");
            prop_assert!(!before.has_decided(*topic, text), "decided, and back on the same day");
        }
        Event::Recognised { seat } => {
            let floor = before.floor().unwrap();
            let block = before.seat(*seat).unwrap().block;
            let passed_over =
                floor.hands.iter().any(|hand| floor.seconds_of(hand.block) < floor.seconds_of(block));
            prop_assert!(!passed_over, "a block with less time waits");
            prop_assert!(floor.turn.is_none(), "somebody is interrupted");
            prop_assert!(floor.turns_of(*seat) < bylaws.turns, "a turn too many");
            prop_assert_eq!(floor.order(bylaws.turn_seconds)[0].seat, *seat, "the page shows another order");
        }
        Event::SpeechEnded { seconds, .. } => {
            prop_assert!(*seconds <= bylaws.turn_seconds, "spoke for too long")
        }
        Event::Decided(poll) => {
            prop_assert!(before.is_quorate(), "decided without a quorum");
            prop_assert!(poll.count().total() <= before.present());
            let motion = before.motion.as_ref().unwrap();
            prop_assert!(motion.seconder.is_some() && motion.seconder != Some(motion.mover));
            prop_assert!(motion.amendment.is_none(), "decided before its amendment");
        }
        Event::AmendmentDecided { .. } | Event::ClosureDecided { .. } => {
            prop_assert!(before.is_quorate(), "decided without a quorum");
        }
        _ => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_the_rules_of_debate(deeds in deeds()) {
        let (mut meeting, mut history) = beginning();
        let mut now = at(0);
        // While both blocks have had hands up at every recognition of this debate.
        let (mut both_waited, mut ledger) = (true, Ledger::default());
        for (wait, deed) in deeds {
            now += SignedDuration::from_secs(wait);
            let next = meeting.floor().and_then(Floor::next).map_or(1, |hand| hand.seat);
            let command = match deed {
                Deed::Do(command) => command,
                Deed::RecogniseNext => Command::Recognise { seat: next },
            };
            let Ok(events) = decide(Some(&meeting), now, &command) else { continue };
            for event in events {
                check_event(&meeting, &event)?;
                match (&event, meeting.floor()) {
                    (Event::DebateOpened, _) => both_waited = true,
                    (Event::Recognised { .. }, Some(floor)) => both_waited &= blocks_waiting(floor) == 2,
                    _ => {}
                }
                ledger.note(&meeting, &event);
                meeting = evolve(Some(meeting), now, &event);
                history.push((now, event));
                ledger.check(&meeting, both_waited)?;
            }
            let stored = serde_json::to_string(&meeting).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Meeting>(&stored).unwrap(), &meeting);
        }
        // The history tells the whole state again, also after it was stored.
        let stored = serde_json::to_string(&history).unwrap();
        let history: Vec<(Timestamp, Event)> = serde_json::from_str(&stored).unwrap();
        let again = history.iter().fold(None, |meeting, (at, event)| Some(evolve(meeting, *at, event)));
        prop_assert_eq!(again, Some(meeting));
    }
}
