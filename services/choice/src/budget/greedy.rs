//! Greedy: what has most utility per money first, as long as it fits. A project that does not fit is passed over.

use num_traits::Zero;

use super::{Instance, Outcome, Round, Ties, Utility, utility};
use crate::number::Exact;

/// Carries the rule out.
pub fn greedy(instance: &Instance, kind: Utility, ties: Ties) -> Outcome {
    complete(instance, kind, ties, Outcome::default())
}

/// Goes on after what another rule has taken.
pub(super) fn complete(instance: &Instance, kind: Utility, ties: Ties, mut outcome: Outcome) -> Outcome {
    let supporters = instance.supporters();
    let rate = |project: usize| {
        let cost = &instance.projects[project].cost;
        let sum = supporters[project]
            .iter()
            .fold(Exact::zero(), |sum, (_, score)| sum + utility(kind, cost, score));
        if cost.is_zero() { sum } else { sum / cost }
    };
    let taken = outcome.set();
    let mut left: Vec<_> = (0..instance.projects.len())
        .filter(|project| !taken.contains(project) && instance.is_open(*project, &supporters))
        .filter(|project| instance.rival(*project, &taken).is_none())
        .map(|project| (rate(project), project))
        .collect();
    // What costs nothing keeps nothing else back.
    left.sort_by(|a, b| {
        let free = |project: usize| instance.projects[project].cost.is_zero();
        free(b.1).cmp(&free(a.1)).then_with(|| b.0.cmp(&a.0))
    });
    let mut money = &instance.budget - instance.cost(taken);
    while let Some((rate, _)) = left.first().cloned() {
        let equal = left.iter().take_while(|(other, _)| *other == rate).map(|(_, project)| *project);
        let equal: Vec<_> = equal.collect();
        let Some(project) = instance.first(&equal, ties, &supporters) else { break };
        left.retain(|(_, other)| *other != project);
        if instance.projects[project].cost <= money {
            money -= &instance.projects[project].cost;
            left.retain(|(_, other)| !instance.share_site(*other, project));
            let tied = if equal.len() > 1 { equal } else { Vec::new() };
            outcome.rounds.push(Round { project, rate, payments: Vec::new(), tied });
        }
    }
    outcome
}
