//! The record: a pool of connections to a service's own schema, and its migrations.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

use crate::status::{Failure, Refusal};

/// The tables that every service has.
static OURS: Migrator = sqlx::migrate!("./migrations");

/// Connects to a service's schema. Every wait has a deadline: for a connection, a lock, a statement.
pub async fn connect(url: &str, schema: &str, connections: u32) -> Result<PgPool, Failure> {
    let options = PgConnectOptions::from_str(url)?.application_name(&format!("gongzhi-{schema}")).options([
        ("search_path", schema),
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "60s"),
        ("timezone", "UTC"),
        ("jit", "off"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        // A ping before each use would cost a round trip per command; a dead connection shows at its first statement.
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Versions of a service's migrations and of ours.
pub fn versions(service: &Migrator) -> BTreeSet<i64> {
    OURS.iter().chain(service.iter()).map(|migration| migration.version).collect()
}

/// A schema is newer than the program.
#[derive(Debug)]
struct TooNew {
    schema: String,
    version: i64,
}

impl fmt::Display for TooNew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, version } = self;
        write!(
            f,
            "the schema {schema} is newer than this program: it has migration {version}, which only a newer version of gongzhi knows; schemas never go back, so run that version"
        )
    }
}

impl Refusal for TooNew {
    fn reason(&self) -> &'static str {
        "SCHEMA_IS_NEWER"
    }
}

/// What is said where a schema is newer than the program.
pub fn too_new(schema: &str, version: i64) -> Failure {
    Failure::refused(&TooNew { schema: schema.to_owned(), version })
}

/// Brings a schema to the newest version: the chassis' tables first, then the service's own. Safe to run by several processes at once.
pub async fn migrate(url: &str, schema: &'static str, service: &Migrator) -> Result<(), Failure> {
    migrate_to(url, schema, service, &versions(service)).await
}

/// Brings a schema to a version: runs these migrations and no other.
pub async fn migrate_to(
    url: &str,
    schema: &'static str,
    service: &Migrator,
    versions: &BTreeSet<i64>,
) -> Result<(), Failure> {
    let pool = connect(url, schema, 2).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("create schema if not exists {schema}")))
        .execute(&pool)
        .await
        .or_else(|error| match &error {
            // Two processes creating it at once: one of them is told that it exists.
            sqlx::Error::Database(database) if database.code() == Some(Cow::Borrowed("23505")) => {
                Ok(Default::default())
            }
            _ => Err(error),
        })?;
    let all = OURS.iter().chain(service.iter());
    let wanted = all.filter(|migration| versions.contains(&migration.version)).cloned().collect();
    let result = Migrator::with_migrations(wanted).run(&pool).await;
    pool.close().await;
    result.map_err(|error| match error {
        MigrateError::VersionMissing(version) => too_new(schema, version),
        error => Failure::Database(sqlx::Error::Migrate(Box::new(error))),
    })
}
