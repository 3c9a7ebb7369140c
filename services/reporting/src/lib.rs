//! What the figures are: projections of every fact of the district, and boards, rates and lists made of them. Owns nothing that the bus could not tell
//! again: [`replay`] empties all of it and fills it anew, byte for byte.
//!
//! Refuses to know commands of any kind, rules, names of people, and what time it is: a case is overdue when a fact says so.
//!
//! The way of a fact: `reactions` names it, `projection` writes its rows, `figures` and `queries/*.sql` count them, `rates` says what a rate is, `board`
//! puts an area together, `boards` shares it, `watch` sends it on.

mod board;
mod boards;
mod figures;
mod instants;
mod listing;
mod parse;
mod projection;
mod pulse;
pub mod rates;
mod reactions;
mod replay;
mod rpc;
mod watch;

use std::sync::Arc;

use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::reporting::v1::reporting_service_server::ReportingServiceServer;
use tokio_util::sync::CancellationToken;

pub use reactions::Reactions;
pub use replay::{Progress, digest, replay};

/// Name of the service and of its schema.
pub const NAME: &str = "reporting";

/// The projections' tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The service as a process mounts it.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let pool = writer.pool().clone();
    let (consumer, consumed) = context.consume(&writer, Arc::new(Reactions));
    let (changed, pulse) = tokio::sync::watch::channel(0);
    let end = CancellationToken::new();
    let rpc = rpc::Reporting {
        writer: writer.clone(),
        boards: boards::Boards::new(pool.clone()),
        pulse,
        end: end.clone(),
    };
    Ok(Service::new(&writer)
        .mount(ReportingServiceServer::new(rpc))
        .end_streams_with(end)
        .run(consumer)
        .run(Box::new(move |stop| Box::pin(pulse::beat(pool, consumed, changed, stop)))))
}

/// Handles parked facts again; tells how many were handled and how many stay parked.
pub async fn replay_parked(context: &Context) -> Result<(usize, usize), Failure> {
    gongzhi_chassis::parked::replay(&context.writer(NAME).await?, &Reactions).await
}
