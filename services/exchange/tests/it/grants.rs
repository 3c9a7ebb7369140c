//! Grants: asked for, decided by somebody else, ended by time or by revocation, and the rights that follow, in words.

use anyhow::Result;
use gongzhi_harness::wait_until;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use tonic::Code;
use tonic_types::StatusExt;

use crate::town::{Town, area_of, department_of, fact, grants, reason, subscriptions};

fn asked(town: &Town) -> pb::RequestGrantRequest {
    pb::RequestGrantRequest {
        grantee: department_of("fire-rescue"),
        facts: vec![fact("dispatch.case_registered", &[])],
        area_code: town.bench.area("001").to_string(),
        purpose: "消防安全联合研判".into(),
        until_at: Some(to_wire(town.now() + SignedDuration::from_hours(48))),
    }
}

#[tokio::test]
async fn a_grant_needs_two_people() -> Result<()> {
    let town = Town::new().await?;
    let grant = grants(&town.fire).request_grant(asked(&town)).await?.into_inner().grant.expect("a grant");
    assert_eq!(grant.status(), pb::GrantStatus::Requested);
    let approve = || pb::ApproveGrantRequest { grant_id: grant.grant_id.clone(), until_at: None };
    let own = grants(&town.fire).approve_grant(approve()).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied, "a liaison decides nothing");
    let later = Some(to_wire(town.now() + SignedDuration::from_hours(72)));
    let later =
        grants(&town.operator).approve_grant(pb::ApproveGrantRequest { until_at: later, ..approve() }).await;
    assert_eq!(reason(&later.unwrap_err()), "LATER_THAN_ASKED");
    let approved =
        grants(&town.operator).approve_grant(approve()).await?.into_inner().grant.expect("a grant");
    assert_eq!(approved.status(), pb::GrantStatus::Approved);
    assert_eq!(approved.decided_by, town.operator.id.to_string());
    let again = grants(&town.second_operator).approve_grant(approve()).await.unwrap_err();
    assert_eq!(reason(&again), "ALREADY_DECIDED");
    let foreign =
        grants(&town.housing).get_grant(pb::GetGrantRequest { grant_id: grant.grant_id.clone() }).await;
    assert_eq!(foreign.unwrap_err().code(), Code::PermissionDenied);
    let all = grants(&town.housing).list_grants(pb::ListGrantsRequest::default()).await.unwrap_err();
    assert_eq!(all.code(), Code::PermissionDenied);
    let own = pb::ListGrantsRequest { grantee: department_of("fire-rescue"), ..Default::default() };
    assert_eq!(grants(&town.fire).list_grants(own).await?.into_inner().grants.len(), 1);
    let all = grants(&town.operator).list_grants(pb::ListGrantsRequest::default()).await?.into_inner();
    assert_eq!(all.grants.len(), 1);
    town.bench.stop().await
}

#[tokio::test]
async fn who_has_a_grant_takes_it_back_and_nobody_else_does() -> Result<()> {
    let town = Town::new().await?;
    let district = town.bench.area("");
    let cluster = town.bench.person("POST_CLUSTER_OPERATOR", &district);
    let grant = grants(&cluster).request_grant(asked(&town)).await?.into_inner().grant.expect("a grant");
    let approve = pb::ApproveGrantRequest { grant_id: grant.grant_id.clone(), until_at: None };
    let own = grants(&cluster).approve_grant(approve.clone()).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied, "who asks for everybody decides nothing");
    grants(&town.operator).approve_grant(approve).await?;
    let withdraw =
        || pb::WithdrawGrantRequest { grant_id: grant.grant_id.clone(), reason: "不再需要".into() };
    let foreign = grants(&town.housing).withdraw_grant(withdraw()).await.unwrap_err();
    assert_eq!(foreign.code(), Code::PermissionDenied);
    let taken = grants(&town.fire).withdraw_grant(withdraw()).await?.into_inner().grant.expect("a grant");
    assert_eq!(taken.status(), pb::GrantStatus::Revoked);
    assert_eq!(taken.decided_by, town.fire.id.to_string());
    let again = grants(&cluster).withdraw_grant(withdraw()).await?.into_inner().grant.expect("a grant");
    assert_eq!(again.version, taken.version, "what was taken back is not taken back twice");
    town.bench.stop().await
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_said_at_once() -> Result<()> {
    let town = Town::new().await?;
    let wrong = pb::RequestGrantRequest {
        grantee: None,
        facts: vec![fact("dispatch.case_registred", &[]), fact("dispatch.case_rated", &["phone"])],
        area_code: "110101".into(),
        purpose: "x".into(),
        until_at: None,
    };
    let status = grants(&town.fire).request_grant(wrong).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_details_bad_request().expect("names the fields");
    let mut fields: Vec<_> = details.field_violations.iter().map(|wrong| wrong.field.as_str()).collect();
    fields.sort_unstable();
    let all = ["area_code", "facts[0].fact", "facts[1].fields[0]", "grantee", "purpose", "until_at"];
    assert_eq!(fields, all, "{details:?}");
    let foreign = pb::RequestGrantRequest { grantee: department_of("housing"), ..asked(&town) };
    assert_eq!(grants(&town.fire).request_grant(foreign).await.unwrap_err().code(), Code::PermissionDenied);
    town.bench.stop().await
}

#[tokio::test]
async fn rights_are_explained_in_words() -> Result<()> {
    let town = Town::new().await?;
    let explained = async |who, organization, area: &str| -> Result<pb::ExplainRightsResponse> {
        let request = pb::ExplainRightsRequest {
            organization,
            fact: "dispatch.case_registered".into(),
            area_code: town.bench.area(area).to_string(),
            audience: String::new(),
        };
        Ok(grants(who).explain_rights(request).await?.into_inner())
    };
    let street = explained(&town.street_system, area_of(&town, "001"), "001052").await?;
    assert_eq!(street.verdict(), pb::Verdict::May);
    assert!(street.reasons[0].text_zh.contains("本辖区"), "{street:?}");
    let foreign = explained(&town.street_system, area_of(&town, "001"), "002051").await?;
    assert_eq!(foreign.verdict(), pb::Verdict::MayNot);
    let before = explained(&town.fire, department_of("fire-rescue"), "001052").await?;
    assert_eq!(before.verdict(), pb::Verdict::MayNot);
    assert!(before.reasons.iter().any(|why| why.text_en.contains("can be asked for")), "{before:?}");
    let grant = town.granted(vec![fact("dispatch.case_registered", &["case_id"])], "001", 2).await?;
    let after = explained(&town.fire, department_of("fire-rescue"), "001052").await?;
    assert_eq!((after.verdict(), after.reasons[0].grant_id.as_str()), (pb::Verdict::May, grant.as_str()));
    assert!(after.reasons[0].text_zh.contains("仅限字段 case_id"), "{after:?}");
    let elsewhere = explained(&town.fire, department_of("fire-rescue"), "002051").await?;
    assert_eq!(elsewhere.verdict(), pb::Verdict::MayNot);
    assert!(elsewhere.reasons.iter().any(|why| why.text_zh.contains("授权范围为")), "{elsewhere:?}");
    town.bench.stop().await
}

#[tokio::test]
async fn what_hangs_on_a_grant_ends_with_it() -> Result<()> {
    let town = Town::new().await?;
    let facts = || vec![fact("dispatch.case_registered", &[])];
    let expiring = town.granted(facts(), "001", 2).await?;
    let revoked = town.granted(facts(), "001", 30).await?;
    let under = |grant_id: &str| pb::SubscribeRequest {
        organization: department_of("fire-rescue"),
        grant_id: grant_id.into(),
        ..Default::default()
    };
    let first = town.pulls(&town.fire_system, under(&expiring)).await?;
    let second = town.pulls(&town.fire_system, under(&revoked)).await?;
    let status = async |id: &str| -> Result<pb::SubscriptionStatus> {
        let request = pb::GetSubscriptionRequest { subscription_id: id.into() };
        let answer = subscriptions(&town.fire_system).get_subscription(request).await?.into_inner();
        Ok(answer.subscription.expect("a subscription").status())
    };
    let ended = async |id: &str| {
        wait_until("the subscription ended with its grant", async || {
            let status = status(id).await?;
            Ok(if status == pb::SubscriptionStatus::Ended { Ok(()) } else { Err(format!("{status:?}")) })
        })
        .await
    };
    town.clock.advance(SignedDuration::from_hours(49));
    ended(&first).await?;
    assert_eq!(status(&second).await?, pb::SubscriptionStatus::Active);
    let revoke = pb::RevokeGrantRequest { grant_id: revoked, reason: "用途已变".into() };
    grants(&town.operator).revoke_grant(revoke).await?;
    ended(&second).await?;
    assert!(town.pulls(&town.fire_system, under(&expiring)).await.is_err(), "an ended grant carries nothing");
    town.bench.stop().await
}
