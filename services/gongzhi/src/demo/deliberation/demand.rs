//! How the topic comes about: nine cases raise it, households support it, and it stands on a published agenda.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::grid::v1 as grid;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::ESTATE;
use crate::demo::cast::Cast;
use crate::demo::teller::wait_for;

/// A case at the estate, from the report to the judgement of the result.
pub(super) async fn is_reported_and_settled(cast: &Cast, building: u32) -> Result<()> {
    let request = dispatch::RegisterCaseRequest {
        category_code: "fire.ebike.charging".into(),
        urgency: dispatch::Urgency::Normal as i32,
        title: "电动车飞线充电".into(),
        description: format!("{building}幢有人从楼上拉线给电动车充电(示例)"),
        place: Some(dispatch::Place {
            area_code: ESTATE.into(),
            spot: format!("{building}幢单元门口"),
            ..Default::default()
        }),
        contact: String::new(),
        distinct_from: vec![],
    };
    let case = cast.grid_worker.cases().register_case(request).await?.into_inner().case;
    let case_id = case.context("no case")?.case_id;
    let accept = dispatch::AcceptCaseRequest { case_id: case_id.clone() };
    cast.community_worker.cases().accept_case(accept).await?;
    let summary = "已劝离飞线(示例)".into();
    let settle = dispatch::SettleCaseRequest { case_id: case_id.clone(), summary };
    cast.community_worker.cases().settle_case(settle).await?;
    is_verified_and_rated(cast, &case_id).await
}

/// The community looks at the spot, and the grid worker asks the reporter.
pub(super) async fn is_verified_and_rated(cast: &Cast, case_id: &str) -> Result<()> {
    let request = dispatch::VerifyCaseRequest {
        case_id: case_id.into(),
        result: dispatch::VerificationResult::Confirmed as i32,
        finding: "现场查看属实".into(),
    };
    cast.community_worker.cases().verify_case(request).await?;
    let request = grid::ListFollowUpVisitsRequest {
        area_code: cast.mishi.clone(),
        case_id: case_id.into(),
        waiting_only: true,
        page_size: 10,
        page_token: String::new(),
    };
    let look = || async {
        let visits =
            cast.grid_worker.visits().list_follow_up_visits(request.clone()).await?.into_inner().visits;
        Ok::<_, anyhow::Error>(visits)
    };
    wait_for("the visit is opened", || async { Ok(!look().await?.is_empty()) }).await?;
    for visit in look().await? {
        let rating = grid::Rating::FairlySatisfied as i32;
        let request = grid::RecordFollowUpVisitRequest { visit_id: visit.visit_id, rating };
        cast.grid_worker.visits().record_follow_up_visit(request).await?;
    }
    Ok(())
}

/// The topic that the system raised.
pub(super) async fn raised_topic(cast: &Cast) -> Result<String> {
    let look = || async {
        let request = pb::ListTopicsRequest { area_code: cast.mishi.clone(), ..Default::default() };
        let topics = cast.secretary.topics().list_topics(request).await?.into_inner().topics;
        Ok::<_, anyhow::Error>(topics.into_iter().find(|topic| topic.area_code == ESTATE))
    };
    wait_for("a topic is raised", || async { Ok(look().await?.is_some()) }).await?;
    Ok(look().await?.context("no topic")?.topic_id)
}

/// A household wants a topic.
pub(super) async fn supports(cast: &Cast, topic_id: &str, door: u32) -> Result<()> {
    let building = door % 9 + 1;
    let request = pb::SupportTopicRequest {
        topic_id: topic_id.into(),
        household: format!("{building}-1-{door}"),
        building_code: format!("{ESTATE}{building:03}"),
    };
    cast.grid_worker.topics().support_topic(request).await?;
    Ok(())
}

/// A second topic, that a grid worker proposes.
pub(super) async fn second_topic(cast: &Cast) -> Result<String> {
    let request = pb::ProposeTopicRequest {
        area_code: cast.mishi.clone(),
        title: "楼道与公共空间微更新".into(),
        question: "十二万元微更新专款先做哪几件事?".into(),
        category_code: "fire.stairwell.clutter".into(),
    };
    let topic = cast.grid_worker.topics().propose_topic(request).await?.into_inner().topic;
    Ok(topic.context("no topic")?.topic_id)
}

/// Draws up and publishes the agenda; gives it.
pub(super) async fn publishes_agenda(cast: &Cast, meets_at: Timestamp) -> Result<String> {
    let request = pb::DrawUpAgendaRequest {
        area_code: cast.mishi.clone(),
        title: "米市新村居民议事会".into(),
        meets_at: Some(to_wire(meets_at)),
        places: 4,
        lot_source: "议事会当日公开摇号".into(),
    };
    let agenda = cast.community_worker.agendas().draw_up_agenda(request).await?.into_inner().agenda;
    let agenda_id = agenda.context("no agenda")?.agenda_id;
    let request = pb::PublishAgendaRequest { agenda_id: agenda_id.clone() };
    cast.community_worker.agendas().publish_agenda(request).await?;
    Ok(agenda_id)
}
