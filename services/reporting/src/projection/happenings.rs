//! Happenings: the newest facts about cases, one line each, bounded per community.

use gongzhi_chassis::status::Failure;
use gongzhi_proto::envelope::Envelope;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

/// How many of a community remain when older ones are forgotten; a board shows at most 30.
const KEPT: i64 = 50;
/// One fact in so many has older ones forgotten: a delete per fact would cost more than the fact itself.
const FORGETS: u8 = 16;

/// Notes a fact about a case. Which ones remain follows from the facts and their order alone: it is the id of a fact that says whether older ones are
/// forgotten after it.
pub(crate) async fn note(
    connection: &mut PgConnection,
    envelope: &Envelope,
    case: Uuid,
    department: &str,
) -> Result<(), Failure> {
    sqlx::query(
        "insert into happenings (community, happened_at, event_id, fact, case_id, area_code, department_code)
         select left(area_code, 12), $2, $3, $4, $5, area_code, $6 from (select current_area($1) as area_code) as place",
    )
    .bind(envelope.area.as_str())
    .bind(envelope.time.to_sqlx())
    .bind(envelope.id)
    .bind(envelope.fact_name())
    .bind(case)
    .bind(department)
    .execute(&mut *connection)
    .await?;
    if envelope.id.as_bytes()[15].is_multiple_of(FORGETS) {
        forget(connection, envelope).await?;
    }
    Ok(())
}

/// Forgets the oldest happenings of a fact's community.
async fn forget(connection: &mut PgConnection, envelope: &Envelope) -> Result<(), Failure> {
    sqlx::query(
        "with place as materialized (select left(current_area($1), 12) as community),
         last as materialized (
             select h.community, h.happened_at, h.event_id from happenings h
             where h.community = (select community from place)
             order by h.happened_at desc, h.event_id desc offset $2 - 1 limit 1)
         delete from happenings h using last
         where h.community = last.community and (h.happened_at, h.event_id) < (last.happened_at, last.event_id)",
    )
    .bind(envelope.area.as_str())
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}
