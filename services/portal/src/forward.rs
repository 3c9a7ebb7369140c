//! gRPC-Web from the browser becomes gRPC to the service that the path names. The session's cookie becomes a bearer token; nothing else is decided.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::{HeaderMap, HeaderValue, header};
use futures::future::BoxFuture;
use gongzhi_chassis::client;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::tls::Files;
use http::{Request, Response};
use tonic::body::Body;
use tonic::transport::Channel;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};

use crate::session;

/// Where the services answer. Connections are made when they are first needed and made again when they break.
#[derive(Clone)]
pub struct Upstreams {
    home: Channel,
    named: Arc<BTreeMap<String, Channel>>,
}

impl Upstreams {
    /// Services answer at `home`, except those that are named.
    pub fn new(home: &str, named: &BTreeMap<String, String>, tls: &Files) -> Result<Self, Failure> {
        let named = named
            .iter()
            .map(|(name, url)| Ok((name.clone(), client::connection(url, tls)?)))
            .collect::<Result<_, Failure>>()?;
        Ok(Self { home: client::connection(home, tls)?, named: Arc::new(named) })
    }

    /// The connection to a service, for example `dispatch`.
    pub(crate) fn of(&self, service: &str) -> Channel {
        self.named.get(service).unwrap_or(&self.home).clone()
    }
}

/// The gRPC-Web face of the services.
pub(crate) fn grpc_web(upstreams: Upstreams) -> GrpcWebService<Forward> {
    GrpcWebLayer::new().layer(Forward { upstreams })
}

/// Sends a call to the service that its path names.
#[derive(Clone)]
pub(crate) struct Forward {
    upstreams: Upstreams,
}

impl Service<Request<Body>> for Forward {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // `/gongzhi.dispatch.v1.CaseService/GetCase` names dispatch.
        let service = request.uri().path().split('.').nth(1).unwrap_or_default().to_owned();
        let mut channel = self.upstreams.of(&service);
        carry_session(request.headers_mut());
        Box::pin(async move {
            let answer = match futures::future::poll_fn(|context| channel.poll_ready(context)).await {
                Ok(()) => channel.call(request).await,
                Err(error) => Err(error),
            };
            Ok(answer.unwrap_or_else(|error| {
                tracing::warn!(service, %error, "a service does not answer");
                tonic::Status::unavailable("the service does not answer; try again in a moment").into_http()
            }))
        })
    }
}

/// Turns the cookie into a bearer token. A token that a page sends by itself is taken off: sessions are the only way in here.
fn carry_session(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    let token =
        session::token(headers).and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    if let Some(token) = token {
        headers.insert(header::AUTHORIZATION, token);
    }
    headers.remove(header::COOKIE);
    headers.remove(header::ORIGIN);
}
