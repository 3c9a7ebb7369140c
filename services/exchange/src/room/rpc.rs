//! gRPC of rooms: admit, parse, execute, reply.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::objects::Objects;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::room_service_server::RoomService;
use gongzhi_proto::ids::{AreaCode, RoomEntryId, RoomId};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::entry::{Command as Saying, Content, Entry, EntryKind, Said};
use super::store::{Listed, Point};
use super::{Command, Gatherer, Room, RoomKind, evidence, parse, shown, store, timeline};
use crate::grant;
use crate::party::Party;

/// Most bytes of a call: a file with what stands around it.
pub(crate) const MOST_BYTES: usize = evidence::MOST_BYTES + (64 << 10);
/// Tries against others who say something in the same room at the same moment.
const TRIES: usize = 8;

/// The service of rooms.
#[derive(Clone)]
pub(crate) struct Rooms {
    pub(crate) writer: Writer,
    pub(crate) district: AreaCode,
    pub(crate) gatherer: Gatherer,
    pub(crate) evidence: Objects,
    /// Ends what is being read when the process ends.
    pub(crate) streams: CancellationToken,
}

type Bytes = Pin<Box<dyn Stream<Item = Result<pb::ReadEvidenceResponse, Status>> + Send>>;

impl Rooms {
    /// A room as an organization sees it; whoever is not in it is told that there is none.
    async fn visible(
        &self,
        admission: &Admission,
        room_id: &str,
        organization: Option<&pb::Organization>,
    ) -> Result<(RoomId, Party, Room, i64), Failure> {
        let mut violations = Violations::new();
        let id = violations.id("room_id", room_id, RoomId::parse);
        let party = Party::parse(&mut violations, "organization", organization, &self.district);
        let (id, party) = violations.open(id.zip(party))?;
        party.require(admission, &self.district)?;
        let missing = || Failure::NotFound(format!("room {id}"));
        let (room, version) = self.writer.load::<RoomKind>(&id.to_string()).await?.ok_or_else(missing)?;
        if !room.holds(&party) {
            return Err(missing());
        }
        Ok((id, party, room, version))
    }

    /// A room for whoever may act for the organization that opened it.
    async fn opened(&self, admission: &Admission, id: &RoomId) -> Result<Room, Failure> {
        let missing = || Failure::NotFound(format!("room {id}"));
        let (room, _) = self.writer.load::<RoomKind>(&id.to_string()).await?.ok_or_else(missing)?;
        room.opening.opener.require(admission, &self.district).map_err(|_| missing())?;
        Ok(room)
    }

    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Room>, Status> {
        let done = self.writer.execute::<RoomKind>(admission, &Arc::default(), target, command).await?;
        Ok(Some(shown::room(&done.id, &done.state, done.version)))
    }

    /// Writes what is said, with the room that counts it.
    async fn say(
        &self,
        admission: &Admission,
        said: Said,
        id: &str,
    ) -> Result<Option<pb::RoomEntry>, Failure> {
        let room_id = said.room.to_string();
        let bytes = match &said.content {
            Content::Evidence { bytes, .. } => *bytes,
            Content::Note(_) | Content::Assessment { .. } => 0,
        };
        let (contribute, add) = (Command::Contribute { by: said.party.clone() }, Saying::Add(Box::new(said)));
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            // The room is locked from here on, so no two come in by the same gap.
            unit.execute::<RoomKind>(&(), Target::Existing(&room_id), &contribute).await?;
            if bytes > 0 && !unit.is_repeat() {
                let there = store::evidence_bytes(unit.connection().await?, &room_id).await?;
                evidence::has_room(there, bytes)?;
            }
            let done = unit.execute::<EntryKind>(&(), Target::Any(id), &add).await?;
            if unit.commit().await? {
                return Ok(Some(shown::entry(&done.id, &done.state)));
            }
        }
        Err(Failure::Conflict)
    }

    /// Reads what is said by an organization in a room, and writes it.
    async fn take(
        &self,
        admission: &Admission,
        (room_id, organization): (&str, Option<&pb::Organization>),
        read: impl FnOnce(&mut Violations) -> Option<Content>,
    ) -> Result<Option<pb::RoomEntry>, Status> {
        let (said, id) = self.read_what_is_said(admission, (room_id, organization), read).await?;
        Ok(self.say(admission, said, &id).await?)
    }

    async fn read_what_is_said(
        &self,
        admission: &Admission,
        (room_id, organization): (&str, Option<&pb::Organization>),
        read: impl FnOnce(&mut Violations) -> Option<Content>,
    ) -> Result<(Said, String), Failure> {
        let mut violations = Violations::new();
        // Who may not see the room learns nothing of it, and nothing is read for them; what else is wrong is told after that.
        let (room, party, _, _) = self.visible(admission, room_id, organization).await?;
        let content = read(&mut violations);
        let content = violations.open(content)?;
        let author = admission.caller.id().to_owned();
        let said = Said { room, party, author, content, district: self.district.clone() };
        Ok((said, self.writer.clock().new_id().to_string()))
    }

    async fn entry(&self, id: &RoomEntryId) -> Result<Entry, Failure> {
        let found = self.writer.load::<EntryKind>(&id.to_string()).await?;
        found.map(|(entry, _)| entry).ok_or_else(|| Failure::NotFound(format!("entry {id}")))
    }
}

/// True when no entry stands for the bytes put away under an id: the rules said no, or an earlier try was answered again. Where the database failed at the
/// commit nobody knows, and bytes without an entry are better than an entry without its bytes.
fn is_surely_not_kept(entry: &Result<Option<pb::RoomEntry>, Failure>, id: &str) -> bool {
    match entry {
        Ok(entry) => entry.as_ref().is_some_and(|entry| entry.entry_id != id),
        Err(failure) => matches!(
            failure,
            Failure::Refused { .. }
                | Failure::Forbidden(_)
                | Failure::NotFound(_)
                | Failure::KeyReused
                | Failure::Conflict
        ),
    }
}

#[tonic::async_trait]
impl RoomService for Rooms {
    type ReadEvidenceStream = Bytes;

    async fn open_room(
        &self,
        request: Request<pb::OpenRoomRequest>,
    ) -> Result<Response<pb::OpenRoomResponse>, Status> {
        let (admission, request) = admit(request)?;
        let opening = parse::open(&request, &self.district)?;
        let id = self.writer.clock().new_id().to_string();
        let room = self.execute(&admission, Target::Any(&id), Command::Open(Box::new(opening))).await?;
        Ok(Response::new(pb::OpenRoomResponse { room }))
    }

    async fn call_organization(
        &self,
        request: Request<pb::CallOrganizationRequest>,
    ) -> Result<Response<pb::CallOrganizationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("room_id", &request.room_id, RoomId::parse);
        let called = parse::called(&mut violations, request.called.as_ref(), &self.district);
        let (id, called) = violations.open(id.zip(called))?;
        let opener = self.opened(&admission, &id).await?.opening.opener;
        let command = Command::Call { opener, called };
        let room = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::CallOrganizationResponse { room }))
    }

    async fn close_room(
        &self,
        request: Request<pb::CloseRoomRequest>,
    ) -> Result<Response<pb::CloseRoomResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("room_id", &request.room_id, RoomId::parse);
        let summary = parse::summary(&mut violations, &request.summary);
        let id = violations.open(id)?;
        let opener = self.opened(&admission, &id).await?.opening.opener;
        let command = Command::Close { opener, summary };
        let room = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::CloseRoomResponse { room }))
    }

    async fn get_room(
        &self,
        request: Request<pb::GetRoomRequest>,
    ) -> Result<Response<pb::GetRoomResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, _, room, version) =
            self.visible(&admission, &request.room_id, request.organization.as_ref()).await?;
        let room = Some(shown::room(&id.to_string(), &room, version));
        Ok(Response::new(pb::GetRoomResponse { room }))
    }

    async fn list_rooms(
        &self,
        request: Request<pb::ListRoomsRequest>,
    ) -> Result<Response<pb::ListRoomsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let party =
            Party::parse(&mut violations, "organization", request.organization.as_ref(), &self.district);
        let statuses: Vec<_> = (0..)
            .zip(&request.statuses)
            .filter_map(|(nth, status)| violations.choice(&format!("statuses[{nth}]"), *status))
            .map(|status: pb::RoomStatus| store::word(status == pb::RoomStatus::Closed))
            .collect();
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let party = violations.open(party)?;
        party.require(&admission, &self.district)?;
        let mut found = store::list(self.writer.pool(), &party, &statuses, &page).await?;
        let next_page_token = page.cut(&mut found, Listed::key);
        let rooms =
            found.iter().map(|listed| shown::room(&listed.room_id, &listed.room, listed.version)).collect();
        Ok(Response::new(pb::ListRoomsResponse { rooms, next_page_token }))
    }

    async fn list_timeline(
        &self,
        request: Request<pb::ListTimelineRequest>,
    ) -> Result<Response<pb::ListTimelineResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 100, 500);
        let after = page.after.as_deref().map(|token| violations.id("page_token", token, Uuid::parse_str));
        let after = violations.open(after.map_or(Some(None), |after| after.map(Some)))?;
        let (id, party, room, _) =
            self.visible(&admission, &request.room_id, request.organization.as_ref()).await?;
        let id = id.to_string();
        // Whoever turns pages has just looked.
        if after.is_none() {
            self.gatherer.catch_up(&id, &room).await?;
        }
        let mut points = store::points(self.writer.pool(), &id, after, page.limit()).await?;
        let next_page_token = page.cut(&mut points, |point: &Point| point.id.to_string());
        let grants: Vec<_> = grant::store::given_to(self.writer.pool(), &party)
            .await
            .map_err(Failure::from)?
            .into_iter()
            .map(|listed| (listed.grant_id, listed.grant))
            .collect();
        let (now, catalogue) = (self.writer.clock().now(), &self.gatherer.catalogue);
        let items = points.iter().flat_map(|point| timeline::items(point, &party, &grants, now, catalogue));
        Ok(Response::new(pb::ListTimelineResponse { items: items.collect(), next_page_token }))
    }

    async fn add_note(
        &self,
        request: Request<pb::AddNoteRequest>,
    ) -> Result<Response<pb::AddNoteResponse>, Status> {
        let (admission, request) = admit(request)?;
        let whose = (request.room_id.as_str(), request.organization.as_ref());
        let entry = self.take(&admission, whose, |violations| parse::note(violations, &request.text)).await?;
        Ok(Response::new(pb::AddNoteResponse { entry }))
    }

    async fn add_assessment(
        &self,
        request: Request<pb::AddAssessmentRequest>,
    ) -> Result<Response<pb::AddAssessmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let whose = (request.room_id.as_str(), request.organization.as_ref());
        let read = |violations: &mut _| parse::assessment(violations, request.assessment.as_ref());
        let entry = self.take(&admission, whose, read).await?;
        Ok(Response::new(pb::AddAssessmentResponse { entry }))
    }

    async fn add_evidence(
        &self,
        request: Request<pb::AddEvidenceRequest>,
    ) -> Result<Response<pb::AddEvidenceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let whose = (request.room_id.as_str(), request.organization.as_ref());
        let mut kept = Vec::new();
        let read = |violations: &mut _| {
            let (content, bytes) = parse::evidence(violations, &request)?;
            kept = bytes;
            Some(content)
        };
        let (said, id) = self.read_what_is_said(&admission, whose, read).await?;
        // The bytes come first: an entry whose bytes are missing would be a lie, bytes without an entry only take room.
        self.evidence.put(&id, &kept).await?;
        let entry = self.say(&admission, said, &id).await;
        if is_surely_not_kept(&entry, &id)
            && let Err(error) = self.evidence.delete(&id).await
        {
            tracing::warn!(%error, entry = id, "bytes of no entry stay");
        }
        Ok(Response::new(pb::AddEvidenceResponse { entry: entry? }))
    }

    async fn read_evidence(
        &self,
        request: Request<pb::ReadEvidenceRequest>,
    ) -> Result<Response<Bytes>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let entry_id = violations.id("entry_id", &request.entry_id, RoomEntryId::parse);
        let entry_id = violations.open(entry_id)?;
        let (id, ..) = self.visible(&admission, &request.room_id, request.organization.as_ref()).await?;
        let entry = self.entry(&entry_id).await?;
        let is_there = entry.said.room == id
            && entry.withdrawn.is_none()
            && matches!(entry.said.content, Content::Evidence { .. });
        if !is_there {
            return Err(Failure::NotFound(format!("evidence {entry_id}")).into());
        }
        let pieces = self.evidence.read(&entry_id.to_string()).await?;
        let pieces = pieces.take_until(self.streams.clone().cancelled_owned());
        let pieces = pieces.map(|piece| Ok(pb::ReadEvidenceResponse { piece: piece?.to_vec() }));
        Ok(Response::new(Box::pin(pieces)))
    }

    async fn withdraw_entry(
        &self,
        request: Request<pb::WithdrawEntryRequest>,
    ) -> Result<Response<pb::WithdrawEntryResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("entry_id", &request.entry_id, RoomEntryId::parse);
        let reason = parse::reason(&mut violations, &request.reason);
        let id = violations.open(id)?;
        let said = self.entry(&id).await?.said;
        let (by, is_evidence) = (said.party, matches!(said.content, Content::Evidence { .. }));
        by.require(&admission, &self.district).map_err(|_| Failure::NotFound(format!("entry {id}")))?;
        let id = id.to_string();
        let command = Saying::Withdraw { by, reason };
        let target = Target::Existing(&id);
        let done = self.writer.execute::<EntryKind>(&admission, &Arc::default(), target, command).await;
        // Also when it was withdrawn before: the deletion may have failed then.
        if is_evidence && matches!(done, Ok(_) | Err(Failure::Refused { .. })) {
            self.evidence.delete(&id).await?;
        }
        let done = done?;
        Ok(Response::new(pb::WithdrawEntryResponse { entry: Some(shown::entry(&id, &done.state)) }))
    }
}
