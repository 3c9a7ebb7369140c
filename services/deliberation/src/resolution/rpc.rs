//! gRPC of resolutions: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::resolution_service_server::ResolutionService;
use gongzhi_proto::ids::{ResolutionId, TopicId};
use tonic::{Request, Response, Status};

use super::machine::{Adoption, Basis};
use super::{Command, Refusal, Resolution, ResolutionKind, parse, reply, store};
use crate::rules::day_of;
use crate::topic::{self, TopicKind};
use crate::{ballot, meeting, procedure};

/// Tries against others who change the same topic at the same moment.
const TRIES: usize = 4;

/// The service of resolutions.
#[derive(Clone)]
pub(crate) struct Resolutions {
    pub(crate) writer: Writer,
}

impl Resolutions {
    fn shown(&self, id: &str, resolution: &Resolution, version: i64) -> Option<pb::Resolution> {
        Some(reply::resolution(id, resolution, version, day_of(self.writer.clock().now())))
    }

    fn done(&self, done: &DoneOf<ResolutionKind>) -> Option<pb::Resolution> {
        self.shown(&done.id, &done.state, done.version)
    }

    async fn find(&self, id: &ResolutionId) -> Result<(Resolution, i64), Failure> {
        let found = self.writer.load::<ResolutionKind>(&id.to_string()).await?;
        found.ok_or_else(|| Failure::NotFound(format!("resolution {id}")))
    }

    /// Fails unless that on which a resolution is to rest has adopted its topic. Where the community was asked by a ballot, its answer counts and nothing else.
    async fn require_decided(&self, topic: &TopicId, basis: &Basis) -> Result<(), Failure> {
        if !matches!(basis, Basis::Ballot(_)) && ballot::was_published_on(&self.writer, topic).await? {
            return Err(Failure::refused(&Refusal::BallotDecides));
        }
        let adopted = match basis {
            Basis::Ballot(id) => ballot::adopted(&self.writer, id).await?,
            Basis::Procedure(id) => {
                let outcome = procedure::outcome(&self.writer, id).await?;
                outcome.filter(|(_, resolved)| *resolved).map(|(topic, _)| topic)
            }
            Basis::Motion { meeting, number } => meeting::carried(&self.writer, meeting, *number).await?,
        };
        if adopted == Some(*topic) { Ok(()) } else { Err(Failure::refused(&Refusal::NotDecided)) }
    }

    /// Adopts a resolution and ends its topic, in one commit.
    async fn adopt(
        &self,
        admission: &Admission,
        asked: parse::Asked,
    ) -> Result<DoneOf<ResolutionKind>, Failure> {
        let (topic, _) = topic::find(&self.writer, &asked.topic).await?;
        admission.require(&Scope::area(topic::community(&topic.area)), None)?;
        self.require_decided(&asked.topic, &asked.basis).await?;
        let parse::Asked { topic: topic_id, text, basis, goals } = asked;
        let area = topic::community(&topic.area);
        let adopt = Command::Adopt(Box::new(Adoption { topic: topic_id, area, text, basis, goals }));
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let id = ResolutionId(unit.new_id());
            let resolve = topic::Command::Resolve { resolution: id };
            unit.execute::<TopicKind>(&(), Target::Existing(&topic_id.to_string()), &resolve).await?;
            let done = unit.execute::<ResolutionKind>(&(), Target::Any(&id.to_string()), &adopt).await?;
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }
}

#[tonic::async_trait]
impl ResolutionService for Resolutions {
    async fn adopt_resolution(
        &self,
        request: Request<pb::AdoptResolutionRequest>,
    ) -> Result<Response<pb::AdoptResolutionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let clock = self.writer.clock();
        let asked = parse::adopt(&request, day_of(clock.now()), || clock.new_id())?;
        let done = self.adopt(&admission, asked).await?;
        Ok(Response::new(pb::AdoptResolutionResponse { resolution: self.done(&done) }))
    }

    async fn report_goal(
        &self,
        request: Request<pb::ReportGoalRequest>,
    ) -> Result<Response<pb::ReportGoalResponse>, Status> {
        let (admission, request) = admit(request)?;
        let parse::Report { resolution: id, goal, status, report } = parse::report(&request)?;
        let (resolution, _) = self.find(&id).await?;
        let today = day_of(self.writer.clock().now());
        let late = resolution.goal(&goal).is_some_and(|goal| today > goal.promise.due_on);
        let command = Command::Report { goal, status, report, late };
        let target = id.to_string();
        let done = self
            .writer
            .execute::<ResolutionKind>(&admission, &Arc::default(), Target::Existing(&target), command)
            .await?;
        Ok(Response::new(pb::ReportGoalResponse { resolution: self.done(&done) }))
    }

    async fn get_resolution(
        &self,
        request: Request<pb::GetResolutionRequest>,
    ) -> Result<Response<pb::GetResolutionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.resolution_id)?;
        let (resolution, version) = self.find(&id).await?;
        admission.require(&Scope::area(resolution.area.clone()), None)?;
        let resolution = self.shown(&id.to_string(), &resolution, version);
        Ok(Response::new(pb::GetResolutionResponse { resolution }))
    }

    async fn list_resolutions(
        &self,
        request: Request<pb::ListResolutionsRequest>,
    ) -> Result<Response<pb::ListResolutionsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, page) = parse::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut found = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token =
            page.cut(&mut found, |(id, resolution, _)| newest_key(resolution.adopted_at, id));
        let resolutions = found
            .iter()
            .filter_map(|(id, resolution, version)| self.shown(id, resolution, *version))
            .collect();
        Ok(Response::new(pb::ListResolutionsResponse { resolutions, next_page_token }))
    }
}
