//! Numbered tickets: the lottery as something that can be drawn from in public. Each ticket stands for a panel of people; tickets and their digest are published before
//! a number is drawn by balls, or taken from a public random number that was named in advance. Anyone recomputes the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Lottery, Panel, Pool, Published, homes};

/// How many tickets there are, unless somebody knows better: three balls with a digit each.
pub const TICKETS: usize = 1_000;

/// Tickets, to be published before the draw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tickets {
    /// The panel of each ticket, by its place among the panels.
    pub tickets: Vec<usize>,
    /// Panels of people, by their rows in the pool.
    pub panels: Vec<Vec<usize>>,
    /// By how much the chance of anybody differs at most from that of the lottery.
    pub error: f64,
}

impl Tickets {
    /// Makes tickets of a lottery: each panel of types gets as many as it has weight for, the rest going to the largest remainders (earlier panels first of
    /// equals); then single tickets change panels as long as the largest error falls. A seat goes to whom of its type has fewest tickets so far and whose
    /// household is not on the ticket yet; of equals to whose household has fewest, then by a fixed order in which neighbours of the file stand far apart. So those
    /// of a type have equally many tickets, or nearly.
    pub fn of(pool: &Pool, lottery: &Lottery, count: usize) -> Self {
        let mut shares = shares(lottery, count);
        swap(pool, lottery, &mut shares);
        let mut round = Round::new(pool);
        let (mut tickets, mut panels): (Vec<usize>, Vec<Vec<usize>>) =
            (Vec::with_capacity(count), Vec::new());
        let mut places = BTreeMap::new();
        for ((_, panel), tickets_of_it) in lottery.panels.iter().zip(&shares) {
            for _ in 0..*tickets_of_it {
                let members = round.seat(panel);
                let place = *places.entry(members).or_insert_with_key(|members| {
                    panels.push(members.clone());
                    panels.len() - 1
                });
                tickets.push(place);
            }
        }
        let mut chances = vec![0.0; pool.people.len()];
        for row in tickets.iter().flat_map(|ticket| &panels[*ticket]) {
            chances[*row] += 1.0 / count as f64;
        }
        let error = chances
            .iter()
            .zip(&lottery.chances)
            .map(|(has, wanted)| (has - wanted).abs())
            .fold(0.0, f64::max);
        Self { tickets, panels, error }
    }

    /// The tickets as they are published.
    pub fn published(&self) -> Published {
        Published::of(self.tickets.iter().map(|ticket| self.panels[*ticket].clone()).collect())
    }

    /// The panel of a drawn number; none when there is no such ticket.
    pub fn drawn(&self, number: usize) -> Option<&[usize]> {
        self.tickets.get(number).map(|ticket| self.panels[*ticket].as_slice())
    }
}

/// Who comes next, as tickets are filled.
struct Round<'a> {
    pool: &'a Pool,
    /// Rows of each household.
    members: Vec<Vec<usize>>,
    /// Tickets of each person and of each household so far.
    of_person: Vec<usize>,
    of_household: Vec<usize>,
    /// The place of each person in the order among equals.
    places: Vec<usize>,
    /// Of each type who comes first: tickets of the person, of the household, place, row.
    waiting: Vec<BTreeSet<(usize, usize, usize, usize)>>,
}

impl<'a> Round<'a> {
    fn new(pool: &'a Pool) -> Self {
        let households = pool.households.iter().max().map_or(0, |last| last + 1);
        let mut members = vec![Vec::new(); households];
        for (row, household) in pool.households.iter().enumerate() {
            members[*household].push(row);
        }
        let mut places = vec![0; pool.people.len()];
        for homes in homes::of(pool) {
            for (place, household) in homes.households.into_iter().enumerate() {
                household.into_iter().flatten().for_each(|row| places[row] = place);
            }
        }
        let mut waiting = vec![BTreeSet::new(); pool.types.len()];
        for (row, kind) in pool.people.iter().enumerate() {
            waiting[*kind].insert((0, 0, places[row], row));
        }
        let (of_person, of_household) = (vec![0; pool.people.len()], vec![0; households]);
        Self { pool, members, of_person, of_household, places, waiting }
    }

    /// The people of the next ticket for a panel.
    fn seat(&mut self, panel: &Panel) -> Vec<usize> {
        let (mut seated, mut households) = (Vec::with_capacity(self.pool.k as usize), BTreeSet::new());
        for (kind, seats) in panel.iter().enumerate() {
            for _ in 0..*seats {
                let free = |row: usize| !households.contains(&self.pool.households[row]);
                let next = self.waiting[kind].iter().map(|(.., row)| *row).find(|row| free(*row));
                let Some(row) = next else { break };
                households.insert(self.pool.households[row]);
                self.count(row);
                seated.push(row);
            }
        }
        seated.sort_unstable();
        seated
    }

    /// Counts a ticket of a person.
    fn count(&mut self, row: usize) {
        let household = self.pool.households[row];
        for member in &self.members[household] {
            let (kind, tickets) = (self.pool.people[*member], &mut self.of_person[*member]);
            let (place, of_household) = (self.places[*member], self.of_household[household]);
            self.waiting[kind].remove(&(*tickets, of_household, place, *member));
            *tickets += usize::from(*member == row);
            self.waiting[kind].insert((*tickets, of_household + 1, place, *member));
        }
        self.of_household[household] += 1;
    }
}

/// Tickets of each panel by the largest remainder.
fn shares(lottery: &Lottery, count: usize) -> Vec<usize> {
    let exact: Vec<f64> = lottery.panels.iter().map(|(weight, _)| weight * count as f64).collect();
    let mut shares: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut by_remainder: Vec<usize> = (0..exact.len()).collect();
    by_remainder.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
    let missing = count.saturating_sub(shares.iter().sum());
    for panel in by_remainder.into_iter().cycle().take(if exact.is_empty() { 0 } else { missing }) {
        shares[panel] += 1;
    }
    shares
}

/// Moves single tickets from panel to panel while the largest error of a type falls.
fn swap(pool: &Pool, lottery: &Lottery, shares: &mut [usize]) {
    let count: usize = shares.iter().sum();
    if count == 0 {
        return;
    }
    let part = |panel: usize, kind: usize| {
        f64::from(lottery.panels[panel].1[kind]) / f64::from(pool.counts[kind]) / count as f64
    };
    let mut wanted = vec![0.0; pool.types.len()];
    let mut has = vec![0.0; pool.types.len()];
    for (panel, (weight, members)) in lottery.panels.iter().enumerate() {
        for (kind, seats) in members.iter().enumerate().filter(|(_, seats)| **seats > 0) {
            wanted[kind] += weight * f64::from(*seats) / f64::from(pool.counts[kind]);
            has[kind] += part(panel, kind) * shares[panel] as f64;
        }
    }
    let worst = |has: &[f64]| {
        has.iter().zip(&wanted).map(|(has, wanted)| (has - wanted).abs()).enumerate().fold(
            (0, 0.0),
            |worst, (kind, error)| {
                if error > worst.1 { (kind, error) } else { worst }
            },
        )
    };
    loop {
        let (kind, error) = worst(&has);
        let too_much = has[kind] > wanted[kind];
        // Only a change that helps whom it is worst for can help at all.
        let helps = |from: usize, to: usize| {
            (part(from, kind) > part(to, kind)) == too_much && part(from, kind) != part(to, kind)
        };
        let mut best: Option<(f64, usize, usize)> = None;
        for from in (0..shares.len()).filter(|panel| shares[*panel] > 0) {
            for to in (0..shares.len()).filter(|to| *to != from && helps(from, *to)) {
                let after =
                    |kind: usize| (has[kind] - part(from, kind) + part(to, kind) - wanted[kind]).abs();
                let bound = best.map_or(error - 1e-12, |(best, ..)| best);
                let mut largest = 0.0f64;
                for kind in 0..has.len() {
                    largest = largest.max(after(kind));
                    if largest >= bound {
                        break;
                    }
                }
                if largest < bound {
                    best = Some((largest, from, to));
                }
            }
        }
        let Some((_, from, to)) = best else { return };
        for (kind, has) in has.iter_mut().enumerate() {
            *has += part(to, kind) - part(from, kind);
        }
        shares[from] -= 1;
        shares[to] += 1;
    }
}
