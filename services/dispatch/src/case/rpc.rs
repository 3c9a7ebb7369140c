//! gRPC of cases: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_server::CaseService;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode};
use gongzhi_proto::time::to_wire;
use tonic::{Request, Response, Status};

use super::aggregate::authority;
use super::{CaseFile, Command, CommandKind, Refusal, erase, filing, machine, parse, reply, store, suspend};
use crate::category::Category;
use crate::contact::{self, MasterKeys};
use crate::rules::Rules;
use crate::timeline;

/// The service of cases.
#[derive(Clone)]
pub(crate) struct Cases {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) masters: MasterKeys,
}

impl Cases {
    async fn execute(
        &self,
        admission: &Admission,
        (id, command): (CaseId, Command),
    ) -> Result<Option<pb::Case>, Status> {
        let done = self
            .writer
            .execute::<CaseFile>(admission, &self.rules, Target::Existing(&id.to_string()), command)
            .await?;
        Ok(shown(&done))
    }

    /// Reads a case that the caller may see.
    async fn visible(&self, admission: &Admission, id: &CaseId) -> Result<(super::Case, i64), Failure> {
        let found = self.writer.load::<CaseFile>(&id.to_string()).await?;
        let (case, version) = found.ok_or_else(|| Failure::NotFound(format!("case {id}")))?;
        admission.require(&Scope::area(case.registration.place.area.clone()), None)?;
        Ok((case, version))
    }
}

fn shown(done: &DoneOf<CaseFile>) -> Option<pb::Case> {
    Some(reply::case(&done.id, &done.state, done.version))
}

fn case_id(given: &str) -> Result<CaseId, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("case_id", given, CaseId::parse);
    violations.open(id)
}

/// Path of the rpc by which a command is asked for.
fn path(kind: CommandKind) -> Option<(&'static str, String)> {
    let rpc = kind.rpc()?;
    let service = if kind == CommandKind::Whistle { "WhistleService" } else { "CaseService" };
    Some((rpc, format!("/gongzhi.dispatch.v1.{service}/{rpc}")))
}

fn category(category: &Category) -> pb::Category {
    pb::Category {
        category_code: category.code.to_string(),
        title_zh: category.title_zh.clone(),
        title_en: category.title_en.clone(),
        answer_working_hours: category.answer_working_hours() as i32,
        department_codes: category.departments.iter().map(ToString::to_string).collect(),
    }
}

#[tonic::async_trait]
impl CaseService for Cases {
    async fn register_case(
        &self,
        request: Request<pb::RegisterCaseRequest>,
    ) -> Result<Response<pb::RegisterCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let report = parse::report(&request)?;
        let filed = filing::file(&self.writer, &self.rules, &self.masters, &admission, report).await?;
        Ok(Response::new(pb::RegisterCaseResponse {
            case: shown(&filed.done),
            joined: filed.joined,
            reporter: filed.reporter as i32,
        }))
    }

    async fn accept_case(
        &self,
        request: Request<pb::AcceptCaseRequest>,
    ) -> Result<Response<pb::AcceptCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let case = self.execute(&admission, parse::bare(&request.case_id, Command::Accept)?).await?;
        Ok(Response::new(pb::AcceptCaseResponse { case }))
    }

    async fn convene_consultation(
        &self,
        request: Request<pb::ConveneConsultationRequest>,
    ) -> Result<Response<pb::ConveneConsultationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let case =
            self.execute(&admission, parse::bare(&request.case_id, Command::ConveneConsultation)?).await?;
        Ok(Response::new(pb::ConveneConsultationResponse { case }))
    }

    async fn conclude_consultation(
        &self,
        request: Request<pb::ConcludeConsultationRequest>,
    ) -> Result<Response<pb::ConcludeConsultationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let case = self.execute(&admission, parse::conclude(&request)?).await?;
        Ok(Response::new(pb::ConcludeConsultationResponse { case }))
    }

    async fn climb_case(
        &self,
        request: Request<pb::ClimbCaseRequest>,
    ) -> Result<Response<pb::ClimbCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::with_text(&request.case_id, "reason", &request.reason, 500, |reason| {
            Command::Climb { reason }
        })?;
        Ok(Response::new(pb::ClimbCaseResponse { case: self.execute(&admission, command).await? }))
    }

    async fn settle_case(
        &self,
        request: Request<pb::SettleCaseRequest>,
    ) -> Result<Response<pb::SettleCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::with_text(&request.case_id, "summary", &request.summary, 1000, |summary| {
            Command::Settle { summary }
        })?;
        Ok(Response::new(pb::SettleCaseResponse { case: self.execute(&admission, command).await? }))
    }

    async fn verify_case(
        &self,
        request: Request<pb::VerifyCaseRequest>,
    ) -> Result<Response<pb::VerifyCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let case = self.execute(&admission, parse::verify(&request)?).await?;
        Ok(Response::new(pb::VerifyCaseResponse { case }))
    }

    async fn void_case(
        &self,
        request: Request<pb::VoidCaseRequest>,
    ) -> Result<Response<pb::VoidCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::with_text(&request.case_id, "reason", &request.reason, 500, |reason| {
            Command::Void { reason }
        })?;
        Ok(Response::new(pb::VoidCaseResponse { case: self.execute(&admission, command).await? }))
    }

    async fn request_suspension(
        &self,
        request: Request<pb::RequestSuspensionRequest>,
    ) -> Result<Response<pb::RequestSuspensionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::with_text(&request.case_id, "reason", &request.reason, 500, |reason| {
            Command::RequestSuspension { reason }
        })?;
        Ok(Response::new(pb::RequestSuspensionResponse { case: self.execute(&admission, command).await? }))
    }

    async fn approve_suspension(
        &self,
        request: Request<pb::ApproveSuspensionRequest>,
    ) -> Result<Response<pb::ApproveSuspensionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = parse::approve(&request)?;
        let done = suspend::approve(&self.writer, &self.rules, &admission, &id, command).await?;
        Ok(Response::new(pb::ApproveSuspensionResponse { case: shown(&done) }))
    }

    async fn refuse_suspension(
        &self,
        request: Request<pb::RefuseSuspensionRequest>,
    ) -> Result<Response<pb::RefuseSuspensionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command = parse::with_text(&request.case_id, "reason", &request.reason, 500, |reason| {
            Command::RefuseSuspension { reason }
        })?;
        Ok(Response::new(pb::RefuseSuspensionResponse { case: self.execute(&admission, command).await? }))
    }

    async fn get_case(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::GetCaseResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = case_id(&request.case_id)?;
        let (case, version) = self.visible(&admission, &id).await?;
        let may = |kind: CommandKind| {
            let (rpc, path) = path(kind)?;
            let allowed = admission.may_call(&path, &authority(&case, kind), None);
            allowed.then(|| pb::Action { rpc: rpc.into(), department_code: String::new() })
        };
        let actions = machine::allowed(&case).into_iter().filter_map(may).collect();
        Ok(Response::new(pb::GetCaseResponse {
            case: Some(reply::case(&id.to_string(), &case, version)),
            actions,
        }))
    }

    async fn list_cases(
        &self,
        request: Request<pb::ListCasesRequest>,
    ) -> Result<Response<pb::ListCasesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let area = violations.id("area_code", &request.area_code, AreaCode::parse);
        let phases = (0..)
            .zip(&request.phases)
            .filter_map(|(nth, phase)| violations.choice::<pb::CasePhase>(&format!("phases[{nth}]"), *phase))
            .map(reply::phase_name)
            .collect();
        let category = if request.category_code.is_empty() {
            None
        } else {
            violations.id("category_code", &request.category_code, CategoryCode::parse)
        };
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let area = violations.open(area)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let filter = store::Filter { area: &area, phases, category, overdue_only: request.overdue_only };
        let mut found = store::list(self.writer.pool(), &filter, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, store::Listed::key);
        let cases =
            found.iter().map(|listed| reply::case(&listed.case_id, &listed.case, listed.version)).collect();
        Ok(Response::new(pb::ListCasesResponse { cases, next_page_token }))
    }

    async fn get_timeline(
        &self,
        request: Request<pb::GetTimelineRequest>,
    ) -> Result<Response<pb::GetTimelineResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("case_id", &request.case_id, CaseId::parse);
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 200, 500);
        let id = violations.open(id)?;
        self.visible(&admission, &id).await?;
        let (entries, next_page_token) =
            timeline::of_case(self.writer.pool(), &id.to_string(), &page).await?;
        Ok(Response::new(pb::GetTimelineResponse { entries, next_page_token }))
    }

    async fn read_contact(
        &self,
        request: Request<pb::ReadContactRequest>,
    ) -> Result<Response<pb::ReadContactResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("case_id", &request.case_id, CaseId::parse);
        if request.reporter < 1 {
            violations.add("reporter", "must be 1 or more");
        }
        let purpose = violations.text("purpose", &request.purpose, 2, 200);
        let id = violations.open(id)?;
        let (case, _) = self.visible(&admission, &id).await?;
        if request.reporter as u32 > case.reporters {
            return Err(Failure::NotFound(format!("reporter {} of case {id}", request.reporter)).into());
        }
        if case.erased.contains(&(request.reporter as u32)) {
            return Err(Failure::refused(&Refusal::ContactErased(request.reporter as u32)).into());
        }
        let contact = contact::read(
            &self.writer,
            &self.masters,
            &admission,
            &id.to_string(),
            request.reporter,
            &purpose,
        )
        .await?;
        Ok(Response::new(pb::ReadContactResponse { contact }))
    }

    async fn erase_contact(
        &self,
        request: Request<pb::EraseContactRequest>,
    ) -> Result<Response<pb::EraseContactResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = parse::erase(&request)?;
        let done = erase::erase(&self.writer, &self.rules, &admission, &id, command).await?;
        Ok(Response::new(pb::EraseContactResponse { case: shown(&done) }))
    }

    async fn list_contact_readings(
        &self,
        request: Request<pb::ListContactReadingsRequest>,
    ) -> Result<Response<pb::ListContactReadingsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("case_id", &request.case_id, CaseId::parse);
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let id = violations.open(id)?;
        self.visible(&admission, &id).await?;
        let mut readings = contact::store::readings(self.writer.pool(), &id.to_string(), &page)
            .await
            .map_err(Failure::from)?;
        let next_page_token = page.cut(&mut readings, |reading| reading.id.to_string());
        let shown = |reading: contact::store::Reading| pb::ContactReading {
            at: Some(to_wire(reading.at)),
            staff_id: reading.staff_id,
            reporter: reading.reporter,
            purpose: reading.purpose,
        };
        Ok(Response::new(pb::ListContactReadingsResponse {
            readings: readings.into_iter().map(shown).collect(),
            next_page_token,
        }))
    }

    async fn list_categories(
        &self,
        request: Request<pb::ListCategoriesRequest>,
    ) -> Result<Response<pb::ListCategoriesResponse>, Status> {
        admit(request)?;
        Ok(Response::new(pb::ListCategoriesResponse {
            categories: self.rules.categories.iter().map(category).collect(),
        }))
    }

    async fn propose_filing(
        &self,
        request: Request<pb::ProposeFilingRequest>,
    ) -> Result<Response<pb::ProposeFilingResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let description = violations.text("description", &request.description, 2, 2000);
        let place = parse::place(&mut violations, request.place.as_ref());
        let place = violations.open(place)?;
        admission.require(&Scope::area(place.area.clone()), None)?;
        let proposed = self.rules.categories.propose(&description);
        let codes: Vec<_> = proposed.iter().map(|category| category.code.as_str()).collect();
        let similar = store::similar(self.writer.pool(), &codes, &place).await.map_err(Failure::from)?;
        let similar_cases =
            similar.iter().map(|listed| reply::case(&listed.case_id, &listed.case, listed.version)).collect();
        Ok(Response::new(pb::ProposeFilingResponse {
            categories: proposed.into_iter().map(category).collect(),
            similar_cases,
        }))
    }
}
