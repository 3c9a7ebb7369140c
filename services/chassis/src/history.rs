//! The audit file: each event of an aggregate with a hash over the one before, so that a change behind the back is seen.

use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use sqlx::{PgPool, Row as _};

use crate::status::Failure;

/// One event as it is written.
pub struct Row {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) event: String,
    pub(crate) hash: Vec<u8>,
}

impl Row {
    /// Chains an event to the one before; the first one is chained to nothing.
    pub(crate) fn chain(
        kind: &'static str,
        id: &str,
        version: i64,
        at: Timestamp,
        actor: &str,
        event: String,
        previous: &[u8],
    ) -> Self {
        let hash = link(previous, kind, id, version, at, actor, &event);
        Self { kind, id: id.to_owned(), version, at, actor: actor.to_owned(), event, hash }
    }
}

/// SHA-256 over the hash before and every column, each with its length in front, so that no two rows have the same bytes.
pub(crate) fn link(
    previous: &[u8],
    kind: &str,
    id: &str,
    version: i64,
    at: Timestamp,
    actor: &str,
    event: &str,
) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    let (version, at) = (version.to_be_bytes(), at.as_microsecond().to_be_bytes());
    for part in [previous, kind.as_bytes(), id.as_bytes(), &version, &at, actor.as_bytes(), event.as_bytes()]
    {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

/// One event as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Kind of the aggregate.
    pub kind: String,
    /// Identity of the aggregate.
    pub id: String,
    /// Version that the event made.
    pub version: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who made it happen.
    pub actor: String,
    /// The event as JSON.
    pub event: String,
}

/// Reads the histories of several aggregates as one, oldest first, from behind a key that an earlier page ended with.
pub async fn read(
    pool: &PgPool,
    aggregates: &[(&str, &str)],
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Entry>, Failure> {
    let (kinds, ids): (Vec<_>, Vec<_>) = aggregates.iter().copied().unzip();
    let after = after.map(parse_key).transpose()?;
    let (after_at, after_kind, after_id, after_version) = after.unwrap_or_default();
    let rows = sqlx::query(
        "select h.kind, h.id, h.version, h.at, h.actor, h.event
         from unnest($1::text[], $2::text[]) as wanted (kind, id) join history h using (kind, id)
         where (extract(epoch from h.at) * 1000000)::bigint >= $3
           and ((extract(epoch from h.at) * 1000000)::bigint, h.kind, h.id, h.version) > ($3, $4, $5, $6)
         order by h.at, h.kind, h.id, h.version limit $7",
    )
    .bind(kinds)
    .bind(ids)
    .bind(after_at)
    .bind(after_kind)
    .bind(after_id)
    .bind(after_version)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let entry = |row: sqlx::postgres::PgRow| Entry {
        kind: row.get(0),
        id: row.get(1),
        version: row.get(2),
        at: row.get::<jiff_sqlx::Timestamp, _>(3).to_jiff(),
        actor: row.get(4),
        event: row.get(5),
    };
    Ok(rows.into_iter().map(entry).collect())
}

impl Entry {
    /// Where a page that ends with this entry is continued.
    pub fn key(&self) -> String {
        format!("{}|{}|{}|{}", self.at.as_microsecond(), self.kind, self.id, self.version)
    }
}

fn parse_key(key: &str) -> Result<(i64, String, String, i64), Failure> {
    let parts: Vec<_> = key.split('|').collect();
    if let [at, kind, id, version] = parts[..]
        && let (Ok(at), Ok(version)) = (at.parse(), version.parse())
    {
        return Ok((at, kind.to_owned(), id.to_owned(), version));
    }
    Err(Failure::Invalid(vec![tonic_types::FieldViolation::new(
        "page_token",
        "must be the next_page_token of an answer",
    )]))
}

/// A place where a history does not hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Kind of the aggregate.
    pub kind: String,
    /// Identity of the aggregate.
    pub id: String,
    /// Version whose row does not fit the one before.
    pub version: i64,
}

/// Recomputes every chain and tells where one breaks; also counts the events.
pub async fn verify(pool: &PgPool) -> Result<(u64, Vec<Break>), Failure> {
    use futures::TryStreamExt;
    let mut rows = sqlx::query(
        "select kind, id, version, at, actor, event, hash from history order by kind, id, version",
    )
    .fetch(pool);
    let (mut count, mut breaks) = (0, Vec::new());
    let mut previous: (String, String, i64, Vec<u8>) = Default::default();
    while let Some(row) = rows.try_next().await? {
        let (kind, id, version): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
        let same = (previous.0 == kind) && (previous.1 == id);
        let (before, expected) = if same { (previous.3.as_slice(), previous.2 + 1) } else { (&[][..], 1) };
        let at = row.get::<jiff_sqlx::Timestamp, _>(3).to_jiff();
        let hash = link(before, &kind, &id, version, at, row.get(4), row.get(5));
        count += 1;
        if hash != row.get::<Vec<u8>, _>(6) || version != expected {
            breaks.push(Break { kind: kind.clone(), id: id.clone(), version });
        }
        previous = (kind, id, version, row.get(6));
    }
    Ok((count, breaks))
}
