//! What the bus is told of funds: how much, how many, which projects by number; never their words, and never what a slip says.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::Event;
use super::reply::{count, number};
use super::state::{Computed, Fund};

pub(super) fn announce(id: &str, fund: &Fund, event: &Event) -> Vec<Announcement> {
    let fund_id = id.to_owned();
    let fact: Fact = match event {
        Event::Opened(opening) => pb::FundOpened {
            fund_id,
            topic_id: opening.topic.to_string(),
            area_code: opening.area.to_string(),
            amount_fen: opening.amount_fen,
        }
        .into(),
        Event::Published { slips } => pb::FundPublished {
            fund_id,
            projects: count(fund.projects.iter().filter(|project| project.withdrawn.is_none()).count()),
            slips: number(*slips),
            closes_at: Some(to_wire(fund.opening.closes_at)),
        }
        .into(),
        Event::Computed(Computed::Decided(decision)) => pb::FundDecided {
            fund_id,
            winners: decision.winners.iter().map(|winner| number(*winner)).collect(),
            total_fen: decision.total_fen,
            record_sha256: decision.sha256.clone(),
        }
        .into(),
        Event::ProjectAdded(_)
        | Event::ProjectWithdrawn { .. }
        | Event::Printed
        | Event::Closed { .. }
        | Event::ComputingBegun
        | Event::Computed(Computed::Tied(_) | Computed::Overdue)
        | Event::TieSettled { .. } => return Vec::new(),
    };
    vec![Announcement::to_all(&fund.opening.area, fact)]
}
