//! Rebuilding from the bus: the same bytes, whatever the batches, the repeats and the interruptions were.

use anyhow::Result;
use gongzhi_proto::dispatch::v1::{self as facts, ClockKind, Rung};
use gongzhi_proto::organization::v1::DivisionRecoded;
use gongzhi_reporting::{Progress, digest, replay};

use crate::town::{Said, Town};

/// A sequence of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const AREAS: [&str; 4] = ["001051", "001052003", "001052", "002051"];
const DEPARTMENTS: [&str; 3] = ["fire-rescue", "housing", "urban-management"];
const RATINGS: [&str; 4] = ["satisfied", "fairly_satisfied", "not_satisfied", "not_reached"];

/// Anything that could be told of one of forty cases, in any order: also what dispatch would never tell.
fn anything(town: &Town, dice: &mut Dice) -> Vec<Said> {
    let nth = dice.throw(40);
    let (case, whistle) = (format!("c{nth}"), format!("w{nth}"));
    let area = AREAS[(nth % 4) as usize];
    let department = DEPARTMENTS[dice.throw(3) as usize];
    let case_id = Town::id(&case);
    let one = match dice.throw(20) {
        0..=3 => {
            town.registered(area, &case, ["noise.night", "fire.lane.obstructed"][dice.throw(2) as usize])
        }
        4..=6 => town.accepted(area, &case, dice.throw(2) == 0),
        7 => town.overdue(area, &case, [ClockKind::Accept, ClockKind::Answer][dice.throw(2) as usize]),
        8 => town.settled(area, &case, 1),
        9 => town.reopened(area, &case),
        10 => town.voided(area, &case),
        11 => town.rated(area, &case, dice.throw(3) as i32 + 1, RATINGS[dice.throw(4) as usize]),
        12 => return town.whistled(area, &case, &whistle, &DEPARTMENTS),
        13..=14 => town.reported_in(area, &case, &whistle, department, dice.throw(2) == 0),
        15 => {
            let whistle_id = Town::id(&whistle);
            town.say(area, facts::ResultAccepted { whistle_id, case_id, late: false })
        }
        16 => town.say(area, facts::CaseClimbed { case_id, rung: Rung::SubDistrict.into() }),
        17 => town.say(area, facts::SuspensionEnded { case_id, answer_due_at: Town::due(nth as i64 * 9) }),
        18 => {
            let [to, from] = [["001060", "001051"], ["001051", "001060"]][dice.throw(2) as usize];
            let [area_code, former_area_code] = [to, from].map(|area| town.bench.area(area).to_string());
            town.say(to, DivisionRecoded { area_code, former_area_code, name: format!("第{nth}社区") })
        }
        _ => town.listed("001052", &format!("第{nth}社区")),
    };
    vec![one]
}

/// Tells a number of facts in batches of any size.
async fn tell_anything(town: &mut Town, dice: &mut Dice, times: usize) -> Result<()> {
    let mut left = times;
    while left > 0 {
        let size = (dice.throw(60) as usize + 1).min(left);
        let batch: Vec<_> = (0..size).flat_map(|_| anything(town, dice)).collect();
        town.tell(batch).await?;
        left -= size;
    }
    Ok(())
}

async fn row_counts(town: &Town) -> Result<(i64, i64, i64, i64)> {
    let sql = "select (select count(*) from cases), (select count(*) from summonses), (select count(*) from ratings), (select count(*) from happenings)";
    Ok(sqlx::query_as(sql).fetch_one(&town.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gives_the_same_bytes_as_what_grew_in_two_lives() -> Result<()> {
    let mut town = Town::new().await?;
    let mut dice = Dice(2026);
    // The first consumer hears a part while it is told, the second finds the rest waiting.
    let (stop, first) = town.consumer()?;
    tell_anything(&mut town, &mut dice, 700).await?;
    town.heard().await?;
    let prefix = digest(&town.pool).await?;
    stop.cancel();
    first.await?;
    tell_anything(&mut town, &mut dice, 700).await?;
    let (stop, second) = town.consumer()?;
    town.heard().await?;
    let grown = digest(&town.pool).await?;
    assert_ne!(prefix, grown);
    let rows = row_counts(&town).await?;
    assert!(rows.0 == 40 && rows.1 > 50 && rows.2 > 20 && rows.3 > 100, "{rows:?}");
    let most: i64 = sqlx::query_scalar(
        "select max(n) from (select count(*) n from happenings group by community) as per",
    )
    .fetch_one(&town.pool)
    .await?;
    assert!(most >= 50, "enough was told that older happenings were forgotten");
    stop.cancel();
    second.await?;

    let mut seen = Vec::new();
    let done = replay(&town.bench.context, |progress| seen.push(progress)).await?;
    assert_eq!(done, Progress { sequence: town.published, end: town.published });
    assert_eq!(seen.first(), Some(&Progress { sequence: 0, end: town.published }));
    assert!(seen.windows(2).all(|pair| pair[0].sequence <= pair[1].sequence), "{seen:?}");
    assert_eq!(digest(&town.pool).await?, grown);
    assert_eq!(row_counts(&town).await?, rows);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_come_twice_change_nothing() -> Result<()> {
    let mut town = Town::served().await?;
    let mut dice = Dice(7);
    tell_anything(&mut town, &mut dice, 200).await?;
    town.heard().await?;
    let once = digest(&town.pool).await?;
    town.tell_all_again().await?;
    town.heard().await?;
    assert_eq!(digest(&town.pool).await?, once);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_sees_a_changed_row_and_a_replay_mends_it() -> Result<()> {
    let mut town = Town::new().await?;
    let (stop, consumer) = town.consumer()?;
    town.tell([town.registered("001052", "one", "noise.night")]).await?;
    town.heard().await?;
    let before = digest(&town.pool).await?;
    stop.cancel();
    consumer.await?;
    sqlx::query("update cases set reopened = 1").execute(&town.pool).await?;
    assert_ne!(digest(&town.pool).await?, before);
    replay(&town.bench.context, drop).await?;
    assert_eq!(digest(&town.pool).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_refused_while_a_consumer_runs_and_leaves_everything_as_it_was() -> Result<()> {
    let mut town = Town::served().await?;
    town.tell([town.registered("001052", "one", "noise.night")]).await?;
    town.heard().await?;
    let before = digest(&town.pool).await?;
    let refusal = replay(&town.bench.context, drop).await.unwrap_err();
    assert!(refusal.to_string().contains("stop every process"), "{refusal}");
    assert_eq!(digest(&town.pool).await?, before);
    town.bench.stop().await
}
