//! gRPC of pools: admit, parse, execute, reply.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, stream};
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::pool_service_server::PoolService;
use gongzhi_proto::ids::PoolId;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::draw::{Drawing, Wanted};
use super::{Command, Pool, PoolKind, Refusal, parse, record, reply, store};
use crate::pieces::pieces;
use crate::rules::{Policy, Rules};
use crate::secrets::{Secrets, hex};
use crate::topic::{self, community};

/// The service of pools.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) secrets: Secrets,
    /// Tells who computes lotteries that one is wanted.
    pub(crate) wake: Arc<Notify>,
}

type Pieces = Pin<Box<dyn Stream<Item = Result<pb::ExportDrawResponse, Status>> + Send>>;

fn shown(done: &DoneOf<PoolKind>) -> Option<pb::Pool> {
    Some(reply::pool(&done.id, &done.state, done.version))
}

impl Pools {
    async fn find(&self, id: &PoolId) -> Result<(Pool, i64), Failure> {
        let found = self.writer.load::<PoolKind>(&id.to_string()).await?;
        found.ok_or_else(|| Failure::NotFound(format!("pool {id}")))
    }

    /// The digest of a household: another one in every pool, so that nobody can follow a household from one to the next.
    fn household(&self, id: &PoolId, household: &str) -> String {
        hex(&self.secrets.digest("pool.household", &[&id.to_string(), household])[..16])
    }

    fn drawing(&self) -> Drawing<'_> {
        Drawing { writer: &self.writer }
    }
}

#[tonic::async_trait]
impl PoolService for Pools {
    type ExportDrawStream = Pieces;

    async fn open_pool(
        &self,
        request: Request<pb::OpenPoolRequest>,
    ) -> Result<Response<pb::OpenPoolResponse>, Status> {
        let (admission, request) = admit(request)?;
        let now = self.writer.clock().now();
        let asked = parse::open(&request, now)?;
        let (topic, _) = topic::find(&self.writer, &asked.topic).await?;
        let area = community(&topic.area);
        admission.require(&Scope::area(area.clone()), None)?;
        if !matches!(topic.stage, topic::Stage::Open | topic::Stage::Scheduled { .. }) {
            return Err(Failure::refused(&Refusal::TopicEnded).into());
        }
        let opening = super::state::Opening {
            topic: asked.topic,
            area,
            seats: asked.seats,
            categories: asked.categories,
            household_rule: asked.household_rule,
            draw_source: asked.draw_source,
            closes_at: asked.closes_at,
            keep_days: self.rules.at(Policy::PoolKeepDays, now),
            wait_days: self.rules.at(Policy::PoolWaitDays, now),
        };
        let id = self.writer.clock().new_id().to_string();
        let command = Command::Open(Box::new(opening));
        let done =
            self.writer.execute::<PoolKind>(&admission, &Arc::default(), Target::Any(&id), command).await?;
        Ok(Response::new(pb::OpenPoolResponse { pool: shown(&done) }))
    }

    async fn volunteer(
        &self,
        request: Request<pb::VolunteerRequest>,
    ) -> Result<Response<pb::VolunteerResponse>, Status> {
        let (admission, request) = admit(request)?;
        // Households and features are few: what is deleted later must not be found again in the digests of requests.
        let admission = admission.keyed(|digest| self.secrets.request(digest));
        let id = parse::id(&request.pool_id)?;
        let (pool, _) = self.find(&id).await?;
        // Whose pool it is comes before what else is wrong: who may not see it learns nothing of it.
        admission.require(&Scope::area(pool.opening.area.clone()), None)?;
        let (household, features) = parse::volunteer(&request, &pool)?;
        let household = household.map(|household| self.household(&id, &household));
        let number =
            self.drawing().enrol(&admission, &id, pool.opening.household_rule, household, features).await?;
        Ok(Response::new(pb::VolunteerResponse { number: reply::number(number) }))
    }

    async fn withdraw_volunteer(
        &self,
        request: Request<pb::WithdrawVolunteerRequest>,
    ) -> Result<Response<pb::WithdrawVolunteerResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number) = parse::withdraw(&request)?;
        let done = self.drawing().withdraw(&admission, &id, number).await?;
        Ok(Response::new(pb::WithdrawVolunteerResponse { pool: shown(&done) }))
    }

    async fn close_pool(
        &self,
        request: Request<pb::ClosePoolRequest>,
    ) -> Result<Response<pb::ClosePoolResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.pool_id)?.to_string();
        let done = self
            .writer
            .execute::<PoolKind>(&admission, &Arc::default(), Target::Existing(&id), Command::Close)
            .await?;
        Ok(Response::new(pb::ClosePoolResponse { pool: shown(&done) }))
    }

    async fn publish_lottery(
        &self,
        request: Request<pb::PublishLotteryRequest>,
    ) -> Result<Response<pb::PublishLotteryResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.pool_id)?.to_string();
        let command = Command::PublishLottery;
        let done = self
            .writer
            .execute::<PoolKind>(&admission, &Arc::default(), Target::Existing(&id), command)
            .await?;
        self.wake.notify_one();
        Ok(Response::new(pb::PublishLotteryResponse { pool: shown(&done) }))
    }

    async fn change_quotas(
        &self,
        request: Request<pb::ChangeQuotasRequest>,
    ) -> Result<Response<pb::ChangeQuotasResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.pool_id)?;
        let (pool, _) = self.find(&id).await?;
        admission.require(&Scope::area(pool.opening.area.clone()), None)?;
        let (categories, reason) = parse::quotas(&request, pool.opening.seats)?;
        let command = Command::ChangeQuotas { categories, reason };
        let target = id.to_string();
        let done = self
            .writer
            .execute::<PoolKind>(&admission, &Arc::default(), Target::Existing(&target), command)
            .await?;
        Ok(Response::new(pb::ChangeQuotasResponse { pool: shown(&done) }))
    }

    async fn draw_number(
        &self,
        request: Request<pb::DrawNumberRequest>,
    ) -> Result<Response<pb::DrawNumberResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number) = parse::draw(&request.pool_id, &request.number, (3, 3))?;
        let done = self.drawing().change(&admission, &id, &Wanted::Panel(number)).await?;
        Ok(Response::new(pb::DrawNumberResponse { pool: shown(&done) }))
    }

    async fn drop_members(
        &self,
        request: Request<pb::DropMembersRequest>,
    ) -> Result<Response<pb::DropMembersResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, left) = parse::drop_members(&request)?;
        let done = self.drawing().change(&admission, &id, &Wanted::Tickets(left)).await?;
        Ok(Response::new(pb::DropMembersResponse { pool: shown(&done) }))
    }

    async fn draw_replacements(
        &self,
        request: Request<pb::DrawReplacementsRequest>,
    ) -> Result<Response<pb::DrawReplacementsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number) = parse::draw(&request.pool_id, &request.number, (6, 30))?;
        let done = self.drawing().change(&admission, &id, &Wanted::Replacements(number)).await?;
        Ok(Response::new(pb::DrawReplacementsResponse { pool: shown(&done) }))
    }

    async fn get_pool(
        &self,
        request: Request<pb::GetPoolRequest>,
    ) -> Result<Response<pb::GetPoolResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.pool_id)?;
        let (pool, version) = self.find(&id).await?;
        admission.require(&Scope::area(pool.opening.area.clone()), None)?;
        let pool = Some(reply::pool(&id.to_string(), &pool, version));
        Ok(Response::new(pb::GetPoolResponse { pool }))
    }

    async fn list_pools(
        &self,
        request: Request<pb::ListPoolsRequest>,
    ) -> Result<Response<pb::ListPoolsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, page) = parse::list(&request)?;
        let (topic, _) = topic::find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let mut pools = store::list(self.writer.pool(), &id, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut pools, |(id, pool, _)| newest_key(pool.opened_at, id));
        let pools = pools.iter().map(|(id, pool, version)| reply::pool(id, pool, *version)).collect();
        Ok(Response::new(pb::ListPoolsResponse { pools, next_page_token }))
    }

    async fn export_draw(
        &self,
        request: Request<pb::ExportDrawRequest>,
    ) -> Result<Response<Self::ExportDrawStream>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.pool_id)?;
        let (pool, _) = self.find(&id).await?;
        let id = id.to_string();
        let sheets = store::sheets(self.writer.pool(), &id, None).await.map_err(Failure::from)?;
        let record = record::record(&id, &pool, &sheets);
        let record = record.ok_or_else(|| Failure::refused(&Refusal::NotPublished))?;
        let answers = pieces(record).map(|piece| Ok(pb::ExportDrawResponse { piece }));
        Ok(Response::new(Box::pin(stream::iter(answers))))
    }
}
