//! The order of an agenda (议题选择): sequential Phragmén over households' approvals, every item costing the same. Whatever is cut off at the end, each group that wants the same has its
//! share of what stays on (Skowron, Lackner, Brill, Peters, Elkind: Proportional Rankings, IJCAI 2017).

use std::cmp::Ordering;

use num_traits::{One, Zero};

use crate::number::Exact;

/// A place on the agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The item, by its place in the list.
    pub item: usize,
    /// The load of those who wanted it, once it is on.
    pub load: Exact,
    /// How many wanted it.
    pub supporters: usize,
    /// How many of these had nothing on the agenda before.
    pub without: usize,
}

/// The order of items of whom these are the supporters. Of items that are equal the first one of the list comes first; items that nobody wants come last.
pub fn order(items: usize, approvals: &[Vec<usize>]) -> Vec<Place> {
    let mut supporters = vec![Vec::new(); items];
    for (voter, approved) in approvals.iter().enumerate() {
        for item in approved.iter().filter(|item| **item < items) {
            if supporters[*item].last() != Some(&voter) {
                supporters[*item].push(voter);
            }
        }
    }
    let mut loads = vec![Exact::zero(); approvals.len()];
    let mut left: Vec<_> = (0..items).collect();
    let mut places = Vec::with_capacity(items);
    while let Some((item, load)) = next(&left, &supporters, &loads) {
        left.retain(|other| *other != item);
        let without = supporters[item].iter().filter(|voter| loads[**voter].is_zero()).count();
        for voter in &supporters[item] {
            loads[*voter] = load.clone();
        }
        places.push(Place { item, load, supporters: supporters[item].len(), without });
    }
    let nobody = |item| Place { item, load: Exact::zero(), supporters: 0, without: 0 };
    places.extend(left.into_iter().map(nobody));
    places
}

fn next(left: &[usize], supporters: &[Vec<usize>], loads: &[Exact]) -> Option<(usize, Exact)> {
    let wanted = left.iter().filter(|item| !supporters[**item].is_empty());
    let with_load = wanted.map(|item| {
        let bearing = &supporters[*item];
        let borne = bearing.iter().fold(Exact::one(), |sum, voter| sum + &loads[*voter]);
        (*item, borne / Exact::from_integer(bearing.len().into()))
    });
    with_load.reduce(|best, other| if other.1.cmp(&best.1) == Ordering::Less { other } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_estate_does_not_fill_the_agenda() {
        // Six households want 0, 1 and 2; three others want 3.
        let mut approvals = vec![vec![0, 1, 2]; 6];
        approvals.extend(vec![vec![3]; 3]);
        let order: Vec<_> =
            order(5, &approvals).into_iter().map(|place| (place.item, place.without)).collect();
        assert_eq!(order, [(0, 6), (1, 0), (3, 3), (2, 0), (4, 0)]);
    }
}
