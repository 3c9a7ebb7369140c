//! Systems of subscribers: each writes down what comes, and goes on whatever happens to the connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_nats::jetstream::consumer::PullConsumer;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use futures::StreamExt;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::webhook_signature::{self, Headers, VerifyingKey};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use jiff::Timestamp;
use tonic::Status;
use uuid::Uuid;

/// How long a receiver rests before it tries again.
const REST: Duration = Duration::from_millis(200);
/// How long a stream may be silent: it promises a beat every 15 seconds.
const SILENT: Duration = Duration::from_secs(20);
/// Facts of a stream that are acknowledged at once, unless nothing comes for a moment.
const ACKNOWLEDGED_AT_ONCE: usize = 16;
/// Messages that are fetched at once over NATS.
const FETCHED: usize = 32;
/// One in so many facts is refused by a webhook at first, so that what is held is tried again.
const REFUSED: u128 = 40;

/// What came.
#[derive(Clone)]
pub struct Came {
    pub id: Uuid,
    pub body: Vec<u8>,
    /// False where the receiver answered that it did not take it.
    pub accepted: bool,
}

/// What came to one subscriber, in order.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<Vec<Came>>>);

impl Inbox {
    fn put(&self, body: &[u8], accepted: bool) {
        // What has no identity is nobody's fact, and will be found to be none.
        let event: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let id = event.and_then(|event| event["id"].as_str()?.parse().ok()).unwrap_or_default();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Came {
            id,
            body: body.to_vec(),
            accepted,
        });
    }

    pub fn came(&self) -> Vec<Came> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn has(&self, id: Uuid) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|came| came.id == id)
    }
}

/// Receives a stream for ever, and acknowledges what it wrote down.
pub async fn stream(session: Session, subscription_id: String, inbox: Inbox) {
    loop {
        let _cut_off = read_stream(&session, &subscription_id, &inbox).await;
        tokio::time::sleep(REST).await;
    }
}

async fn read_stream(session: &Session, id: &str, inbox: &Inbox) -> Result<(), Status> {
    let mut calls = DeliveryServiceClient::new(session.calls());
    let mut stream = calls.stream(pb::StreamRequest { subscription_id: id.to_owned() }).await?.into_inner();
    let (mut position, mut waiting) = (0, 0);
    loop {
        let patience = if waiting > 0 { REST } else { SILENT };
        let next = tokio::time::timeout(patience, stream.message()).await;
        match next {
            Ok(next) => {
                let Some(next) = next? else { return Ok(()) };
                if let Some(delivery) = next.delivery {
                    inbox.put(delivery.event.as_bytes(), true);
                    waiting += 1;
                }
                position = next.position;
            }
            Err(_) if waiting == 0 => return Ok(()),
            Err(_) => waiting = ACKNOWLEDGED_AT_ONCE,
        }
        if waiting >= ACKNOWLEDGED_AT_ONCE {
            calls.acknowledge(pb::AcknowledgeRequest { subscription_id: id.to_owned(), position }).await?;
            waiting = 0;
        }
    }
}

/// Pulls for ever, and acknowledges what it wrote down.
pub async fn pull(session: Session, subscription_id: String, inbox: Inbox) {
    loop {
        if read_page(&session, &subscription_id, &inbox).await.is_err() {
            tokio::time::sleep(REST).await;
        }
    }
}

async fn read_page(session: &Session, id: &str, inbox: &Inbox) -> Result<(), Status> {
    let mut calls = DeliveryServiceClient::new(session.calls());
    let subscription_id = id.to_owned();
    let request = pb::PullRequest { subscription_id, max_facts: 50, wait_seconds: 3 };
    let page = calls.pull(request).await?.into_inner();
    for delivery in &page.deliveries {
        inbox.put(delivery.event.as_bytes(), true);
    }
    let request = pb::AcknowledgeRequest { subscription_id: id.to_owned(), position: page.position };
    calls.acknowledge(request).await.map(drop)
}

/// Connects with the credentials that were issued, and fetches for ever. Does nothing for the order: that is the exchange's promise.
pub async fn nats(url: String, issued: pb::IssueNatsCredentialsResponse, inbox: Inbox) -> Result<()> {
    let options = async_nats::ConnectOptions::new()
        .credentials(&issued.credentials)?
        .custom_inbox_prefix(issued.inbox_prefix.as_str())
        .connection_timeout(Duration::from_secs(5))
        .max_reconnects(None);
    let client = options.connect(url).await?;
    let jetstream = async_nats::jetstream::with_domain(client, &issued.domain);
    let consumer: PullConsumer = jetstream.get_consumer_from_stream(&issued.durable, &issued.stream).await?;
    loop {
        if fetch(&consumer, &inbox).await.is_err() {
            tokio::time::sleep(REST).await;
        }
    }
}

async fn fetch(consumer: &PullConsumer, inbox: &Inbox) -> Result<(), async_nats::Error> {
    let expires = Duration::from_secs(3);
    let mut batch = consumer.fetch().max_messages(FETCHED).expires(expires).messages().await?;
    while let Some(message) = tokio::time::timeout(expires * 2, batch.next()).await? {
        let message = message?;
        inbox.put(&message.payload, true);
        message.ack().await?;
    }
    Ok(())
}

/// Where a subscriber's webhooks are written down, and the keys with which they must be signed.
type Hooked = (Inbox, Vec<VerifyingKey>);

/// A receiver of webhooks for all subscribers, with a path for each.
#[derive(Clone)]
pub struct Hooks {
    pub url: String,
    subscribers: Arc<Mutex<BTreeMap<usize, Hooked>>>,
    /// What came with a signature that is not ours.
    forged: Arc<Mutex<Vec<String>>>,
}

impl Hooks {
    pub async fn open() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hooks", listener.local_addr()?);
        let hooks = Self { url, subscribers: Arc::default(), forged: Arc::default() };
        let routes = Router::new().route("/hooks/{nth}", axum::routing::post(take)).with_state(hooks.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(hooks)
    }

    /// Takes for a subscriber what is signed with one of its keys.
    pub fn expect(&self, nth: usize, inbox: Inbox, keys: Vec<VerifyingKey>) {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).insert(nth, (inbox, keys));
    }

    pub fn forged(&self) -> Vec<String> {
        self.forged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn take(
    State(hooks): State<Hooks>,
    Path(nth): Path<usize>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let signed = Headers {
        id: header(webhook_signature::ID),
        timestamp: header(webhook_signature::TIMESTAMP),
        signature: header(webhook_signature::SIGNATURE),
    };
    let subscribers = hooks.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((inbox, keys)) = subscribers.get(&nth) else {
        // Its keys are not known yet: it is tried again.
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let verified = webhook_signature::verify(keys, &signed, &body, Timestamp::now());
    if let Err(error) = verified {
        hooks.forged.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{nth}: {error}"));
        return StatusCode::BAD_REQUEST;
    }
    let id: Uuid = signed.id.parse().unwrap_or_default();
    let refused = (id.as_u128() + nth as u128).is_multiple_of(REFUSED) && !inbox.has(id);
    inbox.put(&body, !refused);
    if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
}
