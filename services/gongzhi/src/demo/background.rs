//! A believable background: some hundred cases over the whole district from templates, so that boards have something to show. Deterministic: the
//! same district and the same number of days give the same cases. Figures made here are marked as made in what the demo prints.

use anyhow::{Context, Result};
use gongzhi_chassis::clock::Clock;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::grid::v1 as grid;
use jiff::SignedDuration;

use super::cast::{Cast, District};
use super::teller::Teller;

/// What residents report: category, title, how likely the community settles it alone (of ten).
const TEMPLATES: [(&str, &str, u32); 10] = [
    ("fire.lane.obstructed", "消防通道堆放杂物", 6),
    ("traffic.parking.irregular", "小区车辆乱停放", 8),
    ("environment.rubbish.uncollected", "垃圾投放点满溢", 9),
    ("environment.noise.neighbourhood", "夜间噪声扰民", 7),
    ("utilities.drain.blocked", "下水道堵塞反水", 6),
    ("housing.elevator.fault", "电梯停运", 5),
    ("municipal.lamp.broken", "路灯不亮", 7),
    ("fire.stairwell.clutter", "楼道堆物", 9),
    ("fire.ebike.charging", "电动车飞线充电", 7),
    ("civil.elderly.care", "独居老人上门探访", 9),
];

/// A small generator of numbers that are the same every time (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % u64::from(below.max(1))) as u32
    }
}

/// A case of the background on its way.
struct Going {
    case_id: String,
    place: usize,
    area_code: String,
    alone: bool,
    /// Working sessions it still takes.
    takes: u32,
    stage: Stage,
}

#[derive(Clone, PartialEq, Eq)]
enum Stage {
    Registered,
    Accepted,
    /// Departments are called by a whistle.
    Called(String),
    Settled,
    Visited,
    /// Left as it is, so that boards have open and overdue cases.
    Resting,
}

/// The background while it grows.
pub(crate) struct Background {
    numbers: Numbers,
    going: Vec<Going>,
    /// Cases that it comes to, and over how many sessions.
    cases: u32,
    sessions: u32,
    session: u32,
    /// How many cases were registered.
    pub(crate) registered: usize,
}

/// Minutes from one session of work to the next: two in the morning, two in the afternoon, then the night.
const PAUSES: [i64; 4] = [90, 180, 90, 1080];

/// Sessions of a day.
pub(crate) const SESSIONS: u32 = PAUSES.len() as u32;

impl Background {
    /// An empty one that comes to so many cases over so many days.
    pub(crate) fn new(cases: u32, days: u32) -> Self {
        let sessions = (days * SESSIONS).max(1);
        Self { numbers: Numbers(20_211_115), going: Vec::new(), cases, sessions, session: 0, registered: 0 }
    }

    /// One session of work in the whole district: some cases come, others move on. Tells how long it is until the next.
    pub(crate) async fn work(
        &mut self,
        district: &District,
        cast: &Cast,
        teller: &Teller,
    ) -> Result<SignedDuration> {
        let until = |session: u32| self.cases * session.min(self.sessions) / self.sessions;
        let comes = until(self.session + 1) - until(self.session);
        for _ in 0..comes {
            self.register(district).await?;
            teller.done(1);
        }
        let mut going = std::mem::take(&mut self.going);
        for case in &mut going {
            if case.takes > 0 {
                case.takes -= 1;
                continue;
            }
            self.move_on(district, cast, case).await.with_context(|| format!("case {}", case.case_id))?;
        }
        self.going = going;
        let pause = PAUSES[(self.session % SESSIONS) as usize];
        self.session += 1;
        Ok(SignedDuration::from_mins(pause))
    }

    async fn register(&mut self, district: &District) -> Result<()> {
        let place_of = self.numbers.next(district.places.len() as u32) as usize;
        let place = &district.places[place_of];
        let community = &place.communities[self.numbers.next(place.communities.len() as u32) as usize];
        let (category, title, alone) = TEMPLATES[self.numbers.next(TEMPLATES.len() as u32) as usize];
        let nth = self.registered;
        let request = pb::RegisterCaseRequest {
            category_code: category.into(),
            urgency: pb::Urgency::Normal as i32,
            title: title.into(),
            description: format!("{title}(示例案件,由模板生成)"),
            place: Some(pb::Place {
                area_code: community.clone(),
                spot: format!("示例地点{nth}"),
                ..pb::Place::default()
            }),
            contact: String::new(),
            distinct_from: vec![],
        };
        let case =
            place.officer.cases().register_case(request).await?.into_inner().case.context("no case")?;
        self.registered += 1;
        let alone = self.numbers.next(10) < alone;
        self.going.push(Going {
            case_id: case.case_id,
            place: place_of,
            area_code: community.clone(),
            alone,
            // Most are accepted at the next session, in time; some lie.
            takes: self.numbers.next(8) / 6,
            stage: Stage::Registered,
        });
        Ok(())
    }

    async fn move_on(&mut self, district: &District, cast: &Cast, case: &mut Going) -> Result<()> {
        let officer = &district.places[case.place].officer;
        let case_id = case.case_id.clone();
        case.takes = 1 + self.numbers.next(3);
        case.stage = match case.stage.clone() {
            Stage::Called(whistle_id) => self.answer(district, cast, case, whistle_id).await?,
            Stage::Registered => {
                officer.cases().accept_case(pb::AcceptCaseRequest { case_id }).await?;
                // One in twelve is never worked on: its clock runs out and the board shows it.
                if self.numbers.next(12) == 0 { Stage::Resting } else { Stage::Accepted }
            }
            Stage::Accepted if case.alone => {
                officer
                    .cases()
                    .settle_case(pb::SettleCaseRequest { case_id, summary: "已现场处置完毕".into() })
                    .await?;
                Stage::Settled
            }
            Stage::Accepted => {
                officer
                    .cases()
                    .climb_case(pb::ClimbCaseRequest {
                        case_id: case_id.clone(),
                        reason: "需部门支持".into(),
                    })
                    .await?;
                case.alone = true;
                case.takes += 2;
                if self.numbers.next(2) == 0 {
                    self.whistle(district, case, case_id).await?
                } else {
                    Stage::Accepted
                }
            }
            Stage::Settled => {
                let result = pb::VerificationResult::Confirmed as i32;
                officer
                    .cases()
                    .verify_case(pb::VerifyCaseRequest {
                        case_id, result, finding: "现场核查属实".into()
                    })
                    .await?;
                Stage::Visited
            }
            Stage::Visited => self.visit(district, case).await?,
            Stage::Resting => Stage::Resting,
        };
        Ok(())
    }

    async fn whistle(&mut self, district: &District, case: &Going, case_id: String) -> Result<Stage> {
        let departments = [
            vec!["urban-management"],
            vec!["housing", "fire-rescue"],
            vec!["fire-rescue", "urban-management"],
        ];
        let called = &departments[self.numbers.next(3) as usize];
        let request = pb::SoundWhistleRequest {
            case_id,
            kind: pb::WhistleKind::PriorityWork as i32,
            level: pb::WhistleLevel::Blue as i32,
            department_codes: called.iter().map(|code| (*code).to_owned()).collect(),
            request: "请到场协助处置(示例)".into(),
        };
        let mut whistles = district.places[case.place].officer.whistles();
        let sounded = whistles.sound_whistle(request).await?.into_inner().whistle.context("no whistle")?;
        Ok(Stage::Called(sounded.whistle_id))
    }

    /// Called departments come and do their part, now and then one of them lets it lie; when all are done the sub-district accepts.
    async fn answer(
        &mut self,
        district: &District,
        cast: &Cast,
        case: &Going,
        whistle_id: String,
    ) -> Result<Stage> {
        let mut officer = district.places[case.place].officer.whistles();
        let asked = pb::GetWhistleRequest { whistle_id: whistle_id.clone() };
        let whistle = officer.get_whistle(asked).await?.into_inner().whistle.context("no whistle")?;
        let mut silent = false;
        for summons in whistle.summonses.iter().filter(|summons| summons.phase() != pb::SummonsPhase::Done) {
            if self.numbers.next(5) == 0 {
                silent = true;
                continue;
            }
            cast.comes_and_finishes(&summons.department_code, &whistle_id).await?;
        }
        if silent {
            return Ok(Stage::Called(whistle_id));
        }
        officer
            .accept_result(pb::AcceptResultRequest {
                whistle_id, summary: "联合处置完成(示例)".into()
            })
            .await?;
        Ok(Stage::Settled)
    }

    /// Brings the result back: mostly content, sometimes not, sometimes nobody is at home.
    async fn visit(&mut self, district: &District, case: &Going) -> Result<Stage> {
        let officer = &district.places[case.place].officer;
        let request = grid::ListFollowUpVisitsRequest {
            area_code: case.area_code.clone(),
            case_id: case.case_id.clone(),
            waiting_only: true,
            page_size: 10,
            page_token: String::new(),
        };
        let visits = officer.visits().list_follow_up_visits(request).await?.into_inner().visits;
        for visit in &visits {
            let rating = match self.numbers.next(20) {
                0 => grid::Rating::NotSatisfied,
                1 | 2 => grid::Rating::NotReached,
                3..=7 => grid::Rating::FairlySatisfied,
                _ => grid::Rating::Satisfied,
            };
            officer
                .visits()
                .record_follow_up_visit(grid::RecordFollowUpVisitRequest {
                    visit_id: visit.visit_id.clone(),
                    rating: rating as i32,
                })
                .await?;
        }
        Ok(if visits.is_empty() { Stage::Visited } else { Stage::Resting })
    }
}

/// Lets so much time of the story pass in steps, so that what happens by itself happens when it is due and not all at the end.
pub(crate) async fn pass(clock: &Clock, time: SignedDuration, steps: i32) -> Result<()> {
    for _ in 0..steps {
        clock.advance(time / steps);
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    Ok(())
}
