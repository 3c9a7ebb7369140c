//! What the bus is told of agendas: that one was published, with its order.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::{Agenda, Event};

pub(super) fn announce(id: &str, agenda: &Agenda, event: &Event) -> Vec<Announcement> {
    match event {
        // A draft is nobody's business yet.
        Event::DrawnUp(_) | Event::LotDrawn { .. } | Event::Reordered(_) => Vec::new(),
        Event::Published { votable_from } => vec![Announcement::to_all(
            &agenda.draft.area,
            pb::AgendaPublished {
                agenda_id: id.to_owned(),
                area_code: agenda.draft.area.to_string(),
                topic_ids: agenda.order().iter().map(ToString::to_string).collect(),
                reordered: agenda.reordering.is_some(),
                meets_at: Some(to_wire(agenda.draft.meets_at)),
                votable_from: Some(to_wire(*votable_from)),
            },
        )],
    }
}
