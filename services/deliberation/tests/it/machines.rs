//! The whole law of each machine: every state against every command. The snapshots are what a reviewer reads as by-laws.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Write};

use gongzhi_deliberation::{agenda, topic};
use gongzhi_proto::ids::{AgendaId, AreaCode, CategoryCode, ResolutionId, TopicId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_763_863_200).unwrap() + SignedDuration::from_hours(24 * day)
}

/// What comes of a command, in words.
pub fn said<E: Debug, R: Display>(outcome: Result<Vec<E>, R>) -> String {
    let word = |event: &E| format!("{event:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
    match outcome {
        Ok(events) if events.is_empty() => "nothing".to_owned(),
        Ok(events) => events.iter().map(word).collect::<Vec<_>>().join(", "),
        Err(refusal) => format!("no: {refusal}"),
    }
}

/// The law as a text: each state with what comes of each command.
pub fn law<S, C, E: Debug, R: Display>(
    states: &[(&str, Option<S>)],
    commands: &[(&str, C)],
    decide: impl Fn(Option<&S>, &C) -> Result<Vec<E>, R>,
) -> String {
    let mut law = String::new();
    for (state, value) in states {
        writeln!(law, "{state}").unwrap();
        for (name, command) in commands {
            writeln!(law, "  {name:<26} {}", said(decide(value.as_ref(), command))).unwrap();
        }
    }
    law
}

#[test]
fn the_law_of_topics() {
    use topic::state::{Beginning, Gate, GateKind, Origin, Wording};
    use topic::{Command, decide, evolve};
    let area = AreaCode::parse("330105001052").unwrap();
    let id = |number: u128| Uuid::from_u128(number);
    let wording = Wording { title: "停车".into(), question: "怎样收费?".into() };
    let beginning = |wording: Option<Wording>| Beginning {
        area: area.clone(),
        wording,
        category: CategoryCode::parse("fire.lane").unwrap(),
        origin: Origin::Proposed,
        noted: Vec::new(),
        places: BTreeMap::from([("grid:330105001052-02".to_owned(), at(-30))]),
    };
    let begin = |wording| Command::Begin(Box::new(beginning(wording)));
    let schedule = |agenda: u128| Command::Schedule {
        agenda: AgendaId(id(agenda)),
        meets_at: at(20),
        votable_from: at(15),
    };
    let support = Command::Support { household: "h".into(), building: area.clone() };
    let reason = "理由".to_owned();
    let commands = [
        ("begin", begin(Some(wording.clone()))),
        ("word", Command::Word(Wording { title: "收费".into(), ..wording.clone() })),
        ("support", support.clone()),
        (
            "set gate",
            Command::SetGate(Gate {
                kind: GateKind::Safety,
                due_on: "2026-12-01".parse().unwrap(),
                source: "通知".into(),
            }),
        ),
        ("merge into", Command::MergeInto { into: TopicId(id(9)), reason: reason.clone() }),
        (
            "absorb",
            Command::Absorb {
                from: TopicId(id(8)),
                households: Default::default(),
                places: Default::default(),
            },
        ),
        ("decline", Command::Decline { reason: reason.clone() }),
        ("schedule", schedule(5)),
        ("resolve", Command::Resolve { resolution: ResolutionId(id(7)) }),
    ];
    let after = |commands: &[Command]| {
        commands.iter().fold(None, |state, command| {
            let events = decide(state.as_ref(), command).unwrap();
            events.iter().fold(state, |state, event| Some(evolve(state, at(0), event)))
        })
    };
    let worded = begin(Some(wording));
    let states = [
        ("absent", None),
        ("open, not worded", after(&[begin(None)])),
        ("open", after(std::slice::from_ref(&worded))),
        ("open, supported", after(&[worded.clone(), support])),
        ("scheduled", after(&[worded.clone(), schedule(4)])),
        ("merged", after(&[worded.clone(), commands[4].1.clone()])),
        ("declined", after(&[worded.clone(), commands[6].1.clone()])),
        ("resolved", after(&[worded, schedule(4), commands[8].1.clone()])),
    ];
    insta::assert_snapshot!("topics", law(&states, &commands, decide));
}

#[test]
fn the_law_of_agendas() {
    use agenda::machine::{Draft, Place, Reordering, Rule, decide, evolve};
    use agenda::{Agenda, Command};
    let topic = |number: u128| TopicId(Uuid::from_u128(number));
    let place = |topic: Option<TopicId>, rule| Place {
        topic,
        rule,
        households: 3,
        without: 2,
        buildings: 1,
        due_on: None,
    };
    let draft = |places: Vec<Place>, candidates: Vec<TopicId>| {
        Command::DrawUp(Box::new(Draft {
            area: AreaCode::parse("330105001052").unwrap(),
            title: "议事会".into(),
            meets_at: at(20),
            lot_source: "摇号".into(),
            places,
            candidates,
        }))
    };
    let reorder = |order: &[u128]| {
        let order = order.iter().map(|number| topic(*number)).collect();
        Command::Reorder(Reordering { order, reason: "理由".into() })
    };
    let plain = draft(vec![place(Some(topic(1)), Rule::Gate), place(Some(topic(2)), Rule::Support)], vec![]);
    let with_lot =
        draft(vec![place(Some(topic(1)), Rule::Support), place(None, Rule::Lot)], vec![topic(2), topic(3)]);
    let lot = |number: &str| Command::DrawLot { number: number.into() };
    let publish = Command::Publish { votable_from: at(15) };
    let commands = [
        ("draw up", plain.clone()),
        ("draw up of nothing", draft(vec![], vec![])),
        ("draw lot 4", lot("4")),
        ("draw lot x", lot("x")),
        ("reorder", reorder(&[2, 1])),
        ("reorder, one missing", reorder(&[2])),
        ("reorder, one twice", reorder(&[2, 2])),
        ("publish", publish.clone()),
    ];
    let after = |commands: &[&Command]| -> Option<Agenda> {
        commands.iter().fold(None, |state, command| {
            let events = decide(state.as_ref(), command).unwrap();
            events.iter().fold(state, |state, event| Some(evolve(state, at(0), event)))
        })
    };
    let states = [
        ("absent", None),
        ("draft", after(&[&plain])),
        ("draft, lot to be drawn", after(&[&with_lot])),
        ("draft, lot drawn", after(&[&with_lot, &lot("4")])),
        ("draft, reordered", after(&[&plain, &reorder(&[2, 1])])),
        ("published", after(&[&plain, &publish])),
    ];
    insta::assert_snapshot!("agendas", law(&states, &commands, decide));
}
