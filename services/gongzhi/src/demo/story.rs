//! Steps 1 to 6 of the story of 米市社区, told by people who call the services: an obstructed fire lane becomes a case, the case becomes a whistle,
//! departments report in (one late), the result goes back to the residents, one of whom says no.

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::grid::v1 as grid;
use jiff::{SignedDuration, Timestamp};

use super::cast::Cast;
use super::teller::{Teller, wait_for};

/// 米市新村, the first of the eleven estates.
const ESTATE: &str = "330105001052001";

/// How the story ended.
pub(crate) struct Told {
    /// The case.
    pub(crate) case_id: String,
    /// Its number.
    pub(crate) case_number: String,
    /// The whistle.
    pub(crate) whistle_id: String,
    /// The topic of step 7; empty until that is told.
    pub(crate) topic_id: String,
}

/// Tells the story; the clock moves as it goes.
pub(crate) async fn tell(cast: &Cast, clock: &Clock, teller: &Teller) -> Result<Told> {
    let case = register(cast, teller).await?;
    climb(cast, clock, teller, &case.case_id).await?;
    let whistle_id = whistle(cast, clock, teller, &case.case_id).await?;
    be_late(cast, clock, teller, &whistle_id).await?;
    work(cast, clock, teller, &whistle_id).await?;
    follow_up(cast, clock, teller, &case.case_id).await?;
    let topic_id = String::new();
    Ok(Told { case_id: case.case_id, case_number: case.case_number, whistle_id, topic_id })
}

/// Step 1: the place is found in its grid, the category proposed, the duplicate found.
async fn register(cast: &Cast, teller: &Teller) -> Result<pb::Case> {
    let (longitude, latitude) = cast.place_in_mishi;
    let located = cast
        .grid_worker
        .grids()
        .locate_place(grid::LocatePlaceRequest { longitude, latitude, crs: grid::Crs::Wgs84 as i32 })
        .await?
        .into_inner();
    let found = located.grid.context("the place lies in no grid")?;
    teller.say(&format!("网格员在{}上报:消防通道被占用", found.name));
    let place = pb::Place {
        area_code: ESTATE.into(),
        grid_id: found.grid_id,
        longitude: Some(longitude),
        latitude: Some(latitude),
        spot: "3幢北侧消防通道".into(),
    };
    let description = "米市新村3幢北侧消防通道长期被私家车和杂物占用,消防车无法通过,居民担心起火时救援受阻。";
    let proposal = cast
        .grid_worker
        .cases()
        .propose_filing(pb::ProposeFilingRequest {
            description: description.into(),
            place: Some(place.clone()),
        })
        .await?
        .into_inner();
    let category = proposal.categories.first().context("no category was proposed")?;
    teller.say(&format!("系统建议类别:{}", category.title_zh));
    let report = pb::RegisterCaseRequest {
        category_code: category.category_code.clone(),
        urgency: pb::Urgency::Normal as i32,
        title: "消防通道被占用".into(),
        description: description.into(),
        place: Some(place),
        contact: "米市新村3幢居民,晚间可敲门".into(),
        distinct_from: vec![],
    };
    let first = cast.grid_worker.cases().register_case(report.clone()).await?.into_inner();
    let second = cast
        .community_worker
        .cases()
        .register_case(pb::RegisterCaseRequest { contact: "同楼另一户居民".into(), ..report })
        .await?
        .into_inner();
    ensure!(second.joined && second.reporter == 2, "the second report of the same thing must join the first");
    teller.say("第二位居民反映同一问题,自动并入原案,两位诉求人");
    first.case.context("no case")
}

/// Step 2: the three parties of the estate are convened; it is beyond them; the case climbs.
async fn climb(cast: &Cast, clock: &Clock, teller: &Teller, case_id: &str) -> Result<()> {
    let mut community = cast.community_worker.cases();
    clock.advance(SignedDuration::from_mins(25));
    community.accept_case(pb::AcceptCaseRequest { case_id: case_id.into() }).await?;
    community.convene_consultation(pb::ConveneConsultationRequest { case_id: case_id.into() }).await?;
    teller.say("社区受理,召集三方协商(社区、业委会、物业)");
    clock.advance(SignedDuration::from_mins(90));
    let outcome = pb::ConsultationOutcome::BeyondEstate as i32;
    let minutes = "物业无执法权,业委会劝离无效;需消防、城管、住建共同处置。";
    community
        .conclude_consultation(pb::ConcludeConsultationRequest {
            case_id: case_id.into(),
            outcome,
            minutes: minutes.into(),
        })
        .await?;
    community
        .climb_case(pb::ClimbCaseRequest {
            case_id: case_id.into(),
            reason: "超出小区能力,请街道统筹".into(),
        })
        .await?;
    teller.say("三方协商认定超出小区能力,案件上报米市巷街道");
    Ok(())
}

/// Step 3: the sub-district sounds a whistle to three departments.
async fn whistle(cast: &Cast, clock: &Clock, teller: &Teller, case_id: &str) -> Result<String> {
    clock.advance(SignedDuration::from_mins(15));
    let request = pb::SoundWhistleRequest {
        case_id: case_id.into(),
        kind: pb::WhistleKind::JointEnforcement as i32,
        level: pb::WhistleLevel::Yellow as i32,
        department_codes: vec!["fire-rescue".into(), "housing".into(), "urban-management".into()],
        request: "请三部门到米市新村3幢北侧联合清理消防通道,并商定长效管理办法。".into(),
    };
    let whistle = cast
        .duty_officer
        .whistles()
        .sound_whistle(request)
        .await?
        .into_inner()
        .whistle
        .context("no whistle")?;
    teller.say("街道吹哨(综合执法·黄牌):区消防救援大队、区城市管理局、区住房和城乡建设局");
    Ok(whistle.whistle_id)
}

/// Step 4: two report in on time; one is late: reminder, then supervision, by themselves.
async fn be_late(cast: &Cast, clock: &Clock, teller: &Teller, whistle_id: &str) -> Result<()> {
    for (liaison, department) in [(&cast.fire, "fire-rescue"), (&cast.urban, "urban-management")] {
        clock.advance(SignedDuration::from_mins(12));
        liaison
            .whistles()
            .sign_for(pb::SignForRequest {
                whistle_id: whistle_id.into(),
                department_code: department.into(),
            })
            .await?;
        liaison
            .whistles()
            .make_contact(pb::MakeContactRequest {
                whistle_id: whistle_id.into(),
                department_code: department.into(),
            })
            .await?;
        clock.advance(SignedDuration::from_mins(40));
        liaison
            .whistles()
            .report_in(pb::ReportInRequest {
                whistle_id: whistle_id.into(),
                department_code: department.into(),
            })
            .await?;
    }
    teller.say("消防、城管按时签收、联系、报到;住建尚未签收");
    let due = due_of(cast, whistle_id, "housing", pb::ClockKind::ReportIn).await?;
    let reminded = step_until(cast, clock, whistle_id, due, |summons| summons.reminders > 0).await?;
    teller.say(&format!("系统自动催办住建(共{}次)", reminded.reminders));
    let supervised = step_until(cast, clock, whistle_id, due, |summons| {
        summons.supervised && is_overdue(summons, pb::ClockKind::ReportIn)
    })
    .await?;
    ensure!(supervised.phase() == pb::SummonsPhase::Called, "nobody of housing has acted");
    teller.say("报到时限已过,系统自动督办住建");
    clock.advance(SignedDuration::from_mins(35));
    cast.housing
        .whistles()
        .report_in(pb::ReportInRequest { whistle_id: whistle_id.into(), department_code: "housing".into() })
        .await?;
    teller.say("住建到场报到(逾期,已记录)");
    Ok(())
}

/// Step 5: they agree on tasks, work, hand in evidence; the sub-district accepts.
async fn work(cast: &Cast, clock: &Clock, teller: &Teller, whistle_id: &str) -> Result<()> {
    let parts = [
        (&cast.fire, "fire-rescue", "划定消防通道并设立标识", "已划线、设禁停标识,现场复核净宽4米。"),
        (&cast.housing, "housing", "督促物业落实消防通道日常巡查", "已约谈物业,签订巡查责任书。"),
        (&cast.urban, "urban-management", "清理占道杂物和违停车辆", "已清理杂物2车,劝离车辆5辆。"),
    ];
    for (_, department, task, _) in &parts {
        let task = pb::AgreeTaskRequest {
            whistle_id: whistle_id.into(),
            department_code: (*department).into(),
            task: (*task).into(),
        };
        cast.duty_officer.whistles().agree_task(task).await?;
    }
    teller.say("三部门在同一时间线上商定任务");
    for (liaison, department, _, summary) in &parts {
        clock.advance(SignedDuration::from_mins(50));
        let evidence = pb::HandInEvidenceRequest {
            whistle_id: whistle_id.into(),
            department_code: (*department).into(),
            text: (*summary).into(),
            references: vec![format!("evidence/{department}/1.jpg")],
        };
        liaison.whistles().hand_in_evidence(evidence).await?;
        let finish = pb::FinishSummonsRequest {
            whistle_id: whistle_id.into(),
            department_code: (*department).into(),
            summary: (*summary).into(),
        };
        liaison.whistles().finish_summons(finish).await?;
    }
    clock.advance(SignedDuration::from_mins(20));
    let accept = pb::AcceptResultRequest {
        whistle_id: whistle_id.into(),
        summary: "消防通道已畅通,长效管理办法已落实。".into(),
    };
    cast.duty_officer.whistles().accept_result(accept).await?;
    teller.say("三部门全部办结,街道验收通过");
    Ok(())
}

/// Step 6: the result is brought back; a "no" reopens the case, and after it is mended everybody is content.
async fn follow_up(cast: &Cast, clock: &Clock, teller: &Teller, case_id: &str) -> Result<()> {
    verify(cast, clock, case_id).await?;
    teller.say("社区现场核查通过,网格员逐户回访");
    let visits = waiting_visits(cast, case_id, 2).await?;
    rate(cast, &visits[0], grid::Rating::Satisfied).await?;
    rate(cast, &visits[1], grid::Rating::NotSatisfied).await?;
    wait_for("the case is reopened", || async {
        Ok(phase_of(cast, case_id).await? == pb::CasePhase::Handling)
    })
    .await?;
    teller.say("一位居民满意,一位不满意(夜间仍有车辆占道):案件自动重办");
    clock.advance(SignedDuration::from_hours(2));
    let summary = "加装夜间值守和可移动隔离桩,连续两晚核查无占道。";
    cast.duty_officer
        .cases()
        .settle_case(pb::SettleCaseRequest { case_id: case_id.into(), summary: summary.into() })
        .await?;
    verify(cast, clock, case_id).await?;
    for visit in waiting_visits(cast, case_id, 2).await? {
        rate(cast, &visit, grid::Rating::Satisfied).await?;
    }
    wait_for("the case is closed", || async { Ok(phase_of(cast, case_id).await? == pb::CasePhase::Closed) })
        .await?;
    teller.say("重办后两位居民均满意,案件结案");
    Ok(())
}

async fn verify(cast: &Cast, clock: &Clock, case_id: &str) -> Result<()> {
    clock.advance(SignedDuration::from_mins(30));
    let result = pb::VerificationResult::Confirmed as i32;
    cast.community_worker
        .cases()
        .verify_case(pb::VerifyCaseRequest {
            case_id: case_id.into(),
            result,
            finding: "现场查看,通道畅通".into(),
        })
        .await?;
    Ok(())
}

async fn rate(cast: &Cast, visit: &grid::FollowUpVisit, rating: grid::Rating) -> Result<()> {
    cast.grid_worker
        .visits()
        .record_follow_up_visit(grid::RecordFollowUpVisitRequest {
            visit_id: visit.visit_id.clone(),
            rating: rating as i32,
        })
        .await?;
    Ok(())
}

/// The visits of a case that wait, in the order of its reporters, as soon as the bus has brought them to grid.
async fn waiting_visits(cast: &Cast, case_id: &str, count: usize) -> Result<Vec<grid::FollowUpVisit>> {
    let list = || async {
        let request = grid::ListFollowUpVisitsRequest {
            area_code: cast.mishi.clone(),
            case_id: case_id.into(),
            waiting_only: true,
            page_size: 10,
            page_token: String::new(),
        };
        let mut visits = cast.grid_worker.visits().list_follow_up_visits(request).await?.into_inner().visits;
        visits.sort_by_key(|visit| visit.reporter);
        Ok::<_, anyhow::Error>(visits)
    };
    wait_for("the visits are opened", || async { Ok(list().await?.len() == count) }).await?;
    list().await
}

async fn phase_of(cast: &Cast, case_id: &str) -> Result<pb::CasePhase> {
    let case = cast
        .community_worker
        .cases()
        .get_case(pb::GetCaseRequest { case_id: case_id.into() })
        .await?
        .into_inner()
        .case;
    Ok(case.context("no case")?.phase())
}

async fn summons_of(cast: &Cast, whistle_id: &str, department: &str) -> Result<pb::Summons> {
    let whistle = cast
        .duty_officer
        .whistles()
        .get_whistle(pb::GetWhistleRequest { whistle_id: whistle_id.into() })
        .await?
        .into_inner()
        .whistle
        .context("no whistle")?;
    whistle
        .summonses
        .into_iter()
        .find(|summons| summons.department_code == department)
        .context("the department is not called")
}

async fn due_of(cast: &Cast, whistle_id: &str, department: &str, kind: pb::ClockKind) -> Result<Timestamp> {
    let summons = summons_of(cast, whistle_id, department).await?;
    let clock = summons.clocks.iter().find(|clock| clock.kind() == kind).context("no such clock")?;
    let due = clock.due_at.context("the clock has no end")?;
    Ok(Timestamp::new(due.seconds, due.nanos)?)
}

fn is_overdue(summons: &pb::Summons, kind: pb::ClockKind) -> bool {
    summons.clocks.iter().any(|clock| clock.kind() == kind && clock.overdue)
}

/// Moves the clock in steps towards an instant until something has happened by itself.
async fn step_until(
    cast: &Cast,
    clock: &Clock,
    whistle_id: &str,
    due: Timestamp,
    happened: impl Fn(&pb::Summons) -> bool,
) -> Result<pb::Summons> {
    for _ in 0..200 {
        let summons = summons_of(cast, whistle_id, "housing").await?;
        if happened(&summons) {
            return Ok(summons);
        }
        if clock.now() < due + SignedDuration::from_mins(2) {
            clock.advance(SignedDuration::from_mins(30));
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    anyhow::bail!("the late department was neither reminded nor supervised by itself")
}
