//! Other things that a lottery can be best at, and what becomes of a lottery that takes too long.

use std::time::{Duration, Instant};

use gongzhi_choice::sortition::{self, Limit, Lottery, NoLottery, Objective, Pool};
use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use crate::folders::{files, json};
use crate::pools::{panels, pools};

const LONG: Duration = Duration::from_secs(300);

/// The smallest chance of those who can be chosen, and the largest.
fn ends(pool: &Pool, lottery: &Lottery) -> (f64, f64) {
    let chances = || {
        let people = pool.people.iter().zip(&lottery.chances);
        people.filter(|(kind, _)| !lottery.never.contains(kind)).map(|(_, chance)| *chance)
    };
    (chances().fold(1.0, f64::min), chances().fold(0.0, f64::max))
}

/// What an objective is worth.
fn value(pool: &Pool, lottery: &Lottery, objective: Objective) -> f64 {
    let (least, largest) = ends(pool, lottery);
    let share = f64::from(pool.k) / pool.people.len() as f64;
    match objective {
        Objective::Leximin | Objective::Maximin => least,
        Objective::Minimax => largest,
        Objective::Goldilocks => largest / share + share / least,
    }
}

#[test]
fn objectives_are_worth_what_they_can_be() {
    let mut ran = 0;
    for folder in
        files("sortition", "").into_iter().filter(|path| path.join("objectives_exact.json").exists())
    {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let pool =
            sortition::read(&text("respondents.csv"), &text("categories.csv"), &text("meta.json")).unwrap();
        let wanted = json(&folder.join("objectives_exact.json"));
        for (name, objective) in [
            ("maximin", Objective::Maximin),
            ("minimax", Objective::Minimax),
            ("goldilocks", Objective::Goldilocks),
        ] {
            let Some(best) = wanted[name]["value"].as_f64() else { continue };
            let since = Instant::now();
            let lottery = sortition::lottery(&pool, objective, LONG).unwrap();
            let found = value(&pool, &lottery, objective);
            let off = (found - best).abs() / best;
            println!(
                "{:<24} {name:<10} {found:.9}, off by {off:.1e}, {:.1} s, {} panels",
                folder.file_name().unwrap().to_string_lossy(),
                since.elapsed().as_secs_f64(),
                lottery.panels.len()
            );
            assert!(off < 1e-6, "{name}: {found}, not {best}");
            ran += 1;
        }
    }
    println!("{ran} objectives");
}

/// The least that the largest chance can be where the smallest one is given, over all panels of people.
fn largest(people: &[usize], panels: &[Vec<usize>], floor: f64) -> Option<f64> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let weights: Vec<_> = panels.iter().map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
    let largest = problem.add_var(1.0, (0.0, 1.0));
    let all: Vec<_> = weights.iter().map(|weight| (*weight, 1.0)).collect();
    problem.add_constraint(all, ComparisonOp::Eq, 1.0);
    for person in people {
        let sits = weights.iter().zip(panels).filter(|(_, panel)| panel.contains(person));
        let mut chance: Vec<_> = sits.map(|(weight, _)| (*weight, 1.0)).collect();
        problem.add_constraint(chance.clone(), ComparisonOp::Ge, floor);
        chance.push((largest, -1.0));
        problem.add_constraint(chance, ComparisonOp::Le, 0.0);
    }
    Some(problem.solve().ok()?.into_solution().unwrap().objective())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn goldilocks_is_the_best_of_all_lotteries(made in pools()) {
        let pool = made.pool();
        let all = panels(&pool);
        prop_assume!(!all.is_empty());
        let lottery = sortition::lottery(&pool, Objective::Goldilocks, LONG).unwrap();
        let found = value(&pool, &lottery, Objective::Goldilocks);
        // The largest chance hangs convexly on the smallest: the best is looked for between two ends that come nearer to each other.
        let people: Vec<_> = (0..pool.people.len()).filter(|row| all.iter().any(|panel| panel.contains(row))).collect();
        let share = f64::from(pool.k) / pool.people.len() as f64;
        let worth = |least: f64| largest(&people, &all, least).map_or(f64::INFINITY, |most| most / share + share / least);
        let (mut low, mut high) = (1e-3, 1.0);
        for _ in 0..60 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if worth(a) <= worth(b) { high = b } else { low = a }
        }
        prop_assert!((found - worth(low)).abs() < 1e-6 * found, "{found}, not {}", worth(low));
    }
}

/// Four of nine can be in no panel, so that the smallest chance of the others is above that of an equal share: a lottery was once taken for the best that was not.
#[test]
fn goldilocks_looks_beyond_an_equal_share_where_some_have_no_chance() {
    let people = "sex,age,home\nm,young,2\nm,middle,0\nf,middle,3\nf,old,0\nf,young,4\nf,old,0\nm,middle,1\nf,old,0\nf,old,0\n";
    let quotas =
        "category,feature,min,max\nsex,f,0,1\nsex,m,0,2\nage,young,1,2\nage,middle,1,2\nage,old,0,1\n";
    let pool = sortition::read(people, quotas, r#"{"k": 2, "household": "home"}"#).unwrap();
    let lottery = sortition::lottery(&pool, Objective::Goldilocks, LONG).unwrap();
    // One of two young people, one of three of middle age: 1/2 · 9/2 + 2/9 · 3.
    let found = value(&pool, &lottery, Objective::Goldilocks);
    assert!((found - (9.0 / 4.0 + 2.0 / 3.0)).abs() < 1e-6, "{found}");
}

/// A pool whose chances differ in several steps.
fn uneven() -> Pool {
    let mut people = "sex,age,work\n".to_owned();
    for nth in 0..60 {
        let sex = if nth % 7 == 0 { "f" } else { "m" };
        let age = ["old", "young", "middle"][nth * nth % 11 % 3];
        people += &format!("{sex},{age},{}\n", ["a", "b", "c", "d"][nth * 3 % 13 % 4]);
    }
    let quotas = "category,feature,min,max\nsex,f,4,5\nsex,m,5,6\nage,old,4,5\nage,young,3,4\nage,middle,2,3\nwork,a,3,3\nwork,b,2,4\nwork,c,2,3\nwork,d,1,3\n";
    sortition::read(&people, quotas, r#"{"k": 10}"#).unwrap()
}

#[test]
fn what_takes_too_long_ends_with_the_smallest_chance_and_says_so() {
    let pool = uneven();
    let within = |searches| sortition::lottery(&pool, Objective::Leximin, Limit { within: LONG, searches });
    let whole = within(usize::MAX).unwrap();
    let (least, _) = ends(&pool, &whole);
    let (mut nothing, mut part, mut all) = (0, 0, 0);
    for searches in 0.. {
        match within(searches) {
            Err(late) => {
                assert_eq!((late, part, all), (NoLottery::OutOfTime, 0, 0), "less was more");
                nothing += 1;
            }
            Ok(lottery) if lottery.reached == Objective::Maximin => {
                let (found, _) = ends(&pool, &lottery);
                assert!((found - least).abs() < 1e-6, "{found}, not {least}");
                part += 1;
            }
            Ok(lottery) => {
                assert_eq!((lottery.reached, &lottery.chances), (Objective::Leximin, &whole.chances));
                all += 1;
                break;
            }
        }
    }
    println!("searches with no answer {nothing}, with the smallest chance {part}");
    assert!(nothing > 1 && part > 1 && all == 1, "{nothing}, {part}, {all}");
    assert!(NoLottery::OutOfTime.to_string().contains("no answer in the time that was given"));
    // Goldilocks has no answer before its last panel.
    let early = sortition::lottery(&pool, Objective::Goldilocks, Limit { within: LONG, searches: 5 });
    assert_eq!(early, Err(NoLottery::OutOfTime));
}
