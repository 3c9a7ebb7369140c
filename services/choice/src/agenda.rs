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

/// A seat of an agenda, by the rule that fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// An item that touches safety or has a deadline.
    Gate {
        /// The item.
        item: usize,
    },
    /// An item that was wanted.
    Support {
        /// The item.
        item: usize,
        /// How many of those who wanted it had nothing on the agenda before.
        without: usize,
    },
    /// To be drawn by lot.
    Lot,
}

/// An agenda before its lots are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Seats in their order.
    pub seats: Vec<Seat>,
    /// Items among which the lot decides, in the order of the list.
    pub candidates: Vec<usize>,
}

/// Draws up an agenda of so many seats. `due` has a day (ISO 8601) for each item that touches safety or has a deadline: these come first, the earliest day first, the
/// order of the list deciding between equals. Of the seats behind them every `lot_every`-th is drawn by lot from what is left over, and the others go by
/// [`order`] over the items without a day. No seat stays empty while there are items, and none is drawn by lot where nothing is left to draw from.
pub fn draw_up(due: &[Option<String>], approvals: &[Vec<usize>], seats: usize, lot_every: usize) -> Draft {
    let mut gates: Vec<_> = (0..due.len()).filter(|item| due[*item].is_some()).collect();
    gates.sort_by(|a, b| due[*a].cmp(&due[*b]).then(a.cmp(b)));
    gates.truncate(seats);
    let free = seats - gates.len();
    let rest: Vec<_> = (0..due.len()).filter(|item| due[*item].is_none()).collect();
    // A lot needs something left over: what fits in is taken in, and nothing is drawn.
    let lots = if rest.len() > free && lot_every > 0 { free / lot_every } else { 0 };
    let mut has = vec![false; approvals.len()];
    let wants = |voter: usize, item: usize| approvals[voter].contains(&item);
    let mut mark = |item: usize| {
        let wanting: Vec<_> = (0..approvals.len()).filter(|voter| wants(*voter, item)).collect();
        let without = wanting.iter().filter(|voter| !has[**voter]).count();
        wanting.into_iter().for_each(|voter| has[voter] = true);
        without
    };
    let mut drafted: Vec<_> = Vec::with_capacity(seats);
    for item in gates {
        mark(item);
        drafted.push(Seat::Gate { item });
    }
    let among: Vec<Vec<usize>> = approvals
        .iter()
        .map(|approved| {
            approved.iter().filter_map(|item| rest.iter().position(|other| other == item)).collect()
        })
        .collect();
    let mut by_support = order(rest.len(), &among).into_iter().map(|place| rest[place.item]);
    let mut taken = Vec::new();
    for seat in 1..=free.min(rest.len()) {
        if lots > 0 && seat % lot_every == 0 {
            drafted.push(Seat::Lot);
        } else if let Some(item) = by_support.next() {
            taken.push(item);
            let without = mark(item);
            drafted.push(Seat::Support { item, without });
        }
    }
    let candidates =
        if lots > 0 { rest.into_iter().filter(|item| !taken.contains(item)).collect() } else { vec![] };
    Draft { seats: drafted, candidates }
}

/// The items that a drawn number gives to so many lots: the one at its remainder by the count of candidates, then those behind it, from the first again
/// after the last. None when the text is no number.
pub fn drawn(candidates: &[usize], lots: usize, number: &str) -> Option<Vec<usize>> {
    let number: num_bigint::BigUint =
        number.bytes().all(|digit| digit.is_ascii_digit()).then(|| number.parse().ok())??;
    if candidates.is_empty() {
        return Some(Vec::new());
    }
    let first = number % candidates.len();
    let first = usize::try_from(first).unwrap_or_default();
    Some((0..lots.min(candidates.len())).map(|nth| candidates[(first + nth) % candidates.len()]).collect())
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

    #[test]
    fn gates_come_first_by_their_day_and_one_seat_in_five_is_drawn() {
        let due = [
            None,
            Some("2026-12-31".to_owned()),
            None,
            Some("2026-12-01".to_owned()),
            None,
            None,
            None,
            None,
        ];
        // One household wants 1 and 2, another 2 and 4, a third 5.
        let draft = draw_up(&due, &[vec![1, 2], vec![2, 4], vec![5]], 7, 5);
        let seats = [
            Seat::Gate { item: 3 },
            Seat::Gate { item: 1 },
            Seat::Support { item: 2, without: 1 },
            Seat::Support { item: 5, without: 1 },
            Seat::Support { item: 4, without: 0 },
            Seat::Support { item: 0, without: 0 },
            Seat::Lot,
        ];
        assert_eq!(draft, Draft { seats: seats.into(), candidates: vec![6, 7] });
        assert_eq!(drawn(&draft.candidates, 1, "123456789012345678901234567890"), Some(vec![6]));
        assert_eq!(drawn(&draft.candidates, 2, "7"), Some(vec![7, 6]));
        assert_eq!(drawn(&draft.candidates, 1, "-1"), None);
        assert_eq!(drawn(&draft.candidates, 1, ""), None);
    }

    #[test]
    fn what_fits_in_is_taken_in_and_nothing_is_drawn() {
        let draft = draw_up(&[None, None], &[vec![1]], 10, 5);
        let seats = [Seat::Support { item: 1, without: 1 }, Seat::Support { item: 0, without: 0 }];
        assert_eq!(draft, Draft { seats: seats.into(), candidates: vec![] });
        assert_eq!(draw_up(&[], &[], 3, 5), Draft { seats: vec![], candidates: vec![] });
        let gates = vec![Some("2026-12-01".to_owned()); 3];
        assert_eq!(draw_up(&gates, &[], 2, 5).seats, [Seat::Gate { item: 0 }, Seat::Gate { item: 1 }]);
    }
}
