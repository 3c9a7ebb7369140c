//! Bodies in the binary form of Kubernetes: what clients make themselves and not from a file (helm its records, kubectl a namespace) comes so. Only these few
//! kinds are read; answers are always JSON, which every client takes.

use std::collections::HashMap;

use base64::Engine as _;
use prost::Message;
use serde_json::{Value, json};

use crate::status::No;

/// How such a body begins.
pub(crate) const MAGIC: &[u8] = b"k8s\0";

#[derive(Message)]
struct Envelope {
    #[prost(message, optional, tag = "1")]
    what: Option<TypeMeta>,
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

#[derive(Message)]
struct TypeMeta {
    #[prost(string, tag = "1")]
    api_version: String,
    #[prost(string, tag = "2")]
    kind: String,
}

#[derive(Message)]
struct Meta {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    generate_name: String,
    #[prost(string, tag = "3")]
    namespace: String,
    #[prost(string, tag = "6")]
    resource_version: String,
    #[prost(map = "string, string", tag = "11")]
    labels: HashMap<String, String>,
    #[prost(map = "string, string", tag = "12")]
    annotations: HashMap<String, String>,
}

/// Namespaces, and the head of all others.
#[derive(Message)]
struct Headed {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Meta>,
}

#[derive(Message)]
struct Secret {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Meta>,
    #[prost(map = "string, bytes", tag = "2")]
    data: HashMap<String, Vec<u8>>,
    #[prost(string, tag = "3")]
    kind: String,
}

#[derive(Message)]
struct ConfigMap {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Meta>,
    #[prost(map = "string, string", tag = "2")]
    data: HashMap<String, String>,
}

#[derive(Message)]
struct DeleteOptions {
    #[prost(string, optional, tag = "4")]
    propagation_policy: Option<String>,
}

impl Meta {
    fn to_json(&self) -> Value {
        let mut metadata = json!({"name": self.name, "labels": self.labels, "annotations": self.annotations});
        let words = [
            ("generateName", &self.generate_name),
            ("namespace", &self.namespace),
            ("resourceVersion", &self.resource_version),
        ];
        for (field, word) in words.into_iter().filter(|(_, word)| !word.is_empty()) {
            metadata[field] = word.clone().into();
        }
        metadata
    }
}

/// Reads a body that begins with [`MAGIC`].
pub(crate) fn read(body: &[u8]) -> Result<Value, No> {
    let damaged = |error: prost::DecodeError| No::bad_request(format!("the body cannot be read: {error}"));
    let envelope = Envelope::decode(body.strip_prefix(MAGIC).unwrap_or(body)).map_err(damaged)?;
    let what = envelope.what.unwrap_or_default();
    let raw = envelope.raw.as_slice();
    let head = |metadata: Option<Meta>| metadata.unwrap_or_default().to_json();
    let mut object = match what.kind.as_str() {
        "Namespace" => json!({"metadata": head(Headed::decode(raw).map_err(damaged)?.metadata)}),
        "Secret" => {
            let secret = Secret::decode(raw).map_err(damaged)?;
            let text = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
            let data: HashMap<_, _> =
                secret.data.into_iter().map(|(name, bytes)| (name, text(bytes))).collect();
            json!({"metadata": head(secret.metadata), "data": data, "type": secret.kind})
        }
        "ConfigMap" => {
            let map = ConfigMap::decode(raw).map_err(damaged)?;
            json!({"metadata": head(map.metadata), "data": map.data})
        }
        "DeleteOptions" => {
            let options = DeleteOptions::decode(raw).map_err(damaged)?;
            json!({"propagationPolicy": options.propagation_policy})
        }
        other => {
            let words =
                format!("{other} is not read in the binary form here; send JSON, as kubectl apply -f does");
            return Err(No::unsupported(words));
        }
    };
    object["apiVersion"] = what.api_version.into();
    object["kind"] = what.kind.into();
    Ok(object)
}
