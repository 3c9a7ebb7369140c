//! SQL of whistles: what lists are searched by, and the departments that organization told of.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::{Page, newest_key};
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::Whistle;

/// A whistle as it is listed.
pub(crate) struct Listed {
    pub(crate) whistle_id: String,
    pub(crate) whistle: Whistle,
    pub(crate) version: i64,
}

/// What whistles are listed by.
pub(crate) struct Filter<'a> {
    pub(crate) area: &'a AreaCode,
    pub(crate) department: Option<DepartmentCode>,
    pub(crate) open_only: bool,
    pub(crate) refused_only: bool,
}

/// What a whistle is searched by, and by whom it is seen.
pub(crate) fn index(id: &str, whistle: &Whistle) -> Vec<Rows> {
    let row = json!({
        "whistle_id": id,
        "case_id": whistle.case_id.to_string(),
        "area_code": whistle.area.as_str(),
        "open": whistle.is_open(),
        "refused": whistle.has_open_refusal(),
        "sounded_at": whistle.sounded_at,
    });
    let departments = json!({
        "whistle_id": id,
        "department_codes": whistle.departments().map(DepartmentCode::as_str).collect::<Vec<_>>(),
        "sounded_at": whistle.sounded_at,
    });
    vec![
        Rows::new(
            "insert into whistles (whistle_id, case_id, area_code, open, refused, sounded_at)
             select r.whistle_id, r.case_id, r.area_code, r.open, r.refused, r.sounded_at
             from json_to_recordset($1) as r (whistle_id text, case_id text, area_code text, open boolean, refused boolean, sounded_at timestamptz)
             on conflict (whistle_id) do update set open = excluded.open, refused = excluded.refused",
            row,
        ),
        Rows::new(
            "insert into summonses (whistle_id, department_code, sounded_at)
             select r.whistle_id, code, r.sounded_at
             from json_to_recordset($1) as r (whistle_id text, department_codes text[], sounded_at timestamptz) cross join unnest(r.department_codes) as code
             on conflict do nothing",
            departments,
        ),
    ]
}

/// Whistles within an area, or those that call a department, newest first.
pub(crate) async fn list(
    pool: &PgPool,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<Vec<Listed>, sqlx::Error> {
    let (before_at, before_id) = page.before();
    let rows = sqlx::query(
        "select w.whistle_id, a.version, a.state from whistles w join aggregates a on a.kind = 'whistle' and a.id = w.whistle_id
         where w.area_code like $1 || '%' and (not $2 or w.open) and (not $3 or w.refused)
           and ($4::text is null or exists (select 1 from summonses s where s.whistle_id = w.whistle_id and s.department_code = $4))
           and ($5 = 9223372036854775807 or (w.sounded_at, w.whistle_id) < ('epoch'::timestamptz + $5 * interval '1 microsecond', $6))
         order by w.sounded_at desc, w.whistle_id desc limit $7",
    )
    .bind(filter.area.as_str())
    .bind(filter.open_only)
    .bind(filter.refused_only)
    .bind(filter.department.as_ref().map(DepartmentCode::as_str))
    .bind(before_at)
    .bind(before_id)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    let listed = |row: &sqlx::postgres::PgRow| {
        let Json(whistle) = row.try_get::<Json<Whistle>, _>(2)?;
        Ok(Listed { whistle_id: row.try_get(0)?, version: row.try_get(1)?, whistle })
    };
    rows.iter().map(listed).collect()
}

impl Listed {
    /// Where a page that ends with this whistle is continued.
    pub(crate) fn key(&self) -> String {
        newest_key(self.whistle.sounded_at, &self.whistle_id)
    }
}

/// The whistles that were ever sounded on a case.
pub(crate) async fn of_case(pool: &PgPool, case_id: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select whistle_id from whistles where case_id = $1 order by whistle_id")
        .bind(case_id)
        .fetch_all(pool)
        .await
}

/// Those of the departments that are registered.
pub(crate) async fn known_departments(
    connection: &mut PgConnection,
    codes: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select department_code from departments where department_code = any ($1)")
        .bind(codes)
        .fetch_all(connection)
        .await
}

/// Notes a department that organization told of.
pub(crate) async fn note_department(
    connection: &mut PgConnection,
    code: &str,
    name_zh: &str,
    name_en: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into departments (department_code, name_zh, name_en) values ($1, $2, $3)
         on conflict (department_code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en",
    )
    .bind(code)
    .bind(name_zh)
    .bind(name_en)
    .execute(connection)
    .await?;
    Ok(())
}
