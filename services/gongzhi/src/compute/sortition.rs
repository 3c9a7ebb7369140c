//! `gongzhi compute sortition` and `gongzhi compute draw`: representatives by lot, from the pool to those who were drawn and those who come for them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gongzhi_choice::sortition::{Objective, Pool, Published, Tickets, lottery, read, shortfalls};
use serde_json::{Value, json};

/// What the answer of the lottery looks like.
pub(super) const ANSWER: &str = "The answer is {\"probabilities\": [one a person, in the order of the rows], \"panels\": [[weight, [row, from 0…]]…], \"objective\": what was reached,
\"never\": [rows of those who can be in no panel]}. One of the panels is drawn, each with its weight.
With --tickets also {\"tickets\": {\"text\": a line per ticket, its number and the rows of its panel; \"sha256\": of that text; \"error\": the largest change of a chance}}.
With \"household\": \"address\" in meta.json at most one of those with the same text in that column of respondents.csv is on a panel.";

/// What the answer of a draw looks like.
pub(super) const DRAWN: &str = "The answer is {\"members\": [row, from 0…]}. With --pool and --left also {\"replacements\": {\"text\", \"sha256\": new tickets, all with everybody who stays; \"kept\": how many
of these were on the old panel of each; \"shortfalls\": [{ticket, category, feature, min, max, has}…]}}: they are published, and a number is drawn again.";

/// What is asked of a pool.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder.
    folder: PathBuf,
    /// What the chances are to be best at.
    #[arg(long, value_enum, default_value_t = Best::Leximin)]
    objective: Best,
    /// Seconds after which what is reached is told.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Numbered tickets of the lottery are told as well, so many, with the digest that is published before a number is drawn.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    tickets: Option<u32>,
}

/// What is asked of a draw.
#[derive(clap::Args)]
pub(crate) struct Drawn {
    /// The file with the text of the tickets; `-` for standard input.
    tickets: String,
    /// The digest that was published.
    #[arg(long)]
    sha256: String,
    /// The number that was drawn.
    #[arg(long)]
    number: usize,
    /// The folder of the pool, for replacements.
    #[arg(long, value_name = "FOLDER", requires = "left")]
    pool: Option<PathBuf>,
    /// Rows of those who dropped out, divided by commas.
    #[arg(long, value_name = "ROWS", value_delimiter = ',', requires = "pool")]
    left: Vec<usize>,
}

/// What chances are best at.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Best {
    /// The smallest is as large as it can be, then the second smallest, and so on.
    Leximin,
    /// The smallest is as large as it can be.
    Maximin,
    /// The largest is weighed against the smallest: against those who say something wrong of themselves.
    Goldilocks,
    /// The largest is as small as it can be, for comparison: some may have no chance at all.
    Minimax,
}

/// Finds a lottery and answers.
pub(super) fn answer(arguments: &Arguments) -> Result<Value, String> {
    let pool = pool(&arguments.folder)?;
    let objective = match arguments.objective {
        Best::Leximin => Objective::Leximin,
        Best::Maximin => Objective::Maximin,
        Best::Goldilocks => Objective::Goldilocks,
        Best::Minimax => Objective::Minimax,
    };
    let within = Duration::from_secs(arguments.seconds);
    let lottery = lottery(&pool, objective, within).map_err(|none| none.to_string())?;
    let reached = match lottery.reached {
        Objective::Leximin => "leximin",
        Objective::Maximin => "maximin",
        Objective::Goldilocks => "goldilocks",
        Objective::Minimax => "minimax",
    };
    if lottery.reached != objective {
        eprintln!(
            "gongzhi compute: the time did not suffice for LEXIMIN; the smallest chance alone is as large as it can be"
        );
    }
    let never: Vec<_> =
        (0..pool.people.len()).filter(|row| lottery.never.contains(&pool.people[*row])).collect();
    let panels: Vec<_> =
        lottery.people(&pool).into_iter().map(|(weight, rows)| json!([weight, rows])).collect();
    let mut told =
        json!({"probabilities": lottery.chances, "panels": panels, "objective": reached, "never": never});
    if let Some(count) = arguments.tickets {
        let tickets = Tickets::of(&pool, &lottery, count as usize);
        let published = tickets.published();
        let (text, sha256) = (published.text(), published.sha256());
        told["tickets"] = json!({"text": text, "sha256": sha256, "error": tickets.error});
    }
    Ok(told)
}

/// Finds who was drawn, and tickets for those who dropped out.
pub(super) fn draw(arguments: &Drawn) -> Result<Value, String> {
    let text = super::read(&arguments.tickets)?;
    let published = Published::read(&text, &arguments.sha256).map_err(|wrong| wrong.to_string())?;
    let members = published.drawn(arguments.number).map_err(|wrong| wrong.to_string())?;
    let mut told = json!({"members": members});
    if let Some(folder) = &arguments.pool {
        let pool = pool(folder)?;
        let again = published
            .replacements(&pool, arguments.number, &arguments.left)
            .map_err(|wrong| wrong.to_string())?;
        let mut missed = Vec::new();
        for ticket in 0..again.tickets.count() {
            let panel = again.tickets.drawn(ticket).map_err(|wrong| wrong.to_string())?;
            for shortfall in shortfalls(&pool, panel) {
                let mut of_it = json!(shortfall);
                of_it["ticket"] = ticket.into();
                missed.push(of_it);
            }
        }
        let (text, sha256) = (again.tickets.text(), again.tickets.sha256());
        told["replacements"] =
            json!({"text": text, "sha256": sha256, "kept": again.kept, "shortfalls": missed});
    }
    Ok(told)
}

fn pool(folder: &Path) -> Result<Pool, String> {
    let text = |name: &str| super::read(&folder.join(name).to_string_lossy());
    read(&text("respondents.csv")?, &text("categories.csv")?, &text("meta.json")?)
        .map_err(|wrong| wrong.to_string())
}
