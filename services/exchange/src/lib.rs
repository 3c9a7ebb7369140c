//! The exchange: who may know what, and how it gets there. Owns the catalogue of facts, sharing grants, subscriptions and their delivery, and takes what
//! organizations publish for themselves.
//!
//! It deliberately does not know what a fact means: it reads names, areas, addressees and the fields that a condition names, and carries the bytes.

mod catalogue;
mod catalogue_rpc;
pub mod condition;
mod delivery;
pub mod fact_type;
pub mod grant;
mod hub;
pub mod party;
pub mod publication;
pub mod publisher;
mod reactions;
pub mod rights;
pub mod room;
pub mod subscription;

use std::sync::Arc;

use futures::FutureExt as _;
use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::objects::Objects;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::timers::Timers;
use gongzhi_proto::exchange::v1::catalogue_service_server::CatalogueServiceServer;
use gongzhi_proto::exchange::v1::delivery_service_server::DeliveryServiceServer;
use gongzhi_proto::exchange::v1::grant_service_server::GrantServiceServer;
use gongzhi_proto::exchange::v1::publication_service_server::PublicationServiceServer;
use gongzhi_proto::exchange::v1::publisher_service_server::PublisherServiceServer;
use gongzhi_proto::exchange::v1::room_service_server::RoomServiceServer;
use gongzhi_proto::exchange::v1::subscription_service_server::SubscriptionServiceServer;
use tokio_util::sync::CancellationToken;

use crate::delivery::address::House;
use crate::delivery::cursor::Positions;
use crate::delivery::nats::Outside;
use crate::delivery::rpc::Deliveries;
use crate::delivery::webhook::Sender;
use crate::grant::GrantKind;
use crate::grant::rpc::Grants;
use crate::hub::{Hub, Registry};
use crate::publication::Limits;
use crate::publication::rpc::{self as publishing, Publications};
use crate::publisher::{Accounts, Listener, Publishers};
use crate::room::Gatherer;
use crate::room::rpc::{self as rooms, Rooms};
use crate::subscription::SubscriptionKind;
use crate::subscription::rpc::Subscriptions;

/// Name of the service, of its schema and in its subjects.
pub const NAME: &str = "exchange";

/// The service's own tables; the chassis' tables come before them.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connects the service to its schema and wires its slices.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let district = context.bus.district().clone();
    let settings = &context.settings;
    let house = House::parse(&settings.webhook_networks, &settings.webhook_closed_networks)?;
    let registry = Registry::new(writer.pool().clone());
    let hub = Hub::new(writer.pool().clone(), context.bus.clone(), context.clock.clone(), registry.clone());
    let positions = Positions::new(writer.pool().clone());
    let sender = Sender::new(writer.pool().clone(), house);
    let outside = Outside::open(context.nats_issuer.as_ref(), &context.bus, settings).await?;
    let streams = CancellationToken::new();
    let grants = Grants { writer: writer.clone(), district: district.clone(), registry: registry.clone() };
    let publications = Publications {
        writer: writer.clone(),
        district: district.clone(),
        registry: registry.clone(),
        limits: Limits::new(settings.publish.rate, settings.publish.burst, publishing::MOST),
    };
    let accounts =
        Accounts { writer: writer.clone(), district: district.clone(), issuer: context.nats_issuer.clone() };
    let publishers = PublisherServiceServer::new(Publishers { accounts: accounts.clone() });
    let listener =
        Listener { bus: context.bus.clone(), accounts: accounts.clone(), publications: publications.clone() };
    let publications =
        PublicationServiceServer::new(publications).max_decoding_message_size(publishing::MOST_BYTES);
    let known = registry.catalogue().clone();
    let subscriptions = Subscriptions {
        writer: writer.clone(),
        hub: hub.clone(),
        district: district.clone(),
        sender: sender.clone(),
        outside: outside.clone(),
    };
    let evidence = Objects::new(&context.bus, "evidence", settings)?;
    let rooms = room_service(context, &writer, &hub, (&evidence, &streams));
    let sweeper = room::Sweeper { writer: writer.clone(), evidence };
    let deliveries = Deliveries { positions: positions.clone(), hub: hub.clone(), streams: streams.clone() };
    let workers = delivery::Workers {
        writer: writer.clone(),
        hub: hub.clone(),
        positions,
        sender,
        outside,
        publishers: accounts,
    };
    let (pool, bus) = (writer.pool().clone(), context.bus.clone());
    let figures = Box::new(move || delivery::figures::read(pool.clone(), bus.clone()).boxed());
    let (consume, _position) = context.consume(&writer, Arc::new(reactions::Reactions));
    Ok(Service::new(&writer)
        .mount(CatalogueServiceServer::new(catalogue_rpc::Catalogue { district, known }))
        .mount(GrantServiceServer::new(grants))
        .mount(SubscriptionServiceServer::new(subscriptions))
        .mount(DeliveryServiceServer::new(deliveries))
        .mount(publications)
        .mount(publishers)
        .mount(rooms)
        .that_needs_the_bus()
        .measured_by(figures)
        .run(context.relay(&writer))
        .run(consume)
        .run(Box::new(move |stop| Box::pin(registry.run(stop))))
        .run(Box::new(move |stop| Box::pin(hub.tail(stop))))
        .run(Box::new(move |stop| Box::pin(workers.run(stop))))
        .run(Box::new(move |stop| Box::pin(listener.run(stop))))
        .run(Box::new(move |stop| Box::pin(sweeper.run(stop))))
        .run_timers(&writer, Timers::new().with::<GrantKind>(&writer, Arc::new(())))
        .end_streams_with(streams))
}

/// The rooms, whose evidence lies in the object store.
fn room_service(
    context: &Context,
    writer: &Writer,
    hub: &Hub,
    (evidence, streams): (&Objects, &CancellationToken),
) -> RoomServiceServer<Rooms> {
    let gatherer = Gatherer {
        pool: writer.pool().clone(),
        bus: context.bus.clone(),
        hub: hub.clone(),
        clock: context.clock.clone(),
        catalogue: hub.registry().catalogue().clone(),
    };
    let rooms = Rooms {
        writer: writer.clone(),
        district: context.bus.district().clone(),
        gatherer,
        evidence: evidence.clone(),
        streams: streams.clone(),
    };
    RoomServiceServer::new(rooms).max_decoding_message_size(rooms::MOST_BYTES)
}

/// How the histories of the service's kinds are folded, for the audit.
pub fn folds() -> Vec<Fold> {
    vec![
        Fold::of::<GrantKind>(),
        Fold::of::<SubscriptionKind>(),
        Fold::of::<fact_type::FactTypeKind>(),
        Fold::of::<publication::ThingKind>(),
        Fold::of::<publisher::PublisherKind>(),
        Fold::of::<room::RoomKind>(),
        Fold::of::<room::entry::EntryKind>(),
    ]
}

/// Handles parked facts again; tells how many were handled and how many stay parked.
pub async fn replay_parked(context: &Context) -> Result<(usize, usize), Failure> {
    gongzhi_chassis::parked::replay(&context.writer(NAME).await?, &reactions::Reactions).await
}
