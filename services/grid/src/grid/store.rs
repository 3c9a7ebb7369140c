//! The SQL of grids, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::{AreaCode, GridId};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

use super::machine::Grid;

/// Most bytes of boundaries on one page; a client takes messages of 4 MiB.
const PAGE_BYTES: i64 = 2 * 1024 * 1024;

/// What a grid is listed and located by.
pub(super) fn index(grid: &Grid) -> Rows {
    Rows::new(
        "insert into grids (grid_id, drawing, boundary_bytes)
         select r.grid_id, r.drawing, r.boundary_bytes from json_to_recordset($1) as r (grid_id text, drawing bigint, boundary_bytes integer)
         on conflict (grid_id) do update set drawing = excluded.drawing, boundary_bytes = excluded.boundary_bytes",
        json!({
            "grid_id": grid.id.as_str(),
            "drawing": grid.drawings,
            "boundary_bytes": i32::try_from(grid.drawing.boundary.len()).unwrap_or(i32::MAX),
        }),
    )
}

/// Reads the grids of an area in the order of their ids. An id begins with the code of its area, and `:` follows the digits and the hyphen.
pub(super) async fn list(pool: &PgPool, area: &AreaCode, page: &Page) -> Result<Vec<Grid>, sqlx::Error> {
    let rows = sqlx::query(
        "select a.state from grids g join aggregates a on a.kind = 'grid' and a.id = g.grid_id
         where g.grid_id >= $1 and g.grid_id < $1 || ':' and ($2::text is null or g.grid_id > $2)
         order by g.grid_id limit $3",
    )
    .bind(area.as_str())
    .bind(page.after.as_deref())
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| row.try_get::<Json<Grid>, _>(0).map(|Json(grid)| grid)).collect()
}

/// Makes a page so short that its boundaries fit into a message; at least one always does.
pub(super) async fn fit_boundaries(pool: &PgPool, area: &AreaCode, page: Page) -> Result<Page, sqlx::Error> {
    let fitting: i64 = sqlx::query_scalar(
        "select count(*) from (
             select sum(boundary_bytes) over (order by grid_id) as bytes from (
                 select g.grid_id, g.boundary_bytes from grids g
                 where g.grid_id >= $1 and g.grid_id < $1 || ':' and ($2::text is null or g.grid_id > $2)
                 order by g.grid_id limit $3
             ) as asked
         ) as summed where bytes <= $4",
    )
    .bind(area.as_str())
    .bind(page.after.as_deref())
    .bind(page.size)
    .bind(PAGE_BYTES)
    .fetch_one(pool)
    .await?;
    Ok(Page { size: fitting.clamp(1, page.size), ..page })
}

/// Tells in one number whether any grid was drawn since: drawings only ever become more.
pub(super) async fn drawings(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select coalesce(sum(drawing), 0)::bigint from grids").fetch_one(pool).await
}

/// A boundary as it is kept.
pub(super) struct KeptBoundary {
    pub(super) id: GridId,
    pub(super) drawing: i64,
    pub(super) geojson: String,
}

/// Reads the boundaries of which another drawing, or none, is known.
pub(super) async fn boundaries_unlike(
    pool: &PgPool,
    known: &[(String, i64)],
) -> Result<Vec<KeptBoundary>, sqlx::Error> {
    let (ids, drawings): (Vec<_>, Vec<_>) = known.iter().map(|(id, drawing)| (id.as_str(), *drawing)).unzip();
    let rows = sqlx::query(
        "select a.state from grids g join aggregates a on a.kind = 'grid' and a.id = g.grid_id
         where not exists (
             select 1 from unnest($1::text[], $2::bigint[]) as k (id, drawing)
             where k.id = g.grid_id and k.drawing = g.drawing
         )",
    )
    .bind(ids)
    .bind(drawings)
    .fetch_all(pool)
    .await?;
    let kept = |row: &sqlx::postgres::PgRow| {
        let Json(grid) = row.try_get::<Json<Grid>, _>(0)?;
        Ok(KeptBoundary { id: grid.id, drawing: grid.drawings, geojson: grid.drawing.boundary })
    };
    rows.iter().map(kept).collect()
}
