//! What the bus is told of resolutions: that one was adopted, each goal so that it can become work, and how far each is.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::deliberation::v1 as pb;

use super::machine::{Draft, Event, Resolution, Status};
use super::reply;

pub(super) fn announce(id: &str, resolution: &Resolution, event: &Event) -> Vec<Announcement> {
    let area = &resolution.area;
    let progressed = |goal: String, status: Status, late: bool| {
        let status = reply::status(status) as i32;
        let fact = pb::GoalProgressed { goal_id: goal, resolution_id: id.to_owned(), status, late };
        vec![Announcement::to_all(area, fact)]
    };
    match event {
        Event::Adopted(adoption) => {
            let adopted = pb::ResolutionAdopted {
                resolution_id: id.to_owned(),
                topic_id: adoption.topic.to_string(),
                area_code: area.to_string(),
                goal_ids: adoption.goals.iter().map(|goal| goal.id.to_string()).collect(),
            };
            let set = |goal: &Draft| pb::GoalSet {
                goal_id: goal.id.to_string(),
                resolution_id: id.to_owned(),
                area_code: area.to_string(),
                kind: reply::kind(goal.kind) as i32,
                category_code: goal.category.to_string(),
                department_codes: goal.departments.iter().map(ToString::to_string).collect(),
                due_on: goal.due_on.to_string(),
                amount_fen: i64::try_from(goal.amount_fen).unwrap_or(i64::MAX),
                text: goal.text.clone(),
            };
            let mut told = vec![Announcement::to_all(area, adopted)];
            told.extend(adoption.goals.iter().map(|goal| Announcement::to_all(area, set(goal))));
            told
        }
        Event::TakenUp { goal, .. } => progressed(goal.to_string(), Status::UnderWay, false),
        Event::Progressed { goal, status, late, .. } => progressed(goal.to_string(), *status, *late),
    }
}
