//! The opinion map (意见图): people say of short statements whether they agree; where they stand, which groups there are, what all groups agree on, and what should be asked
//! next. The pipeline of Polis, so that its numbers can be held against others':
//!
//! | step | rule |
//! |---|---|
//! | map | missing votes are means; principal components, drawn out by √(statements / votes) (`map`) |
//! | groups | people with seven votes or more; k-means for 2 to 5 groups, the number with the highest silhouette (`groups`) |
//! | statements | group-informed consensus, consensus of all, what stands for a group, what to ask next (`consensus`) |
//! | second opinion | the bridging score of Community Notes (`bridging`) |
//! | doubt | whether the same groups come out when other people of the same kind are asked (`stability`) |
//!
//! A neighbour can count every number again. Whom a group consists of is told to nobody: it is no fact about anybody, and other starts give other groups.

mod answer;
mod bridging;
mod consensus;
mod groups;
mod k_means;
mod map;
mod spectrum;
mod stability;
mod votes;

use std::ops::RangeInclusive;

pub use answer::{Answer, Told};
pub use bridging::{Bridging, bridging};
pub use consensus::{Chosen, Side, Standing, Tally};
pub use groups::{Groups, Start};
pub use map::{Map, Point};
pub use stability::stability;
pub use votes::{InvalidVotes, Name, Statement, Vote, Votes, read};

/// How groups are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Where the search begins.
    pub start: Start,
    /// How many groups there may be.
    pub counts: RangeInclusive<usize>,
    /// Who has voted less often is on the map, but in no group.
    pub least_votes: usize,
    /// People who are in a group although they have voted less often.
    pub kept: Vec<Name>,
}

impl Default for Options {
    fn default() -> Self {
        Self { start: Start::default(), counts: 2..=5, least_votes: 7, kept: Vec::new() }
    }
}

/// What can be said of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinions<'a> {
    /// The conversation.
    pub votes: &'a Votes,
    /// Where people, by their places, and statements stand.
    pub map: Map,
    /// People in groups, by their places.
    pub grouped: Vec<usize>,
    /// The groups for every number of them that was possible, of `grouped`.
    pub ways: Vec<Groups>,
    /// The way that counts: highest silhouette, fewest groups of equals; none where there are too few people for groups.
    pub chosen: Option<usize>,
    /// Votes on each statement of those in groups.
    pub tallies: Vec<Tally>,
    /// The same by group; one group of all where there are none.
    pub by_group: Vec<Vec<Tally>>,
    /// What each statement is worth to be asked about next.
    pub priorities: Vec<f64>,
    /// The same for those that nobody has voted on.
    pub priorities_without_votes: Vec<f64>,
}

impl Opinions<'_> {
    /// The groups that count.
    pub fn groups(&self) -> Option<&Groups> {
        self.chosen.map(|chosen| &self.ways[chosen])
    }

    /// How far all groups are on a side of a statement: the product of their shares.
    pub fn group_informed(&self, statement: usize, agree: bool) -> f64 {
        consensus::group_informed(&self.by_group, statement, agree)
    }

    /// What most people say, those without a group among them, for a side.
    pub fn consensus(&self, agree: bool) -> Vec<Chosen> {
        let all = consensus::tallies(self.votes, 0..self.votes.people.len());
        consensus::consensus(self.votes, &all, agree)
    }

    /// What stands for a group.
    pub fn representative(&self, group: usize) -> Vec<Chosen> {
        consensus::representative(self.votes, &self.by_group[group], &self.tallies)
    }
}

/// Draws the map of a conversation and finds its groups.
pub fn opinions<'a>(votes: &'a Votes, options: &Options) -> Opinions<'a> {
    let everybody: Vec<usize> = (0..votes.people.len()).collect();
    let map = Map::of(votes, &everybody);
    let grouped: Vec<usize> = everybody
        .into_iter()
        .filter(|person| {
            votes.ballots[*person].len() >= options.least_votes
                || options.kept.contains(&votes.people[*person])
        })
        .collect();
    let points: Vec<Point> = grouped.iter().map(|person| map.people[*person]).collect();
    let ways = groups::groups(&points, options.counts.clone(), &options.start, k_means::STARTS);
    let chosen = (0..ways.len())
        .reduce(|best, other| if ways[other].silhouette > ways[best].silhouette { other } else { best });
    let tallies = consensus::tallies(votes, grouped.iter().copied());
    let by_group = match chosen.map(|chosen| &ways[chosen]) {
        None => vec![tallies.clone()],
        Some(groups) => (0..groups.centres.len())
            .map(|group| {
                let members = grouped.iter().zip(&groups.labels).filter(|(_, label)| **label == group);
                consensus::tallies(votes, members.map(|(person, _)| *person))
            })
            .collect(),
    };
    let extremity = map.extremity();
    let priority =
        |place: usize| consensus::priority(&votes.statements[place], &tallies[place], extremity[place]);
    let priorities = (0..tallies.len()).map(priority).collect();
    // What nobody has voted on is nowhere yet.
    let new = |statement| consensus::priority(statement, &Tally::default(), 0.0);
    let priorities_without_votes = votes.without_votes.iter().map(new).collect();
    Opinions { votes, map, grouped, ways, chosen, tallies, by_group, priorities, priorities_without_votes }
}
