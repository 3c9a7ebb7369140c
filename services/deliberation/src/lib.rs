//! The deliberation service: owns what a community decides together, from the topic to the resolution and its goals.
//!
//! It deliberately does not know how a goal is carried out: a goal becomes work by a fact on the bus, and what becomes of the work comes back the same way. It knows no
//! resident: households, electors and representatives are numbers and digests here.

pub mod agenda;
pub mod balance;
pub mod ballot;
mod codes;
mod computing;
pub mod conversation;
pub mod fund;
mod household;
pub mod meeting;
mod newest;
mod pieces;
pub mod pool;
pub mod procedure;
mod public_text;
mod reactions;
pub mod resolution;
pub mod rules;
mod secrets;
pub mod share;
mod slips;
pub mod topic;

use std::sync::Arc;

use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::parked;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::timers::Timers;
use gongzhi_proto::deliberation::v1::agenda_service_server::AgendaServiceServer;
use gongzhi_proto::deliberation::v1::balance_service_server::BalanceServiceServer;
use gongzhi_proto::deliberation::v1::ballot_service_server::BallotServiceServer;
use gongzhi_proto::deliberation::v1::conversation_service_server::ConversationServiceServer;
use gongzhi_proto::deliberation::v1::fund_service_server::FundServiceServer;
use gongzhi_proto::deliberation::v1::meeting_service_server::MeetingServiceServer;
use gongzhi_proto::deliberation::v1::pool_service_server::PoolServiceServer;
use gongzhi_proto::deliberation::v1::procedure_service_server::ProcedureServiceServer;
use gongzhi_proto::deliberation::v1::resolution_service_server::ResolutionServiceServer;
use gongzhi_proto::deliberation::v1::topic_service_server::TopicServiceServer;

use crate::agenda::AgendaKind;
use crate::agenda::rpc::Agendas;
use crate::balance::BalanceKind;
use crate::balance::rpc::Balances;
use crate::ballot::BallotKind;
use crate::ballot::rpc::Ballots;
use crate::ballot::vote::VoteKind;
use crate::conversation::ConversationKind;
use crate::conversation::rpc::Conversations;
use crate::conversation::statement::StatementKind;
use crate::conversation::voice::VoiceKind;
use crate::fund::FundKind;
use crate::fund::compute::Outcomes;
use crate::fund::rpc::Funds;
use crate::meeting::MeetingKind;
use crate::meeting::rpc::Meetings;
use crate::pool::PoolKind;
use crate::pool::compute::Lotteries;
use crate::pool::rpc::Pools;
use crate::procedure::ProcedureKind;
use crate::procedure::rpc::Procedures;
use crate::reactions::OfDeliberation;
use crate::resolution::ResolutionKind;
use crate::resolution::rpc::Resolutions;
use crate::rules::Rules;
use crate::secrets::Secrets;
use crate::topic::TopicKind;
use crate::topic::rpc::Topics;

/// Name of the service, of its schema and in its subjects.
pub const NAME: &str = "deliberation";

/// The service's own tables; the chassis' tables come before them.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connects the service to its schema and wires its slices.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let rules = Arc::new(Rules::official());
    let secrets = Secrets::of(context, &writer).await?;
    let (consume, _) = context.consume(&writer, Arc::new(OfDeliberation { rules: rules.clone() }));
    let lotteries = Lotteries { writer: writer.clone(), rules: rules.clone(), wake: Arc::default() };
    let pools = Pools {
        writer: writer.clone(),
        rules: rules.clone(),
        secrets: secrets.clone(),
        wake: lotteries.wake.clone(),
    };
    let outcomes = Outcomes { writer: writer.clone(), rules: rules.clone(), wake: Arc::default() };
    let funds = Funds { writer: writer.clone(), secrets: secrets.clone(), wake: outcomes.wake.clone() };
    let timers = Timers::new()
        .with::<PoolKind>(&writer, Arc::default())
        .with::<MeetingKind>(&writer, Arc::default())
        .with::<ProcedureKind>(&writer, Arc::default());
    let bylaws = Arc::new(meeting::bylaws::Book::official());
    let law = Arc::new(procedure::law::Book::official());
    Ok(Service::new(&writer)
        .mount(TopicServiceServer::new(Topics { writer: writer.clone(), secrets: secrets.clone() }))
        .mount(AgendaServiceServer::new(Agendas { writer: writer.clone(), rules: rules.clone() }))
        .mount(BalanceServiceServer::new(Balances {
            writer: writer.clone(),
            rules: rules.clone(),
            secrets: secrets.clone(),
        }))
        .mount(ConversationServiceServer::new(Conversations::new(&writer, &rules, &secrets)))
        .mount(BallotServiceServer::new(Ballots { writer: writer.clone(), rules, secrets }))
        .mount(ResolutionServiceServer::new(Resolutions { writer: writer.clone() }))
        .mount(PoolServiceServer::new(pools))
        .mount(FundServiceServer::new(funds))
        .mount(MeetingServiceServer::new(Meetings { writer: writer.clone(), bylaws }))
        .mount(ProcedureServiceServer::new(Procedures { writer: writer.clone(), law }))
        .run(computing::task(lotteries, writer.clock().new_id()))
        .run(computing::task(outcomes, writer.clock().new_id()))
        .run(context.relay(&writer))
        .run(consume)
        .run_timers(&writer, timers))
}

/// How the histories of its kinds are folded, for the audit.
pub fn folds() -> Vec<Fold> {
    vec![
        Fold::of::<TopicKind>(),
        Fold::of::<AgendaKind>(),
        Fold::of::<BallotKind>(),
        Fold::of::<VoteKind>(),
        Fold::of::<ResolutionKind>(),
        Fold::of::<PoolKind>(),
        Fold::of::<FundKind>(),
        Fold::of::<MeetingKind>(),
        Fold::of::<ProcedureKind>(),
        Fold::of::<BalanceKind>(),
        Fold::of::<ConversationKind>(),
        Fold::of::<StatementKind>(),
        Fold::of::<VoiceKind>(),
    ]
}

/// Handles parked facts again; tells how many were handled and how many stay parked.
pub async fn replay_parked(context: &Context) -> Result<(usize, usize), Failure> {
    let reactions = OfDeliberation { rules: Arc::new(Rules::official()) };
    parked::replay(&context.writer(NAME).await?, &reactions).await
}
