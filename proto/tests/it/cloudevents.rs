//! The general parser of CloudEvents: against the vectors of the standard's conformance project where they are at hand, against our own facts,
//! and against what a department may get wrong.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use gongzhi_proto::cloudevents::{Attribute, CloudEvent, Data, InvalidEvent, Wrong};
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::{Fact, catalogue};
use serde_json::Value;

/// Vectors that are not ours to ship: beside the work tree, where somebody put them.
fn vectors() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/conformance/cloudevents");
    if folder.is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`: the test harness would keep it to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: no CloudEvents vectors beside the work tree");
    None
}

#[test]
fn the_vectors_of_the_standard_are_read_as_it_says() {
    let Some(folder) = vectors() else { return };
    let (mut accepted, mut refused) = (0, 0);
    // What the vectors call the same sample must be read as the same event.
    let mut samples: BTreeMap<String, String> = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let suite: Value = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        let kind = suite["testType"].as_str().unwrap();
        for test in suite["tests"].as_array().unwrap() {
            let id = test["id"].as_str().unwrap();
            let read: Result<Vec<_>, InvalidEvent> = match kind.ends_with("Batch") {
                true => CloudEvent::batch_from_json(test["batch"].to_string().as_bytes()),
                false => CloudEvent::from_json(test["event"].to_string().as_bytes()).map(|event| vec![event]),
            };
            if kind.starts_with("Invalid") {
                let faults = read.expect_err(id).faults;
                assert_eq!(faults.len(), 1, "{id}: {faults:?}");
                refused += 1;
                continue;
            }
            let written: Vec<_> =
                read.unwrap_or_else(|error| panic!("{id}: {error}")).iter().map(again).collect();
            let sample = written.join("\n");
            let name = test["sampleId"].as_str().unwrap().to_owned();
            assert_eq!(samples.entry(name).or_insert_with(|| sample.clone()), &sample, "{id}");
            accepted += 1;
        }
    }
    assert!(accepted > 0 && refused > 0);
    let _ = writeln!(
        std::io::stderr(),
        "CloudEvents vectors: {accepted} accepted, {refused} refused, as they should be"
    );
}

/// Writes an event and reads it again.
fn again(event: &CloudEvent) -> String {
    let written = event.to_json();
    let read = CloudEvent::from_json(written.as_bytes()).unwrap();
    assert_eq!(format!("{read:?}"), format!("{event:?}"));
    written
}

#[test]
fn every_fact_of_ours_is_a_cloud_event() {
    assert_eq!(catalogue::entries().len(), Fact::ALL.len());
    for entry in catalogue::entries() {
        let event = CloudEvent::from_json(entry.sample.get().as_bytes()).unwrap();
        let envelope = Envelope::from_bytes(entry.sample.get().as_bytes()).unwrap();
        assert_eq!((&event.kind, &event.source), (&envelope.kind, &envelope.source));
        assert_eq!((event.id.as_str(), event.time), (envelope.id.to_string().as_str(), Some(envelope.time)));
        assert_eq!(event.extensions["sequence"], Attribute::Text(envelope.sequence.to_string()));
        assert_eq!(event.extensions["aggregatetype"].as_text(), Some(entry.aggregate.as_str()));
        let frozen: Value = serde_json::from_str(entry.sample.get()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&again(&event)).unwrap(), frozen);
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let body = r#"{"specversion":"0.3","id":"","source":"a b","source":"/x","time":"noon","dataschema":"/relative","datacontenttype":"json",
        "subject":7,"MyName":1,"amount":1.5,"count":3000000000,"note":"a\u0007b","list":[1],"data":1,"data_base64":"%"}"#;
    let faults = CloudEvent::from_json(body.as_bytes()).unwrap_err().faults;
    let faults: Vec<_> = faults.into_iter().map(|fault| (fault.at, fault.what)).collect();
    let wanted = [
        ("source", Wrong::Twice),
        ("specversion", Wrong::Version),
        ("id", Wrong::Empty),
        ("source", Wrong::UriReference),
        ("type", Wrong::Missing),
        ("subject", Wrong::NotText),
        ("time", Wrong::Timestamp),
        ("datacontenttype", Wrong::MediaType),
        ("dataschema", Wrong::Uri),
        ("data", Wrong::DataTwice),
        ("data_base64", Wrong::Base64),
        ("MyName", Wrong::Name),
        ("amount", Wrong::Type),
        ("count", Wrong::Range),
        ("note", Wrong::Character),
        ("list", Wrong::Type),
    ];
    assert_eq!(faults, wanted.map(|(at, what)| (at.to_owned(), what)));
    let batch = format!("[{},7,{}]", minimal(""), minimal(r#","time":"noon""#));
    let refused = CloudEvent::batch_from_json(batch.as_bytes()).unwrap_err().to_string();
    let wanted = "not a cloud event: [1]: an event is a JSON object; [2].time: must be an instant as RFC 3339 has it, with its offset";
    assert_eq!(refused, wanted);
    for (body, what) in
        [("{", "body: not JSON"), ("[]", "body: an event is"), ("\u{feff}{}", "body: not JSON")]
    {
        assert!(CloudEvent::from_json(body.as_bytes()).unwrap_err().to_string().contains(what), "{body}");
    }
    assert!(CloudEvent::batch_from_json(b"{}").unwrap_err().to_string().contains("a batch is"));
    assert!(CloudEvent::from_json(b"\"\xff\"").is_err());
}

fn minimal(more: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"1","source":"/urban-management","type":"lamp.mended"{more}}}"#)
}

#[test]
fn data_keeps_its_form() {
    let read = |more: &str| CloudEvent::from_json(minimal(more).as_bytes()).unwrap();
    let json = read(r#","data": {"b": 1.50, "a": "米市"}"#);
    assert!(json.to_json().contains(r#""data":{"b": 1.50, "a": "米市"}"#), "{}", json.to_json());
    assert!(matches!(read(r#","data":"text""#).data, Some(Data::Json(raw)) if raw.get() == "\"text\""));
    let text = read(r#","datacontenttype":"text/plain","data":"一\n二""#);
    assert!(matches!(&text.data, Some(Data::Text(text)) if text == "一\n二"), "{text:?}");
    let binary = read(r#","datacontenttype":"image/png","data_base64":"AQI=""#);
    assert!(matches!(&binary.data, Some(Data::Binary(bytes)) if bytes == &[1, 2]));
    for event in [json, text, binary, read(r#","data":null"#)] {
        again(&event);
    }
    assert!(CloudEvent::from_json(minimal(r#","data":"\ud800""#).as_bytes()).is_err());
}

#[test]
fn attributes_are_read_by_who_knows_their_type() {
    let more = r#","at":"2026-01-02T03:04:05+08:00","bytes":"TWE=","link":"https://a.cn/b","place":"/b","many":-5,"late":true"#;
    let extensions = CloudEvent::from_json(minimal(more).as_bytes()).unwrap().extensions;
    assert_eq!(extensions["at"].as_timestamp(), "2026-01-01T19:04:05Z".parse().ok());
    assert_eq!(extensions["bytes"].as_binary().as_deref(), Some(&b"Ma"[..]));
    assert_eq!((extensions["link"].as_uri(), extensions["place"].as_uri()), (Some("https://a.cn/b"), None));
    assert_eq!(extensions["place"].as_uri_reference(), Some("/b"));
    assert_eq!(extensions["many"], Attribute::Integer(-5));
    assert_eq!((extensions["late"].clone(), extensions["late"].as_text()), (Attribute::Boolean(true), None));
}

#[test]
fn the_three_forms_of_http_are_the_same_event() {
    let read = |headers: &[(&str, &str)], body: &str| {
        CloudEvent::from_http(headers.iter().map(|(name, value)| (*name, value.as_bytes())), body.as_bytes())
    };
    let plain =
        minimal(r#","note":"米市 \"a\"","datacontenttype":"application/json; charset=utf-8","data":{"a":1}"#);
    let attributes = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("ce-specversion", "1.0"),
        ("CE-Id", "1"),
        ("ce-source", "/urban-management"),
        ("ce-type", "lamp.mended"),
        ("ce-note", r#""%E7%B1%B3%E5%B8%82 \"a\"""#),
        ("user-agent", "curl"),
    ];
    let one = read(&[("content-type", "application/cloudevents+json; charset=utf-8")], &plain).unwrap();
    let batch =
        read(&[("content-type", "application/cloudevents-batch+json")], &format!("[{plain}]")).unwrap();
    let binary = read(&attributes, r#"{"a":1}"#).unwrap();
    for events in [&batch, &binary] {
        assert_eq!((events.len(), again(&events[0])), (1, again(&one[0])));
    }
    let picture = read(&[&attributes[1..5], &[("content-type", "image/png")]].concat(), "x").unwrap();
    assert!(matches!(&picture[0].data, Some(Data::Binary(bytes)) if bytes == b"x"));
    assert!(read(&attributes[1..5], "").unwrap()[0].data.is_none());
    for (headers, body, wanted) in [
        (&[("content-type", "application/cloudevents+avro")][..], "", "content-type: of the forms"),
        (&[("content-type", "application/json")], "{}", "specversion: required; id: required"),
        (&attributes[..5], "{", "data: not JSON"),
        (&[&attributes[..], &[("ce-id", "2")]].concat(), "", "id: given more than once"),
        (&[&attributes[..], &[("ce-more", "%E7%B1")]].concat(), "", "more: must be UTF-8"),
        (&[&attributes[..], &[("ce-data", "1")]].concat(), "", "data: a name"),
        (&[&attributes[..], &[("ce-time", "noon")]].concat(), "", "time: must be an instant"),
    ] {
        let refused = read(headers, body).unwrap_err().to_string();
        assert!(refused.contains(wanted), "{refused}");
    }
}
