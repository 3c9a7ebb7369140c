//! `POST /events`: CloudEvents over HTTP become a call to the exchange. One event, a batch, or an event whose attributes are headers; with the bearer token
//! of whoever publishes, never with a cookie, so that no page can publish. Knows how events lie in a body and nothing of what they say.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gongzhi_proto::cloudevents::{BATCH_MEDIA_TYPE, CloudEvent, MEDIA_TYPE};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tonic_types::StatusExt;

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
            return (StatusCode::BAD_REQUEST, Json(json!({"results": [refusal(faults)]}))).into_response();
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

/// The events of a body as structured JSON. Those of a batch are taken apart and not read here, so that one that is wrong keeps no other back.
fn events(headers: &HeaderMap, body: &[u8]) -> Result<Vec<String>, Vec<Value>> {
    let unreadable = |what: String| vec![fault("", "NOT_A_CLOUD_EVENT", &what)];
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == MEDIA_TYPE {
        return String::from_utf8(body.to_vec())
            .map(|event| vec![event])
            .map_err(|_| unreadable("the body is not UTF-8".into()));
    }
    if kind == BATCH_MEDIA_TYPE {
        let batch: Vec<Box<RawValue>> = serde_json::from_slice(body)
            .map_err(|error| unreadable(format!("a batch is a JSON array: {error}")))?;
        return Ok(batch.into_iter().map(|event| event.get().to_owned()).collect());
    }
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let events = CloudEvent::from_http(headers, body).map_err(|invalid| {
        let faults = invalid.faults.iter();
        faults
            .map(|wrong| fault(&format!("/{}", wrong.at), "NOT_A_CLOUD_EVENT", &wrong.what.to_string()))
            .collect::<Vec<_>>()
    })?;
    Ok(events.iter().map(CloudEvent::to_json).collect())
}

fn fault(path: &str, reason: &str, message: &str) -> Value {
    json!({"path": path, "reason": reason, "message": message})
}

fn refusal(faults: Vec<Value>) -> Value {
    json!({"outcome": "refused", "faults": faults})
}

/// 202 when something was taken, now or before; 400 when everything was refused. What became of each event stands in the answer either way.
fn answered(results: &[pb::PublishResult]) -> Response {
    let shown: Vec<_> = results
        .iter()
        .map(|result| match result.outcome() {
            pb::PublishOutcome::Accepted => json!({"outcome": "accepted", "eventId": result.event_id}),
            pb::PublishOutcome::Duplicate => json!({"outcome": "duplicate", "eventId": result.event_id}),
            pb::PublishOutcome::Refused | pb::PublishOutcome::Unspecified => refusal(
                result.faults.iter().map(|wrong| fault(&wrong.path, &wrong.reason, &wrong.message)).collect(),
            ),
        })
        .collect();
    let all_refused = results.iter().all(|result| result.event_id.is_empty());
    let status = if all_refused { StatusCode::BAD_REQUEST } else { StatusCode::ACCEPTED };
    (status, Json(json!({"results": shown}))).into_response()
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
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let fields = details.bad_request().map(|wrong| wrong.field_violations.as_slice()).unwrap_or_default();
    let fields: Vec<_> = fields
        .iter()
        .map(|wrong| fault(&format!("/{}", wrong.field), "INVALID", &wrong.description))
        .collect();
    let body = json!({"reason": reason, "message": status.message(), "faults": fields});
    let mut response = (http, Json(body)).into_response();
    let rest = details.retry_info().and_then(|info| info.retry_delay);
    // A whole second is the least that the header can say.
    if let Some(rest) = rest {
        let seconds = rest.as_secs_f64().ceil().max(1.0);
        if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.0}")) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)], body: &str) -> Result<Vec<String>, Vec<Value>> {
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
    fn an_event_of_a_batch_that_is_wrong_is_left_to_the_exchange_to_refuse() {
        let batch = read(&[("content-type", BATCH_MEDIA_TYPE)], r#"[{"specversion": "9"}, 5]"#).unwrap();
        assert_eq!(batch, [r#"{"specversion": "9"}"#, "5"]);
        let faults = read(&[("content-type", BATCH_MEDIA_TYPE)], "{}").unwrap_err();
        assert_eq!(faults[0]["reason"], "NOT_A_CLOUD_EVENT");
        let faults = read(&[("ce-specversion", "1.0"), ("ce-id", "1")], "").unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| fault["path"].as_str().unwrap()).collect();
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
