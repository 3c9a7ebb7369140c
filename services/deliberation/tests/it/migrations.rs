//! What is stored by an older version is read by this one.

use anyhow::{Context as _, Result};
use gongzhi_chassis::clock::Clock;
use gongzhi_deliberation::{MIGRATIONS, NAME, service};
use gongzhi_harness::Bench;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::topic_service_client::TopicServiceClient;
use serde_json::{Value, json};
use sqlx::migrate::Migrator;

use crate::town::topics;

/// The first version in which topics have places and note no cases.
const PLACES: i64 = 2026_1128_0303;

/// A topic as it was stored when it noted its cases.
struct Noted {
    id: &'static str,
    place: &'static str,
    status: &'static str,
    stage: Value,
    /// With whether they came back.
    cases: &'static [(&'static str, bool)],
    /// What happened to it after it began with the first of its cases.
    events: Vec<Value>,
}

const OPEN: &str = "0192f0c1-7a00-7000-8000-00000000000a";
const DECLINED: &str = "0192f0c1-7a00-7000-8000-00000000000b";
const MERGED: &str = "0192f0c1-7a00-7000-8000-00000000000c";
const CASES: [&str; 4] = [
    "0192f0c1-7a00-7000-8000-000000000001",
    "0192f0c1-7a00-7000-8000-000000000002",
    "0192f0c1-7a00-7000-8000-000000000003",
    "0192f0c1-7a00-7000-8000-000000000004",
];

async fn store(bench: &Bench, topic: &Noted) -> Result<()> {
    let pool = bench.context.writer(NAME).await?.pool().clone();
    let area = bench.area("001052003001").to_string();
    let origin = json!({ "raised": { "reason": "cases_at_one_place", "place": topic.place } });
    let known = |reopened: &bool| json!({ "area": area, "registered_at": "2026-11-01T00:00:00Z", "reopened": reopened });
    let cases: serde_json::Map<_, _> =
        topic.cases.iter().map(|(id, reopened)| ((*id).to_owned(), known(reopened))).collect();
    let notes = json!([{ "case": topic.cases[0].0, "area": area, "registered_at": "2026-11-01T00:00:00Z" }]);
    let state = json!({
        "area": area, "wording": null, "category": "noise.night", "origin": origin, "proposed_at": "2026-11-02T00:00:00Z",
        "gate": null, "households": {}, "cases": cases, "stage": topic.stage,
    });
    let begun = json!({ "begun": { "area": area, "wording": null, "category": "noise.night", "origin": origin, "cases": notes } });
    sqlx::query("insert into aggregates (kind, id, version, state, hash) values ('topic', $1, $3, $2, '')")
        .bind(topic.id)
        .bind(sqlx::types::Json(&state))
        .bind(topic.events.len() as i64 + 1)
        .execute(&pool)
        .await?;
    for (version, event) in (1_i64..).zip(std::iter::once(&begun).chain(&topic.events)) {
        sqlx::query("insert into history (kind, id, version, at, actor, event, hash) values ('topic', $1, $2, timestamptz '2026-11-02Z' + ($2 - 1) * interval '1 day', '', $3, '')")
            .bind(topic.id)
            .bind(version)
            .bind(event.to_string())
            .execute(&pool)
            .await?;
    }
    sqlx::query("insert into topics (topic_id, area_code, status, proposed_at, raised_for, is_full) values ($1, $2, $3, '2026-11-02Z', $4, false)")
        .bind(topic.id)
        .bind(&area)
        .bind(topic.status)
        .bind(topic.place)
        .execute(&pool)
        .await?;
    for (id, _) in topic.cases {
        sqlx::query("insert into demands values ($1, $2, $3, 'x/noise.night', 'noise.night', '2026-11-01Z') on conflict do nothing")
            .bind(id)
            .bind(&area)
            .bind(topic.place)
            .execute(&pool)
            .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_noted_their_cases_have_places_whose_cases_are_counted() -> Result<()> {
    let mut bench = Bench::at(Clock::starting_at("2026-11-12T01:00:00Z".parse()?)).await?;
    let before = MIGRATIONS.iter().filter(|migration| migration.version < PLACES).cloned().collect();
    bench.migrate(NAME, Box::leak(Box::new(Migrator::with_migrations(before)))).await?;
    for topic in [
        Noted {
            id: OPEN,
            place: "grid:1",
            status: "open",
            stage: json!("open"),
            cases: &[(CASES[0], true), (CASES[1], false)],
            events: vec![
                json!({ "case_noted": { "case": CASES[1], "area": "330105001052003001", "registered_at": "2026-11-01T00:00:00Z" } }),
                json!({ "case_reopened": { "case": CASES[0] } }),
                json!({ "absorbed": { "from": MERGED, "households": {}, "cases": { CASES[3]: { "area": "330105001052003001", "registered_at": "2026-11-01T00:00:00Z", "reopened": false } } } }),
            ],
        },
        Noted {
            id: DECLINED,
            place: "grid:2",
            status: "declined",
            stage: json!({ "declined": { "reason": "已解决" } }),
            cases: &[(CASES[2], false)],
            events: vec![json!({ "declined": { "reason": "已解决" } })],
        },
        Noted {
            id: MERGED,
            place: "grid:3",
            status: "merged",
            stage: json!({ "merged": { "into": OPEN, "reason": "同一件事" } }),
            cases: &[(CASES[3], false)],
            events: vec![json!({ "merged": { "into": OPEN, "reason": "同一件事" } })],
        },
    ] {
        store(&bench, &topic).await?;
    }
    bench.migrate(NAME, &MIGRATIONS).await?;
    bench.serve(vec![service(&bench.context).await?]).await?;
    let secretary = bench.person("POST_COMMUNITY_SECRETARY", &bench.area("001052"));
    let mut topics = topics(&secretary);
    for (id, cases, reopened, days) in [(OPEN, 3, 1, 11), (DECLINED, 1, 0, 11), (MERGED, 0, 0, 10)] {
        let request = pb::GetTopicRequest { topic_id: id.into() };
        let topic = topics.get_topic(request).await?.into_inner().topic.context("topic")?;
        assert_eq!(topic.raised_by(), pb::RaisedBy::CasesAtOnePlace);
        let reasons = topic.reasons.context("reasons")?;
        assert_eq!((reasons.cases, reasons.reopened_cases), (cases, reopened), "{id}");
        assert_eq!(reasons.days_open, days, "{id}");
    }
    // A topic that was declined ended when its last event says: what comes after counts anew.
    let ended: Vec<(String, bool)> = sqlx::query_as(
        "select topic_id, ended_at is not distinct from '2026-11-03Z' from topic_places order by place",
    )
    .fetch_all(bench.context.writer(NAME).await?.pool())
    .await?;
    assert_eq!(ended, [(OPEN.to_owned(), false), (DECLINED.to_owned(), true), (OPEN.to_owned(), false)]);
    // Its history is read as well: a repeat is answered by folding it, and comes to the same as the state did.
    let word = pb::WordTopicRequest {
        topic_id: OPEN.into(),
        title: "电动自行车集中充电".into(),
        question: "充电棚建在哪里才好?".into(),
    };
    let mut keyed = TopicServiceClient::new(secretary.calls_with_key("the-same-words"));
    let worded = keyed.word_topic(word.clone()).await?.into_inner().topic.context("topic")?;
    assert_eq!(worded.reasons.context("reasons")?.cases, 3);
    assert_eq!(keyed.word_topic(word).await?.into_inner().topic.context("topic")?, worded);
    let state: Value = sqlx::query_scalar("select state from aggregates where kind = 'topic' and id = $1")
        .bind(OPEN)
        .fetch_one(bench.context.writer(NAME).await?.pool())
        .await?;
    assert_eq!(state["places"], json!({ "grid:1": "2026-10-31T23:59:59.999999Z" }), "as its history has it");
    bench.stop().await
}
