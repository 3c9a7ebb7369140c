//! A whistle: who is late is reminded and supervised without anybody acting; a refusal reaches the arbiter; nobody leaves before all is done.

use anyhow::Result;
use gongzhi_proto::dispatch::v1 as pb;
use jiff::SignedDuration;

use crate::world::{World, at, cases, reason, whistles};

#[tokio::test(flavor = "multi_thread")]
async fn a_late_department_is_reminded_and_then_supervised_without_anybody_acting() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.climbed("3幢北侧").await?;
    let whistle_id = world.sounds(&case_id, &["fire-rescue", "housing"]).await?;
    world.does_its_part(&whistle_id, &world.fire, "fire-rescue").await?;
    let silent = world.summons(&whistle_id, "housing").await?;
    assert_eq!((silent.reminders, silent.supervised), (0, false));
    let due = at(silent.clocks.iter().find(|clock| clock.kind() == pb::ClockKind::SignFor).unwrap().due_at);
    assert_eq!(due, world.clock.now().max(due), "the clock runs from the sounding on");

    // Signing is due an hour of working time after the sounding: 48 minutes remind, 65 supervise.
    world.passes(SignedDuration::from_mins(48), 4).await?;
    let reminded = world.summons(&whistle_id, "housing").await?;
    assert!(reminded.reminders >= 1 && !reminded.supervised, "{reminded:?}");
    world.passes(SignedDuration::from_mins(17), 4).await?;
    let supervised = world.summons(&whistle_id, "housing").await?;
    assert!(supervised.supervised, "{supervised:?}");
    assert_eq!(supervised.phase(), pb::SummonsPhase::Called, "nobody has acted");
    let happened = world.happened(&case_id).await?;
    let (reminder, supervision) = (
        happened.iter().position(|name| name == "department_reminded"),
        happened.iter().position(|name| name == "department_supervised"),
    );
    assert!(reminder.is_some() && reminder < supervision, "{happened:?}");
    // The board knows it from the bus alone.
    let board = gongzhi_harness::wait_until("the board shows the summons", || async {
        let board = world.board().await?;
        let row = board.departments.iter().find(|row| row.key == "housing").cloned();
        Ok(row.filter(|row| row.overdue == 1).ok_or_else(|| format!("{:?}", board.departments)))
    })
    .await?;
    assert_eq!(board.whistles_open, 1);
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_summons_reaches_the_arbiter_and_clocks_run_on() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.climbed("5幢南侧").await?;
    let whistle_id = world.sounds(&case_id, &["fire-rescue", "housing"]).await?;
    let before = world.summons(&whistle_id, "housing").await?.clocks;
    let refusal = pb::RefuseSummonsRequest {
        whistle_id: whistle_id.clone(),
        department_code: "housing".into(),
        reason: "按权责清单第三条,消防通道不属住建职责".into(),
    };
    whistles(&world.housing).refuse_summons(refusal.clone()).await?;
    assert_eq!(world.summons(&whistle_id, "housing").await?.clocks, before, "a refusal stops no clock");
    let request = pb::ListWhistlesRequest {
        area_code: world.bench.area("").to_string(),
        refused_only: true,
        ..Default::default()
    };
    let waiting = whistles(&world.arbiter).list_whistles(request.clone()).await?.into_inner().whistles;
    assert_eq!(
        waiting.iter().map(|whistle| whistle.whistle_id.as_str()).collect::<Vec<_>>(),
        [whistle_id.as_str()]
    );

    // The sub-district is no judge in its own cause.
    let decision = pb::DecideRefusalRequest {
        whistle_id: whistle_id.clone(),
        department_code: "housing".into(),
        decision: pb::RefusalDecision::SummonsStands as i32,
        reason: "物业监管属住建".into(),
    };
    let denied = whistles(&world.officer).decide_refusal(decision.clone()).await.unwrap_err();
    assert_eq!(denied.code(), tonic::Code::PermissionDenied);
    whistles(&world.arbiter).decide_refusal(decision).await?;
    assert!(world.summons(&whistle_id, "housing").await?.refusal_reason.is_empty());
    assert!(whistles(&world.arbiter).list_whistles(request).await?.into_inner().whistles.is_empty());
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_leaves_before_all_is_done() -> Result<()> {
    let world = World::new().await?;
    let case_id = world.climbed("7幢东侧").await?;
    let whistle_id = world.sounds(&case_id, &["fire-rescue", "housing", "urban-management"]).await?;
    let finish = pb::FinishSummonsRequest {
        whistle_id: whistle_id.clone(),
        department_code: "fire-rescue".into(),
        summary: "已划线".into(),
    };
    assert_eq!(
        whistles(&world.fire).finish_summons(finish).await.unwrap_err().code(),
        tonic::Code::FailedPrecondition,
        "not before reporting in"
    );
    let foreign = pb::ReportInRequest { whistle_id: whistle_id.clone(), department_code: "housing".into() };
    assert_eq!(
        whistles(&world.fire).report_in(foreign).await.unwrap_err().code(),
        tonic::Code::PermissionDenied,
        "only for the own department"
    );
    world.does_its_part(&whistle_id, &world.fire, "fire-rescue").await?;
    world.does_its_part(&whistle_id, &world.housing, "housing").await?;
    let accept =
        pb::AcceptResultRequest { whistle_id: whistle_id.clone(), summary: "通道已畅通".into() };
    let early = whistles(&world.officer).accept_result(accept.clone()).await.unwrap_err();
    assert_eq!(early.code(), tonic::Code::FailedPrecondition, "{}", reason(&early));
    let settle = pb::SettleCaseRequest { case_id: case_id.clone(), summary: "不等了".into() };
    assert_eq!(
        cases(&world.officer).settle_case(settle).await.unwrap_err().code(),
        tonic::Code::FailedPrecondition
    );
    world.does_its_part(&whistle_id, &world.urban, "urban-management").await?;
    let accepted = whistles(&world.officer).accept_result(accept).await?.into_inner();
    assert_eq!(accepted.whistle.unwrap().phase(), pb::WhistlePhase::Accepted);
    assert_eq!(accepted.case.unwrap().phase(), pb::CasePhase::Settled);
    world.ends_well().await
}
