//! Who is compared: units with their cases, whole or by category, and what is wrong with a table of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Cases that went well, of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Count {
    /// Those that went well.
    pub x: u32,
    /// All.
    pub n: u32,
}

/// A unit: one count, or one for each category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Unit {
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Cases that went well; may be left out where there are categories.
    #[serde(default)]
    pub x: Option<u32>,
    /// All cases; may be left out where there are categories.
    #[serde(default)]
    pub n: Option<u32>,
    /// Cases by category.
    #[serde(default)]
    pub categories: BTreeMap<String, Count>,
}

/// Units of the same kind, in the same period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// The units.
    pub units: Vec<Unit>,
    /// What they are called, where the units do not say it.
    #[serde(default)]
    pub names: Vec<String>,
}

/// A table that makes no sense, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidTable(pub Vec<String>);

/// Faults that are told of one table.
const MOST_FAULTS: usize = 50;
/// Most units.
const MOST_UNITS: usize = 300;
/// Most categories.
const MOST_CATEGORIES: usize = 300;
/// Most cases of all units, so that their sum is a count as well.
const MOST_CASES: u64 = 1_000_000_000;

impl Unit {
    /// Its counts by category; those of a unit without categories are all of one, without a name.
    pub(super) fn counts(&self) -> BTreeMap<&str, Count> {
        if self.categories.is_empty() {
            let whole = Count { x: self.x.unwrap_or_default(), n: self.n.unwrap_or_default() };
            return BTreeMap::from([("", whole)]);
        }
        self.categories.iter().map(|(name, count)| (name.as_str(), *count)).collect()
    }

    fn faults(&self) -> Vec<&'static str> {
        let mut faults = Vec::new();
        if self.categories.is_empty() && (self.x.is_none() || self.n.is_none()) {
            faults.push("must have x and n, or categories");
        }
        let sum =
            |of: fn(&Count) -> u32| self.counts().values().map(|count| u64::from(of(count))).sum::<u64>();
        if self.counts().values().any(|Count { x, n }| x > n) {
            faults.push("x must not be more than n");
        }
        let differs = |given: Option<u32>, sum: u64| given.is_some_and(|given| u64::from(given) != sum);
        if differs(self.x, sum(|count| count.x)) || differs(self.n, sum(|count| count.n)) {
            faults.push("x and n are not what the categories add up to");
        }
        faults
    }
}

impl Table {
    /// What a unit is called: what it says, what the table says, or its place.
    pub(super) fn name(&self, place: usize) -> String {
        let named = self.units[place].name.as_ref().or_else(|| self.names.get(place));
        named.cloned().unwrap_or_else(|| place.to_string())
    }

    /// The names of all categories.
    pub(super) fn categories(&self) -> BTreeSet<&str> {
        self.units.iter().flat_map(|unit| unit.counts().into_keys()).collect()
    }

    /// Everything that is wrong, up to fifty faults.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.units.is_empty() || self.units.len() > MOST_UNITS {
            faults.push(format!("units: must be 1 to {MOST_UNITS}, are {}", self.units.len()));
        }
        if self.categories().len() > MOST_CATEGORIES {
            faults.push(format!(
                "categories: must be {MOST_CATEGORIES} at most, are {}",
                self.categories().len()
            ));
        }
        let cases = |unit: &Unit| unit.counts().values().map(|count| u64::from(count.n)).sum::<u64>();
        if self.units.iter().map(cases).sum::<u64>() > MOST_CASES {
            faults.push(format!("units: have more than {MOST_CASES} cases"));
        }
        let mut seen = BTreeSet::new();
        for (place, unit) in self.units.iter().enumerate() {
            let name = self.name(place);
            faults.extend(unit.faults().iter().map(|fault| format!("units[{place}], {name}: {fault}")));
            if !seen.insert(name.clone()) {
                faults.push(format!("units[{place}]: {name} stands there twice"));
            }
        }
        faults.truncate(MOST_FAULTS);
        faults
    }
}
