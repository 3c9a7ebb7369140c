//! Procedures of four deliberations and two publications, from the proposal to the result.

use anyhow::{Context, Result};
use gongzhi_deliberation::procedure::outcome;
use gongzhi_deliberation::{NAME, rules};
use gongzhi_harness::wait_until;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::ProcedureId;
use jiff::{SignedDuration, Span};
use tonic::{Code, Status};

use crate::town::{Town, fields, procedures, reason};

/// A day from today, as it is in China.
fn day(town: &Town, days: i64) -> String {
    (rules::day_of(town.now()) + Span::new().days(days)).to_string()
}

fn record(town: &Town, step: pb::ProcedureStep, (present, in_favour): (i32, i32)) -> pb::StepRecord {
    pb::StepRecord {
        step: step as i32,
        held_on: day(town, 0),
        announced_on: day(town, -1),
        entitled: 30,
        present,
        in_favour,
        text: "同意在七幢东侧建充电棚,费用从公共收益列支".into(),
        attachment_sha256: "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855".into(),
        ..Default::default()
    }
}

async fn opens(town: &Town, topic_id: &str) -> Result<pb::Procedure, Status> {
    let body = pb::Body::VillagersRepresentatives as i32;
    let request = pb::OpenProcedureRequest { topic_id: topic_id.into(), body };
    let opened = procedures(&town.secretary).open_procedure(request).await?.into_inner();
    Ok(opened.procedure.unwrap_or_default())
}

async fn records(town: &Town, id: &str, record: pb::StepRecord) -> Result<pb::Procedure, Status> {
    let request = pb::RecordProcedureStepRequest { procedure_id: id.into(), record: Some(record) };
    let recorded = procedures(&town.worker).record_procedure_step(request).await?.into_inner();
    Ok(recorded.procedure.unwrap_or_default())
}

async fn get(town: &Town, id: &str) -> Result<pb::Procedure> {
    let request = pb::GetProcedureRequest { procedure_id: id.into() };
    procedures(&town.worker).get_procedure(request).await?.into_inner().procedure.context("no procedure")
}

fn disclosure(town: &Town) -> Option<pb::Disclosure> {
    Some(pb::Disclosure {
        disclosed_on: day(town, 0), text: "公告栏与微信群".into(), ..Default::default()
    })
}

/// Waits until a publication is told to be overdue.
async fn overdue(town: &Town, id: &str, kinds: &[pb::DisclosureKind]) -> Result<pb::Procedure> {
    let kinds: Vec<_> = kinds.iter().map(|kind| *kind as i32).collect();
    wait_until("it is told", async || {
        let procedure = get(town, id).await?;
        Ok(if procedure.overdue == kinds { Ok(procedure) } else { Err(format!("{:?}", procedure.overdue)) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn four_steps_and_two_publications_the_late_ones_told() -> Result<()> {
    use pb::ProcedureStep::{Consultation, Proposal, Resolution, Review};
    let town = Town::new().await?;
    let (_, topics) = town.publishes(&["充电棚"]).await?;
    let id = opens(&town, &topics[0]).await?.procedure_id;
    assert_eq!(reason(&opens(&town, &topics[0]).await.unwrap_err()), "UNDER_WAY");
    let skipped = records(&town, &id, record(&town, Review, (20, 10))).await.unwrap_err();
    assert_eq!(reason(&skipped), "NOT_NEXT");
    for (step, counts) in [(Proposal, (16, 9)), (Consultation, (16, 9)), (Review, (20, 10))] {
        town.clock.advance(SignedDuration::from_hours(24));
        records(&town, &id, record(&town, step, counts)).await?;
    }
    let writer = town.bench.context.writer(NAME).await?;
    let typed = ProcedureId::parse(&id)?;
    assert_eq!(outcome(&writer, &typed).await?, None);
    let resolved = records(&town, &id, record(&town, Resolution, (20, 11))).await?;
    assert_eq!(resolved.status(), pb::ProcedureStatus::Resolved);
    assert_eq!(resolved.records[3].attachment_sha256.len(), 64);
    assert_eq!(resolved.decision_due_on, day(&town, 5));
    let (topic, passed) = outcome(&writer, &typed).await?.context("an outcome")?;
    assert_eq!((topic.to_string(), passed), (topics[0].clone(), true));

    town.clock.advance(SignedDuration::from_hours(24 * 6));
    overdue(&town, &id, &[pb::DisclosureKind::Decision]).await?;
    let decision = pb::DiscloseDecisionRequest {
        procedure_id: id.clone(),
        disclosure: disclosure(&town),
        result_due_on: day(&town, 30),
    };
    let early = pb::DiscloseResultRequest { procedure_id: id.clone(), disclosure: disclosure(&town) };
    let early = procedures(&town.worker).disclose_result(early).await.unwrap_err();
    assert_eq!(reason(&early), "DECISION_NOT_DISCLOSED");
    let disclosed =
        procedures(&town.worker).disclose_decision(decision).await?.into_inner().procedure.unwrap();
    assert!(disclosed.decision.context("a disclosure")?.late);
    town.clock.advance(SignedDuration::from_hours(24 * 31));
    overdue(&town, &id, &[pb::DisclosureKind::Decision, pb::DisclosureKind::Result]).await?;
    let result = pb::DiscloseResultRequest { procedure_id: id.clone(), disclosure: disclosure(&town) };
    let ended = procedures(&town.worker).disclose_result(result).await?.into_inner().procedure.unwrap();
    assert_eq!(ended.status(), pb::ProcedureStatus::ResultDisclosed);
    let told = town.told().await?;
    let told: Vec<_> = told.iter().skip_while(|fact| *fact != "procedure_opened").collect();
    let steps = ["procedure_step_recorded"; 4];
    let then = ["disclosure_overdue", "decision_disclosed", "disclosure_overdue", "result_disclosed"];
    assert_eq!(told, [&["procedure_opened"][..], &steps[..], &then[..]].concat());
    let listed = pb::ListProceduresRequest { area_code: town.community(), ..Default::default() };
    let listed = procedures(&town.worker).list_procedures(listed).await?.into_inner().procedures;
    assert_eq!(listed, [ended]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_misses_its_threshold_ends_it_and_it_may_begin_anew() -> Result<()> {
    use pb::ProcedureStep::{Proposal, Review};
    let town = Town::new().await?;
    let (_, topics) = town.publishes(&["充电棚"]).await?;
    let waiting = town.proposes("还没有列入议程").await?;
    assert_eq!(reason(&opens(&town, &waiting).await.unwrap_err()), "TOPIC_NOT_SCHEDULED");
    let first = opens(&town, &topics[0]).await?.procedure_id;
    let merge_reason = "书记主任由一人担任".to_owned();
    let merged = pb::StepRecord { merge_reason, ..record(&town, Proposal, (16, 9)) };
    let proposed = records(&town, &first, merged).await?;
    assert_eq!(proposed.next_step(), Review);
    let draft_late = pb::StepRecord { announced_on: String::new(), ..record(&town, Review, (20, 10)) };
    assert_eq!(reason(&records(&town, &first, draft_late).await.unwrap_err()), "NOTICE_TOO_SHORT");
    let failed = records(&town, &first, record(&town, Review, (19, 19))).await?;
    assert_eq!((failed.status(), failed.records[1].passed), (pb::ProcedureStatus::Failed, false));
    let writer = town.bench.context.writer(NAME).await?;
    let (_, passed) = outcome(&writer, &ProcedureId::parse(&first)?).await?.context("an outcome")?;
    assert!(!passed);
    let second = opens(&town, &topics[0]).await?;
    assert_ne!(second.procedure_id, first);
    assert_eq!(second.next_step(), Proposal);
    let denied = pb::OpenProcedureRequest { topic_id: topics[0].clone(), body: 2 };
    let denied = procedures(&town.worker).open_procedure(denied).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let other = town.bench.person("POST_COMMUNITY_SECRETARY", &town.bench.area("001053"));
    let open = pb::OpenProcedureRequest { topic_id: topics[0].clone(), body: pb::Body::Residents as i32 };
    let denied = procedures(&other).open_procedure(open).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "another community");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_open_one_at_once_one_is_refused() -> Result<()> {
    let town = Town::new().await?;
    let (_, topics) = town.publishes(&["充电棚"]).await?;
    let (one, other) = tokio::join!(opens(&town, &topics[0]), opens(&town, &topics[0]));
    let refused = one.err().or(other.err()).context("both were opened")?;
    assert_eq!(reason(&refused), "UNDER_WAY");
    let mut client = pb::procedure_service_client::ProcedureServiceClient::new(
        town.secretary.calls_with_key("the-same-opening"),
    );
    let (_, topics) = town.publishes(&["电梯"]).await?;
    let request = pb::OpenProcedureRequest { topic_id: topics[0].clone(), body: pb::Body::Residents as i32 };
    let first = client.open_procedure(request.clone()).await?.into_inner();
    assert_eq!(client.open_procedure(request).await?.into_inner(), first, "a repeat gets the first answer");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_wrong_is_named_at_once_and_nothing_is_stored() -> Result<()> {
    let town = Town::new().await?;
    let owners = pb::OpenProcedureRequest { topic_id: "x".into(), body: pb::Body::Owners as i32 };
    let wrong = procedures(&town.secretary).open_procedure(owners).await.unwrap_err();
    assert_eq!(fields(&wrong), ["topic_id", "body"]);
    let record = pb::StepRecord {
        step: 9,
        held_on: "2026-11-09".into(),
        announced_on: "2026-11-10".into(),
        entitled: 10,
        present: 11,
        in_favour: 12,
        text: "李书记 13805712345 提议并签字确认".into(),
        attachment_sha256: "abc".into(),
        merge_reason: "短".into(),
        passed: true,
    };
    let wrong = records(&town, "x", record).await.unwrap_err();
    let all = ["step", "announced_on", "present", "in_favour", "text", "attachment_sha256", "merge_reason"];
    let all: Vec<_> = all.iter().map(|field| format!("record.{field}")).collect();
    assert_eq!(fields(&wrong), [&["procedure_id".to_owned()][..], &all[..]].concat());
    assert!(!format!("{wrong:?}").contains("13805712345"), "what was found is not told again");
    let wrong = procedures(&town.worker).disclose_decision(pb::DiscloseDecisionRequest::default()).await;
    let disclosure = ["procedure_id", "disclosure.disclosed_on", "disclosure.text"];
    assert_eq!(fields(&wrong.unwrap_err()), [&disclosure[..], &["result_due_on"]].concat());
    let wrong = procedures(&town.worker).disclose_result(pb::DiscloseResultRequest::default()).await;
    assert_eq!(fields(&wrong.unwrap_err()), disclosure);
    let list = pb::ListProceduresRequest { page_size: 201, page_token: "?".into(), ..Default::default() };
    let wrong = procedures(&town.worker).list_procedures(list).await.unwrap_err();
    assert_eq!(fields(&wrong), ["area_code", "page_size", "page_token"]);
    let missing = pb::GetProcedureRequest { procedure_id: uuid::Uuid::now_v7().to_string() };
    assert_eq!(procedures(&town.worker).get_procedure(missing).await.unwrap_err().code(), Code::NotFound);
    let stored: i64 =
        sqlx::query_scalar("select count(*) from aggregates").fetch_one(&town.schema().await?).await?;
    assert_eq!(stored, 0);
    town.bench.stop().await
}
