//! What is told of a grid: everything that happens to it, without the boundary and without names of people.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::grid::v1 as pb;

use super::machine::{Event, Grid, Origin};
use super::wire;

/// Tells what is announced of an event, to everybody who may see the community.
pub(super) fn announce(grid: &Grid, event: &Event) -> Vec<Announcement> {
    let (grid_id, area) = (grid.id.to_string(), grid.community());
    match event {
        Event::Drawn { drawing, .. } => vec![Announcement::to_all(
            &area,
            pb::GridDrawn {
                grid_id,
                area_code: area.to_string(),
                name: drawing.name.clone(),
                area_m2: drawing.area_m2,
                made: drawing.origin == Origin::Made,
            },
        )],
        Event::WorkerEnrolled { staff, role } => vec![Announcement::to_all(
            &area,
            pb::WorkerEnrolled { grid_id, staff_id: staff.to_string(), role: wire::role(*role).into() },
        )],
        Event::WorkerRelieved { staff } => {
            vec![Announcement::to_all(&area, pb::WorkerRelieved { grid_id, staff_id: staff.to_string() })]
        }
    }
}
