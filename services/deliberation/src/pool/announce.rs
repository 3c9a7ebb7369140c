//! What the bus is told of pools: how many and which digest, never who. That somebody volunteered or left is nobody else's business.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::Event;
use super::reply;
use super::state::{Computed, Pool};

pub(super) fn announce(id: &str, pool: &Pool, event: &Event) -> Vec<Announcement> {
    let pool_id = id.to_owned();
    let seats = reply::number(pool.opening.seats);
    let fact: Fact = match event {
        Event::Opened(opening) => pb::PoolOpened {
            pool_id,
            topic_id: opening.topic.to_string(),
            area_code: opening.area.to_string(),
            seats,
            closes_at: Some(to_wire(opening.closes_at)),
        }
        .into(),
        Event::Computed(Computed::Lottery(lottery)) => pb::LotteryPublished {
            pool_id,
            tickets_sha256: lottery.sha256.clone(),
            seats,
            volunteers: reply::from_ten(pool.volunteers),
            objective: reply::objective(lottery.objective) as i32,
        }
        .into(),
        Event::Drawn { draw, .. } => {
            pb::PanelDrawn { pool_id, drawn_number: draw.number.clone(), seats }.into()
        }
        Event::Replaced { draw, .. } => {
            let seats = i32::try_from(draw.left.len()).unwrap_or(i32::MAX);
            pb::MemberReplaced { pool_id, drawn_number: draw.number.clone(), seats }.into()
        }
        Event::Enrolled { .. }
        | Event::Withdrawn { .. }
        | Event::Closed
        | Event::ComputingBegun { .. }
        | Event::QuotasChanged { .. }
        | Event::Computed(Computed::Infeasible(_) | Computed::Failed)
        | Event::Dropped(_)
        | Event::Forgotten => return Vec::new(),
    };
    vec![Announcement::to_all(&pool.opening.area, fact)]
}
