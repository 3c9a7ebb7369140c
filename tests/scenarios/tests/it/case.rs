//! A case: two reports of one thing are one case; contact data is read with a purpose; a "no" opens the case again.

use anyhow::Result;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::grid::v1::Rating;
use jiff::SignedDuration;

use crate::world::{World, cases};

#[tokio::test(flavor = "multi_thread")]
async fn two_reports_of_one_thing_are_one_case_with_two_reporters() -> Result<()> {
    let world = World::new().await?;
    let (first, second) = tokio::join!(world.registers("1幢西侧"), world.registers("1幢西侧"));
    let (first, second) = (first?, second?);
    assert_eq!(first, second, "also when both come at the same moment");
    assert_eq!(world.case(&first).await?.reporter_count, 2);
    let mut other = world.report("1幢西侧");
    other.distinct_from = vec![first.clone()];
    let distinct = cases(&world.grid_worker).register_case(other).await?.into_inner();
    assert!(!distinct.joined);
    assert_ne!(distinct.case.unwrap().case_id, first);
    let elsewhere = world.registers("2幢西侧").await?;
    assert_ne!(elsewhere, first);
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_opens_the_case_again_and_a_yes_closes_it() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.registers("4幢").await?;
    world.registers("4幢").await?;
    let mut community = cases(&world.community);
    community.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await?;
    community
        .settle_case(pb::SettleCaseRequest { case_id: case_id.clone(), summary: "已清理".into() })
        .await?;
    world.verified(&case_id).await?;
    world.is_rated(&case_id, &[Rating::Satisfied, Rating::NotSatisfied]).await?;
    let reopened = world.reaches(&case_id, pb::CasePhase::Handling).await?;
    assert_eq!(reopened.round, 2);
    community
        .settle_case(pb::SettleCaseRequest { case_id: case_id.clone(), summary: "再次清理".into() })
        .await?;
    world.verified(&case_id).await?;
    world.is_rated(&case_id, &[Rating::FairlySatisfied, Rating::NotReached]).await?;
    world.reaches(&case_id, pb::CasePhase::Closed).await?;
    let happened = world.happened(&case_id).await?;
    assert_eq!(happened.iter().filter(|name| *name == "case_reopened").count(), 1);
    assert_eq!(happened.last().map(String::as_str), Some("case_closed"));
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_is_read_with_a_purpose_and_every_reading_is_logged() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.registers("6幢").await?;
    let read =
        pb::ReadContactRequest {
            case_id: case_id.clone(), reporter: 1, purpose: "约定上门时间".into()
        };
    assert_eq!(cases(&world.grid_worker).read_contact(read.clone()).await?.into_inner().contact, "晚上敲门");
    let without = pb::ReadContactRequest { purpose: String::new(), ..read.clone() };
    assert_eq!(
        cases(&world.grid_worker).read_contact(without).await.unwrap_err().code(),
        tonic::Code::InvalidArgument
    );
    let auditor = world.bench.person("POST_AUDITOR", &world.bench.area(""));
    assert_eq!(
        cases(&auditor).read_contact(read).await.unwrap_err().code(),
        tonic::Code::PermissionDenied,
        "who checks the readings does not read"
    );
    let list = pb::ListContactReadingsRequest { case_id: case_id.clone(), ..Default::default() };
    let readings = cases(&auditor).list_contact_readings(list).await?.into_inner().readings;
    assert_eq!(readings.len(), 1);
    assert_eq!(
        (readings[0].staff_id.clone(), readings[0].purpose.as_str()),
        (world.grid_worker.id.to_string(), "约定上门时间")
    );
    // Neither the history nor the bus holds it.
    let dispatch = world.bench.context.writer(gongzhi_dispatch::NAME).await?;
    let leaks: i64 = sqlx::query_scalar(
        "select (select count(*) from history where event like '%敲门%')
              + (select count(*) from outbox where position(convert_to('敲门', 'UTF8') in body) > 0)
              + (select count(*) from contacts where position(convert_to('敲门', 'UTF8') in ciphertext) > 0)",
    )
    .fetch_one(dispatch.pool())
    .await?;
    assert_eq!(leaks, 0);
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_approved_suspension_stops_the_clock() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.registers("8幢").await?;
    let mut community = cases(&world.community);
    community.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await?;
    let due = |case: &pb::Case| {
        case.clocks.iter().find(|clock| clock.kind() == pb::ClockKind::Answer).unwrap().due_at
    };
    let first = due(&world.case(&case_id).await?);
    community
        .request_suspension(pb::RequestSuspensionRequest {
            case_id: case_id.clone(),
            reason: "等待配件到货".into(),
        })
        .await?;
    world.passes(SignedDuration::from_mins(30), 1).await?;
    assert_eq!(due(&world.case(&case_id).await?), first, "asking moves nothing");
    let until = world.clock.now() + SignedDuration::from_hours(48);
    let approve = pb::ApproveSuspensionRequest {
        case_id: case_id.clone(),
        until_at: Some(gongzhi_proto::time::to_wire(until)),
    };
    assert_eq!(
        cases(&world.community).approve_suspension(approve.clone()).await.unwrap_err().code(),
        tonic::Code::PermissionDenied,
        "nobody approves the own request"
    );
    cases(&world.leader).approve_suspension(approve).await?;
    world.passes(SignedDuration::from_hours(49), 7).await?;
    gongzhi_harness::wait_until("the suspension ends by itself", || async {
        let case = world.case(&case_id).await?;
        Ok(if case.suspension.is_none() { Ok(()) } else { Err(format!("{:?}", case.suspension)) })
    })
    .await?;
    let moved = due(&world.case(&case_id).await?);
    assert!(
        moved.unwrap().seconds > first.unwrap().seconds + 15 * 3600,
        "two working days were given back: {first:?} → {moved:?}"
    );
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_handed_a_case_up_does_not_settle_it_any_more() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.climbed("10幢").await?;
    let actions = |person| async move {
        let answer =
            cases(person).get_case(pb::GetCaseRequest { case_id: case_id.clone() }).await?.into_inner();
        let rpcs: Vec<_> = answer.actions.into_iter().map(|action| action.rpc).collect();
        Ok::<_, anyhow::Error>((case_id, rpcs))
    };
    let (case_id, offered) = actions(&world.community).await?;
    assert!(!offered.iter().any(|rpc| rpc == "SettleCase" || rpc == "ClimbCase"), "{offered:?}");
    let settle = pb::SettleCaseRequest { case_id: case_id.clone(), summary: "自行办结".into() };
    let denied = cases(&world.community).settle_case(settle.clone()).await.unwrap_err();
    assert_eq!(denied.code(), tonic::Code::PermissionDenied);
    let settled = cases(&world.officer).settle_case(settle).await?.into_inner().case.unwrap();
    assert_eq!(settled.phase(), pb::CasePhase::Settled);
    world.ends_well().await
}
