//! What tests stand on: a private PostgreSQL and NATS per test binary, a database and a district of one's own per test, services in this process
//! on a free port, and people with posts who call them. Nothing is mocked.

mod raw;
pub mod stranger;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use gongzhi_chassis::bus::{Bus, StreamLimits};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::gate::Gate;
use gongzhi_chassis::nats_identity::{self, Keys};
use gongzhi_chassis::run::{self, Context, Running, Service};
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, KeySet, Signer, Verifier};
use gongzhi_embedded::{Embedded, Options, Part, Parts};
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tonic::transport::Channel;
use uuid::Uuid;

pub use raw::raw_call;

/// A bench on which services are tried: one per test.
pub struct Bench {
    /// What the services are given.
    pub context: Context,
    nats_url: String,
    signer: Signer,
    /// What serves: replicas of the same services, over which calls are spread.
    running: Vec<Running>,
    channel: Option<Channel>,
}

/// The private parts of a test binary, with the operator that the server obeys.
struct Shared {
    embedded: Embedded,
    keys: Keys,
}

/// Started by whoever asks first; a static is never dropped, and the watcher of the parts removes everything at the end.
fn shared() -> &'static Result<Shared> {
    static SHARED: OnceLock<Result<Shared>> = OnceLock::new();
    SHARED.get_or_init(|| {
        let keys = Keys::generate();
        let parts = Parts::find(&Part::ALL, None, |line| eprintln!("{line}"))?;
        let text = nats_identity::configuration(&keys, "$GONGZHI_NATS_ACCOUNTS", Timestamp::now())?;
        let embedded = Embedded::start(&parts, Options { nats_config: Some(text), ..Options::temporary() })?;
        Ok(Shared { embedded, keys })
    })
}

static BENCHES: AtomicU32 = AtomicU32::new(0);

impl Bench {
    /// A bench in 拱墅区, whose clock shows the system's time.
    pub async fn new() -> Result<Self> {
        Self::at(Clock::system()).await
    }

    /// A bench with a clock of one's own.
    pub async fn at(clock: Clock) -> Result<Self> {
        let shared = tokio::task::spawn_blocking(shared).await?;
        let Shared { embedded, keys } = shared.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        let nth = BENCHES.fetch_add(1, Ordering::SeqCst);
        let database = format!("bench_{nth}");
        let mut connection = PgConnection::connect(&embedded.database_url("postgres")).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("create database {database}"))).execute(&mut connection).await?;
        connection.close().await?;
        // A district of its own gives each test a stream of its own; the first test of a binary has the real one.
        let district = AreaCode::parse(&format!("{:06}", 330_105 + nth * 100))?;
        let (settings, _) =
            Settings::read(|name| (name == "GONGZHI_DISTRICT").then(|| district.to_string()))?;
        let credentials = keys.credentials("bench", Timestamp::now())?;
        let bus = Bus::connect(&embedded.nats_url(), "bench", district, Some(&credentials)).await?;
        bus.ensure_stream(&StreamLimits { max_age_days: 1, max_bytes: 1 << 30, replicas: 1 }).await?;
        let context = Context {
            settings: Arc::new(settings),
            database_url: embedded.database_url(&database),
            bus,
            clock,
            nats_issuer: Some(keys.issuer(&embedded.nats_url())?),
        };
        let nats_url = embedded.nats_url();
        Ok(Self {
            context,
            nats_url,
            signer: Signer::from_pkcs8(&Signer::generate()?)?,
            running: Vec::new(),
            channel: None,
        })
    }

    /// The broker's address, for those who come from outside with credentials of their own.
    pub fn nats_url(&self) -> String {
        self.nats_url.clone()
    }

    /// The code of a division of this bench's district: `area("001052")` is 330105001052 on the first bench.
    pub fn area(&self, below: &str) -> AreaCode {
        AreaCode::parse(&format!("{}{below}", self.context.bus.district()))
            .expect("a code below the district")
    }

    /// Brings a service's schema to the newest version.
    pub async fn migrate(&self, schema: &'static str, migrations: &Migrator) -> Result<()> {
        Ok(gongzhi_chassis::record::migrate(&self.context.database_url, schema, migrations).await?)
    }

    /// Serves services on a free port, in place of what was served before.
    pub async fn serve(&mut self, services: Vec<Service>) -> Result<()> {
        self.running.clear();
        self.serve_beside(services).await
    }

    /// Serves replicas of services beside what is served already; calls are spread over all of them, one by one.
    pub async fn serve_beside(&mut self, services: Vec<Service>) -> Result<()> {
        let verifier = Verifier::new("bench", KeySet::new(vec![self.signer.key()]));
        let running = run::start(
            services,
            Gate::new(verifier, self.context.clock.clone()),
            "127.0.0.1:0".parse()?,
            &self.context,
        )
        .await?;
        running.readiness.started();
        self.running.push(running);
        let endpoints: Vec<_> = self
            .running
            .iter()
            .map(|running| Channel::from_shared(format!("http://{}", running.address)))
            .map(|endpoint| Ok(endpoint?.timeout(Duration::from_secs(30))))
            .collect::<Result<_>>()?;
        self.channel = Some(match endpoints.as_slice() {
            [only] => only.connect().await?,
            _ => Channel::balance_list(endpoints.into_iter()),
        });
        Ok(())
    }

    /// Where the services answer.
    pub fn grpc_address(&self) -> SocketAddr {
        self.running.first().expect("services are served first").address
    }

    /// A connection without a token.
    pub fn channel(&self) -> Channel {
        self.channel.clone().expect("services are served first")
    }

    /// A person who holds a post.
    pub fn person(&self, post: &str, area: &AreaCode) -> Person {
        self.person_with(vec![PostClaim { post: post.into(), area: area.clone(), unit: None }])
    }

    /// A liaison of a department.
    pub fn liaison(&self, department: &str) -> Person {
        let area = self.context.bus.district().clone();
        self.person_with(vec![PostClaim {
            post: "POST_DEPARTMENT_LIAISON".into(),
            area,
            unit: Some(department.into()),
        }])
    }

    /// A person who holds posts.
    pub fn person_with(&self, posts: Vec<PostClaim>) -> Person {
        self.person_of(posts, |_| {})
    }

    /// A person with a token that says something else than it ought to.
    pub fn person_of(&self, posts: Vec<PostClaim>, change: impl FnOnce(&mut Claims)) -> Person {
        let id = Uuid::now_v7();
        let mut claims = Claims { sub: id.to_string(), ..self.claims(posts) };
        change(&mut claims);
        let token = self.signer.sign(&claims).expect("a token can be signed");
        Person { id, session: Session::new(self.channel(), &token).expect("a token is ASCII") }
    }

    /// What a good token says of somebody who holds posts.
    pub fn claims(&self, posts: Vec<PostClaim>) -> Claims {
        let now = self.context.clock.now().as_second();
        Claims {
            iss: "bench".into(),
            sub: Uuid::now_v7().to_string(),
            aud: Audience::One(AUDIENCE.into()),
            iat: now,
            exp: now + 400 * 86_400,
            name: "actor".into(),
            posts,
        }
    }

    /// Ends the services in order and fails if they did not.
    pub async fn stop(mut self) -> Result<()> {
        anyhow::ensure!(!self.running.is_empty(), "services are served first");
        drop(self.channel.take());
        for running in self.running {
            anyhow::ensure!(running.stop().await, "the services did not end in time");
        }
        Ok(())
    }
}

/// How many replicas of every service a world of scenarios has: two, so that nothing can be left to there being one; GONGZHI_TEST_REPLICAS asks for
/// another number.
pub fn replicas() -> Result<usize> {
    Ok(replicas_asked_for()?.unwrap_or(2))
}

/// How many were asked for; none where nobody did.
pub fn replicas_asked_for() -> Result<Option<usize>> {
    let Ok(text) = std::env::var("GONGZHI_TEST_REPLICAS") else { return Ok(None) };
    let count = text.parse().ok().filter(|count| (1..=5).contains(count));
    count.map(Some).with_context(|| format!("GONGZHI_TEST_REPLICAS is a number from 1 to 5, not {text:?}"))
}

/// Somebody who calls.
#[derive(Clone)]
pub struct Person {
    /// Identity in histories and facts.
    pub id: Uuid,
    session: Session,
}

impl Person {
    /// Calls with a new idempotency key each time: `CaseServiceClient::new(person.calls())`, or any generated client's `new`.
    pub fn calls(&self) -> Calling {
        self.session.calls()
    }

    /// Calls with one idempotency key, made from a name: what is called twice is a repeat.
    pub fn calls_with_key(&self, key: &str) -> Calling {
        self.session.calls_with_key(Uuid::new_v5(&self.id, key.as_bytes()))
    }

    /// The value of the authorization header.
    pub fn bearer(&self) -> &str {
        self.session.bearer()
    }
}

/// Waits until a condition holds; fails with what was seen last when it does not within twenty seconds.
pub async fn wait_until<T, F>(what: &str, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<std::result::Result<T, String>>>,
{
    let since = Instant::now();
    loop {
        let seen = match look().await? {
            Ok(found) => return Ok(found),
            Err(seen) => seen,
        };
        anyhow::ensure!(since.elapsed() < Duration::from_secs(20), "waited in vain until {what}; saw {seen}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
