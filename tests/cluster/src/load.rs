//! A load: clients that register cases one after the other, as a portal does: each with an idempotency key of its own, tried again by the same key until it
//! is acknowledged. What was acknowledged must be in the record, once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::may_pass;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::forward::Way;
use crate::people::{DISTRICT, Person};
use crate::release::Release;

/// Clients beside each other.
const CLIENTS: usize = 3;
/// A write that is not acknowledged by then has failed.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two cases of a client: it is a load that is even, not a measurement.
const PAUSE: Duration = Duration::from_millis(100);

/// What came of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Ids of the cases that were acknowledged.
    pub acknowledged: Vec<String>,
    /// Writes that were never acknowledged, in words.
    pub failed: Vec<String>,
    /// Tries that failed and were repeated.
    pub repeated: usize,
    /// The longest that a write took with all its tries.
    pub longest: Duration,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.failed.extend(other.failed);
        self.repeated += other.repeated;
        self.longest = self.longest.max(other.longest);
    }
}

/// A load that goes on until it is ended.
pub struct Load {
    stop: CancellationToken,
    clients: JoinSet<Outcome>,
    community: String,
    worker: Person,
}

impl Load {
    /// Begins, in a community that nobody else writes to.
    pub async fn begin(release: &Release, worker: &Person, community: &str) -> Result<Self> {
        let (stop, mut clients) = (CancellationToken::new(), JoinSet::new());
        for turn in 0..CLIENTS {
            let way = Way::new(&release.cluster, &release.namespace, &release.name, "dispatch", 50051);
            let client = Client {
                way: way.beginning_with(turn),
                worker: worker.clone(),
                area: format!("{DISTRICT}{community}001"),
                stop: stop.clone(),
            };
            clients.spawn(client.work());
        }
        Ok(Self { stop, clients, community: format!("{DISTRICT}{community}"), worker: worker.clone() })
    }

    /// Lets it go on for a while, ends it and holds it against the record: nothing failed, nothing acknowledged is lost, nothing is there twice.
    pub async fn end(mut self, release: &Release, at_least: usize) -> Result<Arc<Outcome>> {
        tokio::time::sleep(Duration::from_secs(5)).await;
        self.stop.cancel();
        let mut outcome = Outcome::default();
        while let Some(ended) = self.clients.join_next().await {
            outcome.add(ended.context("a client of the load broke")?);
        }
        let mut way = Way::new(&release.cluster, &release.namespace, &release.name, "dispatch", 50051);
        let listed = listed(&mut way, &self.worker, &self.community).await?;
        let acknowledged: BTreeSet<_> = outcome.acknowledged.iter().collect();
        let recorded: BTreeSet<_> = listed.iter().collect();
        println!(
            "    load: {} writes acknowledged, {} in the record, {} tries repeated, the longest write took {} ms",
            acknowledged.len(),
            recorded.len(),
            outcome.repeated,
            outcome.longest.as_millis()
        );
        anyhow::ensure!(outcome.failed.is_empty(), "writes failed: {:#?}", outcome.failed);
        anyhow::ensure!(
            acknowledged.len() == outcome.acknowledged.len() && recorded.len() == listed.len(),
            "one case was acknowledged or listed twice"
        );
        let lost: Vec<_> = acknowledged.difference(&recorded).collect();
        anyhow::ensure!(lost.is_empty(), "acknowledged and not in the record: {lost:?}");
        let unknown: Vec<_> = recorded.difference(&acknowledged).collect();
        anyhow::ensure!(unknown.is_empty(), "in the record twice, for one key: {unknown:?}");
        anyhow::ensure!(
            acknowledged.len() >= at_least,
            "only {} writes in all this time: that is no load, and proves nothing",
            acknowledged.len()
        );
        Ok(Arc::new(outcome))
    }
}

struct Client {
    way: Way,
    worker: Person,
    area: String,
    stop: CancellationToken,
}

impl Client {
    async fn work(mut self) -> Outcome {
        let mut outcome = Outcome::default();
        while !self.stop.is_cancelled() {
            // What was begun is brought to its end, so that the record and what was acknowledged can be compared.
            match self.write(&mut outcome).await {
                Ok(case_id) => outcome.acknowledged.push(case_id),
                Err(error) => outcome.failed.push(format!("{error:#}")),
            }
            tokio::time::sleep(PAUSE).await;
        }
        outcome
    }

    async fn write(&mut self, outcome: &mut Outcome) -> Result<String> {
        let (key, since) = (Uuid::now_v7(), Instant::now());
        let request = registration(&self.area);
        loop {
            let why = match self.attempt(key, request.clone()).await {
                Ok(case_id) => {
                    outcome.longest = outcome.longest.max(since.elapsed());
                    return Ok(case_id);
                }
                Err(why) => why,
            };
            let refused = why.downcast_ref::<tonic::Status>().is_some_and(|status| !may_pass(status));
            anyhow::ensure!(!refused, "refused: {why:#}");
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "not acknowledged in {} s: {why:#}",
                PATIENCE.as_secs()
            );
            outcome.repeated += 1;
            self.way.broke();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    async fn attempt(&mut self, key: Uuid, request: pb::RegisterCaseRequest) -> Result<String> {
        let session = self.worker.over(self.way.channel().await?)?;
        let answer = CaseServiceClient::new(session.calls_with_key(key)).register_case(request).await?;
        Ok(answer.into_inner().case.context("no case")?.case_id)
    }
}

/// A case on a spot of its own, so that no other is its duplicate.
pub fn registration(area: &str) -> pb::RegisterCaseRequest {
    pb::RegisterCaseRequest {
        category_code: "fire.lane.obstructed".into(),
        urgency: pb::Urgency::Normal as i32,
        title: "消防通道被占用".into(),
        description: "端到端测试 end-to-end test".into(),
        place: Some(pb::Place {
            area_code: area.into(),
            spot: Uuid::now_v7().to_string(),
            ..pb::Place::default()
        }),
        contact: String::new(),
        distinct_from: vec![],
    }
}

/// Ids of all cases of a community.
async fn listed(way: &mut Way, worker: &Person, community: &str) -> Result<Vec<String>> {
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCasesRequest {
            area_code: community.to_owned(),
            page_size: 200,
            page_token,
            ..Default::default()
        };
        let session = worker.over(way.channel().await?)?;
        let page = CaseServiceClient::new(session.calls()).list_cases(request).await;
        let page = page.context("the record cannot be listed")?.into_inner();
        found.extend(page.cases.into_iter().map(|case| case.case_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}
