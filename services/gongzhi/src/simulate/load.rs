//! Clients that register and handle cases as fast as they are answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gongzhi_chassis::client::may_pass;
use gongzhi_proto::dispatch::v1 as pb;
use uuid::Uuid;

use crate::demo::actor::Actor;
use crate::demo::cast::District;

/// What clients had acknowledged.
#[derive(Default)]
pub(crate) struct Load {
    /// Commands.
    pub(crate) commands: usize,
    /// Cases that were registered.
    pub(crate) cases: Vec<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Load {
    /// Commands per second.
    pub(crate) fn per_second(&self) -> f64 {
        self.commands as f64 / self.took.as_secs_f64().max(0.001)
    }

    /// Adds what another client had acknowledged.
    pub(crate) fn add(&mut self, other: Self) {
        self.commands += other.commands;
        self.cases.extend(other.cases);
    }
}

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// How a client takes it when a call is cut off: it sends it again with its key, a few times, each time after twice as long.
#[derive(Clone, Default)]
pub(super) struct Patience {
    repeated: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Patience {
    /// How many calls were sent again, by what they had been told.
    pub(super) fn repeated(&self) -> BTreeMap<String, usize> {
        self.repeated.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sends_again(&self, status: &tonic::Status) {
        let told = format!("{:?}: {}", status.code(), status.message());
        *self.repeated.lock().unwrap_or_else(PoisonError::into_inner).entry(told).or_default() += 1;
    }
}

/// Tries of a call.
const TRIES: u32 = 6;
/// How long is waited after the first.
const REST: Duration = Duration::from_millis(50);

/// Registers one case as [`register`] does, and does not take a cut connection for an answer.
pub(super) async fn register_patiently(
    officer: &Actor,
    communities: &[String],
    patience: &Patience,
) -> Result<String> {
    let (request, key) = (report(communities), Uuid::now_v7());
    for nth in 0.. {
        match officer.cases_with_key(key).register_case(request.clone()).await {
            Ok(answer) => return Ok(answer.into_inner().case.context("no case")?.case_id),
            Err(status) if nth + 1 < TRIES && may_pass(&status) => {
                patience.sends_again(&status);
                tokio::time::sleep(REST * 2_u32.pow(nth)).await;
            }
            Err(status) => return Err(status).with_context(|| format!("after {} tries", nth + 1)),
        }
    }
    unreachable!("the last try returns")
}

/// Registers one case in one of the officer's communities.
pub(crate) async fn register(officer: &Actor, communities: &[String]) -> Result<String> {
    let answer = officer.cases().register_case(report(communities)).await?;
    Ok(answer.into_inner().case.context("no case")?.case_id)
}

/// A report; each is of another thing.
fn report(communities: &[String]) -> pb::RegisterCaseRequest {
    let nth = NUMBER.fetch_add(1, Ordering::Relaxed);
    let area_code = communities[nth % communities.len()].clone();
    pb::RegisterCaseRequest {
        category_code: "fire.lane.obstructed".into(),
        urgency: pb::Urgency::Normal as i32,
        title: "消防通道堆放杂物".into(),
        description: "楼前消防通道堆放杂物,请处理".into(),
        place: Some(pb::Place { area_code, spot: format!("第{nth}处"), ..pb::Place::default() }),
        contact: String::new(),
        distinct_from: vec![],
    }
}

/// One case from the report to the verification: four commands.
async fn handle(officer: &Actor, communities: &[String]) -> Result<Load> {
    let case_id = register(officer, communities).await?;
    let mut cases = officer.cases();
    cases.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await?;
    cases.settle_case(pb::SettleCaseRequest { case_id: case_id.clone(), summary: "已清理".into() }).await?;
    let result = pb::VerificationResult::Confirmed as i32;
    cases
        .verify_case(pb::VerifyCaseRequest { case_id: case_id.clone(), result, finding: "属实".into() })
        .await?;
    Ok(Load { commands: 4, cases: vec![case_id], took: Duration::ZERO })
}

/// Lets clients call for so long, each as soon as it is answered.
pub(crate) async fn closed(district: &District, clients: u32, time: Duration) -> Result<Load> {
    let since = Instant::now();
    let clients = (0..clients as usize).map(|nth| {
        let place = &district.places[nth % district.places.len()];
        let (officer, communities) = (place.officer.clone(), place.communities.clone());
        tokio::spawn(async move {
            let mut load = Load::default();
            while since.elapsed() < time {
                load.add(handle(&officer, &communities).await?);
            }
            Ok::<_, anyhow::Error>(load)
        })
    });
    let mut total = Load::default();
    for client in futures::future::join_all(clients).await {
        total.add(client??);
    }
    total.took = since.elapsed();
    Ok(total)
}
