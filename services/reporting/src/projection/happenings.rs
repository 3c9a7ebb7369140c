//! Happenings: the newest facts about cases, one line each, bounded per community.

use gongzhi_chassis::status::Failure;
use gongzhi_proto::envelope::Envelope;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

/// How many are kept per community besides the one that comes; a board shows at most 30.
const KEPT_BESIDE: i64 = 49;

/// Notes a fact about a case and forgets the oldest of its community. Which ones remain follows from the facts and their order alone.
pub(crate) async fn note(
    connection: &mut PgConnection,
    envelope: &Envelope,
    case: Uuid,
    department: &str,
) -> Result<(), Failure> {
    sqlx::query(
        "with place as (select current_area($1) as area_code),
         forgotten as (delete from happenings h using place p where h.community = left(p.area_code, 12)
             and (h.happened_at, h.event_id) <= (
                 select happened_at, event_id from happenings where community = left(p.area_code, 12)
                 order by happened_at desc, event_id desc offset $2 limit 1))
         insert into happenings (community, happened_at, event_id, fact, case_id, area_code, department_code)
         select left(area_code, 12), $3, $4, $5, $6, area_code, $7 from place",
    )
    .bind(envelope.area.as_str())
    .bind(KEPT_BESIDE)
    .bind(envelope.time.to_sqlx())
    .bind(envelope.id)
    .bind(envelope.fact_name())
    .bind(case)
    .bind(department)
    .execute(connection)
    .await?;
    Ok(())
}
