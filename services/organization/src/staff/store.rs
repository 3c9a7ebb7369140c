//! The SQL of people on duty, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, StaffId};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::machine::Staff;

/// Name of the constraint that gives an account to one person only.
const ACCOUNT_ONCE: &str = "staff_account_once";

/// What a person is found and listed by.
pub(super) fn index(id: &str, staff: &Staff) -> Vec<Rows> {
    let areas: Vec<_> = staff.posts.iter().map(|held| held.area.as_str()).collect();
    vec![
        Rows::new(
            "insert into staff (staff_id, account) select r.staff_id, r.account from json_to_recordset($1) as r (staff_id uuid, account text)
             on conflict on constraint staff_pkey do nothing",
            json!({ "staff_id": id, "account": staff.account }),
        ),
        Rows::new(
            "delete from staff_posts p using json_to_recordset($1) as r (staff_id uuid) where p.staff_id = r.staff_id",
            json!({ "staff_id": id }),
        ),
        Rows::new(
            "insert into staff_posts (staff_id, area_code)
             select r.staff_id, area from json_to_recordset($1) as r (staff_id uuid, areas text[]) cross join unnest(r.areas) as area",
            json!({ "staff_id": id, "areas": areas }),
        ),
    ]
}

/// True when something failed because the account belongs to somebody else.
pub(super) fn is_account_taken(failure: &Failure) -> bool {
    match failure {
        Failure::Database(sqlx::Error::Database(error)) => error.constraint() == Some(ACCOUNT_ONCE),
        _ => false,
    }
}

/// Keeps the hash of a password.
pub(super) async fn keep_credential(
    connection: &mut PgConnection,
    id: Uuid,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into credentials (staff_id, hash) values ($1, $2)")
        .bind(id)
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds whom an account belongs to, and the hash of the password; none for an account that nobody signs in with here.
pub(super) async fn credential(
    pool: &PgPool,
    account: &str,
) -> Result<Option<(StaffId, String)>, sqlx::Error> {
    let row = sqlx::query(
        "select s.staff_id, c.hash from staff s join credentials c on c.staff_id = s.staff_id where s.account = $1",
    )
    .bind(account)
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok((StaffId(row.try_get(0)?), row.try_get(1)?))).transpose()
}

/// Reads a page of those with a post in or below an area, in the order of their accounts.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    page: &Page,
) -> Result<Vec<(StaffId, Staff)>, sqlx::Error> {
    let rows = sqlx::query(
        "select s.staff_id, a.state from staff s join aggregates a on a.kind = 'staff' and a.id = s.staff_id::text
         where exists (select from staff_posts p where p.staff_id = s.staff_id and p.area_code >= $1 and p.area_code < $1 || ':')
           and ($2::text is null or s.account > $2)
         order by s.account limit $3",
    )
    .bind(area.as_str())
    .bind(&page.after)
    .bind(page.limit())
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((StaffId(row.try_get(0)?), row.try_get::<Json<Staff>, _>(1)?.0))).collect()
}
