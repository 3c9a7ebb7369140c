//! Replicas share timers, outbox, projections and calls, and nothing happens twice: the same story makes the same histories, event by
//! event, whether one process serves or three.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use gongzhi_chassis::seal;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::Row as _;

use crate::outage::oracle;
use crate::world::{MONDAY_MORNING, SCHEMAS, World};

/// Cases with a whistle each: enough timers at the same instant for every replica to reach for, and one fewer than raise a topic, which says of how many
/// cases it was raised: that depends on how many facts came in one batch.
const CASES: usize = 8;

/// What differs from story to story in an event: ids, instants (the clock runs on while a story is told), and the district.
const DIFFERS: &str = r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|33\d\d05";

/// What happened to one thing: its kind and, in order, the events.
type Life = (String, Vec<String>);

/// Nobody answers eight whistles for two days. Gives every life that came of it, and how many facts the bus has.
async fn silence(replicas: usize) -> Result<(Vec<Life>, usize)> {
    let world = World::with_replicas(replicas).await?;
    for nth in 0..CASES {
        let case_id = world.climbed(&format!("第{nth}处")).await?;
        world.sounds(&case_id, &["fire-rescue", "housing", "urban-management"]).await?;
    }
    // Many instants at which much is due at once, and replicas that all look at it; the last one lies far from any limit.
    world.passes(SignedDuration::from_mins(57 * 50), 57).await?;
    let lives = lives(&world).await?;
    let facts = told(&world).await?;
    world.ends_well().await?;
    Ok((lives, facts))
}

async fn lives(world: &World) -> Result<Vec<Life>> {
    let began: Timestamp = MONDAY_MORNING.parse()?;
    let mut lives = Vec::new();
    for schema in SCHEMAS {
        let writer = world.bench.context.writer(schema).await?;
        let rows = sqlx::query(
            "select kind, array_agg(regexp_replace(event, $2, '…', 'g') order by version)
             from history where kind <> 'seal' and at >= $1 group by kind, id",
        )
        .bind(began.to_sqlx())
        .bind(DIFFERS)
        .fetch_all(writer.pool())
        .await?;
        for row in rows {
            lives.push((row.get(0), row.get(1)));
        }
    }
    lives.sort();
    Ok(lives)
}

/// Counts the facts on the bus, each of which must be there once.
async fn told(world: &World) -> Result<usize> {
    let stream = gongzhi_harness::wait_until("everything is on the bus", || async {
        let mut recorded = 0;
        for schema in SCHEMAS {
            let writer = world.bench.context.writer(schema).await?;
            let count: i64 =
                sqlx::query_scalar("select count(*) from outbox").fetch_one(writer.pool()).await?;
            recorded += usize::try_from(count)?;
        }
        let facts = oracle::streamed(&world.bench.context.bus).await?;
        let count: usize = facts.values().map(Vec::len).sum();
        Ok(if count >= recorded { Ok(facts) } else { Err(format!("{count} of {recorded}")) })
    })
    .await?;
    let ids: Vec<_> = stream.values().flatten().map(|(_, id)| *id).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    ensure!(distinct.len() == ids.len(), "{} facts are on the bus twice", ids.len() - distinct.len());
    // A day that goes by in a moment is sealed by one service before it is over and by another after.
    Ok(stream.iter().filter(|((kind, _), _)| kind != seal::KIND).map(|(_, facts)| facts.len()).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_make_the_same_histories_as_one() -> Result<()> {
    let (alone, told_alone) = silence(1).await?;
    let (together, told_together) = silence(3).await?;
    let events: usize = alone.iter().map(|(_, events)| events.len()).sum();
    ensure!(events > 10 * CASES, "hardly anything happened: {events} events");
    for (one, three) in alone.iter().zip(&together) {
        assert_eq!(one, three);
    }
    assert_eq!(alone.len(), together.len());
    assert_eq!(told_alone, told_together);
    println!(
        "{} lives with {events} events and {told_alone} facts beside seals, the same with three replicas",
        alone.len()
    );
    Ok(())
}
