//! Over a webhook: listens, believes what the exchange has signed for this subscription (Standard Webhooks), prints it and says 204.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use gongzhi_chassis::client::Session;
use gongzhi_chassis::webhook_signature::{self as signature, Headers, Unverified, VerifyingKey};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use super::line;
use crate::account;

/// Where a webhook is received.
#[derive(clap::Args)]
#[command(next_help_heading = "Over a webhook")]
pub(super) struct Listen {
    /// Address to listen on; default: any free port of this machine, or where the subscription's address points.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address by which the exchange reaches it, where that is another; for a new subscription.
    #[arg(long, value_name = "URL", conflicts_with = "subscription")]
    url: Option<String>,
    /// Private network in which that address may lie, for example 10.20.0.0/16. May be given several times.
    #[arg(long, value_name = "NETWORK", conflicts_with = "subscription")]
    allow_network: Vec<String>,
}

/// Longest body that is read.
const LONGEST: usize = 4 << 20;
/// How long a body may take to come.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// How often keys are read again at most, when a signature does not fit: they may have been rotated, or somebody tries his luck.
const KEYS_EVERY: Duration = Duration::from_secs(5);

/// A listener, and what a new subscription is told of it.
pub(super) struct Door {
    listener: TcpListener,
    pub(super) webhook: pb::Webhook,
}

impl Listen {
    /// Opens the door before there is a subscription: nothing is sent to where nobody listens.
    pub(super) async fn open(self) -> Result<Door> {
        let address = self.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into());
        let listener = bind(address).await?;
        let url = match self.url {
            Some(url) => url,
            None => format!("http://{}/", listener.local_addr()?),
        };
        let scheme = pb::SignatureScheme::Ed25519 as i32;
        Ok(Door { listener, webhook: pb::Webhook { url, scheme, allowed_networks: self.allow_network } })
    }

    /// Opens the door of a subscription that there is.
    pub(super) async fn open_again(self, webhook: pb::Webhook) -> Result<Door> {
        let address = match self.listen {
            Some(address) => address,
            None => numeric(&webhook.url)
                .with_context(|| format!("say with --listen where {} arrives", webhook.url))?,
        };
        Ok(Door { listener: bind(address).await?, webhook })
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// The address of a URL that names host and port in numbers.
fn numeric(url: &str) -> Option<SocketAddr> {
    url.parse::<axum::http::Uri>().ok()?.authority()?.as_str().parse().ok()
}

/// Prints what comes until something fails that no other try would mend.
pub(super) async fn receive(session: &Session, id: &str, door: Door) -> Result<()> {
    let keys = Keys { session: session.clone(), id: id.to_owned(), known: Mutex::default() };
    keys.read().await?;
    super::ready(&format!("a webhook, {} on {}", door.webhook.url, door.listener.local_addr()?));
    let (failed, mut failure) = mpsc::channel(1);
    let app = Router::new().fallback(take).with_state(Arc::new(Receiver { keys, failed }));
    tokio::select! {
        served = async { axum::serve(door.listener, app).await } => Ok(served?),
        failed = failure.recv() => failed.map_or(Ok(()), Err),
    }
}

struct Receiver {
    keys: Keys,
    failed: mpsc::Sender<anyhow::Error>,
}

/// What the sender is told when an event is not taken.
type Refusal = (StatusCode, String);

async fn take(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let read = tokio::time::timeout(READ_WITHIN, axum::body::to_bytes(body, LONGEST)).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => return Err((StatusCode::PAYLOAD_TOO_LARGE, error.to_string())),
        Err(_) => return Err((StatusCode::REQUEST_TIMEOUT, "the body did not come in time".into())),
    };
    let received_at = Timestamp::now();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let headers = Headers {
        id: text(signature::ID),
        timestamp: text(signature::TIMESTAMP),
        signature: text(signature::SIGNATURE),
    };
    receiver.keys.verify(&headers, &body, received_at).await.map_err(|unverified| {
        eprintln!("not believed and not taken: {unverified}");
        (StatusCode::UNAUTHORIZED, unverified.to_string())
    })?;
    let printed = std::str::from_utf8(&body).context("what came is no text");
    match printed.and_then(|event| line::print(event, received_at)) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => {
            let told = (StatusCode::INTERNAL_SERVER_ERROR, "it could not be kept; send it again".to_owned());
            // A second failure adds nothing to the first.
            let _ = receiver.failed.try_send(error);
            Err(told)
        }
    }
}

/// Keys of the subscription, as the exchange told them.
struct Keys {
    session: Session,
    id: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<VerifyingKey>,
    read_at: Option<Instant>,
}

impl Keys {
    async fn read(&self) -> Result<()> {
        self.read_into(&mut *self.known.lock().await).await
    }

    async fn read_into(&self, known: &mut Known) -> Result<()> {
        known.read_at = Some(Instant::now());
        let request = pb::ReadSigningKeysRequest { subscription_id: self.id.clone() };
        let read = SubscriptionServiceClient::new(self.session.calls()).read_signing_keys(request).await;
        let read = read.map_err(account::refused).context("the keys of the webhook cannot be read")?;
        let keys = read.into_inner().keys;
        known.keys = keys.iter().map(|key| VerifyingKey::parse(&key.key)).collect::<Result<_, _>>()?;
        Ok(())
    }

    async fn verify(&self, headers: &Headers, body: &[u8], now: Timestamp) -> Result<(), Unverified> {
        let mut known = self.known.lock().await;
        let verified = signature::verify(&known.keys, headers, body, now);
        let stale = known.read_at.is_none_or(|at| at.elapsed() >= KEYS_EVERY);
        if verified != Err(Unverified::NoMatch) || !stale {
            return verified;
        }
        if let Err(error) = self.read_into(&mut known).await {
            eprintln!("{error:#}");
        }
        signature::verify(&known.keys, headers, body, now)
    }
}
