//! The connection to NATS JetStream: one stream per district, atomic batches, reading from a position.

use std::path::Path;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::{self, ErrorCode, stream};
use bytes::Bytes;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::subjects::{stream_name, stream_subjects};
use serde::Deserialize;
use uuid::Uuid;

use crate::config::Secret;
use crate::status::Failure;

/// Most messages of an atomic batch; the server refuses more.
pub const BATCH: usize = 1000;
/// How long the server may take to acknowledge.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(10);
/// Tries to make a stream.
const MAKING_TRIES: u32 = 4;
/// How long a try to make a stream is waited for, times the tries before.
const MAKING_REST: Duration = Duration::from_millis(100);
/// How long the server remembers message ids; far over any time for which a relay that was overtaken may sleep.
const DUPLICATES_WITHIN: Duration = Duration::from_secs(600);
/// The server's error for a batch that holds a message it has already.
const BATCH_HOLDS_DUPLICATE: u64 = 10201;

/// What helps where the server has less room than the stream may take.
const LACKS_ROOM: &str = "; its max_file_store is less than its streams may take together: raise it, or lower GONGZHI_STREAM_MAX_BYTES";

/// How the stream of a district is kept.
#[derive(Clone, Debug)]
pub struct StreamLimits {
    /// Days; far over the longest outage of a subscriber that is promised.
    pub max_age_days: u64,
    /// Bytes; publishing stops rather than forgets when they are full.
    pub max_bytes: i64,
    /// Copies: 1 on a laptop, 3 in a cluster.
    pub replicas: usize,
}

impl StreamLimits {
    /// A stream that refuses rather than forgets and takes atomic batches.
    pub(crate) fn config(&self, name: String, subjects: String) -> stream::Config {
        stream::Config {
            name,
            subjects: vec![subjects],
            retention: stream::RetentionPolicy::Limits,
            discard: stream::DiscardPolicy::New,
            storage: stream::StorageType::File,
            max_age: Duration::from_secs(self.max_age_days * 86_400),
            max_bytes: self.max_bytes,
            max_message_size: 256 * 1024,
            num_replicas: self.replicas,
            duplicate_window: DUPLICATES_WITHIN,
            allow_direct: true,
            allow_atomic_publish: true,
            ..Default::default()
        }
    }
}

fn lacks_room(error: &CreateStreamError) -> bool {
    matches!(error.kind(), CreateStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STORAGE_RESOURCES_EXCEEDED)
}

/// Opens a connection that comes back by itself.
pub(crate) async fn open(
    url: &str,
    name: &str,
    credentials: Option<&Secret>,
    authority: Option<&Path>,
) -> Result<async_nats::Client, Failure> {
    let mut options = async_nats::ConnectOptions::new();
    if let Some(authority) = authority {
        options = options.add_root_certificates(authority.to_owned());
    }
    if let Some(credentials) = credentials {
        options = options
            .credentials(credentials.reveal())
            .map_err(|_| Failure::Bug("these are no NATS credentials".into()))?;
    }
    options
        .name(name)
        .retry_on_initial_connect()
        .max_reconnects(None)
        .connection_timeout(Duration::from_secs(5))
        .reconnect_delay_callback(|attempts| Duration::from_millis((50 * attempts as u64).min(2_000)))
        .connect(servers(url)?)
        .await
        .map_err(|error| Failure::Bus(error.to_string()))
}

/// The servers of a setting.
fn servers(url: &str) -> Result<Vec<async_nats::ServerAddr>, Failure> {
    let addresses = url.split(',').map(str::trim).filter(|address| !address.is_empty());
    // An address may hold a password, so it is not repeated.
    addresses
        .map(|address| {
            address
                .parse()
                .map_err(|error| Failure::Bug(format!("an address in GONGZHI_NATS_URL is wrong: {error}")))
        })
        .collect()
}

/// A connection to a district's stream. Cloning shares it.
#[derive(Clone)]
pub struct Bus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    district: AreaCode,
}

/// One message to publish.
pub struct Outgoing {
    /// Subject.
    pub subject: String,
    /// Identity; the server stores one message per id.
    pub id: Uuid,
    /// The envelope's bytes.
    pub body: Bytes,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Stored now.
    pub stored: usize,
    /// Found stored already.
    pub duplicates: usize,
}

/// What the server made of a batch.
pub(crate) enum Offered {
    /// It has it.
    Taken(Published),
    /// It refused, with the number of its error.
    Refused(u64),
}

#[derive(Deserialize)]
struct Answer {
    error: Option<AnswerError>,
    #[serde(default)]
    duplicate: bool,
}

#[derive(Deserialize)]
struct AnswerError {
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl Bus {
    /// Connects, with credentials where the server wants some; goes on trying in the background when the server is away.
    pub async fn connect(
        url: &str,
        name: &str,
        district: AreaCode,
        credentials: Option<&Secret>,
    ) -> Result<Self, Failure> {
        Self::connect_trusting(url, name, district, credentials, None).await
    }

    /// Connects as [`Bus::connect`] does, over TLS that an authority of one's own vouches for: a PEM file.
    pub async fn connect_trusting(
        url: &str,
        name: &str,
        district: AreaCode,
        credentials: Option<&Secret>,
        authority: Option<&Path>,
    ) -> Result<Self, Failure> {
        let client = open(url, name, credentials, authority).await?;
        Ok(Self { jetstream: jetstream::new(client.clone()), client, district })
    }

    /// The district.
    pub fn district(&self) -> &AreaCode {
        &self.district
    }

    /// Makes the stream, or brings its limits up to date.
    pub async fn ensure_stream(&self, limits: &StreamLimits) -> Result<(), Failure> {
        self.ensure(limits.config(stream_name(&self.district), stream_subjects(&self.district))).await
    }

    /// Makes a stream of any form, or brings it up to date.
    pub(crate) async fn ensure(&self, config: stream::Config) -> Result<(), Failure> {
        let made = async {
            let mut tries = 1;
            loop {
                match self.jetstream.create_or_update_stream(config.clone()).await {
                    Ok(_) => return Ok(()),
                    // The first streams of an account, asked for at the same moment, trip over its folder in the server (error 10049); the second try finds it.
                    Err(_) if tries < MAKING_TRIES => tokio::time::sleep(MAKING_REST * tries).await,
                    Err(error) => {
                        let advice = if lacks_room(&error) { LACKS_ROOM } else { "" };
                        return Err(Failure::Bus(format!("{error}{advice}")));
                    }
                }
                tries += 1;
            }
        };
        tokio::time::timeout(ACKNOWLEDGED_WITHIN, made).await.unwrap_or_else(|_| {
            Err(Failure::Bus(
                "no answer from the NATS server; is it there, and are the credentials (GONGZHI_NATS_CREDENTIALS) of one of its accounts?".into(),
            ))
        })
    }

    /// The connection without JetStream.
    pub(crate) fn client(&self) -> &async_nats::Client {
        &self.client
    }

    /// JetStream as this connection sees it.
    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }

    /// Deletes the stream; only `bus rebuild` does that, because the record has everything.
    pub async fn delete_stream(&self) -> Result<(), Failure> {
        self.jetstream
            .delete_stream(stream_name(&self.district))
            .await
            .map(drop)
            .map_err(|error| Failure::Bus(error.to_string()))
    }

    /// The stream.
    pub async fn stream(&self) -> Result<stream::Stream, Failure> {
        self.jetstream
            .get_stream(stream_name(&self.district))
            .await
            .map_err(|error| Failure::Bus(error.to_string()))
    }

    /// Publishes a batch in order, whole or not at all. A batch that holds what is stored already is refused whole by the server; it is then sent
    /// message by message, in order, and the server tells which were there.
    pub async fn publish(&self, batch: &[Outgoing]) -> Result<Published, Failure> {
        match self.offer(batch).await? {
            Offered::Taken(published) => Ok(published),
            Offered::Refused(code) => Err(Failure::Bus(format!("the batch was refused with error {code}"))),
        }
    }

    /// Publishes as [`Bus::publish`] does, and leaves it to the caller what a refusal means.
    pub(crate) async fn offer(&self, batch: &[Outgoing]) -> Result<Offered, Failure> {
        match batch {
            [] => Ok(Offered::Taken(Published::default())),
            [one] => self.publish_singly(std::slice::from_ref(one)).await,
            [first @ .., last] => match self.publish_atomically(first, last).await? {
                None => Ok(Offered::Taken(Published { stored: batch.len(), duplicates: 0 })),
                Some(BATCH_HOLDS_DUPLICATE) => self.publish_singly(batch).await,
                Some(code) => Ok(Offered::Refused(code)),
            },
        }
    }

    /// None when the batch is stored; otherwise the error code of the refusal.
    async fn publish_atomically(&self, first: &[Outgoing], last: &Outgoing) -> Result<Option<u64>, Failure> {
        let batch_id = Uuid::now_v7().simple().to_string();
        let headers = |message: &Outgoing, nth: usize| {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", message.id.to_string());
            headers.insert("Nats-Batch-Id", batch_id.clone());
            headers.insert("Nats-Batch-Sequence", nth.to_string());
            headers
        };
        let failed = |error: &dyn std::fmt::Display| Failure::Bus(error.to_string());
        for (nth, message) in (1..).zip(first) {
            let sent = self.client.publish_with_headers(
                message.subject.clone(),
                headers(message, nth),
                message.body.clone(),
            );
            sent.await.map_err(|error| failed(&error))?;
        }
        let mut committing = headers(last, first.len() + 1);
        committing.insert("Nats-Batch-Commit", "1");
        let answer = self.request(last, committing).await?;
        match answer.error {
            None => Ok(None),
            Some(error) => {
                tracing::debug!(code = error.err_code, description = error.description, "batch refused");
                Ok(Some(error.err_code))
            }
        }
    }

    async fn publish_singly(&self, batch: &[Outgoing]) -> Result<Offered, Failure> {
        let mut published = Published::default();
        for message in batch {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", message.id.to_string());
            let answer = self.request(message, headers).await?;
            if let Some(error) = answer.error {
                tracing::debug!(code = error.err_code, description = error.description, "message refused");
                return Ok(Offered::Refused(error.err_code));
            }
            if answer.duplicate {
                published.duplicates += 1;
            } else {
                published.stored += 1;
            }
        }
        Ok(Offered::Taken(published))
    }

    async fn request(&self, message: &Outgoing, headers: HeaderMap) -> Result<Answer, Failure> {
        let request = async_nats::Request::new()
            .headers(headers)
            .payload(message.body.clone())
            .timeout(Some(ACKNOWLEDGED_WITHIN));
        let answer = self
            .client
            .send_request(message.subject.clone(), request)
            .await
            .map_err(|error| Failure::Bus(error.to_string()))?;
        serde_json::from_slice(&answer.payload)
            .map_err(|error| Failure::Bus(format!("an acknowledgement cannot be read: {error}")))
    }
}
