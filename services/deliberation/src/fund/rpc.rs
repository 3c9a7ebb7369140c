//! gRPC of funds: admit, parse, execute, reply.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, stream};
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::fund_service_server::FundService;
use gongzhi_proto::ids::FundId;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::casting::Casting;
use super::state::Opening;
use super::{Command, Fund, FundKind, Refusal, Stage, missing, parse, reply, slips, store};
use crate::pieces::pieces;
use crate::secrets::Secrets;
use crate::topic::{self, community};

/// The service of funds.
#[derive(Clone)]
pub(crate) struct Funds {
    pub(crate) writer: Writer,
    pub(crate) secrets: Secrets,
    /// Tells who computes outcomes that one is wanted.
    pub(crate) wake: Arc<Notify>,
}

type Pieces = Pin<Box<dyn Stream<Item = Result<pb::ExportFundResponse, Status>> + Send>>;

impl Funds {
    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Fund>, Failure> {
        let done = self.writer.execute::<FundKind>(admission, &Arc::default(), target, command).await?;
        self.shown(&done).await
    }

    /// A fund with how many slips were cast.
    async fn shown(&self, done: &DoneOf<FundKind>) -> Result<Option<pb::Fund>, Failure> {
        let cast = store::cast_so_far(self.writer.pool(), &[&done.id]).await?;
        let cast = cast.get(&done.id).copied().unwrap_or(0);
        Ok(Some(reply::fund(&done.id, &done.state, done.version, cast)))
    }

    async fn find(&self, id: &FundId) -> Result<(Fund, i64), Failure> {
        let found = self.writer.load::<FundKind>(&id.to_string()).await?;
        found.ok_or_else(|| missing(id))
    }

    fn casting(&self) -> Casting<'_> {
        Casting { writer: &self.writer, secrets: &self.secrets }
    }
}

#[tonic::async_trait]
impl FundService for Funds {
    type ExportFundStream = Pieces;

    async fn open_fund(
        &self,
        request: Request<pb::OpenFundRequest>,
    ) -> Result<Response<pb::OpenFundResponse>, Status> {
        let (admission, request) = admit(request)?;
        let asked = parse::open(&request, self.writer.clock().now())?;
        let (topic, _) = topic::find(&self.writer, &asked.topic).await?;
        let area = community(&topic.area);
        admission.require(&Scope::area(area.clone()), None)?;
        let topic::Stage::Scheduled { votable_from, .. } = topic.stage else {
            return Err(Failure::refused(&Refusal::NotScheduled).into());
        };
        let opening = Opening {
            topic: asked.topic,
            area,
            amount_fen: asked.amount_fen,
            rule: asked.rule,
            tie_source: asked.tie_source,
            votable_from,
            closes_at: asked.closes_at,
        };
        let id = self.writer.clock().new_id().to_string();
        let fund = self.execute(&admission, Target::Any(&id), Command::Open(Box::new(opening))).await?;
        Ok(Response::new(pb::OpenFundResponse { fund }))
    }

    async fn add_project(
        &self,
        request: Request<pb::AddProjectRequest>,
    ) -> Result<Response<pb::AddProjectResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, project) = parse::project(&request)?;
        let (fund, _) = self.find(&id).await?;
        // Whose fund it is comes before what else is wrong: who may not see it learns nothing of it.
        admission.require(&Scope::area(fund.opening.area.clone()), None)?;
        if !fund.opening.area.contains(&project.area) {
            let mut violations = Violations::new();
            violations.add("area_code", format!("must lie in the community {}", fund.opening.area));
            violations.finish()?;
        }
        let target = id.to_string();
        let fund = self.execute(&admission, Target::Existing(&target), Command::AddProject(project)).await?;
        Ok(Response::new(pb::AddProjectResponse { fund }))
    }

    async fn withdraw_project(
        &self,
        request: Request<pb::WithdrawProjectRequest>,
    ) -> Result<Response<pb::WithdrawProjectResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number, reason) = parse::withdraw(&request)?;
        let (target, command) = (id.to_string(), Command::WithdrawProject { number, reason });
        let fund = self.execute(&admission, Target::Existing(&target), command).await?;
        Ok(Response::new(pb::WithdrawProjectResponse { fund }))
    }

    async fn publish_fund(
        &self,
        request: Request<pb::PublishFundRequest>,
    ) -> Result<Response<pb::PublishFundResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, households) = parse::publish(&request)?;
        let done = self.casting().publish(&admission, &id, households).await?;
        Ok(Response::new(pb::PublishFundResponse { fund: self.shown(&done).await? }))
    }

    async fn print_fund_slips(
        &self,
        request: Request<pb::PrintFundSlipsRequest>,
    ) -> Result<Response<pb::PrintFundSlipsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        let (target, rules) = (id.to_string(), Arc::default());
        let print = Command::Print;
        let done =
            self.writer.execute::<FundKind>(&admission, &rules, Target::Existing(&target), print).await?;
        let codes = slips::codes(&self.secrets, &id, done.state.slips).into_iter().collect();
        Ok(Response::new(pb::PrintFundSlipsResponse { codes }))
    }

    async fn cast_approvals(
        &self,
        request: Request<pb::CastApprovalsRequest>,
    ) -> Result<Response<pb::CastApprovalsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        let (fund, _) = self.find(&id).await?;
        let (code, projects) = parse::cast(&request, &fund)?;
        let projects = self.casting().cast(&admission, &id, &fund, &code, projects).await?;
        Ok(Response::new(pb::CastApprovalsResponse {
            projects: projects.into_iter().map(reply::number).collect(),
        }))
    }

    async fn close_fund(
        &self,
        request: Request<pb::CloseFundRequest>,
    ) -> Result<Response<pb::CloseFundResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        let done = self.casting().close(&admission, &id).await?;
        self.wake.notify_one();
        Ok(Response::new(pb::CloseFundResponse { fund: self.shown(&done).await? }))
    }

    async fn settle_tie(
        &self,
        request: Request<pb::SettleTieRequest>,
    ) -> Result<Response<pb::SettleTieResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number) = parse::settle(&request)?;
        let target = id.to_string();
        let fund = self.execute(&admission, Target::Existing(&target), Command::Settle { number }).await?;
        self.wake.notify_one();
        Ok(Response::new(pb::SettleTieResponse { fund }))
    }

    async fn get_fund(
        &self,
        request: Request<pb::GetFundRequest>,
    ) -> Result<Response<pb::GetFundResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        let (state, version) = self.find(&id).await?;
        admission.require(&Scope::area(state.opening.area.clone()), None)?;
        let done = DoneOf::<FundKind> { id: id.to_string(), state, version, events: Vec::new() };
        Ok(Response::new(pb::GetFundResponse { fund: self.shown(&done).await? }))
    }

    async fn get_fund_notice(
        &self,
        request: Request<pb::GetFundNoticeRequest>,
    ) -> Result<Response<pb::GetFundNoticeResponse>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        let (fund, _) = self.find(&id).await?;
        let notice = reply::notice(&fund).ok_or_else(|| missing(&id))?;
        Ok(Response::new(pb::GetFundNoticeResponse { notice: Some(notice) }))
    }

    async fn get_my_share(
        &self,
        request: Request<pb::GetMyShareRequest>,
    ) -> Result<Response<pb::GetMyShareResponse>, Status> {
        let (_, request) = admit(request)?;
        let (id, code) = parse::share(&request)?;
        let (fund, _) = self.find(&id).await?;
        let Stage::Decided(decision) = fund.stage else {
            return Err(Failure::refused(&Refusal::NotDecided).into());
        };
        let (ballot, share) = self.casting().share(&id, &code).await?;
        let payment =
            |(number, yuan): (u32, String)| pb::SharePayment { number: reply::number(number), yuan };
        Ok(Response::new(pb::GetMyShareResponse {
            ballot,
            share_yuan: decision.share_yuan.clone().unwrap_or_default(),
            payments: share.into_iter().map(payment).collect(),
        }))
    }

    async fn list_funds(
        &self,
        request: Request<pb::ListFundsRequest>,
    ) -> Result<Response<pb::ListFundsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (topic_id, page) = parse::list(&request)?;
        let (topic, _) = topic::find(&self.writer, &topic_id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let pool = self.writer.pool();
        let mut funds = store::list(pool, &topic_id, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut funds, |(id, fund, _)| newest_key(fund.opened_at, id));
        let ids: Vec<_> = funds.iter().map(|(id, ..)| id.as_str()).collect();
        let cast = store::cast_so_far(pool, &ids).await.map_err(Failure::from)?;
        let cast = |id: &str| cast.get(id).copied().unwrap_or(0);
        let funds = funds.iter().map(|(id, fund, version)| reply::fund(id, fund, *version, cast(id)));
        Ok(Response::new(pb::ListFundsResponse { funds: funds.collect(), next_page_token }))
    }

    async fn export_fund(
        &self,
        request: Request<pb::ExportFundRequest>,
    ) -> Result<Response<Self::ExportFundStream>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.fund_id)?;
        self.find(&id).await?;
        let record =
            store::public_record(self.writer.pool(), &id.to_string()).await.map_err(Failure::from)?;
        let record = record.ok_or_else(|| Failure::refused(&Refusal::NotDecided))?;
        let answers = pieces(record).map(|piece| Ok(pb::ExportFundResponse { piece }));
        Ok(Response::new(Box::pin(stream::iter(answers))))
    }
}
