//! From real demand to a resolution, and from there to work: nine cases raise a topic, households want it, it goes onto an agenda and is voted on, a stranger counts again,
//! and its goals become a case and a whistle over the bus, whose results come back.

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use gongzhi_chassis::client::Calling;
use gongzhi_harness::{Person, stranger, wait_until};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::agenda_service_client::AgendaServiceClient;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::deliberation::v1::resolution_service_client::ResolutionServiceClient;
use gongzhi_proto::deliberation::v1::topic_service_client::TopicServiceClient;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::grid::v1::Rating;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;

use crate::world::{World, cases, whistles};

fn topics(who: &Person) -> TopicServiceClient<Calling> {
    TopicServiceClient::new(who.calls())
}

fn ballots(who: &Person) -> BallotServiceClient<Calling> {
    BallotServiceClient::new(who.calls())
}

fn in_days(world: &World, days: i64) -> Option<prost_types::Timestamp> {
    Some(to_wire(world.clock.now() + SignedDuration::from_hours(24 * days)))
}

/// Nine cases at one place raise a topic; the secretary words it, and households say that they want it.
async fn wanted_topic(world: &World) -> Result<String> {
    for building in 1..=9 {
        world.registers(&format!("{building}幢前")).await?;
    }
    let community = world.bench.area("001052").to_string();
    let list = pb::ListTopicsRequest { area_code: community.clone(), ..Default::default() };
    let raised = wait_until("a topic is raised", async || {
        let topics = topics(&world.community).list_topics(list.clone()).await?.into_inner().topics;
        Ok(topics.into_iter().next().ok_or("no topic".into()))
    })
    .await?;
    ensure!(raised.raised_by() == pb::RaisedBy::CasesAtOnePlace, "{raised:?}");
    ensure!(raised.area_code == world.bench.area("001052001").as_str(), "{raised:?}");
    let topic_id = raised.topic_id;
    topics(&world.secretary)
        .word_topic(pb::WordTopicRequest {
            topic_id: topic_id.clone(),
            title: "小区停车与消防通道".into(),
            question: "怎样停车,才能让消防通道始终畅通?".into(),
        })
        .await?;
    for door in 1..=20 {
        let request = pb::SupportTopicRequest {
            topic_id: topic_id.clone(),
            household: format!("{}-1-{door}", door % 5 + 1),
            building_code: world.bench.area("001052001").to_string(),
        };
        topics(&world.grid_worker).support_topic(request).await?;
    }
    Ok(topic_id)
}

/// The topic goes onto an agenda, which is published; the ballot on it is prepared, published and printed.
async fn ballot_opens(world: &World, topic_id: &str, heads: usize) -> Result<(String, Vec<String>)> {
    let mut agendas = AgendaServiceClient::new(world.community.calls());
    let request = pb::DrawUpAgendaRequest {
        area_code: world.bench.area("001052").to_string(),
        title: "第四季度居民议事会".into(),
        meets_at: in_days(world, 20),
        places: 5,
        lot_source: "当日公开摇号".into(),
    };
    let agenda = agendas.draw_up_agenda(request).await?.into_inner().agenda.context("an agenda")?;
    ensure!(agenda.order == [topic_id.to_owned()] && agenda.places[0].households == 20);
    let mut agendas = AgendaServiceClient::new(world.community.calls());
    agendas.publish_agenda(pb::PublishAgendaRequest { agenda_id: agenda.agenda_id }).await?;
    let request = pb::PrepareBallotRequest {
        topic_id: topic_id.into(),
        question: "是否同意划线停车、设置消防通道禁停区并共同巡查?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: in_days(world, 16),
        closes_at: in_days(world, 26),
    };
    let ballot = ballots(&world.community).prepare_ballot(request).await?.into_inner().ballot;
    let ballot_id = ballot.context("a ballot")?.ballot_id;
    let electors = vec![pb::Elector::default(); heads];
    let request = pb::EnterElectorsRequest { ballot_id: ballot_id.clone(), first_number: 1, electors };
    ballots(&world.community).enter_electors(request).await?;
    let request = pb::PublishBallotRequest { ballot_id: ballot_id.clone() };
    ballots(&world.community).publish_ballot(request).await?;
    let request = pb::PrintSlipsRequest { ballot_id: ballot_id.clone() };
    let codes = ballots(&world.community).print_slips(request).await?.into_inner().codes;
    Ok((ballot_id, codes))
}

/// Thirty of forty vote by their slips, five more on paper that two people enter; the ballot is counted, counted again by a stranger, and signed.
async fn is_adopted(world: &World, ballot_id: &str, codes: &[String]) -> Result<()> {
    use pb::Choice::{Abstain, Against, For};
    for (nth, code) in codes.iter().take(30).enumerate() {
        let choice = if nth % 5 == 4 { Against } else { For } as i32;
        let request = pb::CastVoteRequest { ballot_id: ballot_id.into(), code: code.clone(), choice };
        BallotServiceClient::new(world.bench.channel()).cast_vote(request).await?;
    }
    for code in &codes[30..35] {
        for who in [&world.community, &world.second_worker] {
            let (code, choice) = (code.clone(), Abstain as i32);
            let request = pb::EnterPaperVoteRequest { ballot_id: ballot_id.into(), code, choice };
            ballots(who).enter_paper_vote(request).await?;
        }
    }
    world.clock.advance(SignedDuration::from_hours(24 * 10));
    let request = pb::CloseBallotRequest { ballot_id: ballot_id.into() };
    let closed = ballots(&world.secretary).close_ballot(request).await?.into_inner().ballot;
    let closed = closed.context("a ballot")?;
    ensure!(closed.outcome() == pb::BallotOutcome::Adopted, "{closed:?}");
    let request = pb::ExportBallotRequest { ballot_id: ballot_id.into() };
    let mut pieces =
        BallotServiceClient::new(world.bench.channel()).export_ballot(request).await?.into_inner();
    let mut record = Vec::new();
    while let Some(piece) = pieces.next().await {
        record.extend(piece?.piece);
    }
    let record = String::from_utf8(record)?;
    stranger::agrees("ballot", &record, &closed.record_sha256, ("\"for\"", "\"abstain\""))?;
    for who in [&world.community, &world.second_worker] {
        let record_sha256 = closed.record_sha256.clone();
        let request = pb::SignBallotRecordRequest { ballot_id: ballot_id.into(), record_sha256 };
        ballots(who).sign_ballot_record(request).await?;
    }
    Ok(())
}

/// Adopts the resolution; gives its identity.
async fn is_resolved(world: &World, topic_id: &str, ballot_id: &str) -> Result<String> {
    let goal = |kind: pb::GoalKind, text: &str, departments: &[&str]| pb::GoalDraft {
        text: text.into(),
        kind: kind as i32,
        category_code: "fire.lane.obstructed".into(),
        department_codes: departments.iter().map(|code| (*code).to_owned()).collect(),
        due_on: "2027-03-31".into(),
        amount_fen: 0,
    };
    let request = pb::AdoptResolutionRequest {
        topic_id: topic_id.into(),
        text: "划线停车,消防通道禁停,居民与物业共同巡查".into(),
        basis: Some(pb::Basis { basis: Some(pb::basis::Basis::BallotId(ballot_id.into())) }),
        goals: vec![
            goal(pb::GoalKind::Case, "一个月内完成小区停车划线", &[]),
            goal(pb::GoalKind::Whistle, "集中清理占用消防通道的车辆", &["fire-rescue", "urban-management"]),
            goal(pb::GoalKind::OwnWork, "居民志愿者每周巡查两次", &[]),
        ],
    };
    let mut calls = ResolutionServiceClient::new(world.secretary.calls());
    let resolution = calls.adopt_resolution(request).await?.into_inner().resolution;
    Ok(resolution.context("a resolution")?.resolution_id)
}

async fn goal(world: &World, resolution_id: &str, nth: usize) -> Result<pb::Goal> {
    let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
    let answer = ResolutionServiceClient::new(world.community.calls()).get_resolution(request).await?;
    let mut goals = answer.into_inner().resolution.context("a resolution")?.goals;
    Ok(goals.swap_remove(nth))
}

async fn goal_is(world: &World, resolution_id: &str, nth: usize, wanted: pb::GoalStatus) -> Result<pb::Goal> {
    wait_until("the goal has moved", async || {
        let goal = goal(world, resolution_id, nth).await?;
        Ok(if goal.status() == wanted { Ok(goal) } else { Err(format!("{goal:?}")) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_cases_become_a_topic_a_ballot_a_resolution_and_work() -> Result<()> {
    let world = World::new().await?;
    let topic_id = wanted_topic(&world).await?;
    let (ballot_id, codes) = ballot_opens(&world, &topic_id, 40).await?;
    world.clock.advance(SignedDuration::from_hours(24 * 16 + 1));
    is_adopted(&world, &ballot_id, &codes).await?;
    let resolution_id = is_resolved(&world, &topic_id, &ballot_id).await?;

    // A case, which the community settles and a resident judges.
    let drawn = goal_is(&world, &resolution_id, 0, pb::GoalStatus::UnderWay).await?;
    let case = world.reaches(&drawn.case_id, dispatch::CasePhase::Handling).await?;
    assert_eq!((case.goal_id, case.title), (drawn.goal_id, drawn.text));
    let settle =
        dispatch::SettleCaseRequest { case_id: drawn.case_id.clone(), summary: "划线完成".into() };
    cases(&world.community).settle_case(settle).await?;
    world.verified(&drawn.case_id).await?;
    world.is_rated(&drawn.case_id, &[Rating::Satisfied]).await?;
    let fulfilled = goal_is(&world, &resolution_id, 0, pb::GoalStatus::Fulfilled).await?;
    assert!(!fulfilled.late);

    // A whistle, at which both departments report in and whose result the sub-district accepts.
    let cleared = goal_is(&world, &resolution_id, 1, pb::GoalStatus::UnderWay).await?;
    let case = world.reaches(&cleared.case_id, dispatch::CasePhase::Whistled).await?;
    for (who, code) in [(&world.fire, "fire-rescue"), (&world.urban, "urban-management")] {
        world.does_its_part(&case.whistle_id, who, code).await?;
    }
    let accept =
        dispatch::AcceptResultRequest { whistle_id: case.whistle_id, summary: "全部清理".into() };
    whistles(&world.officer).accept_result(accept).await?;
    let request = dispatch::VerifyCaseRequest {
        case_id: cleared.case_id.clone(),
        result: dispatch::VerificationResult::Confirmed as i32,
        finding: "通道畅通".into(),
    };
    cases(&world.officer).verify_case(request).await?;
    world.is_rated(&cleared.case_id, &[Rating::NotSatisfied]).await?;
    world.reaches(&cleared.case_id, dispatch::CasePhase::Handling).await?;
    assert_eq!(goal(&world, &resolution_id, 1).await?.status(), pb::GoalStatus::UnderWay);

    // What residents do themselves they report.
    let own = goal(&world, &resolution_id, 2).await?;
    assert_eq!((own.status(), own.case_id.as_str()), (pb::GoalStatus::Set, ""));
    let report = pb::ReportGoalRequest {
        resolution_id,
        goal_id: own.goal_id,
        status: pb::GoalStatus::UnderWay as i32,
        report: "已巡查四次".into(),
    };
    ResolutionServiceClient::new(world.community.calls()).report_goal(report).await?;
    world.ends_well().await
}
