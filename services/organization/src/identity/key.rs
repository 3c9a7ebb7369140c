//! The key that signs tokens: from the settings, or made once and kept in the database.
//!
//! A deployment should give its own key with GONGZHI_SIGNING_KEY: one that is kept in the database can be read by everybody who can read the
//! database, and whoever has it can sign in as anybody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gongzhi_chassis::record;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::token::{KeySet, Signer};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use crate::NAME;

/// The key that signs this deployment's tokens.
pub async fn signer(context: &Context) -> Result<Signer, Failure> {
    if let Some(given) = &context.settings.signing_key {
        let bytes = STANDARD.decode(given.reveal().trim()).map_err(|_| {
            Failure::Bug("GONGZHI_SIGNING_KEY is not base64; give the PKCS #8 form of an Ed25519 key".into())
        })?;
        return Signer::from_pkcs8(&bytes);
    }
    let pool = record::connect(&context.database_url, NAME, 1).await?;
    let kept = kept(&pool, context).await;
    pool.close().await;
    Signer::from_pkcs8(&kept?)
}

/// The public half, as verifiers want it.
pub async fn key_set(context: &Context) -> Result<KeySet, Failure> {
    Ok(KeySet::new(vec![signer(context).await?.key()]))
}

async fn kept(pool: &PgPool, context: &Context) -> Result<Vec<u8>, Failure> {
    let read = "select pkcs8 from signing_keys";
    if let Some(key) = sqlx::query_scalar(read).fetch_optional(pool).await? {
        return Ok(key);
    }
    // Of several processes that start at once, one makes the key.
    let made = sqlx::query(
        "insert into signing_keys (pkcs8, made_at) values ($1, $2) on conflict (only_one) do nothing",
    )
    .bind(Signer::generate()?)
    .bind(context.clock.now().to_sqlx())
    .execute(pool)
    .await?;
    if made.rows_affected() == 1 {
        tracing::warn!(
            "made a signing key and kept it in the database; give a deployment its own with GONGZHI_SIGNING_KEY"
        );
    }
    Ok(sqlx::query_scalar(read).fetch_one(pool).await?)
}
