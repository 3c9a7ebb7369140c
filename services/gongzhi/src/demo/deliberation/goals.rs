//! The resolution and its goals: what they become and what comes of them.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::dispatch::v1 as dispatch;

use super::Estate;
use super::demand::is_verified_and_rated;
use crate::demo::china_day;
use crate::demo::teller::wait_for;

/// What the parties agreed on and the estate adopts.
pub(super) const TEXT: &str =
    "在7幢东侧建集中充电棚,费用由维修资金和公共收益分担;限期清理飞线充电,居民轮值巡查。";

/// Adopts the resolution with its goals; gives it.
pub(super) async fn are_set(estate: &Estate<'_>, topic_id: &str, ballot_id: &str) -> Result<String> {
    let due_on = |in_days: i64| china_day(estate.in_days(in_days));
    let goal =
        |kind: pb::GoalKind, text: &str, category: &str, in_days: i64, amount_fen: i64| pb::GoalDraft {
            text: text.into(),
            kind: kind as i32,
            category_code: category.into(),
            department_codes: match kind {
                pb::GoalKind::Whistle => vec!["fire-rescue".into(), "urban-management".into()],
                _ => vec![],
            },
            due_on: due_on(in_days),
            amount_fen,
        };
    let request = pb::AdoptResolutionRequest {
        topic_id: topic_id.into(),
        text: TEXT.into(),
        basis: Some(pb::Basis { basis: Some(pb::basis::Basis::BallotId(ballot_id.into())) }),
        goals: vec![
            goal(pb::GoalKind::Case, "两周内完成7幢东侧充电棚选址划线", "fire.ebike.charging", 14, 8_600_000),
            goal(pb::GoalKind::Whistle, "一个月内清理全部飞线充电", "fire.ebike.charging", 30, 0),
            goal(pb::GoalKind::OwnWork, "楼组居民每周轮值巡查一次", "fire.ebike.charging", 90, 0),
        ],
    };
    let resolution = estate.cast.secretary.resolutions().adopt_resolution(request).await?.into_inner();
    estate.teller.say("形成决议:三项共同目标,各有责任、期限与专款;分别转为案件、吹哨与居民自办");
    Ok(resolution.resolution.context("no resolution")?.resolution_id)
}

/// What the goals became is done: the case by the community, the whistle by the departments.
pub(super) async fn are_worked_on(estate: &Estate<'_>, resolution_id: &str) -> Result<()> {
    let case_id = case_of(estate, resolution_id, 0).await?;
    let settle =
        dispatch::SettleCaseRequest { case_id: case_id.clone(), summary: "选址划线完成".into() };
    estate.cast.community_worker.cases().settle_case(settle).await?;
    is_verified_and_rated(estate.cast, &case_id).await?;
    let whistled = case_of(estate, resolution_id, 1).await?;
    let request = dispatch::GetCaseRequest { case_id: whistled };
    let case = estate.cast.duty_officer.cases().get_case(request).await?.into_inner().case;
    let whistle_id = case.context("no case")?.whistle_id;
    for department in ["fire-rescue", "urban-management"] {
        estate.cast.comes_and_finishes(department, &whistle_id).await?;
    }
    let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
    wait_for("the first goal is fulfilled", || async {
        let answer = estate.cast.secretary.resolutions().get_resolution(request.clone()).await?;
        let resolution = answer.into_inner().resolution.context("no resolution")?;
        Ok(resolution.goals.first().is_some_and(|goal| goal.status() == pb::GoalStatus::Fulfilled))
    })
    .await?;
    estate.teller.say("第一项目标已落实并经居民回访;消防、城管已到场清理飞线:承诺与结果在决议页并排公开");
    Ok(())
}

/// The case that a goal became, as soon as the bus has brought it back.
async fn case_of(estate: &Estate<'_>, resolution_id: &str, nth: usize) -> Result<String> {
    let look = || async {
        let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
        let answer = estate.cast.secretary.resolutions().get_resolution(request).await?.into_inner();
        let mut goals = answer.resolution.context("no resolution")?.goals;
        Ok::<_, anyhow::Error>(goals.swap_remove(nth).case_id)
    };
    wait_for("the goal has become a case", || async { Ok(!look().await?.is_empty()) }).await?;
    look().await
}
