//! The whole law of conversations, of their statements and of their voices: every state against every command.

use gongzhi_deliberation::conversation::machine::{self, Command, export};
use gongzhi_deliberation::conversation::state::{Conversation, Counts, Plan, Talk};
use gongzhi_deliberation::conversation::{statement, voice};
use gongzhi_proto::ids::{AreaCode, TopicId};
use proptest::prelude::*;
use uuid::Uuid;

use crate::machines::{at, law};

fn area() -> AreaCode {
    AreaCode::parse("330105001052").unwrap()
}

fn open(topic_is_open: bool) -> Command {
    let plan = Plan {
        topic: TopicId(Uuid::from_u128(1)),
        area: area(),
        question: "马路菜场怎样办?".into(),
        slips: 60,
        closes_at: at(10),
        statements_per_slip: 2,
    };
    Command::Open { plan: Box::new(plan), topic_is_open }
}

fn close(reason: Option<&str>) -> Command {
    let counts = Counts { participants: 12, statements: 5, judgements: 40 };
    Command::Close { counts, reason: reason.map(str::to_owned) }
}

fn after(day: i64, commands: &[Command]) -> Option<Conversation> {
    commands.iter().fold(None, |state, command| {
        let events = machine::decide(state.as_ref(), at(day), command).unwrap();
        events.iter().fold(state, |state, event| Some(machine::evolve(state, at(day), event)))
    })
}

#[test]
fn the_law_of_conversations() {
    let commands = [
        ("open", open(true)),
        ("open, topic over", open(false)),
        ("print slips", Command::PrintSlips),
        ("close", close(None)),
        ("close with a reason", close(Some("议题已解决"))),
    ];
    let states = [
        ("absent", None),
        ("open", after(0, &[open(true)])),
        ("open, printed", after(0, &[open(true), Command::PrintSlips])),
        ("closed early", after(0, &[open(true), close(Some("议题已解决"))])),
        ("closed", after(10, &[open(true), Command::PrintSlips, close(None)])),
    ];
    let on = |day| law(&states, &commands, |state, command| machine::decide(state, at(day), command));
    insta::assert_snapshot!("conversations", on(9));
    insta::assert_snapshot!("conversations_after_their_time", on(10));
}

#[test]
fn few_are_counted_for_nobody_and_their_record_is_not_given_out() {
    let few = Counts { participants: 9, statements: 5, judgements: 40 };
    assert_eq!(few.told(), Counts::default());
    let ten = Counts { participants: 10, ..few };
    assert_eq!(ten.told(), ten);
    let closed = after(10, &[open(true), close(None)]).unwrap();
    assert!(closed.closing.as_ref().unwrap().reason.is_none());
    assert_eq!(export(&closed, 30), Ok(()));
    assert_eq!(export(&closed, 29), Err(machine::Refusal::TooFewForExport));
    assert_eq!(export(&after(0, &[open(true)]).unwrap(), 60), Err(machine::Refusal::StillOpen));
}

fn talk(closed: bool) -> Talk {
    Talk { closes_at: at(10), closed, statements_per_slip: 2 }
}

#[test]
fn the_law_of_statements() {
    use statement::machine::{Command, Floor, Rejection, decide, evolve};
    let make = |seed| Command::Make { area: area(), text: "早上八点前收摊".into(), seed };
    let commands = [
        ("make", make(false)),
        ("make a seed", make(true)),
        ("accept", Command::Accept),
        ("reject: off topic", Command::Reject(Rejection::OffTopic)),
        ("reject: abuse", Command::Reject(Rejection::Abuse)),
    ];
    let floor = |closed, has_room| Floor { talk: talk(closed), has_room };
    let after = |commands: &[Command]| {
        commands.iter().fold(None, |state, command| {
            let events = decide(state.as_ref(), at(0), command, &floor(false, true)).unwrap();
            events.iter().fold(state, |state, event| Some(evolve(state, event)))
        })
    };
    let states = [
        ("absent", None),
        ("waiting", after(&[make(false)])),
        ("seed", after(&[make(true)])),
        ("accepted", after(&[make(false), Command::Accept])),
        ("rejected: off topic", after(&[make(false), commands[3].1.clone()])),
    ];
    let by = |floor: Floor| law(&states, &commands, |state, command| decide(state, at(0), command, &floor));
    insta::assert_snapshot!("statements", by(floor(false, true)));
    insta::assert_snapshot!("statements_without_room", by(floor(false, false)));
    insta::assert_snapshot!("statements_after_the_end", by(floor(true, true)));
}

fn judge(number: u32, judgement: voice::Judgement, accepted: bool) -> voice::Command {
    voice::Command::Judge { number, judgement, accepted }
}

fn spoken(state: Option<voice::Voice>, command: &voice::Command) -> Option<voice::Voice> {
    let events = voice::machine::decide(state.as_ref(), at(0), command, &talk(false)).unwrap();
    events.iter().fold(state, |state, event| Some(voice::machine::evolve(state, event)))
}

#[test]
fn the_law_of_voices() {
    use voice::Command::Make;
    use voice::Judgement::{Agree, Disagree, Pass};
    let commands = [
        ("make", Make),
        ("agree", judge(1, Agree, true)),
        ("pass", judge(1, Pass, true)),
        ("disagree", judge(1, Disagree, true)),
        ("judge another", judge(2, Agree, true)),
        ("judge what is not there", judge(3, Agree, false)),
    ];
    let after = |commands: &[voice::Command]| commands.iter().fold(None, spoken);
    let states = [
        ("silent", None),
        ("made one", after(&[Make])),
        ("made two", after(&[Make, Make])),
        ("agrees", after(&[judge(1, Agree, true)])),
        ("disagrees now", after(&[judge(1, Agree, true), judge(1, Disagree, true)])),
    ];
    let by = |talk: Talk, day| {
        law(&states, &commands, |state, command| voice::machine::decide(state, at(day), command, &talk))
    };
    insta::assert_snapshot!("voices", by(talk(false), 0));
    assert_eq!(by(talk(true), 0), by(talk(false), 10), "closed, or its time has passed");
    insta::assert_snapshot!("voices_after_the_end", by(talk(true), 0));
}

proptest! {
    /// Of each statement the last judgement counts; the same again is no event.
    #[test]
    fn the_last_judgement_counts(said in prop::collection::vec((1..6u32, 0..3usize), 1..40)) {
        let judgements = [voice::Judgement::Agree, voice::Judgement::Pass, voice::Judgement::Disagree];
        let (mut last, mut changes, mut state) = (std::collections::BTreeMap::new(), 0, None);
        for (number, which) in said {
            changes += u64::from(last.insert(number, judgements[which]) != Some(judgements[which]));
            state = spoken(state, &judge(number, judgements[which], true));
        }
        let state = state.unwrap();
        prop_assert_eq!(state.judgements, last);
        prop_assert_eq!(state.changes, changes);
    }
}
