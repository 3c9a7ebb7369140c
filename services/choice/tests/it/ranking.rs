//! Rankings against published ones, on a made truth, and what every ranking promises.

use std::collections::BTreeMap;

use gongzhi_choice::ranking::{self, Band, Count, Ranking, Table, Told, Unit};
use proptest::prelude::*;
use serde_json::Value;

use crate::folders::{files, json};
use crate::opinion::compare;

/// The places of values from the smallest, of equals the mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let place = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(place).collect()
}

/// Spearman's coefficient: how alike two orders are, 1 the same, -1 the reverse.
pub fn spearman(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (ranks(one), ranks(other));
    let mean = (one.len() as f64 + 1.0) / 2.0;
    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    sum(&one, &other) / (sum(&one, &one) * sum(&other, &other)).sqrt()
}

fn squared_error(estimates: impl IntoIterator<Item = f64>, truth: &[f64]) -> f64 {
    estimates.into_iter().zip(truth).map(|(estimate, truth)| (estimate - truth).powi(2)).sum()
}

#[test]
fn proportions_are_drawn_together_as_published() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("ranking", ".json") {
        let file = json(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if file["beta_binomial_mle"].is_null() {
            println!("{name}: has no proportions to hold against");
            continue;
        }
        let table: Table = serde_json::from_value(file.clone()).unwrap();
        let ranking = ranking::rank(&table).unwrap();
        let found = serde_json::to_value(&ranking).unwrap();
        let (mut off, mut off_places): (f64, f64) = (0.0, 0.0);
        for (unit, wanted) in found["units"].as_array().unwrap().iter().zip(file["units"].as_array().unwrap())
        {
            for key in [
                "x",
                "n",
                "raw",
                "wilson95",
                "wilson_lower_80pct_two_sided",
                "eb_mean_mle",
                "eb_ci90",
                "eb_mean_moments",
            ] {
                off = off.max(compare(&unit[key], &wanted[key], 1e-6, &format!("{name}: {key}"), &mut wrong));
            }
            for (key, near) in
                [("expected_rank", 0.02), ("p_in_top_quarter", 0.005), ("p_in_bottom_quarter", 0.005)]
            {
                // Theirs are of 200,000 draws.
                let drawn = &wanted[format!("{key}_mc200k")];
                off_places =
                    off_places.max(compare(&unit[key], drawn, near, &format!("{name}: {key}"), &mut wrong));
            }
        }
        for (key, near) in
            [("beta_binomial_mle", 1e-4), ("beta_binomial_moments", 1e-6), ("james_stein_arcsin", 1e-6)]
        {
            let mut wanted = file[key].clone();
            // Counted against the truth, not an estimate.
            wanted.as_object_mut().unwrap().remove("total_squared_error");
            let far = compare(&found[key], &wanted, near, &format!("{name}: {key}"), &mut wrong);
            off = if near > 1e-6 { off } else { off.max(far) };
        }
        // Their search for α and β ended a little before the top, ours is there.
        let key = "loglik_without_binomial_coefficients";
        let top = |told: &Value| told["beta_binomial_mle"][key].as_f64().unwrap();
        assert!(top(&found) >= top(&file) - 1e-9, "{name}: {} is not the most likely", top(&found));
        let truth: Vec<f64> = serde_json::from_value(file["truth_rest_of_season"].clone()).unwrap();
        let rates = || ranking.units.iter().map(|unit| unit.rates.as_ref().unwrap());
        let raw = squared_error(rates().map(|rates| rates.raw), &truth);
        let drawn = squared_error(rates().map(|rates| rates.eb_mean_mle), &truth);
        let classic = squared_error(ranking.james_stein_arcsin.as_ref().unwrap().estimates.clone(), &truth);
        println!(
            "{name}: {} units, off by {off:.1e} at most, places by {off_places:.1e} from drawn ones; squared error raw {raw:.4}, drawn together {drawn:.4}, James-Stein {classic:.4}",
            ranking.units.len()
        );
        let told = &file["total_squared_error"];
        for (error, wanted) in [
            (raw, &told["raw"]),
            (drawn, &told["eb_mle"]),
            (classic, &file["james_stein_arcsin"]["total_squared_error"]),
        ] {
            compare(&Value::from(error), wanted, 1e-6, &format!("{name}: squared error"), &mut wrong);
        }
        ran += 1;
    }
    println!("{ran} tables of proportions");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_small_unit_moves_because_it_is_small() {
    let mut ran = 0;
    for path in files("ranking", ".json") {
        let file = json(&path);
        let Some(months) = file["districts"].as_object() else { continue };
        let mut spread: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut total: BTreeMap<String, u64> = BTreeMap::new();
        for (month, districts) in months {
            // The published score is taken for a rate, which it is not quite: it is made of several.
            let unit = |(name, told): (&String, &Value)| {
                let n = told[0].as_f64().unwrap();
                let x = (n * told[1].as_f64().unwrap() / 100.0).round();
                Unit { name: Some(name.clone()), x: Some(x as u32), n: Some(n as u32), ..Unit::default() }
            };
            let districts = districts.as_object().unwrap();
            let table = Table { units: districts.iter().map(unit).collect(), names: Vec::new() };
            let ranking = ranking::rank(&table).unwrap();
            let smallest = ranking.units.iter().min_by_key(|unit| unit.n).unwrap();
            let weight = |unit: &Told| unit.rates.as_ref().unwrap().case_mix.unwrap().own_weight;
            let interval = |unit: &Told| {
                let [low, high] = unit.rates.as_ref().unwrap().eb_ci90.unwrap();
                high - low
            };
            assert!(ranking.units.iter().all(|unit| weight(unit) >= weight(smallest)), "{month}");
            let widest = ranking.units.iter().map(interval).fold(0.0, f64::max);
            println!(
                "{month}: {} with {} cases, own weight {:.3}, {:.4} wide of {widest:.4} at most",
                smallest.name,
                smallest.n,
                weight(smallest),
                interval(smallest)
            );
            for (name, told) in districts {
                spread.entry(name.clone()).or_default().push(told[2].as_u64().unwrap());
                *total.entry(name.clone()).or_default() += told[0].as_u64().unwrap();
            }
        }
        let (smallest, _) = total.iter().min_by_key(|(_, count)| **count).unwrap();
        println!("{smallest}: published places {:?}", spread[smallest]);
        ran += 1;
    }
    // The department of the notice: one of seven tickets late, and last of 67.
    let tickets = [(6, 7), (95, 100), (930, 1_000), (1_880, 2_000)];
    let unit = |(x, n): (u32, u32)| Unit { x: Some(x), n: Some(n), ..Unit::default() };
    let table = Table { units: tickets.into_iter().map(unit).collect(), names: Vec::new() };
    let ranking = ranking::rank(&table).unwrap();
    assert!(ranking.units[0].rates.is_none() && ranking.units[0].withheld.is_some());
    let told = serde_json::to_value(&ranking.units[0]).unwrap();
    let keys: Vec<_> = told.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["n", "name", "withheld"], "of seven tickets nothing is told but that they are seven");
    println!("{ran} series of published places");
}

/// Chance for a made truth: the same for everybody who runs it.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// Forty communities with known quality, in log odds, and with cases of five categories from easy to hard, of which each has another mix.
fn communities(seed: u64) -> (Table, Vec<f64>) {
    const CATEGORIES: [(&str, f64); 5] =
        [("noise", -0.5), ("lift", 0.5), ("parking", -1.5), ("leak", 1.0), ("waste", 2.5)];
    let mut dice = Dice(seed);
    let (mut units, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let quality = 0.35 * dice.normal();
        let size = 40.0 * (0.6 * dice.normal()).exp();
        let mut categories = BTreeMap::new();
        for (name, ease) in CATEGORIES {
            let n = (size * (0.8 * dice.normal()).exp()).ceil();
            let chance = 1.0 / (1.0 + (-(ease + quality)).exp());
            let x = (0..n as u32).filter(|_| dice.share() < chance).count();
            categories.insert(name.to_owned(), Count { x: u32::try_from(x).unwrap(), n: n as u32 });
        }
        units.push(Unit { categories, ..Unit::default() });
        truth.push(quality);
    }
    (Table { units, names: Vec::new() }, truth)
}

fn each(ranking: &Ranking, of: impl Fn(&ranking::Rates) -> f64) -> Vec<f64> {
    ranking.units.iter().map(|unit| of(unit.rates.as_ref().unwrap())).collect()
}

#[test]
fn with_a_known_truth_the_mix_of_cases_tells_more_than_raw_rates() {
    for seed in [1, 2, 3, 4, 5] {
        let (table, truth) = communities(seed);
        let ranking = ranking::rank(&table).unwrap();
        let found = |of: &dyn Fn(&ranking::Rates) -> f64| spearman(&each(&ranking, of), &truth);
        let raw = found(&|rates| rates.raw);
        let wilson = found(&|rates| rates.wilson95[0]);
        let standardised = found(&|rates| rates.case_mix.unwrap().standardised);
        let shrunk = found(&|rates| rates.case_mix.unwrap().shrunk);
        println!(
            "seed {seed}: Spearman raw {raw:.2}, Wilson {wilson:.2}, standardised {standardised:.2}, shrunk {shrunk:.2}"
        );
        assert!(standardised > raw + 0.1 && shrunk > raw + 0.1, "seed {seed}");
        assert!(shrunk >= 0.58, "seed {seed}: {shrunk}");
        // The chances of places belong to one order.
        let sums = |of: &dyn Fn(&ranking::Rates) -> f64| each(&ranking, of).iter().sum::<f64>();
        assert!((sums(&|rates| rates.case_mix.unwrap().place.p_in_top_quarter) - 10.0).abs() < 1e-3);
        assert!((sums(&|rates| rates.case_mix.unwrap().place.p_in_bottom_quarter) - 10.0).abs() < 1e-3);
        assert!((sums(&|rates| rates.case_mix.unwrap().place.expected_rank) - 820.0).abs() < 1e-2);
        assert!((sums(&|rates| rates.place.p_in_top_quarter) - 10.0).abs() < 1e-3);
        // Nobody is first of forty for sure.
        assert!(
            each(&ranking, |rates| rates.case_mix.unwrap().place.expected_rank)
                .iter()
                .all(|rank| *rank > 1.0)
        );
    }
}

fn unit(x: u32, n: u32) -> Unit {
    Unit { x: Some(x), n: Some(n), ..Unit::default() }
}

fn table(counts: &[(u32, u32)]) -> Table {
    Table { units: counts.iter().map(|(x, n)| unit(*x, *n)).collect(), names: Vec::new() }
}

#[test]
fn bands_are_those_of_the_funnel() {
    // Twenty that differ by chance, or less, and one that does not.
    let mut counts: Vec<(u32, u32)> = (0..20).map(|place| (78 + place % 5, 100)).collect();
    counts.extend([(60, 100), (92, 100), (97, 100)]);
    let ranking = ranking::rank(&table(&counts)).unwrap();
    let bands: Vec<_> =
        ranking.units.iter().map(|unit| unit.rates.as_ref().unwrap().case_mix.unwrap()).collect();
    assert!(bands[..20].iter().all(|told| told.band == Band::AsExpected && !told.outside_95));
    assert_eq!(bands[20].band, Band::ClearlyBelow);
    assert_eq!((bands[21].band, bands[21].outside_95), (Band::AsExpected, true));
    assert_eq!(bands[22].band, Band::ClearlyAbove);
    let common = ranking.case_mix.unwrap();
    assert!((common.phi - 1.0).abs() < 1e-12 && (common.limit_998 - 3.090_232).abs() < 1e-6, "{common:?}");
    // Where all differ more than by chance the limits are wider.
    let wild: Vec<(u32, u32)> = (0..21).map(|place| (500 + place * 20, 1_000)).collect();
    let common = ranking::rank(&table(&wild)).unwrap().case_mix.unwrap();
    assert!(common.phi > 10.0 && common.tau2 > 0.0, "{common:?}");
}

#[test]
fn where_nothing_tells_units_apart_no_place_is_told() {
    for counts in
        [vec![(8, 10); 8], vec![(0, 20); 8], vec![(20, 20), (30, 30), (12, 12)], vec![(5, 9)], vec![(7, 20)]]
    {
        let ranking = ranking::rank(&table(&counts)).unwrap();
        assert!(ranking.beta_binomial_mle.is_none() && ranking.beta_binomial_moments.is_none(), "{counts:?}");
        for rates in ranking.units.iter().filter_map(|unit| unit.rates.as_ref()) {
            let middle = (counts.len() as f64 + 1.0) / 2.0;
            assert!((rates.place.expected_rank - middle).abs() < 1e-9);
            assert!((rates.eb_mean_mle - rates.raw).abs() < 1e-12);
            assert!(rates.case_mix.is_none_or(|told| (told.place.expected_rank - middle).abs() < 1e-9));
        }
    }
}

#[test]
fn tables_that_make_no_sense_are_refused_with_everything_that_is_wrong() {
    let faults = |table: &Table| ranking::rank(table).unwrap_err().0;
    assert_eq!(faults(&Table::default()), ["units: must be 1 to 300, are 0"]);
    let mut bad = table(&[(5, 4), (1, 2), (1, 2), (3, 3)]);
    bad.units[1].n = None;
    bad.units[2].categories = BTreeMap::from([("a".to_owned(), Count { x: 1, n: 3 })]);
    bad.names = vec!["a".into(), "b".into(), "c".into(), "a".into()];
    assert_eq!(
        faults(&bad),
        [
            "units[0], a: x must not be more than n",
            "units[1], b: must have x and n, or categories",
            "units[1], b: x must not be more than n",
            "units[2], c: x and n are not what the categories add up to",
            "units[3]: a stands there twice",
        ]
    );
    assert_eq!(
        faults(&table(&[(1_000_000_000, 1_000_000_000), (0, 1)])),
        ["units: have more than 1000000000 cases"]
    );
    assert_eq!(faults(&table(&vec![(2, 1); 200])).len(), 50);
    assert!(serde_json::from_str::<Table>(r#"{"units": [{"x": -1, "n": 4}]}"#).is_err());
    assert!(serde_json::from_str::<Table>(r#"{"units": [{"x": NaN, "n": 4}]}"#).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_units_changes_nothing(counts in prop::collection::vec((0u32..60, 0u32..60), 2..12), turn in 0usize..12) {
        let counts: Vec<(u32, u32)> = counts.into_iter().map(|(a, b)| (a, a + b)).collect();
        let named = |(place, (x, n)): (usize, &(u32, u32))| Unit { name: Some(place.to_string()), ..unit(*x, *n) };
        let table = Table { units: counts.iter().enumerate().map(named).collect(), names: Vec::new() };
        let mut turned = table.clone();
        let turn = turn % counts.len();
        turned.units.rotate_left(turn);
        let (one, mut other) = (ranking::rank(&table).unwrap(), ranking::rank(&turned).unwrap());
        other.units.rotate_right(turn);
        let mut wrong = Vec::new();
        let value = |ranking: &Ranking| serde_json::to_value(&ranking.units).unwrap();
        compare(&value(&one), &value(&other), 1e-6, "units", &mut wrong);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_told_is_a_rate_and_what_is_drawn_in_is_between(counts in prop::collection::vec((0u32..60, 0u32..60), 2..12)) {
        let counts: Vec<(u32, u32)> = counts.into_iter().map(|(a, b)| (a, a + b)).collect();
        let ranking = ranking::rank(&table(&counts)).unwrap();
        for unit in &ranking.units {
            prop_assert_eq!(unit.rates.is_some(), unit.n >= 10);
            let Some(rates) = &unit.rates else { continue };
            prop_assert!(0.0 <= rates.wilson95[0] + 1e-12 && rates.wilson95[1] <= 1.0 + 1e-12);
            prop_assert!(rates.wilson95[0] <= rates.raw + 1e-12 && rates.raw <= rates.wilson95[1] + 1e-12);
            if let Some(prior) = &ranking.beta_binomial_mle {
                let (low, high) = (rates.raw.min(prior.prior_mean), rates.raw.max(prior.prior_mean));
                prop_assert!((low - 1e-9..=high + 1e-9).contains(&rates.eb_mean_mle));
                let [from, to] = rates.eb_ci90.unwrap();
                prop_assert!(0.0 <= from && from <= to && to <= 1.0);
            }
            for place in [Some(rates.place), rates.case_mix.map(|told| told.place)].into_iter().flatten() {
                prop_assert!((-1e-9..=1.0 + 1e-9).contains(&place.p_in_top_quarter));
            }
            if let Some(told) = rates.case_mix {
                prop_assert!((0.0..=1.0).contains(&told.own_weight) && (0.0..=1.0).contains(&told.shrunk_rate));
            }
        }
    }
}
