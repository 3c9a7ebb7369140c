//! gRPC of ballots: admit, parse, execute, reply.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::ballot_service_server::BallotService;
use gongzhi_proto::ids::BallotId;
use tonic::{Request, Response, Status};

use super::joint::{self, Casting};
use super::state::Plan;
use super::vote::{self, Vote};
use super::{Ballot, BallotKind, Command, parse, reply, store};
use crate::rules::Rules;
use crate::secrets::Secrets;
use crate::topic;

/// Bytes of a piece of a record.
const PIECE: usize = 256 << 10;

/// The service of ballots.
#[derive(Clone)]
pub(crate) struct Ballots {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) secrets: Secrets,
}

type Pieces = Pin<Box<dyn Stream<Item = Result<pb::ExportBallotResponse, Status>> + Send>>;

impl Ballots {
    async fn find(&self, id: &BallotId) -> Result<(Ballot, i64), Failure> {
        let found = self.writer.load::<BallotKind>(&id.to_string()).await?;
        found.ok_or_else(|| missing(id))
    }

    async fn shown(&self, id: &str, ballot: &Ballot, version: i64) -> Result<Option<pb::Ballot>, Failure> {
        let turnout = store::turnout(self.writer.pool(), id).await?;
        Ok(Some(reply::ballot(id, ballot, version, turnout)))
    }

    async fn done(&self, done: &DoneOf<BallotKind>) -> Result<Option<pb::Ballot>, Failure> {
        self.shown(&done.id, &done.state, done.version).await
    }

    async fn take(
        &self,
        admission: &Admission,
        (ballot, code): (&BallotId, &str),
        command: vote::Command,
    ) -> Result<Vote, Failure> {
        joint::vote(&self.writer, &self.secrets, admission, &Casting { ballot, code, command }).await
    }
}

fn missing(id: &BallotId) -> Failure {
    Failure::NotFound(format!("ballot {id}"))
}

#[tonic::async_trait]
impl BallotService for Ballots {
    type ExportBallotStream = Pieces;

    async fn prepare_ballot(
        &self,
        request: Request<pb::PrepareBallotRequest>,
    ) -> Result<Response<pb::PrepareBallotResponse>, Status> {
        let (admission, request) = admit(request)?;
        let asked = parse::prepare(&request, &self.rules, self.writer.clock().now())?;
        let (topic, _) = topic::find(&self.writer, &asked.topic).await?;
        let plan = Plan {
            topic: asked.topic,
            area: topic::community(&topic.area),
            question: asked.question,
            body: asked.body,
            secrecy: asked.secrecy,
            threshold: asked.threshold,
            opens_at: asked.opens_at,
            closes_at: asked.closes_at,
        };
        let id = self.writer.clock().new_id().to_string();
        let command = Command::Prepare(Box::new(plan));
        let done =
            self.writer.execute::<BallotKind>(&admission, &Arc::default(), Target::Any(&id), command).await?;
        Ok(Response::new(pb::PrepareBallotResponse { ballot: self.done(&done).await? }))
    }

    async fn enter_electors(
        &self,
        request: Request<pb::EnterElectorsRequest>,
    ) -> Result<Response<pb::EnterElectorsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, electors) = parse::enter(&request)?;
        let done = joint::enter(&self.writer, &admission, &id, electors).await?;
        Ok(Response::new(pb::EnterElectorsResponse { ballot: self.done(&done).await? }))
    }

    async fn publish_ballot(
        &self,
        request: Request<pb::PublishBallotRequest>,
    ) -> Result<Response<pb::PublishBallotResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let (ballot, _) = self.find(&id).await?;
        let done = joint::publish(&self.writer, &admission, &id, ballot.plan.topic).await?;
        Ok(Response::new(pb::PublishBallotResponse { ballot: self.done(&done).await? }))
    }

    async fn print_slips(
        &self,
        request: Request<pb::PrintSlipsRequest>,
    ) -> Result<Response<pb::PrintSlipsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let codes = joint::print(&self.writer, &self.secrets, &admission, &id).await?;
        Ok(Response::new(pb::PrintSlipsResponse { codes }))
    }

    async fn cast_vote(
        &self,
        request: Request<pb::CastVoteRequest>,
    ) -> Result<Response<pb::CastVoteResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, code, choice) = parse::vote(&request.ballot_id, &request.code, request.choice)?;
        self.take(&admission, (&id, &code), vote::Command::Cast { choice }).await?;
        Ok(Response::new(pb::CastVoteResponse { choice: reply::choice(choice) as i32 }))
    }

    async fn enter_paper_vote(
        &self,
        request: Request<pb::EnterPaperVoteRequest>,
    ) -> Result<Response<pb::EnterPaperVoteResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, code, choice) = parse::vote(&request.ballot_id, &request.code, request.choice)?;
        let by = admission.caller.id().to_owned();
        let vote = self.take(&admission, (&id, &code), vote::Command::Enter { by, choice }).await?;
        Ok(Response::new(pb::EnterPaperVoteResponse { status: reply::paper(&vote) as i32 }))
    }

    async fn close_ballot(
        &self,
        request: Request<pb::CloseBallotRequest>,
    ) -> Result<Response<pb::CloseBallotResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let done = joint::close(&self.writer, &self.secrets, &admission, &id).await?;
        Ok(Response::new(pb::CloseBallotResponse { ballot: self.done(&done).await? }))
    }

    async fn sign_ballot_record(
        &self,
        request: Request<pb::SignBallotRecordRequest>,
    ) -> Result<Response<pb::SignBallotRecordResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, record_sha256) = parse::sign(&request)?;
        let command = Command::Sign { signer: admission.caller.id().to_owned(), record_sha256 };
        let target = id.to_string();
        let done = self
            .writer
            .execute::<BallotKind>(&admission, &Arc::default(), Target::Existing(&target), command)
            .await?;
        Ok(Response::new(pb::SignBallotRecordResponse { ballot: self.done(&done).await? }))
    }

    async fn get_ballot(
        &self,
        request: Request<pb::GetBallotRequest>,
    ) -> Result<Response<pb::GetBallotResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let (ballot, version) = self.find(&id).await?;
        admission.require(&Scope::area(ballot.plan.area.clone()), None)?;
        let ballot = self.shown(&id.to_string(), &ballot, version).await?;
        Ok(Response::new(pb::GetBallotResponse { ballot }))
    }

    async fn get_ballot_notice(
        &self,
        request: Request<pb::GetBallotNoticeRequest>,
    ) -> Result<Response<pb::GetBallotNoticeResponse>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let (ballot, _) = self.find(&id).await?;
        let notice = reply::notice(&ballot).ok_or_else(|| missing(&id))?;
        Ok(Response::new(pb::GetBallotNoticeResponse { notice: Some(notice) }))
    }

    async fn list_ballots(
        &self,
        request: Request<pb::ListBallotsRequest>,
    ) -> Result<Response<pb::ListBallotsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, page) = parse::list(&request)?;
        let (topic, _) = topic::find(&self.writer, &id).await?;
        admission.require(&Scope::area(topic::community(&topic.area)), None)?;
        let found = store::list(self.writer.pool(), &id.to_string(), &page).await;
        let mut found = found.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |(id, ballot, _)| newest_key(ballot.prepared_at, id));
        let mut ballots = Vec::with_capacity(found.len());
        for (id, ballot, version) in &found {
            ballots.extend(self.shown(id, ballot, *version).await?);
        }
        Ok(Response::new(pb::ListBallotsResponse { ballots, next_page_token }))
    }

    async fn export_ballot(
        &self,
        request: Request<pb::ExportBallotRequest>,
    ) -> Result<Response<Pieces>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.ballot_id)?;
        let record = store::record(self.writer.pool(), &id.to_string()).await.map_err(Failure::from)?;
        let record = record.ok_or_else(|| Failure::NotFound(format!("record of ballot {id}")))?;
        let pieces: Vec<_> = record
            .as_bytes()
            .chunks(PIECE)
            .map(|piece| Ok(pb::ExportBallotResponse { piece: piece.to_vec() }))
            .collect();
        Ok(Response::new(Box::pin(futures::stream::iter(pieces))))
    }
}
