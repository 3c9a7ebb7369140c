//! A process at work: the parts it stands on, the services it mounts, and its ordered end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use gongzhi_chassis::bus::{Bus, StreamLimits};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::{Secret, Settings};
use gongzhi_chassis::gate::Gate;
use gongzhi_chassis::nats_identity::{self, Issuer, Keys};
use gongzhi_chassis::run::{self, Context, Running};
use gongzhi_embedded::{Embedded, Options, Part, Parts};
use gongzhi_portal::Portal;
use jiff::Timestamp;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::services::Name;

/// Name of the database in a private PostgreSQL.
const DATABASE: &str = "gongzhi";

/// What a process stands on: a database and a broker, named in the settings or brought along.
pub struct Ground {
    /// The database.
    pub database_url: String,
    /// The broker.
    pub nats_url: String,
    /// Who we are there; none where it does not ask.
    pub nats_credentials: Option<Secret>,
    nats_issuer: Option<Issuer>,
    embedded: Option<Embedded>,
}

impl Ground {
    /// Takes what the settings name and brings along what they do not, in `data`; without a folder, in one that is deleted at the end.
    pub async fn find(settings: &Settings, data: Option<PathBuf>) -> Result<Self> {
        let named = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.reveal().to_owned());
        let (database, nats) = (named(&settings.database_url), named(&settings.nats_url));
        let mut missing = Vec::new();
        if database.is_none() {
            missing.push(Part::Postgres);
        }
        if nats.is_none() {
            missing.push(Part::Nats);
        }
        let (embedded, keys) = match missing.is_empty() {
            true => (None, None),
            false => {
                let (embedded, keys) = tokio::task::spawn_blocking(move || bring(&missing, data)).await??;
                (Some(embedded), keys)
            }
        };
        let database_url = match (database, &embedded) {
            (Some(url), _) => url,
            (None, Some(embedded)) => own_database(embedded).await?,
            (None, None) => anyhow::bail!("no database"),
        };
        let nats_url =
            nats.or_else(|| embedded.as_ref().map(Embedded::nats_url)).context("no NATS server")?;
        let (nats_credentials, nats_issuer) = match keys {
            Some(keys) => {
                (Some(keys.credentials("gongzhi", Timestamp::now())?), Some(keys.issuer(&nats_url)?))
            }
            None => (
                settings.nats_credentials.as_ref().map(nats_identity::read).transpose()?,
                Issuer::from_settings(settings)?,
            ),
        };
        Ok(Self { database_url, nats_url, nats_credentials, nats_issuer, embedded })
    }

    /// The private parts, where there are any.
    pub fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }

    /// Connects to what it stands on, with schemas of the newest version and a stream.
    pub async fn prepare(&self, settings: &Settings, clock: Clock) -> Result<Context> {
        for name in Name::WITH_RECORD {
            name.migrate(&self.database_url).await.with_context(|| format!("the schema of {name:?}"))?;
        }
        self.context(settings, clock).await
    }

    /// Connects to what it stands on.
    pub async fn context(&self, settings: &Settings, clock: Clock) -> Result<Context> {
        let credentials = self.nats_credentials.as_ref();
        let (district, authority) = (settings.district.clone(), settings.nats_authority.as_deref());
        let bus = Bus::connect_trusting(&self.nats_url, "gongzhi", district, credentials, authority).await?;
        let limits = StreamLimits {
            max_age_days: settings.stream_max_age_days,
            max_bytes: settings.stream_max_bytes,
            replicas: settings.stream_replicas,
        };
        bus.ensure_stream(&limits).await?;
        if let Some(issuer) = &self.nats_issuer {
            issuer.prepare().await.context("outsiders cannot be given accounts on the NATS server")?;
        }
        Ok(Context {
            settings: Arc::new(settings.clone()),
            database_url: self.database_url.clone(),
            bus,
            clock,
            nats_issuer: self.nats_issuer.clone(),
        })
    }

    /// Ends the private parts in order.
    pub async fn stop(self) -> Result<()> {
        if let Some(embedded) = self.embedded {
            tokio::task::spawn_blocking(move || embedded.stop()).await??;
        }
        Ok(())
    }
}

/// Starts the private parts. The private broker obeys an operator whose keys are made once and kept beside its data.
fn bring(missing: &[Part], data: Option<PathBuf>) -> Result<(Embedded, Option<Keys>)> {
    let parts = Parts::find(missing, None, |progress| eprintln!("{progress}"))?;
    if !missing.contains(&Part::Nats) {
        let options = data.map_or_else(Options::temporary, Options::lasting);
        return Ok((Embedded::start(&parts, options)?, None));
    }
    let kept_in = data.as_ref().map(|data| data.join("nats-keys"));
    let kept = kept_in.as_deref().map(Keys::read).transpose()?.flatten();
    let (keys, is_new) = kept.map_or_else(|| (Keys::generate(), true), |keys| (keys, false));
    // A folder that is there may hold streams, which the keys' account inherits: never let it inherit before the keys are safe. A folder that is
    // not there is made by the parts, which know who must be able to enter it.
    let early = data.as_ref().is_some_and(|data| data.exists());
    let keep = |now: bool| match &kept_in {
        Some(path) if is_new && now => keys.keep(path),
        Some(_) | None => Ok(()),
    };
    keep(early)?;
    let text = nats_identity::configuration(&keys, "$GONGZHI_NATS_ACCOUNTS", Timestamp::now())?;
    let options = data.map_or_else(Options::temporary, Options::lasting);
    let embedded = Embedded::start(
        &parts,
        Options { nats_config: Some(text), nats_heir: Some(keys.main_account()), ..options },
    )?;
    keep(!early)?;
    if let Some(beside) = &kept_in {
        // For whoever looks at this broker from another process, with GONGZHI_NATS_CREDENTIALS.
        nats_identity::write_secret(
            &beside.with_file_name("nats-credentials"),
            &keys.credentials("visitor", Timestamp::now())?,
        )?;
    }
    Ok((embedded, Some(keys)))
}

async fn own_database(embedded: &Embedded) -> Result<String> {
    let mut connection = PgConnection::connect(&embedded.database_url("postgres")).await?;
    let there: bool = sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        sqlx::raw_sql("create database gongzhi").execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(embedded.database_url(DATABASE))
}

/// Services at work.
pub struct Process {
    /// What the services were given.
    pub context: Context,
    /// Where gRPC is served.
    pub grpc_address: SocketAddr,
    /// Where the portal is served.
    pub portal_address: Option<SocketAddr>,
    running: Running,
    portal: Option<JoinHandle<()>>,
    stop_portal: CancellationToken,
}

impl Process {
    /// Mounts services and starts what runs beside them.
    pub async fn start(context: Context, names: &[Name]) -> Result<Self> {
        let verifier = gongzhi_organization::verifier(&context).await?;
        let mut services = Vec::new();
        for name in names {
            services.extend(name.service(&context).await.with_context(|| format!("{name:?} cannot start"))?);
        }
        let gate = Gate::new(verifier, context.clock.clone());
        let running = run::start(services, gate, context.settings.grpc_address, &context).await?;
        let stop_portal = CancellationToken::new();
        // A portal in one process with its services calls them on this machine, under a name that their certificate has.
        let home = match &context.settings.tls.own {
            Some(_) => format!("https://localhost:{}", running.address.port()),
            None => format!("http://{}", reachable(running.address)),
        };
        let (mut portal_address, mut portal) = (None, None);
        if names.contains(&Name::Portal) {
            let bound = Portal::bind(
                context.settings.portal_address,
                &home,
                &context.settings.upstreams,
                &context.settings.tls,
                stop_portal.clone(),
            )
            .await?;
            portal_address = Some(bound.address);
            portal = Some(tokio::spawn(bound.serve()));
        }
        running.readiness.started();
        Ok(Self { grpc_address: running.address, portal_address, context, running, portal, stop_portal })
    }

    /// Ends in order: the edge first, then the services. True when everything ended within its time.
    pub async fn stop(self) -> Result<bool> {
        self.stop_portal.cancel();
        let ended = self.running.stop().await;
        if let Some(portal) = self.portal {
            portal.await?;
        }
        Ok(ended)
    }
}

/// An address that can be called: a server that listens everywhere is called on this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address
}

/// Waits until somebody ends the process: Ctrl-C, or what a cluster sends.
pub async fn asked_to_end() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
