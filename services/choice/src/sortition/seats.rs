//! From panels of types to panels of people: within a panel those of one type share its seats evenly. Households that are alike stand in a ring, and the seats for
//! them turn on it once while time goes from 0 to 1. So everybody sits on each seat equally long, and nobody, nor a household, on two at once (a wrap-around
//! rule, as that of McNaughton, Management Science 6, 1959). Every piece of time between two changes is a panel of people.

use super::homes::{self, Homes};
use super::{Lottery, Panel, Pool};

/// Cuts nearer to each other than this are one.
const NEAR: f64 = 1e-12;

impl Lottery {
    /// Panels of people, by their rows in the pool, with their weights: with them everybody has the chance that the lottery gives.
    pub fn people(&self, pool: &Pool) -> Vec<(f64, Vec<usize>)> {
        let homes = homes::of(pool);
        let mut panels = Vec::new();
        for (weight, panel) in &self.panels {
            let mut cuts: Vec<f64> = homes.iter().flat_map(|homes| homes.changes(panel)).collect();
            cuts.extend([0.0, 1.0]);
            cuts.sort_by(f64::total_cmp);
            cuts.dedup_by(|later, earlier| *later - *earlier < NEAR);
            for piece in cuts.windows(2) {
                let middle = piece[0].midpoint(piece[1]);
                let mut members: Vec<usize> =
                    homes.iter().flat_map(|homes| homes.sitting(panel, middle)).collect();
                members.sort_unstable();
                panels.push((weight * (piece[1] - piece[0]), members));
            }
        }
        panels
    }
}

impl Homes {
    /// When somebody of these households gets up.
    fn changes(&self, panel: &Panel) -> Vec<f64> {
        let households = self.households.len();
        let seats: usize = self.types.iter().map(|kind| panel[*kind] as usize).sum();
        let all_sit = self.size() == 1 && seats == households;
        if seats == 0 || all_sit {
            return Vec::new();
        }
        let mut within = vec![0.0];
        for (nth, kind) in self.types.iter().enumerate() {
            // Equal people of a household follow each other on its way over the seats of their type.
            let alike = self.households[0][nth].len();
            within
                .extend((1..alike).map(|one| (one as f64 * f64::from(panel[*kind]) / alike as f64).fract()));
        }
        let at = |turn: usize, part: f64| (turn as f64 + part) / households as f64;
        (0..households).flat_map(|turn| within.iter().map(move |part| at(turn, *part))).collect()
    }

    /// Who sits at a time.
    fn sitting(&self, panel: &Panel, time: f64) -> Vec<usize> {
        let households = self.households.len();
        let turned = time * households as f64;
        let turn = (turned as usize).min(households - 1);
        let (mut sitting, mut place) = (Vec::new(), 0);
        for (nth, kind) in self.types.iter().enumerate() {
            for seat in 0..panel[*kind] {
                let household = &self.households[(place + households - turn) % households][nth];
                let way = (f64::from(seat) + turned.fract()) / f64::from(panel[*kind]);
                let one = (way * household.len() as f64) as usize;
                sitting.push(household[one.min(household.len() - 1)]);
                place += 1;
            }
        }
        sitting
    }
}
