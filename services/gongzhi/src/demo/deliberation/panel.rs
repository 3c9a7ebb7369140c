//! Representatives by lot: residents volunteer as numbers, the lottery is published, and a number that nobody could choose draws the panel.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::Estate;
use crate::demo::teller::wait_for;

/// Seats of the panel, and residents who volunteer.
const SEATS: i32 = 8;
const VOLUNTEERS: usize = 36;
/// Days for which they volunteer.
const OPEN_DAYS: i64 = 10;
/// The number of the story; a real one comes from the source that was named.
const NUMBER: &str = "368";

/// Opens a pool, in which residents volunteer; gives the pool.
pub(super) async fn volunteers(estate: &Estate<'_>, topic_id: &str) -> Result<String> {
    let request = pb::OpenPoolRequest {
        topic_id: topic_id.into(),
        seats: SEATS,
        categories: vec![
            category("性别", &[("女", 3, 5), ("男", 3, 5)]),
            category("年龄", &[("青年", 2, 4), ("中年", 2, 4), ("老年", 2, 4)]),
            category("居住", &[("自有", 4, 6), ("租住", 2, 4)]),
        ],
        household_rule: pb::HouseholdRule::OneMember as i32,
        draw_source: "福利彩票3D截止报名次日号码(示例)".into(),
        closes_at: Some(to_wire(estate.in_days(OPEN_DAYS))),
    };
    let pool = estate.cast.secretary.pools().open_pool(request).await?.into_inner().pool;
    let pool_id = pool.context("no pool")?.pool_id;
    for nth in 0..VOLUNTEERS {
        let request = pb::VolunteerRequest {
            pool_id: pool_id.clone(),
            household: format!("{}-1-{}", nth % 9 + 1, nth / 2),
            features: features(nth),
            consent: true,
        };
        estate.cast.community_worker.pools().volunteer(request).await?;
    }
    estate.teller.say(&format!("{VOLUNTEERS}位居民报名参加议事,只登记编号;性别、年龄、居住方式按配额抽选"));
    Ok(pool_id)
}

fn category(name: &str, features: &[(&str, i32, i32)]) -> pb::QuotaCategory {
    let quota = |(feature, min, max): &(&str, i32, i32)| pb::FeatureQuota {
        feature: (*feature).into(),
        min: *min,
        max: *max,
        members: 0,
    };
    pb::QuotaCategory { name: name.into(), features: features.iter().map(quota).collect() }
}

/// More women and more of the old volunteer, few who rent: the lottery makes up for it.
fn features(nth: usize) -> Vec<pb::VolunteerFeature> {
    let of = |category: &str, features: &[&str]| pb::VolunteerFeature {
        category: category.into(),
        feature: features[nth % features.len()].into(),
    };
    vec![
        of("性别", &["女", "女", "男"]),
        of("年龄", &["老年", "老年", "中年", "老年", "青年"]),
        of("居住", &["自有", "自有", "自有", "租住"]),
    ]
}

/// Publishes the lottery and draws the panel; gives its members.
pub(super) async fn is_drawn(estate: &Estate<'_>, pool_id: &str) -> Result<Vec<i32>> {
    let mut pools = estate.cast.secretary.pools();
    pools.close_pool(pb::ClosePoolRequest { pool_id: pool_id.into() }).await?;
    pools.publish_lottery(pb::PublishLotteryRequest { pool_id: pool_id.into() }).await?;
    let request = pb::GetPoolRequest { pool_id: pool_id.into() };
    wait_for("the lottery is published", || async {
        let answer = estate.cast.secretary.pools().get_pool(request.clone()).await?.into_inner();
        Ok(answer.pool.context("no pool")?.status() == pb::PoolStatus::Published)
    })
    .await?;
    let request = pb::DrawNumberRequest { pool_id: pool_id.into(), number: NUMBER.into() };
    let pool = pools.draw_number(request).await?.into_inner().pool.context("no pool")?;
    let numbers: Vec<_> = pool.panel.iter().map(ToString::to_string).collect();
    estate.teller.say(&format!(
        "先公布票面摘要 {}…,再取号 {NUMBER}:抽出{}位居民代表({}号),任何人可复算",
        &pool.tickets_sha256[..12],
        pool.panel.len(),
        numbers.join("、")
    ));
    Ok(pool.panel)
}
