//! From a `Subscription` to one in the exchange: makes it, changes what is delivered, keeps its Secret, tells how delivery stands, ends it.

use std::sync::Arc;
use std::time::Instant;

use gongzhi_proto::exchange::v1 as pb;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Resource, ResourceExt};

use crate::context::{Context, Failure, Kind, key, now};
use crate::credentials;
use crate::exchange::{Subscriptions, Trouble, living_subscriptions};
use crate::resources::{
    Conditions, FINALIZER, GrantPhase, SharingGrant, Standing, Subscription, SubscriptionPhase,
    SubscriptionStatus,
};
use crate::wanted;

impl Kind for Subscription {
    type Status = SubscriptionStatus;
    const NAME: &'static str = "Subscription";

    fn status(&self) -> Option<&SubscriptionStatus> {
        self.status.as_ref()
    }

    fn conditions(status: &SubscriptionStatus) -> &[Condition] {
        &status.conditions
    }
}

/// What subscriptions are tended with.
pub(crate) struct Desk {
    pub(crate) context: Arc<Context>,
    pub(crate) grants: Store<SharingGrant>,
}

/// Why a subscription cannot be made or kept now.
struct Hindrance {
    phase: SubscriptionPhase,
    reason: &'static str,
    message: String,
}

impl Hindrance {
    fn waits(reason: &'static str, message: impl Into<String>) -> Self {
        Self { phase: SubscriptionPhase::Waiting, reason, message: message.into() }
    }
}

/// Brings one subscription into order.
pub(crate) async fn reconcile(object: Arc<Subscription>, desk: Arc<Desk>) -> Result<Action, Failure> {
    let since = Instant::now();
    let context = &desk.context;
    if context.is_anothers(object.as_ref()) {
        return Ok(Action::await_change());
    }
    if context.is_over(object.as_ref()) {
        return Ok(context.soon());
    }
    let outcome = match object.meta().deletion_timestamp {
        Some(_) => end(&object, context).await,
        None => tend(&object, &desk).await,
    };
    if let Err(Failure::Exchange(Trouble::Unavailable(why))) = &outcome {
        unreachable_now(&object, context, why).await?;
    }
    context.ended(object.as_ref(), since, outcome)
}

async fn tend(object: &Subscription, desk: &Desk) -> Result<Action, Failure> {
    let context = &desk.context;
    let known = object.status.as_ref().and_then(|status| status.subscription_id.clone());
    let seen = match known {
        Some(id) => context.survey.subscription(&id).await,
        None => match wanted_of(object, desk) {
            Ok(wanted) => {
                // From here on something may stand in the exchange, whatever becomes of us.
                if !context.holds(object).await? {
                    return Ok(context.soon());
                }
                make(object, wanted, context).await
            }
            Err(hindrance) => return hinder(object, context, hindrance).await,
        },
    };
    let seen = match seen {
        Ok(seen) if seen.status() != pb::SubscriptionStatus::Ended => change(object, seen, context).await,
        other => other,
    };
    let seen = match seen {
        Ok(seen) => seen,
        Err(Trouble::Refused { reason, message }) => {
            let message =
                format!("{message}. Change the Subscription so that it can be delivered ({reason})");
            return hinder(object, context, Hindrance::waits("RefusedByExchange", message)).await;
        }
        Err(Trouble::Absent) => {
            let message = "the exchange does not know this subscription any more: was its database set back? Delete this Subscription and make it again";
            return hinder(object, context, Hindrance::waits("UnknownToExchange", message)).await;
        }
        Err(trouble) => return Err(trouble.into()),
    };
    if seen.status() == pb::SubscriptionStatus::Ended {
        let message = format!(
            "ended: {}. Delete this Subscription and make another one if it is still needed",
            seen.reason
        );
        let hindrance = Hindrance { phase: SubscriptionPhase::Ended, reason: "Ended", message };
        return hinder(object, context, hindrance).await;
    }
    if let Some(hindrance) = not_of_the_namespace(object, &seen, context) {
        return hinder(object, context, hindrance).await;
    }
    let credentials = match credentials::tend(object, &seen, context).await? {
        Ok(credentials) => credentials,
        Err(taken) => return hinder(object, context, Hindrance::waits("SecretTaken", taken)).await,
    };
    let status = wanted::shown(object, &seen, Some(credentials), now());
    tell(object, context, &status).await;
    context.answer(object, &status).await?;
    Ok(context.later())
}

/// A namespace may have been given to somebody else: what belongs to the former organization is not told to the new one.
fn not_of_the_namespace(
    object: &Subscription,
    seen: &pb::Subscription,
    context: &Context,
) -> Option<Hindrance> {
    match context.organization(object) {
        Err(nobody) => Some(Hindrance::waits("NamespaceWithoutOrganization", nobody.to_string())),
        Ok(own) if Some(own.to_wire()) != seen.organization => Some(Hindrance::waits(
            "ForeignOrganization",
            format!(
                "this namespace belongs to {own} now, the subscription to whom it belonged before; delete it and make it again"
            ),
        )),
        Ok(_) => None,
    }
}

/// What is to be asked of the exchange; a hindrance where it cannot be asked yet.
fn wanted_of(object: &Subscription, desk: &Desk) -> Result<pb::SubscribeRequest, Hindrance> {
    let organization = desk
        .context
        .organization(object)
        .map_err(|nobody| Hindrance::waits("NamespaceWithoutOrganization", nobody.to_string()))?;
    let grant = match &object.spec.grant {
        None => String::new(),
        Some(name) => {
            let namespace = object.namespace().unwrap_or_default();
            let Some(grant) = desk.grants.get(&ObjectRef::new(name).within(&namespace)) else {
                let message =
                    format!("there is no SharingGrant {name} in this namespace; make it, or leave grant out");
                return Err(Hindrance::waits("GrantMissing", message));
            };
            let status = grant.status.clone().unwrap_or_default();
            match (status.phase, status.grant_id) {
                (Some(GrantPhase::Approved), Some(id)) => id,
                (Some(GrantPhase::Refused | GrantPhase::Ended), _) => {
                    let message = format!(
                        "the SharingGrant {name} does not hold; see its conditions, and make another Subscription under another grant"
                    );
                    return Err(Hindrance::waits("GrantNotInForce", message));
                }
                _ => {
                    let message = format!(
                        "the SharingGrant {name} is not approved yet; this goes on by itself when it is"
                    );
                    return Err(Hindrance::waits("GrantNotApproved", message));
                }
            }
        }
    };
    wanted::request(object, &organization, grant).map_err(|wrong| Hindrance::waits("InvalidInstant", wrong))
}

/// Makes it, or finds what was made when the answer was lost.
async fn make(
    object: &Subscription,
    request: pb::SubscribeRequest,
    context: &Context,
) -> Result<pb::Subscription, Trouble> {
    let found = living_subscriptions(&context.exchange, &request.reference).await?.into_iter().next();
    let made = match found {
        Some(found) => found,
        None => {
            let generation = object.meta().generation.unwrap_or_default();
            let key = key(&request.reference, &format!("subscribe/{generation}"));
            let subscribe = |mut calls: Subscriptions, request| async move { calls.subscribe(request).await };
            let answer = context.exchange.subscriptions(Some(key), request, subscribe).await?;
            answer.subscription.ok_or(Trouble::Absent)?
        }
    };
    context.survey.note_subscription(&made).await;
    Ok(made)
}

/// Changes what is delivered and where to, if it is not as it is asked for.
async fn change(
    object: &Subscription,
    seen: pb::Subscription,
    context: &Context,
) -> Result<pb::Subscription, Trouble> {
    let Some(request) = wanted::change(object, &seen) else { return Ok(seen) };
    // The version makes the key another one when somebody else changed it back.
    let generation = object.meta().generation.unwrap_or_default();
    let key = key(&object.uid().unwrap_or_default(), &format!("change/{generation}/{}", seen.version));
    let change = |mut calls: Subscriptions, request| async move { calls.change_subscription(request).await };
    let answer = context.exchange.subscriptions(Some(key), request, change).await?;
    let changed = answer.subscription.ok_or(Trouble::Absent)?;
    context.survey.note_subscription(&changed).await;
    Ok(changed)
}

/// Ends it in the exchange and lets the object go. Its Secret goes with it, because the object owns it.
async fn end(object: &Subscription, context: &Context) -> Result<Action, Failure> {
    if !object.finalizers().iter().any(|one| one == FINALIZER) {
        context.forget(object);
        return Ok(Action::await_change());
    }
    let uid = object.uid().unwrap_or_default();
    let mut ids: Vec<_> = object.status.iter().filter_map(|status| status.subscription_id.clone()).collect();
    if ids.is_empty() {
        let made = living_subscriptions(&context.exchange, &uid).await?;
        ids.extend(made.into_iter().map(|one| one.subscription_id));
    }
    for subscription_id in ids {
        let key = key(&uid, &format!("end/{subscription_id}"));
        let reason = "Subscription 已删除 (its Subscription was deleted)".to_owned();
        let request = pb::EndSubscriptionRequest { subscription_id, reason };
        let end = |mut calls: Subscriptions, request| async move { calls.end_subscription(request).await };
        match context.exchange.subscriptions(Some(key), request, end).await {
            Ok(_) | Err(Trouble::Absent) => {}
            // It had ended before.
            Err(Trouble::Refused { reason, .. }) if reason == "HAS_ENDED" => {}
            Err(Trouble::Refused { reason, message }) => {
                tracing::warn!(
                    name = object.name_any(),
                    reason,
                    message,
                    "a subscription could not be ended"
                );
            }
            Err(trouble) => return Err(trouble.into()),
        }
    }
    context.release(object).await?;
    Ok(Action::await_change())
}

/// Says why it is not as it should be; what was known of it stays.
async fn hinder(object: &Subscription, context: &Context, hindrance: Hindrance) -> Result<Action, Failure> {
    let mut status = object.status.clone().unwrap_or_default();
    status.observed_generation = object.meta().generation;
    // What is there and could not be changed goes on as it was.
    if status.subscription_id.is_none() || hindrance.phase == SubscriptionPhase::Ended {
        status.phase = Some(hindrance.phase);
    }
    status.way = wanted::way_word(&object.spec.delivery).to_owned();
    status.conditions = Conditions::of(&status.conditions, object.meta().generation, now())
        .say("Ready", Standing::False, hindrance.reason, hindrance.message)
        .list();
    tell(object, context, &status).await;
    context.answer(object, &status).await?;
    Ok(context.later())
}

/// What was last known stays; that nothing newer is known is said, once.
async fn unreachable_now(object: &Subscription, context: &Context, why: &str) -> Result<(), Failure> {
    let mut status = object.status.clone().unwrap_or_default();
    if status.conditions.iter().any(|one| one.type_ == "Ready" && one.reason == "ExchangeUnavailable") {
        return Ok(());
    }
    let message = format!(
        "the exchange does not answer, so this shows what was last known: {why}. It is tried again by itself"
    );
    status.conditions = Conditions::of(&status.conditions, object.meta().generation, now())
        .say("Ready", Standing::Unknown, "ExchangeUnavailable", message)
        .list();
    context.answer(object, &status).await
}

/// An Event where something new stands in the way, or where deliveries were parked. That all is well is told by the columns.
async fn tell(object: &Subscription, context: &Context, status: &SubscriptionStatus) {
    let told = |status: &SubscriptionStatus| -> Vec<(String, String)> {
        let wrong = status.conditions.iter().filter(|one| one.status == "False");
        wrong.map(|one| (one.reason.clone(), one.message.clone())).collect()
    };
    let was = object.status.as_ref().map(told).unwrap_or_default();
    for (reason, message) in told(status) {
        if !was.iter().any(|(known, _)| *known == reason) {
            context.tell(object, EventType::Warning, &reason, &message).await;
        }
    }
}
