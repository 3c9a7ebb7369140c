//! Code ↔ gRPC status (with ErrorInfo): the only such table. Services speak of refusals and failures; they know no transport.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// What kind of answer an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed; repeating it does not help.
    Invalid,
    /// No such thing, or nothing that the caller may see.
    NotFound,
    /// The rules say no in the present state.
    Refused,
    /// The thing is there already and differs.
    AlreadyExists,
    /// Nobody knows who is calling.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// Somebody else was faster; repeating it helps.
    Conflict,
    /// Too many at once; repeating it later helps.
    Exhausted,
    /// A part that is needed does not answer; repeating it later helps.
    Unavailable,
    /// The deadline has passed; whether it took effect is told by a repeat with the same idempotency key.
    DeadlineExceeded,
    /// A bug.
    Internal,
}

impl Code {
    /// Its gRPC code.
    pub const fn grpc(self) -> tonic::Code {
        match self {
            Self::Invalid => tonic::Code::InvalidArgument,
            Self::NotFound => tonic::Code::NotFound,
            Self::Refused => tonic::Code::FailedPrecondition,
            Self::AlreadyExists => tonic::Code::AlreadyExists,
            Self::Unauthenticated => tonic::Code::Unauthenticated,
            Self::Forbidden => tonic::Code::PermissionDenied,
            Self::Conflict => tonic::Code::Aborted,
            Self::Exhausted => tonic::Code::ResourceExhausted,
            Self::Unavailable => tonic::Code::Unavailable,
            Self::DeadlineExceeded => tonic::Code::DeadlineExceeded,
            Self::Internal => tonic::Code::Internal,
        }
    }

    /// Its HTTP status, for the edge.
    pub const fn http(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::NotFound => 404,
            Self::Refused | Self::AlreadyExists | Self::Conflict => 409,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::Exhausted => 429,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
            Self::Internal => 500,
        }
    }

    /// True when the same request may succeed later.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::Conflict | Self::Exhausted | Self::Unavailable | Self::DeadlineExceeded)
    }
}

/// What the rules of a service say when they say no.
pub trait Refusal: fmt::Display + fmt::Debug + Send + Sync + 'static {
    /// Stable word in capitals, for example `NOT_CALLED`.
    fn reason(&self) -> &'static str;
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The rules say no.
    #[error("{message}")]
    Refused {
        /// Stable word in capitals.
        reason: &'static str,
        /// For people.
        message: String,
    },
    /// What the caller goes by has moved on since; beginning anew from there helps.
    #[error("{message}")]
    Overtaken {
        /// Stable word in capitals.
        reason: &'static str,
        /// For people.
        message: String,
    },
    /// Fields that are wrong, all of them.
    #[error("{} fields are invalid", .0.len())]
    Invalid(Vec<FieldViolation>),
    /// No such thing.
    #[error("{0} does not exist, or is outside of your area")]
    NotFound(String),
    /// The caller may not.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody knows who is calling.
    #[error("{0}")]
    Unauthenticated(String),
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for another request; use a new one for a new request")]
    KeyReused,
    /// Too much at once.
    #[error("{message}")]
    Exhausted {
        /// For people.
        message: String,
        /// When it may succeed.
        retry_after: Duration,
    },
    /// Somebody else was faster, several times.
    #[error("others changed the same thing at the same time; try again with the same idempotency key")]
    Conflict,
    /// The database does not do as told.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The broker does not do as told.
    #[error("the bus failed: {0}")]
    Bus(String),
    /// A bug.
    #[error("{0}")]
    Bug(String),
}

impl Failure {
    /// Turns a refusal of a machine into a failure.
    pub fn refused(refusal: &impl Refusal) -> Self {
        Self::Refused { reason: refusal.reason(), message: refusal.to_string() }
    }

    /// What kind of answer it is.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused { .. } => Code::Refused,
            Self::Invalid(_) => Code::Invalid,
            Self::NotFound(_) => Code::NotFound,
            Self::Forbidden(_) => Code::Forbidden,
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::KeyReused => Code::AlreadyExists,
            Self::Exhausted { .. } => Code::Exhausted,
            Self::Conflict | Self::Overtaken { .. } => Code::Conflict,
            Self::Database(error) if is_unavailable(error) => Code::Unavailable,
            Self::Bus(_) => Code::Unavailable,
            Self::Database(_) | Self::Bug(_) => Code::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Refused { reason, .. } | Self::Overtaken { reason, .. } => reason,
            Self::Invalid(_) => "INVALID_FIELDS",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::Unauthenticated(_) => "UNAUTHENTICATED",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::Exhausted { .. } => "EXHAUSTED",
            Self::Conflict => "CONFLICT",
            Self::Database(_) => "DATABASE",
            Self::Bus(_) => "BUS",
            Self::Bug(_) => "BUG",
        }
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        // 57: operator intervention (shutdown); 53: insufficient resources; 08: connection.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["57", "53", "08"].contains(&&code[..2.min(code.len())]))
        }
        _ => false,
    }
}

/// A status for those who speak no gRPC: `{"reason", "message", "faults": [{"path", "reason", "message"}]}`, and `retryAfter` in whole seconds where a
/// repeat may help then.
pub fn to_json(status: &Status) -> Value {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str()).unwrap_or_default();
    let fields = details.bad_request().map(|wrong| wrong.field_violations.as_slice()).unwrap_or_default();
    let fault = |wrong: &FieldViolation| json!({"path": format!("/{}", wrong.field), "reason": "INVALID", "message": wrong.description});
    let faults: Vec<_> = fields.iter().map(fault).collect();
    let mut said = json!({"reason": reason, "message": status.message(), "faults": faults});
    let passing = matches!(
        status.code(),
        tonic::Code::Unavailable
            | tonic::Code::Aborted
            | tonic::Code::DeadlineExceeded
            | tonic::Code::ResourceExhausted
    );
    let stated = details.retry_info().and_then(|info| info.retry_delay);
    if let Some(rest) = stated.or(passing.then_some(Duration::ZERO)) {
        // A whole second is the least that the header of HTTP can say.
        said["retryAfter"] = json!((rest.as_secs_f64().ceil() as u64).max(1));
    }
    said
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let code = failure.code();
        // Logged once, here, at the edge; what the world broke on is for operators, not for callers.
        if matches!(code, Code::Internal | Code::Unavailable) {
            let source = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
            tracing::error!(error = %failure, source, "request failed");
        }
        let metadata = HashMap::from([("retryable".to_owned(), code.retryable().to_string())]);
        let mut details = ErrorDetails::with_error_info(failure.reason(), "gongzhi", metadata);
        let message = failure.to_string();
        match failure {
            Failure::Invalid(violations) => {
                details.set_bad_request(violations);
            }
            Failure::Exhausted { retry_after, .. } => {
                details.set_retry_info(Some(retry_after));
            }
            _ => {}
        }
        Status::with_error_details(code.grpc(), message, details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_speaks_no_grpc_is_told_when_a_repeat_may_help() {
        let rest = |failure: Failure| to_json(&Status::from(failure))["retryAfter"].as_u64();
        assert_eq!(rest(Failure::Bus("away".into())), Some(1));
        assert_eq!(rest(Failure::Database(sqlx::Error::PoolTimedOut)), Some(1));
        assert_eq!(rest(Failure::Conflict), Some(1));
        let retry_after = Duration::from_millis(2_100);
        assert_eq!(rest(Failure::Exhausted { message: "much".into(), retry_after }), Some(3));
        assert_eq!(rest(Failure::Forbidden("no".into())), None);
        assert_eq!(rest(Failure::Bug("oh".into())), None);
        assert_eq!(to_json(&Status::deadline_exceeded("late"))["retryAfter"], 1);
    }
}
