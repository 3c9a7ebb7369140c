//! Requests of outsiders over NATS, from accounts of their own. Who asks is told by the server: an account can import nothing but the subject with its own
//! key in it. Knows nothing of what is asked.

use async_nats::Subscriber;
use bytes::Bytes;
use futures::StreamExt;
use gongzhi_proto::ids::AreaCode;

use crate::bus::Bus;
use crate::status::Failure;

/// Subjects of all requests: district and account.
pub(crate) const SUBJECTS: &str = "pub.*.*";
/// Token of the account, counted from 1.
pub(crate) const ACCOUNT_TOKEN: u32 = 3;

/// The subject of an account's requests, as the main account has it.
pub(crate) fn subject(district: &AreaCode, account_public_key: &str) -> String {
    format!("pub.{district}.{account_public_key}")
}

/// What is asked of a district. Of several processes that listen under one name one gets each request.
pub struct Requests {
    client: async_nats::Client,
    subscriber: Subscriber,
}

/// One request.
pub struct Asked {
    /// Public key of the account that asks.
    pub account: String,
    /// What it asks.
    pub body: Bytes,
    client: async_nats::Client,
    reply: Option<async_nats::Subject>,
}

impl Requests {
    /// Listens, also after the connection was lost and came back.
    pub async fn listen(bus: &Bus, name: &'static str) -> Result<Self, Failure> {
        let client = bus.client().clone();
        let subject = subject(bus.district(), "*");
        let subscriber = client.queue_subscribe(subject, name.into()).await;
        let subscriber = subscriber.map_err(|error| Failure::Bus(error.to_string()))?;
        Ok(Self { client, subscriber })
    }

    /// The next request; none when the connection is closed for good.
    pub async fn next(&mut self) -> Option<Asked> {
        let message = self.subscriber.next().await?;
        Some(Asked {
            account: message.subject.rsplit('.').next().unwrap_or_default().to_owned(),
            body: message.payload,
            client: self.client.clone(),
            reply: message.reply,
        })
    }
}

impl Asked {
    /// Answers, where somebody waits for it.
    pub async fn answer(self, body: Vec<u8>) -> Result<(), Failure> {
        let Some(reply) = self.reply else { return Ok(()) };
        self.client.publish(reply, body.into()).await.map_err(|error| Failure::Bus(error.to_string()))
    }
}
