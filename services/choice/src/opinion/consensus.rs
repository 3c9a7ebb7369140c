//! What can be said of statements: how groups and all people voted on each, what all agree on, what a group says more than others do, and what should be asked next. Counts
//! with one added on each side (Laplace), tests and selections as Polis has them.

use super::votes::{Statement, Vote, Votes};

/// Votes of a group on a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those who agree.
    pub agree: u32,
    /// Those who disagree.
    pub disagree: u32,
    /// All who voted, those who passed among them.
    pub votes: u32,
}

/// One side of a statement: what a group says, held against the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Those of the group on this side.
    pub count: u32,
    /// P = (count + 1) / (votes + 2).
    pub share: f64,
    /// How many standard errors the share is above one half: z = 2 √(votes + 1) · ((count + 1) / (votes + 1) - ½).
    pub share_test: f64,
    /// R: the share over that of the others.
    pub representative: f64,
    /// How many standard errors the share is above that of the others.
    pub representative_test: f64,
}

/// A statement in a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// All who voted.
    pub votes: u32,
    /// Those who agree.
    pub agree: Side,
    /// Those who disagree.
    pub disagree: Side,
}

/// A statement that was chosen, with the side of it that it was chosen for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// The statement, by its place.
    pub statement: usize,
    /// True when it is agreeing that it stands for.
    pub agree: bool,
    /// All who voted.
    pub votes: u32,
    /// The side.
    pub side: Side,
    /// True when it is what the group agrees on best.
    pub best_agree: bool,
    /// True when another statement has the same weight: it was a tie, decided by name.
    pub tied: bool,
}

/// What a test must exceed: one side, 90 % (the normal distribution's quantile).
const SIGNIFICANT: f64 = 1.281_551_565_544_600_4;
/// Most statements of a list.
const MOST_CHOSEN: usize = 5;
/// Priority, before it is squared, of statements that are about the conversation.
const META_PRIORITY: f64 = 7.0;

impl Tally {
    fn of(&self, agree: bool) -> u32 {
        if agree { self.agree } else { self.disagree }
    }

    fn others(&self, all: &Self) -> Self {
        Self {
            agree: all.agree - self.agree,
            disagree: all.disagree - self.disagree,
            votes: all.votes - self.votes,
        }
    }

    /// P of a side: one vote for and one against are added.
    pub fn share(&self, agree: bool) -> f64 {
        (f64::from(self.of(agree)) + 1.0) / (f64::from(self.votes) + 2.0)
    }

    fn side(&self, others: &Self, agree: bool) -> Side {
        let count = |tally: &Self| f64::from(tally.of(agree)) + 1.0;
        let votes = |tally: &Self| f64::from(tally.votes) + 1.0;
        let (inside, outside) = (count(self) / votes(self), count(others) / votes(others));
        let pooled = (count(self) + count(others)) / (votes(self) + votes(others));
        let error = (pooled * (1.0 - pooled) * (1.0 / votes(self) + 1.0 / votes(others))).sqrt();
        Side {
            count: self.of(agree),
            share: self.share(agree),
            share_test: 2.0 * votes(self).sqrt() * (inside - 0.5),
            representative: self.share(agree) / others.share(agree),
            // Where all are on this side there is no error and no difference.
            representative_test: if error > 0.0 { (inside - outside) / error } else { 0.0 },
        }
    }

    /// How this group stands to the statement when all of the map voted so.
    pub fn standing(&self, all: &Self) -> Standing {
        let others = self.others(all);
        Standing { votes: self.votes, agree: self.side(&others, true), disagree: self.side(&others, false) }
    }
}

/// The votes of these people on every statement, those that are out among them.
pub(super) fn tallies(votes: &Votes, people: impl IntoIterator<Item = usize>) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); votes.statements.len()];
    for (statement, vote) in people.into_iter().flat_map(|person| &votes.ballots[person]) {
        let tally = &mut tallies[*statement];
        tally.votes += 1;
        match vote {
            Vote::Agree => tally.agree += 1,
            Vote::Disagree => tally.disagree += 1,
            Vote::Pass => {}
        }
    }
    tallies
}

/// Group-informed consensus: the product of the shares of all groups; high only where every group is on this side.
pub(super) fn group_informed(groups: &[Vec<Tally>], statement: usize, agree: bool) -> f64 {
    groups.iter().map(|tallies| tallies[statement].share(agree)).product()
}

/// How much it is worth to ask for votes on a statement: more where people agree and do not pass, where it is far from the middle, and where few have voted.
pub(super) fn priority(statement: &Statement, tally: &Tally, extremity: f64) -> f64 {
    if statement.meta {
        return META_PRIORITY * META_PRIORITY;
    }
    let passed = f64::from(tally.votes - tally.agree - tally.disagree);
    let passing = (passed + 1.0) / (f64::from(tally.votes) + 2.0);
    let new = 1.0 + 8.0 * (-f64::from(tally.votes) / 5.0).exp2();
    (tally.share(true) * (1.0 - passing) * (1.0 + extremity) * new).powi(2)
}

/// How near weights are that are equal but for rounding, relative.
const EQUAL: f64 = 1e-12;

/// Sorts by a weight, the largest first, of equals the first; ties are told.
fn best_of(mut chosen: Vec<Chosen>, weight: impl Fn(&Side) -> f64) -> Vec<Chosen> {
    chosen.sort_by(|a, b| weight(&b.side).total_cmp(&weight(&a.side)));
    let weights: Vec<f64> = chosen.iter().map(|chosen| weight(&chosen.side)).collect();
    for (place, pair) in weights.windows(2).enumerate() {
        if pair[0] - pair[1] <= EQUAL * pair[0].abs() {
            (chosen[place].tied, chosen[place + 1].tied) = (true, true);
        }
    }
    chosen
}

/// What most people say of it, for each side the five clearest: more than half, by a significant margin; by share times test.
pub(super) fn consensus(votes: &Votes, all: &[Tally], agree: bool) -> Vec<Chosen> {
    let counted = all.iter().enumerate().filter(|(statement, _)| !votes.statements[*statement].out);
    let candidates = counted
        .map(|(statement, tally)| {
            let side = tally.side(&Tally::default(), agree);
            Chosen { statement, agree, votes: tally.votes, side, best_agree: false, tied: false }
        })
        .filter(|chosen| chosen.side.share > 0.5 && chosen.side.share_test > SIGNIFICANT);
    let mut chosen = best_of(candidates.collect(), |side| side.share * side.share_test);
    chosen.truncate(MOST_CHOSEN);
    chosen
}

/// The side of a statement that a group says more than others do.
fn chosen(statement: usize, standing: &Standing) -> Chosen {
    let agree = standing.agree.representative_test > standing.disagree.representative_test;
    let side = if agree { standing.agree } else { standing.disagree };
    Chosen { statement, agree, votes: standing.votes, side, best_agree: false, tied: false }
}

fn weight(side: &Side) -> f64 {
    side.representative * side.representative_test * side.share * side.share_test
}

/// True when the group agrees better on this statement than on the best one so far. Statements are gone through by name, and the measure depends on the best one so
/// far: the rule of Polis.
fn agrees_better(standing: &Standing, best: Option<&Standing>) -> bool {
    if standing.agree.count == 0 && standing.disagree.count == 0 {
        return false;
    }
    let side = &standing.agree;
    let plain = |side: &Side| side.share * side.share_test;
    match best {
        Some(best) if best.agree.representative > 1.0 => weight(side) > weight(&best.agree),
        Some(best) => plain(side) > plain(&best.agree),
        None => side.share_test > SIGNIFICANT || (side.representative > 1.0 && side.share > 0.5),
    }
}

/// What stands for a group: what it agrees on best, then what it says significantly, and significantly more than others do; five at most, those that it agrees with first.
/// At least one. A group that agrees on nothing stands for what it disagrees on, as with the Polis server; red-dwarf tells nothing of it.
pub(super) fn representative(votes: &Votes, group: &[Tally], all: &[Tally]) -> Vec<Chosen> {
    let standings: Vec<(usize, Standing)> = group
        .iter()
        .zip(all)
        .enumerate()
        .filter(|(statement, _)| !votes.statements[*statement].out)
        .map(|(statement, (tally, all))| (statement, tally.standing(all)))
        .collect();
    let mut best: Option<&(usize, Standing)> = None;
    for pair in &standings {
        if agrees_better(&pair.1, best.map(|(_, standing)| standing)) {
            best = Some(pair);
        }
    }
    let is_clear = |side: &Side| side.share_test > SIGNIFICANT && side.representative_test > SIGNIFICANT;
    let clear =
        standings.iter().filter(|(_, standing)| is_clear(&standing.agree) || is_clear(&standing.disagree));
    let clear: Vec<_> = clear.map(|(statement, standing)| chosen(*statement, standing)).collect();
    let test = |(_, standing): &(usize, Standing)| {
        standing.agree.representative_test.max(standing.disagree.representative_test)
    };
    let head = match best {
        Some((statement, standing)) => Some(Chosen { best_agree: true, ..chosen(*statement, standing) }),
        None if clear.is_empty() => standings
            .iter()
            .reduce(|best, other| if test(other) > test(best) { other } else { best })
            .map(|(statement, standing)| chosen(*statement, standing)),
        None => None,
    };
    let mut list: Vec<Chosen> = head.into_iter().collect();
    let known = list.first().map(|head| head.statement);
    list.extend(best_of(clear, weight).into_iter().filter(|other| Some(other.statement) != known));
    list.truncate(MOST_CHOSEN);
    list.sort_by_key(|chosen| !chosen.agree);
    list
}
