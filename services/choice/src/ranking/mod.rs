//! Fair ranking: units with few cases, and with different ones. What is told is never a bare place, but what a unit reached against what could be expected of it, how
//! sure that is, and how likely it is among the first.
//!
//! | what | rule |
//! |---|---|
//! | different cases | expected at the rates of all, by category; funnel limits with overdispersion (`case_mix`) |
//! | few cases | drawn to what is known of all: beta-binomial by maximum likelihood, differences by DerSimonian and Laird |
//! | places | the chance of the first quarter, counted from the distributions (`places`) |
//!
//! Whether more is better is not known here. Compare only units of the same kind; of fewer than ten cases nothing is told.

mod case_mix;
mod distributions;
mod places;
mod proportions;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

pub use case_mix::{Band, Common, Standardised};
pub use places::Place;
pub use proportions::{JamesStein, Prior, by_moments, james_stein, most_likely, wilson};
pub use table::{Count, InvalidTable, Table, Unit};

use self::places::Known;

/// Of fewer cases nothing is told.
pub const FEWEST_CASES: u32 = 10;

/// What is told of all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// The units, in the order of the table.
    pub units: Vec<Told>,
    /// The prior of maximum likelihood; none where units differ no more than by chance.
    pub beta_binomial_mle: Option<Prior>,
    /// The prior by moments; none in the same case.
    pub beta_binomial_moments: Option<Prior>,
    /// James and Stein's estimates of the units that are told, where all have equally many cases.
    pub james_stein_arcsin: Option<JamesStein>,
    /// What is common to all with respect to their cases.
    pub case_mix: Option<Common>,
}

/// What is told of a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// Its cases.
    pub n: u32,
    /// Why nothing else is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rates: Option<Rates>,
}

/// What a unit reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// Cases that went well.
    pub x: u32,
    /// x / n
    pub raw: f64,
    /// Wilson's interval, 95 %.
    pub wilson95: [f64; 2],
    /// The lower end of Wilson's interval, 80 %: sorts statements and services, judges nobody.
    pub wilson_lower_80pct_two_sided: f64,
    /// The mean after what is known of all, by maximum likelihood.
    pub eb_mean_mle: f64,
    /// Where it is with 90 %; none where units differ no more than by chance.
    pub eb_ci90: Option<[f64; 2]>,
    /// The mean after what is known of all, by moments.
    pub eb_mean_moments: f64,
    /// Its place by the rate, whatever its cases are.
    #[serde(flatten)]
    pub place: Place,
    /// Against what could be expected of its cases; none where these could only go one way.
    pub case_mix: Option<Standardised>,
}

fn sum<'a>(counts: impl IntoIterator<Item = &'a Count>) -> Count {
    counts.into_iter().fold(Count::default(), |sum, one| Count { x: sum.x + one.x, n: sum.n + one.n })
}

/// Compares the units of a table.
pub fn rank(table: &Table) -> Result<Ranking, InvalidTable> {
    let faults = table.faults();
    if !faults.is_empty() {
        return Err(InvalidTable(faults));
    }
    let categories = table.categories();
    let by_category: Vec<Vec<Count>> = table
        .units
        .iter()
        .map(|unit| {
            let counts = unit.counts();
            categories.iter().map(|category| counts.get(category).copied().unwrap_or_default()).collect()
        })
        .collect();
    let wholes: Vec<Count> = by_category.iter().map(sum).collect();
    // Rates of all are those of all: also what small units did, whose own rate nobody learns.
    let rates: Vec<f64> = (0..categories.len())
        .map(|category| {
            let Count { x, n } = sum(by_category.iter().map(|unit| &unit[category]));
            f64::from(x) / f64::from(n.max(1))
        })
        .collect();
    let large: Vec<usize> = (0..wholes.len()).filter(|unit| wholes[*unit].n >= FEWEST_CASES).collect();
    let counts: Vec<Count> = large.iter().map(|unit| wholes[*unit]).collect();
    let compared: Vec<&[Count]> = large.iter().map(|unit| &by_category[*unit][..]).collect();
    let (common, standardised) = case_mix::compare(&compared, &rates, sum(&wholes));
    let (likely, moments) = (most_likely(&counts), by_moments(&counts));
    let places = places_of(&counts, likely.as_ref());
    let pooled = sum(&counts);
    let mut told: BTreeMap<usize, Rates> = BTreeMap::new();
    for (((unit, count), place), case_mix) in large.iter().zip(&counts).zip(places).zip(standardised) {
        // Without a prior every unit is what all are.
        let mean = |prior: Option<&Prior>| {
            prior.map_or(f64::from(pooled.x) / f64::from(pooled.n), |prior| prior.after(*count).mean())
        };
        let interval = |prior: &Prior| [0.05, 0.95].map(|chance| prior.after(*count).quantile(chance));
        let rates = Rates {
            x: count.x,
            raw: f64::from(count.x) / f64::from(count.n),
            wilson95: wilson(*count, proportions::Z_95),
            wilson_lower_80pct_two_sided: wilson(*count, proportions::Z_80)[0],
            eb_mean_mle: mean(likely.as_ref()),
            eb_ci90: likely.as_ref().map(interval),
            eb_mean_moments: mean(moments.as_ref()),
            place,
            case_mix,
        };
        told.insert(*unit, rates);
    }
    let units = wholes.iter().enumerate().map(|(unit, Count { n, .. })| {
        let rates = told.remove(&unit);
        let withheld = rates.is_none().then(|| format!("fewer than {FEWEST_CASES} cases say nothing"));
        Told { name: table.name(unit), n: *n, withheld, rates }
    });
    Ok(Ranking {
        units: units.collect(),
        beta_binomial_mle: likely,
        beta_binomial_moments: moments,
        james_stein_arcsin: james_stein(&counts),
        case_mix: common,
    })
}

/// Places by what is known of each unit's rate.
fn places_of(counts: &[Count], prior: Option<&Prior>) -> Vec<Place> {
    let Some(prior) = prior else { return places::alike(counts.len()) };
    let known = |count: &Count| {
        let after = prior.after(*count);
        let below = Box::new(move |value| after.below(value));
        Known { mean: after.mean(), deviation: after.deviation(), below }
    };
    places::places(&counts.iter().map(known).collect::<Vec<_>>())
}
