//! What others learn of the register: every change within the served district, in its area.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::organization::v1 as facts;

use super::machine::{Change, Event};
use super::wire;

/// What is told of an event.
pub(super) fn announce(event: &Event) -> Vec<Announcement> {
    match event {
        // Figures of a file; what it changed here is told one by one.
        Event::DivisionsImported { .. } => Vec::new(),
        Event::DivisionsChanged { changes } => changes.iter().map(tell).collect(),
    }
}

fn tell(change: &Change) -> Announcement {
    match change {
        Change::Listed { code, name } => {
            let level = wire::level(code.level()).into();
            let fact = facts::DivisionListed { area_code: code.to_string(), name: name.clone(), level };
            Announcement::to_all(code, fact)
        }
        Change::Renamed { code, name } => Announcement::to_all(
            code,
            facts::DivisionRenamed { area_code: code.to_string(), name: name.clone() },
        ),
        Change::Recoded { from, to, name } => {
            let (area_code, former_area_code) = (to.to_string(), from.to_string());
            Announcement::to_all(
                to,
                facts::DivisionRecoded { area_code, former_area_code, name: name.clone() },
            )
        }
        Change::Abolished { code } => {
            Announcement::to_all(code, facts::DivisionAbolished { area_code: code.to_string() })
        }
    }
}
