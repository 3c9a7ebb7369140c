//! How one calls a service: a token and an idempotency key on every call, the present trace with it.

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::telemetry;

/// Somebody who is signed in and calls over a connection.
#[derive(Clone)]
pub struct Session {
    channel: Channel,
    bearer: MetadataValue<Ascii>,
}

/// A connection on which somebody calls; every generated client takes it in its `new`.
pub type Calling = InterceptedService<Channel, Credentials>;

/// What is put on every call.
#[derive(Clone)]
pub struct Credentials {
    bearer: MetadataValue<Ascii>,
    /// None: a new key for each call.
    key: Option<MetadataValue<Ascii>>,
}

impl Session {
    /// A session on a connection; none when the token is not one.
    pub fn new(channel: Channel, token: &str) -> Option<Self> {
        Some(Self { channel, bearer: format!("Bearer {token}").parse().ok()? })
    }

    /// Calls with a new idempotency key each time.
    pub fn calls(&self) -> Calling {
        InterceptedService::new(self.channel.clone(), Credentials { bearer: self.bearer.clone(), key: None })
    }

    /// Calls with one idempotency key: what is called twice is a repeat.
    pub fn calls_with_key(&self, key: Uuid) -> Calling {
        InterceptedService::new(
            self.channel.clone(),
            Credentials { bearer: self.bearer.clone(), key: Some(ascii(key)) },
        )
    }

    /// The value of the authorization header.
    pub fn bearer(&self) -> &str {
        self.bearer.to_str().unwrap_or_default()
    }
}

fn ascii(key: Uuid) -> MetadataValue<Ascii> {
    key.to_string().parse().expect("a UUID is ASCII")
}

impl Interceptor for Credentials {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.bearer.clone());
        metadata.insert("idempotency-key", self.key.clone().unwrap_or_else(|| ascii(Uuid::now_v7())));
        if let Some(traceparent) = telemetry::traceparent().and_then(|traceparent| traceparent.parse().ok()) {
            metadata.insert("traceparent", traceparent);
        }
        Ok(request)
    }
}
