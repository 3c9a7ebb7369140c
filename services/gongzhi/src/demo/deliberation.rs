//! Step 7 of the story: nine cases in 米市新村 within a month raise a topic; the estate deliberates and votes; the resolution becomes goals with owners, days and money, and
//! these become a case and a whistle. It takes weeks, so it goes on between the sessions of the background whenever something is due.

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::grid::v1 as grid;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};

use super::actor::Stage;
use super::cast::Cast;
use super::teller::{Teller, wait_for};

/// 米市新村, the first of the eleven estates.
const ESTATE: &str = "330105001052001";
/// Households of the estate on the roll, and how many of them vote by slip and on paper.
const HOUSEHOLDS: usize = 60;
const BY_SLIP: usize = 38;
const ON_PAPER: usize = 7;
/// Days from the published agenda to the first vote, and for which votes are taken.
const OPENS_AFTER: i64 = 16;
const OPEN_FOR: i64 = 6;

/// How far it is.
enum Step {
    /// The ballot is published and opens.
    Waiting,
    /// Votes were cast.
    Voted,
    /// The resolution was adopted.
    Resolved { resolution_id: String },
    /// Its work was done as far as the story tells.
    Told,
}

/// The deliberation while the story goes on.
pub(crate) struct Deliberation<'a> {
    stage: &'a Stage,
    cast: &'a Cast,
    clock: &'a Clock,
    teller: &'a Teller,
    /// The topic, for the page that is told at the end.
    pub(crate) topic_id: String,
    ballot_id: String,
    codes: Vec<String>,
    opens_at: Timestamp,
    closes_at: Timestamp,
    step: Step,
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

impl<'a> Deliberation<'a> {
    /// From the nine cases to the published ballot.
    pub(crate) async fn begin(
        stage: &'a Stage,
        cast: &'a Cast,
        clock: &'a Clock,
        teller: &'a Teller,
    ) -> Result<Self> {
        for building in 1..=9 {
            is_reported_and_settled(cast, building).await?;
        }
        let topic_id = raised_topic(cast).await?;
        teller.say("米市新村一个月内九件电动车飞线充电:系统自动生成议题");
        let word = pb::WordTopicRequest {
            topic_id: topic_id.clone(),
            title: "电动自行车集中充电".into(),
            question: "充电棚建在哪里、钱从哪里来、谁来管,才能不再飞线充电?".into(),
        };
        cast.secretary.topics().word_topic(word).await?;
        let second = pb::ProposeTopicRequest {
            area_code: cast.mishi.clone(),
            title: "楼道杂物定期清理".into(),
            question: "楼道杂物多久清一次、由谁来清?".into(),
            category_code: "fire.stairwell.clutter".into(),
        };
        let second = cast.grid_worker.topics().propose_topic(second).await?.into_inner().topic;
        let second = second.context("no topic")?.topic_id;
        for (topic, doors) in [(&topic_id, 1..=28), (&second, 25..=36)] {
            for door in doors {
                supports(cast, topic, door).await?;
            }
        }
        teller.say("网格员入户:28户附议充电议题,12户附议楼道清理;按住户支持比例拟定议程");
        publishes_agenda(cast, clock).await?;
        teller.say("议程公示十五日,未经公示的事项不得表决");
        let (opens_at, closes_at) =
            (clock.now() + days(OPENS_AFTER), clock.now() + days(OPENS_AFTER + OPEN_FOR));
        let (ballot_id, codes) = prepares_ballot(cast, &topic_id, (opens_at, closes_at)).await?;
        let step = Step::Waiting;
        Ok(Self { stage, cast, clock, teller, topic_id, ballot_id, codes, opens_at, closes_at, step })
    }

    /// Does what is due by now.
    pub(crate) async fn go_on(&mut self) -> Result<()> {
        let now = self.clock.now();
        self.step = match &self.step {
            Step::Waiting if now >= self.opens_at => {
                self.votes().await?;
                Step::Voted
            }
            Step::Voted if now >= self.closes_at => Step::Resolved { resolution_id: self.resolves().await? },
            Step::Resolved { resolution_id } => {
                self.works(&resolution_id.clone()).await?;
                Step::Told
            }
            Step::Waiting | Step::Voted | Step::Told => return Ok(()),
        };
        Ok(())
    }

    /// Fails when the story ended before the deliberation did.
    pub(crate) fn ends(&self) -> Result<()> {
        ensure!(matches!(self.step, Step::Told), "the deliberation of 米市新村 did not come to its end");
        Ok(())
    }

    /// Some vote by their slips, some on paper that two people enter.
    async fn votes(&self) -> Result<()> {
        use pb::Choice::{Abstain, Against, For};
        for (nth, code) in self.codes.iter().take(BY_SLIP).enumerate() {
            let choice = if nth % 6 == 5 { Against } else { For } as i32;
            let request =
                pb::CastVoteRequest { ballot_id: self.ballot_id.clone(), code: code.clone(), choice };
            // Whoever votes is signed in nowhere.
            self.stage.ballots_of_anybody().cast_vote(request).await?;
        }
        for (nth, code) in self.codes.iter().skip(BY_SLIP).take(ON_PAPER).enumerate() {
            for who in [&self.cast.community_worker, &self.cast.second_worker] {
                let choice = if nth == 0 { Abstain } else { For } as i32;
                let request = pb::EnterPaperVoteRequest {
                    ballot_id: self.ballot_id.clone(),
                    code: code.clone(),
                    choice,
                };
                who.ballots().enter_paper_vote(request).await?;
            }
        }
        self.teller.say("无记名表决:38户凭选票码投票,7户纸质票由两人分别录入;谁投了什么无从得知");
        Ok(())
    }

    /// The ballot is counted and signed, and the resolution adopted.
    async fn resolves(&self) -> Result<String> {
        let request = pb::CloseBallotRequest { ballot_id: self.ballot_id.clone() };
        let closed = self.cast.secretary.ballots().close_ballot(request).await?.into_inner().ballot;
        let closed = closed.context("no ballot")?;
        ensure!(closed.outcome() == pb::BallotOutcome::Adopted, "{:?}", closed.count);
        let count = closed.count.context("no count")?;
        for who in [&self.cast.community_worker, &self.cast.second_worker] {
            let record_sha256 = closed.record_sha256.clone();
            let request = pb::SignBallotRecordRequest { ballot_id: self.ballot_id.clone(), record_sha256 };
            who.ballots().sign_ballot_record(request).await?;
        }
        self.teller.say(&format!(
            "计票:{} 户中 {} 户参加,{} 户同意,表决通过;计票记录可由任何人复算,摘要 {}…",
            count.total_heads,
            count.part_heads,
            count.for_heads,
            &closed.record_sha256[..12]
        ));
        let due_on = |in_days: i64| crate::demo::china_day(self.clock.now() + days(in_days));
        let goal =
            |kind: pb::GoalKind, text: &str, category: &str, in_days: i64, amount_fen: i64| pb::GoalDraft {
                text: text.into(),
                kind: kind as i32,
                category_code: category.into(),
                department_codes: match kind {
                    pb::GoalKind::Whistle => vec!["fire-rescue".into(), "urban-management".into()],
                    _ => vec![],
                },
                due_on: due_on(in_days),
                amount_fen,
            };
        let request = pb::AdoptResolutionRequest {
            topic_id: self.topic_id.clone(),
            text: "在7幢东侧建集中充电棚,费用由维修资金和公共收益分担;限期清理飞线充电,居民轮值巡查。".into(),
            basis: Some(pb::Basis { basis: Some(pb::basis::Basis::BallotId(self.ballot_id.clone())) }),
            goals: vec![
                goal(
                    pb::GoalKind::Case,
                    "两周内完成7幢东侧充电棚选址划线",
                    "fire.ebike.charging",
                    14,
                    8_600_000,
                ),
                goal(pb::GoalKind::Whistle, "一个月内清理全部飞线充电", "fire.ebike.charging", 30, 0),
                goal(pb::GoalKind::OwnWork, "楼组居民每周轮值巡查一次", "fire.ebike.charging", 90, 0),
            ],
        };
        let resolution = self.cast.secretary.resolutions().adopt_resolution(request).await?.into_inner();
        self.teller.say("形成决议:三项共同目标,各有责任、期限与专款;分别转为案件、吹哨与居民自办");
        Ok(resolution.resolution.context("no resolution")?.resolution_id)
    }

    /// What the goals became is done: the case by the community, the whistle by the departments.
    async fn works(&self, resolution_id: &str) -> Result<()> {
        let case_id = self.case_of(resolution_id, 0).await?;
        let settle =
            dispatch::SettleCaseRequest { case_id: case_id.clone(), summary: "选址划线完成".into() };
        self.cast.community_worker.cases().settle_case(settle).await?;
        is_verified_and_rated(self.cast, &case_id).await?;
        let whistled = self.case_of(resolution_id, 1).await?;
        let request = dispatch::GetCaseRequest { case_id: whistled };
        let case = self.cast.duty_officer.cases().get_case(request).await?.into_inner().case;
        let whistle_id = case.context("no case")?.whistle_id;
        for department in ["fire-rescue", "urban-management"] {
            self.cast.comes_and_finishes(department, &whistle_id).await?;
        }
        let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
        wait_for("the first goal is fulfilled", || async {
            let answer = self.cast.secretary.resolutions().get_resolution(request.clone()).await?;
            let resolution = answer.into_inner().resolution.context("no resolution")?;
            Ok(resolution.goals.first().is_some_and(|goal| goal.status() == pb::GoalStatus::Fulfilled))
        })
        .await?;
        self.teller.say("第一项目标已落实并经居民回访;消防、城管已到场清理飞线:承诺与结果在决议页并排公开");
        Ok(())
    }

    /// The case that a goal became, as soon as the bus has brought it back.
    async fn case_of(&self, resolution_id: &str, nth: usize) -> Result<String> {
        let look = || async {
            let request = pb::GetResolutionRequest { resolution_id: resolution_id.into() };
            let answer = self.cast.secretary.resolutions().get_resolution(request).await?.into_inner();
            let mut goals = answer.resolution.context("no resolution")?.goals;
            Ok::<_, anyhow::Error>(goals.swap_remove(nth).case_id)
        };
        wait_for("the goal has become a case", || async { Ok(!look().await?.is_empty()) }).await?;
        look().await
    }
}

/// A case at the estate, from the report to the judgement of the result.
async fn is_reported_and_settled(cast: &Cast, building: u32) -> Result<()> {
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
async fn is_verified_and_rated(cast: &Cast, case_id: &str) -> Result<()> {
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
async fn raised_topic(cast: &Cast) -> Result<String> {
    let look = || async {
        let request = pb::ListTopicsRequest { area_code: cast.mishi.clone(), ..Default::default() };
        let topics = cast.secretary.topics().list_topics(request).await?.into_inner().topics;
        Ok::<_, anyhow::Error>(topics.into_iter().find(|topic| topic.area_code == ESTATE))
    };
    wait_for("a topic is raised", || async { Ok(look().await?.is_some()) }).await?;
    Ok(look().await?.context("no topic")?.topic_id)
}

async fn supports(cast: &Cast, topic_id: &str, door: u32) -> Result<()> {
    let building = door % 9 + 1;
    let request = pb::SupportTopicRequest {
        topic_id: topic_id.into(),
        household: format!("{building}-1-{door}"),
        building_code: format!("{ESTATE}{building:03}"),
    };
    cast.grid_worker.topics().support_topic(request).await?;
    Ok(())
}

async fn publishes_agenda(cast: &Cast, clock: &Clock) -> Result<()> {
    let request = pb::DrawUpAgendaRequest {
        area_code: cast.mishi.clone(),
        title: "米市新村居民议事会".into(),
        meets_at: Some(to_wire(clock.now() + days(OPENS_AFTER))),
        places: 4,
        lot_source: "议事会当日公开摇号".into(),
    };
    let agenda = cast.community_worker.agendas().draw_up_agenda(request).await?.into_inner().agenda;
    let request = pb::PublishAgendaRequest { agenda_id: agenda.context("no agenda")?.agenda_id };
    cast.community_worker.agendas().publish_agenda(request).await?;
    Ok(())
}

/// The ballot with its roll, published and printed; gives it and the codes of its slips.
async fn prepares_ballot(
    cast: &Cast,
    topic_id: &str,
    (opens_at, closes_at): (Timestamp, Timestamp),
) -> Result<(String, Vec<String>)> {
    let request = pb::PrepareBallotRequest {
        topic_id: topic_id.into(),
        question: "是否同意在7幢东侧建集中充电棚,并限期清理飞线充电?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: Some(to_wire(opens_at)),
        closes_at: Some(to_wire(closes_at)),
    };
    let worker = &cast.community_worker;
    let ballot = worker.ballots().prepare_ballot(request).await?.into_inner().ballot;
    let ballot_id = ballot.context("no ballot")?.ballot_id;
    let electors = vec![pb::Elector::default(); HOUSEHOLDS];
    let request = pb::EnterElectorsRequest { ballot_id: ballot_id.clone(), first_number: 1, electors };
    worker.ballots().enter_electors(request).await?;
    let request = pb::PublishBallotRequest { ballot_id: ballot_id.clone() };
    worker.ballots().publish_ballot(request).await?;
    let request = pb::PrintSlipsRequest { ballot_id: ballot_id.clone() };
    let codes = worker.ballots().print_slips(request).await?.into_inner().codes;
    Ok((ballot_id, codes))
}
