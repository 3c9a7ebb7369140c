//! Topics as people propose, support, merge and decline them, and as cases raise them.

use anyhow::{Context, Result};
use gongzhi_harness::wait_until;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::dispatch::v1 as dispatch;
use jiff::SignedDuration;
use tonic::Code;

use crate::town::{Town, fields, reason, topics};

async fn get(town: &Town, topic_id: &str) -> Result<pb::Topic> {
    let request = pb::GetTopicRequest { topic_id: topic_id.into() };
    topics(&town.worker).get_topic(request).await?.into_inner().topic.context("no topic")
}

async fn list(town: &Town, status: pb::TopicStatus) -> Result<Vec<pb::Topic>> {
    let request = pb::ListTopicsRequest {
        area_code: town.community(),
        status: status as i32,
        page_size: 2,
        page_token: String::new(),
    };
    let (mut all, mut request) = (Vec::new(), request);
    loop {
        let page = topics(&town.worker).list_topics(request.clone()).await?.into_inner();
        all.extend(page.topics);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_proposed_supported_and_merged_and_a_household_counts_once() -> Result<()> {
    let town = Town::new().await?;
    let charging = town.proposes("电动自行车充电棚").await?;
    let again = town.proposes("电动自行车集中充电棚").await?;
    let lift = town.proposes("加装电梯费用分摊").await?;
    town.supports(&charging, 0..5).await?;
    town.supports(&charging, 3..6).await?;
    town.supports(&again, 4..12).await?;
    // One door is one household, however it is written.
    let request = pb::SupportTopicRequest {
        topic_id: charging.clone(),
        household: " １－1-0 ".into(),
        building_code: format!("{}003001", town.community()),
    };
    topics(&town.worker).support_topic(request.clone()).await?;
    let reasons = get(&town, &charging).await?.reasons.context("reasons")?;
    assert_eq!((reasons.households, reasons.buildings, reasons.cases), (6, 4, 0));

    let similar = topics(&town.worker)
        .list_similar_topics(pb::ListSimilarTopicsRequest { topic_id: charging.clone() })
        .await?
        .into_inner()
        .topics;
    assert_eq!(similar[0].topic.as_ref().unwrap().topic_id, again);
    assert!(similar[0].likeness > 0.5 && similar[0].same_category);
    assert!(similar.iter().all(|other| other.likeness <= similar[0].likeness));

    let merge = |id: &str, into: &str| pb::MergeTopicRequest {
        topic_id: id.into(),
        into_topic_id: into.into(),
        reason: "问的是同一件事".into(),
    };
    let denied = topics(&town.worker).merge_topic(merge(&again, &charging)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let itself = topics(&town.secretary).merge_topic(merge(&again, &again)).await.unwrap_err();
    assert_eq!(reason(&itself), "CANNOT_MERGE");
    let merged = topics(&town.secretary).merge_topic(merge(&again, &charging)).await?.into_inner();
    assert_eq!(merged.topic.unwrap().merged_into, charging);
    assert_eq!(merged.into.unwrap().reasons.unwrap().households, 12, "0 to 11, each once");
    let late = topics(&town.worker)
        .support_topic(pb::SupportTopicRequest { topic_id: again.clone(), ..request })
        .await
        .unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "TOPIC_ENDED"));

    let decline = pb::DeclineTopicRequest {
        topic_id: lift.clone(),
        reason: "由本单元业主依法共同决定,不属社区议事范围".into(),
    };
    topics(&town.secretary).decline_topic(decline).await?;
    let open: Vec<_> =
        list(&town, pb::TopicStatus::Open).await?.into_iter().map(|topic| topic.topic_id).collect();
    assert_eq!(open, [charging]);
    let all: Vec<_> =
        list(&town, pb::TopicStatus::Unspecified).await?.into_iter().map(|topic| topic.topic_id).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0], lift, "newest first");
    let told = ["topic_proposed", "topic_proposed", "topic_proposed", "topic_merged", "topic_declined"];
    assert_eq!(town.told().await?, told);

    // No table, and no history, holds the door of a household.
    for table in ["aggregates", "history", "outbox"] {
        let sql = format!("select count(*) from {table} as t where t::text like '%-1-5%'");
        let found: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&town.schema().await?).await?;
        assert_eq!(found, 0, "{table} holds a household");
    }
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_cases_at_one_place_in_a_month_raise_a_topic() -> Result<()> {
    let town = Town::new().await?;
    // An old one does not count any more when the ninth comes.
    let old = town.registered("001052003001", "noise.night").await?;
    town.clock.advance(SignedDuration::from_hours(24 * 40));
    let mut cases = Vec::new();
    for nth in 0..8 {
        let category = if nth % 3 == 0 { "fire.lane" } else { "noise.night" };
        cases.push(town.registered("001052003001", category).await?);
    }
    // Cases elsewhere belong to nothing here.
    for _ in 0..8 {
        town.registered("001053003001", "noise.night").await?;
    }
    let mark = town.proposes("只是为了等到前面的都读过").await?;
    assert_eq!(list(&town, pb::TopicStatus::Open).await?.len(), 1, "only {mark}");
    cases.push(town.registered("001052003001", "noise.night").await?);
    let raised = wait_until("the topic is raised", async || {
        let topics = list(&town, pb::TopicStatus::Open).await?;
        let raised = topics.into_iter().find(|topic| topic.raised_by != 0);
        Ok(raised.ok_or("no topic that was raised".into()))
    })
    .await?;
    assert_eq!(raised.raised_by(), pb::RaisedBy::CasesAtOnePlace);
    assert_eq!(raised.area_code, town.bench.area("001052003001").to_string());
    assert_eq!((raised.category_code.as_str(), raised.title.as_str()), ("noise.night", ""));
    let reasons = raised.reasons.context("reasons")?;
    assert_eq!((reasons.cases, reasons.reopened_cases, reasons.buildings), (9, 0, 1));

    // What happens to cases counts for the topic; further cases join it instead of raising another one.
    let reopened = dispatch::CaseReopened { case_id: cases[0].to_string(), ..Default::default() };
    town.tells(cases[0], 9, "001052003001", reopened).await?;
    let voided = dispatch::CaseVoided { case_id: cases[1].to_string() };
    town.tells(cases[1], 2, "001052003001", voided).await?;
    town.tells(old, 2, "001052003001", dispatch::CaseVoided { case_id: old.to_string() }).await?;
    town.registered("001052003001", "noise.night").await?;
    town.registered("001052003001", "noise.night").await?;
    wait_until("the cases are counted", async || {
        let reasons = get(&town, &raised.topic_id).await?.reasons.unwrap();
        let seen = (reasons.cases, reasons.reopened_cases);
        Ok(if seen == (10, 1) { Ok(()) } else { Err(format!("{seen:?}")) })
    })
    .await?;
    let raised_topics = list(&town, pb::TopicStatus::Unspecified).await?;
    assert_eq!(raised_topics.iter().filter(|topic| topic.raised_by != 0).count(), 1);
    assert_eq!(town.told().await?, ["topic_proposed", "topic_raised"]);
    town.bench.stop().await
}

/// Waits for the one topic that is open and was raised.
async fn raised(town: &Town) -> Result<pb::Topic> {
    wait_until("a topic is raised", async || {
        let topics = list(town, pb::TopicStatus::Open).await?;
        let raised = topics.into_iter().find(|topic| topic.raised_by != 0);
        Ok(raised.ok_or("no topic that was raised".into()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declined_is_counted_anew_and_what_was_merged_counts_for_the_other() -> Result<()> {
    let town = Town::new().await?;
    // Different kinds of cases, so that they come together at their place and in no other way.
    let happen = async |count: usize| -> Result<()> {
        for nth in 0..count {
            town.clock.advance(SignedDuration::from_mins(1));
            let category = if nth % 2 == 0 { "noise.night" } else { "fire.lane" };
            town.registered("001052003001", category).await?;
        }
        Ok(())
    };
    happen(9).await?;
    let first = raised(&town).await?;
    let decline = pb::DeclineTopicRequest {
        topic_id: first.topic_id.clone(),
        reason: "已由物业整改,不再上会".into(),
    };
    topics(&town.secretary).decline_topic(decline).await?;
    // The tenth case raises nothing again: only what comes after it was declined counts, until there are nine of them.
    happen(8).await?;
    let mark = town.proposes("等前面的案件都读过").await?;
    let demands = async || -> Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from demands").fetch_one(&town.schema().await?).await?)
    };
    wait_until("all cases are read", async || {
        let read = demands().await?;
        Ok(if read == 17 { Ok(()) } else { Err(format!("{read}")) })
    })
    .await?;
    assert_eq!(list(&town, pb::TopicStatus::Open).await?.len(), 1, "only {mark}");
    assert_eq!(get(&town, &first.topic_id).await?.reasons.unwrap().cases, 9, "it keeps what spoke for it");
    happen(1).await?;
    let second = raised(&town).await?;
    assert_eq!(second.reasons.as_ref().unwrap().cases, 9);

    let merge = pb::MergeTopicRequest {
        topic_id: second.topic_id.clone(),
        into_topic_id: mark.clone(),
        reason: "问的是同一件事".into(),
    };
    let merged = topics(&town.secretary).merge_topic(merge).await?.into_inner();
    assert_eq!(merged.topic.unwrap().reasons.unwrap().cases, 0);
    assert_eq!(merged.into.unwrap().reasons.unwrap().cases, 9);
    happen(9).await?;
    wait_until("the cases count for the other one", async || {
        let cases = get(&town, &mark).await?.reasons.unwrap().cases;
        Ok(if cases == 18 { Ok(()) } else { Err(format!("{cases}")) })
    })
    .await?;
    let all = list(&town, pb::TopicStatus::Unspecified).await?;
    assert_eq!(all.iter().filter(|topic| topic.raised_by != 0).count(), 2, "no third one was raised");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_wrong_is_named_at_once_and_nothing_is_stored() -> Result<()> {
    let town = Town::new().await?;
    let request = pb::ProposeTopicRequest {
        area_code: "330105".into(),
        title: "请找张先生 13805712345".into(),
        question: "短".into(),
        category_code: String::new(),
    };
    let wrong = topics(&town.worker).propose_topic(request).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    assert_eq!(fields(&wrong), ["area_code", "category_code", "title", "question"]);
    assert!(!format!("{wrong:?}").contains("13805712345"), "what was found is not told again");
    let foreign = pb::ProposeTopicRequest {
        area_code: town.bench.area("001053").to_string(),
        title: "隔壁的事".into(),
        question: "隔壁社区的事怎样办?".into(),
        category_code: "fire.lane".into(),
    };
    let denied = topics(&town.worker).propose_topic(foreign).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let gate = pb::GateTopicRequest {
        topic_id: "x".into(),
        gate: Some(pb::Gate { kind: 9, due_on: "2026-02-30".into(), source: String::new() }),
    };
    let wrong = topics(&town.secretary).gate_topic(gate).await.unwrap_err();
    assert_eq!(fields(&wrong), ["topic_id", "gate.kind", "gate.due_on", "gate.source"]);
    let request = pb::ListTopicsRequest {
        area_code: String::new(),
        status: 77,
        page_size: 999,
        page_token: "?".into(),
    };
    let wrong = topics(&town.worker).list_topics(request).await.unwrap_err();
    assert_eq!(fields(&wrong), ["area_code", "page_size", "page_token", "status"]);
    let missing = pb::GetTopicRequest { topic_id: uuid::Uuid::now_v7().to_string() };
    assert_eq!(topics(&town.worker).get_topic(missing).await.unwrap_err().code(), Code::NotFound);
    let stored: i64 =
        sqlx::query_scalar("select count(*) from aggregates").fetch_one(&town.schema().await?).await?;
    assert_eq!(stored, 0);
    town.bench.stop().await
}
