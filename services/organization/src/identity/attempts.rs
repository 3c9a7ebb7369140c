//! Tries to sign in: five wrong passwords within a quarter of an hour lock an account for a quarter of an hour.
//!
//! A try is counted before the password is looked at and forgotten when the password was right: many tries at the same instant cannot outrun the
//! count. Accounts that nobody has are counted like others, so that a lock does not tell who exists; rows that have ended are swept up on the way, so
//! the table holds no more than a quarter of an hour of tries.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

/// Whether a password may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Try {
    /// It may.
    Allowed,
    /// Too many were wrong; not before some time has passed.
    Locked,
}

/// Counts a try.
pub(super) async fn count(pool: &PgPool, account: &str, at: Timestamp) -> Result<Try, sqlx::Error> {
    sqlx::query("delete from sign_in_attempts where ends_at <= $1").bind(at.to_sqlx()).execute(pool).await?;
    let counted = sqlx::query(
        "insert into sign_in_attempts as a (account, tries, ends_at)
         values ($1, array[$2::timestamptz], $2::timestamptz + interval '15 minutes')
         on conflict (account) do update set
             tries = case when cardinality(a.tries) >= 5 then array[$2::timestamptz]
                 else array(select t from unnest(a.tries) as t where t > $2::timestamptz - interval '15 minutes' order by t) || $2::timestamptz end,
             ends_at = $2::timestamptz + interval '15 minutes'
         where cardinality(a.tries) < 5 or a.ends_at <= $2::timestamptz",
    )
    .bind(account)
    .bind(at.to_sqlx())
    .execute(pool)
    .await?;
    Ok(if counted.rows_affected() == 1 { Try::Allowed } else { Try::Locked })
}

/// Forgets the tries before a right password.
pub(super) async fn forget(pool: &PgPool, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("delete from sign_in_attempts where account = $1").bind(account).execute(pool).await?;
    Ok(())
}
