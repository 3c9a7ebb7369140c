//! A small world: one sub-district of a district with its people, replicas of all services in this process, and a clock that the story moves.

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::{outbox, parked, run};
use gongzhi_harness::{Bench, Person, replicas, wait_until};
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::grid::v1 as grid;
use gongzhi_proto::grid::v1::follow_up_service_client::FollowUpServiceClient;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::reporting::v1 as reporting;
use gongzhi_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

/// The services of this world.
pub const SCHEMAS: [&str; 5] = [
    gongzhi_organization::NAME,
    gongzhi_dispatch::NAME,
    gongzhi_grid::NAME,
    gongzhi_deliberation::NAME,
    gongzhi_reporting::NAME,
];

/// The world and its people.
pub struct World {
    pub bench: Bench,
    pub clock: Clock,
    /// 网格员 of the community.
    pub grid_worker: Person,
    /// 社区工作者 of the community, and another one.
    pub community: Person,
    pub second_worker: Person,
    /// 社区书记
    pub secretary: Person,
    /// 街道值守
    pub officer: Person,
    /// 街道分管领导
    pub leader: Person,
    /// 区级仲裁员
    pub arbiter: Person,
    pub fire: Person,
    pub urban: Person,
    pub housing: Person,
}

/// Monday, 09:30 in Hangzhou; the week before it and after it have no holidays.
pub const MONDAY_MORNING: &str = "2026-11-09T01:30:00Z";

impl World {
    /// A world on a Monday morning.
    pub async fn new() -> Result<Self> {
        Self::with_replicas(replicas()?).await
    }

    /// The same with so many replicas of every service.
    pub async fn with_replicas(replicas: usize) -> Result<Self> {
        let clock = Clock::starting_at(MONDAY_MORNING.parse()?);
        let mut bench = Bench::at(clock.clone()).await?;
        bench.migrate(gongzhi_organization::NAME, &gongzhi_organization::MIGRATIONS).await?;
        bench.migrate(gongzhi_dispatch::NAME, &gongzhi_dispatch::MIGRATIONS).await?;
        bench.migrate(gongzhi_grid::NAME, &gongzhi_grid::MIGRATIONS).await?;
        bench.migrate(gongzhi_deliberation::NAME, &gongzhi_deliberation::MIGRATIONS).await?;
        bench.migrate(gongzhi_reporting::NAME, &gongzhi_reporting::MIGRATIONS).await?;
        for _ in 0..replicas {
            let services = services(&bench.context).await?;
            bench.serve_beside(services).await?;
        }
        let (district, sub_district, community) = (bench.area(""), bench.area("001"), bench.area("001052"));
        register_departments(&bench).await?;
        Ok(Self {
            grid_worker: bench.person("POST_GRID_WORKER", &community),
            community: bench.person("POST_COMMUNITY_WORKER", &community),
            second_worker: bench.person("POST_COMMUNITY_WORKER", &community),
            secretary: bench.person("POST_COMMUNITY_SECRETARY", &community),
            officer: bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &sub_district),
            leader: bench.person("POST_SUB_DISTRICT_LEADER", &sub_district),
            arbiter: bench.person("POST_DISTRICT_ARBITER", &district),
            fire: bench.liaison("fire-rescue"),
            urban: bench.liaison("urban-management"),
            housing: bench.liaison("housing"),
            clock,
            bench,
        })
    }

    /// A report of an obstructed fire lane at a spot of the first estate.
    pub fn report(&self, spot: &str) -> pb::RegisterCaseRequest {
        pb::RegisterCaseRequest {
            category_code: "fire.lane.obstructed".into(),
            urgency: pb::Urgency::Normal as i32,
            title: "消防通道被占用".into(),
            description: "楼前消防通道停满车辆".into(),
            place: Some(pb::Place {
                area_code: self.bench.area("001052001").to_string(),
                spot: spot.into(),
                ..pb::Place::default()
            }),
            contact: "晚上敲门".into(),
            distinct_from: vec![],
        }
    }

    pub async fn registers(&self, spot: &str) -> Result<String> {
        let answer = cases(&self.grid_worker).register_case(self.report(spot)).await?.into_inner();
        Ok(answer.case.context("no case")?.case_id)
    }

    /// A case that the three parties found beyond them and that climbed to the sub-district.
    pub async fn climbed(&self, spot: &str) -> Result<String> {
        let case_id = self.registers(spot).await?;
        let mut calls = cases(&self.community);
        calls.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await?;
        calls.convene_consultation(pb::ConveneConsultationRequest { case_id: case_id.clone() }).await?;
        let outcome = pb::ConsultationOutcome::BeyondEstate as i32;
        calls
            .conclude_consultation(pb::ConcludeConsultationRequest {
                case_id: case_id.clone(),
                outcome,
                minutes: "需部门执法".into(),
            })
            .await?;
        calls
            .climb_case(pb::ClimbCaseRequest {
                case_id: case_id.clone(), reason: "超出小区能力".into()
            })
            .await?;
        Ok(case_id)
    }

    /// A yellow whistle to departments.
    pub async fn sounds(&self, case_id: &str, departments: &[&str]) -> Result<String> {
        let request = pb::SoundWhistleRequest {
            case_id: case_id.into(),
            kind: pb::WhistleKind::JointEnforcement as i32,
            level: pb::WhistleLevel::Yellow as i32,
            department_codes: departments.iter().map(|code| (*code).to_owned()).collect(),
            request: "请联合清理消防通道".into(),
        };
        Ok(whistles(&self.officer)
            .sound_whistle(request)
            .await?
            .into_inner()
            .whistle
            .context("no whistle")?
            .whistle_id)
    }

    pub async fn whistle(&self, whistle_id: &str) -> Result<pb::Whistle> {
        let answer = whistles(&self.officer)
            .get_whistle(pb::GetWhistleRequest { whistle_id: whistle_id.into() })
            .await?;
        answer.into_inner().whistle.context("no whistle")
    }

    pub async fn summons(&self, whistle_id: &str, department: &str) -> Result<pb::Summons> {
        let whistle = self.whistle(whistle_id).await?;
        whistle
            .summonses
            .into_iter()
            .find(|summons| summons.department_code == department)
            .context("not called")
    }

    pub async fn case(&self, case_id: &str) -> Result<pb::Case> {
        let answer = cases(&self.community).get_case(pb::GetCaseRequest { case_id: case_id.into() }).await?;
        answer.into_inner().case.context("no case")
    }

    /// The names of everything that happened to a case and its whistles.
    pub async fn happened(&self, case_id: &str) -> Result<Vec<String>> {
        let request =
            pb::GetTimelineRequest { case_id: case_id.into(), page_size: 500, page_token: String::new() };
        let entries = cases(&self.community).get_timeline(request).await?.into_inner().entries;
        Ok(entries.into_iter().map(|entry| entry.event).collect())
    }

    /// One department does its part from signing to the end.
    pub async fn does_its_part(&self, whistle_id: &str, who: &Person, department: &str) -> Result<()> {
        let mut calls = whistles(who);
        let (whistle_id, department_code) = (whistle_id.to_owned(), department.to_owned());
        calls
            .report_in(pb::ReportInRequest {
                whistle_id: whistle_id.clone(),
                department_code: department_code.clone(),
            })
            .await?;
        calls
            .finish_summons(pb::FinishSummonsRequest {
                whistle_id,
                department_code,
                summary: "已处置".into(),
            })
            .await?;
        Ok(())
    }

    /// Settled and verified, so that visits open.
    pub async fn verified(&self, case_id: &str) -> Result<()> {
        let result = pb::VerificationResult::Confirmed as i32;
        cases(&self.community)
            .verify_case(pb::VerifyCaseRequest { case_id: case_id.into(), result, finding: "属实".into() })
            .await?;
        Ok(())
    }

    /// Waits for the visits that the bus brings, and records what each reporter says.
    pub async fn is_rated(&self, case_id: &str, ratings: &[grid::Rating]) -> Result<()> {
        let area_code = self.bench.area("001052").to_string();
        let request = grid::ListFollowUpVisitsRequest {
            area_code,
            case_id: case_id.into(),
            waiting_only: true,
            page_size: 50,
            page_token: String::new(),
        };
        let visits = wait_until("the visits are opened", || async {
            let mut visits =
                visits(&self.grid_worker).list_follow_up_visits(request.clone()).await?.into_inner().visits;
            visits.sort_by_key(|visit| visit.reporter);
            Ok(if visits.len() == ratings.len() {
                Ok(visits)
            } else {
                Err(format!("{} visits", visits.len()))
            })
        })
        .await?;
        for (visit, rating) in visits_and(visits, ratings) {
            let request = grid::RecordFollowUpVisitRequest { visit_id: visit, rating: rating as i32 };
            self::visits(&self.grid_worker).record_follow_up_visit(request).await?;
        }
        Ok(())
    }

    pub async fn reaches(&self, case_id: &str, phase: pb::CasePhase) -> Result<pb::Case> {
        wait_until("the case gets there", || async {
            let case = self.case(case_id).await?;
            Ok(if case.phase() == phase { Ok(case) } else { Err(format!("{:?}", case.phase())) })
        })
        .await
    }

    pub async fn board(&self) -> Result<reporting::Board> {
        let area_code = self.bench.area("001").to_string();
        let answer = ReportingServiceClient::new(self.officer.calls())
            .get_board(reporting::GetBoardRequest { area_code })
            .await?;
        answer.into_inner().board.context("no board")
    }

    /// Lets time pass in small steps, in each of which everything happens that is due.
    pub async fn passes(&self, time: SignedDuration, steps: i32) -> Result<()> {
        for _ in 0..steps {
            self.clock.advance(time / steps);
            for schema in SCHEMAS {
                let writer = self.bench.context.writer(schema).await?;
                wait_until("nothing is due any more", || async {
                    let due: i64 = sqlx::query_scalar("select count(*) from aggregates where due_at <= $1")
                        .bind(self.clock.now().to_sqlx())
                        .fetch_one(writer.pool())
                        .await?;
                    Ok(if due == 0 { Ok(()) } else { Err(format!("{due} are due in {schema}")) })
                })
                .await?;
            }
        }
        Ok(())
    }

    /// Ends the world: nothing waits to be told, nothing is parked, every chain holds.
    pub async fn ends_well(self) -> Result<()> {
        for schema in SCHEMAS {
            let writer = self.bench.context.writer(schema).await?;
            wait_until("everything is relayed", || async {
                let waiting = outbox::waiting(writer.pool()).await?;
                Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} wait in {schema}")) })
            })
            .await?;
            let parked = parked::list(writer.pool(), 0, 10).await?;
            ensure!(parked.is_empty(), "{schema} parked {parked:?}");
            let (_, breaks) = gongzhi_chassis::history::verify(writer.pool()).await?;
            ensure!(breaks.is_empty(), "{schema}: {breaks:?}");
        }
        self.bench.stop().await
    }
}

/// The services of a world.
pub async fn services(context: &run::Context) -> Result<Vec<run::Service>> {
    Ok(vec![
        gongzhi_organization::service(context).await?,
        gongzhi_dispatch::service(context).await?,
        gongzhi_grid::service(context).await?,
        gongzhi_deliberation::service(context).await?,
        gongzhi_reporting::service(context).await?,
    ])
}

/// Registers the departments, and waits until dispatch has heard of them over the bus.
async fn register_departments(bench: &Bench) -> Result<()> {
    let operator = bench.person("POST_PLATFORM_OPERATOR", &bench.area(""));
    let mut calls = DepartmentServiceClient::new(operator.calls());
    let names = [
        ("fire-rescue", "区消防救援大队", "Fire and Rescue Brigade"),
        ("housing", "区住房和城乡建设局", "Housing Bureau"),
        ("urban-management", "区城市管理局", "Urban Management Bureau"),
    ];
    for (code, name_zh, name_en) in names {
        let area_code = bench.area("").to_string();
        calls
            .register_department(organization::RegisterDepartmentRequest {
                department_code: code.into(),
                name_zh: name_zh.into(),
                name_en: name_en.into(),
                area_code,
            })
            .await?;
    }
    let dispatch = bench.context.writer(gongzhi_dispatch::NAME).await?;
    wait_until("dispatch knows the departments", || async {
        let known: i64 =
            sqlx::query_scalar("select count(*) from departments").fetch_one(dispatch.pool()).await?;
        Ok(if known == 3 { Ok(()) } else { Err(format!("{known} known")) })
    })
    .await
}

fn visits_and(visits: Vec<grid::FollowUpVisit>, ratings: &[grid::Rating]) -> Vec<(String, grid::Rating)> {
    visits.into_iter().map(|visit| visit.visit_id).zip(ratings.iter().copied()).collect()
}

pub fn cases(person: &Person) -> CaseServiceClient<gongzhi_chassis::client::Calling> {
    CaseServiceClient::new(person.calls())
}

pub fn whistles(person: &Person) -> WhistleServiceClient<gongzhi_chassis::client::Calling> {
    WhistleServiceClient::new(person.calls())
}

pub fn visits(person: &Person) -> FollowUpServiceClient<gongzhi_chassis::client::Calling> {
    FollowUpServiceClient::new(person.calls())
}

/// The reason that a refusal gives.
pub fn reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt;
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// An instant of an answer.
pub fn at(instant: Option<prost_types::Timestamp>) -> Timestamp {
    gongzhi_proto::time::from_wire(instant.as_ref()).expect("an instant")
}
