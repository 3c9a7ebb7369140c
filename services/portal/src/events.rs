//! `POST /events`: CloudEvents over HTTP become a call to the exchange. One event, a batch, or an event whose attributes are headers; with the bearer token
//! of whoever publishes, never with a cookie, so that no page can publish. Knows how events lie in a body and nothing of what they say.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gongzhi_chassis::status;
use gongzhi_proto::cloudevents::{BATCH_MEDIA_TYPE, CloudEvent, Fault, MEDIA_TYPE};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::published;
use serde_json::json;

use crate::forward::Upstreams;

/// Most bytes of a body: a whole batch of the largest events.
pub(crate) const MOST_BYTES: usize = 101 * 64 * 1024;

/// `POST /events`
pub(crate) async fn publish(
    State(upstreams): State<Upstreams>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "TOO_LARGE",
                &format!("at most {MOST_BYTES} bytes are taken"),
            );
        }
        Err(rejection) => return plain(StatusCode::BAD_REQUEST, "UNREADABLE", &rejection.body_text()),
    };
    let events = match events(&headers, &body) {
        Ok(events) => events,
        Err(faults) => {
            return (StatusCode::BAD_REQUEST, Json(published::refused(&faults))).into_response();
        }
    };
    let mut request = tonic::Request::new(pb::PublishRequest { events });
    if let Some(bearer) =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.parse().ok())
    {
        request.metadata_mut().insert("authorization", bearer);
    }
    let client = PublicationServiceClient::new(upstreams.of("exchange"));
    match client.max_encoding_message_size(2 * MOST_BYTES).publish(request).await {
        Ok(answer) => answered(&answer.into_inner().results),
        Err(status) => trouble(&status),
    }
}

/// The events of a body as structured JSON.
fn events(headers: &HeaderMap, body: &[u8]) -> Result<Vec<String>, Vec<pb::EventFault>> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == MEDIA_TYPE {
        return published::single(body).map_err(|fault| vec![fault]);
    }
    if kind == BATCH_MEDIA_TYPE {
        return published::batch(body).map_err(|fault| vec![fault]);
    }
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let events = CloudEvent::from_http(headers, body).map_err(|invalid| {
        let fault = |wrong: &Fault| pb::EventFault {
            path: format!("/{}", wrong.at),
            reason: "NOT_A_CLOUD_EVENT".into(),
            message: wrong.what.to_string(),
        };
        invalid.faults.iter().map(fault).collect::<Vec<_>>()
    })?;
    Ok(events.iter().map(CloudEvent::to_json).collect())
}

/// 202 when something was taken, now or before; 400 when everything was refused. What became of each event stands in the answer either way.
fn answered(results: &[pb::PublishResult]) -> Response {
    let all_refused = results.iter().all(|result| result.event_id.is_empty());
    let status = if all_refused { StatusCode::BAD_REQUEST } else { StatusCode::ACCEPTED };
    (status, Json(published::results(results))).into_response()
}

fn plain(status: StatusCode, reason: &str, message: &str) -> Response {
    (status, Json(json!({"reason": reason, "message": message}))).into_response()
}

fn trouble(status: &tonic::Status) -> Response {
    let http = match status.code() {
        tonic::Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        tonic::Code::PermissionDenied => StatusCode::FORBIDDEN,
        tonic::Code::InvalidArgument => StatusCode::BAD_REQUEST,
        tonic::Code::OutOfRange => StatusCode::PAYLOAD_TOO_LARGE,
        tonic::Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let said = status::to_json(status);
    let rest = said["retryAfter"].as_u64();
    let mut response = (http, Json(said)).into_response();
    if let Some(value) = rest.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tonic_types::StatusExt;

    use super::*;

    fn read(
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<Vec<String>, Vec<pb::EventFault>> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        events(&map, body.as_bytes())
    }

    #[test]
    fn the_three_ways_of_http_give_the_same_event() {
        let event =
            r#"{"specversion":"1.0","id":"1","source":"/bins","type":"t","area":"330105","data":{"a":1}}"#;
        let single = read(&[("content-type", "application/cloudevents+json; charset=utf-8")], event).unwrap();
        let batch = read(&[("content-type", BATCH_MEDIA_TYPE)], &format!("[{event}, {event}]")).unwrap();
        let headers = [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "/bins"),
            ("ce-type", "t"),
            ("ce-area", "330105"),
        ];
        let binary = read(&headers, r#"{"a":1}"#).unwrap();
        assert_eq!((single[0].as_str(), batch[1].as_str(), batch.len()), (event, event, 2));
        let mut binary: Value = serde_json::from_str(&binary[0]).unwrap();
        binary.as_object_mut().unwrap().remove("datacontenttype");
        assert_eq!(binary, serde_json::from_str::<Value>(event).unwrap());
    }

    #[test]
    fn headers_that_lack_attributes_are_told_all_at_once() {
        let faults = read(&[("ce-specversion", "1.0"), ("ce-id", "1")], "").unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(places, ["/source", "/type"]);
    }

    #[test]
    fn too_much_at_once_says_when_to_come_again() {
        let mut details = tonic_types::ErrorDetails::new();
        details.set_retry_info(Some(std::time::Duration::from_millis(1_200)));
        let status = tonic::Status::with_error_details(tonic::Code::ResourceExhausted, "too much", details);
        let response = trouble(&status);
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let refused = pb::PublishResult::default();
        let accepted = pb::PublishResult { event_id: "x".into(), ..refused.clone() };
        assert_eq!(answered(std::slice::from_ref(&refused)).status(), StatusCode::BAD_REQUEST);
        assert_eq!(answered(&[refused, accepted]).status(), StatusCode::ACCEPTED);
    }
}
