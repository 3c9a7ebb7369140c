//! The bridging score, a second opinion on what brings people together: how much a statement is agreed with beyond what the leanings of those who voted explain (Wojcik et
//! al.: Birdwatch, arXiv 2210.15723; the objective that Community Notes documents). The server of X was not run; this is the documented objective, solved exactly step by
//! step.
//!
//! r̂ = μ + i_u + i_n + f_u f_n, with r = 1, ½, 0 for agree, pass, disagree; what is made small is Σ over ratings of
//! (r - r̂)² + 0.15 (i_u² + i_n² + μ²) + 0.03 (f_u² + f_n²). Statements are ranked by i_n.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Opinions;
use super::votes::Name;

/// What the model says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bridging<'a> {
    /// Rounds that it took.
    pub iterations: usize,
    /// What was made small.
    pub loss: f64,
    /// The mean of (r - r̂)².
    pub mse: f64,
    /// People who count.
    pub n_users: usize,
    /// Statements that count.
    pub n_notes: usize,
    /// Votes that count.
    pub n_ratings: usize,
    /// μ: how much is agreed with at all.
    pub mu: f64,
    /// Of each statement that counts i_n, f_n and its votes.
    pub notes: BTreeMap<&'a Name, (f64, f64, usize)>,
    /// Statements by i_n, what bridges most first; of equals by name.
    pub ranking: Vec<&'a Name>,
}

/// Who voted less often does not count.
const LEAST_OF_PERSON: usize = 7;
/// A statement with fewer votes does not count.
const LEAST_OF_STATEMENT: usize = 5;
/// The weight of the squares of i and μ.
const INTERCEPTS: f64 = 0.15;
/// The weight of the squares of f.
const FACTORS: f64 = 0.03;
/// It is enough when a round makes the loss smaller by no more than this part.
const ENOUGH: f64 = 1e-12;
/// Most rounds.
const ROUNDS: usize = 10_000;

/// A vote that counts.
struct Rating {
    person: usize,
    statement: usize,
    value: f64,
}

/// The model: i and f of people and of statements.
struct Model {
    mu: f64,
    people: Vec<(f64, f64)>,
    statements: Vec<(f64, f64)>,
}

impl Model {
    fn error(&self, rating: &Rating) -> f64 {
        let (person, statement) = (self.people[rating.person], self.statements[rating.statement]);
        rating.value - self.mu - person.0 - statement.0 - person.1 * statement.1
    }

    /// The sum of squared errors, and the loss.
    fn loss(&self, ratings: &[Rating]) -> (f64, f64) {
        let (mut squares, mut loss) = (0.0, 0.0);
        for rating in ratings {
            let square = self.error(rating).powi(2);
            let (person, statement) = (self.people[rating.person], self.statements[rating.statement]);
            squares += square;
            loss += square
                + INTERCEPTS * (person.0.powi(2) + statement.0.powi(2) + self.mu.powi(2))
                + FACTORS * (person.1.powi(2) + statement.1.powi(2));
        }
        (squares, loss)
    }

    /// One round: the best i and f of every person, then of every statement, then μ, each exactly.
    fn round(&mut self, ratings: &[Rating]) {
        let mut people = vec![Sums::default(); self.people.len()];
        for Rating { person, statement, value } in ratings {
            let (intercept, factor) = self.statements[*statement];
            people[*person].add(value - self.mu - intercept, factor);
        }
        self.people = people.iter().map(Sums::solved).collect();
        let mut statements = vec![Sums::default(); self.statements.len()];
        for Rating { person, statement, value } in ratings {
            let (intercept, factor) = self.people[*person];
            statements[*statement].add(value - self.mu - intercept, factor);
        }
        self.statements = statements.iter().map(Sums::solved).collect();
        let left: f64 = ratings.iter().map(|rating| self.error(rating) + self.mu).sum();
        self.mu = left / (ratings.len() as f64 * (1.0 + INTERCEPTS));
    }
}

/// Sums of the equations for one i and one f, where the other side's factor is g and what is left to explain is e.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    g: f64,
    gg: f64,
    e: f64,
    eg: f64,
}

impl Sums {
    fn add(&mut self, e: f64, g: f64) {
        self.count += 1.0;
        self.g += g;
        self.gg += g * g;
        self.e += e;
        self.eg += e * g;
    }

    fn solved(&self) -> (f64, f64) {
        let (a, c) = (self.count * (1.0 + INTERCEPTS), self.gg + self.count * FACTORS);
        let determinant = a * c - self.g * self.g;
        if determinant > 0.0 {
            ((c * self.e - self.g * self.eg) / determinant, (a * self.eg - self.g * self.e) / determinant)
        } else {
            // No votes.
            (0.0, 0.0)
        }
    }
}

/// Votes that count: people and statements with too few are left out until nobody is.
fn counted(opinions: &Opinions) -> Vec<Rating> {
    let votes = opinions.votes;
    let mut ratings: Vec<Rating> = Vec::new();
    for (person, ballot) in votes.ballots.iter().enumerate() {
        let cast = ballot.iter().filter(|(statement, _)| !votes.statements[*statement].out);
        ratings.extend(cast.map(|(statement, vote)| Rating {
            person,
            statement: *statement,
            value: f64::midpoint(vote.value(), 1.0),
        }));
    }
    loop {
        let before = ratings.len();
        let (mut people, mut statements) = (vec![0; votes.people.len()], vec![0; votes.statements.len()]);
        for rating in &ratings {
            people[rating.person] += 1;
            statements[rating.statement] += 1;
        }
        ratings.retain(|rating| {
            people[rating.person] >= LEAST_OF_PERSON && statements[rating.statement] >= LEAST_OF_STATEMENT
        });
        if ratings.len() == before {
            return ratings;
        }
    }
}

/// Scores statements by how they bridge. The search begins where the first axis of the map has the statements.
pub fn bridging<'a>(opinions: &Opinions<'a>) -> Bridging<'a> {
    let votes = opinions.votes;
    let ratings = counted(opinions);
    let axis = &opinions.map.axes[0];
    let largest = axis.iter().fold(0.0, |largest: f64, loading| largest.max(loading.abs()));
    let start = |loading: &f64| (0.0, if largest > 0.0 { loading / largest } else { 0.0 });
    let mut model = Model {
        mu: 0.0,
        people: vec![(0.0, 0.0); votes.people.len()],
        statements: axis.iter().map(start).collect(),
    };
    let (mut iterations, mut before) = (0, f64::INFINITY);
    let (squares, loss) = loop {
        model.round(&ratings);
        iterations += 1;
        let (squares, loss) = model.loss(&ratings);
        if before - loss <= ENOUGH * before.min(f64::MAX) || iterations == ROUNDS {
            break (squares, loss);
        }
        before = loss;
    };
    let mut counts = vec![0; votes.statements.len()];
    let mut is_there = vec![false; votes.people.len()];
    for rating in &ratings {
        counts[rating.statement] += 1;
        is_there[rating.person] = true;
    }
    let there: Vec<usize> = (0..counts.len()).filter(|statement| counts[*statement] > 0).collect();
    let furthest = there
        .iter()
        .map(|statement| model.statements[*statement].1)
        .reduce(|furthest, factor| if factor.abs() > furthest.abs() { factor } else { furthest });
    // The leanings may be told either way round.
    let sign = furthest.map_or(1.0, f64::signum);
    let mut ranked = there.clone();
    ranked.sort_by(|a, b| model.statements[*b].0.total_cmp(&model.statements[*a].0));
    let name = |statement: usize| &votes.statements[statement].name;
    let note = |statement: &usize| {
        let (intercept, factor) = model.statements[*statement];
        (name(*statement), (intercept, sign * factor, counts[*statement]))
    };
    Bridging {
        iterations,
        loss,
        mse: squares / (ratings.len() as f64).max(1.0),
        n_users: is_there.iter().filter(|there| **there).count(),
        n_notes: there.len(),
        n_ratings: ratings.len(),
        mu: if ratings.is_empty() { 0.0 } else { model.mu },
        notes: there.iter().map(note).collect(),
        ranking: ranked.into_iter().map(name).collect(),
    }
}
