//! The grid service: owns grids with their boundaries and rosters, the answer to "in which grid does this place lie", and the visits that bring
//! results back to residents.
//!
//! It deliberately does not know who solves a case, nor any person living in a grid: a reporter is a number of a case, a grid worker an id.

pub mod boundary;
pub mod follow_up;
pub mod grid;
mod reactions;
pub mod sample;

use std::sync::Arc;

use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::grid::v1::follow_up_service_server::FollowUpServiceServer;
use gongzhi_proto::grid::v1::grid_service_server::GridServiceServer;

/// Name of the service, of its schema and in its subjects.
pub const NAME: &str = "grid";

/// The service's own tables; the chassis' tables come before them.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connects the service to its schema and wires its slices.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let (consume, _position) = context.consume(&writer, Arc::new(reactions::Reactions));
    Ok(Service::new(&writer)
        .mount(GridServiceServer::new(grid::Grids::new(&writer)))
        .mount(FollowUpServiceServer::new(follow_up::FollowUps::new(&writer)))
        .run(context.relay(&writer))
        .run(consume))
}

/// How the histories of its kinds are folded, for the audit.
pub fn folds() -> Vec<Fold> {
    vec![Fold::of::<grid::GridKind>(), Fold::of::<follow_up::FollowUpKind>()]
}

/// Handles parked facts again; tells how many were handled and how many stay parked.
pub async fn replay_parked(context: &Context) -> Result<(usize, usize), Failure> {
    gongzhi_chassis::parked::replay(&context.writer(NAME).await?, &reactions::Reactions).await
}
