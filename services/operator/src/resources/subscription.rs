//! `Subscription`: which facts go where, and the Secret by which they are received.

#![expect(
    clippy::duplicated_attributes,
    reason = "every column says its type; the lint takes them for one attribute"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::core::Duration;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Subscribes the organization of the namespace to facts (订阅), by its own rights or under a SharingGrant of the same namespace. What a client needs to
/// receive them is put into a Secret.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "gongzhi.io",
    version = "v1alpha1",
    kind = "Subscription",
    plural = "subscriptions",
    shortname = "gzsub",
    category = "gongzhi",
    namespaced,
    status = "SubscriptionStatus",
    derive = "PartialEq",
    printcolumn(name = "Way", type_ = "string", json_path = ".status.way"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Lag", type_ = "integer", json_path = ".status.lagSeconds"),
    printcolumn(name = "Delivered", type_ = "date", json_path = ".status.lastDeliveredAt"),
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
    validation = Rule::new("has(self.grant) == has(oldSelf.grant) && (!has(self.grant) || self.grant == oldSelf.grant)").message("the grant cannot be changed; make another Subscription"),
    validation = Rule::new("has(self.from) == has(oldSelf.from) && (!has(self.from) || self.from == oldSelf.from)").message("where delivery began cannot be changed; `gongzhi` or the portal rewind a subscription"),
    validation = Rule::new("has(self.credentialsSecret) == has(oldSelf.credentialsSecret) && (!has(self.credentialsSecret) || self.credentialsSecret == oldSelf.credentialsSecret)").message("the Secret's name cannot be changed; make another Subscription")
)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionSpec {
    /// A SharingGrant of this namespace; left out for what the organization may see anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub grant: Option<String>,
    /// Which facts; left out for all that the rights allow.
    #[serde(default)]
    pub filter: Filter,
    /// How they get there: one of pull, webhook and nats.
    pub delivery: Delivery,
    /// Where delivery begins: now (the default), beginning, or an instant like 2026-11-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(
        pattern = "^(now|beginning|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))$"
    ))]
    pub from: Option<String>,
    /// Name of the Secret that is made; default: the object's name with -gongzhi behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub credentials_secret: Option<String>,
    /// Credentials older than this are replaced, for example 720h; left out: only when the annotation gongzhi.io/rotate gets another value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("duration(self) >= duration('1h')").message("credentials live for an hour at least"))]
    #[schemars(length(max = 30))]
    pub rotate_after: Option<Duration>,
}

/// Which facts. What is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Service and name each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 120)))]
    pub facts: Vec<String>,
    /// Codes of areas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 120)))]
    pub areas: Vec<String>,
    /// Addressees: departments' codes, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 120)))]
    pub audiences: Vec<String>,
    /// A condition on fields of the fact, for example category_code starts_with "fire."
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 500))]
    pub condition: String,
}

/// How facts get there: one of three. The way cannot be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("(has(self.pull) ? 1 : 0) + (has(self.webhook) ? 1 : 0) + (has(self.nats) ? 1 : 0) == 1").message("choose one of pull, webhook and nats"),
    validation = Rule::new("has(self.pull) == has(oldSelf.pull) && has(self.webhook) == has(oldSelf.webhook) && has(self.nats) == has(oldSelf.nats)").message("the way cannot be changed; make another Subscription")
)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The client pulls, or holds a stream open, with an account of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<Pull>,
    /// CloudEvents are posted, signed as Standard Webhooks say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// Over NATS, from an account that reaches nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats: Option<Nats>,
}

/// Nothing is to be said about pulling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pull {}

/// Where a webhook goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("has(self.signature) == has(oldSelf.signature) && (!has(self.signature) || self.signature == oldSelf.signature)").message("how it is signed cannot be changed; make another Subscription")
)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Where.
    #[schemars(length(max = 500), regex(pattern = "^https?://"))]
    pub url: String,
    /// How it is signed: Ed25519 (the default, the receiver holds no secret) or Hmac.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Private networks in which the address may lie, for example 10.20.0.0/16; without one only public addresses are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 50)))]
    pub allowed_networks: Vec<String>,
}

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Signature {
    /// `v1a`
    Ed25519,
    /// `v1`
    Hmac,
}

/// How facts wait on NATS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("has(self.inHand) == has(oldSelf.inHand) && (!has(self.inHand) || self.inHand == oldSelf.inHand)").message("inHand cannot be changed; make another Subscription")
)]
#[serde(rename_all = "camelCase")]
pub struct Nats {
    /// Facts that may be in hand without an acknowledgement; 1, the default, keeps the facts of every thing in order whatever breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 256))]
    pub in_hand: Option<i32>,
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SubscriptionPhase {
    /// It is not made yet: something is missing first.
    Waiting,
    /// 投递中
    Active,
    /// 已暂停
    Paused,
    /// 已结束
    Ended,
}

/// The Secret and what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// Name of the Secret.
    pub secret: String,
    /// When they were issued.
    pub issued_at: Time,
    /// Value of the annotation gongzhi.io/rotate for which they were issued.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rotation: String,
}

/// What became of it. Figures are those of the last change worth telling, not of this second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionStatus {
    /// Generation of the object that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<SubscriptionPhase>,
    /// Pull, Webhook or NATS.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub way: String,
    /// The subscription in the exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The Secret by which it is received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// For how long what is not delivered yet has waited.
    #[serde(default)]
    pub lag_seconds: i64,
    /// When something was delivered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_delivered_at: Option<Time>,
    /// What went wrong last; empty when all is well since.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_error: String,
    /// Deliveries that failed and wait.
    #[serde(default)]
    pub held: i64,
    /// Of these, those that are not tried again by themselves.
    #[serde(default)]
    pub parked: i64,
    /// Ready: it is there as it was asked for, and its Secret is current. Delivering: nothing stands in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
