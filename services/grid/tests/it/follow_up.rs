//! Visits as dispatch's facts open and withdraw them, and as people on duty record them.

use anyhow::Result;
use gongzhi_chassis::bus::Outgoing;
use gongzhi_grid::follow_up::visit_id;
use gongzhi_harness::{Bench, Person, wait_until};
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::grid::v1::follow_up_service_client::FollowUpServiceClient;
use gongzhi_proto::ids::{AreaCode, CaseId};
use gongzhi_proto::subjects::Audience;
use tonic::Code;
use uuid::Uuid;

use crate::bench::{fields, reason, schema, serve, told, visits};

/// A fact of a case, as dispatch tells it.
fn telling(bench: &Bench, area: &AreaCode, case: CaseId, fact: impl Into<Fact>) -> Outgoing {
    let meta = Meta {
        event_id: bench.context.clock.new_id(),
        aggregate_kind: "case",
        aggregate_id: case.to_string(),
        version: 1,
        at: bench.context.clock.now(),
        area: area.clone(),
        audience: Audience::All,
        actor: "system:dispatch".into(),
        traceparent: None,
    };
    let envelope = Envelope::seal(&fact.into(), meta).expect("a fact of the district");
    let subject = envelope.bus_subject().expect("a subject").to_string();
    Outgoing { subject, id: envelope.id, body: envelope.to_bytes().into() }
}

fn verified(case: CaseId, round: i32, reporter_count: i32) -> dispatch::CaseVerified {
    dispatch::CaseVerified { case_id: case.to_string(), round, reporter_count, grid_id: String::new() }
}

fn new_case() -> CaseId {
    CaseId(Uuid::now_v7())
}

async fn list(person: &Person, area: &AreaCode, case: Option<CaseId>) -> Result<Vec<pb::FollowUpVisit>> {
    let request = pb::ListFollowUpVisitsRequest {
        area_code: area.to_string(),
        case_id: case.map(|case| case.to_string()).unwrap_or_default(),
        ..Default::default()
    };
    Ok(visits(person).list_follow_up_visits(request).await?.into_inner().visits)
}

/// Waits until as many visits of a case are listed.
async fn listed(
    person: &Person,
    area: &AreaCode,
    case: CaseId,
    count: usize,
) -> Result<Vec<pb::FollowUpVisit>> {
    wait_until("the visits of the case are listed", async || {
        let visits = list(person, area, Some(case)).await?;
        Ok(if visits.len() == count { Ok(visits) } else { Err(format!("{} visits", visits.len())) })
    })
    .await
}

fn record(visit_id: &str, rating: pb::Rating) -> pb::RecordFollowUpVisitRequest {
    pb::RecordFollowUpVisitRequest { visit_id: visit_id.into(), rating: rating.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_case_opens_one_visit_per_reporter_and_nothing_twice() -> Result<()> {
    let bench = serve().await?;
    let (area, case, next) = (bench.area("001052"), new_case(), new_case());
    let worker = bench.person("POST_GRID_WORKER", &area);
    let grid_id = format!("{area}-02");
    let fact = dispatch::CaseVerified { grid_id: grid_id.clone(), ..verified(case, 1, 3) };
    let telling_once = telling(&bench, &area, case, fact.clone());
    bench.context.bus.publish(&[telling_once]).await?;
    let visits = listed(&worker, &area, case, 3).await?;
    for (visit, reporter) in visits.iter().zip(visits.iter().map(|visit| visit.reporter)) {
        assert_eq!(visit.visit_id, visit_id(case, 1, reporter).to_string());
        assert_eq!((visit.round, visit.area_code.as_str()), (1, area.as_str()));
        assert_eq!((visit.grid_id.as_str(), visit.recorded_at, visit.rating), (grid_id.as_str(), None, 0));
    }

    // Told again under another id, as a rebuilt stream of a restored dispatch might; the fact behind it shows when it was read.
    bench.context.bus.publish(&[telling(&bench, &area, case, fact)]).await?;
    bench.context.bus.publish(&[telling(&bench, &area, next, verified(next, 1, 1))]).await?;
    listed(&worker, &area, next, 1).await?;
    assert_eq!(list(&worker, &area, Some(case)).await?, visits);
    let told = told(&schema(&bench).await?).await?;
    let opened = |(subject, envelope): &(String, Envelope)| match envelope.fact().expect("a fact") {
        Some(Fact::FollowUpVisitOpened(fact)) => (subject.clone(), fact.case_id, fact.reporter),
        other => panic!("{other:?} was told"),
    };
    let subject = "001.052.grid.follow_up_visit_opened.all".to_owned();
    let mut wanted: Vec<_> = (1..=3).map(|reporter| (subject.clone(), case.to_string(), reporter)).collect();
    wanted.push((subject, next.to_string(), 1));
    assert_eq!(told.iter().map(opened).collect::<Vec<_>>(), wanted);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_recorded_once() -> Result<()> {
    let bench = serve().await?;
    let (area, case) = (bench.area("001052"), new_case());
    let worker = bench.person("POST_GRID_WORKER", &area);
    bench.context.bus.publish(&[telling(&bench, &area, case, verified(case, 2, 2))]).await?;
    let waiting = listed(&worker, &area, case, 2).await?;
    let id = &waiting[0].visit_id;

    let neighbour = bench.person("POST_GRID_WORKER", &bench.area("001053"));
    let officer = bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &bench.area("001"));
    for denied in [&neighbour, &officer] {
        let status = visits(denied).record_follow_up_visit(record(id, pb::Rating::Satisfied)).await;
        assert_eq!(status.unwrap_err().code(), Code::PermissionDenied);
    }
    let mut keyed = FollowUpServiceClient::new(worker.calls_with_key("visit-on-monday"));
    let first = keyed.record_follow_up_visit(record(id, pb::Rating::NotSatisfied)).await?.into_inner();
    let visit = first.visit.clone().expect("the visit");
    assert_eq!((visit.rating(), visit.recorded_at.is_some()), (pb::Rating::NotSatisfied, true));
    let again = keyed.record_follow_up_visit(record(id, pb::Rating::NotSatisfied)).await?.into_inner();
    assert_eq!(again, first);
    let refused =
        visits(&worker).record_follow_up_visit(record(id, pb::Rating::NotSatisfied)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "ALREADY_RECORDED".into()));
    let absent = record(&Uuid::now_v7().to_string(), pb::Rating::Satisfied);
    let absent = visits(&worker).record_follow_up_visit(absent).await.unwrap_err();
    assert_eq!(absent.code(), Code::NotFound);
    let wrong =
        visits(&worker).record_follow_up_visit(record("x", pb::Rating::Unspecified)).await.unwrap_err();
    let names: Vec<_> = fields(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["visit_id", "rating"]);

    let told = told(&schema(&bench).await?).await?;
    let (subject, envelope) = told.last().expect("facts");
    assert_eq!(subject, "001.052.grid.follow_up_visit_recorded.all");
    let Some(Fact::FollowUpVisitRecorded(fact)) = envelope.fact()? else { panic!("another fact") };
    assert_eq!((fact.round, fact.rating(), &fact.visit_id), (2, pb::Rating::NotSatisfied, id));
    assert_eq!(envelope.actor, worker.id.to_string());
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_or_voided_case_withdraws_what_waits() -> Result<()> {
    let bench = serve().await?;
    let (area, case, voided) = (bench.area("001052"), new_case(), new_case());
    let worker = bench.person("POST_GRID_WORKER", &area);
    let bus = &bench.context.bus;
    bus.publish(&[telling(&bench, &area, case, verified(case, 1, 3))]).await?;
    bus.publish(&[telling(&bench, &area, voided, verified(voided, 1, 2))]).await?;
    let waiting = listed(&worker, &area, case, 3).await?;
    let (rated, withdrawn) = (&waiting[0].visit_id, &waiting[1].visit_id);
    visits(&worker).record_follow_up_visit(record(rated, pb::Rating::NotSatisfied)).await?;

    // What was recorded stays; the visits of the new round are none of the old one's business.
    let reopened = dispatch::CaseReopened { case_id: case.to_string(), round: 2, answer_due_at: None };
    bus.publish(&[telling(&bench, &area, case, reopened.clone())]).await?;
    let left = listed(&worker, &area, case, 1).await?;
    assert_eq!((&left[0].visit_id, left[0].rating()), (rated, pb::Rating::NotSatisfied));
    bus.publish(&[telling(&bench, &area, case, verified(case, 2, 3))]).await?;
    listed(&worker, &area, case, 4).await?;
    bus.publish(&[telling(&bench, &area, case, reopened)]).await?;
    let void = dispatch::CaseVoided { case_id: voided.to_string() };
    bus.publish(&[telling(&bench, &area, voided, void)]).await?;
    listed(&worker, &area, voided, 0).await?;
    assert_eq!(list(&worker, &area, Some(case)).await?.len(), 4);

    let refused =
        visits(&worker).record_follow_up_visit(record(withdrawn, pb::Rating::Satisfied)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "VISIT_WITHDRAWN".into()));
    let pool = schema(&bench).await?;
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from history where kind = 'follow_up' and event like '%withdrawn%'",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(kept, 4);
    assert_eq!(told(&pool).await?.len(), 3 + 2 + 1 + 3);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_no_concern_do_nothing_and_malformed_ones_are_parked() -> Result<()> {
    let bench = serve().await?;
    let (area, case) = (bench.area("001052"), new_case());
    let worker = bench.person("POST_GRID_WORKER", &area);
    let bus = &bench.context.bus;
    let closed = dispatch::CaseClosed { case_id: case.to_string(), round: 1 };
    bus.publish(&[telling(&bench, &area, case, closed)]).await?;
    let broken = new_case();
    let malformed = dispatch::CaseVerified { case_id: "nobody".into(), ..verified(broken, 1, 1) };
    bus.publish(&[telling(&bench, &area, broken, malformed)]).await?;
    let crowd = new_case();
    bus.publish(&[telling(&bench, &area, crowd, verified(crowd, 1, 10_001))]).await?;
    bus.publish(&[telling(&bench, &area, case, verified(case, 1, 1))]).await?;
    listed(&worker, &area, case, 1).await?;
    assert_eq!(list(&worker, &area, None).await?.len(), 1);
    let reasons: Vec<String> =
        sqlx::query_scalar("select reason from parked order by id").fetch_all(&schema(&bench).await?).await?;
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].contains("a UUID with hyphens, not \"nobody\""), "{reasons:?}");
    assert!(reasons[1].contains("for 10001 reporters"), "{reasons:?}");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_are_listed_in_pages_those_waiting_longest_first() -> Result<()> {
    let bench = serve().await?;
    let (here, there) = (bench.area("001052"), bench.area("001053"));
    let officer = bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &bench.area("001"));
    let worker = bench.person("POST_GRID_WORKER", &here);
    let cases: Vec<_> = (0..4).map(|_| new_case()).collect();
    for (case, area) in cases.iter().zip([&here, &there, &here, &here]) {
        bench.context.bus.publish(&[telling(&bench, area, *case, verified(*case, 1, 1))]).await?;
        listed(&officer, area, *case, 1).await?;
    }
    let oldest = visit_id(cases[0], 1, 1).to_string();
    visits(&worker).record_follow_up_visit(record(&oldest, pb::Rating::NotReached)).await?;
    let mut request = pb::ListFollowUpVisitsRequest {
        area_code: bench.area("001").to_string(),
        page_size: 3,
        ..Default::default()
    };
    let mut client = visits(&officer);
    let first = client.list_follow_up_visits(request.clone()).await?.into_inner();
    request.page_token = first.next_page_token.clone();
    let second = client.list_follow_up_visits(request.clone()).await?.into_inner();
    let of = |page: &pb::ListFollowUpVisitsResponse| -> Vec<String> {
        page.visits.iter().map(|visit| visit.case_id.clone()).collect()
    };
    let case = |nth: usize| cases[nth].to_string();
    assert_eq!((of(&first), of(&second)), (vec![case(1), case(2), case(3)], vec![case(0)]));
    assert_eq!(second.next_page_token, "");
    request = pb::ListFollowUpVisitsRequest { waiting_only: true, page_token: String::new(), ..request };
    let waiting = client.list_follow_up_visits(request.clone()).await?.into_inner();
    assert_eq!((of(&waiting), waiting.next_page_token.as_str()), (vec![case(1), case(2), case(3)], ""));
    assert_eq!(list(&worker, &here, None).await?.len(), 3);

    let denied = visits(&worker).list_follow_up_visits(request.clone()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    // A token of another list opens, and is still no position among visits.
    request = pb::ListFollowUpVisitsRequest {
        area_code: String::new(),
        case_id: "x".into(),
        page_token: "YQ".into(),
        ..request
    };
    let wrong = client.list_follow_up_visits(request).await.unwrap_err();
    let names: Vec<_> = fields(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["area_code", "case_id", "page_token"]);
    bench.stop().await
}
