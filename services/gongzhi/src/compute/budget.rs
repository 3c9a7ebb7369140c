//! `gongzhi compute budget`: the rules for earmarked money on files of Pabulib.

use gongzhi_choice::budget::{
    Completion, Instance, Lost, Outcome, Ties, Utility, equal_shares, greedy, phragmen, read, why,
};
use gongzhi_choice::number::{Exact, show};
use serde_json::{Value, json};

/// What the answer looks like.
pub(super) const ANSWER: &str = "The answer is {\"winners\": [project_id…], \"total_cost\", \"rounds\": [{project, cost, rate, supporters, tied, payments}…], \"lost\": [{project, why, …}…]}, in the order in
which projects were taken. Amounts are exact: 7, 3.25 or 22/7. With --payments `payments` holds a pair [place of the ballot in the file, from 0; amount] for everybody who
pays, and \"voters\" what each ballot paid for. A column exclusion_group (or site) of the file names projects of which at most one is paid for; withdrawn is 1 for those
that were taken back. With --beside also {\"beside\": {winners, more_with_rule, more_with_beside}}: the voters who have more of either outcome.";

/// What is asked of a fund.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file; `-` for standard input.
    file: String,
    /// The rule: equal shares by cost, by approvals (card) or by points (borda of rankings), with nothing, with add1, with add1 and greedily (add1u), or with a hundredth more of the
    /// budget (inc1pct); add1u as equalshares.net has it (eqs: whole shares, ties to the cheaper); Phragmén's; or the most wanted first.
    #[arg(long, value_enum)]
    rule: Rule,
    /// Which of projects that are equal by the rule comes first.
    #[arg(long, value_enum, default_value_t = Order::Id)]
    ties: Order,
    /// Who paid what is told as well.
    #[arg(long)]
    payments: bool,
    /// Projects with fewer supporters are not paid for.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    min_votes: usize,
    /// Another rule, and how many voters have more of either outcome.
    #[arg(long, value_enum, value_name = "RULE")]
    beside: Option<Rule>,
}

/// A rule by its name in the reference files.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Rule {
    MesCost,
    MesCard,
    #[value(alias = "mes_borda")]
    MesPoints,
    #[value(name = "mes_cost_add1")]
    MesCostAdd1,
    #[value(name = "mes_card_add1")]
    MesCardAdd1,
    #[value(name = "mes_points_add1", alias = "mes_borda_add1")]
    MesPointsAdd1,
    #[value(name = "mes_cost_add1u")]
    MesCostAdd1u,
    #[value(name = "mes_card_add1u")]
    MesCardAdd1u,
    #[value(name = "mes_points_add1u", alias = "mes_borda_add1u")]
    MesPointsAdd1u,
    #[value(name = "mes_cost_inc1pct")]
    MesCostInc1pct,
    #[value(name = "mes_card_inc1pct")]
    MesCardInc1pct,
    #[value(name = "mes_points_inc1pct", alias = "mes_borda_inc1pct")]
    MesPointsInc1pct,
    #[value(name = "mes_cost_add1u_eqs")]
    MesCostAdd1uEqs,
    MesCostPhragmen,
    Phragmen,
    GreedyCost,
    GreedyCard,
    #[value(alias = "greedy_borda")]
    GreedyPoints,
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
    /// What a voter has of a project by this rule.
    fn utility(self) -> Utility {
        match self {
            Self::MesCard
            | Self::MesCardAdd1
            | Self::MesCardAdd1u
            | Self::MesCardInc1pct
            | Self::GreedyCard => Utility::Approval,
            Self::MesPoints
            | Self::MesPointsAdd1
            | Self::MesPointsAdd1u
            | Self::MesPointsInc1pct
            | Self::GreedyPoints => Utility::Score,
            _ => Utility::Cost,
        }
    }

    fn carry_out(self, instance: &Instance, ties: Ties) -> Outcome {
        let (ties, completion) = match self {
            Self::Phragmen => return phragmen(instance, ties),
            Self::GreedyCost | Self::GreedyCard | Self::GreedyPoints => {
                return greedy(instance, self.utility(), ties);
            }
            Self::MesCost | Self::MesCard | Self::MesPoints => (ties, Completion::None),
            Self::MesCostAdd1 | Self::MesCardAdd1 | Self::MesPointsAdd1 => (ties, Completion::AddOne),
            Self::MesCostAdd1u | Self::MesCardAdd1u | Self::MesPointsAdd1u => {
                (ties, Completion::AddOneThenGreedy)
            }
            Self::MesCostInc1pct | Self::MesCardInc1pct | Self::MesPointsInc1pct => {
                (ties, Completion::AddPercent)
            }
            Self::MesCostAdd1uEqs => (Ties::Cheaper, Completion::AddOneToWholeThenGreedy),
            Self::MesCostPhragmen => (ties, Completion::Phragmen),
        };
        equal_shares(instance, self.utility(), completion, ties)
    }
}

/// Reads a fund.
pub(super) fn instance(file: &str) -> Result<Instance, String> {
    read(&super::read(file)?).map_err(|wrong| wrong.to_string())
}

/// Computes and answers.
pub(super) fn answer(arguments: &Arguments) -> Result<Value, String> {
    let mut instance = instance(&arguments.file)?;
    instance.least_votes = arguments.min_votes;
    let ties = match arguments.ties {
        Order::Id => Ties::Id,
        Order::Cheaper => Ties::Cheaper,
    };
    let outcome = arguments.rule.carry_out(&instance, ties);
    let mut told = spent(&instance, &outcome, arguments.payments);
    if let Some(rule) = arguments.beside {
        let other = rule.carry_out(&instance, ties);
        let (this, that) = instance.compare(arguments.rule.utility(), &outcome, &other);
        told["beside"] =
            json!({"winners": ids(&instance, &other), "more_with_rule": this, "more_with_beside": that});
    }
    Ok(told)
}

fn ids(instance: &Instance, outcome: &Outcome) -> Vec<String> {
    outcome.winners().into_iter().map(|project| instance.projects[project].id.clone()).collect()
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
                "cost": show(&instance.projects[round.project].cost),
                "rate": show(&round.rate),
                "supporters": supporters[round.project],
                "tied": round.tied.iter().map(|project| id(*project)).collect::<Vec<_>>(),
            });
            if with_payments {
                let payment = |(voter, paid): &(usize, Exact)| json!([voter, show(paid)]);
                told["payments"] = round.payments.iter().map(payment).collect();
            }
            told
        })
        .collect();
    let lost: Vec<_> = why(instance, outcome)
        .iter()
        .map(|(project, lost)| {
            let mut told = reason(instance, lost);
            told["project"] = id(*project).into();
            told
        })
        .collect();
    let cost = show(&instance.cost(outcome.winners()));
    let winners = ids(instance, outcome);
    let mut told = json!({"winners": winners, "total_cost": cost, "rounds": rounds, "lost": lost});
    if with_payments {
        let paid = |(project, paid): (usize, Exact)| json!([id(project), show(&paid)]);
        let voter = |voter: usize| outcome.paid_by(voter).into_iter().map(paid).collect::<Vec<_>>();
        told["voters"] = (0..instance.ballots.len()).map(voter).collect();
    }
    told
}

fn reason(instance: &Instance, lost: &Lost) -> Value {
    match lost {
        Lost::Withdrawn => json!({"why": "withdrawn"}),
        Lost::TooFewVotes { has, wanted } => json!({"why": "too_few_votes", "has": has, "wanted": wanted}),
        Lost::SameSite(rival) => json!({"why": "same_site", "as": instance.projects[*rival].id}),
        Lost::NoSupporters => json!({"why": "no_supporters"}),
        Lost::TooLittleLeft { had, cost } => {
            json!({"why": "too_little_left", "supporters_had": show(had), "cost": show(cost)})
        }
        Lost::OverBudget { left, cost } => {
            json!({"why": "over_budget", "left": show(left), "cost": show(cost)})
        }
        Lost::Ended => json!({"why": "ended"}),
    }
}
