//! The HTTP edge: the web app, signing in, events of organizations, and gRPC-Web to the services wherever they run. Holds no rule and no database; what a person may do is
//! for the services to say.

mod app;
mod events;
mod forward;
mod session;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{get, post};
use futures::future::BoxFuture;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::tls::Files;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

pub use forward::Upstreams;

/// The portal at work.
pub struct Portal {
    /// Where it is served.
    pub address: SocketAddr,
    serving: BoxFuture<'static, ()>,
}

/// Says no to frames, foreign scripts and guessed types; styles are set by the web app's components at run time.
const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(self)"),
];

impl Portal {
    /// Binds the portal. `home` is where services answer that `upstreams` does not name.
    pub async fn bind(
        address: SocketAddr,
        home: &str,
        upstreams: &BTreeMap<String, String>,
        tls: &Files,
        stop: CancellationToken,
    ) -> Result<Self, Failure> {
        let upstreams = Upstreams::new(home, upstreams, tls)?;
        let mut router = Router::new()
            .route("/session", post(session::sign_in).get(session::show).delete(session::sign_out))
            .route("/events", post(events::publish).layer(DefaultBodyLimit::max(events::MOST_BYTES)))
            .route("/.well-known/jwks.json", get(session::key_set))
            .route("/healthz", get(|| async { "ok" }))
            .nest_service("/grpc", forward::grpc_web(upstreams.clone()))
            .fallback(app::serve)
            .layer(CompressionLayer::new().gzip(true).compress_when(app::Compressible))
            .with_state(upstreams);
        for (name, value) in HEADERS {
            router = router.layer(SetResponseHeaderLayer::if_not_present(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            ));
        }
        router = router.layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::Bug(format!(
                "cannot serve on {address}: {error}; choose another with GONGZHI_PORTAL_ADDRESS"
            ))
        })?;
        let address = listener.local_addr().map_err(|error| Failure::Bug(error.to_string()))?;
        let serving = Box::pin(async move {
            // A board that is watched never ends by itself, so the end does not wait for it longer than the services do.
            let ended = stop.clone();
            let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            tokio::select! {
                served = async move { server.await } => if let Err(error) = served { tracing::error!(%error, "the portal ended") },
                () = async move { ended.cancelled().await; tokio::time::sleep(std::time::Duration::from_secs(3)).await } => {}
            }
        });
        Ok(Self { address, serving })
    }

    /// Serves until told to stop.
    pub async fn serve(self) {
        self.serving.await;
    }
}
