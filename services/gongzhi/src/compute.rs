//! `gongzhi compute`: rules of fair choice on files in public formats. The answer is JSON on standard output; what is wrong with a file is on standard error, and the
//! program then ends with 2.

mod budget;
mod opinion;
mod sortition;

use std::io::{Read, Write};
use std::process::ExitCode;

use gongzhi_choice::budget::Instance;
use gongzhi_choice::{agenda, balance, number, owners, ranking};
use serde_json::{Value, json};

/// What to compute.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Which projects a fund pays for: a file of Pabulib (.pb).
    #[command(after_help = budget::ANSWER)]
    Budget(budget::Arguments),
    /// Representatives by lot: a folder with respondents.csv, categories.csv and meta.json.
    #[command(after_help = sortition::ANSWER)]
    Sortition(sortition::Arguments),
    /// Who was drawn, from the published tickets and the number that was drawn in public; and tickets for those who dropped out since.
    #[command(after_help = sortition::DRAWN)]
    Draw(sortition::Drawn),
    /// The order of an agenda: a file of Pabulib whose costs do not count.
    Agenda {
        /// The file; `-` for standard input.
        file: String,
    },
    /// A vote of owners by the Civil Code, art. 278: {"item": …, "units": [{area, owner, kind, vote}…]}, or {"cases": […]} with many.
    Vote {
        /// The file; `-` for standard input.
        file: String,
    },
    /// The point of balance: {"parties", "options", "utilities", "bottom_lines"}, or {"cases": […]} with many.
    Balance {
        /// The file; `-` for standard input.
        file: String,
    },
    /// What people agree on: a folder with votes.csv and statements.csv.
    #[command(
        after_help = "votes.csv has the columns participant, statement, vote (agree 1, pass 0, disagree -1; the last one counts) and timestamp_ms where there is one; statements.csv has
statement, moderated (-1 is out) and is_meta where there is one. The answer has the names of Polis and red-dwarf: the map (pca_mean, pc1, pc2), per
statement {n_agree, n_disagree, n_total, x, y, extremity, priority, gac_agree, gac_disagree}, consensus, the groups (k, cluster_sizes, group_stats, repness) and
where each participant stands (participant_xy, cluster). best_of_100_kmeanspp says how much tighter groups can be. With --screen nothing of a single person, and groups of
thirty people or more only: what the product shows."
    )]
    Opinion(opinion::Arguments),
    /// Fair ranking: {"units": [{name, x, n} or {name, categories: {…: {x, n}}}…]}, or {"cases": […]} with many.
    #[command(
        after_help = "x of n cases went well. Of every unit with ten cases or more: the raw rate, Wilson's interval, the rate drawn to that of all (eb_mean_mle), its expected place and the chance
that it is in the top quarter; and under case_mix the same against what could be expected of its cases, with the band of the funnel."
    )]
    Ranking {
        /// The file; `-` for standard input.
        file: String,
    },
}

/// Computes and answers.
pub(crate) fn run(command: Command) -> ExitCode {
    match answer(command) {
        Ok(answer) => {
            // Who reads the answer may have enough before its end.
            let _ = writeln!(std::io::stdout(), "{answer}");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("gongzhi compute: {wrong}");
            ExitCode::from(2)
        }
    }
}

fn answer(command: Command) -> Result<Value, String> {
    match command {
        Command::Budget(arguments) => budget::answer(&arguments),
        Command::Sortition(arguments) => sortition::answer(&arguments),
        Command::Draw(arguments) => sortition::draw(&arguments),
        Command::Agenda { file } => Ok(ordered(&budget::instance(&file)?)),
        Command::Vote { file } => each(&json_of(&file)?, |case: owners::Ballot| owners::count(&case)),
        Command::Balance { file } => {
            each(&json_of(&file)?, |case: balance::Positions| balance::balance(&case))
        }
        Command::Opinion(arguments) => opinion::answer(&arguments),
        Command::Ranking { file } => each(&json_of(&file)?, |table: ranking::Table| ranking::rank(&table)),
    }
}

fn ordered(instance: &Instance) -> Value {
    let approvals: Vec<Vec<usize>> =
        instance.ballots.iter().map(|ballot| ballot.0.iter().map(|(item, _)| *item).collect()).collect();
    let places = agenda::order(instance.projects.len(), &approvals);
    let id = |item: usize| instance.projects[item].id.clone();
    let told = |place: &agenda::Place| {
        json!({
            "item": id(place.item),
            "load": number::show(&place.load),
            "supporters": place.supporters,
            "without": place.without,
        })
    };
    let order: Vec<_> = places.iter().map(|place| id(place.item)).collect();
    json!({"order": order, "places": places.iter().map(told).collect::<Vec<_>>()})
}

/// Answers one case, or every case of a file with many.
fn each<C, A, E>(given: &Value, rule: impl Fn(C) -> Result<A, E>) -> Result<Value, String>
where
    C: serde::de::DeserializeOwned,
    A: serde::Serialize,
    E: std::fmt::Display,
{
    let one = |case: &Value| {
        let case = C::deserialize(case).map_err(|error| error.to_string())?;
        let answer = rule(case).map_err(|wrong| wrong.to_string())?;
        serde_json::to_value(answer).map_err(|error| error.to_string())
    };
    let Some(cases) = given.get("cases").and_then(Value::as_array) else { return one(given) };
    let (mut answers, mut faults) = (Vec::new(), Vec::new());
    for (nth, case) in cases.iter().enumerate() {
        match one(case) {
            Ok(answer) => answers.push(answer),
            Err(wrong) => faults.push(format!("cases[{nth}]: {wrong}")),
        }
    }
    if faults.is_empty() { Ok(json!({"results": answers})) } else { Err(faults.join("\n")) }
}

fn json_of(file: &str) -> Result<Value, String> {
    serde_json::from_str(&read(file)?).map_err(|error| format!("{file} is not JSON: {error}"))
}

fn read(file: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut text),
        file => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| format!("{file} cannot be read: {error}"))?;
    Ok(text)
}
