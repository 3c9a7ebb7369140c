//! The law of funds: every state against every command.

use gongzhi_deliberation::fund::state::{Computed, Decision, Opening, Project, Rule};
use gongzhi_deliberation::fund::{Command, Fund, decide, evolve};
use gongzhi_proto::ids::{AreaCode, TopicId};
use uuid::Uuid;

use crate::machines::{at, law};

fn area() -> AreaCode {
    AreaCode::parse("330105001052").unwrap()
}

fn project(cost_fen: i64) -> Command {
    Command::AddProject(Project {
        title: "长椅".into(),
        area: area(),
        cost_fen,
        group: None,
        withdrawn: None,
    })
}

fn decision() -> Decision {
    Decision {
        winners: vec![1],
        total_fen: 100,
        share_yuan: Some("1".into()),
        approvals: vec![1],
        lost: vec![],
        prefer_outcome: 0,
        prefer_greedy: 0,
        sha256: "a".into(),
    }
}

fn commands() -> Vec<(&'static str, Command)> {
    let opening = Opening {
        topic: TopicId(Uuid::from_u128(1)),
        area: area(),
        amount_fen: 1000,
        rule: Rule::EqualShares,
        tie_source: "公开摇号".into(),
        votable_from: at(5),
        closes_at: at(10),
    };
    let withdraw =
        |number: u32| Command::WithdrawProject { number, reason: "与管线冲突,另行选址".into() };
    vec![
        ("open", Command::Open(Box::new(opening))),
        ("add a project", project(100)),
        ("add a project above all", project(1001)),
        ("withdraw project 1", withdraw(1)),
        ("withdraw project 9", withdraw(9)),
        ("publish", Command::Publish { slips: 20 }),
        ("print", Command::Print),
        ("close", Command::Close { ballots: 12 }),
        ("record an outcome", Command::Record(Computed::Decided(Box::new(decision())))),
        ("record a tie", Command::Record(Computed::Tied(vec![1, 2]))),
        ("record nothing", Command::Record(Computed::Overdue)),
        ("settle", Command::Settle { number: "123456".into() }),
    ]
}

/// A fund to which these commands came, each at its day.
fn after(days: &[(i64, &str)]) -> Option<Fund> {
    let commands = commands();
    let named = |name: &str| commands.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    days.iter().fold(None, |state, (day, name)| {
        let events = decide(state.as_ref(), at(*day), &named(name)).unwrap();
        events.iter().fold(state, |state, event| Some(evolve(state, at(*day), event)))
    })
}

#[test]
fn the_law_of_funds() {
    let open = [(0, "open"), (1, "add a project"), (1, "add a project")];
    let computing = [&open[..], &[(6, "publish"), (6, "print"), (10, "close")]].concat();
    let then = |more: &[(i64, &'static str)]| after(&[&computing[..], more].concat());
    let states = [
        ("absent", None),
        ("open, without projects", after(&open[..1])),
        ("open", after(&open)),
        ("published", after(&computing[..4])),
        ("published and printed", after(&computing[..5])),
        ("computing", after(&computing)),
        ("tied", then(&[(10, "record a tie")])),
        ("tied and settled", then(&[(10, "record a tie"), (11, "settle")])),
        ("overdue", then(&[(10, "record nothing")])),
        ("decided", then(&[(10, "record an outcome")])),
    ];
    // Before the agenda was published long enough, while slips are cast, and when the time has passed.
    for (name, now) in [("funds_early", at(4)), ("funds", at(6)), ("funds_late", at(10))] {
        let decide = |fund: Option<&Fund>, command: &Command| decide(fund, now, command);
        insta::assert_snapshot!(name, law(&states, &commands(), decide));
    }
}
