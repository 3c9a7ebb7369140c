//! The Secret of a subscription: what a client needs to receive, issued once, replaced when it is too old or somebody asks for it.
//!
//! What is current is written on the Secret itself, not only in the status: whoever finds a Secret that lacks it, or none at all, issues anew. So nothing is
//! lost between the issuing and the writing, whenever the operator dies. A Secret of somebody else is never touched.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Instant;

use gongzhi_proto::exchange::v1 as pb;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{OwnerReference, Time};
use kube::api::{ObjectMeta, Patch, PatchParams};
use kube::runtime::events::EventType;
use kube::{Api, Resource, ResourceExt};

use crate::context::{Context, Failure, now};
use crate::exchange::{Subscriptions, Trouble};
use crate::resources::{Credentials, MANAGER, ROTATE_ANNOTATION, Subscription};

/// The subscription for which a Secret was issued.
const SUBSCRIPTION: &str = "gongzhi.io/subscription";
/// When it was.
const ISSUED_AT: &str = "gongzhi.io/issued-at";
/// For which value of the annotation.
const ROTATION: &str = "gongzhi.io/rotation";

/// Name of the Secret of a subscription.
pub fn secret_name(object: &Subscription) -> String {
    let named = object.spec.credentials_secret.clone();
    named.unwrap_or_else(|| format!("{}-gongzhi", object.name_any()))
}

/// Sees to it that the Secret is there and current; tells whose it is where it is somebody else's.
pub(crate) async fn tend(
    object: &Subscription,
    seen: &pb::Subscription,
    context: &Context,
) -> Result<Result<Credentials, String>, Failure> {
    let rotation = object.annotations().get(ROTATE_ANNOTATION).cloned().unwrap_or_default();
    let shown = object.status.as_ref().and_then(|status| status.credentials.clone());
    if let Some(shown) = shown
        && shown.rotation == rotation
        && !is_old(object, shown.issued_at.0)
        && looked_lately(object, context)
    {
        return Ok(Ok(shown));
    }
    let (name, namespace) = (secret_name(object), object.namespace().unwrap_or_default());
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    let found = secrets.get_opt(&name).await?;
    let owned = |secret: &Secret| {
        secret.owner_references().iter().any(|owner| Some(&owner.uid) == object.uid().as_ref())
    };
    if found.as_ref().is_some_and(|secret| !owned(secret)) {
        return Ok(Err(format!(
            "the Secret {name} belongs to somebody else; delete it, or make another Subscription with another credentialsSecret"
        )));
    }
    let current = found.as_ref().and_then(|secret| current(secret, &seen.subscription_id));
    let credentials = match current {
        Some((issued_at, of)) if of == rotation && !is_old(object, issued_at) => {
            refresh(seen, found.as_ref(), (object, context, &secrets)).await?;
            Credentials { secret: name, issued_at: Time(issued_at), rotation }
        }
        former => {
            let data = issue(seen, former.is_some(), context).await?;
            let at = now();
            let secret = written(object, &seen.subscription_id, (at, &rotation), data);
            apply(&secrets, &secret).await?;
            if former.is_some() {
                let note = format!("new credentials are in the Secret {name}; the former ones end");
                context.tell(object, EventType::Normal, "CredentialsRotated", &note).await;
            }
            Credentials { secret: name, issued_at: Time(at), rotation }
        }
    };
    let uid = object.uid().unwrap_or_default();
    context.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner).insert(uid, Instant::now());
    Ok(Ok(credentials))
}

fn looked_lately(object: &Subscription, context: &Context) -> bool {
    let seen = context.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner);
    let at = seen.get(&object.uid().unwrap_or_default());
    at.is_some_and(|at| at.elapsed() < context.options.secrets_every)
}

fn is_old(object: &Subscription, issued_at: Timestamp) -> bool {
    // A pulling client's Secret holds an address and an id; there is nothing in it that ages.
    let Some(after) = object.spec.rotate_after.filter(|_| object.spec.delivery.pull.is_none()) else {
        return false;
    };
    let age = now().duration_since(issued_at);
    SignedDuration::try_from(std::time::Duration::from(after)).is_ok_and(|after| age >= after)
}

/// When and for which value of the annotation a Secret was issued; none where it was for another subscription, or is damaged.
fn current(secret: &Secret, subscription: &str) -> Option<(Timestamp, String)> {
    let says = |name: &str| secret.annotations().get(name);
    if says(SUBSCRIPTION)? != subscription || secret.data.as_ref().is_none_or(BTreeMap::is_empty) {
        return None;
    }
    Some((says(ISSUED_AT)?.parse().ok()?, says(ROTATION)?.clone()))
}

/// During a change two keys sign a webhook, then one: the Secret follows. Other ways have nothing to follow.
async fn refresh(
    seen: &pb::Subscription,
    found: Option<&Secret>,
    (object, context, secrets): (&Subscription, &Context, &Api<Secret>),
) -> Result<(), Failure> {
    let Some(secret) = found else { return Ok(()) };
    if seen.way() != pb::DeliveryWay::Webhook {
        return Ok(());
    }
    let data = signing_keys(read_keys(&seen.subscription_id, context).await?, seen);
    if secret.data.as_ref() == Some(&bytes(&data)) {
        return Ok(());
    }
    let Some((at, rotation)) = current(secret, &seen.subscription_id) else { return Ok(()) };
    apply(secrets, &written(object, &seen.subscription_id, (at, &rotation), data)).await
}

/// What is put into the Secret; `again` where former credentials are to end.
async fn issue(
    seen: &pb::Subscription,
    again: bool,
    context: &Context,
) -> Result<BTreeMap<&'static str, String>, Trouble> {
    let subscription_id = seen.subscription_id.clone();
    match seen.way() {
        pb::DeliveryWay::Nats => {
            let request = pb::IssueNatsCredentialsRequest { subscription_id: subscription_id.clone() };
            // Told only once: a repeat by the same key would tell nothing, so each try has a key of its own.
            let issue = |mut calls: Subscriptions, request| async move {
                calls.issue_nats_credentials(request).await
            };
            let issued = context.exchange.subscriptions(None, request, issue).await?;
            let mut data = BTreeMap::from([
                ("nats.creds", issued.credentials),
                ("stream", issued.stream),
                ("durable", issued.durable),
                ("domain", issued.domain),
                ("inbox-prefix", issued.inbox_prefix),
                ("subscription-id", subscription_id),
            ]);
            if !context.options.nats_address.is_empty() {
                data.insert("url", context.options.nats_address.clone());
            }
            Ok(data)
        }
        pb::DeliveryWay::Webhook => {
            let keys = match again {
                false => read_keys(&subscription_id, context).await?,
                true => {
                    let request = pb::RotateSigningKeyRequest { subscription_id };
                    let rotate = |mut calls: Subscriptions, request| async move {
                        calls.rotate_signing_key(request).await
                    };
                    context.exchange.subscriptions(None, request, rotate).await?.keys
                }
            };
            Ok(signing_keys(keys, seen))
        }
        pb::DeliveryWay::Pull | pb::DeliveryWay::Unspecified => {
            let mut data = BTreeMap::from([("subscription-id", subscription_id)]);
            if !context.options.exchange_address.is_empty() {
                data.insert("server", context.options.exchange_address.clone());
            }
            Ok(data)
        }
    }
}

async fn read_keys(subscription_id: &str, context: &Context) -> Result<Vec<pb::SigningKey>, Trouble> {
    let request = pb::ReadSigningKeysRequest { subscription_id: subscription_id.to_owned() };
    let read = |mut calls: Subscriptions, request| async move { calls.read_signing_keys(request).await };
    Ok(context.exchange.subscriptions(None, request, read).await?.keys)
}

fn signing_keys(keys: Vec<pb::SigningKey>, seen: &pb::Subscription) -> BTreeMap<&'static str, String> {
    let mut data = BTreeMap::from([("subscription-id", seen.subscription_id.clone())]);
    let mut keys = keys.into_iter().map(|key| key.key);
    if let Some(newest) = keys.next() {
        data.insert("signing-key", newest);
    }
    if let Some(former) = keys.next() {
        data.insert("former-signing-key", former);
    }
    data
}

fn bytes(data: &BTreeMap<&'static str, String>) -> BTreeMap<String, ByteString> {
    data.iter().map(|(name, text)| ((*name).to_owned(), ByteString(text.clone().into_bytes()))).collect()
}

fn written(
    object: &Subscription,
    subscription: &str,
    (at, rotation): (Timestamp, &str),
    data: BTreeMap<&'static str, String>,
) -> Secret {
    let says = [
        (SUBSCRIPTION, subscription.to_owned()),
        (ISSUED_AT, at.to_string()),
        (ROTATION, rotation.to_owned()),
    ];
    let text = |(name, value): (&str, String)| (name.to_owned(), value);
    Secret {
        metadata: ObjectMeta {
            name: Some(secret_name(object)),
            namespace: object.namespace(),
            labels: Some(BTreeMap::from([text(("app.kubernetes.io/managed-by", MANAGER.to_owned()))])),
            annotations: Some(says.into_iter().map(text).collect()),
            owner_references: Some(vec![owner(object)]),
            ..ObjectMeta::default()
        },
        data: Some(bytes(&data)),
        type_: Some("Opaque".into()),
        ..Secret::default()
    }
}

/// Whoever is deleted takes with it what it owns. Without `blockOwnerDeletion`, which would need one right more.
pub(crate) fn owner<K: Resource<DynamicType = ()>>(object: &K) -> OwnerReference {
    OwnerReference {
        api_version: K::api_version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: None,
    }
}

/// Keys that are no longer there (the former one after a change) go: the operator owns all of the data.
async fn apply(secrets: &Api<Secret>, secret: &Secret) -> Result<(), Failure> {
    let parameters = PatchParams::apply(MANAGER).force();
    secrets.patch(&secret.name_any(), &parameters, &Patch::Apply(secret)).await?;
    Ok(())
}
