//! Counting, held against the reference cases of owners' votes and against what must always be so.

use std::collections::BTreeMap;
use std::path::Path;

use gongzhi_deliberation::ballot::count::{Choice, Outcome, count};
use gongzhi_deliberation::ballot::threshold::{Body, threshold};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn owners_are_counted_as_the_reference_cases_have_it() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/deliberation/voting");
    let Ok(folder) = std::fs::read_dir(&beside) else {
        println!("skipped: there are no reference cases beside the project");
        return;
    };
    let mut ran = 0;
    for file in folder.flatten() {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap();
        for case in cases["cases"].as_array().unwrap() {
            // Units become electors: one for each owner with all of its area, one for all that are not sold.
            let mut electors: BTreeMap<String, (u64, Option<Choice>)> = BTreeMap::new();
            for unit in case["units"].as_array().unwrap() {
                let unsold = unit["kind"] == "unsold";
                let owner = if unsold { String::new() } else { unit["owner"].as_str().unwrap().to_owned() };
                let choice = match unit["vote"].as_str().unwrap() {
                    "for" => Some(Choice::For),
                    "against" => Some(Choice::Against),
                    "abstain" => Some(Choice::Abstain),
                    _ => None,
                };
                let elector = electors.entry(owner).or_insert((0, choice));
                elector.0 += unit["area"].as_u64().unwrap();
            }
            let counted = count(electors.into_values());
            let matter = u32::try_from(case["item"].as_u64().unwrap()).unwrap();
            let rule = threshold(Body::Owners, matter, "2026-11-09T01:30:00Z".parse().unwrap()).unwrap();
            let expected = &case["expected"];
            let seen = [
                ("total_area", counted.total_area),
                ("total_heads", counted.total_heads),
                ("part_area", counted.part_area),
                ("part_heads", counted.part_heads),
                ("for_area", counted.for_area),
                ("for_heads", counted.for_heads),
            ];
            for (name, value) in seen {
                assert_eq!(expected[name], value, "{} of {}", name, case["name"]);
            }
            let outcome = counted.outcome(&rule);
            assert_eq!(expected["quorum"], outcome != Outcome::NoQuorum, "{}", case["name"]);
            assert_eq!(expected["passed"], outcome == Outcome::Adopted, "{}", case["name"]);
            ran += 1;
        }
    }
    println!("{ran} votes of owners");
}

fn choices() -> impl Strategy<Value = Vec<(u64, Option<Choice>)>> {
    let choice = prop_oneof![
        Just(None),
        Just(Some(Choice::For)),
        Just(Some(Choice::Against)),
        Just(Some(Choice::Abstain))
    ];
    proptest::collection::vec((1..100_000u64, choice), 1..200)
}

proptest! {
    #[test]
    fn the_order_of_papers_changes_nothing(electors in choices(), turn in 0..200usize) {
        let mut turned = electors.clone();
        turned.rotate_left(turn % electors.len());
        turned.reverse();
        prop_assert_eq!(count(electors), count(turned));
    }

    #[test]
    fn one_more_approval_never_hurts(electors in choices(), matter in 1..10u32) {
        let rule = threshold(Body::Owners, matter, "2026-11-09T01:30:00Z".parse().unwrap()).unwrap();
        let before = count(electors.iter().copied()).outcome(&rule);
        for at in 0..electors.len() {
            let mut more = electors.clone();
            more[at].1 = Some(Choice::For);
            let after = count(more).outcome(&rule);
            prop_assert!(before != Outcome::Adopted || after == Outcome::Adopted);
        }
    }

    #[test]
    fn parts_never_exceed_their_whole(electors in choices()) {
        let counted = count(electors);
        prop_assert!(counted.for_heads + counted.against_heads <= counted.part_heads);
        prop_assert!(counted.part_heads <= counted.total_heads);
        prop_assert!(counted.for_area <= counted.part_area && counted.part_area <= counted.total_area);
    }
}
