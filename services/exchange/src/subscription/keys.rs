//! Signing keys of webhooks: made here, kept in the exchange's own schema, given to the owner only. During a change two keys sign.

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::webhook_signature::SigningKey;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use ring::rand::SystemRandom;
use sqlx::{PgConnection, Row};

use super::Scheme;

/// How long the former key signs beside the new one.
pub(crate) const BOTH_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A key as it is kept.
pub(crate) struct Key {
    /// Signs.
    pub(crate) signing: SigningKey,
    /// When it was made.
    pub(crate) made_at: Timestamp,
    /// When it stops signing; none for the newest one.
    pub(crate) ends_at: Option<Timestamp>,
}

/// Makes the key of a number; the one before stops signing after a while. A number that has a key keeps it.
pub(crate) async fn make(
    connection: &mut PgConnection,
    subscription: &str,
    number: i32,
    scheme: Scheme,
    at: Timestamp,
) -> Result<(), Failure> {
    let random = SystemRandom::new();
    let made = match scheme {
        Scheme::Ed25519 => SigningKey::new_pair(&random),
        Scheme::Hmac => SigningKey::new_shared(&random),
    };
    let made = made.ok_or_else(|| Failure::Bug("the machine gives no randomness".into()))?;
    sqlx::query(
        "update signing_keys set ends_at = $3 where subscription_id = $1 and number < $2 and ends_at is null",
    )
    .bind(subscription)
    .bind(number)
    .bind((at + BOTH_FOR).to_sqlx())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into signing_keys (subscription_id, number, secret, made_at) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(subscription)
    .bind(number)
    .bind(made.expose())
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// The keys that sign at an instant, newest first.
pub(crate) async fn signing(
    connection: &mut PgConnection,
    subscription: &str,
    at: Timestamp,
) -> Result<Vec<Key>, Failure> {
    let rows = sqlx::query(
        "select secret, made_at, ends_at from signing_keys
         where subscription_id = $1 and (ends_at is null or ends_at > $2) order by number desc limit 2",
    )
    .bind(subscription)
    .bind(at.to_sqlx())
    .fetch_all(connection)
    .await?;
    let key = |row: sqlx::postgres::PgRow| {
        let signing = SigningKey::parse(row.get(0))
            .map_err(|error| Failure::Bug(format!("a kept signing key is damaged: {error}")))?;
        let made_at = row.get::<jiff_sqlx::Timestamp, _>(1).to_jiff();
        let ends_at = row.get::<Option<jiff_sqlx::Timestamp>, _>(2).map(|at| at.to_jiff());
        Ok(Key { signing, made_at, ends_at })
    };
    rows.into_iter().map(key).collect()
}
