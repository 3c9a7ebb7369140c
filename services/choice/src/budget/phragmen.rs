//! Sequential Phragmén: everybody earns money evenly; a project is bought as soon as its supporters together can pay for it, and they have nothing left then. Said
//! with loads: the project is taken that leaves those who bear it with the least load.

use std::cmp::Ordering;

use num_traits::Zero;

use super::{Instance, Outcome, Round, Ties};
use crate::number::Exact;

/// Carries the rule out; stops when a project that should be next does not fit.
pub fn phragmen(instance: &Instance, ties: Ties) -> Outcome {
    complete(instance, ties, Outcome::default())
}

/// Goes on with what another rule has left, projects and money.
pub(super) fn complete(instance: &Instance, ties: Ties, mut outcome: Outcome) -> Outcome {
    // All who bear a project have the same load then: loads after each step, and of which step each voter's is.
    let mut loads = vec![Exact::zero()];
    let mut bears = vec![0; instance.ballots.len()];
    let supporters = instance.supporters();
    let taken = outcome.set();
    let mut left: Vec<_> = (0..instance.projects.len())
        .filter(|project| !taken.contains(project) && !supporters[*project].is_empty())
        .filter(|project| {
            instance.is_open(*project, &supporters) && instance.rival(*project, &taken).is_none()
        })
        .filter(|project| instance.projects[*project].cost <= instance.budget)
        .collect();
    let mut money = &instance.budget - instance.cost(taken);
    while !left.is_empty() {
        let (mut least, mut equal): (Option<Exact>, Vec<usize>) = (None, Vec::new());
        for project in &left {
            let bearing = &supporters[*project];
            let mut counts = vec![0u64; loads.len()];
            bearing.iter().for_each(|(voter, _)| counts[bears[*voter]] += 1);
            let borne = counts.iter().zip(&loads).filter(|(count, _)| **count > 0);
            let borne = borne
                .fold(Exact::zero(), |sum, (count, load)| sum + load * Exact::from_integer((*count).into()));
            let load =
                (borne + &instance.projects[*project].cost) / Exact::from_integer(bearing.len().into());
            match least.as_ref().map_or(Ordering::Less, |least| load.cmp(least)) {
                Ordering::Less => (least, equal) = (Some(load), vec![*project]),
                Ordering::Equal => equal.push(*project),
                Ordering::Greater => {}
            }
        }
        let Some(rate) = least else { break };
        // One that should be next and does not fit ends it: passing it over would reward small projects.
        if equal.iter().any(|project| instance.projects[*project].cost > money) {
            break;
        }
        let Some(project) = instance.first(&equal, ties, &supporters) else { break };
        left.retain(|other| *other != project && !instance.share_site(*other, project));
        money -= &instance.projects[project].cost;
        let mut payments = Vec::with_capacity(supporters[project].len());
        for (voter, _) in &supporters[project] {
            payments.push((*voter, &rate - &loads[bears[*voter]]));
            bears[*voter] = loads.len();
        }
        loads.push(rate.clone());
        let tied = if equal.len() > 1 { equal } else { Vec::new() };
        outcome.rounds.push(Round { project, rate, payments, tied });
    }
    outcome
}
