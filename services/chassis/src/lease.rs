//! What only one process may do at a time. A lease is a row with an end: a holder that stands still loses it, and what it does when it wakes up is
//! refused, because its epoch is too old.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How long a lease lasts without renewal; the longest time for which nobody may be at work after a holder died.
const LASTS: Duration = Duration::from_secs(6);

/// A lease that is or was held.
#[derive(Clone, Debug)]
pub struct Lease {
    name: String,
    holder: Uuid,
    epoch: i64,
}

impl Lease {
    /// Takes the lease, or renews it; none while another holds it. Time is the database's, which all holders share.
    pub async fn take(pool: &PgPool, name: &str, holder: Uuid) -> Result<Option<Self>, sqlx::Error> {
        let epoch: Option<i64> = sqlx::query_scalar(
            "insert into leases as l (name, holder, epoch, until) values ($1, $2, 1, clock_timestamp() + $3 * interval '1 second')
             on conflict (name) do update set until = excluded.until, holder = excluded.holder,
                 epoch = l.epoch + (l.holder <> excluded.holder)::int
             where l.holder = excluded.holder or l.until < clock_timestamp()
             returning epoch",
        )
        .bind(name)
        .bind(holder)
        .bind(LASTS.as_secs_f64())
        .fetch_optional(pool)
        .await?;
        Ok(epoch.map(|epoch| Self { name: name.to_owned(), holder, epoch }))
    }

    /// True while this holder may write; locks the row so that it stays true until the transaction ends.
    pub async fn holds(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let held: Option<i64> = sqlx::query_scalar(
            "select epoch from leases where name = $1 and holder = $2 and epoch = $3 for share",
        )
        .bind(&self.name)
        .bind(self.holder)
        .bind(self.epoch)
        .fetch_optional(connection)
        .await?;
        Ok(held.is_some())
    }

    /// Gives the lease back, so that the next holder need not wait.
    pub async fn give_back(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update leases set until = clock_timestamp() where name = $1 and holder = $2 and epoch = $3",
        )
        .bind(&self.name)
        .bind(self.holder)
        .bind(self.epoch)
        .execute(pool)
        .await
        .map(drop)
    }
}

/// How often a holder renews.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);
