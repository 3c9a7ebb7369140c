//! One timeline: what an organization may see of what concerns a room, and what was said in it. Rights are asked at every look, so a grant that ended ends here too.

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::shown;
use super::store::Point;
use crate::catalogue::Catalogue;
use crate::grant::{Fields, Grant};
use crate::hub::Seen;
use crate::party::Party;
use crate::rights;

/// What an organization sees of a point; nothing when its rights do not cover it. Copies that say the same are one item, of which it sees all that any of them
/// lets it see; an event that says something else to each addressee is an item for each.
pub(super) fn items(
    point: &Point,
    party: &Party,
    grants: &[(String, Grant)],
    at: Timestamp,
    catalogue: &Catalogue,
) -> Vec<pb::TimelineItem> {
    let item = |item| pb::TimelineItem { at: Some(to_wire(point.at)), item: Some(item) };
    if let Some(entry) = &point.entry {
        return vec![item(pb::timeline_item::Item::Entry(shown::entry(&point.name, entry)))];
    }
    let mut visible: Vec<(Seen, Fields)> = Vec::new();
    for seen in point.copies.iter().filter_map(|body| Seen::kept(body, catalogue)) {
        let Some(fields) = rights::visible(party, &seen.what(), grants, at) else { continue };
        match visible.iter_mut().find(|(known, _)| known.data() == seen.data()) {
            Some((_, known)) => known.add(fields),
            None => visible.push((seen, fields)),
        }
    }
    let fact = |(seen, fields): (Seen, Fields)| {
        let entry = seen.entry.as_ref()?;
        Some(pb::timeline_item::Item::Fact(pb::RoomFact {
            fact: seen.fact.clone(),
            title_zh: entry.title_zh.clone(),
            title_en: entry.title_en.clone(),
            event: String::from_utf8(seen.shown(&fields)).ok()?,
        }))
    };
    visible.into_iter().filter_map(fact).map(item).collect()
}
