//! SQL of accounts on NATS.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};

/// An account that nothing hangs on any more.
pub(super) struct Void {
    pub(super) account: String,
    pub(super) subscription_id: String,
    /// True when the subscription has ended, false when the account was replaced.
    pub(super) ended: bool,
}

/// An account in use.
pub(super) struct Living {
    pub(super) account: String,
    pub(super) subscription_id: String,
    pub(super) jwt: String,
    /// Facts that it may have in hand.
    pub(super) in_hand: u16,
}

/// Keeps an account that was issued.
pub(super) async fn keep(
    connection: &mut PgConnection,
    account: &str,
    subscription: &str,
    jwt: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into nats_accounts (account, subscription_id, jwt, issued_at) values ($1, $2, $3, $4)",
    )
    .bind(account)
    .bind(subscription)
    .bind(jwt)
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// Accounts to take back, of one subscription or of all.
pub(super) async fn void(pool: &PgPool, of: Option<&str>) -> Result<Vec<Void>, sqlx::Error> {
    let rows = sqlx::query(
        "select n.account, n.subscription_id, s.status = 'ended'
         from nats_accounts n join subscriptions s using (subscription_id)
         join aggregates a on a.kind = 'subscription' and a.id = n.subscription_id
         where n.revoked_at is null and ($1::text is null or n.subscription_id = $1)
           and (s.status = 'ended' or a.state->>'account' is distinct from n.account)
         order by n.issued_at limit 100",
    )
    .bind(of)
    .fetch_all(pool)
    .await?;
    let void = |row: sqlx::postgres::PgRow| Void {
        account: row.get(0),
        subscription_id: row.get(1),
        ended: row.get(2),
    };
    Ok(rows.into_iter().map(void).collect())
}

/// Accounts in use.
pub(super) async fn living(pool: &PgPool) -> Result<Vec<Living>, sqlx::Error> {
    let rows = sqlx::query(
        "select n.account, n.subscription_id, n.jwt, coalesce((a.state#>>'{making,in_hand}')::int, 1) from nats_accounts n join subscriptions s using (subscription_id)
         join aggregates a on a.kind = 'subscription' and a.id = n.subscription_id
         where n.revoked_at is null and s.status <> 'ended' and a.state->>'account' = n.account",
    )
    .fetch_all(pool)
    .await?;
    let living = |row: sqlx::postgres::PgRow| Living {
        account: row.get(0),
        subscription_id: row.get(1),
        jwt: row.get(2),
        in_hand: u16::try_from(row.get::<i32, _>(3)).unwrap_or(1),
    };
    Ok(rows.into_iter().map(living).collect())
}

/// Notes that an account was taken back.
pub(super) async fn revoked(pool: &PgPool, account: &str, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("update nats_accounts set revoked_at = $2 where account = $1")
        .bind(account)
        .bind(at.to_sqlx())
        .execute(pool)
        .await?;
    Ok(())
}
