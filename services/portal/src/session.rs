//! Signing in: a name and a password become a cookie that scripts cannot read and other sites cannot send. It decides nothing.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tonic::transport::Channel;
use tonic_types::StatusExt;

use crate::forward::Upstreams;

const COOKIE: &str = "gongzhi_session";

/// A name and a password. Has no `Debug`, so that no log can hold it.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    account: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    staff_id: String,
    display_name: String,
    expires_at: String,
}

/// What went wrong.
#[derive(Serialize)]
struct Trouble {
    reason: String,
    message: String,
}

/// The session's token in a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn client(upstreams: &Upstreams) -> IdentityServiceClient<Channel> {
    IdentityServiceClient::new(upstreams.of("organization"))
}

/// `POST /session`
pub(crate) async fn sign_in(
    State(upstreams): State<Upstreams>,
    headers: HeaderMap,
    Json(given): Json<Credentials>,
) -> Response {
    let request = pb::SignInRequest { account: given.account, password: given.password };
    let answer = match client(&upstreams).sign_in(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => return trouble(&status),
    };
    let staff = answer.staff.unwrap_or_default();
    let session = Session {
        staff_id: staff.staff_id,
        display_name: staff.display_name,
        expires_at: ends_at(&answer.token),
    };
    with_cookie(&headers, &answer.token, Json(session).into_response())
}

/// `GET /session`
pub(crate) async fn show(State(upstreams): State<Upstreams>, headers: HeaderMap) -> Response {
    let Some(token) = token(&headers) else {
        return trouble(&tonic::Status::unauthenticated("sign in first"));
    };
    let mut request = tonic::Request::new(pb::WhoAmIRequest {});
    match format!("Bearer {token}").parse() {
        Ok(bearer) => request.metadata_mut().insert("authorization", bearer),
        Err(_) => return trouble(&tonic::Status::unauthenticated("sign in again")),
    };
    match client(&upstreams).who_am_i(request).await {
        Ok(answer) => {
            let who = answer.into_inner();
            Json(Session {
                staff_id: who.staff_id,
                display_name: who.display_name,
                expires_at: ends_at(token),
            })
            .into_response()
        }
        Err(status) => trouble(&status),
    }
}

/// `DELETE /session`
pub(crate) async fn sign_out(headers: HeaderMap) -> Response {
    with_cookie(&headers, "", StatusCode::NO_CONTENT.into_response())
}

/// `GET /.well-known/jwks.json`
pub(crate) async fn key_set(State(upstreams): State<Upstreams>) -> Response {
    match client(&upstreams).get_key_set(pb::GetKeySetRequest {}).await {
        Ok(answer) => {
            ([(header::CONTENT_TYPE, "application/json")], answer.into_inner().jwks_json).into_response()
        }
        Err(status) => trouble(&status),
    }
}

/// Sets the cookie, or ends it when there is no token. Behind a proxy that speaks TLS it is sent over TLS only.
fn with_cookie(headers: &HeaderMap, token: &str, mut response: Response) -> Response {
    let secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let ends = if token.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!(
        "{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{}{ends}",
        if secure { "; Secure" } else { "" }
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// When a token ends, for the page to say; the services check it themselves.
fn ends_at(token: &str) -> String {
    #[derive(Deserialize)]
    struct Ends {
        exp: i64,
    }
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let ends: Option<Ends> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    ends.and_then(|ends| Timestamp::from_second(ends.exp).ok()).map(|at| at.to_string()).unwrap_or_default()
}

fn trouble(status: &tonic::Status) -> Response {
    let http = match status.code() {
        tonic::Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        tonic::Code::InvalidArgument => StatusCode::BAD_REQUEST,
        tonic::Code::FailedPrecondition => StatusCode::CONFLICT,
        tonic::Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        tonic::Code::PermissionDenied => StatusCode::FORBIDDEN,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    (http, Json(Trouble { reason, message: status.message().to_owned() })).into_response()
}
