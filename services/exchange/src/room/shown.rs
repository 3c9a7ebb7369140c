//! Rooms and entries as the contracts have them.

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::entry::{Content, Entry};
use super::{About, Room, Subject};
use crate::party::Party;

pub(super) fn subject(subject: &Subject) -> pb::RoomSubject {
    let about = match &subject.about {
        About::Case(case) => Some(pb::room_subject::About::CaseId(case.to_string())),
        About::Category(code) => Some(pb::room_subject::About::CategoryCode(code.clone())),
        About::Place => None,
    };
    pb::RoomSubject { area_code: subject.area.to_string(), about }
}

pub(super) fn room(id: &str, room: &Room, version: i64) -> pb::Room {
    let opening = &room.opening;
    let status = if room.closing.is_some() { pb::RoomStatus::Closed } else { pb::RoomStatus::Open };
    pb::Room {
        room_id: id.to_owned(),
        title: opening.title.clone(),
        question: opening.question.clone(),
        subject: Some(subject(&opening.subject)),
        opened_by: Some(opening.opener.to_wire()),
        opened_at: Some(to_wire(room.opened_at)),
        called: opening.called.iter().map(Party::to_wire).collect(),
        status: status as i32,
        summary: room.closing.as_ref().map(|closing| closing.summary.clone()).unwrap_or_default(),
        closed_at: room.closing.as_ref().map(|closing| to_wire(closing.at)),
        entries: i32::try_from(room.entries).unwrap_or(i32::MAX),
        version,
    }
}

/// An entry; of a withdrawn one only that there was one.
pub(super) fn entry(id: &str, entry: &Entry) -> pb::RoomEntry {
    use pb::room_entry::Content as Wire;
    let content = match &entry.said.content {
        Content::Note(text) => Wire::Note(text.clone()),
        Content::Assessment { finding, proposal, departments } => Wire::Assessment(pb::Assessment {
            finding: finding.clone(),
            proposal: proposal.clone(),
            department_codes: departments.iter().map(ToString::to_string).collect(),
        }),
        Content::Evidence { file_name, media_type, bytes, sha256, caption } => Wire::Evidence(pb::Evidence {
            file_name: file_name.clone(),
            media_type: media_type.clone(),
            bytes: i64::try_from(*bytes).unwrap_or(i64::MAX),
            sha256: sha256.clone(),
            caption: caption.clone(),
        }),
    };
    pb::RoomEntry {
        entry_id: id.to_owned(),
        organization: Some(entry.said.party.to_wire()),
        author: entry.said.author.clone(),
        content: entry.withdrawn.is_none().then_some(content),
        withdrawn_because: entry.withdrawn.clone().unwrap_or_default(),
    }
}
