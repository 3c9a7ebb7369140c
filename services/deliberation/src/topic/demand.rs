//! What was reported where: cases as the bus tells them, each once, and how many of them come together. A case is written once, into `demands`; how many are behind a topic
//! is counted when somebody looks.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, InvalidId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};

use super::state::Topic;

/// A case as the bus tells it.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    pub(super) case: CaseId,
    pub(super) area: AreaCode,
    pub(super) registered_at: Timestamp,
    /// Its grid, or its area where it lies in none.
    pub(super) place: String,
    /// Its community and category.
    pub(super) cluster: String,
    pub(super) category: CategoryCode,
}

pub(super) fn malformed(error: InvalidId) -> Failure {
    Failure::Bug(format!("the fact holds what is not {error}"))
}

/// How cases come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Together {
    AtPlace,
    OfCluster,
}

/// Where so many cases came together.
pub(super) struct Crowd {
    pub(super) key: String,
    /// From when they count: the beginning of the period, or when the topic before ended.
    pub(super) since: Timestamp,
}

impl Together {
    /// Of some places, or clusters, those that have no topic now and in which there are so many cases since an instant, or since the last topic there ended.
    fn crowds(self) -> &'static str {
        match self {
            Self::AtPlace => {
                "select k.key, k.since from (
                     select key, greatest($2, (select max(p.ended_at) from topic_places p where p.place = key)) as since
                     from unnest($1::text[]) as key
                     where not exists (select 1 from topic_places p where p.place = key and p.ended_at is null)
                 ) as k
                 where (select count(*) from (select 1 from demands where place = k.key and registered_at > k.since limit $3) as counted) >= $3"
            }
            Self::OfCluster => {
                "select k.key, k.since from (
                     select key, greatest($2, (select max(p.ended_at) from topic_places p where p.place = key)) as since
                     from unnest($1::text[]) as key
                     where not exists (select 1 from topic_places p where p.place = key and p.ended_at is null)
                 ) as k
                 where (select count(*) from (select 1 from demands where cluster = k.key and registered_at > k.since limit $3) as counted) >= $3"
            }
        }
    }

    /// How many cases there are, by area and category.
    fn kinds(self) -> &'static str {
        match self {
            Self::AtPlace => {
                "select area_code, category_code, count(*) from demands where place = $1 and registered_at > $2 group by area_code, category_code"
            }
            Self::OfCluster => {
                "select area_code, category_code, count(*) from demands where cluster = $1 and registered_at > $2 group by area_code, category_code"
            }
        }
    }
}

/// Of these places or clusters those in which there are too many cases and no topic.
pub(super) async fn crowded(
    connection: &mut PgConnection,
    together: Together,
    keys: &[String],
    since: Timestamp,
    threshold: u32,
) -> Result<Vec<Crowd>, sqlx::Error> {
    let rows = sqlx::query(together.crowds())
        .bind(keys)
        .bind(since.to_sqlx())
        .bind(i64::from(threshold))
        .fetch_all(connection)
        .await?;
    let crowd = |row: &sqlx::postgres::PgRow| Crowd {
        key: row.get(0),
        since: row.get::<jiff_sqlx::Timestamp, _>(1).to_jiff(),
    };
    Ok(rows.iter().map(crowd).collect())
}

/// How many cases came together, by area and category.
pub(super) async fn kinds(
    connection: &mut PgConnection,
    together: Together,
    crowd: &Crowd,
) -> Result<Vec<(AreaCode, CategoryCode, u32)>, Failure> {
    let rows = sqlx::query(together.kinds())
        .bind(&crowd.key)
        .bind(crowd.since.to_sqlx())
        .fetch_all(connection)
        .await?;
    let kind = |row: &sqlx::postgres::PgRow| {
        let area = AreaCode::parse(row.get(0)).map_err(malformed)?;
        let category = CategoryCode::parse(row.get(1)).map_err(malformed)?;
        Ok((area, category, u32::try_from(row.get::<i64, _>(2)).unwrap_or(u32::MAX)))
    };
    rows.iter().map(kind).collect()
}

/// The cases behind a topic, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(super) cases: i32,
    /// Those that came back after they had been closed.
    pub(super) reopened: i32,
    /// The first of them.
    first: Option<Timestamp>,
    /// Codes of buildings in which they were.
    pub(super) buildings: Vec<String>,
}

impl Tally {
    /// Since when a topic is known: its first case, or its proposal.
    pub(crate) fn since(&self, topic: &Topic) -> Timestamp {
        self.first.map_or(topic.proposed_at, |first| first.min(topic.proposed_at))
    }
}

/// Counts the cases behind topics, by topic; one that has none is left out. A case that came together with others in two ways counts once.
pub(crate) async fn tallies(pool: &PgPool, topics: &[&str]) -> Result<BTreeMap<String, Tally>, sqlx::Error> {
    let rows = sqlx::query(
        "select topic_id, count(*)::integer, (count(*) filter (where reopened))::integer, min(registered_at),
                coalesce(array_agg(distinct area_code) filter (where length(area_code) = 18), '{}')
         from (
             select p.topic_id, d.case_id, d.area_code, d.registered_at, d.reopened from topic_places p join demands d on d.place = p.place
             where p.topic_id = any ($1) and d.registered_at > p.counted_from and (p.ended_at is null or d.registered_at <= p.ended_at)
             union
             select p.topic_id, d.case_id, d.area_code, d.registered_at, d.reopened from topic_places p join demands d on d.cluster = p.place
             where p.topic_id = any ($1) and d.registered_at > p.counted_from and (p.ended_at is null or d.registered_at <= p.ended_at)
         ) as behind group by topic_id",
    )
    .bind(topics)
    .fetch_all(pool)
    .await?;
    let tally = |row: &sqlx::postgres::PgRow| Tally {
        cases: row.get(1),
        reopened: row.get(2),
        first: Some(row.get::<jiff_sqlx::Timestamp, _>(3).to_jiff()),
        buildings: row.get(4),
    };
    Ok(rows.iter().map(|row| (row.get(0), tally(row))).collect())
}

/// Keeps cases, each once.
pub(super) async fn keep(connection: &mut PgConnection, demands: &[Demand]) -> Result<(), sqlx::Error> {
    let text = |of: fn(&Demand) -> String| demands.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into demands (case_id, area_code, place, cluster, category_code, registered_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) on conflict do nothing",
    )
    .bind(text(|demand| demand.case.to_string()))
    .bind(text(|demand| demand.area.to_string()))
    .bind(text(|demand| demand.place.clone()))
    .bind(text(|demand| demand.cluster.clone()))
    .bind(text(|demand| demand.category.to_string()))
    .bind(demands.iter().map(|demand| demand.registered_at.to_sqlx()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a case came back after it had been closed.
pub(crate) async fn reopened(connection: &mut PgConnection, case: &str) -> Result<(), Failure> {
    let case = CaseId::parse(case).map_err(malformed)?;
    sqlx::query("update demands set reopened = true where case_id = $1 and not reopened")
        .bind(case.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets a case that was void: it speaks for nothing.
pub(crate) async fn forget(connection: &mut PgConnection, case: &str) -> Result<(), Failure> {
    let case = CaseId::parse(case).map_err(malformed)?;
    sqlx::query("delete from demands where case_id = $1").bind(case.to_string()).execute(connection).await?;
    Ok(())
}
