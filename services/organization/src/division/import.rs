//! Taking a file of divisions into the register: read, compare, decide, write, in one commit or not at all.
//!
//! Owns what of a difference is written and what of it concerns the served district. Reading, comparing and the law are others' business; so is
//! showing an officer what happened. Called by the executable, not over the wire: a file of a whole province is larger than a message.

use std::collections::BTreeSet;
use std::io::{self, Read};

use gongzhi_chassis::execute::{Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, Level};
use ring::digest;

use super::diff::{Diff, compare};
use super::file::{DivisionFile, Note, Progress, Unreadable, read};
use super::machine::{Change, Command, Counts, Unclear};
use super::register::{RegisterKind, THE_REGISTER};
use super::store::{self, Listed, Rows};

/// How a file is to be taken.
#[derive(Clone, Debug)]
pub struct Order {
    /// The served district: changes within it are told to others.
    pub district: AreaCode,
    /// Whether anything is written.
    pub run: Run,
    /// What is said to divisions that cannot be told apart by rule.
    pub unclear: Unclear,
}

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Only says what would change.
    Dry,
    /// Changes the register.
    Real,
}

/// What became of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changed.
    Changed,
    /// It says all of this already.
    NothingToChange,
    /// It would change.
    OnlyLooked,
    /// The same key was used before; the difference is what the register lacks now, and none of it was written.
    DoneBefore,
}

/// What an import found and did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What became of the register.
    pub effect: Effect,
    /// What the file changes.
    pub diff: Diff,
    /// The same in figures.
    pub counts: Counts,
    /// What was changed while reading.
    pub notes: Vec<Note>,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
}

/// Why a file was not taken. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// The file has faults; each is named.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// The rules say no, or the world broke.
    #[error("{0}")]
    Failure(#[from] Failure),
}

impl From<sqlx::Error> for ImportFailure {
    fn from(error: sqlx::Error) -> Self {
        Self::Failure(error.into())
    }
}

/// Takes a file of divisions into the register. `progress` is told how far reading has come.
pub async fn divisions(
    writer: &Writer,
    admission: &Admission,
    source: impl Read + Send + 'static,
    order: &Order,
    progress: impl FnMut(Progress) + Send + 'static,
) -> Result<Outcome, ImportFailure> {
    // Reading and comparing are arithmetic without a pause: they must not hold up the calls on this thread.
    let (file, digest) = blocking(move || read_with_digest(source, progress)).await??;
    let mut unit = writer.begin(admission).await?;
    store::lock(unit.connection().await?).await?;
    let before = store::read(unit.connection().await?).await?;
    let (file, before, diff) = blocking(move || {
        let tree = before.iter().map(|(code, row)| (code.clone(), row.name.clone())).collect();
        let diff = compare(&tree, &file);
        (file, before, diff)
    })
    .await?;
    let plan = Plan::new(&before, &file, &diff);
    let counts = counts(&diff, plan.retyped);
    let notes = file.notes().to_vec();
    let effect = if unit.is_repeat() {
        Effect::DoneBefore
    } else if counts.is_no_change() {
        Effect::NothingToChange
    } else if order.run == Run::Dry {
        Effect::OnlyLooked
    } else {
        let changes = changes(&order.district, &file, &diff);
        let command = Command::Import {
            district: order.district.clone(),
            digest: digest.clone(),
            counts,
            changes,
            unclear: order.unclear,
        };
        apply(unit, command, &plan, &diff).await?;
        Effect::Changed
    };
    Ok(Outcome { effect, diff, counts, notes, digest })
}

async fn apply(mut unit: Unit, command: Command, plan: &Plan<'_>, diff: &Diff) -> Result<(), Failure> {
    let at = unit.at();
    unit.execute::<RegisterKind>(&(), Target::Any(THE_REGISTER), &command).await?;
    store::remove(unit.connection().await?, &plan.removed).await?;
    store::write(unit.connection().await?, &plan.written).await?;
    store::keep_former_codes(unit.connection().await?, &diff.recoded, at).await?;
    // The table is locked, so nobody else can have been first except with the same key.
    if unit.commit().await? { Ok(()) } else { Err(Failure::Conflict) }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Bug(error.to_string()))
}

/// Digests what is read through it.
struct Digesting<R> {
    source: R,
    digest: digest::Context,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}

fn read_with_digest(
    source: impl Read,
    progress: impl FnMut(Progress),
) -> Result<(DivisionFile, String), Unreadable> {
    let mut digesting = Digesting { source, digest: digest::Context::new(&digest::SHA256) };
    let file = read(&mut digesting, progress)?;
    let digest = digesting.digest.finish();
    Ok((file, digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn counts(diff: &Diff, retyped: usize) -> Counts {
    Counts {
        new: diff.new.len(),
        renamed: diff.renamed.len(),
        recoded: diff.recoded.len(),
        merged: diff.merged.len(),
        gone: diff.gone.len(),
        ambiguous: diff.ambiguous.len(),
        retyped,
        unchanged: diff.unchanged,
    }
}

/// Which rows go and which are written.
struct Plan<'diff> {
    removed: Vec<&'diff AreaCode>,
    written: Rows,
    retyped: usize,
}

impl<'diff> Plan<'diff> {
    fn new(before: &Rows, file: &DivisionFile, diff: &'diff Diff) -> Self {
        let removed = (diff.recoded.iter().map(|it| &it.from))
            .chain(diff.merged.iter().map(|it| &it.code))
            .chain(diff.gone.iter().map(|it| &it.code))
            .chain(diff.ambiguous.iter().flat_map(|it| &it.from))
            .collect();
        // What moved along with the division it lies in keeps name and kind; the file may say otherwise further down.
        let mut written: Rows = diff
            .recoded
            .iter()
            .map(|it| {
                let estate_type = before.get(&it.from).and_then(|row| row.estate_type);
                (it.to.clone(), Listed { name: it.new_name.clone(), estate_type })
            })
            .collect();
        let mut retyped = 0;
        for (code, division) in file.divisions() {
            let old = before.get(code);
            let kept = written.get(code).or(old).and_then(|row| row.estate_type);
            // A file that does not say the kind says nothing against it.
            let row = Listed { name: division.name.clone(), estate_type: division.estate_type.or(kept) };
            if old.is_some_and(|old| old.estate_type != row.estate_type) {
                retyped += 1;
            }
            if old != Some(&row) {
                written.insert(code.clone(), row);
            }
        }
        Self { removed, written, retyped }
    }
}

/// What changes in the served district, in the order in which others should hear of it: what became of the old before what is new.
fn changes(district: &AreaCode, file: &DivisionFile, diff: &Diff) -> Vec<Change> {
    let ours = |code: &AreaCode| code.level() >= Level::District && district.contains(code);
    let mut changes = Vec::new();
    let mut abolished: BTreeSet<&AreaCode> = BTreeSet::new();
    for it in &diff.recoded {
        if ours(&it.to) {
            let name = it.new_name.clone();
            changes.push(Change::Recoded { from: it.from.clone(), to: it.to.clone(), name });
        } else {
            abolished.insert(&it.from);
        }
    }
    abolished.extend(diff.merged.iter().map(|it| &it.code));
    abolished.extend(diff.gone.iter().map(|it| &it.code));
    abolished.extend(diff.ambiguous.iter().flat_map(|it| &it.from));
    let abolished = abolished.into_iter().filter(|code| ours(code));
    changes.extend(abolished.map(|code| Change::Abolished { code: code.clone() }));
    let renamed = diff.renamed.iter().filter(|it| ours(&it.code));
    changes.extend(renamed.map(|it| Change::Renamed { code: it.code.clone(), name: it.new_name.clone() }));
    let listed: BTreeSet<&AreaCode> =
        diff.new.iter().chain(diff.ambiguous.iter().flat_map(|it| &it.to)).collect();
    let listed = listed.into_iter().filter(|code| ours(code)).filter_map(|code| {
        let name = file.divisions().get(code)?.name.clone();
        Some(Change::Listed { code: code.clone(), name })
    });
    changes.extend(listed);
    changes
}
