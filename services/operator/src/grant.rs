//! From a `SharingGrant` to a grant in the exchange: asks once, on behalf of the namespace's organization, and then tells how it stands. The operator never
//! approves; people of the district do, in the portal.

use std::sync::Arc;
use std::time::Instant;

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::from_wire;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::{Resource, ResourceExt};

use crate::context::{Context, Failure, Kind, key, now};
use crate::exchange::{Grants, Trouble};
use crate::resources::{
    Conditions, FINALIZER, GrantPhase, Organization, SharingGrant, SharingGrantStatus, Standing,
};

impl Kind for SharingGrant {
    type Status = SharingGrantStatus;
    const NAME: &'static str = "SharingGrant";

    fn status(&self) -> Option<&SharingGrantStatus> {
        self.status.as_ref()
    }

    fn conditions(status: &SharingGrantStatus) -> &[Condition] {
        &status.conditions
    }
}

/// Brings one grant into order.
pub(crate) async fn reconcile(grant: Arc<SharingGrant>, context: Arc<Context>) -> Result<Action, Failure> {
    let since = Instant::now();
    if context.is_anothers(grant.as_ref()) {
        return Ok(Action::await_change());
    }
    if context.is_over(grant.as_ref()) {
        return Ok(context.soon());
    }
    let outcome = match grant.meta().deletion_timestamp {
        Some(_) => end(&grant, &context).await,
        None => tend(&grant, &context).await,
    };
    if let Err(Failure::Exchange(Trouble::Unavailable(why))) = &outcome {
        unreachable_now(&grant, &context, why).await?;
    }
    context.ended(grant.as_ref(), since, outcome)
}

async fn tend(grant: &SharingGrant, context: &Context) -> Result<Action, Failure> {
    let (organization, until) = match asking_for(grant, context) {
        Ok(asked) => asked,
        Err((reason, message)) => return refuse(grant, context, reason, &message).await,
    };
    let known = grant.status.as_ref().and_then(|status| status.grant_id.clone());
    let seen = match known {
        Some(id) => context.survey.grant(&id).await,
        None => {
            // From here on something may stand in the exchange, whatever becomes of us.
            if !context.holds(grant).await? {
                return Ok(context.soon());
            }
            request(grant, (&organization, until), context).await
        }
    };
    let seen = match seen {
        Ok(seen) => seen,
        Err(Trouble::Refused { reason, message }) => {
            let message = format!(
                "{message}. Delete this SharingGrant and make one that says what is meant ({reason})"
            );
            return refuse(grant, context, "RefusedByExchange", &message).await;
        }
        Err(Trouble::Absent) => {
            let message = "the exchange does not know this grant any more: was its database set back? Delete this SharingGrant and make it again";
            return refuse(grant, context, "UnknownToExchange", message).await;
        }
        Err(trouble) => return Err(trouble.into()),
    };
    let status = shown(grant, &organization, &seen);
    tell(grant, context, &status).await;
    context.answer(grant, &status).await?;
    Ok(context.later())
}

/// For whom it may be asked, and until when; a reason and what to do where it may not.
fn asking_for(
    grant: &SharingGrant,
    context: &Context,
) -> Result<(Organization, Timestamp), (&'static str, String)> {
    let until = grant.spec.until.parse().map_err(|error| {
        (
            "UnreadableInstant",
            format!("until is no instant that can be told: {error}; at most 366 days ahead"),
        )
    })?;
    let own =
        context.organization(grant).map_err(|nobody| ("NamespaceWithoutOrganization", nobody.to_string()))?;
    match &grant.spec.grantee {
        Some(grantee) if *grantee != own => {
            let message = format!(
                "this namespace belongs to {own}; it cannot ask for {grantee}. Leave grantee out, or ask in the namespace of {grantee}"
            );
            Err(("ForeignOrganization", message))
        }
        Some(_) | None => Ok((own, until)),
    }
}

async fn request(
    grant: &SharingGrant,
    (organization, until): (&Organization, Timestamp),
    context: &Context,
) -> Result<pb::Grant, Trouble> {
    let facts = grant.spec.facts.iter();
    let request = pb::RequestGrantRequest {
        grantee: Some(organization.to_wire()),
        facts: facts
            .map(|one| pb::GrantedFact { fact: one.fact.clone(), fields: one.fields.clone() })
            .collect(),
        area_code: grant.spec.area.clone(),
        purpose: grant.spec.purpose.clone(),
        until_at: Some(gongzhi_proto::time::to_wire(until)),
    };
    // What is asked for cannot be changed, so whoever tries again asks for the same by the same key and gets the first answer.
    let key = key(&grant.uid().unwrap_or_default(), "request");
    let ask = |mut grants: Grants, request| async move { grants.request_grant(request).await };
    let answer = context.exchange.grants(Some(key), request, ask).await?.grant.ok_or(Trouble::Absent)?;
    context.survey.note_grant(&answer).await;
    Ok(answer)
}

/// Ends in the exchange what was asked for, and lets the object go.
async fn end(grant: &SharingGrant, context: &Context) -> Result<Action, Failure> {
    if !grant.finalizers().iter().any(|one| one == FINALIZER) {
        context.forget(grant);
        return Ok(Action::await_change());
    }
    let known = grant.status.as_ref().and_then(|status| status.grant_id.clone());
    let id = match (known, asking_for(grant, context)) {
        (Some(id), _) => Some(id),
        // It was asked for and the answer lost: asking again by the same key tells which one it was.
        (None, Ok((organization, until))) => match request(grant, (&organization, until), context).await {
            Ok(seen) => Some(seen.grant_id),
            Err(Trouble::Refused { .. } | Trouble::Absent) => None,
            Err(trouble) => return Err(trouble.into()),
        },
        (None, Err(_)) => None,
    };
    if let Some(grant_id) = id {
        let reason = "SharingGrant 已删除 (its SharingGrant was deleted)".to_owned();
        let request = pb::WithdrawGrantRequest { grant_id, reason };
        let key = key(&grant.uid().unwrap_or_default(), "withdraw");
        let withdraw = |mut grants: Grants, request| async move { grants.withdraw_grant(request).await };
        match context.exchange.grants(Some(key), request, withdraw).await {
            Ok(_) | Err(Trouble::Absent) => {}
            Err(Trouble::Refused { reason, message }) => {
                tracing::warn!(grant = grant.name_any(), reason, message, "a grant could not be taken back");
            }
            Err(trouble) => return Err(trouble.into()),
        }
    }
    context.release(grant).await?;
    Ok(Action::await_change())
}

/// Says no in the object, and tells it once.
async fn refuse(
    grant: &SharingGrant,
    context: &Context,
    reason: &'static str,
    message: &str,
) -> Result<Action, Failure> {
    let mut status = grant.status.clone().unwrap_or_default();
    status.observed_generation = grant.meta().generation;
    let conditions = Conditions::of(&status.conditions, grant.meta().generation, now());
    status.conditions = conditions.say("Ready", Standing::False, reason, message).list();
    tell(grant, context, &status).await;
    context.answer(grant, &status).await?;
    Ok(context.later())
}

/// What was last known stays; that nothing newer is known is said.
async fn unreachable_now(grant: &SharingGrant, context: &Context, why: &str) -> Result<(), Failure> {
    let mut status = grant.status.clone().unwrap_or_default();
    let conditions = Conditions::of(&status.conditions, grant.meta().generation, now());
    let said =
        status.conditions.iter().any(|one| one.type_ == "Ready" && one.reason == "ExchangeUnavailable");
    if said {
        // The words of two failures may differ; an object is not written for that.
        return Ok(());
    }
    let message = format!(
        "the exchange does not answer, so this shows what was last known: {why}. It is tried again by itself"
    );
    status.conditions = conditions.say("Ready", Standing::Unknown, "ExchangeUnavailable", message).list();
    context.answer(grant, &status).await
}

/// An Event where the reason is a new one.
async fn tell(grant: &SharingGrant, context: &Context, status: &SharingGrantStatus) {
    let of = |status: &SharingGrantStatus| {
        status
            .conditions
            .iter()
            .find(|one| one.type_ == "Ready")
            .map(|one| (one.reason.clone(), one.message.clone()))
    };
    let (was, is) = (grant.status.as_ref().and_then(of), of(status));
    let Some((reason, message)) = is else { return };
    let again = |was: &str| was == reason || was == "ExchangeUnavailable";
    if was.is_some_and(|(was, _)| again(&was)) {
        return;
    }
    let type_ = match reason.as_str() {
        "Approved" | "Requested" => EventType::Normal,
        _ => EventType::Warning,
    };
    context.tell(grant, type_, &reason, &message).await;
}

/// A grant of the exchange as the object shows it.
fn shown(grant: &SharingGrant, organization: &Organization, seen: &pb::Grant) -> SharingGrantStatus {
    let was = grant.status.clone().unwrap_or_default();
    let (phase, reason, approved, message) = match seen.status() {
        pb::GrantStatus::Unspecified | pb::GrantStatus::Requested => (
            GrantPhase::Requested,
            "Requested",
            Standing::Unknown,
            "people of the district decide about it in the portal".to_owned(),
        ),
        pb::GrantStatus::Approved => (GrantPhase::Approved, "Approved", Standing::True, String::new()),
        pb::GrantStatus::Refused => (
            GrantPhase::Refused,
            "Refused",
            Standing::False,
            format!("refused: {}. Ask anew with what is missing", seen.reason),
        ),
        pb::GrantStatus::Expired => (
            GrantPhase::Ended,
            "Expired",
            Standing::False,
            "its time is over; make another SharingGrant".to_owned(),
        ),
        pb::GrantStatus::Revoked => (
            GrantPhase::Ended,
            "Revoked",
            Standing::False,
            format!("revoked: {}. Make another SharingGrant if it is still needed", seen.reason),
        ),
    };
    let ready = if phase == GrantPhase::Approved { Standing::True } else { Standing::False };
    let conditions = Conditions::of(&was.conditions, grant.meta().generation, now())
        .say("Approved", approved, reason, "")
        .say("Ready", ready, reason, message);
    SharingGrantStatus {
        observed_generation: grant.meta().generation,
        phase: Some(phase),
        grant_id: Some(seen.grant_id.clone()),
        grantee: Some(organization.to_string()),
        until: instant(seen.until_at.as_ref()).map(Time),
        conditions: conditions.list(),
    }
}

/// An instant of the wire, in the whole seconds that the server keeps.
pub(crate) fn instant(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    let at = from_wire(at)?;
    Timestamp::from_second(at.as_second()).ok()
}
