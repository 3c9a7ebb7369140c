//! The web app's files, carried in the program. Names with a hash in them never change, so browsers keep them; every other path is the app's own.

use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use rust_embed::RustEmbed;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web"]
struct Files;

/// Serves a file, or the app for a path of its own.
pub(crate) async fn serve(uri: Uri) -> Response<Body> {
    let path = uri.path().trim_start_matches('/');
    let (name, file) = match Files::get(path) {
        Some(file) => (path, file),
        // A file that is not there is not the app: a stale page must learn that its script is gone.
        None if path.starts_with("assets/") => {
            return answer(StatusCode::NOT_FOUND, "text/plain", "no-store", Body::from("gone"));
        }
        None => match Files::get("index.html") {
            Some(file) => ("index.html", file),
            None => {
                return answer(
                    StatusCode::NOT_FOUND,
                    "text/plain",
                    "no-store",
                    Body::from("the web app was not built"),
                );
            }
        },
    };
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer(StatusCode::OK, file.metadata.mimetype(), kept, Body::from(file.data.into_owned()))
}

fn answer(status: StatusCode, kind: &str, kept: &str, body: Body) -> Response<Body> {
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, kept)
        .body(body);
    response.expect("constant headers are valid")
}

/// Compresses files, never gRPC: a compressor would hold back the small messages of a stream.
#[derive(Clone, Copy)]
pub(crate) struct Compressible;

impl Predicate for Compressible {
    fn should_compress<B: http_body::Body>(&self, response: &http::Response<B>) -> bool {
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        !kind.starts_with("application/grpc") && DefaultPredicate::new().should_compress(response)
    }
}
