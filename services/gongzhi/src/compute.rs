//! `gongzhi compute`: rules of fair choice on files in public formats. The answer is JSON on standard output; what is wrong with a file is on standard error, and the
//! program then ends with 2.

mod opinion;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use gongzhi_choice::budget::{self, Completion, Instance, Outcome, Ties, Utility};
use gongzhi_choice::sortition::{self, Objective, Tickets};
use gongzhi_choice::{agenda, balance, number, owners, ranking};
use serde_json::{Value, json};

/// What to compute.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Which projects a fund pays for: a file of Pabulib (.pb).
    #[command(
        after_help = "The answer is {\"winners\": [project_id…], \"rounds\": [{project, cost, rate, supporters, tied, payments}…]}, in the order in which projects were taken.
Amounts are exact: 7, 3.25 or 22/7. `payments` holds a pair [place of the ballot in the file, from 0; amount] for everybody who pays."
    )]
    Budget {
        /// The file; `-` for standard input.
        file: String,
        /// The rule: equal shares by cost or by approvals (card), with nothing, with add1, or with add1 and greedily (add1u); Phragmén's; or the most wanted first.
        #[arg(long, value_enum)]
        rule: Rule,
        /// Which of projects that are equal by the rule comes first.
        #[arg(long, value_enum, default_value_t = Order::Id)]
        ties: Order,
        /// Who paid what is told as well.
        #[arg(long)]
        payments: bool,
    },
    /// Representatives by lot: a folder with respondents.csv, categories.csv and meta.json.
    #[command(
        after_help = "The answer is {\"probabilities\": [one a person, in the order of the rows], \"panels\": [[weight, [row, from 0…]]…], \"objective\": what was reached,
\"never\": [rows of those who can be in no panel]}. One of the panels is drawn, each with its weight.
With --tickets also {\"tickets\": {\"text\": a line per ticket, its number and the rows of its panel; \"sha256\": of that text; \"error\": the largest change of a chance}}."
    )]
    Sortition {
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
    },
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
statement {n_agree, n_disagree, n_total, x, y, extremity, priority, gac_agree, gac_disagree}, consensus, and the groups (k, cluster_sizes, group_stats, repness)
where they are of thirty people or more."
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

/// A rule by its name in the reference files.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Rule {
    MesCost,
    MesCard,
    MesPoints,
    #[value(name = "mes_cost_add1")]
    MesCostAdd1,
    #[value(name = "mes_card_add1")]
    MesCardAdd1,
    #[value(name = "mes_points_add1")]
    MesPointsAdd1,
    #[value(name = "mes_cost_add1u")]
    MesCostAdd1u,
    #[value(name = "mes_card_add1u")]
    MesCardAdd1u,
    #[value(name = "mes_points_add1u")]
    MesPointsAdd1u,
    MesCostPhragmen,
    Phragmen,
    GreedyCost,
    GreedyCard,
    GreedyPoints,
}

/// What chances are best at.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Best {
    /// The smallest is as large as it can be, then the second smallest, and so on.
    Leximin,
    /// The smallest is as large as it can be.
    Maximin,
}

/// Which comes first of equals.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Order {
    /// The smaller project_id as a text, as pabutools has it.
    Id,
    /// The cheaper, then the one with more supporters, then by id.
    Cheaper,
}

impl Rule {
    fn carry_out(self, instance: &Instance, ties: Ties) -> Outcome {
        let (kind, completion) = match self {
            Self::Phragmen => return budget::phragmen(instance, ties),
            Self::GreedyCost => return budget::greedy(instance, Utility::Cost, ties),
            Self::GreedyCard => return budget::greedy(instance, Utility::Approval, ties),
            Self::GreedyPoints => return budget::greedy(instance, Utility::Score, ties),
            Self::MesCost => (Utility::Cost, Completion::None),
            Self::MesCard => (Utility::Approval, Completion::None),
            Self::MesPoints => (Utility::Score, Completion::None),
            Self::MesCostAdd1 => (Utility::Cost, Completion::AddOne),
            Self::MesCardAdd1 => (Utility::Approval, Completion::AddOne),
            Self::MesPointsAdd1 => (Utility::Score, Completion::AddOne),
            Self::MesCostAdd1u => (Utility::Cost, Completion::AddOneThenGreedy),
            Self::MesCardAdd1u => (Utility::Approval, Completion::AddOneThenGreedy),
            Self::MesPointsAdd1u => (Utility::Score, Completion::AddOneThenGreedy),
            Self::MesCostPhragmen => (Utility::Cost, Completion::Phragmen),
        };
        budget::equal_shares(instance, kind, completion, ties)
    }
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
        Command::Budget { file, rule, ties, payments } => {
            let instance = budget::read(&read(&file)?).map_err(|wrong| wrong.to_string())?;
            let ties = match ties {
                Order::Id => Ties::Id,
                Order::Cheaper => Ties::Cheaper,
            };
            Ok(spent(&instance, &rule.carry_out(&instance, ties), payments))
        }
        Command::Sortition { folder, objective, seconds, tickets } => {
            let objective = match objective {
                Best::Leximin => Objective::Leximin,
                Best::Maximin => Objective::Maximin,
            };
            drawn_from(&folder, objective, Duration::from_secs(seconds), tickets)
        }
        Command::Agenda { file } => {
            let instance = budget::read(&read(&file)?).map_err(|wrong| wrong.to_string())?;
            Ok(ordered(&instance))
        }
        Command::Vote { file } => each(&json_of(&file)?, |case: owners::Ballot| owners::count(&case)),
        Command::Balance { file } => {
            each(&json_of(&file)?, |case: balance::Positions| balance::balance(&case))
        }
        Command::Opinion(arguments) => opinion::answer(&arguments),
        Command::Ranking { file } => each(&json_of(&file)?, |table: ranking::Table| ranking::rank(&table)),
    }
}

fn spent(instance: &Instance, outcome: &Outcome, with_payments: bool) -> Value {
    let id = |project: usize| instance.projects[project].id.clone();
    let mut supporters = vec![0; instance.projects.len()];
    for (project, _) in instance.ballots.iter().flat_map(|ballot| &ballot.0) {
        supporters[*project] += 1;
    }
    let rounds: Vec<_> = outcome
        .rounds
        .iter()
        .map(|round| {
            let mut told = json!({
                "project": id(round.project),
                "cost": number::show(&instance.projects[round.project].cost),
                "rate": number::show(&round.rate),
                "supporters": supporters[round.project],
                "tied": round.tied.iter().map(|project| id(*project)).collect::<Vec<_>>(),
            });
            if with_payments {
                let payment = |(voter, paid): &(usize, number::Exact)| json!([voter, number::show(paid)]);
                told["payments"] = round.payments.iter().map(payment).collect();
            }
            told
        })
        .collect();
    let winners: Vec<_> = outcome.winners().into_iter().map(id).collect();
    let cost = number::show(&instance.cost(outcome.winners()));
    json!({"winners": winners, "total_cost": cost, "rounds": rounds})
}

fn drawn_from(
    folder: &Path,
    objective: Objective,
    within: Duration,
    tickets: Option<u32>,
) -> Result<Value, String> {
    let text = |name: &str| read(&folder.join(name).to_string_lossy());
    let pool = sortition::read(&text("respondents.csv")?, &text("categories.csv")?, &text("meta.json")?)
        .map_err(|wrong| wrong.to_string())?;
    let lottery = sortition::lottery(&pool, objective, within).map_err(|none| none.to_string())?;
    let reached = match lottery.reached {
        Objective::Leximin => "leximin",
        Objective::Maximin => "maximin",
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
    if let Some(count) = tickets {
        let tickets = Tickets::of(&pool, &lottery, count as usize);
        let text = tickets.text();
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let sha256: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        told["tickets"] = json!({"text": text, "sha256": sha256, "error": tickets.error});
    }
    Ok(told)
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
