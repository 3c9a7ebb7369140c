//! SQL of publication: which events were accepted before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// What is known of an event that somebody publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: this transaction is the first.
    New,
    /// It was accepted before.
    Same,
    /// Another event was accepted under its identity.
    Other,
}

/// Claims the identities of events, each with the digest of what is published. Whoever claims one at the same moment waits until this transaction ends.
pub(super) async fn claim(
    connection: &mut PgConnection,
    events: &BTreeMap<Uuid, Vec<u8>>,
    at: Timestamp,
) -> Result<BTreeMap<Uuid, Known>, sqlx::Error> {
    let ids: Vec<_> = events.keys().copied().collect();
    let prints: Vec<_> = events.values().map(Vec::as_slice).collect();
    // In one order for everybody, so that two batches never wait for each other.
    let new: Vec<Uuid> = sqlx::query_scalar(
        "insert into accepted (event_id, fingerprint, accepted_at)
         select id, print, $3 from unnest($1::uuid[], $2::bytea[]) as n (id, print) order by id
         on conflict do nothing returning event_id",
    )
    .bind(&ids)
    .bind(prints)
    .bind(at.to_sqlx())
    .fetch_all(&mut *connection)
    .await?;
    let rows = sqlx::query("select event_id, fingerprint from accepted where event_id = any ($1)")
        .bind(&ids)
        .fetch_all(connection)
        .await?;
    let mut known = BTreeMap::new();
    for row in rows {
        let (id, print): (Uuid, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let same = events.get(&id) == Some(&print);
        known.insert(id, if same { Known::Same } else { Known::Other });
    }
    known.extend(new.into_iter().map(|id| (id, Known::New)));
    Ok(known)
}
