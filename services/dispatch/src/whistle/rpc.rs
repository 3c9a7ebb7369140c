//! gRPC of whistles: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::whistle_service_server::WhistleService;
use gongzhi_proto::ids::{AreaCode, DepartmentCode, WhistleId};
use tonic::{Request, Response, Status};

use super::{Command, Sheet, actions, joint, parse, reply, store};
use crate::case;
use crate::rules::Rules;

/// The service of whistles.
#[derive(Clone)]
pub(crate) struct Whistles {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
}

impl Whistles {
    async fn execute(
        &self,
        admission: &Admission,
        (id, command): (WhistleId, Command),
    ) -> Result<Option<pb::Whistle>, Status> {
        let done = self
            .writer
            .execute::<Sheet>(admission, &self.rules, Target::Existing(&id.to_string()), command)
            .await?;
        Ok(Some(reply::whistle(&done.id, &done.state, done.version)))
    }
}

#[tonic::async_trait]
impl WhistleService for Whistles {
    async fn sound_whistle(
        &self,
        request: Request<pb::SoundWhistleRequest>,
    ) -> Result<Response<pb::SoundWhistleResponse>, Status> {
        let (admission, request) = admit(request)?;
        let call = parse::call(&request)?;
        let done = joint::sound(&self.writer, &self.rules, &admission, &call).await?.whistle;
        Ok(Response::new(pb::SoundWhistleResponse {
            whistle: Some(reply::whistle(&done.id, &done.state, done.version)),
        }))
    }

    async fn sign_for(
        &self,
        request: Request<pb::SignForRequest>,
    ) -> Result<Response<pb::SignForResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::of_department(&request.whistle_id, &request.department_code, |department| {
            Command::SignFor { department }
        })?;
        Ok(Response::new(pb::SignForResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn make_contact(
        &self,
        request: Request<pb::MakeContactRequest>,
    ) -> Result<Response<pb::MakeContactResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::of_department(&request.whistle_id, &request.department_code, |department| {
            Command::MakeContact { department }
        })?;
        Ok(Response::new(pb::MakeContactResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn report_in(
        &self,
        request: Request<pb::ReportInRequest>,
    ) -> Result<Response<pb::ReportInResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::of_department(&request.whistle_id, &request.department_code, |department| {
            Command::ReportIn { department }
        })?;
        Ok(Response::new(pb::ReportInResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn finish_summons(
        &self,
        request: Request<pb::FinishSummonsRequest>,
    ) -> Result<Response<pb::FinishSummonsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (who, what) = (
            (request.whistle_id.as_str(), request.department_code.as_str()),
            ("summary", request.summary.as_str()),
        );
        let command = parse::of_department_with_text(who, what, (2, 1000), |department, summary| {
            Command::Finish { department, summary }
        })?;
        Ok(Response::new(pb::FinishSummonsResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn refuse_summons(
        &self,
        request: Request<pb::RefuseSummonsRequest>,
    ) -> Result<Response<pb::RefuseSummonsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (who, what) = (
            (request.whistle_id.as_str(), request.department_code.as_str()),
            ("reason", request.reason.as_str()),
        );
        let command = parse::of_department_with_text(who, what, (10, 1000), |department, reason| {
            Command::Refuse { department, reason }
        })?;
        Ok(Response::new(pb::RefuseSummonsResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn decide_refusal(
        &self,
        request: Request<pb::DecideRefusalRequest>,
    ) -> Result<Response<pb::DecideRefusalResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = parse::decide(&request)?;
        let done = joint::decide(&self.writer, &self.rules, &admission, &id, &command).await?;
        Ok(Response::new(pb::DecideRefusalResponse {
            whistle: Some(reply::whistle(&done.id, &done.state, done.version)),
        }))
    }

    async fn agree_task(
        &self,
        request: Request<pb::AgreeTaskRequest>,
    ) -> Result<Response<pb::AgreeTaskResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (who, what) = (
            (request.whistle_id.as_str(), request.department_code.as_str()),
            ("task", request.task.as_str()),
        );
        let command = parse::of_department_with_text(who, what, (2, 500), |department, task| {
            Command::AgreeTask { department, task }
        })?;
        Ok(Response::new(pb::AgreeTaskResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn hand_in_evidence(
        &self,
        request: Request<pb::HandInEvidenceRequest>,
    ) -> Result<Response<pb::HandInEvidenceResponse>, Status> {
        let (admission, request) = admit(request)?;
        Ok(Response::new(pb::HandInEvidenceResponse {
            whistle: self.execute(&admission, parse::evidence(&request)?).await?,
        }))
    }

    async fn order_rework(
        &self,
        request: Request<pb::OrderReworkRequest>,
    ) -> Result<Response<pb::OrderReworkResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (who, what) = (
            (request.whistle_id.as_str(), request.department_code.as_str()),
            ("reason", request.reason.as_str()),
        );
        let command = parse::of_department_with_text(who, what, (2, 500), |department, reason| {
            Command::OrderRework { department, reason }
        })?;
        Ok(Response::new(pb::OrderReworkResponse { whistle: self.execute(&admission, command).await? }))
    }

    async fn accept_result(
        &self,
        request: Request<pb::AcceptResultRequest>,
    ) -> Result<Response<pb::AcceptResultResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, summary) = parse::with_text(&request.whistle_id, "summary", &request.summary, 1000)?;
        let done = joint::accept(&self.writer, &self.rules, &admission, &id, &summary).await?;
        let case = Some(case::reply::case(&done.case.id, &done.case.state, done.case.version));
        let whistle = Some(reply::whistle(&done.whistle.id, &done.whistle.state, done.whistle.version));
        Ok(Response::new(pb::AcceptResultResponse { whistle, case }))
    }

    async fn withdraw_whistle(
        &self,
        request: Request<pb::WithdrawWhistleRequest>,
    ) -> Result<Response<pb::WithdrawWhistleResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_text(&request.whistle_id, "reason", &request.reason, 500)?;
        let done = joint::withdraw(&self.writer, &self.rules, &admission, &id, &reason).await?.whistle;
        Ok(Response::new(pb::WithdrawWhistleResponse {
            whistle: Some(reply::whistle(&done.id, &done.state, done.version)),
        }))
    }

    async fn get_whistle(
        &self,
        request: Request<pb::GetWhistleRequest>,
    ) -> Result<Response<pb::GetWhistleResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("whistle_id", &request.whistle_id, WhistleId::parse);
        let id = violations.open(id)?.to_string();
        let found = self.writer.load::<Sheet>(&id).await?;
        let (whistle, version) = found.ok_or_else(|| Failure::NotFound(format!("whistle {id}")))?;
        admission.require(&Sheet::scope(&whistle), None)?;
        let actions = actions::of(&admission, &whistle);
        Ok(Response::new(pb::GetWhistleResponse {
            whistle: Some(reply::whistle(&id, &whistle, version)),
            actions,
        }))
    }

    async fn list_whistles(
        &self,
        request: Request<pb::ListWhistlesRequest>,
    ) -> Result<Response<pb::ListWhistlesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let area = violations.id("area_code", &request.area_code, AreaCode::parse);
        let department = match request.department_code.as_str() {
            "" => None,
            code => violations.id("department_code", code, DepartmentCode::parse),
        };
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let area = violations.open(area)?;
        // A liaison sees the whistles that call the own department, and must say so.
        let units = department.iter().map(ToString::to_string).collect();
        admission.require(&Scope { area: area.clone(), units }, None)?;
        let filter = store::Filter {
            area: &area,
            department,
            open_only: request.open_only,
            refused_only: request.refused_only,
        };
        let mut found = store::list(self.writer.pool(), &filter, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, store::Listed::key);
        let whistles = found
            .iter()
            .map(|listed| reply::whistle(&listed.whistle_id, &listed.whistle, listed.version))
            .collect();
        Ok(Response::new(pb::ListWhistlesResponse { whistles, next_page_token }))
    }
}
