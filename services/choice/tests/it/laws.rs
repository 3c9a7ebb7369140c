//! What every rule promises, on made instances, and what becomes of input that makes no sense.

use std::collections::BTreeSet;
use std::time::Duration;

use gongzhi_choice::budget::{self, Ballot, Completion, Instance, Outcome, Project, Ties, Utility};
use gongzhi_choice::number::Exact;
use gongzhi_choice::sortition::{self, Objective};
use gongzhi_choice::{agenda, balance, owners};
use proptest::prelude::*;

fn whole(number: u64) -> Exact {
    Exact::from_integer(number.into())
}

fn instances() -> impl Strategy<Value = Instance> {
    let costs = prop::collection::vec(1u64..60, 1..8);
    (costs, 20u64..150).prop_flat_map(|(costs, budget)| {
        let projects = costs.len();
        let ballot = prop::collection::btree_set(0..projects, 0..=projects);
        prop::collection::vec(ballot, 1..25).prop_map(move |ballots| Instance {
            budget: whole(budget),
            projects: (0..)
                .zip(&costs)
                .map(|(nth, cost)| Project {
                    id: format!("p{nth}"),
                    cost: whole(*cost),
                    ..Project::default()
                })
                .collect(),
            ballots: ballots
                .into_iter()
                .map(|chosen| Ballot(chosen.into_iter().map(|project| (project, whole(1))).collect()))
                .collect(),
            least_votes: 0,
        })
    })
}

type Rule = fn(&Instance) -> Outcome;

fn rules() -> Vec<(&'static str, Rule)> {
    vec![
        ("greedy", |i| budget::greedy(i, Utility::Cost, Ties::Cheaper)),
        ("phragmen", |i| budget::phragmen(i, Ties::Cheaper)),
        ("shares", |i| budget::equal_shares(i, Utility::Cost, Completion::None, Ties::Cheaper)),
        ("shares by heads", |i| budget::equal_shares(i, Utility::Approval, Completion::None, Ties::Cheaper)),
        ("shares add1", |i| budget::equal_shares(i, Utility::Cost, Completion::AddOne, Ties::Cheaper)),
        ("shares add1u", |i| {
            budget::equal_shares(i, Utility::Approval, Completion::AddOneThenGreedy, Ties::Cheaper)
        }),
        ("shares then phragmen", |i| {
            budget::equal_shares(i, Utility::Cost, Completion::Phragmen, Ties::Cheaper)
        }),
    ]
}

fn set(outcome: &Outcome) -> BTreeSet<usize> {
    outcome.winners().into_iter().collect()
}

proptest! {
    #[test]
    fn no_rule_overspends_and_who_pays_pays_all(instance in instances()) {
        for (name, rule) in rules() {
            let outcome = rule(&instance);
            prop_assert!(instance.cost(outcome.winners()) <= instance.budget, "{name}");
            prop_assert_eq!(set(&outcome).len(), outcome.rounds.len(), "{}: twice", name);
            for round in outcome.rounds.iter().filter(|round| !round.payments.is_empty()) {
                // Loads of Phragmén are money as well: together they are the cost.
                let paid = round.payments.iter().fold(whole(0), |sum, (_, paid)| sum + paid);
                prop_assert_eq!(&paid, &instance.projects[round.project].cost, "{}", name);
            }
        }
    }

    #[test]
    fn a_share_that_is_not_tried_would_have_changed_nothing(instance in instances()) {
        // The same without leaving out any share: until it is exhaustive, or before it would cost too much.
        let run = |share: &Exact| {
            let enough = Instance { budget: share * whole(instance.ballots.len() as u64), ..instance.clone() };
            budget::equal_shares(&enough, Utility::Cost, Completion::None, Ties::Cheaper)
        };
        let mut share = &instance.budget / whole(instance.ballots.len() as u64);
        let mut best = run(&share);
        loop {
            let outcome = run(&share);
            let cost = instance.cost(outcome.winners());
            if cost > instance.budget {
                break;
            }
            best = outcome;
            let left = &instance.budget - cost;
            let wanted = |project: usize| instance.ballots.iter().any(|ballot| ballot.0.iter().any(|(one, _)| *one == project));
            let fits = |project: usize| wanted(project) && !set(&best).contains(&project) && instance.projects[project].cost <= left;
            if !(0..instance.projects.len()).any(fits) {
                break;
            }
            share += whole(1);
        }
        let found = budget::equal_shares(&instance, Utility::Cost, Completion::AddOne, Ties::Cheaper);
        prop_assert_eq!(set(&found), set(&best));
    }

    #[test]
    fn nobody_pays_more_than_an_equal_share(instance in instances()) {
        let outcome = budget::equal_shares(&instance, Utility::Cost, Completion::None, Ties::Cheaper);
        let share = &instance.budget / whole(instance.ballots.len() as u64);
        let mut paid = vec![whole(0); instance.ballots.len()];
        for (voter, payment) in outcome.rounds.iter().flat_map(|round| &round.payments) {
            paid[*voter] += payment;
        }
        prop_assert!(paid.iter().all(|paid| *paid <= share));
    }

    #[test]
    fn the_order_of_voters_changes_nothing(instance in instances(), turn in 0usize..25) {
        let mut turned = instance.clone();
        let turn = turn % turned.ballots.len();
        turned.ballots.rotate_left(turn);
        for (name, rule) in rules() {
            prop_assert_eq!(rule(&instance).winners(), rule(&turned).winners(), "{}", name);
        }
    }

    #[test]
    fn names_change_nothing_but_announced_ties(instance in instances()) {
        let mut renamed = instance.clone();
        let count = renamed.projects.len();
        for (nth, project) in renamed.projects.iter_mut().enumerate() {
            project.id = format!("q{}", count - nth);
        }
        for (name, rule) in rules() {
            let (one, other) = (rule(&instance), rule(&renamed));
            let tied = one.rounds.iter().chain(&other.rounds).any(|round| !round.tied.is_empty());
            // Runs with larger shares than the last one may have met ties of their own; those of the last one are told.
            prop_assert!(tied || name.contains("add1") || set(&one) == set(&other), "{name}");
        }
    }

    #[test]
    fn one_more_supporter_never_hurts_with_greedy(instance in instances(), voter in 0usize..25) {
        let voter = voter % instance.ballots.len();
        let by_votes = |i: &Instance| budget::greedy(i, Utility::Cost, Ties::Cheaper);
        for winner in by_votes(&instance).winners() {
            let mut more = instance.clone();
            if more.ballots[voter].0.iter().all(|(project, _)| *project != winner) {
                more.ballots[voter].0.push((winner, whole(1)));
            }
            prop_assert!(set(&by_votes(&more)).contains(&winner));
        }
    }

    #[test]
    fn an_agenda_has_every_item_once(items in 1usize..12, approvals in prop::collection::vec(prop::collection::vec(0usize..12, 0..12), 0..30)) {
        let order = agenda::order(items, &approvals);
        let once: BTreeSet<_> = order.iter().map(|place| place.item).collect();
        prop_assert_eq!((once.len(), order.len()), (items, items));
    }
}

#[test]
fn a_group_that_can_pay_is_served() {
    // Six of ten want dear things, four of ten want a cheap one: greedily these would get nothing.
    let project = |id: &str, cost| Project { id: id.into(), cost: whole(cost), ..Project::default() };
    let ballot = |chosen: &[usize]| Ballot(chosen.iter().map(|project| (*project, whole(1))).collect());
    let mut ballots = vec![ballot(&[0, 1]); 6];
    ballots.extend(vec![ballot(&[2]); 4]);
    let projects = vec![project("a", 50), project("b", 50), project("c", 40)];
    let instance = Instance { budget: whole(100), projects, ballots, least_votes: 0 };
    let greedy = budget::greedy(&instance, Utility::Cost, Ties::Id);
    let shares = budget::equal_shares(&instance, Utility::Cost, Completion::None, Ties::Id);
    assert_eq!((set(&greedy), set(&shares)), (BTreeSet::from([0, 1]), BTreeSet::from([0, 2])));
    assert_eq!(instance.compare(Utility::Cost, &shares, &greedy), (4, 6));
}

#[test]
fn a_share_that_must_grow_a_thousand_million_times_is_found_at_once() {
    let project = Project { id: "a".into(), cost: whole(1_000_000_000), ..Project::default() };
    let mut ballots = vec![Ballot::default(); 999];
    ballots.push(Ballot(vec![(0, whole(1))]));
    let instance =
        Instance { budget: whole(1_000_000_000), projects: vec![project], ballots, least_votes: 0 };
    let shares = |completion| budget::equal_shares(&instance, Utility::Cost, completion, Ties::Id);
    assert!(set(&shares(Completion::None)).is_empty());
    assert_eq!(set(&shares(Completion::AddOne)), BTreeSet::from([0]));
}

#[test]
fn files_that_make_no_sense_are_refused_with_everything_that_is_wrong() {
    let file = |budget: &str, rows: &str, votes: &str| {
        format!(
            "META\nkey;value\nbudget;{budget}\nPROJECTS\nproject_id;cost;name\n{rows}\nVOTES\nvoter_id;vote\n{votes}\n"
        )
    };
    let good = file("1000,50", "1;100,25;\"两行\n名称\"\n2;300;b", "1;1,2\n2;\n3;2");
    let instance = budget::read(&good).unwrap();
    assert_eq!((instance.projects[0].name.as_str(), instance.ballots.len()), ("两行\n名称", 3));
    assert_eq!(instance.budget, Exact::new(200_100.into(), 200.into()));
    for (text, faults) in [
        (String::new(), vec!["META: has no budget"]),
        (file("0", "1;1;a", "1;1"), vec!["META: the budget must be above 0"]),
        (file("NaN", "1;1;a", "1;1"), vec!["META: the budget \"NaN\" is not a decimal number"]),
        (
            file("10", "1;-5;a\n2;1e9;b\n3;1;c\n3;1;d", "1;9\n2;3,3"),
            vec![
                "the cost of 1 is negative",
                "the cost of 2: \"1e9\"",
                "project 3 stands there twice",
                "9 is no project",
                "3 is chosen twice",
            ],
        ),
        (file("10", "", ""), vec!["PROJECTS: there is none"]),
    ] {
        let refused = budget::read(&text).unwrap_err();
        assert_eq!(refused.0.len(), faults.len(), "{refused}");
        for fault in faults {
            assert!(refused.to_string().contains(fault), "{refused}");
        }
    }
}

#[test]
fn positions_and_votes_that_make_no_sense_are_refused() {
    let positions = balance::Positions {
        parties: vec!["甲".into(), "甲".into()],
        options: vec![],
        utilities: vec![vec![101]],
        bottom_lines: vec![200],
    };
    assert_eq!(balance::balance(&positions).unwrap_err().0.len(), 6);
    let unit =
        |owner: &str, vote| owners::Unit { area: 0, owner: owner.into(), kind: owners::Kind::Sold, vote };
    let ballot = owners::Ballot {
        item: 10,
        units: vec![
            unit("", owners::Vote::For),
            unit("b", owners::Vote::For),
            unit("b", owners::Vote::Against),
        ],
    };
    let refused = owners::count(&ballot).unwrap_err();
    assert_eq!(refused.0.len(), 6, "{refused}");
}

#[test]
fn quotas_that_nobody_can_meet_are_told_with_what_would_help() {
    let meta = r#"{"k": 3}"#;
    let people = "性别,年龄\n女,老\n女,老\n男,老\n男,青\n";
    let quotas = |rows: &str| format!("category,feature,min,max\n{rows}");
    let possible = quotas("性别,女,1,2\n性别,男,1,2\n年龄,老,2,2\n年龄,青,1,1\n");
    let pool = sortition::read(people, &possible, meta).unwrap();
    let lottery = sortition::lottery(&pool, Objective::Leximin, Duration::from_secs(60)).unwrap();
    // The young man is in every panel; the three old ones share two seats.
    for (chance, wanted) in lottery.chances.iter().zip([2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 1.0]) {
        assert!((chance - wanted).abs() < 1e-6, "{:?}", lottery.chances);
    }
    let contradictory = quotas("性别,女,3,3\n性别,男,0,2\n年龄,老,0,3\n年龄,青,0,3\n");
    let pool = sortition::read(people, &contradictory, meta).unwrap();
    let refused = sortition::lottery(&pool, Objective::Leximin, Duration::from_secs(60)).unwrap_err();
    let said = "no panel meets the quotas; they could be met if: 性别 女: at least 2 instead of 3";
    assert_eq!(refused.to_string(), said);
    for (people, quotas, meta, faults) in [
        ("性别,年龄\n", possible.as_str(), meta, 1),
        (people, "category,feature\n", meta, 1),
        (people, possible.as_str(), r#"{"k": -1}"#, 1),
        ("性别,年龄\n女,\"老\n幼\"\n", possible.as_str(), r#"{"k": "3"}"#, 2),
        (people, "category,feature,min,max\n性别,女,2,1\n性别,女,0,NaN\n", meta, 4),
    ] {
        let wrong = sortition::read(people, quotas, meta).unwrap_err();
        assert_eq!(wrong.0.len(), faults, "{wrong}");
    }
    let pool = sortition::read(people, &possible, meta).unwrap();
    let late = sortition::lottery(&pool, Objective::Leximin, Duration::ZERO);
    assert_eq!(late, Err(sortition::NoLottery::OutOfTime));
}
