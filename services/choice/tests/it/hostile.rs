//! Files of funds that are far too large or make no sense: read or refused at once, and with the place that is wrong.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use gongzhi_choice::budget::{self, Completion, Ties, Utility};
use gongzhi_choice::number::Exact;

/// Long even for a busy machine that counts without optimisation.
const AT_ONCE: Duration = Duration::from_secs(60);

fn file(budget: &str, projects: &str, votes: &str) -> String {
    format!(
        "META\nkey;value\nbudget;{budget}\nPROJECTS\nproject_id;cost;name\n{projects}\nVOTES\nvoter_id;vote\n{votes}"
    )
}

fn ballots(count: usize) -> String {
    let mut text = String::with_capacity(count * 16);
    for voter in 0..count {
        writeln!(text, "{voter};{},{}", voter % 3, voter % 5 + 3).unwrap();
    }
    text
}

#[test]
fn a_million_votes_are_read_and_counted() {
    let projects: String = (0..8).map(|id| format!("{id};{};p\n", 700_000 + id * 7)).collect();
    let since = Instant::now();
    let fund = budget::read(&file("3000000", projects.trim_end(), &ballots(1_000_000))).unwrap();
    let read = since.elapsed();
    assert_eq!(fund.ballots.len(), 1_000_000);
    let greedy = budget::greedy(&fund, Utility::Cost, Ties::Id);
    assert_eq!(greedy.winners().len(), 4);
    println!(
        "a million votes: read in {:.1} s, greedily spent after {:.1} s",
        read.as_secs_f64(),
        since.elapsed().as_secs_f64()
    );
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
}

#[test]
fn more_than_a_million_votes_are_refused_at_once() {
    let since = Instant::now();
    let projects: String = (0..8).map(|id| format!("{id};7;p\n")).collect();
    let refused = budget::read(&file("30", projects.trim_end(), &ballots(1_000_001))).unwrap_err();
    assert!(refused.to_string().contains("line 1000016: there are more than 1000000 voters"), "{refused}");
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
}

#[test]
fn what_is_wrong_is_told_once_and_with_its_line() {
    for (text, said) in [
        (file("10", "1;-5;a", "1;1\n"), "line 6: the cost of 1 is negative"),
        (file("10", "1;NaN;a", "1;1\n"), "line 6: the cost of 1: \"NaN\" is not a decimal number"),
        (file("10", "1;inf;a", "1;1\n"), "line 6: the cost of 1: \"inf\" is not a decimal number"),
        (file("10", "1;;a", "1;1\n"), "line 6: the cost of 1: \"\" is not a decimal number"),
        (file("10", "1;1.000,5;a", "1;1\n"), "line 6: the cost of 1: \"1.000,5\" is not a decimal number"),
        (file("10", "1;5;a\n1;6;b", "1;1\n"), "line 7: project 1 stands there twice"),
        (file("10", ";5;a", "1;\n"), "line 6: a project has no project_id"),
        (file("-3", "1;5;a", "1;1\n"), "META: the budget must be above 0"),
        (file("10", "1;5;a", "1;2\n"), "line 9: 2 is no project of this file"),
        ("project_id;cost\n1;5\n".to_owned(), "line 2: stands before META\nMETA: has no budget"),
    ] {
        assert_eq!(budget::read(&text).unwrap_err().to_string(), said);
    }
}

#[test]
fn a_decimal_comma_is_a_point() {
    let fund = budget::read(&file("10,5", "1;5,25;a\n2;5.25;b", "1;1,2\n")).unwrap();
    assert_eq!(fund.projects[0].cost, Exact::new(21.into(), 4.into()));
    let shares = budget::equal_shares(&fund, Utility::Cost, Completion::None, Ties::Id);
    assert_eq!((shares.winners(), fund.cost([0, 1])), (vec![0, 1], fund.budget.clone()));
}

#[test]
fn a_fund_without_voters_pays_for_nothing_by_shares() {
    let fund = budget::read(&file("10", "1;5;a", "")).unwrap();
    for completion in [
        Completion::None,
        Completion::AddOne,
        Completion::AddOneThenGreedy,
        Completion::AddOneToWholeThenGreedy,
        Completion::AddPercent,
        Completion::Phragmen,
    ] {
        assert!(budget::equal_shares(&fund, Utility::Cost, completion, Ties::Id).winners().is_empty());
    }
}

#[test]
fn what_nobody_wants_keeps_no_completion_going() {
    // Two for whom nothing is left to buy, and a third project that would fit for ever.
    let fund = budget::read(&file("1000000000000", "1;5;a\n2;7;b\n3;1;c", "1;1\n2;2\n")).unwrap();
    let since = Instant::now();
    let shares = |completion| budget::equal_shares(&fund, Utility::Cost, completion, Ties::Cheaper).winners();
    assert_eq!(shares(Completion::AddPercent), [0, 1]);
    assert_eq!(shares(Completion::AddOneToWholeThenGreedy), [0, 1, 2]);
    assert!(since.elapsed() < AT_ONCE);
}
