//! The grid service on a bench, and what every test of it asks: who calls, what was refused, what is on the bus.

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::Calling;
use gongzhi_grid::{MIGRATIONS, NAME, service};
use gongzhi_harness::{Bench, Person};
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::grid::v1::follow_up_service_client::FollowUpServiceClient;
use gongzhi_proto::grid::v1::grid_service_client::GridServiceClient;
use serde_json::json;
use sqlx::{PgPool, Row};
use tonic::Status;
use tonic_types::StatusExt;

/// Serves grids on a new bench.
pub(crate) async fn serve() -> Result<Bench> {
    let mut bench = Bench::new().await?;
    bench.migrate(NAME, &MIGRATIONS).await?;
    bench.serve(vec![service(&bench.context).await?]).await?;
    Ok(bench)
}

/// Somebody who draws grids in the whole district.
pub(crate) fn operator(bench: &Bench) -> Person {
    bench.person("POST_PLATFORM_OPERATOR", bench.context.bus.district())
}

pub(crate) fn grids(person: &Person) -> GridServiceClient<Calling> {
    GridServiceClient::new(person.calls())
}

pub(crate) fn visits(person: &Person) -> FollowUpServiceClient<Calling> {
    FollowUpServiceClient::new(person.calls())
}

/// A square of a side in degrees around a place, as GeoJSON.
pub(crate) fn square((lon, lat): (f64, f64), side: f64) -> String {
    let (w, e, s, n) = (lon - side / 2.0, lon + side / 2.0, lat - side / 2.0, lat + side / 2.0);
    json!({ "type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]] }).to_string()
}

/// A request to draw a square grid in WGS 84.
pub(crate) fn drawing(grid_id: &str, at: (f64, f64)) -> pb::DrawGridRequest {
    pb::DrawGridRequest {
        grid_id: grid_id.into(),
        name: "米市社区第一网格".into(),
        boundary_geojson: square(at, 0.002),
        crs: pb::Crs::Wgs84.into(),
        made: true,
    }
}

/// The reason of a refusal.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Fields that were refused, with what was said of each.
pub(crate) fn fields(status: &Status) -> Vec<(String, String)> {
    let found = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
    found.into_iter().map(|violation| (violation.field, violation.description)).collect()
}

/// The schema of the service.
pub(crate) async fn schema(bench: &Bench) -> Result<PgPool> {
    Ok(bench.context.writer(NAME).await?.pool().clone())
}

/// Facts that were told so far: subject without the district, and envelope.
pub(crate) async fn told(pool: &PgPool) -> Result<Vec<(String, Envelope)>> {
    let rows = sqlx::query("select subject, body from outbox order by seq").fetch_all(pool).await?;
    let told = |row: &sqlx::postgres::PgRow| {
        let subject: String = row.get(0);
        let after_district = subject.splitn(3, '.').nth(2).context("a subject")?.to_owned();
        Ok((after_district, Envelope::from_bytes(&row.get::<Vec<u8>, _>(1))?))
    };
    rows.iter().map(told).collect()
}
