//! Chains against themselves and against the aggregates.

use futures::TryStreamExt;
use sqlx::{PgConnection, Row};

use super::fold::{Fold, Folding};
use super::{Report, Wrong};
use crate::history::link;
use crate::status::Failure;

/// After how many events somebody is told.
const TOLD_EVERY: u64 = 1000;

/// The chain that is being read.
#[derive(Default)]
struct Chain {
    kind: String,
    id: String,
    version: i64,
    hash: Vec<u8>,
    sound: bool,
    folded: Option<Box<dyn Folding + Send>>,
}

/// Recomputes every chain, and makes the state of every aggregate anew from it.
pub(super) async fn recompute(
    connection: &mut PgConnection,
    folds: &[Fold],
    report: &mut Report,
    told: &mut (impl FnMut(u64, u64) + Send),
) -> Result<(), Failure> {
    let all: i64 = sqlx::query_scalar("select count(*) from history").fetch_one(&mut *connection).await?;
    let mut rows = sqlx::query(
        "select h.kind, h.id, h.version, h.at, h.actor, h.event, h.hash, a.state::text
         from history h left join aggregates a on a.kind = h.kind and a.id = h.id and a.version = h.version
         order by h.kind, h.id, h.version",
    )
    .fetch(connection);
    let mut chain = Chain::default();
    while let Some(row) = rows.try_next().await? {
        let (kind, id, version): (&str, &str, i64) = (row.get(0), row.get(1), row.get(2));
        if chain.kind != kind || chain.id != id {
            report.chains += 1;
            let fold = folds.iter().find(|fold| fold.kind == kind);
            let folded = fold.map(Fold::start);
            chain = Chain { kind: kind.into(), id: id.into(), sound: true, folded, ..Chain::default() };
        }
        let at = row.get::<jiff_sqlx::Timestamp, _>(3).to_jiff();
        let event: &str = row.get(5);
        let hash: &[u8] = row.get(6);
        if link(&chain.hash, kind, id, version, at, row.get(4), event) != hash || version != chain.version + 1
        {
            report.find(kind, id, version, Wrong::BrokenChain);
            chain.sound = false;
        }
        chain.version = version;
        hash.clone_into(&mut chain.hash);
        if let Some(folded) = chain.folded.as_mut().filter(|_| chain.sound) {
            folded.follow(at, event);
            if let Some(state) = row.get::<Option<&str>, _>(7) {
                report.states += 1;
                if !folded.is(state) {
                    report.find(kind, id, version, Wrong::OtherState);
                }
            }
        }
        report.events += 1;
        if report.events.is_multiple_of(TOLD_EVERY) {
            told(report.events, all.unsigned_abs());
        }
    }
    told(report.events, all.unsigned_abs());
    Ok(())
}

/// Compares every aggregate with the end of its chain, both ways.
pub(super) async fn compare_ends(connection: &mut PgConnection, report: &mut Report) -> Result<(), Failure> {
    let mut rows = sqlx::query(
        "select a.kind, a.id, a.version from aggregates a left join history h using (kind, id, version)
         where h.hash is distinct from a.hash",
    )
    .fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        report.find(row.get(0), row.get(1), row.get(2), Wrong::OtherEnd);
    }
    drop(rows);
    let mut rows = sqlx::query(
        "select h.kind, h.id, min(h.version), bool_or(a.id is null)
         from history h left join aggregates a using (kind, id)
         where a.id is null or h.version > a.version group by h.kind, h.id",
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let wrong = if row.get(3) { Wrong::AggregateMissing } else { Wrong::BeyondEnd };
        report.find(row.get(0), row.get(1), row.get(2), wrong);
    }
    Ok(())
}
