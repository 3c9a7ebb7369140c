//! The whole law of a meeting: every state against every command.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Formatter};

use gongzhi_deliberation::meeting::bylaws::Book;
use gongzhi_deliberation::meeting::floor::{Block, Side};
use gongzhi_deliberation::meeting::machine::{Appeal, Closure, Event, Refusal};
use gongzhi_deliberation::meeting::state::{Call, Count, Poll, Say, Seat};
use gongzhi_deliberation::meeting::{Command, Meeting, decide, evolve};
use gongzhi_proto::ids::{AgendaId, AreaCode, TopicId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::machines::{at, law};

pub fn topic(number: u128) -> TopicId {
    TopicId(Uuid::from_u128(number))
}

/// A meeting on two topics, with two seats of the state and three of society.
pub fn call() -> Call {
    let seat = |block, party: &str| Seat { block, party: party.into() };
    Call {
        area: AreaCode::parse("330105001052").unwrap(),
        agenda: AgendaId(Uuid::from_u128(90)),
        topics: vec![topic(1), topic(2)],
        seats: vec![
            seat(Block::State, "街道"),
            seat(Block::State, "社区"),
            seat(Block::Social, "居民"),
            seat(Block::Social, "居民"),
            seat(Block::Social, "物业"),
        ],
        bylaws: Book::official().at(at(0)),
    }
}

pub fn count(ayes: u32, noes: u32, abstentions: u32) -> Count {
    Count { ayes, noes, abstentions }
}

fn open(present: &[u32]) -> Command {
    Command::Open { present: present.iter().copied().collect() }
}

fn motion(seat: u32, number: u128, text: &str) -> Command {
    Command::Move { seat, topic: topic(number), text: text.into(), decided_today: false }
}

/// What a command makes of a meeting at an instant.
pub fn step(meeting: Option<Meeting>, at: Timestamp, command: &Command) -> Option<Meeting> {
    let events = decide(meeting.as_ref(), at, command).unwrap();
    events.iter().fold(meeting, |meeting, event| Some(evolve(meeting, at, event)))
}

fn after(commands: &[Command]) -> Option<Meeting> {
    commands.iter().fold(None, |meeting, command| step(meeting, at(0), command))
}

const TEXT: &str = "七幢东侧建充电棚, 物业三个月内完成";

fn convening() -> Command {
    Command::Convene { call: Box::new(call()), foreign: None }
}

/// From an opened meeting to a debate.
fn debate() -> Vec<Command> {
    let second = Command::Second { seat: 1 };
    vec![convening(), open(&[1, 2, 3, 4]), motion(3, 1, TEXT), second, Command::OpenDebate]
}

fn with(before: &[Command], more: &[Command]) -> Vec<Command> {
    before.iter().chain(more).cloned().collect()
}

fn hands() -> [Command; 3] {
    let raise = |seat, side| Command::RaiseHand { seat, side };
    [raise(1, Side::For), raise(3, Side::For), raise(4, Side::Against)]
}

fn states() -> Vec<(&'static str, Option<Meeting>)> {
    let (session, debate) = (debate()[..2].to_vec(), debate());
    let waiting = with(&debate, &hands());
    let spoken = with(&waiting, &[Command::Recognise { seat: 1 }]);
    let amended = with(&debate, &[Command::MoveAmendment { seat: 4, text: "改在九幢北侧建充电棚".into() }]);
    let seconded = with(&amended, &[Command::SecondAmendment { seat: 2 }]);
    let closed = with(&debate, &[Command::CloseDebate { closure: None }]);
    let gone = [Command::Leave { seat: 4 }, Command::Leave { seat: 2 }];
    let ruled = with(&session, &[Command::Rule { text: "离题, 请回到动议".into() }]);
    let appeal = Appeal { ruling: 1, mover: 3, seconder: 4, count: count(2, 2, 0) };
    vec![
        ("absent", None),
        ("convened", after(&debate[..1])),
        ("open", after(&session)),
        ("moved", after(&debate[..3])),
        ("seconded", after(&debate[..4])),
        ("debated", after(&debate)),
        ("hands up: 1 for, 3 for, 4 against", after(&waiting)),
        ("seat 1 speaks", after(&spoken)),
        ("amendment moved", after(&amended)),
        ("amendment seconded", after(&seconded)),
        ("amendment seconded, no quorum", after(&with(&seconded, &gone))),
        ("debate closed", after(&closed)),
        ("debate closed, no quorum", after(&with(&closed, &gone))),
        ("decided", after(&with(&closed, &[Command::Vote(Poll::Hands(count(3, 1, 0)))]))),
        ("ruled", after(&ruled)),
        ("ruled, sustained", after(&with(&ruled, &[Command::Appeal(appeal)]))),
        ("closed", after(&with(&session, &[Command::Close]))),
    ]
}

fn votes() -> Vec<(&'static str, Command)> {
    let hands = |ayes, noes, abstentions| Command::Vote(Poll::Hands(count(ayes, noes, abstentions)));
    let roll = |seats: &[u32]| {
        let said: BTreeMap<_, _> = seats.iter().map(|seat| (*seat, Say::Aye)).collect();
        Command::Vote(Poll::RollCall(said))
    };
    let closure = |ayes, noes| Command::CloseDebate {
        closure: Some(Closure { mover: 2, seconder: 3, count: count(ayes, noes, 0) }),
    };
    let appeal =
        |ruling, mover, seconder| Command::Appeal(Appeal { ruling, mover, seconder, count: count(3, 1, 0) });
    vec![
        ("vote on amendment 2:1", Command::VoteAmendment { count: count(2, 1, 0) }),
        ("vote on amendment 5:0", Command::VoteAmendment { count: count(5, 0, 0) }),
        ("close debate", Command::CloseDebate { closure: None }),
        ("close debate by 3:1", closure(3, 1)),
        ("close debate by 2:1", closure(2, 1)),
        ("vote 2:1", hands(2, 1, 1)),
        ("vote 2:2", hands(2, 2, 0)),
        ("vote 3:2", hands(3, 2, 0)),
        ("vote by roll call", roll(&[1, 2, 3])),
        ("vote of an absent seat", roll(&[1, 2, 5])),
        ("vote in secret 3:1", Command::Vote(Poll::Secret(count(3, 1, 0)))),
        ("lapse", Command::Lapse),
        ("rule", Command::Rule { text: "请对主持人发言".into() }),
        ("appeal", appeal(1, 3, 4)),
        ("appeal, own second", appeal(1, 3, 3)),
        ("appeal, no such ruling", appeal(7, 3, 4)),
        ("close", Command::Close),
        ("tick", Command::Tick),
    ]
}

fn commands() -> Vec<(&'static str, Command)> {
    let before =
        Command::Move {
            seat: 3, topic: topic(1), text: "另一个动议的内容".into(), decided_today: true
        };
    let amend = |seat, text: &str| Command::MoveAmendment { seat, text: text.into() };
    let mut commands = vec![
        ("convene", convening()),
        ("convene, foreign topic", Command::Convene { call: Box::new(call()), foreign: Some(topic(1)) }),
        ("open with 3 of 5", open(&[1, 3, 5])),
        ("open with 2 of 5", open(&[1, 3])),
        ("open with seat 9", open(&[1, 3, 9])),
        ("arrive 5", Command::Arrive { seat: 5 }),
        ("arrive 9", Command::Arrive { seat: 9 }),
        ("leave 1", Command::Leave { seat: 1 }),
        ("leave 5", Command::Leave { seat: 5 }),
        ("move", motion(3, 1, "另一个动议的内容")),
        ("move, absent seat", motion(5, 1, "另一个动议的内容")),
        ("move, foreign topic", motion(3, 3, "另一个动议的内容")),
        ("move the same again", motion(2, 1, "七幢东侧建充电棚,物业三个月内完成。")),
        ("move, decided that day", before),
        ("second 4", Command::Second { seat: 4 }),
        ("second 3, the mover", Command::Second { seat: 3 }),
        ("open debate", Command::OpenDebate),
        ("raise hand 2", Command::RaiseHand { seat: 2, side: Side::Against }),
        ("raise hand 1", Command::RaiseHand { seat: 1, side: Side::For }),
        ("lower hand 4", Command::LowerHand { seat: 4 }),
        ("recognise 1", Command::Recognise { seat: 1 }),
        ("recognise 4", Command::Recognise { seat: 4 }),
        ("end speech", Command::EndSpeech { seconds: None }),
        ("end speech after 61 s", Command::EndSpeech { seconds: Some(61) }),
        ("move amendment", amend(2, "改在南门建充电棚")),
        ("move amendment, absent", amend(5, "改在南门建充电棚")),
        ("second amendment 1", Command::SecondAmendment { seat: 1 }),
        ("second amendment 4", Command::SecondAmendment { seat: 4 }),
    ];
    commands.extend(votes());
    commands
}

/// What happens, with what comes of a vote.
fn told(meeting: Option<&Meeting>, at: Timestamp, command: &Command) -> Result<Vec<Told>, Refusal> {
    let carried = |carried: bool| if carried { "carried" } else { "lost" };
    let told = |event: Event| {
        let outcome = match &event {
            Event::AmendmentDecided { count } => carried(count.carries()),
            Event::Decided(poll) => carried(poll.count().carries()),
            Event::AppealDecided(appeal) => carried(appeal.count.carries()),
            Event::ClosureDecided { carried: closed, .. } => carried(*closed),
            _ => "",
        };
        Told(event, outcome)
    };
    Ok(decide(meeting, at, command)?.into_iter().map(told).collect())
}

struct Told(Event, &'static str);

impl Debug for Told {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let event = format!("{:?}", self.0);
        let word = event.split(['(', ' ']).next().unwrap_or_default();
        write!(f, "{word}{}{}", if self.1.is_empty() { "" } else { ":" }, self.1)
    }
}

#[test]
fn the_law_of_meetings() {
    let minute = at(0) + SignedDuration::from_secs(60);
    let law = law(&states(), &commands(), |meeting, command| told(meeting, minute, command));
    insta::assert_snapshot!("meetings", law);
}

#[test]
fn a_turn_that_has_run_out_has_ended_whoever_asks_what() {
    let speaks = states().into_iter().find(|(name, _)| *name == "seat 1 speaks").unwrap().1;
    let later = at(0) + SignedDuration::from_secs(150);
    let law = law(&[("seat 1 has spoken for too long", speaks)], &commands(), |meeting, command| {
        told(meeting, later, command)
    });
    insta::assert_snapshot!("meetings_run_out", law);
}

#[test]
fn the_floor_goes_by_time_of_blocks_then_new_voices_then_the_other_side() {
    let mut meeting = after(&with(&debate(), &hands()));
    let seconds = SignedDuration::from_secs;
    let mut now = at(0);
    let mut spoke = Vec::new();
    while let Some(next) = meeting.as_ref().unwrap().floor().unwrap().next() {
        meeting = step(meeting, now, &Command::Recognise { seat: next.seat });
        now += seconds(100);
        meeting = step(meeting, now, &Command::EndSpeech { seconds: None });
        spoke.push(next.seat);
    }
    // After a seat of the state its block has spoken for longer, so society goes on: first who is against, then who is for.
    assert_eq!(spoke, [1, 4, 3]);
    let meeting = meeting.unwrap();
    assert_eq!(meeting.spoken, BTreeMap::from([(1, 100), (3, 100), (4, 100)]));
    assert_eq!(meeting.present, BTreeSet::from([1, 2, 3, 4]));
}
