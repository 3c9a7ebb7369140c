//! The law of pools: every state against every command.

use gongzhi_deliberation::pool::state::{
    Category, Computed, Draw, Lottery, Objective, Opening, Quota, Relaxation, Replacing,
};
use gongzhi_deliberation::pool::{Command, HouseholdRule, Pool, decide, evolve};
use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::machines::{at, law};

fn categories(min: u32) -> Vec<Category> {
    let quota = |feature: &str| Quota { feature: feature.into(), min, max: 2 };
    vec![Category { name: "性别".into(), quotas: vec![quota("女"), quota("男")] }]
}

fn opening() -> Opening {
    Opening {
        topic: TopicId(Uuid::from_u128(1)),
        area: AreaCode::parse("330105001052").unwrap(),
        seats: 2,
        categories: categories(1),
        household_rule: HouseholdRule::OneMember,
        draw_source: "公开摇号".into(),
        closes_at: at(10),
        keep_days: 30,
        wait_days: 180,
    }
}

fn lottery() -> Lottery {
    Lottery { sha256: "a".into(), objective: Objective::Leximin, error_millionths: 0 }
}

fn draw(sha256: &str, panel: &[u32]) -> Draw {
    Draw {
        left: vec![],
        sha256: sha256.into(),
        tickets: 1000,
        number: "047".into(),
        ticket: 47,
        panel: panel.to_vec(),
    }
}

fn replacing(left: &[u32]) -> Command {
    Command::Drop(Replacing { left: left.to_vec(), sha256: "b".into(), tickets: 9 })
}

fn record(attempt: u32, computed: Computed) -> Command {
    Command::Record { attempt, computed }
}

fn commands() -> Vec<(&'static str, Command)> {
    let reason = "只有一名男性居民报名".to_owned();
    let change =
        Relaxation { category: "性别".into(), feature: "男".into(), lowers: true, was: 1, becomes: 0 };
    let panel = |sha256: &str| Command::Draw { draw: draw(sha256, &[1, 2]), counts: vec![vec![1, 1]] };
    let other = vec![Category { name: "年龄".into(), ..categories(0).remove(0) }];
    vec![
        ("open", Command::Open(Box::new(opening()))),
        ("enrol", Command::Enrol),
        ("withdraw 1", Command::Withdraw { number: 1 }),
        ("withdraw 9", Command::Withdraw { number: 9 }),
        ("close", Command::Close),
        ("publish lottery", Command::PublishLottery),
        ("change quotas", Command::ChangeQuotas { categories: categories(0), reason: reason.clone() }),
        ("change features", Command::ChangeQuotas { categories: other, reason }),
        ("record tickets", record(1, Computed::Lottery(lottery()))),
        ("record what is old", record(0, Computed::Lottery(lottery()))),
        ("record that it cannot be", record(1, Computed::Infeasible(vec![change]))),
        ("record nothing", record(1, Computed::Failed)),
        ("draw", panel("a")),
        ("draw from other tickets", panel("x")),
        ("drop a member", replacing(&[2])),
        ("drop nobody", replacing(&[])),
        ("drop a stranger", replacing(&[7])),
        ("replace", Command::Replace { draw: draw("b", &[1, 3]), counts: vec![vec![1, 1]] }),
        ("replace from other tickets", Command::Replace { draw: draw("x", &[1, 3]), counts: vec![] }),
        ("tick", Command::Tick),
    ]
}

/// A pool to which these commands came, each at its day.
fn after(days: &[(i64, &str)]) -> Option<Pool> {
    let commands = commands();
    let named = |name: &str| commands.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    days.iter().fold(None, |state, (day, name)| {
        let events = decide(state.as_ref(), at(*day), &named(name)).unwrap();
        events.iter().fold(state, |state, event| Some(evolve(state, at(*day), event)))
    })
}

#[test]
fn the_law_of_pools() {
    let open = [(0, "open"), (1, "enrol"), (1, "enrol"), (1, "enrol")];
    let computing = [&open[..], &[(11, "close"), (11, "publish lottery")]].concat();
    let then = |more: &[(i64, &'static str)]| after(&[&computing[..], more].concat());
    let tickets = (11, "record tickets");
    let states = [
        ("absent", None),
        ("open, nobody in it", after(&open[..1])),
        ("open", after(&open)),
        ("closed", after(&computing[..5])),
        ("computing", after(&computing)),
        ("published", then(&[tickets])),
        ("published, and one left", then(&[tickets, (12, "withdraw 1")])),
        ("infeasible", then(&[(11, "record that it cannot be")])),
        ("infeasible, quotas changed", then(&[(11, "record that it cannot be"), (12, "change quotas")])),
        ("failed", then(&[(11, "record nothing")])),
        ("drawn", then(&[tickets, (12, "draw")])),
        ("replacing", then(&[tickets, (12, "draw"), (13, "drop a member")])),
        ("replaced", then(&[tickets, (12, "draw"), (13, "drop a member"), (14, "replace")])),
        ("drawn and forgotten", then(&[tickets, (12, "draw"), (50, "tick")])),
        ("abandoned", then(&[(200, "tick")])),
    ];
    // On the day on which the pool closes, and long after it, when what was said is to be deleted.
    for (name, now) in [("pools", at(10)), ("pools_later", at(300))] {
        let decide = |pool: Option<&Pool>, command: &Command| decide(pool, now, command);
        insta::assert_snapshot!(name, law(&states, &commands(), decide));
    }
}

#[test]
fn what_was_said_is_kept_for_a_month_after_the_draw_and_half_a_year_without_one() {
    let days = |pool: Option<Pool>| {
        pool.unwrap().forget_at().map(|due: Timestamp| (due.as_second() - at(0).as_second()) / 86_400)
    };
    let tickets = [
        (0, "open"),
        (1, "enrol"),
        (1, "enrol"),
        (11, "close"),
        (11, "publish lottery"),
        (11, "record tickets"),
    ];
    assert_eq!(days(after(&tickets)), Some(190));
    let drawn = [&tickets[..], &[(12, "draw")]].concat();
    assert_eq!(days(after(&drawn)), Some(42));
    assert_eq!(days(after(&[&drawn[..], &[(42, "tick")]].concat())), None);
}
