//! A service's life: what it mounts, what runs beside it, and its ordered end: first no new calls, then the calls in flight, then the relay's last
//! facts, then the connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Settings;
use crate::execute::Writer;
use crate::gate::Gate;
use crate::inbox::{self, Position, Reactions};
use crate::nats_identity::{self, Issuer};
use crate::operations::{self, Figures, Readiness, Watched};
use crate::status::Failure;
use crate::timers::Timers;
use crate::tls::Identity;
use crate::{outbox, record, seal};

/// Largest request: bigger things go by reference.
pub const LARGEST_REQUEST: usize = 1024 * 1024;
/// How long calls in flight may take when the process ends.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a caller may stay on one connection: then it is told to make another, and finds the servers that are there by then.
const CONNECTION_LASTS: Duration = Duration::from_secs(300);

/// What a process gives to the services in it.
#[derive(Clone)]
pub struct Context {
    /// Settings of the process.
    pub settings: Arc<Settings>,
    /// The database; each service has a schema of its own in it.
    pub database_url: String,
    /// The district's stream.
    pub bus: Bus,
    /// Time.
    pub clock: Clock,
    /// Who gives outsiders an account on the broker; none where the operator's key is not ours.
    pub nats_issuer: Option<Issuer>,
}

impl Context {
    /// Connects a service to its schema.
    pub async fn writer(&self, service: &'static str) -> Result<Writer, Failure> {
        let pool = record::connect(&self.database_url, service, self.settings.database_connections).await?;
        Ok(Writer::new(pool, self.clock.clone(), service))
    }

    /// Who gives outsiders an account on the broker, or what must be set so that there is one.
    pub fn nats_issuer(&self) -> Result<&Issuer, Failure> {
        self.nats_issuer.as_ref().ok_or_else(nats_identity::not_issued)
    }

    /// The task that relays a service's facts, and seals its record when a day is over: whoever tells facts has a record to seal.
    pub fn relay(&self, writer: &Writer) -> Task {
        let (writer, bus, district) = (writer.clone(), self.bus.clone(), self.bus.district().clone());
        Box::new(move |stop| {
            Box::pin(async move {
                let sealing = seal::run(writer.clone(), district, stop.clone());
                tokio::join!(outbox::relay(writer, bus, stop), sealing);
            })
        })
    }

    /// The task that has the effect of others' facts, and where it stands.
    pub fn consume<R: Reactions>(
        &self,
        writer: &Writer,
        reactions: Arc<R>,
    ) -> (Task, watch::Receiver<Position>) {
        let (writer, bus) = (writer.clone(), self.bus.clone());
        let (sender, receiver) = watch::channel(Position::default());
        (Box::new(move |stop| Box::pin(inbox::consume(writer, bus, reactions, sender, stop))), receiver)
    }
}

/// What a service runs beside its server.
pub type Task = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// A service as the executable mounts it.
pub struct Service {
    /// Name of the service.
    pub name: &'static str,
    /// Its gRPC services.
    pub routes: Box<dyn FnOnce(Routes) -> Routes + Send>,
    /// Full names of its gRPC services, for health.
    pub grpc_names: Vec<&'static str>,
    /// Relays, consumers, timers.
    pub tasks: Vec<Task>,
    /// What ends its streams: answers without an end, for which a server that stops would wait in vain.
    pub streams: Vec<CancellationToken>,
    /// Its database; a service is healthy while it answers.
    pub pool: PgPool,
    /// True when it cannot do its work while the bus is away. Others go on without: their facts wait in the outbox.
    pub needs_bus: bool,
    /// Figures that it reads of itself when somebody measures.
    pub figures: Option<Figures>,
}

impl Service {
    /// A service that mounts nothing yet.
    pub fn new(writer: &Writer) -> Self {
        Self {
            name: writer.service(),
            routes: Box::new(|routes| routes),
            grpc_names: Vec::new(),
            tasks: Vec::new(),
            streams: Vec::new(),
            pool: writer.pool().clone(),
            needs_bus: false,
            figures: None,
        }
    }

    /// Makes it unready while the bus is away.
    pub fn that_needs_the_bus(mut self) -> Self {
        self.needs_bus = true;
        self
    }

    /// Reads figures when somebody measures.
    pub fn measured_by(mut self, figures: Figures) -> Self {
        self.figures = Some(figures);
        self
    }

    /// Mounts a gRPC service.
    pub fn mount<S>(mut self, server: S) -> Self
    where
        S: tower::Service<
                http::Request<tonic::body::Body>,
                Response = http::Response<tonic::body::Body>,
                Error = std::convert::Infallible,
            > + tonic::server::NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        let before = self.routes;
        self.routes = Box::new(move |routes| before(routes).add_service(server));
        self.grpc_names.push(S::NAME);
        self
    }

    /// Runs a task beside the server.
    pub fn run(mut self, task: Task) -> Self {
        self.tasks.push(task);
        self
    }

    /// Cancels `streams` as soon as no new calls are taken, so that those who serve streams end them.
    pub fn end_streams_with(mut self, streams: CancellationToken) -> Self {
        self.streams.push(streams);
        self
    }

    /// Runs timers beside the server.
    pub fn run_timers(self, writer: &Writer, timers: Timers) -> Self {
        let writer = writer.clone();
        self.run(Box::new(move |stop| Box::pin(timers.run(writer, stop))))
    }
}

/// Services at work. Dropping it stops nothing; [`Running::stop`] does.
pub struct Running {
    /// Where gRPC is served.
    pub address: SocketAddr,
    /// Where probes and measures are served.
    pub operations_address: Option<SocketAddr>,
    /// How the parts of the process are; whoever mounts more says when all of it has started.
    pub readiness: Readiness,
    stop_server: CancellationToken,
    stop_tasks: CancellationToken,
    server: TaskTracker,
    tasks: TaskTracker,
}

/// Mounts services behind the gate on one address and starts what runs beside them.
pub async fn start(
    services: Vec<Service>,
    gate: Gate,
    address: SocketAddr,
    context: &Context,
) -> Result<Running, Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::Bug(format!("cannot serve on {address}: {error}; choose another with GONGZHI_GRPC_ADDRESS"))
    })?;
    let address = listener.local_addr().map_err(|error| Failure::Bug(error.to_string()))?;
    let (stop_server, stop_tasks) = (CancellationToken::new(), CancellationToken::new());
    let tasks = TaskTracker::new();
    let (health, health_service) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(gongzhi_proto::DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| Failure::Bug(error.to_string()))?;
    let readiness = Readiness::default();
    let operations_address = match context.settings.operations_address {
        Some(address) => Some(
            operations::serve(address, readiness.clone(), health_service.clone(), stop_tasks.clone()).await?,
        ),
        None => None,
    };
    let mut routes = Routes::new(health_service).add_service(reflection);
    let mut watched = Vec::new();
    for service in services {
        routes = (service.routes)(routes);
        for task in service.tasks {
            tasks.spawn(task(stop_tasks.clone()));
        }
        for streams in service.streams {
            let stop = stop_server.clone();
            tasks.spawn(async move {
                stop.cancelled().await;
                streams.cancel();
            });
        }
        watched.push(Watched {
            name: service.name,
            grpc_names: service.grpc_names,
            pool: service.pool,
            needs_bus: service.needs_bus,
            figures: service.figures,
        });
    }
    let (bus, clock) = (context.bus.clone(), context.clock.clone());
    tasks.spawn(operations::watch(watched, bus, clock, (health, readiness.clone()), stop_server.clone()));
    let identity = Identity::load(&context.settings.tls)?;
    let server = tonic::transport::Server::builder()
        .layer(gate)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .max_connection_age(CONNECTION_LASTS)
        .add_routes(routes);
    let told = stop_server.clone().cancelled_owned();
    let serving = if identity.can_serve() {
        server.serve_with_incoming_shutdown(identity.incoming(listener), told).boxed()
    } else {
        let plain = TcpIncoming::from(listener).with_nodelay(Some(true));
        server.serve_with_incoming_shutdown(plain, told).boxed()
    };
    let served = TaskTracker::new();
    served.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the gRPC server ended");
        }
    });
    served.close();
    tasks.close();
    Ok(Running { address, operations_address, readiness, stop_server, stop_tasks, server: served, tasks })
}

impl Running {
    /// Ends in order. True when everything ended within its time.
    pub async fn stop(self) -> bool {
        self.readiness.leaves();
        self.stop_server.cancel();
        let drained = tokio::time::timeout(DRAIN, self.server.wait()).await.is_ok();
        self.stop_tasks.cancel();
        let ended = tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_ok();
        if !(drained && ended) {
            tracing::warn!(
                drained,
                ended,
                "some work was cut off at the end; the record has everything, nothing is lost"
            );
        }
        drained && ended
    }
}
