//! The keys of another OIDC issuer: read over HTTP at the start and again every half minute, so that a token with a new key is refused for half a
//! minute at most. An issuer that does not answer changes nothing: the keys known last are used.

use std::time::Duration;

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::token::{KeySet, Verifier};

/// How often keys are read again. The verifier need not tell of tokens with an unknown key then: they wait no longer than this.
const READ_EVERY: Duration = Duration::from_secs(30);
/// How long the issuer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest key set that is read.
const LARGEST: usize = 256 * 1024;

/// Reads an issuer's keys into a verifier.
struct Reader {
    http: reqwest::Client,
    url: String,
    verifier: Verifier,
    /// The document as read last: a verifier forgets verified tokens when it gets keys, so it gets only new ones.
    last: String,
}

/// A verifier of another issuer's tokens, whose keys are read again for as long as the process lives.
pub(super) async fn verifier(issuer: &str, url: &str) -> Result<Verifier, Failure> {
    let mut reader = Reader::new(issuer, url)?;
    reader.read().await.map_err(|problem| {
        Failure::Bug(format!(
            "cannot read keys at {url}: {problem}; correct GONGZHI_JWKS_URL or wait for the issuer"
        ))
    })?;
    let verifier = reader.verifier.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(READ_EVERY).await;
            if let Err(problem) = reader.read().await {
                tracing::warn!(problem, "the issuer's keys could not be read again; those known are used");
            }
        }
    });
    Ok(verifier)
}

impl Reader {
    fn new(issuer: &str, url: &str) -> Result<Self, Failure> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody else may be first; then theirs is there, and it is the same.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder().timeout(PATIENCE).build();
        let http = http.map_err(|error| Failure::Bug(format!("no HTTP client can be made: {error}")))?;
        let verifier = Verifier::new(issuer, KeySet::default());
        Ok(Self { http, url: url.to_owned(), verifier, last: String::new() })
    }

    /// Reads the keys; on a problem those known stay.
    async fn read(&mut self) -> Result<(), String> {
        let answer = self.http.get(&self.url).send().await.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(|error| error.without_url().to_string())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                return Err(format!("the document has more than {} KiB", LARGEST / 1024));
            }
        }
        let document = String::from_utf8(bytes).map_err(|_| "the document is not UTF-8".to_owned())?;
        if document != self.last {
            let keys: KeySet = serde_json::from_str(&document)
                .map_err(|error| format!("the document is no JSON Web Key Set: {error}"))?;
            self.verifier.replace_keys(keys);
            self.last = document;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::http::StatusCode;
    use axum::routing::get;
    use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, Signer};
    use jiff::Timestamp;

    use super::*;

    fn signer() -> Signer {
        Signer::from_pkcs8(&Signer::generate().unwrap()).unwrap()
    }

    fn token(signer: &Signer) -> String {
        let aud = Audience::One(AUDIENCE.into());
        let (iss, sub) = ("them".into(), "somebody".into());
        signer
            .sign(&Claims { iss, sub, aud, iat: 0, exp: 2_000, name: String::new(), posts: vec![] })
            .unwrap()
    }

    fn document(signers: &[&Signer]) -> String {
        serde_json::to_string(&KeySet::new(signers.iter().map(|signer| signer.key()).collect())).unwrap()
    }

    /// An issuer whose answer can be changed.
    async fn issuer(answer: Arc<Mutex<(StatusCode, String)>>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let app = axum::Router::new()
            .route("/keys", get(move || std::future::ready(answer.lock().unwrap().clone())));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    #[tokio::test]
    async fn new_keys_are_taken_and_known_ones_outlive_an_outage() {
        let (first, second) = (signer(), signer());
        let answer = Arc::new(Mutex::new((StatusCode::OK, document(&[&first]))));
        let mut reader = Reader::new("them", &issuer(answer.clone()).await).unwrap();
        let now = Timestamp::from_second(1_000).unwrap();
        let accepts = |reader: &Reader, signer: &Signer| reader.verifier.verify(&token(signer), now).is_ok();
        reader.read().await.unwrap();
        assert!(accepts(&reader, &first) && !accepts(&reader, &second));

        *answer.lock().unwrap() = (StatusCode::BAD_GATEWAY, String::new());
        reader.read().await.unwrap_err();
        assert!(accepts(&reader, &first));
        for nonsense in ["<html>".to_owned(), "x".repeat(LARGEST + 1)] {
            *answer.lock().unwrap() = (StatusCode::OK, nonsense);
            reader.read().await.unwrap_err();
            assert!(accepts(&reader, &first));
        }

        *answer.lock().unwrap() = (StatusCode::OK, document(&[&second]));
        reader.read().await.unwrap();
        assert!(!accepts(&reader, &first) && accepts(&reader, &second), "a withdrawn key ends at once");
    }

    #[tokio::test]
    async fn a_start_without_keys_says_which_setting_is_wrong() {
        let answer = Arc::new(Mutex::new((StatusCode::NOT_FOUND, String::new())));
        let url = issuer(answer).await;
        let failure = verifier("them", &url).await.err().unwrap().to_string();
        assert!(failure.contains("GONGZHI_JWKS_URL") && failure.contains("404"), "{failure}");
    }
}
