//! Opinion maps against those of red-dwarf and of a Polis server, and bridging scores against the documented objective.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use gongzhi_choice::opinion::{self, Name, Opinions, Options, Start, Statement, Told, Vote, Votes};
use serde_json::{Value, json};

use crate::folders::{files, json};

/// How near numbers must be to those of others, relative to the larger of the number and 1.
pub const NEAR: f64 = 1e-9;

/// Compares what is wanted with what was found: the largest difference of numbers, and what differs by more than `near` or in another way.
pub fn compare(found: &Value, wanted: &Value, near: f64, at: &str, wrong: &mut Vec<String>) -> f64 {
    match (found, wanted) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            let off = (one - other).abs() / other.abs().max(1.0);
            // Written so that a NaN is wrong.
            if !matches!(off.partial_cmp(&near), Some(std::cmp::Ordering::Less)) {
                wrong.push(format!("{at}: {one}, not {other}"));
            }
            off
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            let offs =
                pairs.map(|(nth, (one, other))| compare(one, other, near, &format!("{at}[{nth}]"), wrong));
            offs.fold(0.0, f64::max)
        }
        (Value::Object(one), Value::Object(other)) => {
            let offs = other.iter().map(|(key, other)| {
                compare(one.get(key).unwrap_or(&Value::Null), other, near, &format!("{at}.{key}"), wrong)
            });
            offs.fold(0.0, f64::max)
        }
        (one, other) => {
            if one != other {
                wrong.push(format!("{at}: {one}, not {other}"));
            }
            0.0
        }
    }
}

pub fn everything(opinions: &Opinions) -> Value {
    serde_json::to_value(opinions.told(Told::Everything)).unwrap()
}

/// What the two kinds of reference files and our answer have in common.
const SAME: [&str; 16] = [
    "n_participants",
    "n_statements",
    "n_clustered",
    "k",
    "silhouette",
    "pca_explained_variance",
    "pca_mean",
    "pc1",
    "pc2",
    "participant_xy",
    "cluster",
    "cluster_centers",
    "init_centers",
    "statement",
    "group_stats",
    "consensus",
];

/// What a list is sorted by.
fn weight(listed: &Value) -> f64 {
    let factors =
        ["p-success", "p-test", "repness", "repness-test"].iter().filter_map(|key| listed[key].as_f64());
    factors.product()
}

/// Takes over the order of theirs where it differs from ours by nothing but statements of equal weight, of which they have another first, or last of five; true when
/// it did. Of a group that agrees on nothing red-dwarf lists nothing, where the Polis server lists what it disagrees on, as we do.
fn settled(ours: &mut Value, theirs: &Value) -> bool {
    let (Some(one), Some(other)) = (ours.as_array(), theirs.as_array()) else { return false };
    let sorted = |list: &[Value]| {
        let mut weights: Vec<f64> = list.iter().map(weight).collect();
        weights.sort_by(f64::total_cmp);
        weights
    };
    let (weights, wanted) = (sorted(one), sorted(other));
    let is_equal = |a: f64, b: f64| (a - b).abs() <= NEAR * b.abs();
    let alike = weights.len() == wanted.len() && weights.iter().zip(&wanted).all(|(a, b)| is_equal(*a, *b));
    let is_alone = |listed: &&Value| {
        let equal = wanted.iter().filter(|other| is_equal(weight(listed), **other)).count();
        equal == 1 && !is_equal(weight(listed), wanted[0])
    };
    let has = |listed: &Value| {
        one.iter().any(|ours| {
            compare(ours, listed, NEAR, "", &mut Vec::new()) < NEAR && ours["tid"] == listed["tid"]
        })
    };
    if other.is_empty() && one.iter().all(|listed| listed.get("best-agree").is_none()) {
        *ours = theirs.clone();
        return true;
    }
    let is_same = one.iter().zip(other).all(|(one, other)| one["tid"] == other["tid"]);
    if is_same || !alike || !other.iter().filter(is_alone).all(has) {
        return false;
    }
    *ours = theirs.clone();
    true
}

#[test]
fn maps_are_those_of_red_dwarf() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for folder in files("polis", "").into_iter().filter(|path| path.join("red_dwarf.json").exists()) {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let votes = opinion::read(&text("votes.csv"), &text("statements.csv")).unwrap();
        let wanted = json(&folder.join("red_dwarf.json"));
        let out = votes.statements.iter().chain(&votes.without_votes).filter(|statement| statement.out);
        let out: std::collections::BTreeSet<_> =
            out.map(|statement| json!(statement.name).to_string()).collect();
        let settings = wanted["settings"]["mod_out_statement_ids"].as_array().unwrap();
        assert_eq!(out, settings.iter().map(ToString::to_string).collect(), "what is out");
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();

        let peer = opinion::opinions(&votes, &Options { start: Start::First, ..Options::default() });
        let mut found = everything(&peer);
        let sides = ["agree", "disagree"]
            .into_iter()
            .filter(|side| settled(&mut found["consensus"][side], &wanted["consensus"][side]));
        let mut ties = sides.count();
        for (group, list) in found["repness"].as_object_mut().unwrap() {
            ties += usize::from(settled(list, &wanted["repness"][group]));
        }
        let mut off: f64 = 0.0;
        for key in SAME.into_iter().chain(["repness"]) {
            off = off.max(compare(&found[key], &wanted[key], NEAR, &format!("{name}: {key}"), &mut wrong));
        }

        let since = Instant::now();
        let ours = opinion::opinions(&votes, &Options::default());
        let took = since.elapsed();
        let best = &wanted["best_of_100_kmeanspp"];
        let (mut tightness, mut same) = (String::new(), 0);
        for (way, other) in ours.ways.iter().zip(&peer.ways) {
            let count = way.centres.len();
            let theirs = best["per_k"][count.to_string()]["inertia"].as_f64().unwrap();
            write!(tightness, " {count}: {:+.1e}", way.inertia / theirs - 1.0).unwrap();
            assert!(way.inertia <= other.inertia * (1.0 + 1e-12), "{name}: looser than the peer's start");
            let silhouette = best["per_k"][count.to_string()]["silhouette"].as_f64().unwrap();
            let is_same = (way.inertia / theirs - 1.0).abs() < NEAR;
            same += usize::from(is_same);
            if is_same && (way.silhouette - silhouette).abs() > NEAR {
                wrong
                    .push(format!("{name}: {count} groups: silhouette {}, not {silhouette}", way.silhouette));
            }
            if way.inertia > theirs * (1.0 + NEAR) {
                wrong.push(format!("{name}: {count} groups: {}, not {theirs}", way.inertia));
            }
        }
        if same == ours.ways.len() {
            assert_eq!(json!(ours.groups().unwrap().centres.len()), best["best_k_by_silhouette"], "{name}");
        }
        println!(
            "{name:<32} {:>5} people {:>4} statements, k {} (peer's start {}), off by {off:.1e} at most, {ties} lists with ties; {:.1} ms; inertia to best of 100:{tightness}",
            votes.people.len(),
            votes.statements.len(),
            ours.groups().unwrap().centres.len(),
            peer.groups().unwrap().centres.len(),
            took.as_secs_f64() * 1e3,
        );
        ran += 1;
    }
    println!("{ran} conversations of red-dwarf");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A conversation of a Polis server, with what the server was asked.
fn of_server(file: &Value) -> (Votes, Options) {
    let list = |key: &str| -> Vec<Name> {
        let names = file[key].as_array().unwrap();
        names.iter().map(|name| Name::Number(name.as_u64().unwrap())).collect()
    };
    let cast: Vec<(String, String, Vote)> = file["votes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|vote| {
            let value = match vote[2].as_i64().unwrap() {
                1 => Vote::Agree,
                0 => Vote::Pass,
                _ => Vote::Disagree,
            };
            (vote[0].to_string(), vote[1].to_string(), value)
        })
        .collect();
    let (out, meta) = (list("mod_out"), list("meta"));
    let named = out.iter().chain(&meta).map(|name| Statement {
        name: name.clone(),
        out: out.contains(name),
        meta: meta.contains(name),
    });
    let cast = cast.iter().map(|(person, statement, vote)| (person.as_str(), statement.as_str(), 0, *vote));
    let count = usize::try_from(file["group_count"].as_u64().unwrap()).unwrap();
    let start = serde_json::from_value(file["init_centers"].clone()).unwrap();
    let options = Options {
        start: Start::At(start),
        counts: count..=count,
        least_votes: usize::try_from(file["min_votes"].as_u64().unwrap()).unwrap(),
        kept: list("keep_participants"),
    };
    (Votes::of(cast, named).unwrap(), options)
}

#[test]
fn maps_are_those_of_a_polis_server() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("polis", ".json") {
        let file = json(&path);
        if file["expected_server"].is_null() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (votes, options) = of_server(&file);
        let opinions = opinion::opinions(&votes, &options);
        let (found, wanted) = (everything(&opinions), &file["expected_server"]);
        let of_statements = |key: &str| -> Value {
            votes
                .statements
                .iter()
                .map(|one| found["statement"][json!(one.name).to_string()][key].clone())
                .collect()
        };
        let by_name = |key: &str| -> Value {
            let named = found["statement"].as_object().unwrap().iter();
            Value::Object(named.map(|(name, told)| (name.clone(), told[key].clone())).collect())
        };
        let mut members: BTreeMap<String, Vec<&Name>> = BTreeMap::new();
        for (person, group) in opinions.grouped.iter().zip(&opinions.groups().unwrap().labels) {
            members.entry(group.to_string()).or_default().push(&votes.people[*person]);
        }
        // The server rounds these tests to 24 bits.
        let mut rounded = Vec::new();
        let repness = compare(&found["repness"], &wanted["repness"], NEAR, "repness", &mut rounded);
        wrong.extend(rounded.into_iter().filter(|wrong| !wrong.contains("repness-test")));
        if repness > 1e-6 {
            wrong.push(format!("{name}: representative statements are off by {repness}"));
        }
        let ours = json!({
            "tids": votes.statements.iter().map(|statement| &statement.name).collect::<Vec<_>>(),
            "pca_center": opinions.map.means,
            "pc1": opinions.map.axes[0],
            "pc2": opinions.map.axes[1],
            "comment_projection": [of_statements("x"), of_statements("y")],
            "comment_extremity": of_statements("extremity"),
            "participant_xy": found["participant_xy"],
            "groups": members,
            "group_aware_consensus": by_name("gac_agree"),
            "comment_priorities": by_name("priority"),
            "consensus": found["consensus"],
            "repness": wanted["repness"],
        });
        let off = compare(&ours, wanted, NEAR, &name, &mut wrong);
        println!(
            "{name}: {} people, {} statements, off by {off:.1e} at most; tests of representative statements by {repness:.1e}",
            votes.people.len(),
            votes.statements.len()
        );
        let screen = serde_json::to_value(opinions.told(Told::Screen)).unwrap();
        let is_small = opinions.grouped.len() < 30;
        assert_eq!(screen["groups_withheld"].is_string(), is_small);
        ran += 1;
    }
    println!("{ran} conversations of a server");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scores_of_bridging_are_those_of_the_documented_objective() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("bridging", ".json") {
        let wanted = json(&path);
        let root = path.parent().unwrap().parent().unwrap();
        let folder = root.join("polis").join(wanted["dataset"].as_str().unwrap());
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let votes = opinion::read(&text("votes.csv"), &text("statements.csv")).unwrap();
        let opinions = opinion::opinions(&votes, &Options { start: Start::First, ..Options::default() });
        let since = Instant::now();
        let found = serde_json::to_value(opinion::bridging(&opinions)).unwrap();
        let took = since.elapsed();
        let name = wanted["dataset"].as_str().unwrap();
        let mut off: f64 = 0.0;
        for key in ["n_users", "n_notes", "n_ratings", "ranking", "mu", "loss", "mse", "notes"] {
            // Notes are told to eight places.
            let near = if key == "notes" { 1e-8 } else { NEAR };
            off = off.max(compare(&found[key], &wanted[key], near, &format!("{name}: {key}"), &mut wrong));
        }
        let consensus: Vec<f64> = opinions
            .votes
            .statements
            .iter()
            .enumerate()
            .filter(|(_, statement)| !found["notes"][json!(statement.name).to_string()].is_null())
            .map(|(place, _)| opinions.group_informed(place, true))
            .collect();
        let scores: Vec<f64> = opinions
            .votes
            .statements
            .iter()
            .filter_map(|statement| found["notes"][json!(statement.name).to_string()][0].as_f64())
            .collect();
        let rank = crate::ranking::spearman(&scores, &consensus);
        let key = "spearman_note_intercept_vs_group_aware_consensus";
        off = off.max(compare(&json!(rank), &wanted[key], NEAR, key, &mut wrong));
        println!(
            "{name:<32} {} statements, {} rounds, off by {off:.1e} at most; {:.1} ms; Spearman with consensus {rank:.4}",
            found["n_notes"],
            found["iterations"],
            took.as_secs_f64() * 1e3
        );
        ran += 1;
    }
    println!("{ran} scores of bridging");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
