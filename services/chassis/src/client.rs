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
        || was_not_taken(status)
}

/// True for a call that crossed on its way with the goodbye (`GOAWAY`) of a server that ends in order: the server never looked at it (RFC 9113, 6.8). The library
/// calls that `Internal`.
fn was_not_taken(status: &Status) -> bool {
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
        }
        cause = error.source();
    }
    false
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tonic::{Code, Status};
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;

    use super::{connection, may_pass};
    use crate::tls::Files;

    /// Reads frames of HTTP/2 until a call comes, then says goodbye, having taken nothing. The library's own server takes whatever comes before it says so.
    async fn say_goodbye(mut stream: TcpStream, why: h2::Reason) -> std::io::Result<()> {
        const HEADERS: u8 = 1;
        stream.read_exact(&mut [0; 24]).await?;
        // SETTINGS: empty.
        stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await?;
        let mut kind = 0;
        while kind != HEADERS {
            let mut frame = [0; 9];
            stream.read_exact(&mut frame).await?;
            kind = frame[3];
            let length = u32::from_be_bytes([0, frame[0], frame[1], frame[2]]);
            tokio::io::copy(&mut (&mut stream).take(length.into()), &mut tokio::io::sink()).await?;
        }
        // GOAWAY: eight bytes, the last call that was taken (none) and the reason.
        stream.write_all(&[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0]).await?;
        stream.write_all(&u32::from(why).to_be_bytes()).await?;
        stream.shutdown().await
    }

    /// What a caller is told by a server that ends before it looks at the call.
    async fn told_by_one_that_ends(why: h2::Reason) -> Status {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (answer, ended) = tokio::join!(
            async move {
                let channel = connection(&address, &Files::default()).unwrap();
                HealthClient::new(channel).check(HealthCheckRequest::default()).await
            },
            async move { say_goodbye(listener.accept().await?.0, why).await },
        );
        ended.unwrap();
        answer.unwrap_err()
    }

    #[tokio::test]
    async fn what_a_server_that_ends_in_order_did_not_take_is_sent_again() {
        let status = told_by_one_that_ends(h2::Reason::NO_ERROR).await;
        assert_eq!(status.code(), Code::Internal, "{status:?}");
        assert!(may_pass(&status), "{status:?}");
        let status = told_by_one_that_ends(h2::Reason::PROTOCOL_ERROR).await;
        assert!(!may_pass(&status), "{status:?}");
    }

    #[test]
    fn what_was_refused_is_not_sent_again() {
        assert!(may_pass(&Status::unavailable("nobody is there")));
        assert!(!may_pass(&Status::internal("a fault")));
        assert!(!may_pass(&Status::invalid_argument("a field")));
        assert!(!may_pass(&Status::permission_denied("another's")));
    }
}
