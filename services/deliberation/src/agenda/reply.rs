//! Agendas as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::{Agenda, Place, Rule};

fn place(place: &Place) -> pb::AgendaPlace {
    let rule = match place.rule {
        Rule::Gate => pb::PlaceRule::Gate,
        Rule::Support => pb::PlaceRule::Support,
        Rule::Lot => pb::PlaceRule::Lot,
    };
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    pb::AgendaPlace {
        topic_id: place.topic.map(|topic| topic.to_string()).unwrap_or_default(),
        rule: rule as i32,
        households: count(place.households),
        households_without: count(place.without),
        buildings: count(place.buildings),
        due_on: place.due_on.map(|day| day.to_string()).unwrap_or_default(),
    }
}

pub(super) fn agenda(id: &str, agenda: &Agenda, version: i64) -> pb::Agenda {
    let draft = &agenda.draft;
    let status =
        if agenda.publication.is_some() { pb::AgendaStatus::Published } else { pb::AgendaStatus::Draft };
    pb::Agenda {
        agenda_id: id.to_owned(),
        area_code: draft.area.to_string(),
        title: draft.title.clone(),
        meets_at: Some(to_wire(draft.meets_at)),
        status: status as i32,
        places: draft.places.iter().map(place).collect(),
        order: agenda.order().iter().map(ToString::to_string).collect(),
        reorder_reason: agenda.reordering.as_ref().map(|other| other.reason.clone()).unwrap_or_default(),
        lot_source: draft.lot_source.clone(),
        lot_candidates: draft.candidates.iter().map(ToString::to_string).collect(),
        lot_number: agenda.lot_number.clone().unwrap_or_default(),
        published_at: agenda.publication.map(|publication| to_wire(publication.at)),
        votable_from: agenda.publication.map(|publication| to_wire(publication.votable_from)),
        version,
    }
}
