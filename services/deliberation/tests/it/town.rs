//! A community that deliberates: the service on a bench with a clock of its own, those who act, and somebody who puts facts of cases on the bus.

use anyhow::{Context as _, Result};
use gongzhi_chassis::bus::Outgoing;
use gongzhi_chassis::client::Calling;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::run::Service;
use gongzhi_deliberation::{MIGRATIONS, NAME, service};
use gongzhi_harness::{Bench, Person};
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::agenda_service_client::AgendaServiceClient;
use gongzhi_proto::deliberation::v1::balance_service_client::BalanceServiceClient;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::deliberation::v1::conversation_service_client::ConversationServiceClient;
use gongzhi_proto::deliberation::v1::meeting_service_client::MeetingServiceClient;
use gongzhi_proto::deliberation::v1::procedure_service_client::ProcedureServiceClient;
use gongzhi_proto::deliberation::v1::resolution_service_client::ResolutionServiceClient;
use gongzhi_proto::deliberation::v1::topic_service_client::TopicServiceClient;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::{Envelope, Meta};
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, PgPool, Row};
use tonic::Status;
use tonic_types::StatusExt;
use uuid::Uuid;

/// A town at work.
pub struct Town {
    pub bench: Bench,
    pub clock: Clock,
    /// 社区书记
    pub secretary: Person,
    /// 社区工作者, two of them.
    pub worker: Person,
    pub second_worker: Person,
}

impl Town {
    pub async fn new() -> Result<Self> {
        Self::with(|service| service).await
    }

    /// A town whose process serves and does nothing beside it, as one that dies before it comes to anything.
    pub async fn that_dies() -> Result<Self> {
        Self::with(|mut service| {
            service.tasks.clear();
            service
        })
        .await
    }

    /// Another process takes over.
    pub async fn starts_anew(&mut self) -> Result<()> {
        self.bench.serve(vec![service(&self.bench.context).await?]).await?;
        let community = self.bench.area("001052");
        self.secretary = self.bench.person("POST_COMMUNITY_SECRETARY", &community);
        self.worker = self.bench.person("POST_COMMUNITY_WORKER", &community);
        Ok(())
    }

    async fn with(change: impl FnOnce(Service) -> Service) -> Result<Self> {
        let clock = Clock::starting_at("2026-11-09T01:30:00Z".parse()?);
        let mut bench = Bench::at(clock.clone()).await?;
        bench.migrate(NAME, &MIGRATIONS).await?;
        bench.serve(vec![change(service(&bench.context).await?)]).await?;
        let community = bench.area("001052");
        Ok(Self {
            secretary: bench.person("POST_COMMUNITY_SECRETARY", &community),
            worker: bench.person("POST_COMMUNITY_WORKER", &community),
            second_worker: bench.person("POST_COMMUNITY_WORKER", &community),

            clock,
            bench,
        })
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The community.
    pub fn community(&self) -> String {
        self.bench.area("001052").to_string()
    }

    /// Days from now.
    pub fn in_days(&self, days: i64) -> Option<prost_types::Timestamp> {
        Some(to_wire(self.now() + SignedDuration::from_hours(24 * days)))
    }

    /// Proposes a topic.
    pub async fn proposes(&self, title: &str) -> Result<String> {
        let request = pb::ProposeTopicRequest {
            area_code: self.community(),
            title: title.into(),
            question: format!("{title}怎样办才公平?"),
            category_code: "property.parking".into(),
        };
        let topic = topics(&self.worker).propose_topic(request).await?.into_inner().topic;
        Ok(topic.context("no topic")?.topic_id)
    }

    /// Proposes a topic and puts it on an agenda; the days of notice pass.
    pub async fn votable(&self, title: &str) -> Result<String> {
        let topic = self.proposes(title).await?;
        self.publishes_agenda().await?;
        self.clock.advance(SignedDuration::from_hours(24 * 15));
        Ok(topic)
    }

    /// Households say that they want a topic.
    pub async fn supports(&self, topic_id: &str, households: impl Iterator<Item = u32>) -> Result<()> {
        for household in households {
            let request = pb::SupportTopicRequest {
                topic_id: topic_id.into(),
                household: format!("{}-1-{household}", household % 4 + 1),
                building_code: format!("{}00300{}", self.community(), household % 4 + 1),
            };
            topics(&self.worker).support_topic(request).await?;
        }
        Ok(())
    }

    /// Puts topics on an agenda and publishes it.
    pub async fn publishes_agenda(&self) -> Result<()> {
        self.agenda_of(20).await.map(drop)
    }

    /// Publishes an agenda of new topics; gives the agenda and the topics in its order.
    pub async fn publishes(&self, titles: &[&str]) -> Result<(String, Vec<String>)> {
        for title in titles {
            self.proposes(title).await?;
        }
        self.agenda_of(i32::try_from(titles.len())?).await
    }

    async fn agenda_of(&self, places: i32) -> Result<(String, Vec<String>)> {
        let request = pb::DrawUpAgendaRequest {
            area_code: self.community(),
            title: "居民议事会".into(),
            meets_at: self.in_days(20),
            places,
            lot_source: "当日公开摇号".into(),
        };
        let drawn = agendas(&self.worker).draw_up_agenda(request).await?.into_inner().agenda;
        let agenda = drawn.context("no agenda")?;
        let publish = pb::PublishAgendaRequest { agenda_id: agenda.agenda_id.clone() };
        agendas(&self.worker).publish_agenda(publish).await?;
        Ok((agenda.agenda_id, agenda.order))
    }

    /// Puts a fact of a case on the bus as dispatch does.
    pub async fn tells(&self, case: Uuid, version: i64, area: &str, fact: impl Into<Fact>) -> Result<()> {
        let meta = Meta {
            event_id: Uuid::now_v7(),
            aggregate_kind: "case",
            aggregate_id: case.to_string(),
            version,
            at: self.now(),
            area: self.bench.area(area),
            audience: Audience::All,
            actor: "system:dispatch".into(),
            traceparent: None,
        };
        let envelope = Envelope::seal(&fact.into(), meta)?;
        let subject = envelope.bus_subject()?.to_string();
        let outgoing = Outgoing { subject, id: envelope.id, body: envelope.to_bytes().into() };
        self.bench.context.bus.publish(&[outgoing]).await?;
        Ok(())
    }

    /// Tells that a case was registered at a place; gives the case.
    pub async fn registered(&self, area: &str, category: &str) -> Result<Uuid> {
        let case = Uuid::now_v7();
        let fact = dispatch::CaseRegistered {
            case_id: case.to_string(),
            area_code: self.bench.area(area).to_string(),
            category_code: category.into(),
            ..Default::default()
        };
        self.tells(case, 1, area, fact).await?;
        Ok(case)
    }

    /// The schema of the service.
    pub async fn schema(&self) -> Result<PgPool> {
        Ok(self.bench.context.writer(NAME).await?.pool().clone())
    }

    /// Everything that the service has stored, table by table, as text.
    pub async fn stored(&self) -> Result<String> {
        let pool = self.schema().await?;
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'",
        )
        .fetch_all(&pool)
        .await?;
        let mut stored = String::new();
        for table in tables {
            let rows = format!("select coalesce(string_agg(t::text, E'\\n'), '') from {table} t");
            let rows: String = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_one(&pool).await?;
            stored += &rows;
        }
        Ok(stored)
    }

    /// Names of the facts that were told so far, in their order. The seal of a day comes beside them, whenever it comes.
    pub async fn told(&self) -> Result<Vec<String>> {
        let rows =
            sqlx::query("select body from outbox order by seq").fetch_all(&self.schema().await?).await?;
        let name = |row: &sqlx::postgres::PgRow| {
            let envelope = Envelope::from_bytes(&row.get::<Vec<u8>, _>(0))?;
            Ok::<_, anyhow::Error>(envelope.fact()?.context("a known fact")?.name().to_owned())
        };
        let names: Vec<_> = rows.iter().map(name).collect::<Result<_>>()?;
        Ok(names.into_iter().filter(|name| name != "chains_sealed").collect())
    }
}

pub fn topics(who: &Person) -> TopicServiceClient<Calling> {
    TopicServiceClient::new(who.calls())
}

pub fn agendas(who: &Person) -> AgendaServiceClient<Calling> {
    AgendaServiceClient::new(who.calls())
}

pub fn ballots(who: &Person) -> BallotServiceClient<Calling> {
    BallotServiceClient::new(who.calls())
}

pub fn balances(who: &Person) -> BalanceServiceClient<Calling> {
    BalanceServiceClient::new(who.calls())
}

pub fn conversations(who: &Person) -> ConversationServiceClient<Calling> {
    ConversationServiceClient::new(who.calls())
}

pub fn resolutions(who: &Person) -> ResolutionServiceClient<Calling> {
    ResolutionServiceClient::new(who.calls())
}

pub fn meetings(who: &Person) -> MeetingServiceClient<Calling> {
    MeetingServiceClient::new(who.calls())
}

pub fn procedures(who: &Person) -> ProcedureServiceClient<Calling> {
    ProcedureServiceClient::new(who.calls())
}

/// The reason of a refusal.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Fields that were refused.
pub fn fields(status: &Status) -> Vec<String> {
    let found = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
    found.into_iter().map(|violation| violation.field).collect()
}
