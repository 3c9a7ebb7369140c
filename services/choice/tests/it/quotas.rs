//! Quotas and pools that make no sense: what is told of them is right, and enough to mend them.

use std::time::Duration;

use gongzhi_choice::sortition::{self, NoLottery, Objective};
use proptest::prelude::*;

use crate::pools::{held, pools, sets};

const LONG: Duration = Duration::from_secs(60);
const QUOTAS: &str = "category,feature,min,max\nsex,f,1,2\nsex,m,1,2\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_must_be_given_up_is_the_least_that_helps(made in pools()) {
        let pool = made.pool();
        // A minimum of q is lowered by one for 1 + 2/q, a maximum raised by one for 1.
        let price = |quota: u32, count: u32| f64::from(count) * (1.0 + 2.0 / f64::from(quota));
        let needed = |rows: &Vec<usize>| -> f64 {
            held(&pool, rows)
                .iter()
                .map(|(quota, count)| {
                    let fewer = quota.min.saturating_sub(*count);
                    let lowered = if fewer > 0 { price(quota.min, fewer) } else { 0.0 };
                    lowered + f64::from(count.saturating_sub(quota.max))
                })
                .sum()
        };
        let least = sets(&pool).map(|rows| needed(&rows)).fold(f64::INFINITY, f64::min);
        match sortition::lottery(&pool, Objective::Maximin, LONG) {
            Ok(_) => prop_assert!(least == 0.0, "{least}"),
            Err(NoLottery::Infeasible(changes)) => {
                let told: f64 = changes.iter().map(|change| if change.lowers {
                    price(change.was, change.was - change.becomes)
                } else {
                    f64::from(change.becomes - change.was)
                }).sum();
                prop_assert!(least > 0.0 && (told - least).abs() < 1e-9, "{told}, not {least}: {changes:?}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn a_feature_that_nobody_has_is_told() {
    let people = "sex\nf\nf\nf\n";
    let pool = sortition::read(people, QUOTAS, r#"{"k": 2}"#).unwrap();
    let refused = sortition::lottery(&pool, Objective::Leximin, LONG).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no panel meets the quotas; they could be met if: sex m: at least 0 instead of 1"
    );
}

#[test]
fn who_can_never_be_chosen_is_named_and_has_no_chance() {
    // No man of a panel of two may be old, and one of the two must be a man.
    let people = "sex,age\nf,old\nm,old\nm,young\nf,old\nm,old\n";
    let quotas = "category,feature,min,max\nsex,f,1,1\nsex,m,1,1\nage,old,1,1\nage,young,1,1\n";
    let pool = sortition::read(people, quotas, r#"{"k": 2}"#).unwrap();
    for objective in [Objective::Leximin, Objective::Maximin, Objective::Goldilocks, Objective::Minimax] {
        let lottery = sortition::lottery(&pool, objective, LONG).unwrap();
        let never: Vec<_> = (0..5).filter(|row| lottery.never.contains(&pool.people[*row])).collect();
        assert_eq!(never, [1, 4], "{objective:?}");
        for (chance, wanted) in lottery.chances.iter().zip([0.5, 0.0, 1.0, 0.5, 0.0]) {
            assert!((chance - wanted).abs() < 1e-6, "{objective:?}: {:?}", lottery.chances);
        }
    }
}

#[test]
fn names_may_have_newlines_quotes_and_commas() {
    let people = "\"性\n别\",note\n\"f, \"\"she\"\"\",x\n\"f, \"\"she\"\"\",\nm,\"a\nb\"\n";
    let quotas = "category,feature,min,max\n\"性\n别\",\"f, \"\"she\"\"\",1,1\n\"性\n别\",m,1,1\n";
    let pool = sortition::read(people, quotas, r#"{"k": 2}"#).unwrap();
    assert_eq!(pool.categories[0].quotas[0].feature, "f, \"she\"");
    let lottery = sortition::lottery(&pool, Objective::Leximin, LONG).unwrap();
    for (chance, wanted) in lottery.chances.iter().zip([0.5, 0.5, 1.0]) {
        assert!((chance - wanted).abs() < 1e-6, "{:?}", lottery.chances);
    }
}

#[test]
fn files_that_make_no_sense_are_refused_with_the_place() {
    let people = "sex\nf\nm\nm\n";
    let meta = r#"{"k": 2}"#;
    for (people, quotas, meta, said) in [
        ("", QUOTAS, meta, "respondents.csv: has no column sex"),
        ("sex\n", QUOTAS, meta, "respondents.csv: there is nobody"),
        ("sex\nf\n", QUOTAS, meta, "respondents.csv: 1 people cannot fill a panel of 2"),
        ("sex\nf\nm,x\n", QUOTAS, meta, "found record with 2 fields"),
        ("sex\nf\n\"m\nm\"\n", QUOTAS, meta, "line 3: \"m\\nm\" is no feature of sex"),
        (people, "", meta, "categories.csv: must have the columns category, feature, min and max"),
        (people, "category,feature,min,max\n", meta, "categories.csv: there is no category"),
        (people, "category,feature,min,max\nsex,f,3,1\n", meta, "line 2: of f at least 3 and at most 1"),
        (people, "category,feature,min,max\nsex,f,-1,1\n", meta, "line 2: min and max must be whole numbers"),
        (people, "category,feature,min,max\nsex,f,0,1\nsex,f,0,1\n", meta, "line 3: f stands there twice"),
        (people, QUOTAS, "{", "meta.json: k must be a whole number above 0"),
        (people, QUOTAS, r#"{"k": 2.5}"#, "meta.json: k must be a whole number above 0"),
    ] {
        let refused = sortition::read(people, quotas, meta).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused:?} does not say {said:?}");
    }
}
