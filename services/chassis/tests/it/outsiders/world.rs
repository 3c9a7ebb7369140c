//! A private nats-server with the shipped configuration, our services' connection to it, and two outsiders who have messages waiting. Knows what there is
//! to see on the server: the snapshot that no forbidden act may change.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::StreamExt;
use gongzhi_chassis::bus::{Bus, Outgoing, StreamLimits};
use gongzhi_chassis::config::Secret;
use gongzhi_chassis::deliveries::{self, BACKLOG, Deliveries, Delivery, MOST_IN_HAND};
use gongzhi_chassis::nats_identity::{self, Body, Claims, Issuer, Keys, Outsider, Reach, inbox_prefix};
use gongzhi_embedded::{Embedded, Options, Part, Parts};
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use uuid::Uuid;

use super::wire::Wire;

pub const DISTRICT: &str = "330105";
pub const GOV: &str = "GOV-330105";
pub const SUB: &str = "SUB-330105";
/// A subject of facts.
pub const FACT: &str = "gov.330105.001.052.dispatch.case_voided.all";

/// The server and our side of it.
pub struct World {
    pub keys: Keys,
    pub issuer: Issuer,
    pub deliveries: Deliveries,
    pub ours: async_nats::Client,
    pub bus: Bus,
    embedded: Embedded,
}

/// An outsider with its subscription.
pub struct Served {
    pub subscription: Uuid,
    pub outsider: Outsider,
}

impl Served {
    pub fn key(&self) -> &str {
        &self.outsider.account_public_key
    }

    pub fn inbox(&self, rest: &str) -> String {
        format!("{}.{rest}", inbox_prefix(self.key()))
    }

    pub fn subject(&self) -> String {
        format!("sub.{DISTRICT}.{}", self.subscription)
    }
}

pub fn limits() -> StreamLimits {
    StreamLimits { max_age_days: 1, max_bytes: 1 << 28, replicas: 1 }
}

/// Starts a private nats-server that obeys these keys.
pub async fn server(keys: &Keys, extra: &str, options: Options) -> Result<Embedded> {
    let text = nats_identity::configuration(keys, "$GONGZHI_NATS_ACCOUNTS", Timestamp::now())?;
    let nats_config = Some(format!("{text}{extra}\n"));
    let nats_heir = Some(keys.main_account());
    let started = tokio::task::spawn_blocking(move || {
        let parts = Parts::find(&[Part::Nats], None, |line| eprintln!("{line}"))?;
        Embedded::start(&parts, Options { nats_config, nats_heir, ..options })
    });
    Ok(started.await??)
}

impl World {
    pub async fn new(extra: &str) -> Result<Self> {
        let keys = Keys::generate();
        let embedded = server(&keys, extra, Options::temporary()).await?;
        let url = embedded.nats_url();
        let credentials = keys.credentials("test", Timestamp::now())?;
        let bus = Bus::connect(&url, "test", AreaCode::parse(DISTRICT)?, Some(&credentials)).await?;
        bus.ensure_stream(&limits()).await?;
        let deliveries = Deliveries::new(bus.clone());
        deliveries.ensure_stream(&limits(), BACKLOG).await?;
        assert_eq!(deliveries.stream_name(), SUB);
        let ours = connect(&url, &credentials, "_INBOX").await?;
        let issuer = keys.issuer(&url)?;
        let facts: Vec<_> = (0..5)
            .map(|nth| Outgoing {
                subject: FACT.into(),
                id: Uuid::now_v7(),
                body: format!("fact {nth}").into(),
            })
            .collect();
        bus.publish(&facts).await?;
        Ok(Self { keys, issuer, deliveries, ours, bus, embedded })
    }

    pub fn url(&self) -> String {
        self.embedded.nats_url()
    }

    /// An outsider for whom so many messages wait.
    pub async fn outsider(&self, name: &str, waiting: usize) -> Result<Served> {
        let outsider = self.issuer.issue(name, Reach::Deliveries(SUB), None).await?;
        let served = Served { subscription: Uuid::now_v7(), outsider };
        self.deliveries.open(served.subscription, served.key(), MOST_IN_HAND).await?;
        self.deliver(&served, name, waiting).await?;
        Ok(served)
    }

    pub async fn deliver(&self, served: &Served, name: &str, count: usize) -> Result<()> {
        let delivery = |nth| Delivery {
            subscription: served.subscription,
            id: Uuid::now_v7(),
            body: format!("for {name} {nth}").into(),
        };
        let delivered = self
            .deliveries
            .publish((0..count).map(delivery).collect())
            .await
            .with_context(|| format!("{count} for {name}"))?;
        anyhow::ensure!(delivered.published.stored == count, "{delivered:?}");
        Ok(())
    }

    /// A raw connection of an outsider.
    pub async fn wire(&self, served: &Served) -> Result<Wire> {
        Wire::open(&self.url(), &served.outsider.credentials).await
    }

    /// Asks JetStream something as our own services do.
    pub async fn ask(&self, verb: &str, body: &str) -> Result<serde_json::Value> {
        let answer = self.ours.request(format!("$JS.API.{verb}"), body.to_owned().into()).await?;
        Ok(serde_json::from_slice(&answer.payload)?)
    }

    /// Everything that a forbidden act could change, but for what is the actor's own.
    pub async fn snapshot(&self, actor: &Served) -> Result<BTreeMap<String, String>> {
        let mut seen = BTreeMap::new();
        let streams = self.ask("STREAM.LIST", "").await?;
        for stream in streams["streams"].as_array().context("a list of streams")? {
            let name = stream["config"]["name"].as_str().unwrap_or_default();
            let info = self.ask(&format!("STREAM.INFO.{name}"), r#"{"subjects_filter":">"}"#).await?;
            // What the actor acknowledges of its own is gone from a work queue, and may be.
            let mut counts = info["state"]["subjects"].clone();
            counts.as_object_mut().map(|counts| counts.remove(&actor.subject()));
            seen.insert(format!("stream {name}"), format!("{} last, {counts}", info["state"]["last_seq"]));
            seen.insert(format!("form of {name}"), stream["config"].to_string());
            let consumers = self.ask(&format!("CONSUMER.LIST.{name}"), "").await?;
            for consumer in consumers["consumers"].as_array().context("a list of consumers")? {
                let consumer_name = consumer["name"].as_str().unwrap_or_default();
                let mut state = consumer["config"].to_string();
                if consumer_name != actor.key() {
                    state = format!(
                        "{state} {} {} {} {} {}",
                        consumer["delivered"]["stream_seq"],
                        consumer["ack_floor"],
                        consumer["num_ack_pending"],
                        consumer["num_redelivered"],
                        consumer["num_pending"]
                    );
                }
                seen.insert(format!("consumer {name} {consumer_name}"), state);
            }
        }
        seen.insert("accounts".into(), self.issuer.list().await?.join(" "));
        Ok(seen)
    }

    /// What our own services and another outsider hear that nobody but us has sent: must stay silent.
    pub async fn witnesses(&self, other: &Served) -> Result<Witnesses> {
        let theirs = connect(&self.url(), &other.outsider.credentials, &inbox_prefix(other.key())).await?;
        let mut heard = vec![theirs.subscribe(other.inbox(">")).await?];
        for subject in ["gov.>", "sub.>", "_WITNESS.>", "_INBOX.x", "$KV.>", "$O.>"] {
            heard.push(self.ours.subscribe(subject).await?);
        }
        theirs.flush().await?;
        self.ours.flush().await?;
        Ok(Witnesses(heard, theirs))
    }

    /// What the servers know of the main account.
    pub async fn main_account(&self) -> Result<Body> {
        let system = self.keys.system_credentials(Timestamp::now())?;
        let client = connect(&self.url(), &system, "_INBOX").await?;
        let subject = format!("$SYS.REQ.ACCOUNT.{}.CLAIMS.LOOKUP", self.keys.main_account());
        let answer = client.request(subject, "".into()).await?;
        Ok(Claims::read(std::str::from_utf8(&answer.payload)?)?.nats)
    }

    /// Stops and starts the server.
    pub async fn restart(&self) -> Result<()> {
        Ok(tokio::task::block_in_place(|| self.embedded.restart(Part::Nats))?)
    }

    pub async fn stop(self) -> Result<()> {
        let embedded = self.embedded;
        Ok(tokio::task::spawn_blocking(move || embedded.stop()).await??)
    }
}

/// Those who must hear nothing.
pub struct Witnesses(Vec<async_nats::Subscriber>, async_nats::Client);

impl Witnesses {
    /// What was heard until now.
    pub async fn heard(&mut self) -> Result<Vec<String>> {
        self.1.flush().await?;
        let mut heard = Vec::new();
        for subscriber in &mut self.0 {
            while let Ok(Some(message)) =
                tokio::time::timeout(Duration::from_millis(1), subscriber.next()).await
            {
                heard.push(format!("{}: {}", message.subject, String::from_utf8_lossy(&message.payload)));
            }
        }
        Ok(heard)
    }
}

/// A connection with the client library.
pub async fn connect(url: &str, credentials: &Secret, inbox: &str) -> Result<async_nats::Client> {
    let options = async_nats::ConnectOptions::new()
        .credentials(credentials.reveal())?
        .custom_inbox_prefix(inbox)
        .connection_timeout(Duration::from_secs(5));
    Ok(options.connect(url).await?)
}

/// The consumer of an outsider as it reaches it with the client library.
pub async fn consumer(
    client: &async_nats::Client,
    key: &str,
) -> Result<async_nats::jetstream::consumer::PullConsumer> {
    let jetstream =
        async_nats::jetstream::with_domain(client.clone(), gongzhi_chassis::nats_identity::JETSTREAM_DOMAIN);
    let stream = jetstream.get_stream_no_info(SUB).await?;
    stream.get_consumer(key).await.map_err(|error| anyhow::anyhow!("{error}"))
}

/// The subject as deliveries name it, so that the tests cannot drift from it.
#[test]
fn the_subject_of_a_subscription_is_as_the_tests_write_it() {
    let (district, id) = (AreaCode::parse(DISTRICT).unwrap(), Uuid::nil());
    assert_eq!(deliveries::subject(&district, id), format!("sub.{DISTRICT}.{id}"));
}
