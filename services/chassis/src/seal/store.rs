//! SQL of seals: which version of each chain each of them covers.

use futures::TryStreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};

use super::merkle::{Tree, leaf};

/// True when something happened before an instant.
pub(super) async fn happened_before(pool: &PgPool, at: Timestamp) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from history where at < $1 and kind <> $2)")
        .bind(at.to_sqlx())
        .bind(super::KIND)
        .fetch_one(pool)
        .await
}

/// Notes for a seal the end of every chain that has grown since the seal before, as this transaction sees them in one look.
pub(super) async fn cover(connection: &mut PgConnection, seal: i64) -> Result<u64, sqlx::Error> {
    sqlx::query("set local statement_timeout = 0").execute(&mut *connection).await?;
    let covered = sqlx::query(
        "insert into sealed_ends (kind, id, seal, version, hash)
         select a.kind, a.id, $1, a.version, a.hash
         from aggregates a left join lateral
              (select s.version from sealed_ends s where s.kind = a.kind and s.id = a.id order by s.seal desc limit 1) s on true
         where a.kind <> $2 and a.version is distinct from s.version",
    )
    .bind(seal)
    .bind(super::KIND)
    .execute(connection)
    .await?;
    Ok(covered.rows_affected())
}

/// The tree over all ends that a seal covers, and how many events the chains hold together.
pub(super) async fn tree(connection: &mut PgConnection, seal: i64) -> Result<(Tree, u64), sqlx::Error> {
    let (mut tree, mut events) = (Tree::default(), 0);
    let mut rows = sqlx::query(
        "select distinct on (kind, id) kind, id, version, hash from sealed_ends where seal <= $1
         order by kind, id, seal desc",
    )
    .bind(seal)
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let version: i64 = row.get(2);
        tree.push(leaf(row.get(0), row.get(1), version, row.get(3)));
        events += version.unsigned_abs();
    }
    Ok((tree, events))
}
