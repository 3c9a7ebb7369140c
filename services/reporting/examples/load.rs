//! Measures how fast facts become figures and how long a board takes: `cargo run --release -p gongzhi-reporting --example load -- 5000`. Tells the
//! lives of that many cases on a private bus, consumes them as a replay does, then reads the district's board.

use std::time::Instant;

use anyhow::{Context as _, Result};
use gongzhi_chassis::bus::Outgoing;
use gongzhi_harness::Bench;
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1::{self as facts, Rung};
use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::reporting::v1::GetBoardRequest;
use gongzhi_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use gongzhi_proto::subjects::Audience;
use gongzhi_reporting::{MIGRATIONS, NAME, replay};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const CATEGORIES: [&str; 5] =
    ["fire.lane.obstructed", "noise.night", "waste.bulky", "parking", "light.broken"];

/// The life of one case: ten facts.
fn life(case: u128) -> Vec<Fact> {
    let (case_id, whistle_id) =
        (Uuid::from_u128(case + 1).to_string(), Uuid::from_u128(case + (1 << 64)).to_string());
    let code = "housing".to_owned();
    let due = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
    let category_code = CATEGORIES[(case % 5) as usize].to_owned();
    let departments = |late| (whistle_id.clone(), case_id.clone(), code.clone(), late);
    let (w, c, d, late) = departments(case.is_multiple_of(7));
    vec![
        facts::CaseRegistered {
            case_id: case_id.clone(),
            area_code: String::new(),
            category_code,
            accept_due_at: due,
            ..Default::default()
        }
        .into(),
        facts::CaseAccepted { case_id: case_id.clone(), answer_due_at: due, late: false }.into(),
        facts::CaseClimbed { case_id: case_id.clone(), rung: Rung::SubDistrict.into() }.into(),
        facts::WhistleSounded {
            whistle_id: w.clone(),
            case_id: c.clone(),
            department_code: d.clone(),
            ..Default::default()
        }
        .into(),
        facts::DepartmentReportedIn {
            whistle_id: w.clone(),
            case_id: c.clone(),
            department_code: d.clone(),
            late,
        }
        .into(),
        facts::DepartmentFinished { whistle_id: w.clone(), case_id: c, department_code: d, late: false }
            .into(),
        facts::ResultAccepted { whistle_id: w, case_id: case_id.clone(), late: false }.into(),
        facts::CaseSettled {
            case_id: case_id.clone(),
            round: 1,
            late: false,
            rung: Rung::SubDistrict.into(),
        }
        .into(),
        facts::CaseRated { case_id: case_id.clone(), round: 1, reporter: 1, rating: "satisfied".into() }
            .into(),
        facts::CaseClosed { case_id, round: 1 }.into(),
    ]
}

fn sealed(area: &AreaCode, at: Timestamp, mut fact: Fact) -> Result<Outgoing> {
    if let Fact::CaseRegistered(registered) = &mut fact {
        registered.area_code = area.to_string();
    }
    let id = Uuid::now_v7();
    let meta = Meta {
        event_id: id,
        aggregate_kind: "case",
        aggregate_id: id.to_string(),
        version: 1,
        at,
        area: area.clone(),
        audience: Audience::All,
        actor: "system:load".into(),
        traceparent: None,
    };
    let envelope = Envelope::seal(&fact, meta)?;
    Ok(Outgoing { subject: envelope.bus_subject()?.to_string(), id, body: envelope.to_bytes().into() })
}

#[tokio::main]
async fn main() -> Result<()> {
    let cases: u128 = std::env::args().nth(1).map_or(Ok(5_000), |count| count.parse())?;
    let mut bench = Bench::new().await?;
    bench.migrate(NAME, &MIGRATIONS).await?;
    let start: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let mut batch = Vec::new();
    for first in (0..cases).step_by(100) {
        // The lives of a hundred cases are told side by side, as they are lived.
        let lives: Vec<_> = (first..cases.min(first + 100)).map(|case| (case, life(case))).collect();
        for nth in 0..10 {
            for (case, life) in &lives {
                let area = bench.area(&format!("{:03}{:03}", case % 18 + 1, case % 10 + 51));
                let at = start + SignedDuration::from_mins((*case * 2) as i64 + nth as i64);
                batch.push(sealed(&area, at, life[nth].clone())?);
            }
        }
        if batch.len() >= 1000 {
            bench.context.bus.publish(&std::mem::take(&mut batch)).await?;
        }
    }
    bench.context.bus.publish(&batch).await?;
    let since = Instant::now();
    let done = replay(&bench.context, drop).await?;
    let took = since.elapsed();
    println!("{} facts in {took:?}: {:.0} per second", done.end, done.end as f64 / took.as_secs_f64());
    bench.serve(vec![gongzhi_reporting::service(&bench.context).await?]).await?;
    let person = bench.person("POST_PLATFORM_OPERATOR", &bench.area(""));
    // Each twice: the second answer is the remembered board, which shows what a call costs by itself.
    for below in ["", "", "001", "001", "001051", "001051"] {
        let since = Instant::now();
        let request = GetBoardRequest { area_code: bench.area(below).to_string() };
        let answer = ReportingServiceClient::new(person.calls()).get_board(request).await?.into_inner();
        let totals = answer.board.and_then(|board| board.totals).context("a board has totals")?;
        println!("board of {} with {} cases: {:?}", totals.key, totals.registered, since.elapsed());
    }
    bench.stop().await
}
