//! What is told of a visit: that it waits, and what came of it. That it was withdrawn is kept: whoever reopened or voided the case has told it.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::grid::v1 as pb;

use super::machine::{Event, Visit};
use super::wire;

/// Tells what is announced of an event, to everybody who may see the area of the case.
pub(super) fn announce(id: &str, visit: &Visit, event: &Event) -> Vec<Announcement> {
    let errand = &visit.errand;
    match event {
        Event::Opened(_) => vec![Announcement::to_all(
            &errand.area,
            pb::FollowUpVisitOpened {
                visit_id: id.to_owned(),
                case_id: errand.case.to_string(),
                round: errand.round,
                reporter: errand.reporter,
            },
        )],
        Event::Recorded { rating } => vec![Announcement::to_all(
            &errand.area,
            pb::FollowUpVisitRecorded {
                visit_id: id.to_owned(),
                case_id: errand.case.to_string(),
                round: errand.round,
                reporter: errand.reporter,
                rating: wire::rating(*rating).into(),
            },
        )],
        Event::Withdrawn => Vec::new(),
    }
}
