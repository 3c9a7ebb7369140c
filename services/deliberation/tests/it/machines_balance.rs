//! The whole law of a balance: every state against every command; and what no order of moves can bring about.

use gongzhi_deliberation::balance::machine::{Event, decide, evolve};
use gongzhi_deliberation::balance::state::{Party, PartyKind, Phase, Plan, Position};
use gongzhi_deliberation::balance::{Balance, Command};
use gongzhi_proto::ids::{AreaCode, TopicId};
use proptest::prelude::*;
use uuid::Uuid;

use crate::machines::{at, law};

const CODES: [&str; 3] = ["street", "owners", "shops"];

fn plan() -> Plan {
    let kinds = [PartyKind::State, PartyKind::Social, PartyKind::Social];
    let party = |(code, kind): (&str, PartyKind)| Party { code: code.into(), kind, name: code.into() };
    Plan {
        topic: TopicId(Uuid::from_u128(1)),
        area: AreaCode::parse("330105001052").unwrap(),
        parties: CODES.into_iter().zip(kinds).map(party).collect(),
        options: vec!["早市".into(), "夜市".into()],
        most_rounds: 2,
    }
}

fn open(topic_is_open: bool) -> Command {
    Command::Open { plan: Box::new(plan()), topic_is_open }
}

fn give(party: &str) -> Command {
    Command::Give { party: party.into(), sealed: format!("sealed by {party}") }
}

fn reveal(rows: &[(&[u8], u8)]) -> Command {
    let position = |(scores, line): &(&[u8], u8)| Position { scores: scores.to_vec(), bottom_line: *line };
    Command::Reveal { positions: rows.iter().map(position).collect() }
}

fn agree(parties: &[&str]) -> Command {
    let parties = parties.iter().map(|party| (*party).to_owned()).collect();
    Command::Agree { common_goals: "早上摆摊,八点前收".into(), parties }
}

fn fair() -> Command {
    reveal(&[(&[60, 20], 40), (&[70, 30], 50), (&[90, 80], 30)])
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("open", open(true)),
        ("open, topic over", open(false)),
        ("give", give("owners")),
        ("give, a stranger", give("nobody")),
        ("reveal", fair()),
        ("reveal, one score too few", reveal(&[(&[60], 40), (&[70, 30], 50), (&[90, 80], 30)])),
        ("reveal, one party too few", reveal(&[(&[60, 20], 40), (&[70, 30], 50)])),
        ("reveal, a score too high", reveal(&[(&[60, 20], 40), (&[70, 101], 50), (&[90, 80], 30)])),
        ("next round", Command::NextRound),
        ("agree", agree(&CODES)),
        ("agree, one missing", agree(&CODES[1..])),
        ("agree, a stranger", agree(&["street", "owners", "shops", "nobody"])),
    ]
}

fn step(balance: Option<Balance>, command: &Command) -> Option<Balance> {
    let events = decide(balance.as_ref(), command).unwrap();
    events.iter().fold(balance, |balance, event| Some(evolve(balance, at(0), event)))
}

fn after(more: &[Command]) -> Option<Balance> {
    more.iter().fold(step(None, &open(true)), step)
}

fn revealed() -> Vec<Command> {
    CODES.map(give).into_iter().chain([fair()]).collect()
}

#[test]
fn the_law_of_balances() {
    let once = revealed();
    let twice = [&once[..], &[Command::NextRound], &once[..]].concat();
    let states = [
        ("absent", None),
        ("opened", after(&[])),
        ("two have given", after(&[give("street"), give("owners")])),
        ("all have given", after(&CODES.map(give))),
        ("revealed", after(&once)),
        ("second round", after(&[&once[..], &[Command::NextRound]].concat())),
        ("second and last revealed", after(&twice)),
        ("agreed", after(&[&once[..], &[agree(&CODES)]].concat())),
    ];
    insta::assert_snapshot!("balances", law(&states, &commands(), decide));
}

#[test]
fn options_are_found_by_number_and_conflicts_by_party() {
    let found = |rows: &[(&[u8], u8)]| {
        let mut commands = CODES.map(give).to_vec();
        commands.push(reveal(rows));
        after(&commands).unwrap().rounds.remove(0).outcome
    };
    let both = found(&[(&[55, 50], 40), (&[65, 90], 50), (&[45, 80], 30)]);
    assert_eq!((both.feasible, both.choice), (vec![0, 1], 1), "10·40·50 is more than 15·15·15");
    assert_eq!(both.product.as_deref(), Some("20000"));
    assert_eq!(both.largest_minimum_gain_choice, Some(0), "15 for each, against 10 for one");
    let none = found(&[(&[60, 20], 40), (&[10, 90], 50), (&[90, 80], 30)]);
    assert!(none.feasible.is_empty() && none.product.is_none());
    assert_eq!((none.choice, none.shortfalls), (1, Some(vec![20, 0, 0])));
    assert_eq!(none.conflicts, [["street", "owners"]]);
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => (0..3usize).prop_map(|party| give(CODES[party])),
        2 => Just(fair()),
        1 => Just(Command::NextRound),
        1 => prop::sample::subsequence(CODES.to_vec(), 0..=3).prop_map(|parties| agree(&parties)),
    ]
}

proptest! {
    /// Whatever the order of moves: nothing is revealed before all have given, rounds stay within their number, and what was revealed stays.
    #[test]
    fn nothing_is_revealed_before_all_have_spoken(moves in prop::collection::vec(any_command(), 0..40)) {
        let mut balance = step(None, &open(true)).unwrap();
        for command in moves {
            let before = balance.clone();
            let Ok(events) = decide(Some(&before), &command) else { continue };
            for event in &events {
                if let Event::Revealed(_) = event {
                    let Phase::Asking { given } = &before.phase else { panic!("revealed twice") };
                    prop_assert_eq!(given.len(), CODES.len());
                }
                balance = evolve(Some(balance), at(0), event);
            }
            prop_assert!(balance.rounds.len() <= 2 && balance.round() <= 2);
            prop_assert_eq!(&balance.rounds[..before.rounds.len()], &before.rounds[..]);
        }
    }
}
