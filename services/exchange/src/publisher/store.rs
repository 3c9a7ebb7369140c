//! SQL of publishers' accounts.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};

use crate::party::Party;

/// Keeps an account that was issued.
pub(super) async fn keep(
    connection: &mut PgConnection,
    account: &str,
    party: &Party,
    jwt: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into publisher_accounts (account, publisher, organization, jwt, issued_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(account)
    .bind(party.token())
    .bind(party.to_string())
    .bind(jwt)
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// What makes an account one in force: it was not taken back, and its publisher's credentials are those and stand.
const IN_FORCE: &str =
    "n.revoked_at is null and a.state->>'account' = n.account and a.state->>'revoked' is null";
/// Accounts with their publishers.
const JOINED: &str = "publisher_accounts n join aggregates a on a.kind = 'publisher' and a.id = n.publisher";

/// Whose account it is, while it is in force.
pub(super) async fn party_of(pool: &PgPool, account: &str) -> Result<Option<Party>, sqlx::Error> {
    let query = format!("select n.organization from {JOINED} where n.account = $1 and {IN_FORCE}");
    let stored: Option<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(account).fetch_optional(pool).await?;
    Ok(stored.as_deref().and_then(Party::parse_stored))
}

/// The JWTs of accounts in force, with their public keys.
pub(super) async fn living(pool: &PgPool) -> Result<Vec<(String, String)>, sqlx::Error> {
    let query = format!("select n.account, n.jwt from {JOINED} where {IN_FORCE}");
    sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_all(pool).await
}

/// Accounts to take back, of one publisher or of all.
pub(super) async fn void(pool: &PgPool, of: Option<&str>) -> Result<Vec<String>, sqlx::Error> {
    let query = format!(
        "select n.account from {JOINED} where n.revoked_at is null and not ({IN_FORCE})
         and ($1::text is null or n.publisher = $1) order by n.issued_at limit 100"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(of).fetch_all(pool).await
}

/// Notes that an account was taken back.
pub(super) async fn revoked(pool: &PgPool, account: &str, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("update publisher_accounts set revoked_at = $2 where account = $1")
        .bind(account)
        .bind(at.to_sqlx())
        .execute(pool)
        .await?;
    Ok(())
}
