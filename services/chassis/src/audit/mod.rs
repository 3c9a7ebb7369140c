//! The audit of a record: recomputes every chain, compares the state of every aggregate with what its history makes of it, and both with the seals. Reads
//! one snapshot row by row, so that it can run beside a service at work and needs no more memory for a large record than for a small one.
//!
//! What it cannot know: what was written and rewritten between two seals by somebody who may write to the database. Until the next seal only the facts on the
//! bus tell of that.

mod chains;
mod fold;
mod seals;

use jiff::civil::Date;
use serde::Serialize;
use sqlx::PgPool;

use crate::seal::Sealed;
use crate::status::Failure;

pub use fold::Fold;

/// Most findings that are listed; the rest is counted.
const LISTED: usize = 1000;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Wrong {
    /// The row does not follow from the one before: it was changed, or the one before is missing.
    BrokenChain,
    /// The aggregate says that this version is its last, and its history does not have it so.
    OtherEnd,
    /// The history has this version, and the aggregate does not know it.
    BeyondEnd,
    /// The history is there and the aggregate is not.
    AggregateMissing,
    /// The state is not what the history makes of it.
    OtherState,
    /// The version was sealed with another hash, so the history was rewritten since.
    Rewritten {
        /// The day of the seal.
        sealed: Option<Date>,
    },
    /// The version was sealed, and the history does not have it any more.
    Removed {
        /// The day of the seal.
        sealed: Option<Date>,
    },
    /// The ends that this seal covers do not have its root: they were rewritten together with the history.
    OtherRoot {
        /// The day of the seal.
        sealed: Date,
        /// Chains that this seal was the first to cover so; one of them was rewritten, or one that is not listed any more.
        among: Vec<String>,
    },
    /// Ends are noted for a seal that is not on record.
    SealMissing,
    /// The bus was told another root than the one on record, or one that is not on record.
    OtherOnBus {
        /// The day of the seal.
        sealed: String,
    },
}

/// A row that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kind of the aggregate.
    pub kind: String,
    /// Identity of the aggregate.
    pub id: String,
    /// Version of the row.
    pub version: i64,
    /// What is wrong with it.
    #[serde(flatten)]
    pub wrong: Wrong,
}

/// What was found in the record of one service.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How many chains.
    pub chains: u64,
    /// How many events in them.
    pub events: u64,
    /// How many states were compared with their history.
    pub states: u64,
    /// The seals, oldest first; the first has version 1.
    #[serde(skip)]
    pub seals: Vec<Sealed>,
    /// How many rows do not fit.
    pub wrong: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds a row that does not fit.
    pub fn find(&mut self, kind: &str, id: &str, version: i64, wrong: Wrong) {
        self.wrong += 1;
        if self.findings.len() < LISTED {
            self.findings.push(Finding { kind: kind.to_owned(), id: id.to_owned(), version, wrong });
        }
    }

    /// The day of a seal.
    fn day(&self, seal: i64) -> Option<Date> {
        let nth = usize::try_from(seal - 1).ok()?;
        self.seals.get(nth).map(|sealed| sealed.day)
    }
}

/// Verifies the record of one service. `told` hears how many of how many events were read.
pub async fn verify(
    pool: &PgPool,
    service: &str,
    folds: &[Fold],
    mut told: impl FnMut(u64, u64) + Send,
) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut snapshot = pool.begin().await?;
    for setting in [
        "set transaction isolation level repeatable read, read only",
        "set local statement_timeout = 0",
        "set local idle_in_transaction_session_timeout = 0",
    ] {
        sqlx::query(setting).execute(&mut *snapshot).await?;
    }
    report.seals = seals::on_record(&mut snapshot).await?;
    chains::recompute(&mut snapshot, folds, &mut report, &mut told).await?;
    chains::compare_ends(&mut snapshot, &mut report).await?;
    seals::compare_ends(&mut snapshot, &mut report).await?;
    seals::compare_roots(&mut snapshot, service, &mut report).await?;
    snapshot.rollback().await?;
    Ok(report)
}
