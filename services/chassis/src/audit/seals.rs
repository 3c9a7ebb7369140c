//! Chains against the seals: every end that was sealed is still in the history, and all ends of a seal together have its root.

use futures::TryStreamExt;
use sqlx::{PgConnection, Row};

use super::{Report, Wrong};
use crate::seal::merkle::{self, Hash, Tree};
use crate::seal::{Event, KIND, Sealed};
use crate::status::Failure;
use crate::work::parse;

/// Most chains that are named where one of them was rewritten.
const AMONG: i64 = 20;

/// The seals on record, oldest first.
pub(super) async fn on_record(connection: &mut PgConnection) -> Result<Vec<Sealed>, Failure> {
    let events: Vec<String> =
        sqlx::query_scalar("select event from history where kind = $1 order by version")
            .bind(KIND)
            .fetch_all(connection)
            .await?;
    events
        .iter()
        .map(|event| {
            let Event::ChainsSealed(sealed) = parse(event)?;
            Ok(sealed)
        })
        .collect()
}

/// Compares every sealed end with the history; tells the first of each chain.
pub(super) async fn compare_ends(connection: &mut PgConnection, report: &mut Report) -> Result<(), Failure> {
    let mut rows = sqlx::query(
        "select distinct on (s.kind, s.id) s.kind, s.id, s.version, s.seal, h.hash is null
         from sealed_ends s left join history h on h.kind = s.kind and h.id = s.id and h.version = s.version
         where h.hash is distinct from s.hash order by s.kind, s.id, s.seal",
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let sealed = report.day(row.get(3));
        let wrong = if row.get(4) { Wrong::Removed { sealed } } else { Wrong::Rewritten { sealed } };
        report.find(row.get(0), row.get(1), row.get(2), wrong);
    }
    Ok(())
}

/// The tree of a seal as it grows.
#[derive(Clone, Default)]
struct Growing {
    tree: Tree,
    events: u64,
}

/// Makes the tree of every seal anew, all in one pass over the ends in the order of their leaves, and compares the roots.
pub(super) async fn compare_roots(
    connection: &mut PgConnection,
    service: &str,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut trees = vec![Growing::default(); report.seals.len()];
    let mut rows =
        sqlx::query("select kind, id, seal, version, hash from sealed_ends order by kind, id, seal")
            .fetch(&mut *connection);
    let (mut chain, mut from, mut end) = ((String::new(), String::new()), 0_usize, None::<(Hash, u64)>);
    let mut orphan = None;
    while let Some(row) = rows.try_next().await? {
        let (kind, id, version): (&str, &str, i64) = (row.get(0), row.get(1), row.get(3));
        let seal = usize::try_from(row.get::<i64, _>(2)).unwrap_or(usize::MAX);
        if seal > trees.len() {
            orphan = orphan.or(Some(seal));
            continue;
        }
        let same = chain.0 == kind && chain.1 == id;
        // What the chain was before belongs to every seal before this one, or to all that are left.
        grow(&mut trees, from, if same { seal - 1 } else { usize::MAX }, end);
        if !same {
            chain = (kind.to_owned(), id.to_owned());
        }
        (from, end) = (seal - 1, Some((merkle::leaf(kind, id, version, row.get(4)), version.unsigned_abs())));
    }
    drop(rows);
    grow(&mut trees, from, usize::MAX, end);
    if let Some(seal) = orphan {
        report.find(KIND, service, i64::try_from(seal).unwrap_or(i64::MAX), Wrong::SealMissing);
    }
    let mut seals = Vec::new();
    for (nth, (sealed, grown)) in (1..).zip(report.seals.iter().zip(&trees)) {
        let same = merkle::hex(&grown.tree.root()) == sealed.root
            && grown.tree.leaves() == sealed.chains
            && grown.events == sealed.events;
        if !same {
            seals.push((nth, sealed.day));
        }
    }
    // Where one seal differs the later ones do too; the first names the chains.
    for (which, (nth, sealed)) in (0..).zip(seals) {
        let among = if which == 0 { covered_by(connection, nth).await? } else { Vec::new() };
        report.find(KIND, service, nth, Wrong::OtherRoot { sealed, among });
    }
    Ok(())
}

/// Adds an end to the trees `from..to`.
fn grow(trees: &mut [Growing], from: usize, to: usize, end: Option<(Hash, u64)>) {
    let Some((leaf, events)) = end else { return };
    let to = to.min(trees.len());
    for growing in trees.get_mut(from..to).into_iter().flatten() {
        growing.tree.push(leaf);
        growing.events += events;
    }
}

/// Chains whose end a seal was the first to cover so.
async fn covered_by(connection: &mut PgConnection, seal: i64) -> Result<Vec<String>, Failure> {
    let named = sqlx::query_scalar(
        "select kind || ' ' || id from sealed_ends where seal = $1 order by kind, id limit $2",
    )
    .bind(seal)
    .bind(AMONG)
    .fetch_all(connection)
    .await?;
    Ok(named)
}
