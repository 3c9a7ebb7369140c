//! What others learn of people on duty: who holds which post, by id. Names and accounts stay here.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::organization::v1 as facts;

use super::machine::{Event, HeldPost};

/// What is told of an event.
pub(super) fn announce(id: &str, event: &Event) -> Vec<Announcement> {
    match event {
        // Nobody else needs a person without a post.
        Event::StaffAppointed { .. } => Vec::new(),
        Event::PostGranted(held) => {
            let (post, area_code, department_code) = words(held);
            let fact = facts::PostGranted { staff_id: id.into(), post, area_code, department_code };
            vec![Announcement::to_all(&held.area, fact)]
        }
        Event::PostRevoked(held) => {
            let (post, area_code, department_code) = words(held);
            let fact = facts::PostRevoked { staff_id: id.into(), post, area_code, department_code };
            vec![Announcement::to_all(&held.area, fact)]
        }
    }
}

fn words(held: &HeldPost) -> (i32, String, String) {
    let post = Post::from_str_name(&held.post).unwrap_or_default();
    let department = held.department.as_ref().map(ToString::to_string).unwrap_or_default();
    (post.into(), held.area.to_string(), department)
}
