//! What the bus is told of topics: where and of what category, never their words, and never how many households want one before its agenda shows it.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;

use super::machine::Event;
use super::reply;
use super::state::{Origin, Topic};

pub(super) fn announce(id: &str, topic: &Topic, event: &Event) -> Vec<Announcement> {
    let topic_id = id.to_owned();
    let fact: Fact = match event {
        Event::Begun(beginning) => match &beginning.origin {
            Origin::Proposed => pb::TopicProposed {
                topic_id,
                area_code: topic.area.to_string(),
                category_code: topic.category.to_string(),
            }
            .into(),
            Origin::Raised { reason, cases, .. } => pb::TopicRaised {
                topic_id,
                area_code: topic.area.to_string(),
                category_code: topic.category.to_string(),
                raised_by: reply::raised_by(*reason) as i32,
                cases: i32::try_from(*cases).unwrap_or(i32::MAX),
            }
            .into(),
        },
        Event::Merged { into, .. } => pb::TopicMerged { topic_id, into_topic_id: into.to_string() }.into(),
        Event::Declined { .. } => pb::TopicDeclined { topic_id }.into(),
        Event::Scheduled { agenda, .. } => {
            pb::TopicScheduled { topic_id, agenda_id: agenda.to_string() }.into()
        }
        // The resolution tells itself; the rest is for who looks at the topic.
        Event::Worded(_)
        | Event::Supported { .. }
        | Event::Gated(_)
        | Event::Absorbed { .. }
        | Event::Resolved { .. }
        | Event::CaseNoted {}
        | Event::CaseReopened {}
        | Event::CaseForgotten {} => return Vec::new(),
    };
    vec![Announcement::to_all(&topic.area, fact)]
}
