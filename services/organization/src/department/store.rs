//! The SQL of departments, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::DepartmentCode;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::machine::Department;

/// What a department is listed by.
pub(super) fn index(department: &Department) -> Rows {
    Rows::new(
        "insert into departments (department_code) select r.department_code from json_to_recordset($1) as r (department_code text) on conflict do nothing",
        json!({ "department_code": department.code.as_str() }),
    )
}

/// Reads a page of departments in the order of their codes.
pub(super) async fn list(pool: &PgPool, page: &Page) -> Result<Vec<Department>, sqlx::Error> {
    let rows: Vec<Json<Department>> = sqlx::query_scalar(
        "select a.state from departments d join aggregates a on a.kind = 'department' and a.id = d.department_code
         where $1::text is null or d.department_code > $1
         order by d.department_code limit $2",
    )
    .bind(&page.after)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|Json(department)| department).collect())
}

/// True when a department is registered.
pub(super) async fn is_registered(
    connection: &mut PgConnection,
    code: &DepartmentCode,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from departments where department_code = $1)")
        .bind(code.as_str())
        .fetch_one(connection)
        .await
}
