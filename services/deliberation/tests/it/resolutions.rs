//! Resolutions: adopted on what was decided and signed, and goals whose work is followed over the bus.

use anyhow::{Context, Result};
use gongzhi_harness::wait_until;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::dispatch::v1 as dispatch;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::session::{Session, count};
use crate::town::{Town, ballots, fields, meetings, reason, resolutions, topics};

fn draft(kind: pb::GoalKind, text: &str) -> pb::GoalDraft {
    pb::GoalDraft {
        text: text.into(),
        kind: kind as i32,
        category_code: "fire.lane".into(),
        department_codes: match kind {
            pb::GoalKind::Whistle => vec!["fire-rescue".into(), "urban-management".into()],
            _ => vec![],
        },
        due_on: "2027-03-31".into(),
        amount_fen: 8_600_000,
    }
}

fn adoption(topic_id: &str, ballot_id: &str) -> pb::AdoptResolutionRequest {
    pb::AdoptResolutionRequest {
        topic_id: topic_id.into(),
        text: "在7幢东侧建电动自行车充电棚,清理楼道充电".into(),
        basis: Some(pb::Basis { basis: Some(pb::basis::Basis::BallotId(ballot_id.into())) }),
        goals: vec![
            draft(pb::GoalKind::Case, "三个月内在7幢东侧建成集中充电棚"),
            draft(pb::GoalKind::Whistle, "一个月内清理全部楼道飞线充电"),
            draft(pb::GoalKind::OwnWork, "每周六居民巡查一次楼道"),
        ],
    }
}

/// A ballot of twelve in which so many approve, closed but not signed.
async fn voted(town: &Town, approvals: usize) -> Result<(String, pb::Ballot)> {
    let topic = town.proposes("电动自行车充电棚").await?;
    town.publishes_agenda().await?;
    let request = pb::PrepareBallotRequest {
        topic_id: topic.clone(),
        question: "是否同意建充电棚?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: town.in_days(16),
        closes_at: town.in_days(26),
    };
    let ballot = ballots(&town.worker).prepare_ballot(request).await?.into_inner().ballot.context("one")?;
    let ballot_id = ballot.ballot_id;
    let electors = vec![pb::Elector { area: 0, unsold: false }; 12];
    let request = pb::EnterElectorsRequest { ballot_id: ballot_id.clone(), first_number: 1, electors };
    ballots(&town.worker).enter_electors(request).await?;
    let request = pb::PublishBallotRequest { ballot_id: ballot_id.clone() };
    ballots(&town.worker).publish_ballot(request).await?;
    let request = pb::PrintSlipsRequest { ballot_id: ballot_id.clone() };
    let codes = ballots(&town.worker).print_slips(request).await?.into_inner().codes;
    town.clock.advance(SignedDuration::from_hours(24 * 16 + 1));
    for (nth, code) in codes.into_iter().enumerate() {
        let choice = if nth < approvals { pb::Choice::For } else { pb::Choice::Against } as i32;
        let request = pb::CastVoteRequest { ballot_id: ballot_id.clone(), code, choice };
        BallotServiceClient::new(town.bench.channel()).cast_vote(request).await?;
    }
    // Everybody has voted: it need not wait for its end.
    let request = pb::CloseBallotRequest { ballot_id };
    let ballot = ballots(&town.secretary).close_ballot(request).await?.into_inner().ballot.context("one")?;
    Ok((topic, ballot))
}

async fn signs(town: &Town, ballot: &pb::Ballot) -> Result<()> {
    for signer in [&town.worker, &town.second_worker] {
        let request = pb::SignBallotRecordRequest {
            ballot_id: ballot.ballot_id.clone(),
            record_sha256: ballot.record_sha256.clone(),
        };
        ballots(signer).sign_ballot_record(request).await?;
    }
    Ok(())
}

async fn adopts(town: &Town, request: pb::AdoptResolutionRequest) -> Result<pb::Resolution, tonic::Status> {
    let answer = resolutions(&town.secretary).adopt_resolution(request).await?.into_inner();
    Ok(answer.resolution.unwrap_or_default())
}

async fn waits_for_goal(
    town: &Town,
    resolution_id: &str,
    nth: usize,
    wanted: pb::GoalStatus,
) -> Result<pb::Goal> {
    wait_until("the goal has moved", async || {
        let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
        let answer = resolutions(&town.worker).get_resolution(request).await?.into_inner();
        let goal = answer.resolution.context("one")?.goals.swap_remove(nth);
        Ok(if goal.status() == wanted { Ok(goal) } else { Err(format!("{goal:?}")) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolution_rests_on_a_signed_ballot_and_its_goals_follow_their_work() -> Result<()> {
    let town = Town::new().await?;
    let (topic, ballot) = voted(&town, 9).await?;
    let unsigned = adopts(&town, adoption(&topic, &ballot.ballot_id)).await.unwrap_err();
    assert_eq!(reason(&unsigned), "NOT_DECIDED");
    signs(&town, &ballot).await?;
    let other = town.proposes("别的议题").await?;
    let other = adopts(&town, adoption(&other, &ballot.ballot_id)).await.unwrap_err();
    assert_eq!(reason(&other), "NOT_DECIDED", "it has adopted another topic");
    let resolution = adopts(&town, adoption(&topic, &ballot.ballot_id)).await?;
    let again = adopts(&town, adoption(&topic, &ballot.ballot_id)).await.unwrap_err();
    assert_eq!(reason(&again), "TOPIC_ENDED");
    let request = pb::GetTopicRequest { topic_id: topic };
    let resolved = topics(&town.worker).get_topic(request).await?.into_inner().topic.context("one")?;
    assert_eq!(resolved.status(), pb::TopicStatus::Resolved);
    assert_eq!(resolved.resolution_id, resolution.resolution_id);

    let case = Uuid::now_v7();
    let goal_id = resolution.goals[0].goal_id.clone();
    let registered = dispatch::CaseRegistered {
        case_id: case.to_string(),
        area_code: town.community(),
        category_code: "fire.lane".into(),
        goal_id: goal_id.clone(),
        ..Default::default()
    };
    town.tells(case, 1, "001052", registered).await?;
    let goal = waits_for_goal(&town, &resolution.resolution_id, 0, pb::GoalStatus::UnderWay).await?;
    assert_eq!((goal.case_id, goal.late), (case.to_string(), false));
    let closed = dispatch::CaseClosed { case_id: case.to_string(), round: 1 };
    town.tells(case, 9, "001052", closed).await?;
    waits_for_goal(&town, &resolution.resolution_id, 0, pb::GoalStatus::Fulfilled).await?;
    town.clock.advance(SignedDuration::from_hours(24 * 200));
    let reopened = dispatch::CaseReopened { case_id: case.to_string(), ..Default::default() };
    town.tells(case, 10, "001052", reopened).await?;
    let goal = waits_for_goal(&town, &resolution.resolution_id, 0, pb::GoalStatus::UnderWay).await?;
    assert!(goal.late && goal.ended_at.is_none());

    let report = |nth: usize, status: pb::GoalStatus| pb::ReportGoalRequest {
        resolution_id: resolution.resolution_id.clone(),
        goal_id: resolution.goals[nth].goal_id.clone(),
        status: status as i32,
        report: "十二次巡查,劝离飞线七处".into(),
    };
    let of_others = resolutions(&town.worker).report_goal(report(1, pb::GoalStatus::Fulfilled)).await;
    assert_eq!(reason(&of_others.unwrap_err()), "FOLLOWS_FROM_CASE");
    resolutions(&town.worker).report_goal(report(2, pb::GoalStatus::Fulfilled)).await?;
    let ended = resolutions(&town.worker).report_goal(report(2, pb::GoalStatus::UnderWay)).await;
    assert_eq!(reason(&ended.unwrap_err()), "GOAL_ENDED");
    let told = town.told().await?;
    let count = |name: &str| told.iter().filter(|fact| *fact == name).count();
    assert_eq!((count("resolution_adopted"), count("goal_set"), count("goal_progressed")), (1, 3, 4));
    // A case that a goal became is no demand that raises a topic.
    let demands: i64 =
        sqlx::query_scalar("select count(*) from demands").fetch_one(&town.schema().await?).await?;
    assert_eq!(demands, 0);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rejected_is_not_adopted_and_every_wrong_field_is_named() -> Result<()> {
    let town = Town::new().await?;
    let (topic, ballot) = voted(&town, 6).await?;
    assert_eq!(ballot.outcome(), pb::BallotOutcome::Rejected, "six of twelve are not more than half");
    signs(&town, &ballot).await?;
    let rejected = adopts(&town, adoption(&topic, &ballot.ballot_id)).await.unwrap_err();
    assert_eq!(reason(&rejected), "NOT_DECIDED");
    let mut wrong = adoption("x", "y");
    wrong.goals[0].due_on = "2026-11-09".into();
    wrong.goals[0].department_codes = vec!["fire-rescue".into()];
    wrong.goals[1].department_codes.clear();
    wrong.goals[1].amount_fen = -1;
    wrong.goals[2].text = "找王师傅 13805712345".into();
    let wrong = adopts(&town, wrong).await.unwrap_err();
    assert_eq!(
        fields(&wrong),
        [
            "topic_id",
            "basis.ballot_id",
            "goals[0].department_codes",
            "goals[0].due_on",
            "goals[1].department_codes",
            "goals[1].amount_fen",
            "goals[2].text",
        ]
    );
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolution_may_rest_on_a_motion_that_a_closed_meeting_carried() -> Result<()> {
    let town = Town::new().await?;
    let session = Session::convened(&town, &["加装门禁", "楼道清理"]).await?;
    session.opens(&[1, 2, 3, 4]).await?;
    session.debates("在大门加装门禁,费用由公共收益承担").await?;
    session.closes_debate().await?;
    session.votes(pb::MeetingVoteMethod::ShowOfHands, count(3, 1, 0)).await?;
    let meeting = session.is().await?;
    let decided = &meeting.decided[0];
    let rests_on = |number: i32| pb::AdoptResolutionRequest {
        basis: Some(pb::Basis {
            basis: Some(pb::basis::Basis::Motion(pb::CarriedMotion {
                meeting_id: meeting.meeting_id.clone(),
                number,
            })),
        }),
        ..adoption(&decided.topic_id, "")
    };
    let early = adopts(&town, rests_on(decided.number)).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_DECIDED", "the meeting is not closed");
    let request = pb::CloseMeetingRequest { meeting_id: meeting.meeting_id.clone() };
    meetings(&town.secretary).close_meeting(request).await?;
    assert_eq!(reason(&adopts(&town, rests_on(9)).await.unwrap_err()), "NOT_DECIDED");
    let resolution = adopts(&town, rests_on(decided.number)).await?;
    assert_eq!(resolution.topic_id, decided.topic_id);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_ballot_was_published_nothing_else_decides() -> Result<()> {
    let town = Town::new().await?;
    let (topic, ballot) = voted(&town, 6).await?;
    signs(&town, &ballot).await?;
    let motion = pb::CarriedMotion { meeting_id: uuid::Uuid::now_v7().to_string(), number: 1 };
    let request = pb::AdoptResolutionRequest {
        basis: Some(pb::Basis { basis: Some(pb::basis::Basis::Motion(motion)) }),
        ..adoption(&topic, "")
    };
    assert_eq!(reason(&adopts(&town, request).await.unwrap_err()), "BALLOT_DECIDES");
    town.bench.stop().await
}
