//! What a pool is after what happened to it.

use jiff::Timestamp;

use super::machine::Event;
use super::state::{Computed, Draw, Panel, Pool, Stage};

/// What a pool is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(pool: Option<Pool>, at: Timestamp, event: &Event) -> Pool {
    let mut pool = match (pool, event) {
        (None, Event::Opened(opening)) => {
            return Pool {
                opening: opening.as_ref().clone(),
                opened_at: at,
                volunteers: 0,
                last_number: 0,
                attempt: 0,
                change_reasons: Vec::new(),
                stage: Stage::Open,
                forgotten_at: None,
            };
        }
        (Some(pool), event) if !matches!(event, Event::Opened(_)) => pool,
        (pool, event) => panic!("{event:?} cannot follow {pool:?}"),
    };
    pool.stage = match (pool.stage, event) {
        (stage, Event::Enrolled { number }) => {
            pool.volunteers += 1;
            pool.last_number = *number;
            stage
        }
        (stage, Event::Withdrawn { .. }) => {
            pool.volunteers -= 1;
            pool.attempt += 1;
            // What was computed with the one who left is void.
            if stage == Stage::Open { Stage::Open } else { Stage::Closed }
        }
        (_, Event::Closed) => Stage::Closed,
        (_, Event::ComputingBegun { attempt }) => {
            pool.attempt = *attempt;
            Stage::Computing
        }
        (_, Event::QuotasChanged { categories, reason }) => {
            pool.opening.categories.clone_from(categories);
            pool.change_reasons.push(reason.clone());
            Stage::Closed
        }
        (_, Event::Computed(Computed::Lottery(lottery))) => Stage::Published(lottery.clone()),
        (_, Event::Computed(Computed::Infeasible(changes))) => Stage::Infeasible(changes.clone()),
        (_, Event::Computed(Computed::Failed)) => Stage::Failed,
        (Stage::Published(lottery), Event::Drawn { draw, counts }) => {
            Stage::Drawn(Panel { lottery, drawn_at: at, draws: vec![draw.clone()], counts: counts.clone() })
        }
        (Stage::Drawn(panel), Event::Dropped(replacing)) => Stage::Replacing(panel, replacing.clone()),
        (Stage::Replacing(panel, _), Event::Replaced { draw, counts }) => {
            Stage::Drawn(redrawn(panel, draw, counts))
        }
        (stage, Event::Forgotten) => {
            pool.forgotten_at = Some(at);
            if matches!(stage, Stage::Drawn(_) | Stage::Replacing(..)) { stage } else { Stage::Abandoned }
        }
        (stage, event) => panic!("{event:?} cannot follow {stage:?}"),
    };
    pool
}

fn redrawn(mut panel: Panel, draw: &Draw, counts: &[Vec<u32>]) -> Panel {
    panel.draws.push(draw.clone());
    panel.counts = counts.to_vec();
    panel
}
