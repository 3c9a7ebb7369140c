//! Pools: people volunteer as numbers, a lottery is published before its number is drawn, and a stranger recomputes all of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use gongzhi_chassis::client::Calling;
use gongzhi_harness::{Person, stranger, wait_until};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::pool_service_client::PoolServiceClient;
use jiff::SignedDuration;
use serde_json::Value;

use crate::town::{Town, fields, reason};

pub fn pools(who: &Person) -> PoolServiceClient<Calling> {
    PoolServiceClient::new(who.calls())
}

pub fn category(name: &str, features: &[(&str, i32, i32)]) -> pb::QuotaCategory {
    let features = features.iter().map(|(feature, min, max)| pb::FeatureQuota {
        feature: (*feature).into(),
        min: *min,
        max: *max,
        members: 0,
    });
    pb::QuotaCategory { name: name.into(), features: features.collect() }
}

pub fn categories() -> Vec<pb::QuotaCategory> {
    vec![
        category("性别", &[("女", 3, 5), ("男", 3, 5)]),
        category("年龄", &[("青年", 2, 4), ("中年", 2, 4), ("老年", 2, 4)]),
    ]
}

pub async fn open(
    town: &Town,
    rule: pb::HouseholdRule,
    categories: Vec<pb::QuotaCategory>,
) -> Result<String> {
    let request = pb::OpenPoolRequest {
        topic_id: town.proposes("停车").await?,
        seats: 8,
        categories,
        household_rule: rule as i32,
        draw_source: "12月8日社区大厅公开摇号,三枚号码球".into(),
        closes_at: town.in_days(10),
    };
    Ok(pools(&town.secretary).open_pool(request).await?.into_inner().pool.context("a pool")?.pool_id)
}

pub fn volunteer(pool_id: &str, nth: i32) -> pb::VolunteerRequest {
    let feature = |category: &str, feature: &str| pb::VolunteerFeature {
        category: category.into(),
        feature: feature.into(),
    };
    // Three of four are women, and few are old: those who are rare have a larger chance.
    pb::VolunteerRequest {
        pool_id: pool_id.into(),
        household: format!("{}-{}", nth % 4 + 1, nth / 2),
        features: vec![
            feature("性别", if nth % 4 == 3 { "男" } else { "女" }),
            feature("年龄", ["青年", "青年", "中年", "中年", "青年", "老年", "中年"][nth as usize % 7]),
        ],
        consent: true,
    }
}

/// A pool in which so many have volunteered, closed, with its lottery wanted.
pub async fn wanted(town: &Town, pool_id: &str, count: i32) -> Result<()> {
    for nth in 0..count {
        let number = pools(&town.worker).volunteer(volunteer(pool_id, nth)).await?.into_inner().number;
        assert_eq!(number, nth + 1);
    }
    let close = pb::ClosePoolRequest { pool_id: pool_id.into() };
    let early = pools(&town.secretary).close_pool(close.clone()).await.unwrap_err();
    assert_eq!(reason(&early), "STILL_OPEN");
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    pools(&town.secretary).close_pool(close).await?;
    let late = pools(&town.worker).volunteer(volunteer(pool_id, 0)).await.unwrap_err();
    assert_eq!(reason(&late), "POOL_CLOSED");
    publish(town, pool_id).await
}

async fn publish(town: &Town, pool_id: &str) -> Result<()> {
    let request = pb::PublishLotteryRequest { pool_id: pool_id.into() };
    let pool = pools(&town.secretary).publish_lottery(request).await?.into_inner().pool.unwrap();
    assert_eq!(pool.status(), pb::PoolStatus::Computing);
    Ok(())
}

pub async fn shown(town: &Town, pool_id: &str) -> Result<pb::Pool> {
    let request = pb::GetPoolRequest { pool_id: pool_id.into() };
    pools(&town.worker).get_pool(request).await?.into_inner().pool.context("a pool")
}

pub async fn computed(town: &Town, pool_id: &str) -> Result<pb::Pool> {
    wait_until("the lottery is computed", async || {
        let pool = shown(town, pool_id).await?;
        let ready = pool.status() != pb::PoolStatus::Computing;
        Ok(if ready { Ok(pool) } else { Err("computing".into()) })
    })
    .await
}

/// The public record, as somebody reads it who is nobody.
async fn record(town: &Town, pool_id: &str) -> Result<Value> {
    let request = pb::ExportDrawRequest { pool_id: pool_id.into() };
    let mut pieces = PoolServiceClient::new(town.bench.channel()).export_draw(request).await?.into_inner();
    let mut text = Vec::new();
    while let Some(answer) = pieces.message().await? {
        text.extend(answer.piece);
    }
    Ok(serde_json::from_slice(&text)?)
}

async fn draw(town: &Town, pool_id: &str, number: &str) -> Result<pb::Pool, tonic::Status> {
    let request = pb::DrawNumberRequest { pool_id: pool_id.into(), number: number.into() };
    Ok(pools(&town.secretary).draw_number(request).await?.into_inner().pool.unwrap())
}

/// SHA-256 of a text, by the test's own hand.
fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a request as anybody computes it.
pub fn plain(rpc: &str, request: &impl prost::Message) -> String {
    let mut bytes = Vec::new();
    for part in [rpc.as_bytes(), &request.encode_to_vec()] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tickets as a stranger reads them: the volunteers on each.
fn tickets(text: &str, volunteers: &[i64]) -> Vec<Vec<i64>> {
    let row = |part: &str| volunteers[part.parse::<usize>().unwrap()];
    text.lines().map(|line| line.split(' ').skip(1).map(row).collect()).collect()
}

fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_recomputes_the_draw_from_the_record_alone() -> Result<()> {
    let town = Town::new().await?;
    let pool_id = open(&town, pb::HouseholdRule::OneMember, categories()).await?;
    wanted(&town, &pool_id, 28).await?;
    let published = computed(&town, &pool_id).await?;
    assert_eq!(published.status(), pb::PoolStatus::Published);
    assert_eq!((published.objective(), published.volunteers), (pb::LotteryObjective::Leximin, 28));
    assert!(published.ticket_error < 0.004);
    let before = record(&town, &pool_id).await?;
    assert_eq!(before["draw"], Value::Null, "the tickets are out before the number");
    let drawn = draw(&town, &pool_id, "047").await?;
    assert_eq!(reason(&draw(&town, &pool_id, "048").await.unwrap_err()), "DRAWN");

    let record = record(&town, &pool_id).await?;
    assert_eq!(record["tickets"], before["tickets"]);
    let (export, digest) = (record.to_string(), record["tickets_sha256"].as_str().unwrap());
    stranger::agrees("draw", &export, digest, ("\"number\":\"047\"", "\"number\":\"048\""))?;
    let text = record["tickets"].as_str().unwrap();
    assert_eq!(sha256(text), digest);
    assert_eq!(sha256(text), published.tickets_sha256);
    let volunteers = numbers(&record["volunteers"]);
    let tickets = tickets(text, &volunteers);
    assert_eq!(tickets.len(), 1000);
    assert_eq!(tickets[47], numbers(&record["draw"]["panel"]));
    assert_eq!(tickets[47], drawn.panel.iter().map(|number| i64::from(*number)).collect::<Vec<_>>());
    let error = record["lottery_error"].as_f64().unwrap();
    for (number, chance) in volunteers.iter().zip(record["chances"].as_array().unwrap()) {
        let on = tickets.iter().filter(|ticket| ticket.contains(number)).count();
        assert!((on as f64 / 1000.0 - chance.as_f64().unwrap()).abs() <= error + 2e-6, "chance of {number}");
        assert!(on > 0, "everybody has a chance");
    }
    for category in record["categories"].as_array().unwrap() {
        let features = category["features"].as_array().unwrap();
        let of = |feature: &Value, name: &str| feature[name].as_i64().unwrap();
        assert_eq!(features.iter().map(|feature| of(feature, "members")).sum::<i64>(), 8);
        for feature in features {
            let members = of(feature, "members");
            assert!((of(feature, "min")..=of(feature, "max")).contains(&members), "{feature}");
        }
    }
    // What the test knows and the record does not say: nobody shares a household, and features are those that were said.
    let households: std::collections::BTreeSet<_> =
        drawn.panel.iter().map(|number| volunteer("", number - 1).household).collect();
    assert_eq!(households.len(), 8);
    assert!(!record.to_string().contains("household\":\"") && !record.to_string().contains("-1-"));
    let mut counts = BTreeMap::new();
    for number in &drawn.panel {
        for feature in volunteer("", number - 1).features {
            *counts.entry(feature.feature).or_insert(0) += 1;
        }
    }
    let said = drawn.categories.iter().flat_map(|category| &category.features);
    assert!(
        said.clone().all(|feature| counts.get(&feature.feature).copied().unwrap_or(0) == feature.members)
    );
    assert_eq!(
        town.told().await?.iter().filter(|fact| !fact.starts_with("topic")).cloned().collect::<Vec<_>>(),
        ["pool_opened", "lottery_published", "panel_drawn"]
    );
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_drop_out_are_replaced_by_a_draw_from_tickets_that_keep_the_others() -> Result<()> {
    let town = Town::new().await?;
    let pool_id = open(&town, pb::HouseholdRule::OneMember, categories()).await?;
    wanted(&town, &pool_id, 28).await?;
    computed(&town, &pool_id).await?;
    let panel = draw(&town, &pool_id, "999").await?.panel;
    let leave =
        |numbers: &[i32]| pb::DropMembersRequest { pool_id: pool_id.clone(), numbers: numbers.to_vec() };
    let outsider = (1..=28).find(|number| !panel.contains(number)).unwrap();
    let refused = pools(&town.secretary).drop_members(leave(&[outsider])).await.unwrap_err();
    assert_eq!(reason(&refused), "CANNOT_REPLACE");
    let number =
        |number: &str| pb::DrawReplacementsRequest { pool_id: pool_id.clone(), number: number.into() };
    let refused = pools(&town.secretary).draw_replacements(number("123456")).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_REPLACING");
    let replacing = pools(&town.secretary).drop_members(leave(&panel[..1])).await?.into_inner().pool.unwrap();
    assert!(replacing.replacement_tickets > 0 && replacing.replacement_sha256.len() == 64);
    let waiting = record(&town, &pool_id).await?["replacements"][0].clone();
    assert_eq!(
        (&waiting["draw"], sha256(waiting["tickets"].as_str().unwrap())),
        (&Value::Null, replacing.replacement_sha256)
    );
    let drawn = pools(&town.secretary).draw_replacements(number("123456")).await?.into_inner().pool.unwrap();
    assert_eq!(drawn.panel.len(), 8);
    assert!(panel[1..].iter().all(|member| drawn.panel.contains(member)), "who stays stays");
    assert!(!drawn.panel.contains(&panel[0]));
    let record = record(&town, &pool_id).await?;
    let (export, digest) = (record.to_string(), record["tickets_sha256"].as_str().unwrap());
    let other = ("\"number\":\"123456\"", "\"number\":\"123457\"");
    stranger::agrees("draw", &export, digest, other)?;
    let (round, volunteers) = (&record["replacements"][0], numbers(&record["volunteers"]));
    let tickets = tickets(round["tickets"].as_str().unwrap(), &volunteers);
    assert_eq!(tickets[123_456 % tickets.len()], numbers(&round["draw"]["panel"]));
    assert_eq!(numbers(&round["left"]), [i64::from(panel[0])]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_household_volunteers_once_where_the_pool_says_so_and_who_leaves_is_forgotten() -> Result<()> {
    let town = Town::new().await?;
    let pool_id = open(&town, pb::HouseholdRule::OneVolunteer, categories()).await?;
    let first = volunteer(&pool_id, 3);
    let enrol = |key: &str, household: &str| {
        let request = pb::VolunteerRequest { household: household.into(), ..first.clone() };
        let mut client = PoolServiceClient::new(town.worker.calls_with_key(key));
        async move { client.volunteer(request).await.map(|answer| answer.into_inner().number) }
    };
    assert_eq!(enrol("a", "3-2-501").await?, 1);
    assert_eq!(enrol("a", "3-2-501").await?, 1, "a repeat is answered as before");
    assert_eq!(reason(&enrol("b", "３－2 - 501").await.unwrap_err()), "HOUSEHOLD_TWICE");
    assert_eq!(enrol("c", "3-2-502").await?, 2);
    let schema = town.schema().await?;
    let kept = async |what: &str| -> Result<i64> {
        let sql = format!("select count(*) from {what}");
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&schema).await?)
    };
    assert_eq!(kept("pool_volunteers where household like '%3-2-501%'").await?, 0, "only a digest is kept");
    assert_eq!(kept("history where event like '%老年%' and kind = 'pool' and version > 1").await?, 0);
    // Nor can what was said be found by trying requests against the digests by which repeats are known.
    let request = pb::VolunteerRequest { household: "3-2-501".into(), ..first.clone() };
    let rpc = "/gongzhi.deliberation.v1.PoolService/Volunteer";
    assert_eq!(kept(&format!("commands where fingerprint = '\\x{}'", plain(rpc, &request))).await?, 0);
    let leave = |number: i32| pb::WithdrawVolunteerRequest { pool_id: pool_id.clone(), number };
    pools(&town.worker).withdraw_volunteer(leave(1)).await?;
    let rpc = "/gongzhi.deliberation.v1.PoolService/WithdrawVolunteer";
    assert_eq!(kept(&format!("commands where fingerprint = '\\x{}'", plain(rpc, &leave(1)))).await?, 1);
    assert_eq!(kept("pool_volunteers").await?, 1, "what was said is gone");
    let again = pools(&town.worker).withdraw_volunteer(leave(1)).await.unwrap_err();
    assert_eq!(reason(&again), "NO_VOLUNTEER");
    assert_eq!(enrol("d", "3-2-501").await?, 3, "who has left may come back, as another number");
    // Nothing is drawn for half a year: all is deleted by itself.
    town.clock.advance(SignedDuration::from_hours(24 * 191));
    wait_until("what was said is deleted", async || {
        let left = kept("pool_volunteers").await?;
        Ok(if left == 0 { Ok(()) } else { Err(format!("{left} rows")) })
    })
    .await?;
    assert_eq!(shown(&town, &pool_id).await?.status(), pb::PoolStatus::Abandoned);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_that_cannot_be_met_are_told_and_changed_with_a_reason() -> Result<()> {
    let town = Town::new().await?;
    let strict = vec![category("性别", &[("女", 1, 7), ("男", 7, 7)])];
    let pool_id = open(&town, pb::HouseholdRule::OneMember, strict).await?;
    for nth in 0..12 {
        let mut request = volunteer(&pool_id, nth);
        request.features.truncate(1);
        pools(&town.worker).volunteer(request).await?;
    }
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    pools(&town.secretary).close_pool(pb::ClosePoolRequest { pool_id: pool_id.clone() }).await?;
    publish(&town, &pool_id).await?;
    let impossible = computed(&town, &pool_id).await?;
    assert_eq!(impossible.status(), pb::PoolStatus::Infeasible);
    let change = &impossible.smallest_changes[0];
    assert_eq!((change.feature.as_str(), change.lowers, change.was, change.becomes), ("男", true, 7, 3));
    let change = |categories: Vec<pb::QuotaCategory>, reason: &str| pb::ChangeQuotasRequest {
        pool_id: pool_id.clone(),
        categories,
        reason: reason.into(),
    };
    let other = change(vec![category("年龄", &[("青年", 0, 8), ("老年", 0, 8)])], "报名的男性居民只有三名");
    assert_eq!(reason(&pools(&town.secretary).change_quotas(other).await.unwrap_err()), "QUOTAS_STAY");
    let unsaid = change(vec![category("性别", &[("女", 1, 7), ("男", 3, 7)])], "");
    assert_eq!(fields(&pools(&town.secretary).change_quotas(unsaid.clone()).await.unwrap_err()), ["reason"]);
    let said = pb::ChangeQuotasRequest { reason: "报名的男性居民只有三名".into(), ..unsaid };
    pools(&town.secretary).change_quotas(said).await?;
    publish(&town, &pool_id).await?;
    let published = computed(&town, &pool_id).await?;
    assert_eq!(published.status(), pb::PoolStatus::Published);
    assert_eq!(published.change_reasons, ["报名的男性居民只有三名"]);
    // Who leaves now makes the tickets void.
    let leave = pb::WithdrawVolunteerRequest { pool_id: pool_id.clone(), number: 1 };
    let closed = pools(&town.worker).withdraw_volunteer(leave).await?.into_inner().pool.unwrap();
    assert_eq!((closed.status(), closed.tickets_sha256.as_str()), (pb::PoolStatus::Closed, ""));
    assert_eq!(reason(&draw(&town, &pool_id, "001").await.unwrap_err()), "NOT_PUBLISHED");
    publish(&town, &pool_id).await?;
    assert_ne!(computed(&town, &pool_id).await?.tickets_sha256, published.tickets_sha256);
    town.bench.stop().await
}
