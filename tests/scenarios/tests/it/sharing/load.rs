//! What goes on meanwhile: cases in several sub-districts, some settled by their community, some climbing, some with departments called to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::ids::AreaCode;
use tokio::task::JoinSet;
use tonic::{Response, Status};

use super::wish::{DEPARTMENTS, DISTRICT, SUB_DISTRICTS};
use crate::outage::ground::Ground;
use crate::outage::patience::until_answered;

/// How long people think between two cases, so that two cores carry them beside a hundred subscribers.
const THINKS: Duration = Duration::from_millis(400);

/// People at work.
pub struct Load {
    people: JoinSet<Result<()>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    acknowledged: AtomicUsize,
    repeats: AtomicUsize,
}

impl Load {
    /// Sets people to work, in every sub-district.
    pub fn start(ground: &Ground) -> Result<Self> {
        let mut load = Self { people: JoinSet::new(), shared: Arc::default() };
        let district = AreaCode::parse(DISTRICT)?;
        for place in 1..=SUB_DISTRICTS {
            let sub_district = AreaCode::parse(&format!("{DISTRICT}{place:03}"))?;
            let community = AreaCode::parse(&format!("{DISTRICT}{place:03}051"))?;
            let liaison = |code| ground.person("POST_DEPARTMENT_LIAISON", &district, Some(code));
            let people = People {
                worker: ground.person("POST_COMMUNITY_WORKER", &community, None)?,
                officer: ground.person("POST_SUB_DISTRICT_DUTY_OFFICER", &sub_district, None)?,
                liaisons: DEPARTMENTS.into_iter().map(liaison).collect::<Result<_>>()?,
                community,
                shared: load.shared.clone(),
            };
            load.people.spawn(people.work());
        }
        Ok(load)
    }

    /// How many commands have been answered.
    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// How many calls were cut off and repeated.
    pub fn repeats(&self) -> usize {
        self.shared.repeats.load(Ordering::SeqCst)
    }

    /// Fails as the first did who failed.
    pub fn goes_well(&mut self) -> Result<()> {
        while let Some(ended) = self.people.try_join_next() {
            ended??;
        }
        Ok(())
    }

    /// Lets everybody bring the last case to the end.
    pub async fn finish(&mut self) -> Result<()> {
        self.shared.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.people.join_next().await {
            ended??;
        }
        Ok(())
    }
}

/// Those who handle the cases of one community.
struct People {
    worker: Session,
    officer: Session,
    liaisons: Vec<Session>,
    community: AreaCode,
    shared: Arc<Shared>,
}

impl People {
    async fn work(self) -> Result<()> {
        for round in 0.. {
            if self.shared.stop.load(Ordering::SeqCst) {
                break;
            }
            self.handle(round).await?;
            tokio::time::sleep(THINKS).await;
        }
        Ok(())
    }

    async fn handle(&self, round: usize) -> Result<()> {
        let case_id = self.register(round).await?;
        let accept = pb::AcceptCaseRequest { case_id: case_id.clone() };
        self.on_case(&self.worker, |mut calls| {
            let request = accept.clone();
            async move { calls.accept_case(request).await }
        })
        .await?;
        match round % 3 {
            0 => self.settle(&self.worker, case_id).await,
            1 => {
                self.climb(&case_id).await?;
                self.settle(&self.officer, case_id).await
            }
            _ => {
                self.climb(&case_id).await?;
                self.call(case_id, round).await
            }
        }
    }

    async fn register(&self, round: usize) -> Result<String> {
        let category =
            if round.is_multiple_of(2) { "fire.lane.obstructed" } else { "environment.noise.neighbourhood" };
        let report = pb::RegisterCaseRequest {
            category_code: category.into(),
            urgency: pb::Urgency::Normal as i32,
            title: "请处理".into(),
            description: "楼前有情况,请处理".into(),
            place: Some(pb::Place {
                area_code: format!("{}001", self.community),
                spot: format!("第{round}处"),
                ..pb::Place::default()
            }),
            contact: String::new(),
            distinct_from: vec![],
        };
        let answer = self
            .on_case(&self.worker, |mut calls| {
                let request = report.clone();
                async move { calls.register_case(request).await }
            })
            .await?;
        Ok(answer.case.context("no case")?.case_id)
    }

    async fn settle(&self, who: &Session, case_id: String) -> Result<()> {
        let settle = pb::SettleCaseRequest { case_id, summary: "已处理".into() };
        self.on_case(who, |mut calls| {
            let request = settle.clone();
            async move { calls.settle_case(request).await }
        })
        .await
        .map(drop)
    }

    async fn climb(&self, case_id: &str) -> Result<()> {
        let convene = pb::ConveneConsultationRequest { case_id: case_id.to_owned() };
        self.on_case(&self.worker, |mut calls| {
            let request = convene.clone();
            async move { calls.convene_consultation(request).await }
        })
        .await?;
        let conclude = pb::ConcludeConsultationRequest {
            case_id: case_id.to_owned(),
            outcome: pb::ConsultationOutcome::BeyondEstate as i32,
            minutes: "需街道协调".into(),
        };
        self.on_case(&self.worker, |mut calls| {
            let request = conclude.clone();
            async move { calls.conclude_consultation(request).await }
        })
        .await?;
        let climb = pb::ClimbCaseRequest { case_id: case_id.to_owned(), reason: "超出社区能力".into() };
        self.on_case(&self.worker, |mut calls| {
            let request = climb.clone();
            async move { calls.climb_case(request).await }
        })
        .await
        .map(drop)
    }

    /// Calls two of the departments, who come and do their part.
    async fn call(&self, case_id: String, round: usize) -> Result<()> {
        let called: Vec<_> = (0..2).map(|nth| (round / 3 + nth) % DEPARTMENTS.len()).collect();
        let sound = pb::SoundWhistleRequest {
            case_id,
            kind: pb::WhistleKind::JointEnforcement as i32,
            level: pb::WhistleLevel::Yellow as i32,
            department_codes: called.iter().map(|nth| DEPARTMENTS[*nth].to_owned()).collect(),
            request: "请联合处理".into(),
        };
        let answer = self
            .on_whistle(&self.officer, |mut calls| {
                let request = sound.clone();
                async move { calls.sound_whistle(request).await }
            })
            .await?;
        let whistle_id = answer.whistle.context("no whistle")?.whistle_id;
        for nth in called {
            let department_code = DEPARTMENTS[nth].to_owned();
            let come = pb::ReportInRequest {
                whistle_id: whistle_id.clone(),
                department_code: department_code.clone(),
            };
            self.on_whistle(&self.liaisons[nth], |mut calls| {
                let request = come.clone();
                async move { calls.report_in(request).await }
            })
            .await?;
            let summary = "已处置".into();
            let finish =
                pb::FinishSummonsRequest { whistle_id: whistle_id.clone(), department_code, summary };
            self.on_whistle(&self.liaisons[nth], |mut calls| {
                let request = finish.clone();
                async move { calls.finish_summons(request).await }
            })
            .await?;
        }
        Ok(())
    }

    async fn on_case<T, F>(&self, who: &Session, call: impl Fn(CaseServiceClient<Calling>) -> F) -> Result<T>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut repeats = 0;
        let answer = until_answered("a command on a case", &mut repeats, |key| {
            call(CaseServiceClient::new(who.calls_with_key(key)))
        })
        .await;
        self.note(repeats);
        answer
    }

    async fn on_whistle<T, F>(
        &self,
        who: &Session,
        call: impl Fn(WhistleServiceClient<Calling>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut repeats = 0;
        let answer = until_answered("a command on a whistle", &mut repeats, |key| {
            call(WhistleServiceClient::new(who.calls_with_key(key)))
        })
        .await;
        self.note(repeats);
        answer
    }

    fn note(&self, repeats: usize) {
        self.shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        self.shared.repeats.fetch_add(repeats, Ordering::SeqCst);
    }
}
