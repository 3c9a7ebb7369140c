//! The load: cases of all categories all over the district, registered at a steady rate whether answers come or not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use gongzhi_proto::dispatch::v1 as pb;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::mix::CATEGORIES;
use crate::demo::actor::Actor;
use crate::demo::cast::District;

/// What was driven.
pub(super) struct Driven {
    /// Cases that were registered.
    pub(super) registered: usize,
    /// From the first call to the last answer.
    pub(super) took: Duration,
}

impl Driven {
    /// Registrations per second.
    pub(super) fn rate(&self) -> f64 {
        self.registered as f64 / self.took.as_secs_f64().max(0.001)
    }
}

/// Registers for so long.
pub(super) async fn at_rate(district: &District, rate: f64, time: Duration) -> Result<Driven> {
    let since = Instant::now();
    // Every run is of other spots, or its reports would join the cases of the run before.
    let run: Arc<str> = Uuid::now_v7().to_string().into();
    let mut calls = JoinSet::new();
    for nth in 0..(rate * time.as_secs_f64()) as usize {
        tokio::time::sleep_until((since + Duration::from_secs_f64(nth as f64 / rate)).into()).await;
        let place = &district.places[nth % district.places.len()];
        let round = nth / district.places.len();
        let area_code = place.communities[round % place.communities.len()].clone();
        calls.spawn(register(place.officer.clone(), area_code, nth, run.clone()));
    }
    let mut registered = 0;
    while let Some(call) = calls.join_next().await {
        call??;
        registered += 1;
    }
    Ok(Driven { registered, took: since.elapsed() })
}

async fn register(officer: Actor, area_code: String, nth: usize, run: Arc<str>) -> Result<()> {
    let request = pb::RegisterCaseRequest {
        category_code: CATEGORIES[(nth / 3 + nth / 7) % CATEGORIES.len()].into(),
        urgency: pb::Urgency::Normal as i32,
        title: "示例诉求".into(),
        description: "示例诉求,请处理".into(),
        place: Some(pb::Place { area_code, spot: format!("第{nth}处 {run}"), ..pb::Place::default() }),
        ..Default::default()
    };
    let answer = officer.cases().register_case(request).await?.into_inner();
    ensure!(!answer.joined, "a report that should be new joined another");
    Ok(())
}
