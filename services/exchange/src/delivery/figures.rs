//! What is measured of deliveries, read from the record now and then; the same in every process of the exchange.

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::metrics::Level;
use gongzhi_chassis::status::Failure;
use sqlx::{PgPool, Row as _};

/// Subscriptions; labels `way` (pull, webhook, nats) and `state` (active, paused, ended).
static SUBSCRIPTIONS: Level = Level::new("gongzhi_subscriptions", "Subscriptions by way and state.");
/// How far the worst of the active ones is behind the end of the stream; label `way`.
static LAG: Level =
    Level::new("gongzhi_delivery_lag_facts", "Positions that the worst active subscription is behind.");
/// Deliveries that wait for another try.
static HELD: Level = Level::new("gongzhi_deliveries_held", "Deliveries that failed and are tried again.");
/// Deliveries that are not tried any more.
static PARKED: Level =
    Level::new("gongzhi_deliveries_parked", "Deliveries that failed for days and wait for a person.");

/// Ways and states as the record writes them; those that nobody uses now are told as none, so that a figure never stays behind.
const WAYS: [&str; 3] = ["pull", "webhook", "nats"];
const STATES: [&str; 3] = ["active", "paused", "ended"];

/// Reads the figures.
pub(crate) async fn read(pool: PgPool, bus: Bus) -> Result<(), Failure> {
    let newest = bus.extent().await?;
    let rows = sqlx::query(
        "select case when a.state #>> '{making,way,webhook,url}' is null then a.state #>> '{making,way}' else 'webhook' end as way, s.status, count(*),
             coalesce(max(case when s.status = 'active' then greatest(0, $1 - case when c.stream_created = $2 then c.position else 0 end) end), 0)
         from subscriptions s join aggregates a on a.kind = 'subscription' and a.id = s.subscription_id
              join cursors c using (subscription_id)
         group by 1, 2",
    )
    .bind(i64::try_from(newest.last).unwrap_or(i64::MAX))
    .bind(&newest.created)
    .fetch_all(&pool)
    .await?;
    let rows: Vec<(String, String, i64, i64)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    for way in WAYS {
        let mut worst = 0;
        for state in STATES {
            let here = rows.iter().find(|(its_way, its_state, ..)| its_way == way && its_state == state);
            let (count, behind) = here.map_or((0, 0), |(.., count, behind)| (*count, *behind));
            SUBSCRIPTIONS.set(count as f64, &[("way", way), ("state", state)]);
            worst = worst.max(behind);
        }
        LAG.set(worst as f64, &[("way", way)]);
    }
    let row = sqlx::query("select count(*) filter (where parked_at is null), count(*) filter (where parked_at is not null) from held")
        .fetch_one(&pool)
        .await?;
    HELD.set(row.get::<i64, _>(0) as f64, &[]);
    PARKED.set(row.get::<i64, _>(1) as f64, &[]);
    Ok(())
}
