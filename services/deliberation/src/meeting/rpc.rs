//! gRPC of meetings: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::meeting_service_server::MeetingService;
use gongzhi_proto::ids::MeetingId;
use tonic::{Request, Response, Status};

use super::bylaws::Book;
use super::state::Call;
use super::{Command, Meeting, MeetingKind, minutes, parse, reply, store};
use crate::rules::day_of;
use crate::topic::{self, Stage, community};

/// The service of meetings.
#[derive(Clone)]
pub(crate) struct Meetings {
    pub(crate) writer: Writer,
    pub(crate) bylaws: Arc<Book>,
}

impl Meetings {
    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Meeting>, Failure> {
        let done = self.writer.execute::<MeetingKind>(admission, &Arc::default(), target, command).await?;
        Ok(Some(reply::meeting(&done.id, &done.state, done.version)))
    }

    /// Carries out what is asked of a meeting that was convened.
    async fn follow(
        &self,
        admission: &Admission,
        (id, command): (MeetingId, Command),
    ) -> Result<Option<pb::Meeting>, Failure> {
        self.execute(admission, Target::Existing(&id.to_string()), command).await
    }

    async fn find(&self, id: &MeetingId) -> Result<(Meeting, i64), Failure> {
        let found = self.writer.load::<MeetingKind>(&id.to_string()).await?;
        found.ok_or_else(|| Failure::NotFound(format!("meeting {id}")))
    }

    /// To what a meeting is called. A topic that does not stand on the agenda, or is of another community than the first, is named for the law to refuse.
    async fn call(&self, admission: &Admission, asked: parse::Convening) -> Result<Command, Failure> {
        let (mut area, mut foreign) = (None, None);
        for id in &asked.topics {
            let (topic, _) = topic::find(&self.writer, id).await?;
            let community = community(&topic.area);
            // Whose topic it is comes before what else is wrong: who may not see it learns nothing of it.
            admission.require(&Scope::area(community.clone()), None)?;
            let stands = matches!(&topic.stage, Stage::Scheduled { agenda, .. } if *agenda == asked.agenda);
            let ours = *area.get_or_insert_with(|| community.clone()) == community;
            if !(stands && ours) {
                foreign = foreign.or(Some(*id));
            }
        }
        let area = area.ok_or_else(|| Failure::Bug("a meeting on no topic passed".into()))?;
        let bylaws = self.bylaws.at(self.writer.clock().now());
        let call = Call { area, agenda: asked.agenda, topics: asked.topics, seats: asked.seats, bylaws };
        Ok(Command::Convene { call: Box::new(call), foreign })
    }
}

#[tonic::async_trait]
impl MeetingService for Meetings {
    async fn convene_meeting(
        &self,
        request: Request<pb::ConveneMeetingRequest>,
    ) -> Result<Response<pb::ConveneMeetingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = self.call(&admission, parse::convene(&request)?).await?;
        let id = self.writer.clock().new_id().to_string();
        let meeting = self.execute(&admission, Target::Any(&id), command).await?;
        Ok(Response::new(pb::ConveneMeetingResponse { meeting }))
    }

    async fn open_meeting(
        &self,
        request: Request<pb::OpenMeetingRequest>,
    ) -> Result<Response<pb::OpenMeetingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::open(&request)?).await?;
        Ok(Response::new(pb::OpenMeetingResponse { meeting }))
    }

    async fn mark_presence(
        &self,
        request: Request<pb::MarkPresenceRequest>,
    ) -> Result<Response<pb::MarkPresenceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::presence(&request)?).await?;
        Ok(Response::new(pb::MarkPresenceResponse { meeting }))
    }

    async fn move_motion(
        &self,
        request: Request<pb::MoveMotionRequest>,
    ) -> Result<Response<pb::MoveMotionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let parse::Moved { id, seat, topic, text } = parse::motion(&request)?;
        let today = day_of(self.writer.clock().now());
        let decided_today = store::was_decided(self.writer.pool(), topic, &text, today).await;
        let decided_today = decided_today.map_err(Failure::from)?;
        let command = Command::Move { seat, topic, text, decided_today };
        let meeting = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::MoveMotionResponse { meeting }))
    }

    async fn second_motion(
        &self,
        request: Request<pb::SecondMotionRequest>,
    ) -> Result<Response<pb::SecondMotionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::second(&request)?).await?;
        Ok(Response::new(pb::SecondMotionResponse { meeting }))
    }

    async fn open_debate(
        &self,
        request: Request<pb::OpenDebateRequest>,
    ) -> Result<Response<pb::OpenDebateResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::open_debate(&request)?).await?;
        Ok(Response::new(pb::OpenDebateResponse { meeting }))
    }

    async fn raise_hand(
        &self,
        request: Request<pb::RaiseHandRequest>,
    ) -> Result<Response<pb::RaiseHandResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::raise_hand(&request)?).await?;
        Ok(Response::new(pb::RaiseHandResponse { meeting }))
    }

    async fn lower_hand(
        &self,
        request: Request<pb::LowerHandRequest>,
    ) -> Result<Response<pb::LowerHandResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::lower_hand(&request)?).await?;
        Ok(Response::new(pb::LowerHandResponse { meeting }))
    }

    async fn recognise_seat(
        &self,
        request: Request<pb::RecogniseSeatRequest>,
    ) -> Result<Response<pb::RecogniseSeatResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::recognise(&request)?).await?;
        Ok(Response::new(pb::RecogniseSeatResponse { meeting }))
    }

    async fn end_speech(
        &self,
        request: Request<pb::EndSpeechRequest>,
    ) -> Result<Response<pb::EndSpeechResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::end_speech(&request)?).await?;
        Ok(Response::new(pb::EndSpeechResponse { meeting }))
    }

    async fn move_amendment(
        &self,
        request: Request<pb::MoveAmendmentRequest>,
    ) -> Result<Response<pb::MoveAmendmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::amendment(&request)?).await?;
        Ok(Response::new(pb::MoveAmendmentResponse { meeting }))
    }

    async fn second_amendment(
        &self,
        request: Request<pb::SecondAmendmentRequest>,
    ) -> Result<Response<pb::SecondAmendmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::second_amendment(&request)?).await?;
        Ok(Response::new(pb::SecondAmendmentResponse { meeting }))
    }

    async fn vote_on_amendment(
        &self,
        request: Request<pb::VoteOnAmendmentRequest>,
    ) -> Result<Response<pb::VoteOnAmendmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::vote_on_amendment(&request)?).await?;
        Ok(Response::new(pb::VoteOnAmendmentResponse { meeting }))
    }

    async fn close_debate(
        &self,
        request: Request<pb::CloseDebateRequest>,
    ) -> Result<Response<pb::CloseDebateResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::close_debate(&request)?).await?;
        Ok(Response::new(pb::CloseDebateResponse { meeting }))
    }

    async fn vote_on_motion(
        &self,
        request: Request<pb::VoteOnMotionRequest>,
    ) -> Result<Response<pb::VoteOnMotionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::vote(&request)?).await?;
        Ok(Response::new(pb::VoteOnMotionResponse { meeting }))
    }

    async fn lapse_motion(
        &self,
        request: Request<pb::LapseMotionRequest>,
    ) -> Result<Response<pb::LapseMotionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::lapse(&request)?).await?;
        Ok(Response::new(pb::LapseMotionResponse { meeting }))
    }

    async fn make_ruling(
        &self,
        request: Request<pb::MakeRulingRequest>,
    ) -> Result<Response<pb::MakeRulingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::ruling(&request)?).await?;
        Ok(Response::new(pb::MakeRulingResponse { meeting }))
    }

    async fn appeal_ruling(
        &self,
        request: Request<pb::AppealRulingRequest>,
    ) -> Result<Response<pb::AppealRulingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::appeal(&request)?).await?;
        Ok(Response::new(pb::AppealRulingResponse { meeting }))
    }

    async fn close_meeting(
        &self,
        request: Request<pb::CloseMeetingRequest>,
    ) -> Result<Response<pb::CloseMeetingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let meeting = self.follow(&admission, parse::close(&request)?).await?;
        Ok(Response::new(pb::CloseMeetingResponse { meeting }))
    }

    async fn get_meeting(
        &self,
        request: Request<pb::GetMeetingRequest>,
    ) -> Result<Response<pb::GetMeetingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.meeting_id)?;
        let (meeting, version) = self.find(&id).await?;
        admission.require(&Scope::area(meeting.call.area.clone()), None)?;
        let meeting = Some(reply::meeting(&id.to_string(), &meeting, version));
        Ok(Response::new(pb::GetMeetingResponse { meeting }))
    }

    async fn list_meetings(
        &self,
        request: Request<pb::ListMeetingsRequest>,
    ) -> Result<Response<pb::ListMeetingsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, page) = parse::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut meetings = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut meetings, |(id, meeting, _)| newest_key(meeting.convened_at, id));
        let meetings = meetings.iter().map(|(id, meeting, version)| reply::summary(id, meeting, *version));
        Ok(Response::new(pb::ListMeetingsResponse { meetings: meetings.collect(), next_page_token }))
    }

    async fn list_minutes(
        &self,
        request: Request<pb::ListMinutesRequest>,
    ) -> Result<Response<pb::ListMinutesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, page) = parse::minutes(&request)?;
        let (meeting, _) = self.find(&id).await?;
        admission.require(&Scope::area(meeting.call.area.clone()), None)?;
        let (lines, next_page_token) =
            minutes::of_meeting(self.writer.pool(), &id.to_string(), &page).await?;
        Ok(Response::new(pb::ListMinutesResponse { lines, next_page_token }))
    }
}
