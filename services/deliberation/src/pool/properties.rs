//! What a lottery promises, whoever volunteers.

use gongzhi_choice::sortition::Limit;
use gongzhi_proto::ids::{AreaCode, TopicId};
use proptest::prelude::*;

use super::lottery::{Kept, compute, counts, drawn, within};
use super::state::{Category, Computed, HouseholdRule, Objective, Opening, Quota};

fn opening(seats: u32, rule: HouseholdRule) -> Opening {
    let quota = |feature: &str, min: u32, max: u32| Quota { feature: feature.into(), min, max };
    // Names that a file could trip over are names like others.
    let categories = vec![
        Category { name: "性别,\"甲\"".into(), quotas: vec![quota("女", 1, 4), quota("男;乙", 1, 4)] },
        Category { name: "household".into(), quotas: vec![quota("多", 0, 5), quota("少", 0, 5)] },
    ];
    let at = jiff::Timestamp::UNIX_EPOCH;
    Opening {
        topic: TopicId::parse("0192f0c1-7a00-7000-8000-000000000008").unwrap(),
        area: AreaCode::parse("330105001052").unwrap(),
        seats,
        categories,
        household_rule: rule,
        draw_source: "公开摇号".into(),
        closes_at: at,
        keep_days: 30,
        wait_days: 180,
    }
}

/// Volunteers whose numbers have holes where somebody left.
fn volunteers() -> impl Strategy<Value = Vec<Kept>> {
    prop::collection::vec((0usize..2, 0usize..2, 0u32..9), 5..30).prop_map(|people| {
        let kept = |(nth, (one, other, household)): (usize, (usize, usize, u32))| Kept {
            number: nth as u32 * 2 + 1,
            household: Some(format!("{household}")),
            features: vec![one, other],
        };
        people.into_iter().enumerate().map(kept).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_ticket_is_a_panel_that_meets_the_quotas(people in volunteers(), one_member in any::<bool>(), number in 0usize..1000) {
        let rule = if one_member { HouseholdRule::OneMember } else { HouseholdRule::None };
        let opening = opening(5, rule);
        let (computed, sheet) = compute(&opening, &people, within(60));
        let (Computed::Lottery(lottery), Some(sheet)) = (computed, sheet) else { return Ok(()) };
        let draw = drawn(&sheet, &lottery.sha256, &format!("{number:03}"), &[]).unwrap();
        prop_assert_eq!((draw.ticket as usize, draw.tickets, draw.panel.len()), (number, 1000, 5));
        for (category, counts) in opening.categories.iter().zip(counts(&opening, &people, &draw.panel)) {
            prop_assert_eq!(counts.iter().sum::<u32>(), 5);
            for (quota, count) in category.quotas.iter().zip(counts) {
                prop_assert!((quota.min..=quota.max).contains(&count));
            }
        }
        if one_member {
            let of = |member: &u32| people.iter().find(|one| one.number == *member).unwrap().household.clone();
            let homes: std::collections::BTreeSet<_> = draw.panel.iter().map(of).collect();
            prop_assert_eq!(homes.len(), 5);
        }
        // Another text under the same digest is no record.
        let other = super::lottery::Sheet { tickets: sheet.tickets.replacen('0', "1", 1), ..sheet };
        prop_assert!(drawn(&other, &lottery.sha256, "047", &[]).is_err());
    }
}

#[test]
fn where_the_time_does_not_suffice_the_smallest_chance_alone_is_made_largest_and_that_is_told() {
    let mut opening = opening(6, HouseholdRule::None);
    for (category, most) in opening.categories.iter_mut().zip([2, 1]) {
        let quota = |nth: u32| Quota { feature: format!("{nth}幢"), min: 0, max: most };
        category.quotas = (0..6).map(quota).collect();
    }
    let people: Vec<_> = (0..40usize)
        .map(|nth| Kept {
            number: nth as u32 + 1,
            household: None,
            features: vec![nth % 7 % 6, nth * 5 % 11 % 6],
        })
        .collect();
    let reached = |searches: usize| {
        let limit = Limit { within: within(60), searches };
        match compute(&opening, &people, limit).0 {
            Computed::Lottery(lottery) => Some(lottery.objective),
            Computed::Infeasible(_) | Computed::Failed => None,
        }
    };
    let mut all: Vec<_> = (1..100).map(reached).collect();
    all.dedup();
    assert_eq!(all, [None, Some(Objective::Maximin), Some(Objective::Leximin)]);
}
