//! What outlives the process, and the process itself: a private durable PostgreSQL and NATS, the real program as a child, a key to sign tokens with.
//! Knows nothing of what is called.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gongzhi::services::Name;
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::Gate;
use gongzhi_chassis::nats_identity::{self, Keys};
use gongzhi_chassis::run::{self, Context, Running};
use gongzhi_chassis::tls;
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, KeySet, Signer, Verifier};
use gongzhi_embedded::{Durability, Embedded, Options, Part, Parts, StartError};
use gongzhi_harness::{replicas_asked_for, wait_until};
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use tokio::process::Command;
use tonic::transport::Channel;
use uuid::Uuid;

use super::Chance;
use super::serving::{Serving, program};

/// How long a command may take: the stream is published again, a backup taken.
const RUNS_WITHIN: Duration = Duration::from_secs(60);

/// What lives on when the process dies.
pub struct Ground {
    /// Database and bus, as the services are given them.
    pub context: Context,
    /// The record of every service that has one.
    pub records: Vec<Writer>,
    /// The parts that can be made to fail. Shared with the threads on which they are.
    embedded: Arc<Embedded>,
    services: &'static [&'static str],
    /// What the process is told beside the addresses.
    settings: Vec<(&'static str, String)>,
    signer: Signer,
    program: PathBuf,
    address: SocketAddr,
    /// Replicas that nobody calls and nobody kills, where more than one was asked for: they take over what the one that dies leaves.
    beside: Mutex<Vec<Serving>>,
}

impl Ground {
    /// Builds the program, starts database and broker, and brings the schemas to the newest version. The broker has no accounts, as that of a
    /// deployment may have none.
    pub async fn lay(chance: &mut Chance) -> Result<Self> {
        Self::with(chance, &["organization", "grid", "dispatch", "reporting"], None).await
    }

    /// The same with the exchange, which issues accounts on the broker and posts to this machine.
    pub async fn lay_for_sharing(chance: &mut Chance) -> Result<Self> {
        let services = &["organization", "grid", "dispatch", "exchange"];
        Self::with(chance, services, Some(Keys::generate())).await
    }

    /// The same with every service.
    pub async fn lay_for_everything(chance: &mut Chance) -> Result<Self> {
        let services = &["organization", "grid", "dispatch", "deliberation", "reporting", "exchange"];
        Self::with(chance, services, Some(Keys::generate())).await
    }

    /// The same with deliberation and nothing else.
    pub async fn lay_for_deliberation(chance: &mut Chance) -> Result<Self> {
        Self::with(chance, &["organization", "deliberation"], None).await
    }

    async fn with(
        chance: &mut Chance,
        services: &'static [&'static str],
        keys: Option<Keys>,
    ) -> Result<Self> {
        let program = tokio::task::spawn_blocking(program).await??;
        let now = Timestamp::now();
        let nats_config = keys
            .as_ref()
            .map(|keys| nats_identity::configuration(keys, "$GONGZHI_NATS_ACCOUNTS", now))
            .transpose()?;
        let embedded = start_parts(nats_config).await?;
        let key = Signer::generate()?;
        let (mut settings, _) = Settings::read(|_| None)?;
        settings.database_connections = 2;
        let credentials = keys.as_ref().map(|keys| keys.credentials("outage", now)).transpose()?;
        let url = embedded.nats_url();
        let bus = Bus::connect(&url, "outage", settings.district.clone(), credentials.as_ref()).await?;
        let context = Context {
            bus,
            database_url: embedded.database_url("postgres"),
            settings: Arc::new(settings),
            clock: Clock::system(),
            nats_issuer: None,
        };
        let mut told = vec![("GONGZHI_SIGNING_KEY", STANDARD.encode(&key))];
        if let Some(keys) = &keys {
            told.extend([
                ("GONGZHI_NATS_CREDENTIALS", keys.credentials("process", now)?.reveal().to_owned()),
                ("GONGZHI_NATS_SYSTEM_CREDENTIALS", keys.system_credentials(now)?.reveal().to_owned()),
                ("GONGZHI_NATS_OPERATOR_SEED", keys.operator_seed()?.reveal().to_owned()),
                ("GONGZHI_WEBHOOK_NETWORKS", "127.0.0.0/8".to_owned()),
            ]);
        }
        let mut ground = Self {
            address: free_address(chance)?,
            signer: Signer::from_pkcs8(&key)?,
            settings: told,
            records: Vec::new(),
            embedded: Arc::new(embedded),
            services,
            program,
            context,
            beside: Mutex::default(),
        };
        ground.run(&["migrate"]).await?;
        ground.open_records().await?;
        ground.start_beside()?;
        Ok(ground)
    }

    /// Connects to the record of every service, when there is one.
    pub async fn open_records(&mut self) -> Result<()> {
        for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
            self.records.push(self.context.writer(schema).await?);
        }
        Ok(())
    }

    /// Loses everything: database and broker with all that they held. What comes in their place is empty. For a broker without accounts.
    pub async fn lose_everything(&mut self) -> Result<()> {
        self.stop_beside().await?;
        for record in std::mem::take(&mut self.records) {
            record.pool().close().await;
        }
        let new = Arc::new(start_parts(None).await?);
        let lost = Arc::into_inner(std::mem::replace(&mut self.embedded, new));
        let lost = lost.context("something is being done to the parts")?;
        tokio::task::spawn_blocking(move || lost.stop()).await??;
        let district = self.context.settings.district.clone();
        self.context.bus = Bus::connect(&self.embedded.nats_url(), "outage", district, None).await?;
        self.context.database_url = self.embedded.database_url("postgres");
        Ok(())
    }

    /// Runs the program to its end; gives what it printed.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(arguments);
        let ran = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let ran = tokio::time::timeout(RUNS_WITHIN, ran).await??;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        ensure!(
            ran.status.success(),
            "gongzhi {}: {}{said}",
            arguments.join(" "),
            String::from_utf8_lossy(&ran.stderr)
        );
        Ok(said)
    }

    fn start_beside(&self) -> Result<()> {
        let mut beside = self.beside.lock().unwrap();
        for _ in 1..replicas_asked_for()?.unwrap_or(1) {
            let mut command = self.command(&[&["serve"], self.services].concat());
            command.env("GONGZHI_GRPC_ADDRESS", "127.0.0.1:0");
            beside.push(Serving::start(command, self.address)?);
        }
        Ok(())
    }

    /// Ends the replicas beside the process.
    pub async fn stop_beside(&self) -> Result<()> {
        let beside = std::mem::take(&mut *self.beside.lock().unwrap());
        for replica in beside {
            replica.kill().await.context("a replica beside the process")?;
        }
        Ok(())
    }

    /// The record of a service.
    pub fn record(&self, service: &str) -> &Writer {
        self.records.iter().find(|writer| writer.service() == service).expect("a service with a record")
    }

    /// Tells the process something more when it is started the next time.
    pub fn tell(&mut self, name: &'static str, value: impl Into<String>) {
        self.settings.push((name, value.into()));
    }

    /// Tells the process to show a certificate, and to want one of the same authority from whoever calls.
    pub fn tell_of_certificates(&mut self, files: &tls::Files) -> Result<()> {
        let (certificate, key) = files.own.as_ref().context("no certificate")?;
        let authority = files.authority.as_ref().context("no authority")?;
        for (name, path) in [
            ("GONGZHI_TLS_CERTIFICATE", certificate),
            ("GONGZHI_TLS_KEY", key),
            ("GONGZHI_TLS_AUTHORITY", authority),
            ("GONGZHI_TLS_CLIENT_AUTHORITY", authority),
        ] {
            self.tell(name, path.display().to_string());
        }
        Ok(())
    }

    /// Where the process takes calls.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An address beside that of the process, which nobody listens at.
    pub fn other_address(&self, chance: &mut Chance) -> Result<SocketAddr> {
        free_address(chance)
    }

    /// Starts the process; with a crash point, one that aborts there.
    pub fn serve(&self, crash_at: Option<&str>) -> Result<Serving> {
        let mut command = self.command(&[&["serve"], self.services].concat());
        command.envs(crash_at.map(|at| ("GONGZHI_CRASH_AT", at)));
        Serving::start(command, self.address)
    }

    /// Starts a process that is given neither database nor broker; it tells at an address how it is.
    pub fn serve_beside(
        &self,
        arguments: &[&str],
        told: &[(&str, String)],
        watched: SocketAddr,
    ) -> Result<Serving> {
        let mut command = self.command(arguments);
        for name in
            ["GONGZHI_DATABASE_URL", "GONGZHI_NATS_URL", "GONGZHI_GRPC_ADDRESS", "GONGZHI_SIGNING_KEY"]
        {
            command.env_remove(name);
        }
        command.env("GONGZHI_OPERATIONS_ADDRESS", watched.to_string());
        command.envs(told.iter().map(|(name, value)| (name, value)));
        Serving::start(command, watched)
    }

    /// Lets the leases of a dead process run out at once, as if the outage had been longer than they last, so that its successor is at work when
    /// it dies in its turn.
    pub async fn leases_run_out(&self) -> Result<()> {
        for record in &self.records {
            // A connection of before the database was killed shows that it is dead at its first statement.
            wait_until("the leases have run out", || async {
                let done = sqlx::query("update leases set until = clock_timestamp()").execute(record.pool());
                Ok(done.await.map(drop).map_err(|error| error.to_string()))
            })
            .await?;
        }
        Ok(())
    }

    /// Has something done to database or broker.
    pub async fn parts<F>(&self, act: F) -> Result<()>
    where
        F: FnOnce(&Embedded) -> Result<(), StartError> + Send + 'static,
    {
        let embedded = self.embedded.clone();
        Ok(tokio::task::spawn_blocking(move || act(&embedded)).await??)
    }

    /// Deletes the stream and publishes it again from the record, as an operator does while nothing else runs; gives what is printed.
    pub async fn rebuild_bus(&self) -> Result<String> {
        self.stop_beside().await?;
        let rebuilt = self.run(&["bus", "rebuild", "--yes"]).await?;
        self.start_beside()?;
        Ok(rebuilt)
    }

    /// The broker's address.
    pub fn nats_url(&self) -> String {
        self.embedded.nats_url()
    }

    /// Somebody with a post, on a connection of their own that is made when it is needed.
    pub fn person(&self, post: &str, area: &AreaCode, unit: Option<&str>) -> Result<Session> {
        self.person_at((self.address, self.context.clock.now()), post, area, unit)
    }

    /// Somebody with a post who calls a server that has another clock.
    pub fn person_at(
        &self,
        (address, now): (SocketAddr, Timestamp),
        post: &str,
        area: &AreaCode,
        unit: Option<&str>,
    ) -> Result<Session> {
        let now = now.as_second();
        let claims = Claims {
            iss: self.context.settings.issuer.clone(),
            sub: Uuid::now_v7().to_string(),
            aud: Audience::One(AUDIENCE.into()),
            iat: now,
            exp: now + 3_600,
            name: "某人".into(),
            posts: vec![PostClaim {
                post: post.into(),
                area: area.clone(),
                unit: unit.map(ToOwned::to_owned),
            }],
        };
        Session::new(channel(address)?, &self.signer.sign(&claims)?).context("the token is not ASCII")
    }

    /// A connection to the process without a token, made when it is needed.
    pub fn channel(&self) -> Result<Channel> {
        channel(self.address)
    }

    /// Serves deliberation in this process with another clock: for what must have happened long before.
    pub async fn serve_with(&self, clock: &Clock) -> Result<Running> {
        let verifier = Verifier::new(&self.context.settings.issuer, KeySet::new(vec![self.signer.key()]));
        let context = Context { clock: clock.clone(), ..self.context.clone() };
        let service = gongzhi_deliberation::service(&context).await?;
        let gate = Gate::new(verifier, clock.clone());
        Ok(run::start(vec![service], gate, "127.0.0.1:0".parse()?, &context).await?)
    }

    /// Ends database and broker in order.
    pub async fn clear(self) -> Result<()> {
        self.stop_beside().await?;
        for record in &self.records {
            record.pool().close().await;
        }
        let embedded = Arc::into_inner(self.embedded).context("something is being done to the parts")?;
        Ok(tokio::task::spawn_blocking(move || embedded.stop()).await??)
    }

    /// The program with settings of its own and none of those around the test. It dies with the test.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GONGZHI_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("GONGZHI_DATABASE_URL", &self.context.database_url)
            .env("GONGZHI_NATS_URL", self.embedded.nats_url())
            .env("GONGZHI_GRPC_ADDRESS", self.address.to_string())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// Starts a durable database and broker.
async fn start_parts(nats_config: Option<String>) -> Result<Embedded> {
    tokio::task::spawn_blocking(|| {
        let parts = Parts::find(&Part::ALL, None, |progress| println!("{progress}"))?;
        let options = Options { durability: Durability::Full, nats_config, ..Options::temporary() };
        anyhow::Ok(Embedded::start(&parts, options)?)
    })
    .await?
}

/// A connection that is made when it is needed, and given up before a caller loses patience.
fn channel(address: SocketAddr) -> Result<Channel> {
    let endpoint = Channel::from_shared(format!("http://{address}"))?;
    Ok(endpoint.connect_timeout(Duration::from_secs(2)).timeout(Duration::from_secs(15)).connect_lazy())
}

/// An address that stays free while nobody listens there. Ports of the range from which the system gives to callers do not: a client that calls in vain
/// could be given the very port that it calls, and talk to itself.
fn free_address(chance: &mut Chance) -> Result<SocketAddr> {
    // Tests of one binary that begin in the same second have the same numbers, and an address is free until somebody listens there: none is given twice.
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..100 {
        let port = u16::try_from(chance.between(20_000, 31_999))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() && GIVEN.lock().unwrap().insert(port) {
            return Ok(address);
        }
    }
    anyhow::bail!("no port is free")
}
