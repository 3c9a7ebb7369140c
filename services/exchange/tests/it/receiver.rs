//! A receiver of webhooks: a real HTTP server that answers as it is told and remembers what came.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gongzhi_chassis::webhook_signature::Headers;
use uuid::Uuid;

/// How it answers.
#[derive(Clone, Debug)]
pub enum Mood {
    Accepts,
    Says(u16),
    /// A redirection of some code to some place.
    Redirects(u16, String),
    Throttles(u32),
    /// Never answers.
    Hangs,
    /// Answers with more than anybody reads.
    Babbles,
}

/// An event that came.
#[derive(Clone, Debug)]
pub struct Came {
    pub id: Uuid,
    pub headers: Headers,
    pub body: Bytes,
    pub accepted: bool,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    mood: Arc<Mutex<Mood>>,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Receiver {
    pub async fn open(mood: Mood) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let receiver = Self { url, mood: Arc::new(Mutex::new(mood)), came: Arc::default() };
        let app = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(receiver)
    }

    pub fn turns(&self, mood: Mood) {
        *self.mood.lock().expect("no receiver panicked") = mood;
    }

    pub fn came(&self) -> Vec<Came> {
        self.came.lock().expect("no receiver panicked").clone()
    }

    /// What it accepted, in order.
    pub fn accepted(&self) -> Vec<Uuid> {
        self.came().iter().filter(|came| came.accepted).map(|came| came.id).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let mood = receiver.mood.lock().expect("no receiver panicked").clone();
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let headers = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let (id, accepted) = (headers.id.parse().unwrap_or_default(), matches!(mood, Mood::Accepts));
    receiver.came.lock().expect("no receiver panicked").push(Came { id, headers, body, accepted });
    match mood {
        Mood::Accepts => StatusCode::NO_CONTENT.into_response(),
        Mood::Says(code) => {
            (StatusCode::from_u16(code).expect("a status"), "请稍后\u{7}再试").into_response()
        }
        Mood::Redirects(code, place) => {
            (StatusCode::from_u16(code).expect("a status"), [("location", place)]).into_response()
        }
        Mood::Throttles(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Mood::Hangs => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
        Mood::Babbles => (StatusCode::BAD_REQUEST, "错".repeat(4 << 20)).into_response(),
    }
}
