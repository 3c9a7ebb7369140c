//! The point of balance (平衡点): parties score options and say below what they cannot go. State and social parties count as equals: no party has a weight.
//!
//! Where options are above every bottom line, the one is chosen with the largest product of what the parties gain above theirs (Nash: The Bargaining Problem,
//! Econometrica 1950). Where none is, the one whose largest shortfall is smallest, and it is said which bottom lines cannot be met together.

use std::collections::BTreeSet;

use num_bigint::BigUint;
use num_traits::One;
use serde::{Deserialize, Serialize};

/// What the parties say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Positions {
    /// The parties.
    pub parties: Vec<String>,
    /// The options.
    pub options: Vec<String>,
    /// What each party has of each option, 0 to 100, in the order of the two lists.
    pub utilities: Vec<Vec<u8>>,
    /// Below what each party cannot go.
    pub bottom_lines: Vec<u8>,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Options that meet every bottom line.
    pub feasible: Vec<String>,
    /// The option that is chosen.
    pub choice: String,
    /// The product of the gains of the chosen one; none where no option meets every bottom line.
    #[serde(serialize_with = "as_number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nash_product: Option<BigUint>,
    /// The option whose smallest gain is largest, to be shown beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_minimum_gain_choice: Option<String>,
    /// By how much each party stays below its bottom line with the chosen one; none where nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortfalls: Option<Vec<u8>>,
    /// The smallest sets of parties whose bottom lines no option meets together.
    pub conflicts: Vec<Vec<String>>,
}

fn as_number<S: serde::Serializer>(product: &Option<BigUint>, to: S) -> Result<S::Ok, S::Error> {
    let text = product.as_ref().map(ToString::to_string).unwrap_or_default();
    match text.parse::<u64>() {
        Ok(number) => to.serialize_u64(number),
        // Larger than JSON's readers keep exactly.
        Err(_) => to.serialize_str(&text),
    }
}

/// Positions that make no sense, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidPositions(pub Vec<String>);

/// Most parties: every set of them is looked at where no option meets all.
const MOST_PARTIES: usize = 16;
/// Most options.
const MOST_OPTIONS: usize = 1_000;

impl Positions {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (what, list, most) in
            [("parties", &self.parties, MOST_PARTIES), ("options", &self.options, MOST_OPTIONS)]
        {
            if list.is_empty() || list.len() > most {
                faults.push(format!("{what}: must be 1 to {most}, are {}", list.len()));
            }
            let mut seen = BTreeSet::new();
            for name in list.iter().filter(|name| !seen.insert(*name)) {
                faults.push(format!("{what}: {name:?} stands there twice"));
            }
        }
        let (parties, options) = (self.parties.len(), self.options.len());
        if self.utilities.len() != parties || self.bottom_lines.len() != parties {
            faults.push(format!(
                "utilities and bottom_lines: must have a row for each of the {parties} parties"
            ));
        }
        for (nth, row) in self.utilities.iter().enumerate() {
            if row.len() != options {
                faults.push(format!("utilities[{nth}]: must have a score for each of the {options} options"));
            }
            if row.iter().any(|score| *score > 100) {
                faults.push(format!("utilities[{nth}]: scores are 0 to 100"));
            }
        }
        if self.bottom_lines.iter().any(|line| *line > 100) {
            faults.push("bottom_lines: are 0 to 100".into());
        }
        faults
    }

    /// What each party has above its bottom line; none where somebody is below.
    fn gains(&self, option: usize) -> Option<Vec<u8>> {
        let rows = self.utilities.iter().zip(&self.bottom_lines);
        rows.map(|(row, line)| row[option].checked_sub(*line)).collect()
    }

    fn shortfalls(&self, option: usize) -> Vec<u8> {
        let rows = self.utilities.iter().zip(&self.bottom_lines);
        rows.map(|(row, line)| line.saturating_sub(row[option])).collect()
    }

    /// True when an option meets the bottom lines of all of these parties.
    fn is_met(&self, parties: u32) -> bool {
        (0..self.options.len()).any(|option| {
            (0..self.parties.len())
                .filter(|party| parties & (1 << party) != 0)
                .all(|party| self.utilities[party][option] >= self.bottom_lines[party])
        })
    }

    fn conflicts(&self) -> Vec<Vec<String>> {
        let mut sets: Vec<u32> = (1..1u32 << self.parties.len()).collect();
        sets.sort_by_key(|set| set.count_ones());
        let mut smallest: Vec<u32> = Vec::new();
        for set in sets {
            if smallest.iter().all(|known| known & set != *known) && !self.is_met(set) {
                smallest.push(set);
            }
        }
        let members = |set: u32| (0..self.parties.len()).filter(move |party| set & (1 << party) != 0);
        let mut conflicts: Vec<Vec<usize>> = smallest.into_iter().map(|set| members(set).collect()).collect();
        conflicts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let name = |party: usize| self.parties[party].clone();
        conflicts.into_iter().map(|set| set.into_iter().map(name).collect()).collect()
    }
}

fn ascending(mut values: Vec<u8>) -> Vec<u8> {
    values.sort_unstable();
    values
}

fn descending(values: Vec<u8>) -> Vec<u8> {
    ascending(values).into_iter().rev().collect()
}

/// Finds the point of balance.
pub fn balance(positions: &Positions) -> Result<Balance, InvalidPositions> {
    let faults = positions.faults();
    if !faults.is_empty() {
        return Err(InvalidPositions(faults));
    }
    let name = |option: usize| positions.options[option].clone();
    let feasible: Vec<_> = (0..positions.options.len())
        .filter_map(|option| positions.gains(option).map(|gains| (option, gains)))
        .collect();
    let product = |gains: &[u8]| gains.iter().fold(BigUint::one(), |product, gain| product * *gain);
    let by_name = |a: usize, b: usize| positions.options[b].cmp(&positions.options[a]);
    let best = feasible.iter().max_by(|(a, gains_a), (b, gains_b)| {
        let leximin = || ascending(gains_a.clone()).cmp(&ascending(gains_b.clone()));
        product(gains_a).cmp(&product(gains_b)).then_with(leximin).then_with(|| by_name(*a, *b))
    });
    if let Some((choice, gains)) = best {
        let leximin = feasible.iter().max_by(|(a, gains_a), (b, gains_b)| {
            ascending(gains_a.clone()).cmp(&ascending(gains_b.clone())).then_with(|| by_name(*a, *b))
        });
        return Ok(Balance {
            choice: name(*choice),
            nash_product: Some(product(gains)),
            largest_minimum_gain_choice: leximin.map(|(option, _)| name(*option)),
            shortfalls: None,
            conflicts: Vec::new(),
            feasible: feasible.iter().map(|(option, _)| name(*option)).collect(),
        });
    }
    let nearest = (0..positions.options.len()).min_by(|a, b| {
        let worst = |option: usize| descending(positions.shortfalls(option));
        worst(*a).cmp(&worst(*b)).then_with(|| positions.options[*a].cmp(&positions.options[*b]))
    });
    let choice = nearest.unwrap_or_default();
    Ok(Balance {
        feasible: Vec::new(),
        choice: name(choice),
        nash_product: None,
        largest_minimum_gain_choice: None,
        shortfalls: Some(positions.shortfalls(choice)),
        conflicts: positions.conflicts(),
    })
}
