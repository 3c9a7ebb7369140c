//! Households: a panel has at most one member of each. Households whose members have the same features are interchangeable, as people are, so they are counted by kinds:
//! of H alike a panel takes at most H people, whichever types they are of. Who lives alone is a household of one.

use std::collections::BTreeMap;

use super::Pool;

/// Households that are alike.
pub(super) struct Homes {
    /// The types of those who live there.
    pub types: Vec<usize>,
    /// Each household: of each of these types the rows of its people. Those who stand together in the file stand far apart here, since seats are filled along this
    /// order, and neighbours should not come onto panels together.
    pub households: Vec<Vec<Vec<usize>>>,
}

impl Homes {
    /// People in one of these households.
    pub fn size(&self) -> usize {
        self.households.first().map_or(0, |types| types.iter().map(Vec::len).sum())
    }
}

/// All households of a pool by kinds. Every type is in exactly one of them.
pub(super) fn of(pool: &Pool) -> Vec<Homes> {
    let mut rows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, household) in pool.households.iter().enumerate() {
        rows.entry(*household).or_default().push(row);
    }
    // Types are of one kind of household each, so that the smallest of them names it.
    let mut kinds: BTreeMap<usize, Homes> = BTreeMap::new();
    for people in rows.into_values() {
        let mut by_type: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for row in people {
            by_type.entry(pool.people[row]).or_default().push(row);
        }
        let types: Vec<usize> = by_type.keys().copied().collect();
        let kind = kinds.entry(types[0]).or_insert_with(|| Homes { types, households: Vec::new() });
        kind.households.push(by_type.into_values().collect());
    }
    kinds.into_values().map(|homes| Homes { households: spread(homes.households), ..homes }).collect()
}

/// The same in steps of about the golden section of their number, which leave out nobody.
fn spread<T: Clone>(list: Vec<T>) -> Vec<T> {
    let count = list.len();
    let meets_all = |step: &usize| greatest_common_divisor(*step, count) == 1;
    let step = (count * 618 / 1_000..=count).find(meets_all).unwrap_or(1);
    (0..count).map(|place| list[place * step % count].clone()).collect()
}

fn greatest_common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}
