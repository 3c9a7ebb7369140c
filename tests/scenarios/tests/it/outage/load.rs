//! Clients that handle cases and never give up: a call that was cut off is repeated with the same key until it is answered. What was answered is
//! written down; that is what must be found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::ids::AreaCode;
use tokio::task::JoinSet;
use tonic::{Response, Status};

use super::ground::Ground;
use super::patience::until_answered;

/// Communities over which the clients are spread, each in a sub-district of its own.
const COMMUNITIES: usize = 5;

/// A command that was answered.
pub struct Acknowledged {
    pub case_id: String,
    /// Version of the case that it made.
    pub version: i64,
    /// What happened by it.
    pub event: &'static str,
    /// Where the case stood then.
    pub phase: pb::CasePhase,
}

/// What clients were told.
#[derive(Default)]
pub struct Told {
    pub acknowledged: Vec<Acknowledged>,
    /// Calls that were cut off and repeated.
    pub repeats: usize,
}

/// Clients at work.
pub struct Load {
    clients: JoinSet<Result<Told>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Load {
    /// Sets clients to work.
    pub fn start(ground: &Ground, clients: usize) -> Result<Self> {
        let mut load = Self { clients: JoinSet::new(), shared: Arc::default() };
        for nth in 0..clients {
            let district = ground.context.bus.district();
            let community = AreaCode::parse(&format!("{district}{:03}051", 1 + nth % COMMUNITIES))?;
            let client = Client {
                session: ground.person("POST_COMMUNITY_WORKER", &community, None)?,
                community,
                nth,
                shared: load.shared.clone(),
                told: Told::default(),
            };
            load.clients.spawn(client.work());
        }
        Ok(load)
    }

    /// How many commands have been answered.
    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// Fails as the first client did that failed.
    pub fn goes_well(&mut self) -> Result<()> {
        while let Some(ended) = self.clients.try_join_next() {
            ended??;
        }
        Ok(())
    }

    /// Lets every client bring its last case to the end.
    pub async fn finish(mut self) -> Result<Told> {
        self.shared.stop.store(true, Ordering::SeqCst);
        let mut all = Told::default();
        while let Some(client) = self.clients.join_next().await {
            let told = client??;
            all.acknowledged.extend(told.acknowledged);
            all.repeats += told.repeats;
        }
        ensure!(!all.acknowledged.is_empty(), "nothing was acknowledged");
        Ok(all)
    }
}

struct Client {
    session: Session,
    community: AreaCode,
    nth: usize,
    shared: Arc<Shared>,
    told: Told,
}

impl Client {
    async fn work(mut self) -> Result<Told> {
        let mut round = 0;
        while !self.shared.stop.load(Ordering::SeqCst) {
            self.handle(round).await?;
            round += 1;
        }
        Ok(self.told)
    }

    /// One case from the report to the verification: four commands.
    async fn handle(&mut self, round: usize) -> Result<()> {
        let report = self.report(round);
        let answer = self
            .until_answered("register", |mut calls| {
                let request = report.clone();
                async move { calls.register_case(request).await }
            })
            .await?;
        ensure!(!answer.joined, "a report of a new spot joined another case: it had its effect twice");
        let case_id = self.note("case_registered", answer.case)?;
        let accept = pb::AcceptCaseRequest { case_id: case_id.clone() };
        let answer = self
            .until_answered("accept", |mut calls| {
                let request = accept.clone();
                async move { calls.accept_case(request).await }
            })
            .await?;
        self.note("case_accepted", answer.case)?;
        let settle = pb::SettleCaseRequest { case_id: case_id.clone(), summary: "已清理".into() };
        let answer = self
            .until_answered("settle", |mut calls| {
                let request = settle.clone();
                async move { calls.settle_case(request).await }
            })
            .await?;
        self.note("case_settled", answer.case)?;
        let result = pb::VerificationResult::Confirmed as i32;
        let verify = pb::VerifyCaseRequest { case_id, result, finding: "属实".into() };
        let answer = self
            .until_answered("verify", |mut calls| {
                let request = verify.clone();
                async move { calls.verify_case(request).await }
            })
            .await?;
        self.note("case_verified", answer.case)?;
        Ok(())
    }

    /// A report of a spot that nobody reports again.
    fn report(&self, round: usize) -> pb::RegisterCaseRequest {
        pb::RegisterCaseRequest {
            category_code: "fire.lane.obstructed".into(),
            urgency: pb::Urgency::Normal as i32,
            title: "消防通道堆放杂物".into(),
            description: "楼前消防通道堆放杂物,请处理".into(),
            place: Some(pb::Place {
                area_code: self.community.to_string(),
                spot: format!("第{}区第{round}处", self.nth),
                ..pb::Place::default()
            }),
            contact: String::new(),
            distinct_from: vec![],
        }
    }

    /// Calls with one key until there is an answer.
    async fn until_answered<T, F>(
        &mut self,
        what: &str,
        call: impl Fn(CaseServiceClient<Calling>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let session = &self.session;
        until_answered(what, &mut self.told.repeats, |key| {
            call(CaseServiceClient::new(session.calls_with_key(key)))
        })
        .await
    }

    /// Writes down what was answered.
    fn note(&mut self, event: &'static str, case: Option<pb::Case>) -> Result<String> {
        let case = case.context("an answer without a case")?;
        self.told.acknowledged.push(Acknowledged {
            case_id: case.case_id.clone(),
            version: case.version,
            event,
            phase: case.phase(),
        });
        self.shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        Ok(case.case_id)
    }
}
