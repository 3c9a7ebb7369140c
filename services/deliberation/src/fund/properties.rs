//! What an outcome promises, whoever casts what.

use std::collections::BTreeMap;

use gongzhi_choice::number::{self, Exact};
use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use proptest::prelude::*;

use super::outcome::count;
use super::state::{Computed, Fund, Opening, Project, Rule, Stage};

fn fund(rule: Rule, amount_fen: i64, costs: &[(i64, Option<u8>, bool)], tie_number: Option<String>) -> Fund {
    let area = AreaCode::parse("330105001052").unwrap();
    let project = |(cost_fen, group, withdrawn): &(i64, Option<u8>, bool)| Project {
        // What a file could trip over is a name like others.
        title: "长椅;\"甲\",META".into(),
        area: area.clone(),
        cost_fen: (*cost_fen).min(amount_fen),
        group: group.map(|group| format!("组{group}")),
        withdrawn: withdrawn.then(|| "与管线冲突".into()),
    };
    Fund {
        opening: Opening {
            topic: TopicId::parse("0192f0c1-7a00-7000-8000-000000000008").unwrap(),
            area: area.clone(),
            amount_fen,
            rule,
            tie_source: "公开摇号".into(),
            votable_from: Timestamp::UNIX_EPOCH,
            closes_at: Timestamp::UNIX_EPOCH,
        },
        opened_at: Timestamp::UNIX_EPOCH,
        projects: costs.iter().map(project).collect(),
        slips: 100,
        printed_at: None,
        ballots: 0,
        tie_number,
        stage: Stage::Computing,
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    use Rule::{EqualShares, EqualSharesThenGreedy, Greedy, Phragmen};
    prop::sample::select(vec![EqualShares, EqualSharesThenGreedy, Phragmen, Greedy])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_more_is_spent_than_there_is_and_what_is_paid_adds_up(
        rule in rules(),
        amount in 100i64..100_000,
        costs in prop::collection::vec((1i64..60_000, prop::option::of(0u8..2), prop::bool::weighted(0.1)), 1..8),
        ballots in prop::collection::vec(prop::collection::btree_set(1u32..8, 0..5), 0..20),
    ) {
        let most = costs.len() as u32;
        let ballots: Vec<Vec<u32>> =
            ballots.into_iter().map(|ballot| ballot.into_iter().filter(|number| *number <= most).collect()).collect();
        // With a number every tie is settled.
        let fund = fund(rule, amount, &costs, Some("123456".into()));
        let counted = count("f", &fund, &ballots).unwrap();
        let Computed::Decided(decision) = counted.computed else { panic!("not decided") };
        prop_assert!(decision.total_fen <= amount);
        let mut groups = BTreeMap::new();
        for winner in &decision.winners {
            let project = fund.project(*winner).unwrap();
            prop_assert!(project.withdrawn.is_none());
            if let Some(group) = &project.group {
                prop_assert_eq!(groups.insert(group.clone(), *winner), None, "one of a group");
            }
        }
        prop_assert_eq!(decision.winners.len() + decision.lost.len(), costs.len(), "every other one is told why");
        prop_assert_eq!(counted.shares.len(), ballots.len());
        let mut paid: BTreeMap<u32, Exact> = BTreeMap::new();
        for (share, ballot) in counted.shares.iter().zip(&ballots) {
            for (project, yuan) in share {
                prop_assert!(ballot.contains(project), "nobody pays for what was not approved of");
                let yuan = yuan.split_once('/').map_or_else(
                    || number::parse(yuan).unwrap(),
                    |(above, below)| number::parse(above).unwrap() / number::parse(below).unwrap(),
                );
                *paid.entry(*project).or_default() += yuan;
            }
        }
        for (project, paid) in paid {
            prop_assert_eq!(paid, Exact::new(fund.project(project).unwrap().cost_fen.into(), 100.into()));
        }
    }
}
