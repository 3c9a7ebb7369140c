//! Facts in the background while the departments' systems receive: sensors of three departments tell through the exchange how bins, alarms and lifts
//! are, at a steady rate. Nobody else may see them, and no board counts them. Deterministic but for identities.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_proto::event::v1::Classification;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::actor::{Actor, Stage};
use super::cast::{Cast, District, PASSWORD};
use super::systems::{SYSTEMS, System};

/// Facts per second of all sensors together.
pub(crate) const RATE: u32 = 200;
/// How often each department sends what its sensors told.
const EVERY: Duration = Duration::from_millis(100);
/// Events of one call.
const BATCH: usize = 100;
/// Sensors of a department.
const SENSORS: usize = 500;

/// What the sensors of a department tell: name of the fact, kind of thing, titles.
fn told(department: &str) -> (&'static str, &'static str, &'static str, &'static str) {
    match department {
        "fire-rescue" => ("alarm_tested", "alarm", "报警器自检", "alarm tested"),
        "urban-management" => ("bin_measured", "bin", "垃圾桶满溢度", "bin measured"),
        _ => ("lift_checked", "lift", "电梯运行检测", "lift checked"),
    }
}

/// The sensors while they tell. Dropping it silences them.
pub(crate) struct Sensors {
    silence: CancellationToken,
    tasks: JoinSet<Result<usize>>,
    since: Instant,
}

impl Sensors {
    /// Registers what sensors tell, and lets them begin.
    pub(crate) async fn start(stage: &Stage, cast: &Cast, district: &District) -> Result<Self> {
        let mut accounts = Vec::new();
        for system in &SYSTEMS {
            let liaison = cast.liaison(system.department).context("nobody answers for the department")?;
            liaison.publications().register_fact_type(registration(system)).await?;
            accounts.push((system, Actor::sign_in(stage, system.account, PASSWORD).await?));
        }
        let silence = CancellationToken::new();
        let since = Instant::now();
        let mut tasks = JoinSet::new();
        for (system, account) in accounts {
            let areas = district.places.iter().flat_map(|place| place.communities.clone()).collect();
            tasks.spawn(tell(system, account, areas, since, silence.clone()));
        }
        Ok(Self { silence, tasks, since })
    }

    /// Silences them; tells how many facts were accepted, and over how long.
    pub(crate) async fn stop(mut self) -> Result<(usize, Duration)> {
        self.silence.cancel();
        let mut accepted = 0;
        while let Some(told) = self.tasks.join_next().await {
            accepted += told?.context("the sensors of a department")?;
        }
        Ok((accepted, self.since.elapsed()))
    }
}

fn registration(system: &System) -> pb::RegisterFactTypeRequest {
    let (name, aggregate, title_zh, title_en) = told(system.department);
    let department = Organization::DepartmentCode(system.department.into());
    let schema = json!({
        "type": "object", "required": ["device", "level"], "additionalProperties": false,
        "properties": {
            "device": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
            "level": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "examples": [{"device": "GS-0017", "level": 97}],
    });
    pb::RegisterFactTypeRequest {
        organization: Some(pb::Organization { organization: Some(department) }),
        name: name.into(),
        title_zh: format!("{title_zh}(示例)"),
        title_en: format!("{title_en} (example)"),
        description: "示例:由传感器定时上报 (made for the demo)".into(),
        aggregate: aggregate.into(),
        classification: Classification::Restricted as i32,
        data_schema: schema.to_string(),
        ..Default::default()
    }
}

/// Publishes what has become due since the last time, so that a call that took long is made up for.
async fn tell(
    system: &System,
    account: Actor,
    areas: Vec<String>,
    since: Instant,
    silence: CancellationToken,
) -> Result<usize> {
    let (name, ..) = told(system.department);
    let source = format!("/sensors/{}", Uuid::now_v7());
    let mut sent = 0;
    let mut tick = tokio::time::interval(EVERY);
    while !silence.is_cancelled() {
        tick.tick().await;
        let due = since.elapsed().as_secs_f64() * f64::from(RATE) / SYSTEMS.len() as f64;
        let count = (due as usize).saturating_sub(sent).min(BATCH);
        if count == 0 {
            continue;
        }
        let events = (sent..sent + count).map(|nth| {
            let device = format!("GS-{:04}", nth % SENSORS);
            let event = json!({
                "specversion": "1.0", "id": nth.to_string(), "source": source, "subject": device,
                "type": format!("gongzhi.dept-{}.v1.{name}", system.department),
                "area": areas[nth % areas.len()], "data": {"device": device, "level": nth % 101},
            });
            event.to_string()
        });
        let request = pb::PublishRequest { events: events.collect() };
        let results = account.publications().publish(request).await?.into_inner().results;
        let accepted = |result: &pb::PublishResult| result.outcome() == pb::PublishOutcome::Accepted;
        let refused = results.iter().find(|result| !accepted(result));
        ensure!(refused.is_none(), "the exchange refused an event: {refused:?}");
        sent += count;
    }
    Ok(sent)
}
