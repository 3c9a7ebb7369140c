//! What the bus is told of balances: that one was opened, whether a round found something that all can live with, and that all agreed.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;

use super::machine::Event;
use super::reply;
use super::state::Balance;

pub(super) fn announce(id: &str, balance: &Balance, event: &Event) -> Vec<Announcement> {
    let balance_id = id.to_owned();
    let topic_id = balance.plan.topic.to_string();
    let round = reply::number(balance.round());
    let fact: Fact = match event {
        Event::Opened(plan) => {
            pb::BalanceOpened { balance_id, topic_id, area_code: plan.area.to_string() }.into()
        }
        Event::Revealed(revealed) => {
            let feasible = !revealed.outcome.feasible.is_empty();
            pb::BalanceRevealed { balance_id, topic_id, round, feasible }.into()
        }
        Event::Agreed { .. } => pb::BalanceAgreed { balance_id, topic_id, round }.into(),
        // Who has spoken already is nobody's business but the parties'.
        Event::PositionGiven { .. } | Event::NextRoundBegun => return Vec::new(),
    };
    vec![Announcement::to_all(&balance.plan.area, fact)]
}
