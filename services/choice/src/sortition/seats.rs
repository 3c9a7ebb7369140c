//! From panels of types to panels of people: within a panel those of one type share its seats evenly, as on a round: time goes from 0 to 1, seat by seat the people follow
//! each other, each for an equal piece of time. A person's piece is never longer than the whole time, so nobody sits on two seats at once (the wrap-around
//! rule of McNaughton, Management Science 6, 1959). Every piece of time between two changes is a panel of people.

use super::{Lottery, Pool};

/// Cuts nearer to each other than this are one.
const NEAR: f64 = 1e-12;

impl Lottery {
    /// Panels of people, by their rows in the pool, with their weights: with them everybody has the chance that the lottery gives.
    pub fn people(&self, pool: &Pool) -> Vec<(f64, Vec<usize>)> {
        let mut of_type = vec![Vec::new(); pool.types.len()];
        for (row, kind) in pool.people.iter().enumerate() {
            of_type[*kind].push(row);
        }
        let mut panels = Vec::new();
        for (weight, panel) in &self.panels {
            let mut cuts = vec![0.0, 1.0];
            for (seats, people) in panel.iter().zip(&of_type) {
                let count = people.len();
                if *seats > 0 && (*seats as usize) < count {
                    // Where somebody's time ends, on whichever seat.
                    cuts.extend(
                        (1..count).map(|nth| (nth as f64 * f64::from(*seats) / count as f64).fract()),
                    );
                }
            }
            cuts.sort_by(f64::total_cmp);
            cuts.dedup_by(|later, earlier| *later - *earlier < NEAR);
            for piece in cuts.windows(2) {
                let middle = piece[0].midpoint(piece[1]);
                let mut members: Vec<usize> = Vec::new();
                for (seats, people) in panel.iter().zip(&of_type) {
                    let count = people.len() as f64;
                    let sitting =
                        |seat: u32| ((f64::from(seat) + middle) * count / f64::from(*seats)) as usize;
                    members.extend((0..*seats).map(|seat| people[sitting(seat).min(people.len() - 1)]));
                }
                members.sort_unstable();
                panels.push((weight * (piece[1] - piece[0]), members));
            }
        }
        panels
    }
}
