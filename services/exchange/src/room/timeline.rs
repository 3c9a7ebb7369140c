//! One timeline: what an organization may see of what concerns a room, and what was said in it. Rights are asked at every look, so a grant that ended ends here too.

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::shown;
use super::store::Point;
use crate::catalogue::Catalogue;
use crate::grant::Grant;
use crate::hub::Seen;
use crate::party::Party;
use crate::rights;

/// What an organization sees of a point; nothing when its rights do not cover it.
pub(super) fn item(
    point: &Point,
    party: &Party,
    grants: &[(String, Grant)],
    at: Timestamp,
    catalogue: &Catalogue,
) -> Option<pb::TimelineItem> {
    let item = match &point.entry {
        Some(entry) => pb::timeline_item::Item::Entry(shown::entry(&point.name, entry)),
        None => {
            let seen = point.copies.iter().filter_map(|body| Seen::kept(body, catalogue));
            pb::timeline_item::Item::Fact(seen.into_iter().find_map(|seen| {
                let fields = rights::visible(party, &seen.what(), grants, at)?;
                let entry = seen.entry.as_ref()?;
                Some(pb::RoomFact {
                    fact: seen.fact.clone(),
                    title_zh: entry.title_zh.clone(),
                    title_en: entry.title_en.clone(),
                    event: String::from_utf8(seen.shown(&fields)).ok()?,
                })
            })?)
        }
    };
    Some(pb::TimelineItem { at: Some(to_wire(point.at)), item: Some(item) })
}
