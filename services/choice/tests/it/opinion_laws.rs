//! What every opinion map promises, on made conversations, and what becomes of votes that make no sense.

use std::fmt::Write as _;

use gongzhi_choice::opinion::{self, Name, Opinions, Options, Told, Vote, Votes};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::opinion::{NEAR, compare, everything};

/// A made conversation: a vote from -1 to 1 for each person and statement, or none.
fn conversation(matrix: &[Vec<Option<i8>>], out: &[bool]) -> Votes {
    files_of(&made(matrix), out)
}

/// Rows of `votes.csv`.
fn made(matrix: &[Vec<Option<i8>>]) -> Vec<String> {
    let mut rows = Vec::new();
    for (person, votes) in matrix.iter().enumerate() {
        let cast =
            votes.iter().enumerate().filter_map(|(statement, vote)| vote.map(|vote| (statement, vote)));
        rows.extend(cast.map(|(statement, vote)| format!("{statement},{person},{vote}")));
    }
    rows
}

fn files_of(rows: &[String], out: &[bool]) -> Votes {
    let mut statements = String::from("statement,moderated\n");
    for (statement, out) in out.iter().enumerate() {
        writeln!(statements, "{statement},{}", if *out { -1 } else { 1 }).unwrap();
    }
    opinion::read(&format!("statement,participant,vote\n{}\n", rows.join("\n")), &statements).unwrap()
}

/// Numbers below another one that look random and are the same for everybody.
fn dice() -> impl FnMut(usize) -> usize {
    let mut state = 12_345u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below as u64).unwrap()
    }
}

/// People who vote on a part of the statements each: of three leanings, or of none.
fn crowd(people: usize, statements: usize, votes_each: usize, is_leaning: bool) -> Vec<Vec<Option<i8>>> {
    let mut next = dice();
    let mut matrix = vec![vec![None; statements]; people];
    for (person, row) in matrix.iter_mut().enumerate() {
        for _ in 0..votes_each {
            let statement = next(statements);
            let side = if statement % 3 == person % 3 { -1 } else { 1 };
            let vote = if is_leaning { [side, side, side, 0, -side][next(5)] } else { [1, 0, -1][next(3)] };
            row[statement] = Some(vote);
        }
    }
    matrix
}

#[test]
fn those_who_lean_alike_are_found_in_large_conversations() {
    let cases = [
        ("leaning, few votes", crowd(2_000, 200, 30, true)),
        ("leaning, most votes", crowd(2_000, 200, 400, true)),
        ("leaning, more statements", crowd(1_500, 300, 60, true)),
        ("no leaning", crowd(2_000, 200, 30, false)),
    ];
    for (name, matrix) in cases {
        let (people, statements) = (matrix.len(), matrix[0].len());
        let votes = conversation(&matrix, &vec![false; statements]);
        let opinions = opinion::opinions(&votes, &Options::default());
        assert_eq!(opinions.ways.len(), 4);
        let stable = opinion::stability(&opinions, 10).unwrap();
        let k = opinions.groups().unwrap().centres.len();
        println!(
            "{name:<26} {people} people, {statements} statements: k {k}; stability {stable:.3} of 10 samples"
        );
        if name.starts_with("leaning") {
            assert_eq!(k, 3, "{name}: those who lean alike are in a group");
            assert!(stable > 0.8, "{name}: {stable}");
        } else {
            assert!(stable < 0.5, "{name}: {stable}");
        }
    }
}

/// Random conversations: a matrix, and which statements are out.
fn conversations(people: std::ops::Range<usize>) -> impl Strategy<Value = (Vec<Vec<Option<i8>>>, Vec<bool>)> {
    (people, 8usize..13).prop_flat_map(|(people, statements)| {
        let vote = prop_oneof![1 => Just(None), 4 => (-1i8..=1).prop_map(Some)];
        let row = prop::collection::vec(vote, statements);
        (prop::collection::vec(row, people), prop::collection::vec(prop::bool::weighted(0.1), statements))
    })
}

fn screen(opinions: &Opinions) -> Value {
    serde_json::to_value(opinions.told(Told::Screen)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_rows_changes_nothing((matrix, out) in conversations(3..40), turn in 0usize..400) {
        let mut rows = made(&matrix);
        prop_assume!(!rows.is_empty());
        let votes = files_of(&rows, &out);
        let turn = turn % rows.len();
        rows.rotate_left(turn);
        rows.reverse();
        let turned = files_of(&rows, &out);
        prop_assert_eq!(&votes, &turned);
        let (one, other) = (opinion::opinions(&votes, &Options::default()), opinion::opinions(&turned, &Options::default()));
        prop_assert_eq!(everything(&one), everything(&other));
        prop_assert_eq!(opinion::stability(&one, 3), opinion::stability(&other, 3));
    }

    #[test]
    fn names_change_nothing_but_announced_ties((matrix, out) in conversations(25..40)) {
        let turned: Vec<Vec<_>> = matrix.iter().rev().map(|row| row.iter().rev().copied().collect()).collect();
        let turned_out: Vec<bool> = out.iter().rev().copied().collect();
        let (votes, turned) = (conversation(&matrix, &out), conversation(&turned, &turned_out));
        prop_assume!(votes.statements.len() == out.len() && votes.people.len() == matrix.len());
        let (one, other) = (opinion::opinions(&votes, &Options::default()), opinion::opinions(&turned, &Options::default()));
        let (told, turned) = (everything(&one), everything(&other));
        let tied = [&told, &turned].iter().any(|told| told["tied"] == json!(true));
        let mut wrong = Vec::new();
        for place in 0..out.len() {
            let statement = |told: &Value, place: usize| {
                let mut statement = told["statement"][place.to_string()].clone();
                for key in ["x", "y"] {
                    // An axis may be told either way round where two loadings are equal.
                    statement[key] = json!(statement[key].as_f64().unwrap().abs());
                }
                if tied {
                    for key in ["gac_agree", "gac_disagree"] {
                        statement[key] = json!(0);
                    }
                }
                statement
            };
            let (one, other) = (statement(&told, place), statement(&turned, out.len() - 1 - place));
            compare(&one, &other, NEAR, &format!("statement {place}"), &mut wrong);
        }
        if !tied {
            for key in ["k", "silhouette", "cluster_sizes", "per_k"] {
                compare(&told[key], &turned[key], NEAR, key, &mut wrong);
            }
        }
        for side in ["agree", "disagree"] {
            // Of equals another one may be last of five, which is told.
            let list = |told: &Value, name: &dyn Fn(usize) -> usize| -> Vec<(Value, Option<usize>)> {
                let list = told["consensus"][side].as_array().unwrap();
                let statement = |one: &Value| name(usize::try_from(one["tid"].as_u64().unwrap()).unwrap());
                let alone = |one: &Value| one.get("tied").is_none().then(|| statement(one));
                list.iter().map(|one| (json!([one["n-success"], one["n-trials"]]), alone(one))).collect()
            };
            prop_assert_eq!(list(&told, &|name| name), list(&turned, &|name| out.len() - 1 - name));
        }
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_consensus_is_a_share_and_never_above_any_groups((matrix, out) in conversations(2..45)) {
        let votes = conversation(&matrix, &out);
        let opinions = opinion::opinions(&votes, &Options::default());
        let in_groups: u32 = opinions.tallies.iter().map(|tally| tally.votes).sum();
        prop_assert_eq!(opinions.by_group.iter().flatten().map(|tally| tally.votes).sum::<u32>(), in_groups);
        for statement in 0..votes.statements.len() {
            for agree in [true, false] {
                let all = opinions.group_informed(statement, agree);
                prop_assert!(0.0 < all && all < 1.0);
                prop_assert!(opinions.by_group.iter().all(|group| all <= group[statement].share(agree)));
            }
            prop_assert!(opinions.priorities[statement] > 0.0);
        }
        for way in &opinions.ways {
            prop_assert!((-1.0..=1.0).contains(&way.silhouette));
        }
        let none_is_out = |chosen: &opinion::Chosen| !votes.statements[chosen.statement].out;
        for group in 0..opinions.by_group.len() {
            let list = opinions.representative(group);
            prop_assert!(list.len() <= 5 && list.iter().all(none_is_out));
        }
        prop_assert!(opinions.consensus(true).iter().all(none_is_out));
    }

    #[test]
    fn screens_tell_of_nobody_and_of_no_few((matrix, out) in conversations(2..60)) {
        let votes = conversation(&matrix, &out);
        let opinions = opinion::opinions(&votes, &Options::default());
        let told = screen(&opinions);
        for key in ["participant_xy", "cluster", "init_centers"] {
            prop_assert!(told.get(key).is_none(), "{key}");
        }
        let of_groups = ["k", "silhouette", "cluster_sizes", "cluster_centers", "per_k", "group_stats", "repness"];
        if opinions.grouped.len() < 30 || told["groups_withheld"].is_string() {
            prop_assert!(told["groups_withheld"].is_string());
            prop_assert!(of_groups.iter().all(|key| told.get(key).is_none()));
        } else {
            let sizes: Vec<usize> = serde_json::from_value(told["cluster_sizes"].clone()).unwrap();
            prop_assert!(sizes.iter().all(|size| *size >= 10));
            prop_assert_eq!(sizes.iter().sum::<usize>(), opinions.grouped.len());
            prop_assert!(of_groups.iter().all(|key| told.get(key).is_some()));
        }
    }
}

#[test]
fn votes_that_make_no_sense_are_refused_with_everything_that_is_wrong() {
    let statements = "statement,moderated,is_meta\n0,1,\n1,-1,true\n2,0,false\n";
    let votes = "\u{feff}timestamp_ms,statement,participant,vote\n5,0,a,1\n7,0,a,-1\n6,0,a,0\n7,7,b,0\n";
    let good = opinion::read(votes, statements).unwrap();
    assert_eq!(good.ballots, [vec![(0, Vote::Disagree)], vec![(1, Vote::Pass)]], "the last vote counts");
    let names: Vec<_> = good.without_votes.iter().map(|one| (one.name.clone(), one.out, one.meta)).collect();
    assert_eq!(names, [(Name::Number(1), true, true), (Name::Number(2), false, false)]);

    // A new statement is asked about before most others: (½ · ½ · 9)².
    let told = screen(&opinion::opinions(&good, &Options::default()));
    assert_eq!(told["without_votes"], json!({"2": 5.0625}));

    let header = "timestamp_ms,statement,participant,vote\n";
    let fails = |votes: &str, statements: &str| opinion::read(votes, statements).unwrap_err().0;
    let bad = format!("{header}x,0,a,1\n1,0,a,NaN\n1,,a,1\n1,0,a\n1,0,a,2\n1,0,a,1.0\n");
    let faults = fails(&bad, "statement,moderated\n0,5\n0,1\n");
    let lines = ["statements.csv, line 2", "statements.csv, line 3"].into_iter().map(str::to_owned);
    let lines: Vec<_> = lines.chain((2..=7).map(|line| format!("line {line}"))).collect();
    assert_eq!(faults.len(), lines.len(), "{faults:#?}");
    for (fault, line) in faults.iter().zip(&lines) {
        assert!(fault.contains(line), "{fault} has not {line}");
    }
    assert_eq!(fails(header, statements), ["votes.csv: there is no vote"]);
    assert_eq!(
        fails("", ""),
        [
            "statements.csv: has no column statement",
            "statements.csv: has no column moderated",
            "votes.csv: has no column participant",
            "votes.csv: has no column statement",
            "votes.csv: has no column vote",
        ]
    );
    assert_eq!(fails(&format!("{header}{}", "1,0,a,9\n".repeat(200)), statements).len(), 50);
    let rows = |count: usize, row: fn(usize) -> String| -> String {
        header.to_owned() + &(0..count).map(row).collect::<String>()
    };
    let many = fails(&rows(20_001, |person| format!("1,0,{person},1\n")), statements);
    assert_eq!(many, ["votes.csv: there are more than 20000 people"]);
    let many = fails(&rows(2_001, |statement| format!("1,{statement},a,1\n")), statements);
    assert_eq!(many, ["votes.csv: there are more than 2000 statements"]);
    let known: String = (0..2_001).map(|statement| format!("{statement},1\n")).collect();
    let many = fails(votes, &format!("statement,moderated\n{known}"));
    assert_eq!(many, ["statements.csv: there are more than 2000 statements"]);
    let many = fails(&rows(5_000_001, |_| "1,0,a,1\n".to_owned()), statements);
    assert_eq!(many, ["votes.csv: there are more than 5000000 votes"]);
}

#[test]
fn a_conversation_of_one_and_one_of_one_mind_have_a_map_without_groups() {
    for matrix in [vec![vec![Some(1)]], vec![vec![Some(1); 8]; 40]] {
        let votes = conversation(&matrix, &vec![false; matrix[0].len()]);
        let opinions = opinion::opinions(&votes, &Options::default());
        assert!(opinions.groups().is_none());
        assert!(opinions.map.people.iter().flatten().all(|place| *place == 0.0));
        assert!(opinions.map.extremity().iter().all(|place| *place == 0.0));
        assert!(screen(&opinions)["groups_withheld"].is_string());
        assert!(opinion::stability(&opinions, 3).is_none());
        let bridging = opinion::bridging(&opinions);
        assert_eq!(bridging.n_ratings, if matrix.len() == 1 { 0 } else { 320 });
        assert!(bridging.loss.is_finite() && bridging.mu.is_finite());
        // Nothing in the answer is missing because it is no number.
        assert!(!everything(&opinions).to_string().contains("null"));
    }
}
