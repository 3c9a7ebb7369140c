//! The gate of every gRPC server: finds the access rule of the rpc in the contracts, verifies the token, asks for the idempotency key, opens the
//! span, keeps the deadline. What passes carries an [`Admission`], without which nothing can be written.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use gongzhi_proto::access::{RpcRule, rpc_rules, v1::access::Rule};
use http::{Request, Response};
use prost::Message;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::Instrument;

use crate::caller::{Caller, PostClaim, Scope};
use crate::clock::Clock;
use crate::metrics;
use crate::status::Failure;
use crate::telemetry;
use crate::token::Verifier;

/// Deadline of a call that states none.
const DEADLINE: Duration = Duration::from_secs(10);
/// Longest deadline that a caller may state.
const LONGEST_DEADLINE: Duration = Duration::from_secs(60);

/// Stands for the rpc where nobody called one.
const SYSTEM: &str = "system";

/// A request that passed the gate.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Who is asking.
    pub caller: Caller,
    /// Path of the rpc.
    pub rpc: String,
    /// What the rpc asks for; none for those open to everybody.
    permission: Option<String>,
    /// Names the intent; a repeat gets the first answer.
    pub(crate) idempotency_key: Option<String>,
    /// Digest of rpc and request.
    pub(crate) fingerprint: Vec<u8>,
}

impl Admission {
    /// Admits a service that acts by itself, once per key.
    pub fn system(service: &str, key: impl Into<String>) -> Self {
        let key = key.into();
        let fingerprint = digest(&[key.as_bytes()]);
        Self {
            caller: Caller::system(service),
            rpc: SYSTEM.into(),
            permission: None,
            idempotency_key: Some(key),
            fingerprint,
        }
    }

    /// Admits a system that was known by other means than a token, as who holds these posts, to what an rpc does. The rpc must be one that needs no key.
    pub fn of_system(id: &str, posts: Vec<PostClaim>, rpc: &str) -> Result<Self, Failure> {
        let rule = RULES.get(rpc).filter(|rule| rule.needs_no_key);
        let Some(Rule::Permission(permission)) = rule.and_then(|rule| rule.rule.as_ref()) else {
            return Err(Failure::Bug(format!("{rpc} asks for no permission, or for a key")));
        };
        let caller = Caller::person(id, id, posts);
        if !caller.holds(permission) {
            return Err(Failure::Forbidden(format!("your posts do not allow {permission} anywhere")));
        }
        let permission = Some(permission.clone());
        Ok(Self { caller, rpc: rpc.into(), permission, idempotency_key: None, fingerprint: Vec::new() })
    }

    /// Knows repeats by a keyed digest: for a request of so few possible contents that its plain digest could be found by trying all of them.
    pub fn keyed(mut self, digest: impl FnOnce(&[u8]) -> [u8; 32]) -> Self {
        self.fingerprint = digest(&self.fingerprint).to_vec();
        self
    }

    /// Admits a service that has the effect of facts or of time. It needs no key: the inbox and the machine see to it that nothing happens twice.
    pub(crate) fn reaction(service: &str) -> Self {
        Self { idempotency_key: None, ..Self::system(service, String::new()) }
    }

    /// True for the effect of facts or of time, which nobody waits for.
    pub(crate) fn is_reaction(&self) -> bool {
        self.idempotency_key.is_none() && self.rpc == SYSTEM
    }

    /// The key of the intent; empty for what is not asked for by somebody.
    pub fn idempotency_key(&self) -> &str {
        self.idempotency_key.as_deref().unwrap_or_default()
    }

    /// Fails unless the caller may do this to a thing in this scope.
    pub fn require(&self, scope: &Scope, acting: Option<&str>) -> Result<(), Failure> {
        match &self.permission {
            Some(permission) => self.caller.check(permission, scope, acting),
            None => Ok(()),
        }
    }

    /// True when the caller may call another rpc on a thing in this scope: what a page offers as an action.
    pub fn may_call(&self, rpc: &str, scope: &Scope, acting: Option<&str>) -> bool {
        match RULES.get(rpc).and_then(|rule| rule.rule.as_ref()) {
            Some(Rule::Permission(permission)) => self.caller.may(permission, scope, acting),
            Some(Rule::SignedIn(_) | Rule::Everyone(_)) => true,
            None => false,
        }
    }
}

static RULES: std::sync::LazyLock<BTreeMap<String, RpcRule>> = std::sync::LazyLock::new(rpc_rules);

/// Takes the admission and the message out of a request; the first line of every handler.
pub fn admit<T: Message>(request: tonic::Request<T>) -> Result<(Admission, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    let mut admission: Admission =
        extensions.remove().ok_or_else(|| Failure::Bug("the request did not pass the gate".into()))?;
    admission.fingerprint = digest(&[admission.rpc.as_bytes(), &message.encode_to_vec()]);
    Ok((admission, message))
}

fn digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

/// The layer that puts the gate before a server.
#[derive(Clone)]
pub struct Gate {
    verifier: Verifier,
    clock: Clock,
}

impl Gate {
    /// A gate that lets in holders of tokens that `verifier` accepts.
    pub fn new(verifier: Verifier, clock: Clock) -> Self {
        Self { verifier, clock }
    }

    fn admission<B>(&self, request: &Request<B>, rule: &RpcRule) -> Result<Admission, Failure> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let token = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let who = |token: Option<&str>| match token {
            Some(token) => self.verifier.verify(token, self.clock.now()),
            None => Err(Failure::Unauthenticated("sign in first: the call carries no bearer token".into())),
        };
        let (caller, permission) = match &rule.rule {
            Some(Rule::Everyone(_)) => (Caller::person("", "", Vec::new()), None),
            Some(Rule::SignedIn(_)) => (who(token)?, None),
            Some(Rule::Permission(permission)) => {
                let caller = who(token)?;
                if !caller.holds(permission) {
                    return Err(Failure::Forbidden(format!("your posts do not allow {permission} anywhere")));
                }
                (caller, Some(permission.clone()))
            }
            None => {
                return Err(Failure::Forbidden(
                    "the contract says of this rpc that nobody may call it".into(),
                ));
            }
        };
        let key = header("idempotency-key").map(ToOwned::to_owned);
        // Signing in changes nothing that a repeat could change twice.
        let needs_key = !rule.needs_no_key && permission.is_some();
        if needs_key && !key.as_ref().is_some_and(|key| (8..=200).contains(&key.len())) {
            let violation = tonic_types::FieldViolation::new(
                "idempotency-key",
                "must be metadata of 8 to 200 characters, new for every intent, the same for every repeat",
            );
            return Err(Failure::Invalid(vec![violation]));
        }
        let rpc = request.uri().path().to_owned();
        Ok(Admission {
            caller,
            rpc,
            permission,
            idempotency_key: key.filter(|_| needs_key),
            fingerprint: Vec::new(),
        })
    }
}

impl<S> tower::Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { inner, gate: Arc::new(self.clone()) }
    }
}

/// A server behind the gate.
#[derive(Clone)]
pub struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S, B> tower::Service<Request<B>> for Gated<S>
where
    S: tower::Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The clone takes the place of the one that is ready.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        // Health and reflection are not in our contracts: they tell nothing of anybody.
        let Some((path, rule)) = RULES.get_key_value(request.uri().path()) else {
            return Box::pin(inner.call(request));
        };
        let began = Instant::now();
        let span = telemetry::server_span(request.uri().path(), request.headers());
        let admitted = span.in_scope(|| self.gate.admission(&request, rule));
        let deadline = deadline(request.headers());
        let answering = async move {
            match admitted {
                Ok(admission) => {
                    request.extensions_mut().insert(admission);
                }
                Err(failure) => return Ok(Status::from(failure).into_http()),
            }
            match tokio::time::timeout(deadline, inner.call(request)).await {
                Ok(answer) => answer,
                Err(_) => Ok(Status::deadline_exceeded(
                    "no answer within the deadline; a repeat with the same idempotency key tells the outcome",
                )
                .into_http()),
            }
        };
        let answering = answering.instrument(span.clone());
        Box::pin(async move {
            let answer: Result<Response<Body>, S::Error> = answering.await;
            let code = code_of(answer.as_ref().ok());
            if is_ours(code) {
                span.record("otel.status_code", "ERROR");
            }
            measure(path, began, code);
            answer
        })
    }
}

/// How a call ended. What went well says so in its trailers, which come later.
fn code_of(answer: Option<&Response<Body>>) -> Code {
    let status = |answer: &Response<Body>| {
        answer.headers().get("grpc-status").map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()))
    };
    answer.map_or(Code::Unknown, status)
}

/// True where the server is at fault; a caller who was refused was answered well.
fn is_ours(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

/// Measures a call. A stream is measured until it begins: its end is no answer that somebody waits for.
fn measure(path: &str, began: Instant, code: Code) {
    if !metrics::is_on() {
        return;
    }
    // `/gongzhi.dispatch.v1.CaseService/GetCase` is a method of dispatch.
    let mut parts = path.split('.');
    let service = parts.nth(1).unwrap_or_default();
    let method = parts.nth(1).unwrap_or(path);
    metrics::RPC_DURATION.observe(
        began.elapsed().as_secs_f64(),
        &[("service", service), ("method", method), ("code", &format!("{code:?}"))],
    );
}

/// Reads `grpc-timeout`: at most eight digits and a unit.
fn deadline(headers: &http::HeaderMap) -> Duration {
    let stated = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(|text| {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let count: u64 = (digits.len() <= 8).then(|| digits.parse().ok()).flatten()?;
        Some(match unit {
            "H" => Duration::from_secs(count * 3600),
            "M" => Duration::from_secs(count * 60),
            "S" => Duration::from_secs(count),
            "m" => Duration::from_millis(count),
            "u" => Duration::from_micros(count),
            "n" => Duration::from_nanos(count),
            _ => return None,
        })
    });
    stated.unwrap_or(DEADLINE).min(LONGEST_DEADLINE)
}
