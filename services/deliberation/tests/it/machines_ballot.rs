//! The whole law of ballots and of single votes: every state against every command.

use gongzhi_deliberation::ballot::count::{Choice, Count, Outcome};
use gongzhi_deliberation::ballot::machine::{Command, decide, evolve};
use gongzhi_deliberation::ballot::state::{Ballot, Closing, Elector, Plan, Secrecy};
use gongzhi_deliberation::ballot::threshold::{Body, threshold};
use gongzhi_deliberation::ballot::vote::{self, Polling, Vote};
use gongzhi_proto::ids::{AreaCode, TopicId};
use uuid::Uuid;

use crate::machines::{at, law};

fn plan(secrecy: Secrecy) -> Plan {
    Plan {
        topic: TopicId(Uuid::from_u128(1)),
        area: AreaCode::parse("330105001052").unwrap(),
        question: "是否同意?".into(),
        body: Body::Residents,
        secrecy,
        threshold: threshold(Body::Residents, 0, at(0)).unwrap(),
        opens_at: at(16),
        closes_at: at(26),
    }
}

#[test]
fn the_law_of_ballots() {
    let prepare = |secrecy| Command::Prepare(Box::new(plan(secrecy)));
    let enter = |first, count| Command::EnterElectors {
        first,
        electors: vec![Elector { area: 0, unsold: false }; count],
    };
    let closing = Closing {
        count: Count::default(),
        outcome: Outcome::Adopted,
        record_sha256: "d".into(),
        seal: String::new(),
        seal_key: String::new(),
        at: at(26),
    };
    let close =
        |votes, half_entered| Command::Close { votes, half_entered, closing: Box::new(closing.clone()) };
    let sign = |digest: &str| Command::Sign { signer: "a".into(), record_sha256: digest.into() };
    let publish = Command::Publish { votable_from: Some(at(15)) };
    let commands = [
        ("prepare", prepare(Secrecy::Open)),
        ("enter electors 1 to 3", enter(1, 3)),
        ("enter electors 4 to 13", enter(4, 10)),
        (
            "enter one with an area",
            Command::EnterElectors { first: 4, electors: vec![Elector { area: 9, unsold: false }] },
        ),
        ("publish", publish.clone()),
        ("publish, not on an agenda", Command::Publish { votable_from: None }),
        ("publish, notice too short", Command::Publish { votable_from: Some(at(17)) }),
        ("print slips", Command::PrintSlips),
        ("close, all voted", close(3, 0)),
        ("close, one missing", close(2, 0)),
        ("close, a paper waits", close(3, 1)),
        ("sign", sign("d")),
        ("sign another record", sign("x")),
    ];
    let after = |steps: &[&Command]| -> Option<Ballot> {
        steps.iter().fold(None, |state, command| {
            let events = decide(state.as_ref(), at(1), command).unwrap();
            events.iter().fold(state, |state, event| Some(evolve(state, at(1), event)))
        })
    };
    let (open, secret) = (prepare(Secrecy::Open), prepare(Secrecy::Secret));
    let (three, print, all) = (enter(1, 3), Command::PrintSlips, close(3, 0));
    let states = |day: i64| {
        [
            (format!("absent, day {day}"), None),
            (format!("prepared, day {day}"), after(&[&open])),
            (format!("prepared, roll of 3, day {day}"), after(&[&open, &three])),
            (format!("prepared, secret, roll of 3, day {day}"), after(&[&secret, &three])),
            (format!("published, day {day}"), after(&[&open, &three, &publish])),
            (format!("slips printed, day {day}"), after(&[&open, &three, &publish, &print])),
            (format!("closed, day {day}"), after(&[&open, &three, &publish, &print, &all])),
            (format!("signed, day {day}"), after(&[&open, &three, &publish, &print, &all, &sign("d")])),
        ]
    };
    let mut text = String::new();
    for day in [1, 20, 26] {
        let states = states(day);
        let named: Vec<_> = states.iter().map(|(name, state)| (name.as_str(), state.clone())).collect();
        text += &law(&named, &commands, |state, command| decide(state, at(day), command));
    }
    insta::assert_snapshot!("ballots", text);
}

#[test]
fn the_law_of_votes() {
    use vote::Command::{Cast, Enter};
    let enter = |by: &str, choice| Enter { by: by.into(), choice };
    let commands = [
        ("cast for", Cast { choice: Choice::For }),
        ("cast against", Cast { choice: Choice::Against }),
        ("a enters for", enter("a", Choice::For)),
        ("a enters against", enter("a", Choice::Against)),
        ("b enters for", enter("b", Choice::For)),
        ("b enters against", enter("b", Choice::Against)),
    ];
    let half = Vote::HalfEntered { by: "a".into(), choice: Choice::For };
    let mut text = String::new();
    for (when, day, counted) in
        [("before it opens", 1, false), ("open", 20, false), ("ended", 26, false), ("counted", 27, true)]
    {
        let states = [
            (format!("{when}: never touched"), None),
            (format!("{when}: struck out"), Some(Vote::Nothing)),
            (format!("{when}: a has entered for"), Some(half.clone())),
            (format!("{when}: for stands"), Some(Vote::Standing { choice: Choice::For })),
        ];
        let named: Vec<_> = states.iter().map(|(name, state)| (name.as_str(), state.clone())).collect();
        let polling = Polling { opens_at: at(16), closes_at: at(26), counted };
        text += &law(&named, &commands, |state, command| {
            vote::machine::decide(state, at(day), command, &polling)
        });
    }
    insta::assert_snapshot!("votes", text);
}
