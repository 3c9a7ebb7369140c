//! Publication without gRPC: how events lie in a body, and how it is told what became of each. One form for HTTP and for NATS.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::exchange::v1 as pb;

/// The events of a batch, each as it stands there. They are taken apart and not read, so that one that is wrong keeps no other back.
///
/// # Errors
/// When the body is not a JSON array.
pub fn batch(body: &[u8]) -> Result<Vec<String>, pb::EventFault> {
    let batch: Vec<Box<RawValue>> = serde_json::from_slice(body)
        .map_err(|error| unreadable(format!("a batch is a JSON array: {error}")))?;
    Ok(batch.into_iter().map(|event| event.get().to_owned()).collect())
}

/// The one event of a body.
///
/// # Errors
/// When the body is no text.
pub fn single(body: &[u8]) -> Result<Vec<String>, pb::EventFault> {
    let event = std::str::from_utf8(body).map_err(|_| unreadable("the body is not UTF-8".into()))?;
    Ok(vec![event.to_owned()])
}

/// The events of a body that does not say which of the two it is: an array is a batch.
///
/// # Errors
/// When it is neither.
pub fn either(body: &[u8]) -> Result<Vec<String>, pb::EventFault> {
    if body.trim_ascii_start().starts_with(b"[") { batch(body) } else { single(body) }
}

fn unreadable(message: String) -> pb::EventFault {
    pb::EventFault { path: String::new(), reason: "NOT_A_CLOUD_EVENT".into(), message }
}

/// What became of events, in their order: `{"results": [{"outcome": "accepted", "eventId": …}, {"outcome": "refused", "faults": […]}]}`.
pub fn results(results: &[pb::PublishResult]) -> Value {
    let shown: Vec<_> = results
        .iter()
        .map(|result| match result.outcome() {
            pb::PublishOutcome::Accepted => json!({"outcome": "accepted", "eventId": result.event_id}),
            pb::PublishOutcome::Duplicate => json!({"outcome": "duplicate", "eventId": result.event_id}),
            pb::PublishOutcome::Refused | pb::PublishOutcome::Unspecified => refusal(&result.faults),
        })
        .collect();
    json!({"results": shown})
}

/// The answer to a body in which no event could be found.
pub fn refused(faults: &[pb::EventFault]) -> Value {
    json!({"results": [refusal(faults)]})
}

fn refusal(faults: &[pb::EventFault]) -> Value {
    let fault = |wrong: &pb::EventFault| json!({"path": wrong.path, "reason": wrong.reason, "message": wrong.message});
    json!({"outcome": "refused", "faults": faults.iter().map(fault).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_a_batch_that_is_wrong_is_left_to_the_exchange_to_refuse() {
        assert_eq!(either(b" [{\"specversion\": \"9\"}, 5]").unwrap(), [r#"{"specversion": "9"}"#, "5"]);
        assert_eq!(either(b"{\"a\":[1]}").unwrap(), [r#"{"a":[1]}"#]);
        assert_eq!(batch(b"{}").unwrap_err().reason, "NOT_A_CLOUD_EVENT");
        assert_eq!(either(b"[1,").unwrap_err().reason, "NOT_A_CLOUD_EVENT");
        assert_eq!(single(&[0xff]).unwrap_err().reason, "NOT_A_CLOUD_EVENT");
    }

    #[test]
    fn the_answer_says_what_became_of_each() {
        let faults = vec![unreadable("x".into())];
        let refused_one = pb::PublishResult { faults: faults.clone(), ..Default::default() };
        let accepted = pb::PublishResult {
            outcome: pb::PublishOutcome::Accepted as i32,
            event_id: "7".into(),
            ..Default::default()
        };
        let shown = results(&[accepted, refused_one]);
        assert_eq!(shown["results"][0], json!({"outcome": "accepted", "eventId": "7"}));
        assert_eq!(shown["results"][1], refused(&faults)["results"][0]);
    }
}
