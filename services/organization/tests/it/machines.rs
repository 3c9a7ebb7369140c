//! The whole law of the register, of departments and of people on duty: every state against every command, in one file each.

use std::fmt::{Debug, Display, Write};

use gongzhi_organization::{department, division, staff};
use gongzhi_proto::ids::{AreaCode, DepartmentCode};

/// One line per pair: what follows, and what the state is after it.
fn outcome<S: Debug, E: Debug, R: Display>(
    decided: Result<Vec<E>, R>,
    after: impl Fn(&[E]) -> Option<S>,
) -> String {
    match decided {
        Err(refusal) => format!("refused: {refusal}"),
        Ok(events) if events.is_empty() => "changes nothing".to_owned(),
        Ok(events) => format!("{events:?}\n        becomes {:?}", after(&events)),
    }
}

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).expect("an area")
}

#[test]
fn departments() {
    let department = |name_zh: &str| department::Department {
        code: DepartmentCode::parse("housing").expect("a code"),
        district: area("330105"),
        name_zh: name_zh.into(),
        name_en: "Housing Bureau".into(),
    };
    let mut matrix = String::new();
    for (state_name, state) in [("absent", None), ("registered", Some(department("住建局")))] {
        for (command_name, name_zh) in [("register", "住建局"), ("register otherwise", "房管局")] {
            let command = department::Command::Register(department(name_zh));
            let outcome = outcome(department::decide(state.as_ref(), &command), |events| {
                events.iter().fold(state.clone(), |state, event| Some(department::evolve(state, event)))
            });
            writeln!(matrix, "{state_name} + {command_name}\n    {outcome}").expect("a text grows");
        }
    }
    insta::assert_snapshot!(matrix);
}

#[test]
fn the_register() {
    let import = |counts: division::Counts, changes: usize, unclear: division::Unclear| {
        let listed =
            |n| division::Change::Listed { code: area(&format!("330105{n:03}")), name: "某街道".into() };
        division::Command::Import {
            district: area("330105"),
            digest: "d1".into(),
            counts,
            changes: (1..=changes).map(listed).collect(),
            unclear,
        }
    };
    let (refuse, accept) = (division::Unclear::Refuse, division::Unclear::AsGoneAndNew);
    let none = division::Counts { unchanged: 3, ..Default::default() };
    let (new, unclear) = (division::Counts { new: 1, ..none }, division::Counts { ambiguous: 2, ..none });
    let known = division::Register { district: area("330105"), imports: 4, digest: "d0".into() };
    let commands = [
        ("import what is there", import(none, 0, refuse)),
        ("import what is new here", import(new, 1, refuse)),
        ("import what is new elsewhere", import(new, 0, refuse)),
        ("import what is unclear", import(unclear, 0, refuse)),
        ("import what is unclear as gone and new", import(unclear, 1, accept)),
    ];
    let mut matrix = String::new();
    for (state_name, state) in [("empty", None), ("filled", Some(known))] {
        for (command_name, command) in &commands {
            let outcome = outcome(division::decide(command), |events| {
                events.iter().fold(state.clone(), |state, event| Some(division::evolve(state, event)))
            });
            writeln!(matrix, "{state_name} + {command_name}\n    {outcome}").expect("a text grows");
        }
    }
    insta::assert_snapshot!(matrix);
    // No event grows without bound.
    let events = division::decide(&import(new, 900, refuse)).expect("a large import");
    let sizes: Vec<usize> = events
        .iter()
        .map(|event| match event {
            division::Event::DivisionsImported { .. } => 0,
            division::Event::DivisionsChanged { changes } => changes.len(),
        })
        .collect();
    assert_eq!(sizes, [0, 500, 400]);
}

fn held(post: &str, at: &str) -> staff::HeldPost {
    staff::HeldPost { post: post.into(), area: area(at), department: None }
}

fn person(posts: Vec<staff::HeldPost>) -> staff::Staff {
    staff::Staff {
        account: "wang.fang".into(), display_name: "王芳".into(), district: area("330105"), posts
    }
}

#[test]
fn people_on_duty() {
    let worker = held("POST_GRID_WORKER", "330105001052");
    let leader = held("POST_GRID_LEADER", "330105001052");
    let many =
        |count: u32| (1..=count).map(|n| held("POST_GRID_WORKER", &format!("330105001{n:03}"))).collect();
    let states = [
        ("absent", None),
        ("without posts", Some(person(vec![]))),
        ("a worker", Some(person(vec![worker.clone()]))),
        ("with ten posts", Some(person(many(10)))),
    ];
    let commands = [
        ("appoint", staff::Command::Appoint(person(vec![worker.clone()]))),
        ("appoint to eleven posts", staff::Command::Appoint(person(many(11)))),
        ("grant worker", staff::Command::Grant(worker.clone())),
        ("grant leader", staff::Command::Grant(leader)),
        ("revoke worker", staff::Command::Revoke(worker)),
    ];
    let mut matrix = String::new();
    for (state_name, state) in &states {
        for (command_name, command) in &commands {
            let outcome = outcome(staff::decide(state.as_ref(), command), |events| {
                events.iter().fold(state.clone(), |state, event| Some(staff::evolve(state, event)))
            });
            writeln!(matrix, "{state_name} + {command_name}\n    {outcome}").expect("a text grows");
        }
    }
    insta::assert_snapshot!(matrix);
}

#[test]
fn a_person_stands_in_the_smallest_area_that_holds_all_posts() {
    let stands =
        |areas: &[&str]| person(areas.iter().map(|at| held("POST", at)).collect()).area().to_string();
    assert_eq!(stands(&[]), "330105");
    assert_eq!(stands(&["330105001052"]), "330105001052");
    assert_eq!(stands(&["330105001052", "330105001053"]), "330105001");
    assert_eq!(stands(&["330105001", "330105001053"]), "330105001");
    assert_eq!(stands(&["330105001052", "330105002"]), "330105");
}
