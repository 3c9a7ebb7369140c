//! A town that tells facts: a bench with reporting's schema, a stream, and short ways to say what happened.

use std::sync::Arc;

use anyhow::Result;
use gongzhi_chassis::bus::Outgoing;
use gongzhi_chassis::client::Calling;
use gongzhi_chassis::inbox::{self, Position};
use gongzhi_harness::{Bench, Person, wait_until};
use gongzhi_proto::Fact;
use gongzhi_proto::dispatch::v1::{self as facts, ClockKind, Rung};
use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use gongzhi_proto::organization::v1::{DivisionLevel, DivisionListed};
use gongzhi_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use gongzhi_proto::reporting::v1::{Board, Figures, GetBoardRequest};
use gongzhi_proto::subjects::Audience;
use gongzhi_reporting::{MIGRATIONS, NAME, Reactions};
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// When the town's first fact happens: nine in the morning there. Each later one happens a minute after.
const MORNING: &str = "2026-11-23T01:00:00Z";

pub struct Town {
    pub bench: Bench,
    pub pool: PgPool,
    at: Timestamp,
    /// How many messages were published, duplicates included.
    pub published: u64,
    /// Everything told so far.
    pub told: Vec<Envelope>,
}

/// One fact about a case: where, who is addressed, what.
pub type Said = (AreaCode, Audience, Fact);

impl Town {
    pub async fn new() -> Result<Self> {
        let bench = Bench::new().await?;
        bench.migrate(NAME, &MIGRATIONS).await?;
        let pool = bench.context.writer(NAME).await?.pool().clone();
        Ok(Self { bench, pool, at: MORNING.parse()?, published: 0, told: Vec::new() })
    }

    pub async fn served() -> Result<Self> {
        let mut town = Self::new().await?;
        town.bench.serve(vec![gongzhi_reporting::service(&town.bench.context).await?]).await?;
        Ok(town)
    }

    /// The id of a case or whistle by a name.
    pub fn id(name: &str) -> String {
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }

    /// When something is due, `minutes` after the town's morning.
    pub fn due(minutes: i64) -> Option<prost_types::Timestamp> {
        let morning: Timestamp = MORNING.parse().expect("the morning is an instant");
        Some(prost_types::Timestamp { seconds: morning.as_second() + minutes * 60, nanos: 0 })
    }

    /// Lets time pass before the next fact.
    pub fn later(&mut self, by: SignedDuration) {
        self.at += by;
    }

    /// Publishes facts, each a minute after the one before.
    pub async fn tell(&mut self, said: impl IntoIterator<Item = Said>) -> Result<()> {
        let mut batch = Vec::new();
        for (area, audience, fact) in said {
            let nth = self.told.len() as i64;
            let meta = Meta {
                event_id: Uuid::new_v5(&Uuid::NAMESPACE_URL, &nth.to_be_bytes()),
                aggregate_kind: "case",
                aggregate_id: format!("{nth}"),
                version: 1,
                at: self.at,
                area,
                audience,
                actor: "system:test".into(),
                traceparent: None,
            };
            self.at += SignedDuration::from_mins(1);
            let envelope = Envelope::seal(&fact, meta)?;
            batch.push(outgoing(&envelope, envelope.id)?);
            self.told.push(envelope);
        }
        self.publish(batch).await
    }

    /// Publishes everything again, as a rebuilt stream would: the same facts in messages that the server does not know.
    pub async fn tell_all_again(&mut self) -> Result<()> {
        let again =
            self.told.iter().map(|envelope| outgoing(envelope, Uuid::now_v7())).collect::<Result<_>>()?;
        self.publish(again).await
    }

    async fn publish(&mut self, batch: Vec<Outgoing>) -> Result<()> {
        for part in batch.chunks(500) {
            self.bench.context.bus.publish(part).await?;
        }
        self.published += batch.len() as u64;
        Ok(())
    }

    /// Waits until everything that was published has had its effect, and checks that nothing was parked.
    pub async fn heard(&self) -> Result<()> {
        wait_until("everything is consumed", || async {
            let read: Option<i64> =
                sqlx::query_scalar("select sequence from inbox_cursors").fetch_optional(&self.pool).await?;
            let read = read.unwrap_or_default().unsigned_abs();
            Ok(if read == self.published { Ok(()) } else { Err(format!("{read} of {}", self.published)) })
        })
        .await?;
        let parked: Vec<String> =
            sqlx::query_scalar("select reason from parked").fetch_all(&self.pool).await?;
        anyhow::ensure!(parked.is_empty(), "parked: {parked:?}");
        Ok(())
    }

    /// Consumes beside or instead of the service, as another replica does.
    pub fn consumer(&self) -> Result<(CancellationToken, JoinHandle<()>)> {
        let stop = CancellationToken::new();
        let (sender, _) = watch::channel(Position::default());
        let writer =
            gongzhi_chassis::execute::Writer::new(self.pool.clone(), self.bench.context.clock.clone(), NAME);
        let consumer =
            inbox::consume(writer, self.bench.context.bus.clone(), Arc::new(Reactions), sender, stop.clone());
        Ok((stop, tokio::spawn(consumer)))
    }

    /// The board as a person sees it.
    pub async fn board(&self, person: &Person, area: &str) -> Result<Board> {
        let request = GetBoardRequest { area_code: self.bench.area(area).to_string() };
        let answer = client(person).get_board(request).await?.into_inner();
        Ok(answer.board.expect("a board is always there"))
    }

    pub fn officer_of_all(&self) -> Person {
        self.bench.person("POST_PLATFORM_OPERATOR", &self.bench.area(""))
    }

    /// To everybody in an area of this district.
    pub fn say(&self, area: &str, fact: impl Into<Fact>) -> Said {
        (self.bench.area(area), Audience::All, fact.into())
    }

    pub fn listed(&self, area: &str, name: &str) -> Said {
        let level = match area.len() {
            0 => DivisionLevel::District,
            3 => DivisionLevel::SubDistrict,
            _ => DivisionLevel::Community,
        };
        let area_code = self.bench.area(area).to_string();
        self.say(area, DivisionListed { area_code, name: name.into(), level: level.into() })
    }

    pub fn registered(&self, area: &str, case: &str, category: &str) -> Said {
        let fact = facts::CaseRegistered {
            case_id: Self::id(case),
            area_code: self.bench.area(area).to_string(),
            category_code: category.into(),
            accept_due_at: Self::due(120),
            ..Default::default()
        };
        self.say(area, fact)
    }

    pub fn accepted(&self, area: &str, case: &str, late: bool) -> Said {
        self.say(area, facts::CaseAccepted { case_id: Self::id(case), answer_due_at: Self::due(960), late })
    }

    pub fn overdue(&self, area: &str, case: &str, clock: ClockKind) -> Said {
        self.say(
            area,
            facts::CaseOverdue { case_id: Self::id(case), clock: clock.into(), due_at: Self::due(1) },
        )
    }

    pub fn settled(&self, area: &str, case: &str, round: i32) -> Said {
        let rung = Rung::Community.into();
        self.say(area, facts::CaseSettled { case_id: Self::id(case), round, late: false, rung })
    }

    pub fn rated(&self, area: &str, case: &str, reporter: i32, rating: &str) -> Said {
        let rating = rating.to_owned();
        self.say(area, facts::CaseRated { case_id: Self::id(case), round: 1, reporter, rating })
    }

    pub fn reopened(&self, area: &str, case: &str) -> Said {
        let answer_due_at = Self::due(2000);
        self.say(area, facts::CaseReopened { case_id: Self::id(case), round: 2, answer_due_at })
    }

    pub fn voided(&self, area: &str, case: &str) -> Said {
        self.say(area, facts::CaseVoided { case_id: Self::id(case) })
    }

    /// One fact per called department, as dispatch tells it.
    pub fn whistled(&self, area: &str, case: &str, whistle: &str, departments: &[&str]) -> Vec<Said> {
        let all: Vec<String> = departments.iter().map(ToString::to_string).collect();
        let fact = |department: &&str| {
            let fact = facts::WhistleSounded {
                whistle_id: Self::id(whistle),
                case_id: Self::id(case),
                department_code: department.to_string(),
                department_codes: all.clone(),
                category_code: "fire.lane.obstructed".into(),
                report_in_due_at: Self::due(60),
                ..Default::default()
            };
            let audience =
                Audience::Department(DepartmentCode::parse(department).expect("a department's code"));
            (self.bench.area(area), audience, fact.into())
        };
        departments.iter().map(fact).collect()
    }

    pub fn reported_in(&self, area: &str, case: &str, whistle: &str, department: &str, late: bool) -> Said {
        let fact = facts::DepartmentReportedIn {
            whistle_id: Self::id(whistle),
            case_id: Self::id(case),
            department_code: department.into(),
            late,
        };
        self.say(area, fact)
    }
}

pub fn client(person: &Person) -> ReportingServiceClient<Calling> {
    ReportingServiceClient::new(person.calls())
}

/// The figures of one key.
pub fn of<'f>(figures: &'f [Figures], key: &str) -> &'f Figures {
    figures.iter().find(|figures| figures.key == key).unwrap_or_else(|| {
        panic!("no figures of {key} among {:?}", figures.iter().map(|f| &f.key).collect::<Vec<_>>())
    })
}

/// Registered, open, overdue, settled, closed, voided, open whistles.
pub fn counts(figures: &Figures) -> [i64; 7] {
    [
        figures.registered,
        figures.open,
        figures.overdue,
        figures.settled,
        figures.closed,
        figures.voided,
        figures.whistles_open,
    ]
}

/// Numerator, denominator, excluded, value.
pub fn rate(rate: Option<&gongzhi_proto::reporting::v1::Rate>) -> (i64, i64, i64, Option<f64>) {
    let rate = rate.expect("a rate always shows its parts");
    (rate.numerator, rate.denominator, rate.excluded, rate.value)
}

fn outgoing(envelope: &Envelope, id: Uuid) -> Result<Outgoing> {
    Ok(Outgoing { subject: envelope.bus_subject()?.to_string(), id, body: envelope.to_bytes().into() })
}
