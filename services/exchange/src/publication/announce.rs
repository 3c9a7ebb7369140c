//! What the bus is told: the event, in our envelope and with the publisher's bytes.

use gongzhi_chassis::execute::{Announcement, Told};
use gongzhi_proto::envelope::Carried;
use gongzhi_proto::subjects::Audience;
use serde_json::value::RawValue;

use super::Event;

pub(super) fn announce(event: &Event) -> Vec<Announcement> {
    let Event::Published { occurrence, at } = event;
    let thing = &occurrence.thing;
    let carried = Carried {
        event_id: occurrence.event_id,
        service: thing.owner.token(),
        fact: occurrence.fact.clone(),
        aggregate_kind: thing.kind.clone(),
        aggregate_id: thing.name.clone(),
        at: *at,
        // It was read as JSON before it was taken.
        data: RawValue::from_string(occurrence.data.clone()).unwrap_or_default(),
    };
    vec![Announcement {
        fact: Told::Carried(carried),
        area: occurrence.area.clone(),
        audience: occurrence.audience.clone().map_or(Audience::All, Audience::Department),
    }]
}
