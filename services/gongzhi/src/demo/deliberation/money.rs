//! Earmarked money for small works in the estate: residents approve of projects, and what is paid for is what their equal shares buy.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::Estate;
use crate::demo::teller::wait_for;

/// The money, in fen: 120,000 yuan.
const AMOUNT_FEN: i64 = 12_000_000;
/// Households, and those that cast their slips.
const HOUSEHOLDS: i32 = 60;
const CAST: usize = 41;
/// Days for which slips are cast.
const OPEN_DAYS: i64 = 5;
/// What it is called, what it costs in fen, and of which at most one is done.
const PROJECTS: [(&str, i64, &str); 6] = [
    ("楼道感应灯更换(9幢)", 3_600_000, ""),
    ("单元门口扶手与坡道", 4_200_000, ""),
    ("中心绿地翻新(硬化停车)", 6_800_000, "中心绿地"),
    ("中心绿地翻新(儿童游乐)", 5_900_000, "中心绿地"),
    ("垃圾房除臭与洗手池", 2_100_000, ""),
    ("楼道杂物集中清运两次", 900_000, ""),
];

/// What a household approves of.
fn wants(household: usize) -> Vec<i32> {
    match household % 5 {
        0 => vec![1, 2, 6],
        1 => vec![3, 5],
        2 => vec![2, 4, 6],
        3 => vec![1, 5, 6],
        _ => vec![3, 4],
    }
}

/// Opens and publishes a fund on a topic, and residents cast their slips; gives it.
pub(super) async fn is_asked_for(estate: &Estate<'_>, topic_id: &str) -> Result<String> {
    let mut funds = estate.cast.secretary.funds();
    let request = pb::OpenFundRequest {
        topic_id: topic_id.into(),
        amount_fen: AMOUNT_FEN,
        rule: pb::FundRule::EqualSharesThenGreedy as i32,
        tie_source: "福利彩票3D截止投票次日号码(示例)".into(),
        closes_at: Some(to_wire(estate.in_days(OPEN_DAYS))),
    };
    let fund_id = funds.open_fund(request).await?.into_inner().fund.context("no fund")?.fund_id;
    let mut worker = estate.cast.community_worker.funds();
    for (title, cost_fen, group) in PROJECTS {
        let request = pb::AddProjectRequest {
            fund_id: fund_id.clone(),
            title: title.into(),
            area_code: super::ESTATE.into(),
            cost_fen,
            exclusion_group: group.into(),
        };
        worker.add_project(request).await?;
    }
    let request = pb::PublishFundRequest { fund_id: fund_id.clone(), households: HOUSEHOLDS };
    funds.publish_fund(request).await?;
    let request = pb::PrintFundSlipsRequest { fund_id: fund_id.clone() };
    let codes = worker.print_fund_slips(request).await?.into_inner().codes;
    for (household, code) in codes.iter().take(CAST).enumerate() {
        let request = pb::CastApprovalsRequest {
            fund_id: fund_id.clone(),
            code: code.clone(),
            projects: wants(household),
        };
        // Whoever votes is signed in nowhere.
        estate.stage.funds_of_anybody().cast_approvals(request).await?;
    }
    Ok(fund_id)
}

/// Closes the fund and tells what is paid for.
pub(super) async fn is_given(estate: &Estate<'_>, fund_id: &str) -> Result<()> {
    let request = pb::CloseFundRequest { fund_id: fund_id.into() };
    estate.cast.secretary.funds().close_fund(request).await?;
    let look = || async {
        let request = pb::GetFundRequest { fund_id: fund_id.into() };
        let fund = estate.cast.secretary.funds().get_fund(request).await?.into_inner().fund;
        fund.context("no fund")
    };
    wait_for("the outcome of the fund is computed", || async {
        Ok(look().await?.status() == pb::FundStatus::Decided)
    })
    .await?;
    let fund = look().await?;
    let won: Vec<_> =
        fund.projects.iter().filter(|project| project.won).map(|project| &*project.title).collect();
    estate.teller.say(&format!(
        "微更新专款{}元:{}户投票,按均等份额选中{},共{}元;每张选票可查「我的份额花在哪里」",
        fund.amount_fen / 100,
        fund.ballots,
        won.join("、"),
        fund.total_fen / 100
    ));
    Ok(())
}
