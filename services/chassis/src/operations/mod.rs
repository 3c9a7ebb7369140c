//! What those who look after a process ask it: is it alive, may somebody be sent to it, what does it measure. Served on an address of its own, without
//! TLS and without the gate, because a kubelet has neither a certificate nor a token; nothing here tells of anybody.

mod readiness;
mod watch;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::pb::health_server::{Health, HealthServer};

pub use readiness::Readiness;
pub use watch::Figures;
pub(crate) use watch::{Watched, watch};

use crate::metrics;
use crate::status::Failure;

/// Under this name health answers whether somebody may be sent here.
pub const READY: &str = "gongzhi.ready";

/// Serves until told to stop; gives the address.
pub(crate) async fn serve(
    address: SocketAddr,
    readiness: Readiness,
    health: HealthServer<impl Health>,
    stop: CancellationToken,
) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::Bug(format!(
            "cannot serve on {address}: {error}; choose another with GONGZHI_OPERATIONS_ADDRESS"
        ))
    })?;
    let address = listener.local_addr().map_err(|error| Failure::Bug(error.to_string()))?;
    let asked = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(measured))
        .with_state(readiness);
    let router = Routes::new(health).into_axum_router().merge(asked);
    tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "probes and metrics are not served any more");
        }
    });
    Ok(address)
}

/// Serves for a process that has no gRPC of its own, until told to stop; gives the address.
pub async fn serve_alone(
    address: SocketAddr,
    readiness: Readiness,
    stop: CancellationToken,
) -> Result<SocketAddr, Failure> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let served = serve(address, readiness.clone(), health, stop.clone()).await?;
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            reporter.set_service_status(READY, watch::status(readiness.is_ready())).await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(watch::LOOK_EVERY) => {}
            }
        }
        readiness.leaves();
        reporter.set_service_status(READY, watch::status(false)).await;
    });
    Ok(served)
}

async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, readiness.text())
}

async fn measured() -> impl IntoResponse {
    match metrics::text() {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text),
        Err(failure) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "text/plain")],
            format!("{failure}\n"),
        ),
    }
}
