//! `gongzhi compute opinion`: what people agree on, of a conversation in the files that Polis exports, under the names that red-dwarf uses, so that the numbers can be held
//! against others'. Whoever has the files knows what each number said; a screen tells less, and `--screen` shows what.

use std::path::PathBuf;

use gongzhi_choice::opinion::{self, Options, Start, Told};
use serde_json::{Value, json};

use super::read;

/// What to tell.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder.
    folder: PathBuf,
    /// Where the search for groups begins.
    #[arg(long, value_enum, default_value_t = Begin::First)]
    start: Begin,
    /// How stable the groups are is told as well, by so many samples of the people.
    #[arg(long, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    stability: Option<u32>,
    /// The bridging score of each statement is told as well.
    #[arg(long)]
    bridging: bool,
    /// Only what a screen tells: nothing of any single person, and no groups of few people.
    #[arg(long)]
    screen: bool,
}

/// Where the search begins.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Begin {
    /// At a hundred places drawn from a fixed seed, as k-means++ draws them; the tightest groups count.
    Many,
    /// At the first places of the map, as red-dwarf does.
    First,
}

/// Reads a conversation and tells of it.
pub(super) fn answer(arguments: &Arguments) -> Result<Value, String> {
    let text = |name: &str| read(&arguments.folder.join(name).to_string_lossy());
    let votes =
        opinion::read(&text("votes.csv")?, &text("statements.csv")?).map_err(|wrong| wrong.to_string())?;
    let start = match arguments.start {
        Begin::Many => Start::Many,
        Begin::First => Start::First,
    };
    let opinions = opinion::opinions(&votes, &Options { start, ..Options::default() });
    let told = if arguments.screen { Told::Screen } else { Told::Everything };
    let mut answer = serde_json::to_value(opinions.told(told)).map_err(|error| error.to_string())?;
    if matches!(arguments.start, Begin::First) {
        let ours = opinion::opinions(&votes, &Options { start: Start::Many, ..Options::default() });
        let ours = serde_json::to_value(ours.told(told)).map_err(|error| error.to_string())?;
        answer["best_of_100_kmeanspp"] = json!({
            "per_k": ours["per_k"],
            "best_k_by_silhouette": ours["k"],
            "cluster_sizes": ours["cluster_sizes"],
        });
    }
    if let Some(samples) = arguments.stability {
        answer["stability"] = json!(opinion::stability(&opinions, samples as usize));
    }
    if arguments.bridging {
        answer["bridging"] = json!(opinion::bridging(&opinions));
    }
    Ok(answer)
}
