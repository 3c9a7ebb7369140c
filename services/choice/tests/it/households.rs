//! At most one member of a household: against everything that can be, on pools that are small enough to write all panels down.

use std::collections::BTreeSet;
use std::time::Duration;

use gongzhi_choice::sortition::{self, Lottery, NoLottery, Objective, Pool, Tickets};
use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use crate::pools::{Made, panels, pools};

const LONG: Duration = Duration::from_secs(60);

/// Chances over all panels: the least is as large as can be, then the next, each by linear programmes over panels of people, without types and without prices.
fn even_chances(people: usize, panels: &[Vec<usize>]) -> Vec<f64> {
    let best = |floors: &[Option<f64>], of: Option<usize>| {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let weights: Vec<_> = panels.iter().map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
        let least = problem.add_var(1.0, (0.0, 1.0));
        let all: Vec<_> = weights.iter().map(|weight| (*weight, 1.0)).collect();
        problem.add_constraint(all, ComparisonOp::Eq, 1.0);
        for (person, floor) in floors.iter().enumerate() {
            let sits = weights.iter().zip(panels).filter(|(_, panel)| panel.contains(&person));
            let mut chance: Vec<_> = sits.map(|(weight, _)| (*weight, 1.0)).collect();
            if let Some(floor) = floor {
                problem.add_constraint(chance.clone(), ComparisonOp::Ge, *floor - 1e-10);
            }
            if of.map_or(floor.is_none(), |of| of == person) {
                chance.push((least, -1.0));
                problem.add_constraint(chance, ComparisonOp::Ge, 0.0);
            }
        }
        problem.solve().unwrap().into_solution().unwrap().objective()
    };
    let mut fixed: Vec<Option<f64>> = vec![None; people];
    while fixed.iter().any(Option::is_none) {
        let level = best(&fixed, None);
        let floors: Vec<_> = fixed.iter().map(|floor| floor.or(Some(level))).collect();
        for (person, chance) in fixed.iter_mut().enumerate() {
            if chance.is_none() && best(&floors, Some(person)) < level + 1e-7 {
                *chance = Some(level);
            }
        }
    }
    fixed.into_iter().flatten().collect()
}

/// No panel and no ticket has two of a household, and everybody has the chance that is told.
fn one_of_each(pool: &Pool, lottery: &Lottery) {
    let mut chances = vec![0.0; pool.people.len()];
    let of_people = lottery.people(pool);
    for (weight, rows) in &of_people {
        rows.iter().for_each(|row| chances[*row] += weight);
    }
    for (has, told) in chances.iter().zip(&lottery.chances) {
        assert!((has - told).abs() < 1e-6, "{has} is told as {told}");
    }
    let tickets = Tickets::of(pool, lottery, 1_000);
    for rows in of_people.iter().map(|(_, rows)| rows).chain(&tickets.panels) {
        let households: BTreeSet<_> = rows.iter().map(|row| pool.households[*row]).collect();
        assert_eq!((rows.len(), households.len()), (pool.k as usize, pool.k as usize), "{rows:?}");
    }
    assert!(tickets.error <= 0.01, "a ticket more or less, not {}", tickets.error);
}

fn compare(made: &Made) {
    let pool = made.pool();
    let all = panels(&pool);
    let lottery = sortition::lottery(&pool, Objective::Leximin, LONG);
    if all.is_empty() {
        assert!(matches!(lottery, Err(NoLottery::Infeasible(_))), "{lottery:?}");
        return;
    }
    let lottery = lottery.unwrap();
    let wanted = even_chances(pool.people.len(), &all);
    for (row, (ours, wanted)) in lottery.chances.iter().zip(&wanted).enumerate() {
        assert!((ours - wanted).abs() < 1e-6, "row {row}: {ours}, not {wanted} in {made:?}");
        let never = lottery.never.contains(&pool.people[row]);
        assert_eq!(never, all.iter().all(|panel| !panel.contains(&row)), "row {row}");
    }
    one_of_each(&pool, &lottery);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn chances_are_those_of_all_panels_with_one_of_a_household(made in pools()) {
        compare(&made);
    }
}

#[test]
fn a_couple_has_together_what_one_alone_has() {
    let people = "sex,address\nf,1\nf,1\nf,2\nf,3\nf,\nf,\n";
    let pool = |meta: &str| sortition::read(people, "category,feature,min,max\nsex,f,0,9\n", meta).unwrap();
    let chances = |pool: &Pool| sortition::lottery(pool, Objective::Leximin, LONG).unwrap().chances;
    let together = pool(r#"{"k": 2, "household": "address"}"#);
    // Nothing at the address: each of these lives alone. Without the rule all have the same.
    assert_eq!((together.types.len(), together.households.clone()), (2, vec![0, 0, 1, 2, 3, 4]));
    for (has, wanted) in chances(&together).iter().zip([1.0 / 3.0; 6]) {
        assert!((has - wanted).abs() < 1e-6);
    }
    assert_eq!(pool(r#"{"k": 2}"#).households, [0, 1, 2, 3, 4, 5]);
    // A panel of five needs all five households: the couple has half a seat each.
    let tight = pool(r#"{"k": 5, "household": "address"}"#);
    for (has, wanted) in chances(&tight).iter().zip([0.5, 0.5, 1.0, 1.0, 1.0, 1.0]) {
        assert!((has - wanted).abs() < 1e-6, "{:?}", chances(&tight));
    }
}

#[test]
fn households_that_cannot_be_are_told() {
    let quotas = "category,feature,min,max\nsex,f,0,9\n";
    let wrong = |people: &str, meta: &str| sortition::read(people, quotas, meta).unwrap_err().to_string();
    assert_eq!(
        wrong("sex,household\nf,1\nf,1\nf,2\n", r#"{"k": 3, "household": true}"#),
        "respondents.csv: people of 2 households cannot fill a panel of 3 with at most one of each"
    );
    assert_eq!(
        wrong("sex\nf\nf\n", r#"{"k": 1, "household": "住址"}"#),
        "respondents.csv: has no column 住址, which meta.json names for households"
    );
    assert_eq!(
        wrong("sex\nf\nf\n", r#"{"k": 1, "household": 7}"#),
        "meta.json: household must be the name of a column, true or false"
    );
    // Two old people are wanted, and the only ones live together.
    let people = "age,household\nold,1\nold,1\nyoung,2\nyoung,3\n";
    let quotas = "category,feature,min,max\nage,old,2,2\nage,young,0,2\n";
    let pool = sortition::read(people, quotas, r#"{"k": 2, "household": true}"#).unwrap();
    let refused = sortition::lottery(&pool, Objective::Leximin, LONG).unwrap_err().to_string();
    assert_eq!(refused, "no panel meets the quotas; they could be met if: age old: at least 1 instead of 2");
}

#[test]
fn large_pools_of_families_keep_the_rule() {
    // 120 homes of one to three people: parents alike, children not.
    let mut people = "age,sex,household\n".to_owned();
    for home in 0..120 {
        for member in 0..=home % 3 {
            let age = ["old", "young", "middle"][(member + home / 40) % 3];
            let sex = if (member + home / 7) % 2 == 0 { "f" } else { "m" };
            people += &format!("{age},{sex},{home}\n");
        }
    }
    let quotas =
        "category,feature,min,max\nage,old,8,9\nage,middle,7,8\nage,young,7,9\nsex,f,12,12\nsex,m,12,12\n";
    let pool = sortition::read(&people, quotas, r#"{"k": 24, "household": true}"#).unwrap();
    assert_eq!(pool.people.len(), 240);
    let lottery = sortition::lottery(&pool, Objective::Leximin, LONG).unwrap();
    assert_eq!(lottery.reached, Objective::Leximin);
    one_of_each(&pool, &lottery);
}

#[test]
fn neighbours_of_the_file_do_not_come_together() {
    // A list in the order of houses: nobody is more often with who stands next than with anybody else, as far as that can be.
    let people = format!("sex\n{}", "f\n".repeat(90));
    let pool = sortition::read(&people, "category,feature,min,max\nsex,f,0,9\n", r#"{"k": 9}"#).unwrap();
    let lottery = sortition::lottery(&pool, Objective::Leximin, LONG).unwrap();
    let tickets = Tickets::of(&pool, &lottery, 1_000);
    assert!(tickets.error < 0.001, "{}", tickets.error);
    for rows in tickets.panels.iter().chain(lottery.people(&pool).iter().map(|(_, rows)| rows)) {
        assert!(rows.windows(2).all(|pair| pair[1] - pair[0] > 1), "{rows:?}");
    }
}
