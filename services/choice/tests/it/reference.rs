//! Every instance that is there, by every rule for which there is an answer.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use gongzhi_choice::budget::{self, Completion, Instance, Outcome, Ties, Utility};
use gongzhi_choice::sortition::{self, Objective, TICKETS, Tickets};
use gongzhi_choice::{agenda, balance, owners};
use serde_json::Value;

use crate::folders::{files, json};

/// What a rule of a reference file says; none for rules that are not ours.
fn carried_out(instance: &Instance, rule: &str) -> Option<Outcome> {
    if rule == "mes_cost_add1u_eqs" {
        let completion = Completion::AddOneToWholeThenGreedy;
        return Some(budget::equal_shares(instance, Utility::Cost, completion, Ties::Cheaper));
    }
    let (name, completion) = match rule {
        _ if rule.ends_with("_add1u") => (rule.trim_end_matches("_add1u"), Completion::AddOneThenGreedy),
        _ if rule.ends_with("_add1") => (rule.trim_end_matches("_add1"), Completion::AddOne),
        _ if rule.ends_with("_inc1pct") => (rule.trim_end_matches("_inc1pct"), Completion::AddPercent),
        "mes_cost_phragmen" => ("mes_cost", Completion::Phragmen),
        _ => (rule, Completion::None),
    };
    let shares = |kind| Some(budget::equal_shares(instance, kind, completion, Ties::Id));
    match name {
        "greedy_cost" => Some(budget::greedy(instance, Utility::Cost, Ties::Id)),
        "greedy_card" => Some(budget::greedy(instance, Utility::Approval, Ties::Id)),
        "greedy_points" | "greedy_borda" => Some(budget::greedy(instance, Utility::Score, Ties::Id)),
        "phragmen" => Some(budget::phragmen(instance, Ties::Id)),
        "mes_cost" => shares(Utility::Cost),
        "mes_card" => shares(Utility::Approval),
        "mes_points" | "mes_borda" => shares(Utility::Score),
        _ => None,
    }
}

fn ids(instance: &Instance, outcome: &Outcome) -> BTreeSet<String> {
    outcome.winners().into_iter().map(|project| instance.projects[project].id.clone()).collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn instance(path: &Path) -> Instance {
    budget::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn budgets_are_spent_as_others_spend_them() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("pb", ".reference.json") {
        let reference = json(&path);
        let file = path.to_string_lossy().replace(".reference.json", ".pb");
        let instance = instance(Path::new(&file));
        let name = reference["file"].as_str().unwrap();
        for (rule, wanted) in reference["results"].as_object().unwrap() {
            let since = Instant::now();
            let Some(outcome) = carried_out(&instance, rule) else { continue };
            let took = since.elapsed();
            ran += 1;
            let found = ids(&instance, &outcome);
            let answer = if wanted["winners"].is_array() {
                &wanted["winners"]
            } else {
                &wanted["lexicographic_in_order"]
            };
            let equal = found == texts(answer);
            println!(
                "{name:<58} {rule:<18} {:>3} projects {:>8.1} ms  {}",
                found.len(),
                took.as_secs_f64() * 1e3,
                if equal { "equal" } else { "DIFFERS" }
            );
            if !equal {
                wrong.push(format!("{name} {rule}: {found:?}, not {answer}"));
            }
            let cost = instance.cost(outcome.winners());
            assert!(cost <= instance.budget, "{name} {rule} overspends");
        }
        let official =
            texts(&reference.get("official_selected").cloned().unwrap_or_else(|| Value::Array(vec![])));
        if !official.is_empty() && reference["meta"]["rule"] == "equalshares/add1" {
            let outcome = carried_out(&instance, "mes_cost_add1").unwrap();
            assert_eq!(ids(&instance, &outcome), official, "{name}: the city's own outcome");
            println!("{name:<58} is what the city decided");
        }
    }
    println!("{ran} outcomes of budgets");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn agendas_are_in_the_order_of_others() {
    let mut ran = 0;
    for path in files("agenda", ".json") {
        let reference = json(&path);
        let source = reference["source"].as_str().unwrap().split(',').next().unwrap();
        let root = path.parent().unwrap().parent().unwrap();
        let instance = instance(&root.join(source));
        let approvals: Vec<Vec<usize>> =
            instance.ballots.iter().map(|ballot| ballot.0.iter().map(|(item, _)| *item).collect()).collect();
        let order: Vec<_> = agenda::order(instance.projects.len(), &approvals)
            .into_iter()
            .map(|place| Value::from(instance.projects[place.item].id.clone()))
            .collect();
        assert_eq!(Value::Array(order), reference["order"], "{}", path.display());
        println!("{source:<58} {} items in order", instance.projects.len());
        ran += 1;
    }
    println!("{ran} agendas");
}

#[test]
fn votes_of_owners_are_counted_as_the_law_has_it() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("voting", ".json") {
        for case in json(&path)["cases"].as_array().unwrap() {
            let ballot: owners::Ballot = serde_json::from_value(case.clone()).unwrap();
            let count = serde_json::to_value(owners::count(&ballot).unwrap()).unwrap();
            ran += 1;
            if count != case["expected"] {
                wrong.push(format!("{}: {count}, not {}", case["name"], case["expected"]));
            }
        }
    }
    println!("{ran} votes of owners, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn points_of_balance_are_where_they_should_be() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("balance", ".json") {
        for case in json(&path)["cases"].as_array().unwrap() {
            let positions: balance::Positions = serde_json::from_value(case.clone()).unwrap();
            let found = serde_json::to_value(balance::balance(&positions).unwrap()).unwrap();
            ran += 1;
            for (what, wanted) in case["expected"].as_object().unwrap() {
                let (mut found, mut wanted) = (found[what].clone(), wanted.clone());
                if what == "conflicts" {
                    for list in [&mut found, &mut wanted] {
                        list.as_array_mut().unwrap().sort_by_key(ToString::to_string);
                    }
                }
                if found != wanted {
                    wrong.push(format!("case {ran}, {what}: {found}, not {wanted}"));
                }
            }
        }
    }
    println!("{ran} points of balance, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lots_are_as_even_as_they_can_be() {
    let mut ran = 0;
    for folder in files("sortition", "").into_iter().filter(|path| path.join("leximin_exact.json").exists()) {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let pool =
            sortition::read(&text("respondents.csv"), &text("categories.csv"), &text("meta.json")).unwrap();
        let since = Instant::now();
        let lottery = sortition::lottery(&pool, Objective::Leximin, Duration::from_secs(300)).unwrap();
        let took = since.elapsed();
        assert_eq!(lottery.reached, Objective::Leximin);
        let wanted = json(&folder.join("leximin_exact.json"));
        let wanted: Vec<f64> =
            wanted["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        let off = lottery
            .chances
            .iter()
            .zip(&wanted)
            .map(|(ours, theirs)| (ours - theirs).abs())
            .fold(0.0, f64::max);
        let sum: f64 = lottery.chances.iter().sum();
        println!(
            "{:<24} n {} k {} types {}: {:.1} s, {} panels in the lottery, off by {off:.1e} at most, chances add to {sum:.7}",
            folder.file_name().unwrap().to_string_lossy(),
            pool.people.len(),
            pool.k,
            pool.types.len(),
            took.as_secs_f64(),
            lottery.panels.len(),
        );
        assert_eq!(lottery.chances.len(), wanted.len());
        assert!(off < 1e-6, "off by {off}");
        assert!((sum - f64::from(pool.k)).abs() < 1e-5, "{sum}");
        keeps_quotas(&pool, &lottery);
        can_be_drawn(&pool, &lottery);
        ran += 1;
    }
    println!("{ran} pools");
}

/// The tickets stand for panels of the lottery, and hardly change anybody's chance.
fn can_be_drawn(pool: &sortition::Pool, lottery: &sortition::Lottery) {
    let since = Instant::now();
    let tickets = Tickets::of(pool, lottery, TICKETS);
    let took = since.elapsed();
    assert_eq!((tickets.tickets.len(), tickets.published().text().lines().count()), (TICKETS, TICKETS));
    println!(
        "{:<24} {TICKETS} tickets in {:.1} s, off by {:.4} at most",
        "",
        took.as_secs_f64(),
        tickets.error
    );
    assert!(tickets.error <= 0.004, "{}", tickets.error);
    for number in 0..TICKETS {
        let members: BTreeSet<_> = tickets.drawn(number).unwrap().iter().collect();
        assert_eq!(members.len(), pool.k as usize, "somebody sits twice");
        for (category, features) in pool.categories.iter().enumerate() {
            for (feature, quota) in features.quotas.iter().enumerate() {
                let has = |row: &&&usize| pool.types[pool.people[***row]][category] == feature;
                let count = members.iter().filter(has).count();
                assert!(
                    (quota.min..=quota.max).contains(&u32::try_from(count).unwrap()),
                    "{}",
                    quota.feature
                );
            }
        }
    }
    assert_eq!(tickets, Tickets::of(pool, lottery, TICKETS), "anyone makes the same tickets");
    assert!(tickets.drawn(TICKETS).is_none());
}

/// Every panel meets every quota, and the lottery gives everybody the chance that is told.
fn keeps_quotas(pool: &sortition::Pool, lottery: &sortition::Lottery) {
    let mut chances = vec![0.0; pool.types.len()];
    for (weight, panel) in &lottery.panels {
        assert_eq!(panel.iter().sum::<u32>(), pool.k);
        for (category, features) in pool.categories.iter().enumerate() {
            for (feature, quota) in features.quotas.iter().enumerate() {
                let holders = panel.iter().zip(&pool.types).filter(|(_, has)| has[category] == feature);
                let count: u32 = holders.map(|(members, _)| members).sum();
                assert!(
                    (quota.min..=quota.max).contains(&count),
                    "{} {}: {count}",
                    features.name,
                    quota.feature
                );
            }
        }
        for (kind, members) in panel.iter().enumerate() {
            assert!(*members <= pool.counts[kind]);
            chances[kind] += weight * f64::from(*members) / f64::from(pool.counts[kind]);
        }
    }
    let weights: f64 = lottery.panels.iter().map(|(weight, _)| weight).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    // The same with people in place of types.
    let mut of_people = vec![0.0; pool.people.len()];
    for (weight, rows) in lottery.people(pool) {
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), pool.k as usize, "somebody sits twice");
        for row in rows {
            of_people[row] += weight;
        }
    }
    for (person, kind) in pool.people.iter().enumerate() {
        assert!((of_people[person] - chances[*kind]).abs() < 1e-9, "person {person}: {}", of_people[person]);
        assert!(
            (chances[*kind] - lottery.chances[person]).abs() < 1e-6,
            "person {person}: {} of {}",
            chances[*kind],
            lottery.chances[person]
        );
    }
}
