//! SQL of grants: what lists are searched by.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::{Page, newest_key};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

use super::{Grant, Standing};
use crate::party::Party;

/// A grant as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) grant_id: String,
    pub(crate) grant: Grant,
    pub(crate) version: i64,
}

impl Standing {
    /// The word for it in the table.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
        }
    }
}

pub(super) fn index(id: &str, grant: &Grant) -> Vec<Rows> {
    vec![Rows::new(
        "insert into grants (grant_id, grantee, status, requested_at)
              select * from json_to_recordset($1) as r (grant_id text, grantee text, status text, requested_at timestamptz)
              on conflict (grant_id) do update set status = excluded.status",
        json!({
            "grant_id": id,
            "grantee": grant.request.grantee.to_string(),
            "status": grant.standing.word(),
            "requested_at": grant.requested_at,
        }),
    )]
}

/// Grants of one organization or of all, newest first.
pub(super) async fn list(
    pool: &PgPool,
    grantee: Option<&Party>,
    statuses: &[&str],
    page: &Page,
) -> Result<Vec<Listed>, sqlx::Error> {
    let (before_at, before_id) = page.before();
    let rows = sqlx::query(
        "select g.grant_id, a.state, a.version from grants g join aggregates a on a.kind = 'grant' and a.id = g.grant_id
         where ($1::text is null or g.grantee = $1) and (cardinality($2::text[]) = 0 or g.status = any ($2))
           and ($3 = 9223372036854775807 or (g.requested_at, g.grant_id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4))
         order by g.requested_at desc, g.grant_id desc limit $5",
    )
    .bind(grantee.map(ToString::to_string))
    .bind(statuses)
    .bind(before_at)
    .bind(before_id)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

/// Every grant of an organization that was ever decided in its favour, newest first; at most 500.
pub(crate) async fn given_to(pool: &PgPool, grantee: &Party) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select g.grant_id, a.state, a.version from grants g join aggregates a on a.kind = 'grant' and a.id = g.grant_id
         where g.grantee = $1 order by g.requested_at desc limit 500",
    )
    .bind(grantee.to_string())
    .fetch_all(pool)
    .await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &sqlx::postgres::PgRow) -> Result<Listed, sqlx::Error> {
    let Json(grant) = row.try_get::<Json<Grant>, _>(1)?;
    Ok(Listed { grant_id: row.try_get(0)?, grant, version: row.try_get(2)? })
}

impl Listed {
    /// Where a page that ends with this grant is continued.
    pub(super) fn key(&self) -> String {
        newest_key(self.grant.requested_at, &self.grant_id)
    }
}
