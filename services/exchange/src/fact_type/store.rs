//! SQL of fact types: what lists are searched by.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

use super::FactType;
use crate::party::Party;

/// A fact type as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) fact: String,
    pub(crate) fact_type: FactType,
    pub(crate) version: i64,
}

pub(super) fn index(id: &str, fact_type: &FactType) -> Vec<Rows> {
    vec![Rows::new(
        "insert into fact_types (fact, organization)
         select * from json_to_recordset($1) as r (fact text, organization text) on conflict (fact) do nothing",
        json!({"fact": id, "organization": fact_type.definition.owner.to_string()}),
    )]
}

/// Changes with every change of a fact type: versions only grow.
pub(crate) async fn stamp(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select coalesce(sum(version), 0)::bigint from aggregates where kind = 'fact_type'")
        .fetch_one(pool)
        .await
}

/// Every fact type, retired ones too: what was published of them is still in the stream.
pub(crate) async fn all(pool: &PgPool) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query("select id, state, version from aggregates where kind = 'fact_type'")
        .fetch_all(pool)
        .await?;
    rows.iter().map(listed).collect()
}

/// Fact types of one organization or of all, in the order of their names.
pub(crate) async fn list(
    pool: &PgPool,
    organization: Option<&Party>,
    page: &Page,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select f.fact, a.state, a.version from fact_types f join aggregates a on a.kind = 'fact_type' and a.id = f.fact
         where ($1::text is null or f.organization = $1) and ($2::text is null or f.fact > $2) order by f.fact limit $3",
    )
    .bind(organization.map(ToString::to_string))
    .bind(&page.after)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &sqlx::postgres::PgRow) -> Result<Listed, sqlx::Error> {
    let Json(fact_type) = row.try_get::<Json<FactType>, _>(1)?;
    Ok(Listed { fact: row.try_get(0)?, fact_type, version: row.try_get(2)? })
}
