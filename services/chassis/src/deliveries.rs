//! The second stream of a district, from which outsiders are served: a subject per subscription, a durable consumer per outsider. The facts' own
//! stream is never theirs. Knows neither what a subscription is for nor what is delivered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{ErrorCode, stream};
use gongzhi_proto::ids::AreaCode;
use uuid::Uuid;

use crate::bus::{Bus, Offered, Outgoing, Published, StreamLimits};
use crate::status::Failure;

/// Messages that may wait for one subscription, unless somebody knows better.
pub const BACKLOG: i64 = 100_000;
/// The server's error for a subject, or a whole stream, that is full.
const FULL: u64 = 10077;
/// Most messages that an outsider may hold without having acknowledged them.
pub const MOST_IN_HAND: u16 = 256;
/// Pulls that an outsider may have waiting.
const WAITING_PULLS: i64 = 16;
/// Messages that one pull may ask for.
const LARGEST_PULL: i64 = 256;
/// How long a pull may wait. Far below the two minutes after which a server forgets where answers to another account go.
const LONGEST_PULL: Duration = Duration::from_secs(60);
/// After which a message that was not acknowledged is sent again.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);

/// The stream of deliveries of a district. Cloning shares the connection.
#[derive(Clone)]
pub struct Deliveries {
    bus: Bus,
}

/// One delivery to publish.
pub struct Delivery {
    /// The subscription.
    pub subscription: Uuid,
    /// Identity of what is delivered: the stream takes one per subscription and id.
    pub id: Uuid,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What became of deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Stored now, or found stored already.
    pub published: Published,
    /// Subscriptions that have too much waiting; nothing of this batch that was not there already is stored for them.
    pub full: BTreeSet<Uuid>,
}

impl Delivered {
    /// Notes what the server made of a batch; false when something in it is full.
    fn note(&mut self, offered: Offered) -> Result<bool, Failure> {
        match offered {
            Offered::Taken(published) => {
                self.published.stored += published.stored;
                self.published.duplicates += published.duplicates;
                Ok(true)
            }
            Offered::Refused(FULL) => Ok(false),
            Offered::Refused(code) => {
                Err(Failure::Bus(format!("the deliveries were refused with error {code}")))
            }
        }
    }
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Not yet sent.
    pub waiting: u64,
    /// Sent and not yet acknowledged.
    pub in_hand: usize,
}

/// Name of a district's stream of deliveries.
pub fn stream_name(district: &AreaCode) -> String {
    format!("SUB-{district}")
}

/// The subject of a subscription.
pub fn subject(district: &AreaCode, subscription: Uuid) -> String {
    format!("sub.{district}.{subscription}")
}

impl Deliveries {
    /// The deliveries of the bus's district.
    pub fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Name of the stream, for the issuer.
    pub fn stream_name(&self) -> String {
        stream_name(self.bus.district())
    }

    /// Makes the stream, or brings its limits up to date. A work queue: what was acknowledged is gone, so what waits is all there is, and a
    /// subscription for which `backlog` messages wait is refused alone instead of filling the stream for everybody. Of the limits, that of bytes is
    /// not used.
    pub async fn ensure_stream(&self, limits: &StreamLimits, backlog: i64) -> Result<(), Failure> {
        let subjects = format!("sub.{}.*", self.bus.district());
        self.bus
            .ensure(stream::Config {
                retention: stream::RetentionPolicy::WorkQueue,
                max_messages_per_subject: backlog,
                discard_new_per_subject: true,
                // With a bound of bytes beside it, server 2.15.1 stores half of an atomic batch in which one subject is full, and does not answer.
                max_bytes: -1,
                // Nobody reads it but through a consumer.
                allow_direct: false,
                ..limits.config(self.stream_name(), subjects)
            })
            .await
    }

    /// Makes the consumer of an outsider, or brings it up to date. It is named by the account's public key, by which the server lets that account
    /// reach it and no other. The server cannot tell a message that was lost with its connection from one that is being worked on, so it sends it
    /// again late, behind what it sent meanwhile: only with one message in hand is nothing sent meanwhile, and the order kept whatever breaks.
    pub async fn open(
        &self,
        subscription: Uuid,
        account_public_key: &str,
        in_hand: u16,
    ) -> Result<(), Failure> {
        let config = pull::Config {
            durable_name: Some(account_public_key.into()),
            filter_subject: subject(self.bus.district(), subscription),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACKNOWLEDGED_WITHIN,
            max_deliver: -1,
            max_ack_pending: in_hand.clamp(1, MOST_IN_HAND).into(),
            max_waiting: WAITING_PULLS,
            max_batch: LARGEST_PULL,
            max_expires: LONGEST_PULL,
            ..Default::default()
        };
        let made = self.bus.jetstream().create_consumer_on_stream(config, self.stream_name()).await;
        made.map(drop).map_err(|error| failed(&error))
    }

    /// Removes the consumer of an outsider; what it had not acknowledged stays. A repeat changes nothing.
    pub async fn close(&self, account_public_key: &str) -> Result<(), Failure> {
        let removed =
            self.bus.jetstream().delete_consumer_from_stream(account_public_key, self.stream_name()).await;
        match removed {
            Err(error) if !is_absent(&error) => Err(failed(&error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Gives a subscription to another account, as when credentials are renewed: the new one goes on where the old one had acknowledged.
    pub async fn hand_over(
        &self,
        subscription: Uuid,
        from: &str,
        to: &str,
        in_hand: u16,
    ) -> Result<(), Failure> {
        // A work queue knows one consumer per subject: the old one goes first, and its messages wait for the new one.
        self.close(from).await?;
        self.open(subscription, to, in_hand).await
    }

    /// Publishes at most [`crate::bus::BATCH`] deliveries in order, as [`Bus::publish`] does; what is there already is not stored twice. The
    /// server refuses a batch whole when one subscription in it is full; then each subscription is served by itself, and those that are full are told.
    pub async fn publish(&self, batch: Vec<Delivery>) -> Result<Delivered, Failure> {
        let subscriptions: Vec<Uuid> = batch.iter().map(|delivery| delivery.subscription).collect();
        let outgoing = |delivery: Delivery| Outgoing {
            subject: subject(self.bus.district(), delivery.subscription),
            // The server knows one message per id in a stream, and the same thing goes to several subscriptions.
            id: Uuid::new_v5(&delivery.subscription, delivery.id.as_bytes()),
            body: delivery.body.into(),
        };
        let batch: Vec<_> = batch.into_iter().map(outgoing).collect();
        let mut delivered = Delivered::default();
        if delivered.note(self.bus.offer(&batch).await?)? {
            return Ok(delivered);
        }
        let mut each: BTreeMap<Uuid, Vec<Outgoing>> = BTreeMap::new();
        for (subscription, outgoing) in subscriptions.into_iter().zip(batch) {
            each.entry(subscription).or_default().push(outgoing);
        }
        for (subscription, batch) in each {
            if !delivered.note(self.bus.offer(&batch).await?)? {
                delivered.full.insert(subscription);
            }
        }
        Ok(delivered)
    }

    /// Removes what waits for a subscription and tells how much it was.
    pub async fn purge(&self, subscription: Uuid) -> Result<u64, Failure> {
        let stream = self.bus.jetstream().get_stream(self.stream_name()).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let purged = stream.purge().filter(subject(self.bus.district(), subscription)).await;
        purged.map(|purged| purged.purged).map_err(|error| failed(&error))
    }

    /// Where a subscription stands. For people who look, not to be polled.
    pub async fn standing(&self, account_public_key: &str) -> Result<Standing, Failure> {
        let stream = self.bus.jetstream().get_stream(self.stream_name()).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let info = stream.consumer_info(account_public_key).await.map_err(|error| failed(&error))?;
        Ok(Standing { waiting: info.num_pending, in_hand: info.num_ack_pending })
    }
}

fn is_absent(error: &stream::ConsumerError) -> bool {
    match error.kind() {
        stream::ConsumerErrorKind::JetStream(error) => error.error_code() == ErrorCode::CONSUMER_NOT_FOUND,
        _ => false,
    }
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Bus(error.to_string())
}
