//! `gongzhi import`: takes over data, whole or not at all, and says what it changed.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::gate::Admission;
use gongzhi_organization::division::{Diff, Unclear};
use gongzhi_organization::import::{self, Effect, ImportFailure, Order, Outcome, Run};
use gongzhi_proto::ids::AreaCode;
use indicatif::{ProgressBar, ProgressStyle};

use crate::process::Ground;
use crate::up;

/// What to import.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Imports divisions (区划) from a CSV file: `code,parent_code,name,level`.
    Divisions {
        /// The file.
        file: PathBuf,
        /// Only says what would change.
        #[arg(long)]
        dry_run: bool,
        /// Takes the file although some divisions could be the same as several others: these count as new and gone.
        #[arg(long)]
        accept_ambiguous: bool,
        /// Lists at most so many divisions of each kind of change.
        #[arg(long, default_value_t = 20)]
        list: usize,
        /// Folder of the private database, as for `up`; not used when GONGZHI_DATABASE_URL is set.
        #[command(flatten)]
        data: up::Arguments,
    },
}

pub(crate) async fn run(command: Command, settings: Settings) -> Result<()> {
    let Command::Divisions { file, dry_run, accept_ambiguous, list, data } = command;
    let source = File::open(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let bytes = source.metadata()?.len();
    let ground = Ground::find(&settings, Some(data.folder()?)).await?;
    let context = ground.prepare(&settings, Clock::system()).await?;
    let order = Order {
        district: settings.district.clone(),
        run: if dry_run { Run::Dry } else { Run::Real },
        unclear: if accept_ambiguous { Unclear::AsGoneAndNew } else { Unclear::Refuse },
    };
    let bar = ProgressBar::new(bytes);
    bar.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {msg}")?);
    let moved = bar.clone();
    let progress = move |progress: gongzhi_organization::division::Progress| {
        moved.set_position(progress.bytes);
        moved.set_message(format!("{} lines", progress.lines));
    };
    let writer = context.writer(gongzhi_organization::NAME).await?;
    // A file may be imported again: each call is an intent of its own, and a file that changes nothing changes nothing.
    let admission =
        Admission::system(gongzhi_organization::NAME, format!("import:{}", context.clock.new_id()));
    let since = std::time::Instant::now();
    let imported = import::divisions(&writer, &admission, source, &order, progress).await;
    bar.finish_and_clear();
    let outcome = match imported {
        Ok(outcome) => outcome,
        Err(ImportFailure::Unreadable(unreadable)) => {
            ground.stop().await?;
            bail!("nothing was changed\n{unreadable}");
        }
        Err(failure) => {
            ground.stop().await?;
            return Err(failure).context("nothing was changed");
        }
    };
    print(&outcome, list);
    println!("{:.1} s", since.elapsed().as_secs_f64());
    ground.stop().await
}

fn print(outcome: &Outcome, list: usize) {
    let diff = &outcome.diff;
    println!(
        "new {}  renamed {}  recoded {}  merged {}  gone {}  unchanged {}",
        diff.new.len(),
        diff.renamed.len(),
        diff.recoded.len(),
        diff.merged.len(),
        diff.gone.len(),
        diff.unchanged
    );
    for line in lines(diff, list) {
        println!("  {line}");
    }
    if !outcome.notes.is_empty() {
        println!("blanks were cut off in {} fields", outcome.notes.len());
    }
    println!(
        "{}",
        match outcome.effect {
            Effect::Changed => "the register was changed",
            Effect::NothingToChange => "the register says all of this already",
            Effect::OnlyLooked => "nothing was changed: this was a dry run",
            Effect::DoneBefore => "this was done before",
        }
    );
}

/// The changes in words, at most so many of each kind.
fn lines(diff: &Diff, list: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |total: usize, shown: Vec<String>| {
        let left = total - shown.len();
        lines.extend(shown);
        if left > 0 {
            lines.push(format!("… and {left} more"));
        }
    };
    add(
        diff.new.len(),
        diff.new.iter().take(list).map(|code: &AreaCode| format!("new      {code}")).collect(),
    );
    add(
        diff.renamed.len(),
        diff.renamed
            .iter()
            .take(list)
            .map(|renamed| format!("renamed  {} {} → {}", renamed.code, renamed.old_name, renamed.new_name))
            .collect(),
    );
    add(
        diff.recoded.len(),
        diff.recoded
            .iter()
            .take(list)
            .map(|recoded| format!("recoded  {} → {} {}", recoded.from, recoded.to, recoded.new_name))
            .collect(),
    );
    add(
        diff.merged.len(),
        diff.merged
            .iter()
            .take(list)
            .map(|merged| format!("merged   {} {}", merged.code, merged.name))
            .collect(),
    );
    add(
        diff.gone.len(),
        diff.gone.iter().take(list).map(|gone| format!("gone     {} {}", gone.code, gone.name)).collect(),
    );
    add(
        diff.ambiguous.len(),
        diff.ambiguous
            .iter()
            .take(list)
            .map(|unclear| format!("unclear  {} {:?} or {:?}", unclear.name, unclear.from, unclear.to))
            .collect(),
    );
    lines
}
