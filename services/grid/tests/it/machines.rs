//! The whole law of grids and visits: every state against every command, in one file each.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Write};

use gongzhi_grid::{follow_up, grid};
use gongzhi_proto::ids::{AreaCode, CaseId, GridId, StaffId};
use jiff::Timestamp;
use uuid::Uuid;

/// One line per pair: what follows, and how the state looks after it.
fn outcome<S: Debug, E: Debug, R: Display>(
    decided: Result<Vec<E>, R>,
    word: impl Fn(&R) -> &'static str,
    after: impl Fn(&[E]) -> Option<S>,
) -> String {
    match decided {
        Err(refusal) => format!("refused {}: {refusal}", word(&refusal)),
        Ok(events) if events.is_empty() => "changes nothing".to_owned(),
        Ok(events) => format!("{events:?}\n        becomes {:?}", after(&events)),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).expect("an instant")
}

fn staff(number: u128) -> StaffId {
    StaffId(Uuid::from_u128(number))
}

#[test]
fn grids() {
    let id = GridId::parse("330105001052-01").expect("an id");
    let drawing = |name: &str| grid::Drawing {
        name: name.into(),
        boundary: "{}".into(),
        area_m2: 1.0,
        origin: grid::Origin::Made,
    };
    let fold = |state: Option<grid::Grid>, events: &[grid::Event]| {
        events.iter().fold(state, |state, event| Some(grid::evolve(state, at(0), event)))
    };
    let drawn = fold(None, &[grid::Event::Drawn { id: id.clone(), drawing: drawing("一") }]).expect("a grid");
    let staffed = fold(
        Some(drawn.clone()),
        &[grid::Event::WorkerEnrolled { staff: staff(1), role: grid::Role::Worker }],
    )
    .expect("a grid");
    let full: BTreeMap<_, _> = (2..).take(grid::MAX_ROSTER).map(|n| (staff(n), grid::Role::Worker)).collect();
    let states = [
        ("absent", None),
        ("drawn", Some(drawn.clone())),
        ("staffed", Some(staffed)),
        ("full", Some(grid::Grid { roster: full, ..drawn })),
    ];
    let commands = [
        ("draw the same", grid::Command::Draw(id.clone(), drawing("一"))),
        ("draw another", grid::Command::Draw(id, drawing("二"))),
        ("enrol the worker", grid::Command::Enrol(staff(1), grid::Role::Worker)),
        ("enrol as leader", grid::Command::Enrol(staff(1), grid::Role::Leader)),
        ("relieve", grid::Command::Relieve(staff(1))),
    ];
    let mut matrix = String::new();
    for (name, state) in &states {
        for (asked, command) in &commands {
            let decided = grid::decide(state.as_ref(), command);
            // A full roster would fill the page; its size tells enough.
            let after = |events: &[grid::Event]| {
                fold(state.clone(), events).map(|grid| (grid.drawing.name, grid.drawings, grid.roster.len()))
            };
            let outcome = outcome(decided, grid::Refusal::word, after);
            writeln!(matrix, "{name} + {asked}\n    {outcome}").expect("text");
        }
    }
    insta::assert_snapshot!(matrix);
}

#[test]
fn visits() {
    let errand = follow_up::Errand {
        case: CaseId(Uuid::from_u128(7)),
        round: 1,
        reporter: 1,
        area: AreaCode::parse("330105001052").expect("a code"),
        grid: None,
    };
    let rating = follow_up::Rating::FairlySatisfied;
    let evolve =
        |state: Option<follow_up::Visit>, event: &follow_up::Event| follow_up::evolve(state, at(60), event);
    let waiting = evolve(None, &follow_up::Event::Opened(errand.clone()));
    let states = [
        ("absent", None),
        ("waiting", Some(waiting.clone())),
        ("recorded", Some(evolve(Some(waiting.clone()), &follow_up::Event::Recorded { rating }))),
        ("withdrawn", Some(evolve(Some(waiting), &follow_up::Event::Withdrawn))),
    ];
    let commands = [
        ("open", follow_up::Command::Open(errand)),
        ("record", follow_up::Command::Record(rating)),
        ("withdraw", follow_up::Command::Withdraw),
    ];
    let mut matrix = String::new();
    for (name, state) in &states {
        for (asked, command) in &commands {
            let decided = follow_up::decide(state.as_ref(), command);
            let after = |events: &[follow_up::Event]| {
                events.iter().fold(state.clone(), |state, event| Some(evolve(state, event))).map(|v| v.stage)
            };
            let outcome = outcome(decided, |refusal| refusal.word(), after);
            writeln!(matrix, "{name} + {asked}\n    {outcome}").expect("text");
        }
    }
    insta::assert_snapshot!(matrix);
}
