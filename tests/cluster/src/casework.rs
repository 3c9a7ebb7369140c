//! The work of a street, as people do it: a department that is known, a case that climbs, a whistle that is sounded.

use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::token::Signer;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::exchange::v1 as exchange;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;

use crate::forward::Way;
use crate::load::registration;
use crate::people::{DISTRICT, person};
use crate::release::Release;
use crate::until;

/// How long others may take to hear of something over the bus.
const HEARD_WITHIN: Duration = Duration::from_secs(60);

/// A way to a service of a release. Its connections are of use only as long as it is there.
pub fn way(release: &Release, part: &str) -> Way {
    Way::new(&release.cluster, &release.namespace, &release.name, part, 50051)
}

/// Registers a department, so that it can be called.
pub async fn register_department(release: &Release, signer: &Signer, code: &str, name: &str) -> Result<()> {
    let operator = person(signer, "POST_PLATFORM_OPERATOR", "", None)?;
    let mut way = way(release, "organization");
    let session = operator.over(way.channel().await?)?;
    let request = organization::RegisterDepartmentRequest {
        department_code: code.into(),
        name_zh: name.into(),
        name_en: code.into(),
        area_code: DISTRICT.into(),
    };
    let registered = DepartmentServiceClient::new(session.calls()).register_department(request).await;
    registered.with_context(|| format!("{code} cannot be registered"))?;
    Ok(())
}

/// Approves a grant, as a person of the district does in the portal.
pub async fn approve(release: &Release, signer: &Signer, grant_id: &str) -> Result<()> {
    let operator = person(signer, "POST_PLATFORM_OPERATOR", "", None)?;
    let mut way = way(release, "exchange");
    let session = operator.over(way.channel().await?)?;
    let request = exchange::ApproveGrantRequest { grant_id: grant_id.into(), until_at: None };
    GrantServiceClient::new(session.calls())
        .approve_grant(request)
        .await
        .context("the grant cannot be approved")?;
    Ok(())
}

/// Registers a case in a community, hands it up to the sub-district and sounds a whistle for departments; tells the ids of case and whistle.
pub async fn sound(
    release: &Release,
    signer: &Signer,
    community: &str,
    departments: &[&str],
) -> Result<(String, String)> {
    let mut way = way(release, "dispatch");
    let channel = way.channel().await?;
    let worker = person(signer, "POST_COMMUNITY_WORKER", community, None)?.over(channel.clone())?;
    let mut cases = CaseServiceClient::new(worker.calls());
    let registered = cases.register_case(registration(&format!("{DISTRICT}{community}001"))).await;
    let registered = registered.context("no case can be registered")?.into_inner();
    let case_id = registered.case.context("no case")?.case_id;
    cases.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await.context("accept")?;
    let request = pb::ConveneConsultationRequest { case_id: case_id.clone() };
    cases.convene_consultation(request).await.context("convene")?;
    let request = pb::ConcludeConsultationRequest {
        case_id: case_id.clone(),
        outcome: pb::ConsultationOutcome::BeyondEstate as i32,
        minutes: "超出小区能力".into(),
    };
    cases.conclude_consultation(request).await.context("conclude")?;
    let request = pb::ClimbCaseRequest { case_id: case_id.clone(), reason: "超出社区能力".into() };
    cases.climb_case(request).await.context("climb")?;

    let sub_district = &community[..3];
    let officer = person(signer, "POST_SUB_DISTRICT_DUTY_OFFICER", sub_district, None)?.over(channel)?;
    let mut whistles = WhistleServiceClient::new(officer.calls());
    let whistle_id =
        until("a whistle can be sounded: dispatch knows the departments", HEARD_WITHIN, async || {
            let request = pb::SoundWhistleRequest {
                case_id: case_id.clone(),
                kind: pb::WhistleKind::JointEnforcement as i32,
                level: pb::WhistleLevel::Yellow as i32,
                department_codes: departments.iter().map(|code| (*code).to_owned()).collect(),
                request: "请到场处置".into(),
            };
            let sounded = whistles.sound_whistle(request).await?.into_inner();
            Ok(sounded.whistle.map(|whistle| whistle.whistle_id).ok_or_else(|| "no whistle".to_owned()))
        })
        .await?;
    Ok((case_id, whistle_id))
}
