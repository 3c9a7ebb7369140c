//! What the bus is told of conversations: that one was opened, and how much was said in it. Never what was said.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::Event;
use super::reply::number;
use super::state::Conversation;

pub(super) fn announce(id: &str, conversation: &Conversation, event: &Event) -> Vec<Announcement> {
    let plan = &conversation.plan;
    let (conversation_id, topic_id) = (id.to_owned(), plan.topic.to_string());
    let fact: Fact = match event {
        Event::Opened(_) => pb::ConversationOpened {
            conversation_id,
            topic_id,
            area_code: plan.area.to_string(),
            closes_at: Some(to_wire(plan.closes_at)),
        }
        .into(),
        Event::Closed { counts, .. } => pb::ConversationClosed {
            conversation_id,
            topic_id,
            participants: number(counts.participants),
            statements: number(counts.statements),
            votes: number(counts.judgements),
        }
        .into(),
        // Slips are the organisers' business.
        Event::SlipsPrinted => return Vec::new(),
    };
    vec![Announcement::to_all(&plan.area, fact)]
}
