//! gRPC of procedures: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::procedure_service_server::ProcedureService;
use gongzhi_proto::ids::{ProcedureId, TopicId};
use tonic::{Request, Response, Status};

use super::law::Book;
use super::state::{Body, Opening};
use super::{Command, ProcedureKind, find, parse, reply, store};
use crate::topic::{self, Stage, TopicKind, community};

/// Tries against others who change the same topic at the same moment.
const TRIES: usize = 4;

/// The service of procedures.
#[derive(Clone)]
pub(crate) struct Procedures {
    pub(crate) writer: Writer,
    pub(crate) law: Arc<Book>,
}

impl Procedures {
    /// Carries out what is asked of a procedure that was opened.
    async fn follow(
        &self,
        admission: &Admission,
        (id, command): (ProcedureId, Command),
    ) -> Result<Option<pb::Procedure>, Failure> {
        let target = id.to_string();
        let target = Target::Existing(&target);
        let done = self.writer.execute::<ProcedureKind>(admission, &Arc::default(), target, command).await?;
        Ok(shown(&done))
    }

    /// Opens a procedure while its topic is held fast, so that of two who open one at once the second sees the first.
    async fn open(
        &self,
        admission: &Admission,
        (topic_id, body): (TopicId, Body),
    ) -> Result<DoneOf<ProcedureKind>, Failure> {
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            unit.load_all::<TopicKind>(&[topic_id.to_string()].into()).await?;
            let (topic, _) = topic::find(&self.writer, &topic_id).await?;
            let area = community(&topic.area);
            // Whose topic it is comes before what else is wrong: who may not see it learns nothing of it.
            admission.require(&Scope::area(area.clone()), None)?;
            let scheduled = matches!(topic.stage, Stage::Scheduled { .. });
            let under_way = store::is_under_way(unit.connection().await?, topic_id).await?;
            let law = self.law.at(body, unit.at());
            let opening = Box::new(Opening { topic: topic_id, area, body, law });
            let id = unit.new_id().to_string();
            let command = Command::Open { opening, scheduled, under_way };
            let done = unit.execute::<ProcedureKind>(&(), Target::Any(&id), &command).await?;
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }
}

fn shown(done: &DoneOf<ProcedureKind>) -> Option<pb::Procedure> {
    Some(reply::procedure(&done.id, &done.state, done.version))
}

#[tonic::async_trait]
impl ProcedureService for Procedures {
    async fn open_procedure(
        &self,
        request: Request<pb::OpenProcedureRequest>,
    ) -> Result<Response<pb::OpenProcedureResponse>, Status> {
        let (admission, request) = admit(request)?;
        let done = self.open(&admission, parse::open(&request)?).await?;
        Ok(Response::new(pb::OpenProcedureResponse { procedure: shown(&done) }))
    }

    async fn record_procedure_step(
        &self,
        request: Request<pb::RecordProcedureStepRequest>,
    ) -> Result<Response<pb::RecordProcedureStepResponse>, Status> {
        let (admission, request) = admit(request)?;
        let procedure = self.follow(&admission, parse::record(&request)?).await?;
        Ok(Response::new(pb::RecordProcedureStepResponse { procedure }))
    }

    async fn disclose_decision(
        &self,
        request: Request<pb::DiscloseDecisionRequest>,
    ) -> Result<Response<pb::DiscloseDecisionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let procedure = self.follow(&admission, parse::disclose_decision(&request)?).await?;
        Ok(Response::new(pb::DiscloseDecisionResponse { procedure }))
    }

    async fn disclose_result(
        &self,
        request: Request<pb::DiscloseResultRequest>,
    ) -> Result<Response<pb::DiscloseResultResponse>, Status> {
        let (admission, request) = admit(request)?;
        let procedure = self.follow(&admission, parse::disclose_result(&request)?).await?;
        Ok(Response::new(pb::DiscloseResultResponse { procedure }))
    }

    async fn get_procedure(
        &self,
        request: Request<pb::GetProcedureRequest>,
    ) -> Result<Response<pb::GetProcedureResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.procedure_id)?;
        let (procedure, version) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(procedure.opening.area.clone()), None)?;
        let procedure = Some(reply::procedure(&id.to_string(), &procedure, version));
        Ok(Response::new(pb::GetProcedureResponse { procedure }))
    }

    async fn list_procedures(
        &self,
        request: Request<pb::ListProceduresRequest>,
    ) -> Result<Response<pb::ListProceduresResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, page) = parse::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut found = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |(id, procedure, _)| newest_key(procedure.opened_at, id));
        let procedures =
            found.iter().map(|(id, procedure, version)| reply::procedure(id, procedure, *version));
        Ok(Response::new(pb::ListProceduresResponse { procedures: procedures.collect(), next_page_token }))
    }
}
