//! What was reported where: cases as the bus tells them, each once, and how many of them come together. The SQL of demands, and nothing of topics.

use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode, InvalidId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row};

use super::state::{CaseNote, MOST_CASES};

/// A case as the bus tells it.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    pub(super) note: CaseNote,
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

impl Together {
    fn crowds(self) -> &'static str {
        match self {
            Self::AtPlace => {
                "select k.key from unnest($1::text[]) as k (key)
                 where (select count(*) from (select 1 from demands where place = k.key and registered_at >= $2 limit $3) as counted) >= $3"
            }
            Self::OfCluster => {
                "select k.key from unnest($1::text[]) as k (key)
                 where (select count(*) from (select 1 from demands where cluster = k.key and registered_at >= $2 limit $3) as counted) >= $3"
            }
        }
    }

    fn cases(self) -> &'static str {
        match self {
            Self::AtPlace => {
                "select case_id, area_code, category_code, registered_at from demands
                 where place = $1 and registered_at >= $2 order by registered_at, case_id limit $3"
            }
            Self::OfCluster => {
                "select case_id, area_code, category_code, registered_at from demands
                 where cluster = $1 and registered_at >= $2 order by registered_at, case_id limit $3"
            }
        }
    }
}

/// Of these places or clusters those in which there are so many cases since an instant.
pub(super) async fn crowded(
    connection: &mut PgConnection,
    together: Together,
    keys: &[String],
    since: Timestamp,
    threshold: u32,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(together.crowds())
        .bind(keys)
        .bind(since.to_sqlx())
        .bind(i64::from(threshold))
        .fetch_all(connection)
        .await
}

/// The cases of a place or cluster since an instant, the earliest first, each with its category.
pub(super) async fn cases(
    connection: &mut PgConnection,
    together: Together,
    key: &str,
    since: Timestamp,
) -> Result<Vec<(CaseNote, CategoryCode)>, Failure> {
    let rows = sqlx::query(together.cases())
        .bind(key)
        .bind(since.to_sqlx())
        .bind(MOST_CASES as i64)
        .fetch_all(connection)
        .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        let note = CaseNote {
            case: CaseId::parse(row.get(0)).map_err(malformed)?,
            area: AreaCode::parse(row.get(1)).map_err(malformed)?,
            registered_at: row.get::<jiff_sqlx::Timestamp, _>(3).to_jiff(),
        };
        Ok((note, CategoryCode::parse(row.get(2)).map_err(malformed)?))
    };
    rows.iter().map(read).collect()
}

/// Keeps cases, each once.
pub(super) async fn keep(connection: &mut PgConnection, demands: &[Demand]) -> Result<(), sqlx::Error> {
    let text = |of: fn(&Demand) -> String| demands.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into demands (case_id, area_code, place, cluster, category_code, registered_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) on conflict do nothing",
    )
    .bind(text(|demand| demand.note.case.to_string()))
    .bind(text(|demand| demand.note.area.to_string()))
    .bind(text(|demand| demand.place.clone()))
    .bind(text(|demand| demand.cluster.clone()))
    .bind(text(|demand| demand.category.to_string()))
    .bind(demands.iter().map(|demand| demand.note.registered_at.to_sqlx()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a case.
pub(super) async fn forget(connection: &mut PgConnection, case: &CaseId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from demands where case_id = $1")
        .bind(case.to_string())
        .execute(connection)
        .await
        .map(drop)
}
