//! What the bus is told of meetings: that one met, and what it decided with which counts. Never what was said, nor by which seat.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;

use super::event::Event;
use super::reply::{method, number, outcome, outcomes, shown_count};
use super::state::{Meeting, Stage};

pub(super) fn announce(id: &str, meeting: &Meeting, event: &Event) -> Vec<Announcement> {
    let meeting_id = id.to_owned();
    let (seats, present) = (number(meeting.seats()), number(meeting.present()));
    let fact: Fact = match event {
        Event::Convened(call) => pb::MeetingConvened {
            meeting_id,
            area_code: call.area.to_string(),
            agenda_id: call.agenda.to_string(),
            topic_ids: call.topics.iter().map(ToString::to_string).collect(),
            seats,
        }
        .into(),
        Event::Opened { .. } => pb::MeetingOpened { meeting_id, seats, present }.into(),
        Event::Decided(poll) => {
            let Some(decided) = meeting.decided.last() else { return Vec::new() };
            pb::MotionDecided {
                meeting_id,
                topic_id: decided.topic.to_string(),
                number: number(decided.number),
                outcome: outcome(poll.count().carries()) as i32,
                method: method(poll) as i32,
                count: shown_count(poll),
                present,
            }
            .into()
        }
        Event::Closed => {
            let held = matches!(meeting.stage, Stage::Closed { opened_at: Some(_), .. });
            let (carried, lost) = outcomes(meeting);
            pb::MeetingClosed { meeting_id, held, carried, lost }.into()
        }
        // The way to a decision is in the minutes.
        Event::Arrived { .. }
        | Event::Left { .. }
        | Event::Moved { .. }
        | Event::Seconded { .. }
        | Event::DebateOpened
        | Event::HandRaised { .. }
        | Event::HandLowered { .. }
        | Event::Recognised { .. }
        | Event::SpeechEnded { .. }
        | Event::AmendmentMoved { .. }
        | Event::AmendmentSeconded { .. }
        | Event::AmendmentDecided { .. }
        | Event::AmendmentLapsed
        | Event::ClosureDecided { .. }
        | Event::DebateClosed
        | Event::Lapsed
        | Event::Ruled { .. }
        | Event::AppealDecided(_) => return Vec::new(),
    };
    vec![Announcement::to_all(&meeting.call.area, fact)]
}
