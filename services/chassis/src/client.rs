//! How one calls a service: the connection; a token and an idempotency key on every call, the present trace with it.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::status::Failure;
use crate::telemetry;
use crate::tls::{Files, Identity};

/// How long making a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// A connection to a service at `http://` or `https://`, made when it is first needed and again whenever it broke.
pub fn connection(address: &str, tls: &Files) -> Result<Channel, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Bug(format!("{address}: {error}"));
    let uri: Uri = address.parse().map_err(|error| wrong(&error))?;
    if uri.host().is_none() {
        return Err(wrong(&"must be http://host:port or https://host:port"));
    }
    let is_secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(wrong(&"must begin with http:// or https://")),
    };
    // The library would make TLS of its own for https, which never reads certificates again; the connector below does it instead.
    let plain = address.replacen("https://", "http://", 1);
    let port = if is_secure && uri.port().is_none() { ":443" } else { "" };
    let endpoint = Endpoint::from_shared(format!("{}{port}", plain.trim_end_matches('/')))
        .map_err(|error| wrong(&error))?
        .connect_timeout(CONNECT_WITHIN)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_while_idle(true);
    if !is_secure {
        return Ok(endpoint.connect_lazy());
    }
    let identity = Identity::load(tls)?;
    Ok(endpoint.connect_with_connector_lazy(tower::service_fn(move |uri| identity.clone().connect(uri))))
}

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

    /// The same person on another connection.
    pub fn over(&self, channel: Channel) -> Self {
        Self { channel, bearer: self.bearer.clone() }
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

/// True for what says nothing of the call itself: nobody was there, or went away before the answer. The same call with the same key may be sent again.
pub fn may_pass(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Cancelled | Code::Unknown | Code::DeadlineExceeded)
}

fn ascii(key: Uuid) -> MetadataValue<Ascii> {
    key.to_string().parse().expect("a UUID is ASCII")
}

impl Interceptor for Credentials {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.bearer.clone());
        metadata.insert("idempotency-key", self.key.clone().unwrap_or_else(|| ascii(Uuid::now_v7())));
        if let Some(traceparent) = telemetry::traceparent().and_then(|traceparent| traceparent.parse().ok()) {
            metadata.insert("traceparent", traceparent);
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::may_pass;

    #[test]
    fn what_was_refused_is_not_sent_again() {
        assert!(may_pass(&Status::unavailable("nobody is there")));
        assert!(!may_pass(&Status::invalid_argument("a field")));
        assert!(!may_pass(&Status::permission_denied("another's")));
    }
}
