//! The organization service on a bench, and what every test of it asks: who calls, what was refused, what is on the bus.

use anyhow::{Context as _, Result};
use gongzhi_chassis::execute::Writer;
use gongzhi_harness::{Bench, Person};
use gongzhi_organization::{MIGRATIONS, NAME, service};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::organization::v1 as pb;
use sqlx::{PgPool, Row};
use tonic::Status;
use tonic_types::StatusExt;

/// Serves organization on a new bench.
pub(crate) async fn serve() -> Result<Bench> {
    serve_on(Bench::new().await?).await
}

/// Serves organization on a bench.
pub(crate) async fn serve_on(mut bench: Bench) -> Result<Bench> {
    bench.migrate(NAME, &MIGRATIONS).await?;
    bench.serve(vec![service(&bench.context).await?]).await?;
    Ok(bench)
}

/// A writer into the service's schema.
pub(crate) async fn writer(bench: &Bench) -> Result<Writer> {
    Ok(bench.context.writer(NAME).await?)
}

/// Somebody who registers and appoints in the whole district.
pub(crate) fn operator(bench: &Bench) -> Person {
    bench.person("POST_PLATFORM_OPERATOR", bench.context.bus.district())
}

/// A post of an area, as the contract has it.
pub(crate) fn post(post: Post, area: &str) -> pb::HeldPost {
    pb::HeldPost { post: post.into(), area_code: area.into(), department_code: String::new() }
}

/// The reason of a refusal.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Fields that were refused.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let found = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
    found.into_iter().map(|violation| violation.field).collect()
}

/// Facts that were told so far: subject without the district, and content.
pub(crate) async fn told(pool: &PgPool) -> Result<Vec<String>> {
    let rows = sqlx::query("select subject, body from outbox order by bucket, seq").fetch_all(pool).await?;
    let told = |row: &sqlx::postgres::PgRow| {
        let subject: String = row.get(0);
        let after_district = subject.splitn(3, '.').nth(2).context("a subject")?.to_owned();
        let envelope = Envelope::from_bytes(&row.get::<Vec<u8>, _>(1))?;
        let fact = envelope.fact()?.context("a fact of ours")?;
        Ok(format!("{after_district} {}", fact.to_json()))
    };
    rows.iter().map(told).collect()
}
