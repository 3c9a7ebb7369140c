//! What others learn of a department: that it is there and what it is called.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::organization::v1 as facts;

use super::machine::Event;

/// What is told of an event.
pub(super) fn announce(event: &Event) -> Vec<Announcement> {
    match event {
        Event::DepartmentRegistered(department) => vec![Announcement::to_all(
            &department.district,
            facts::DepartmentRegistered {
                department_code: department.code.to_string(),
                name_zh: department.name_zh.clone(),
                name_en: department.name_en.clone(),
            },
        )],
    }
}
