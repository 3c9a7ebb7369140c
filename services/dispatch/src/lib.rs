//! What is to be done and who does it: cases that climb the ladder, and whistles that call departments.
//!
//! Owns cases (案件), whistles (吹哨), their clocks and limits, the official working calendar and the categories. Refuses to know
//! geometry (grid tells in which grid a place lies), people (organization), and how a result is rated in the street (grid visits).

pub mod calendar;
pub mod case;
pub mod category;
pub mod clock;
pub mod contact;
mod goal;
pub mod limits;
mod reactions;
pub mod rules;
pub mod table;
mod timeline;
pub mod whistle;

use std::sync::Arc;

use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::parked;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::timers::Timers;
use gongzhi_proto::dispatch::v1::case_service_server::CaseServiceServer;
use gongzhi_proto::dispatch::v1::whistle_service_server::WhistleServiceServer;

use crate::case::CaseFile;
use crate::contact::MasterKeys;
pub use crate::contact::{Exchanged, exchange_keys, forget_kept_key};
use crate::reactions::OfDispatch;
use crate::rules::Rules;
use crate::whistle::Sheet;

/// Name of the service, of its schema and in its subjects.
pub const NAME: &str = "dispatch";

/// The service's own tables; the chassis' tables come before them.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connects the service to its schema and wires its slices.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let rules = Arc::new(Rules::official());
    let masters = MasterKeys::of_settings(&context.settings, writer.pool()).await?;
    let (consume, _) = context.consume(&writer, Arc::new(OfDispatch { rules: rules.clone() }));
    let timers = Timers::new().with::<CaseFile>(&writer, rules.clone()).with::<Sheet>(&writer, rules.clone());
    Ok(Service::new(&writer)
        .mount(CaseServiceServer::new(case::rpc::Cases {
            writer: writer.clone(),
            rules: rules.clone(),
            masters,
        }))
        .mount(WhistleServiceServer::new(whistle::rpc::Whistles { writer: writer.clone(), rules }))
        .run(context.relay(&writer))
        .run(consume)
        .run_timers(&writer, timers))
}

/// How the histories of its kinds are folded, for the audit.
pub fn folds() -> Vec<Fold> {
    vec![Fold::of::<CaseFile>(), Fold::of::<Sheet>()]
}

/// Handles parked facts again; tells how many were handled and how many stay parked.
pub async fn replay_parked(context: &Context) -> Result<(usize, usize), Failure> {
    let reactions = OfDispatch { rules: Arc::new(Rules::official()) };
    parked::replay(&context.writer(NAME).await?, &reactions).await
}
