//! Different cases: what a unit would have reached with its own cases at the rates of all, how far it is from that, and what of it is more than chance. Raw rates punish whoever
//! gets the hard categories.

use serde::Serialize;

use super::Count;
use super::distributions::normal_below;
use super::places::{Known, Place, alike, places};
use super::proportions::{Z_95, pooled};

/// A unit against what is expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Standardised {
    /// E: what it would have reached at the rates of all, category by category.
    pub expected: f64,
    /// V: the variance of that, Σ n r (1 - r).
    pub variance: f64,
    /// O / E · the rate of all.
    pub standardised: f64,
    /// (O - E) / √V
    pub z: f64,
    /// θ̂ drawn to the mean of all, as far as its doubt asks for it; about the difference of log odds.
    pub shrunk: f64,
    /// The rate of all, standardised with the shrunk difference in place of the seen one.
    pub shrunk_rate: f64,
    /// How much of the shrunk difference is the unit's own, 0 to 1; the rest is what is known of all.
    pub own_weight: f64,
    /// Where it is in the funnel.
    pub band: Band,
    /// True when it is outside of the 95 % limits: worth a look, no more.
    pub outside_95: bool,
    /// Its place, by the shrunk difference.
    #[serde(flatten)]
    pub place: Place,
}

/// What may be said of a unit: no place, a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Band {
    /// Above the limit of 99.8 %.
    #[serde(rename = "clearly above")]
    ClearlyAbove,
    /// Between the limits.
    #[serde(rename = "as expected")]
    AsExpected,
    /// Below the limit of 99.8 %.
    #[serde(rename = "clearly below")]
    ClearlyBelow,
}

/// What all units have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Common {
    /// The rate of all cases.
    pub grand: f64,
    /// φ: how much more units differ than chance makes them, after a tenth at either end was drawn in; 1 at least.
    pub phi: f64,
    /// |z| above which a unit is outside of 95 %: 1.96 √φ.
    pub limit_95: f64,
    /// |z| above which a unit is outside of 99.8 %: 3.09 √φ.
    pub limit_998: f64,
    /// μ: the mean of differences.
    pub mu: f64,
    /// τ²: the variance of differences that is not chance.
    pub tau2: f64,
}

/// The normal distribution's quantile for 99.8 %, two-sided.
const Z_998: f64 = 3.090_232_306_167_813_5;
/// What part of units is drawn in at either end before φ is taken.
const DRAWN_IN: f64 = 0.1;

/// A unit's own numbers.
struct Seen {
    good: f64,
    expected: f64,
    variance: f64,
}

impl Seen {
    fn z(&self) -> f64 {
        (self.good - self.expected) / self.variance.sqrt()
    }

    fn difference(&self) -> f64 {
        (self.good - self.expected) / self.variance
    }
}

/// Compares units, each with a count for every category, at the rates of all cases. None for units whose cases could only go one way, and for all where nothing could differ.
pub(super) fn compare(
    units: &[&[Count]],
    rates: &[f64],
    all: Count,
) -> (Option<Common>, Vec<Option<Standardised>>) {
    let seen: Vec<Option<Seen>> = units.iter().map(|unit| seen(unit, rates)).collect();
    let there: Vec<&Seen> = seen.iter().flatten().collect();
    if there.is_empty() {
        return (None, vec![None; units.len()]);
    }
    let (mu, tau2) = der_simonian_laird(&there);
    let phi = overdispersion(&there);
    let grand = f64::from(all.x) / f64::from(all.n);
    let limit = |z: f64| z * phi.sqrt();
    let common = Common { grand, phi, limit_95: limit(Z_95), limit_998: limit(Z_998), mu, tau2 };
    let shrink = |seen: &Seen| {
        let own = seen.variance * tau2 / (1.0 + seen.variance * tau2);
        (own, own * seen.difference() + (1.0 - own) * mu)
    };
    let places = if tau2 > 0.0 {
        let known = |seen: &&Seen| {
            let (own, mean) = shrink(seen);
            let deviation = ((1.0 - own) * tau2).sqrt();
            let below = Box::new(move |value: f64| normal_below((value - mean) / deviation));
            Known { mean, deviation, below }
        };
        places(&there.iter().map(known).collect::<Vec<_>>())
    } else {
        alike(there.len())
    };
    let mut places = places.into_iter();
    let standardise = |seen: &Seen, place| {
        let (own_weight, shrunk) = shrink(seen);
        let z = seen.z();
        Standardised {
            expected: seen.expected,
            variance: seen.variance,
            standardised: seen.good / seen.expected * grand,
            z,
            shrunk,
            // At the edges a straight line leaves what a rate can be.
            shrunk_rate: ((seen.expected + shrunk * seen.variance) / seen.expected * grand).clamp(0.0, 1.0),
            own_weight,
            band: match z {
                _ if z > common.limit_998 => Band::ClearlyAbove,
                _ if z < -common.limit_998 => Band::ClearlyBelow,
                _ => Band::AsExpected,
            },
            outside_95: z.abs() > common.limit_95,
            place,
        }
    };
    let standardised = seen
        .iter()
        .map(|seen| seen.as_ref().and_then(|seen| places.next().map(|place| standardise(seen, place))))
        .collect();
    (Some(common), standardised)
}

fn seen(unit: &[Count], rates: &[f64]) -> Option<Seen> {
    let sum = |of: fn(f64) -> f64| -> f64 {
        unit.iter().zip(rates).map(|(count, rate)| f64::from(count.n) * of(*rate)).sum()
    };
    let (good, _) = pooled(unit);
    let (expected, variance) = (sum(|rate| rate), sum(|rate| rate * (1.0 - rate)));
    (variance > 0.0).then_some(Seen { good, expected, variance })
}

/// The mean of differences θ̂ = (O - E) / V, each with the variance 1 / V, and how much more they vary than that (DerSimonian & Laird, Control. Clin. Trials 7, 1986).
fn der_simonian_laird(units: &[&Seen]) -> (f64, f64) {
    let mean = |weight: &dyn Fn(&Seen) -> f64| {
        let weights: f64 = units.iter().map(|unit| weight(unit)).sum();
        units.iter().map(|unit| weight(unit) * unit.difference()).sum::<f64>() / weights
    };
    let fixed = mean(&|unit| unit.variance);
    let spread: f64 = units.iter().map(|unit| unit.variance * (unit.difference() - fixed).powi(2)).sum();
    let weights: f64 = units.iter().map(|unit| unit.variance).sum();
    let squares: f64 = units.iter().map(|unit| unit.variance.powi(2)).sum();
    let scale = weights - squares / weights;
    let more = units.len() as f64 - 1.0;
    let tau2 = if scale > 0.0 { ((spread - more) / scale).max(0.0) } else { 0.0 };
    (mean(&|unit| 1.0 / (1.0 / unit.variance + tau2)), tau2)
}

/// φ (Spiegelhalter, Stat. Med. 24, 2005): the mean of z², with the tenth at either end drawn in to the next one, so that those who stand out do not hide themselves.
fn overdispersion(units: &[&Seen]) -> f64 {
    let mut scores: Vec<f64> = units.iter().map(|unit| unit.z()).collect();
    scores.sort_by(f64::total_cmp);
    let drawn = (scores.len() as f64 * DRAWN_IN) as usize;
    let (low, high) = (scores[drawn], scores[scores.len() - 1 - drawn]);
    let squares: f64 = scores.iter().map(|score| score.clamp(low, high).powi(2)).sum();
    (squares / scores.len() as f64).max(1.0)
}
