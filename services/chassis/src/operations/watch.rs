//! Looks at what a process stands on: really asks database and bus, and tells health, readiness and measures what they answered.

use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use gongzhi_proto::envelope::Envelope;
use jiff::Timestamp;
use sqlx::{PgPool, Row as _};
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::{READY, Readiness};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::metrics;
use crate::outbox;
use crate::status::Failure;

/// How often database and bus are asked.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long they may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Every how many looks figures are read that cost statements.
const FIGURES_EVERY: u32 = 5;

/// Figures that a service reads of itself.
pub type Figures = Box<dyn Fn() -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// A service that is looked at.
pub(crate) struct Watched {
    pub(crate) name: &'static str,
    /// Full names of its gRPC services.
    pub(crate) grpc_names: Vec<&'static str>,
    pub(crate) pool: PgPool,
    /// True when it cannot do its work while the bus is away; others go on, and their facts wait in the outbox.
    pub(crate) needs_bus: bool,
    pub(crate) figures: Option<Figures>,
}

/// Looks until told to stop; then nobody is sent here any more.
pub(crate) async fn watch(
    services: Vec<Watched>,
    bus: Bus,
    clock: Clock,
    (reporter, readiness): (HealthReporter, Readiness),
    stop: CancellationToken,
) {
    let needs_bus = services.iter().any(|service| service.needs_bus);
    for round in 0_u32.. {
        let (with_bus, answers) =
            tokio::join!(ask_bus(&bus), join_all(services.iter().map(|service| ask_database(&service.pool))));
        readiness.note("bus", needs_bus, with_bus.clone());
        let first_trouble = answers.iter().find_map(|answer| answer.clone().err());
        if !services.is_empty() {
            readiness.note("database", true, first_trouble.map_or(Ok(()), Err));
        }
        let ends = stop.is_cancelled();
        for (service, answer) in services.iter().zip(answers) {
            let serves = answer.is_ok() && (with_bus.is_ok() || !service.needs_bus);
            for name in &service.grpc_names {
                reporter.set_service_status(name, status(serves && !ends)).await;
            }
        }
        reporter.set_service_status(READY, status(readiness.is_ready() && !ends)).await;
        if ends {
            break;
        }
        if metrics::is_on() && round % FIGURES_EVERY == 0 {
            for service in &services {
                if let Err(error) = read_figures(service, &clock).await {
                    tracing::debug!(service = service.name, %error, "figures could not be read");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

pub(super) fn status(serves: bool) -> ServingStatus {
    if serves { ServingStatus::Serving } else { ServingStatus::NotServing }
}

async fn ask_database(pool: &PgPool) -> Result<(), String> {
    let answer = tokio::time::timeout(ANSWER_WITHIN, sqlx::query("select 1").execute(pool)).await;
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
    }
}

/// Asks the server for the district's stream, which only an answering JetStream with a leader for it can tell.
async fn ask_bus(bus: &Bus) -> Result<(), String> {
    let district = bus.district().to_string();
    match tokio::time::timeout(ANSWER_WITHIN, bus.stream()).await {
        Ok(Ok(stream)) => {
            let info = stream.cached_info();
            let labels = [("district", district.as_str())];
            metrics::STREAM_BYTES.set(info.state.bytes as f64, &labels);
            metrics::STREAM_LIMIT.set(info.config.max_bytes as f64, &labels);
            metrics::STREAM_FACTS.set(info.state.messages as f64, &labels);
            Ok(())
        }
        Ok(Err(failure)) => Err(failure.to_string()),
        Err(_) => Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
    }
}

async fn read_figures(service: &Watched, clock: &Clock) -> Result<(), Failure> {
    let (pool, now) = (&service.pool, clock.now());
    let labels = [("service", service.name)];
    let depth = outbox::waiting(pool).await?;
    metrics::OUTBOX_DEPTH.set(depth as f64, &labels);
    let oldest = if depth == 0 { None } else { outbox::oldest_waiting(pool).await? };
    metrics::OUTBOX_OLDEST.set(oldest.and_then(|body| age_of(&body, now)).unwrap_or_default(), &labels);
    let row = sqlx::query(
        "select (select count(*) from parked where replayed_at is null),
             count(*) filter (where due_at <= $1), extract(epoch from $1 - min(due_at))::float8
         from aggregates where due_at <= $1",
    )
    .bind(jiff_sqlx::ToSqlx::to_sqlx(now))
    .fetch_one(pool)
    .await?;
    metrics::FACTS_PARKED.set(row.get::<i64, _>(0) as f64, &labels);
    metrics::TIMERS_DUE.set(row.get::<i64, _>(1) as f64, &labels);
    metrics::TIMERS_LATE.set(row.get::<Option<f64>, _>(2).unwrap_or_default(), &labels);
    for lease in sqlx::query("select name, until > clock_timestamp() from leases").fetch_all(pool).await? {
        let (name, held): (String, bool) = (lease.get(0), lease.get(1));
        let labels = [("service", service.name), ("lease", name.as_str())];
        metrics::LEASE_HELD.set(if held { 1.0 } else { 0.0 }, &labels);
    }
    let idle = pool.num_idle() as f64;
    metrics::CONNECTIONS.set(idle, &[("service", service.name), ("state", "idle")]);
    metrics::CONNECTIONS
        .set((f64::from(pool.size()) - idle).max(0.0), &[("service", service.name), ("state", "used")]);
    metrics::CONNECTIONS_LIMIT.set(f64::from(pool.options().get_max_connections()), &labels);
    match &service.figures {
        Some(figures) => figures().await,
        None => Ok(()),
    }
}

fn age_of(body: &[u8], now: Timestamp) -> Option<f64> {
    let envelope = Envelope::from_bytes(body).ok()?;
    Some(now.duration_since(envelope.time).as_secs_f64().max(0.0))
}
