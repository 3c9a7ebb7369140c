//! What the bus is told of rooms: everybody in the area, and each department that takes part by its address. Never what was said in one, but for its summary.

use std::collections::BTreeSet;

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::subjects::Audience;

use super::shown;
use super::{Event, Room};
use crate::party::Party;

pub(super) fn announce(id: &str, room: &Room, event: &Event) -> Vec<Announcement> {
    let (room_id, opening) = (id.to_owned(), &room.opening);
    let all = || opening.called.iter().chain([&opening.opener]);
    let (fact, addressed): (Fact, BTreeSet<&Party>) = match event {
        Event::Opened(_) => {
            let fact = pb::RoomOpened {
                room_id,
                subject: Some(shown::subject(&opening.subject)),
                opened_by: Some(opening.opener.to_wire()),
                called: opening.called.iter().map(Party::to_wire).collect(),
            };
            (fact.into(), opening.called.iter().collect())
        }
        Event::Called(party) => {
            let fact = pb::RoomOrganizationCalled { room_id, called: Some(party.to_wire()) };
            (fact.into(), BTreeSet::from([party]))
        }
        Event::Contributed(_) => return Vec::new(),
        Event::Closed { summary } => {
            let fact = pb::RoomClosed {
                room_id,
                subject: Some(shown::subject(&opening.subject)),
                summary: summary.clone(),
                organizations: all().map(Party::to_wire).collect(),
                entries: i32::try_from(room.entries).unwrap_or(i32::MAX),
            };
            (fact.into(), all().collect())
        }
    };
    let area = &opening.subject.area;
    let mut told = vec![Announcement::to_all(area, fact.clone())];
    for party in addressed {
        if let Party::Department(code) = party {
            let audience = Audience::Department(code.clone());
            told.push(Announcement { fact: fact.clone().into(), area: area.clone(), audience });
        }
    }
    told
}
