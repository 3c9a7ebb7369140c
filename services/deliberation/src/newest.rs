//! Lists of what was begun, newest first, a page at a time.

use gongzhi_chassis::page::Page;
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

/// Reads a page by a query of identity, version and state, whose parameters are `$1` the area or topic, `$2` and `$3` the instant in microseconds and the identity behind
/// which the page begins, and `$4` how many.
pub(crate) async fn newest<S: DeserializeOwned + Send + Unpin + 'static>(
    pool: &PgPool,
    query: &'static str,
    of: &str,
    page: &Page,
) -> Result<Vec<(String, S, i64)>, sqlx::Error> {
    let (before, behind) = page.before();
    let rows =
        sqlx::query(query).bind(of).bind(before).bind(behind).bind(page.limit()).fetch_all(pool).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        let Json(state) = row.try_get::<Json<S>, _>(2)?;
        Ok((row.try_get(0)?, state, row.try_get(1)?))
    };
    rows.iter().map(read).collect()
}
