//! Webhooks: CloudEvents over HTTP, signed by Standard Webhooks 1.0.0. One attempt here; who is tried when is for the worker and for what is held.

mod retry;
mod worker;

pub(super) use retry::retry_held;
pub(super) use worker::Worker;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::webhook_signature::{self, SigningKey};
use gongzhi_proto::exchange::v1 as pb;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{StatusCode, Url};
use sqlx::PgPool;

use super::address::{self, House, Resolver};
use crate::subscription::store::Listed;
use crate::subscription::{Way, keys};

/// How long a receiver may take, from the first byte to the last.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// How long connecting may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read: enough for a word of what is wrong.
const READ: usize = 4 * 1024;
/// Longest time for which a receiver may ask to be left alone.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);
/// How long signing keys are remembered, so that not every attempt asks the database.
const KEYS_FOR: Duration = Duration::from_secs(5);

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 2xx.
    Accepted,
    /// 410: the receiver is gone and wants nothing any more.
    Gone,
    /// Not accepted; with the time for which the receiver asks to be left alone.
    Failed {
        /// What went wrong.
        error: String,
        /// Not before this time is over.
        rest: Option<SignedDuration>,
    },
}

impl Outcome {
    fn failed(error: impl Into<String>) -> Self {
        Self::Failed { error: error.into(), rest: None }
    }
}

/// Keys of a subscription, and since when they are remembered.
type Remembered = (Instant, Arc<Vec<SigningKey>>);

/// Posts events. Cloning shares connections.
#[derive(Clone)]
pub(crate) struct Sender(Arc<Inner>);

struct Inner {
    pool: PgPool,
    house: Arc<House>,
    /// A client per set of allowed networks: what a name may resolve to is the client's business.
    clients: Mutex<HashMap<Vec<String>, reqwest::Client>>,
    keys: Mutex<HashMap<String, Remembered>>,
    /// The real time: a receiver compares what is signed with its own clock, also where a story moves ours.
    wall: Clock,
}

impl Sender {
    pub(crate) fn new(pool: PgPool, house: House) -> Self {
        let (clients, keys) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { pool, house: Arc::new(house), clients, keys, wall: Clock::system() }))
    }

    fn client(&self, networks: &[String]) -> Result<reqwest::Client, Failure> {
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(networks) {
            return Ok(client.clone());
        }
        let resolver = Resolver { house: self.0.house.clone(), allowed: address::networks(networks) };
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECTED_WITHIN)
            .timeout(ANSWERED_WITHIN)
            .pool_max_idle_per_host(8)
            .build()
            .map_err(|error| Failure::Bug(error.to_string()))?;
        clients.insert(networks.to_vec(), client.clone());
        Ok(client)
    }

    async fn keys(&self, subscription: &str, at: Timestamp) -> Result<Arc<Vec<SigningKey>>, Failure> {
        let known = {
            let keys = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.get(subscription)
                .filter(|(since, _)| since.elapsed() < KEYS_FOR)
                .map(|(_, keys)| keys.clone())
        };
        if let Some(keys) = known {
            return Ok(keys);
        }
        let mut connection = self.0.pool.acquire().await?;
        let read = keys::signing(&mut connection, subscription, at).await?;
        let read: Arc<Vec<_>> = Arc::new(read.into_iter().map(|key| key.signing).collect());
        let mut keys = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(subscription.to_owned(), (Instant::now(), read.clone()));
        Ok(read)
    }

    /// Posts one event; `at` is the clock's instant, by which keys end.
    pub(super) async fn post(
        &self,
        subscription: &str,
        way: &Way,
        event_id: &str,
        body: &[u8],
        at: Timestamp,
    ) -> Result<(Outcome, Option<StatusCode>), Failure> {
        let Way::Webhook { url, networks, .. } = way else {
            return Err(Failure::Bug(format!("subscription {subscription} is no webhook")));
        };
        let Ok(url) = Url::parse(url) else {
            return Ok((Outcome::failed("the address cannot be read"), None));
        };
        if let Some(why) = address::literal_forbidden(&url, &self.0.house, &address::networks(networks)) {
            return Ok((Outcome::failed(format!("the address {why}")), None));
        }
        let keys = self.keys(subscription, at).await?;
        let signed = webhook_signature::sign(&keys, event_id, self.0.wall.now(), body)
            .map_err(|error| Failure::Bug(error.to_string()))?;
        let request = self
            .client(networks)?
            .post(url)
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header(USER_AGENT, concat!("gongzhi/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", signed.signature)
            .body(body.to_vec());
        Ok(match request.send().await {
            Ok(response) => {
                let status = response.status();
                (judge(response).await, Some(status))
            }
            Err(error) => (Outcome::failed(innermost(&error)), None),
        })
    }

    /// Posts a marked event that is no fact.
    pub(crate) async fn test(&self, listed: &Listed) -> Result<pb::SendTestResponse, Failure> {
        let making = &listed.subscription.making;
        if !matches!(making.way, Way::Webhook { .. }) {
            let message = "only webhooks are tested; pull, or read over NATS, to see what comes".into();
            return Err(Failure::Refused { reason: "NOT_A_WEBHOOK", message });
        }
        let now = self.0.wall.now();
        let id = self.0.wall.new_id().to_string();
        let body = serde_json::json!({
            "specversion": "1.0",
            "id": id,
            "source": format!("/{}/exchange", making.district),
            "type": "gongzhi.exchange.v1.test",
            "subject": listed.subscription_id,
            "time": now,
            "datacontenttype": "application/json",
            "data": { "subscriptionId": listed.subscription_id },
        });
        let since = Instant::now();
        let (outcome, status) =
            self.post(&listed.subscription_id, &making.way, &id, body.to_string().as_bytes(), now).await?;
        Ok(pb::SendTestResponse {
            http_status: status.map_or(0, |status| status.as_u16().into()),
            took_ms: i32::try_from(since.elapsed().as_millis()).unwrap_or(i32::MAX),
            error: match outcome {
                Outcome::Accepted => String::new(),
                Outcome::Gone => "410: the receiver is gone".into(),
                Outcome::Failed { error, .. } => error,
            },
        })
    }
}

/// Reads what an answer means. A redirection is a failure: a signed event goes where its subscription says, nowhere else.
async fn judge(mut response: reqwest::Response) -> Outcome {
    let status = response.status();
    if status.is_success() {
        return Outcome::Accepted;
    }
    if status == StatusCode::GONE {
        return Outcome::Gone;
    }
    let rest = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok())
        .map(|seconds| SignedDuration::from_secs(i64::from(seconds)).min(LONGEST_REST));
    let mut said = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        said.extend_from_slice(&chunk[..chunk.len().min(READ - said.len())]);
        if said.len() >= READ {
            break;
        }
    }
    let said: String = String::from_utf8_lossy(&said)
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(200)
        .collect();
    let error = if status.is_redirection() {
        format!("{}: redirections are not followed; subscribe with the final address", status.as_u16())
    } else {
        format!("{}: {}", status.as_u16(), said.trim())
    };
    Outcome::Failed { error, rest }
}

/// The cause behind the causes, which alone tells what to do.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", ANSWERED_WITHIN.as_secs());
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
