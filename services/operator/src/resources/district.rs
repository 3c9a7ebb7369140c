//! `District`: one more district on the same programs, with a database, a stream and replicas of its own.

#![expect(
    clippy::duplicated_attributes,
    reason = "every column says its type; the lint takes them for one attribute"
)]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One more district (区) beside the release's own. The services of the release are copied for it under names of their own; its schemas are migrated first.
/// Deleting it takes the copies away, never the database or the stream.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "gongzhi.io",
    version = "v1alpha1",
    kind = "District",
    plural = "districts",
    shortname = "gzdistrict",
    category = "gongzhi",
    namespaced,
    status = "DistrictStatus",
    derive = "PartialEq",
    printcolumn(name = "Code", type_ = "string", json_path = ".spec.code"),
    printcolumn(name = "Services", type_ = "string", json_path = ".status.summary"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason",
        priority = 1
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct DistrictSpec {
    /// Six digits of the national statistics bureau.
    #[schemars(regex(pattern = "^[0-9]{6}$"))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a district keeps its code; make another District"))]
    pub code: String,
    /// Secret with the address of its database, which is nobody else's; key uri where none is named.
    pub database_secret: SecretKey,
    /// Secret with the address of NATS; key url where none is named.
    pub nats_secret: SecretKey,
    /// Size of its stream; what is left out is as in the release.
    #[serde(default)]
    pub stream: StreamSize,
    /// Pods of single services, by their names; the others have as many as in the release, or as its lowest where that scales by load.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("self.all(name, name in ['organization', 'grid', 'dispatch', 'deliberation', 'reporting', 'exchange', 'portal'])").message("services are organization, grid, dispatch, deliberation, reporting, exchange and portal"))]
    #[x_kube(validation = Rule::new("self.all(name, self[name] >= 0 && self[name] <= 50)").message("a service has 0 to 50 pods"))]
    #[schemars(extend("maxProperties" = 7))]
    pub replicas: BTreeMap<String, i32>,
}

/// A key of a Secret of the same namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKey {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub key: Option<String>,
}

/// Size of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamSize {
    /// Copies: 1, 3 or 5. Others have no use: of an even number as many may be lost as of the odd one below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self in [1, 3, 5]").message("a stream has 1, 3 or 5 copies"))]
    #[schemars(range(min = 1, max = 5))]
    pub replicas: Option<i32>,
    /// Days that facts are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub max_age_days: Option<i32>,
    /// Bytes that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1_048_576))]
    pub max_bytes: Option<i64>,
}

/// How a service of the district stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReadiness {
    /// The service.
    pub service: String,
    /// Pods that are wanted.
    pub wanted: i32,
    /// Pods that are ready.
    pub ready: i32,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DistrictStatus {
    /// Generation of the object that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What its schemas were migrated with last: a digest of the migration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrated: Option<String>,
    /// Services that are ready, of all: 6/7.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Service by service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceReadiness>,
    /// Ready: every service has the pods that are wanted. Migrated: its schemas are those of the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
