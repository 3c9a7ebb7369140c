//! `SharingGrant`: an organization asks, from its own namespace, to see more than it may see anyway.

#![expect(
    clippy::duplicated_attributes,
    reason = "every column says its type; the lint takes them for one attribute"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Organization;

/// Asks the district for a grant (共享授权). People of the district approve or refuse it in the portal; nothing in the cluster does. What was asked for
/// cannot be changed, because it was asked of people: ask for another grant, and delete this one to take it back.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "gongzhi.io",
    version = "v1alpha1",
    kind = "SharingGrant",
    plural = "sharinggrants",
    shortname = "gzgrant",
    category = "gongzhi",
    namespaced,
    status = "SharingGrantStatus",
    derive = "PartialEq",
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Area", type_ = "string", json_path = ".spec.area"),
    // Not of type date: that is told as an age, and what lies ahead has none.
    printcolumn(name = "Until", type_ = "string", json_path = ".spec.until"),
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
#[x_kube(
    validation = Rule::new("self == oldSelf").message("what was asked for cannot be changed; make another SharingGrant and delete this one")
)]
#[serde(rename_all = "camelCase")]
pub struct SharingGrantSpec {
    /// Who shall see more; left out for the organization of the namespace. Another one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantee: Option<Organization>,
    /// What.
    #[schemars(length(min = 1, max = 50))]
    pub facts: Vec<GrantedFact>,
    /// Where: the district, or a sub-district or community of it.
    #[schemars(regex(pattern = "^[0-9]{6}([0-9]{3}){0,2}$"))]
    pub area: String,
    /// What for: who decides reads this.
    #[schemars(length(min = 5, max = 500))]
    pub purpose: String,
    /// Until when; at most 366 days ahead.
    // A text: a server takes instants that no clock of ours can tell (the year 9999, ten digits behind the second), and one object that cannot be read would
    // keep all others from being listed.
    #[schemars(extend("format" = "date-time"))]
    pub until: String,
}

/// One fact that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantedFact {
    /// Service and name, for example dispatch.whistle_sounded.
    #[schemars(length(min = 3, max = 120))]
    pub fact: String,
    /// Fields that are needed, by their names in the contract; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 100)))]
    pub fields: Vec<String>,
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GrantPhase {
    /// 待审批: people of the district have not decided.
    Requested,
    /// 有效
    Approved,
    /// 已驳回
    Refused,
    /// 已到期 or 已撤销
    Ended,
}

impl GrantPhase {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Approved => "Approved",
            Self::Refused => "Refused",
            Self::Ended => "Ended",
        }
    }
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharingGrantStatus {
    /// Generation of the object that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<GrantPhase>,
    /// The grant in the exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// For whom it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantee: Option<String>,
    /// Until when it holds; an approval may have brought the end forward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Ready: it holds now. Approved: people said yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
