//! What there is: versions, groups and their kinds, and a document about schemas that says nothing, which clients take for "not known".

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::Server;
use crate::kinds::Kind;
use crate::status::No;

/// Version that it says to be of.
const VERSION: &str = "v1.34.0";

/// Answers a path of discovery; none where it is none.
pub(crate) fn answer(server: &Server, path: &str) -> Option<Response> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let kinds = server.store.read(|inner| inner.kinds.clone());
    Some(match parts.as_slice() {
        ["version"] => {
            Json(json!({"major": "1", "minor": "34", "gitVersion": VERSION, "platform": "linux/amd64"}))
                .into_response()
        }
        ["livez" | "readyz" | "healthz", ..] => "ok".into_response(),
        ["api"] => Json(json!({"kind": "APIVersions", "versions": ["v1"]})).into_response(),
        ["apis"] => Json(groups(&kinds)).into_response(),
        // An empty document in the binary form, which is the one that clients ask for.
        ["openapi", "v2"] => (
            [("content-type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")],
            Vec::<u8>::new(),
        )
            .into_response(),
        ["openapi", "v3"] => Json(json!({"paths": {}})).into_response(),
        ["api", "v1"] => resources(&kinds, "", "v1"),
        ["apis", group] => group_of(&kinds, group),
        ["apis", group, version] => resources(&kinds, group, version),
        _ => return None,
    })
}

fn versions(kinds: &[Kind], group: &str) -> BTreeSet<String> {
    kinds.iter().filter(|kind| kind.group == group).map(|kind| kind.version.clone()).collect()
}

fn shown(group: &str, versions: &BTreeSet<String>) -> Value {
    let version =
        |version: &String| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let all: Vec<_> = versions.iter().map(version).collect();
    json!({"name": group, "versions": all, "preferredVersion": all.first()})
}

fn groups(kinds: &[Kind]) -> Value {
    let names: BTreeMap<_, _> = kinds
        .iter()
        .filter(|kind| !kind.group.is_empty())
        .map(|kind| (kind.group.clone(), versions(kinds, &kind.group)))
        .collect();
    let groups: Vec<_> = names.iter().map(|(group, versions)| shown(group, versions)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn group_of(kinds: &[Kind], group: &str) -> Response {
    let versions = versions(kinds, group);
    if versions.is_empty() {
        return No::not_found(format!("group {group}")).into_response();
    }
    let mut answer = shown(group, &versions);
    answer["kind"] = "APIGroup".into();
    answer["apiVersion"] = "v1".into();
    Json(answer).into_response()
}

fn resources(kinds: &[Kind], group: &str, version: &str) -> Response {
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let mut found = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.group == group && kind.version == version) {
        let row = json!({
            "name": kind.plural, "singularName": kind.kind.to_lowercase(), "namespaced": kind.namespaced,
            "kind": kind.kind, "verbs": verbs, "shortNames": kind.short, "categories": kind.categories,
        });
        found.push(row);
        if kind.status {
            found.push(json!({
                "name": format!("{}/status", kind.plural), "singularName": "", "namespaced": kind.namespaced,
                "kind": kind.kind, "verbs": ["get", "patch", "update"],
            }));
        }
    }
    if found.is_empty() {
        return No::not_found(format!("version {version} of group {group}")).into_response();
    }
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Json(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": found}))
        .into_response()
}
