//! What is told of a conversation, under the names that red-dwarf and Polis use. By default nothing is told of any single person, and no groups of few people.

use std::collections::BTreeMap;

use serde::Serialize;

use super::consensus::{Chosen, Side, Standing, Tally};
use super::map::Point;
use super::votes::Name;
use super::{Groups, Opinions};

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// What may be shown on a screen.
    #[default]
    Screen,
    /// Everything, where each person stands and in which group among it: for holding against the numbers of others, never for showing.
    Everything,
}

/// No groups are told of fewer people.
const FEWEST_PEOPLE: usize = 30;
/// No groups are told where the smallest has fewer people: what so few said could be read from the numbers, also by taking the other groups from all.
const FEWEST_IN_GROUP: usize = 10;

/// What is told. Maps are by statement, or by group from 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer<'a> {
    n_participants: usize,
    n_statements: usize,
    /// People with enough votes for a group.
    n_clustered: usize,
    /// The priority of statements that nobody has voted on, without those that are out.
    without_votes: BTreeMap<&'a Name, f64>,
    pca_explained_variance: [f64; 2],
    pca_mean: BTreeMap<&'a Name, f64>,
    pc1: BTreeMap<&'a Name, f64>,
    pc2: BTreeMap<&'a Name, f64>,
    statement: BTreeMap<&'a Name, ToldStatement>,
    consensus: Consensus<'a>,
    /// Why no groups are told; then all that follows is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups_withheld: Option<String>,
    #[serde(flatten)]
    groups: Option<ToldGroups<'a>>,
    #[serde(flatten)]
    people: Option<ToldPeople<'a>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ToldStatement {
    n_agree: u32,
    n_disagree: u32,
    n_total: u32,
    x: f64,
    y: f64,
    extremity: f64,
    priority: f64,
    gac_agree: f64,
    gac_disagree: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Consensus<'a> {
    agree: Vec<Listed<'a>>,
    disagree: Vec<Listed<'a>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ToldGroups<'a> {
    k: usize,
    silhouette: f64,
    /// True when other groups would have been as tight.
    tied: bool,
    cluster_sizes: Vec<usize>,
    cluster_centers: Vec<Point>,
    per_k: BTreeMap<usize, Way>,
    group_stats: BTreeMap<usize, BTreeMap<&'a Name, ToldStanding>>,
    repness: BTreeMap<usize, Vec<Listed<'a>>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Way {
    inertia: f64,
    silhouette: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ToldPeople<'a> {
    participant_xy: BTreeMap<&'a Name, Point>,
    cluster: BTreeMap<&'a Name, usize>,
    init_centers: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ToldStanding {
    na: u32,
    nd: u32,
    ns: u32,
    pa: f64,
    pd: f64,
    pat: f64,
    pdt: f64,
    ra: f64,
    rd: f64,
    rat: f64,
    rdt: f64,
}

impl From<Standing> for ToldStanding {
    fn from(Standing { votes, agree, disagree }: Standing) -> Self {
        Self {
            na: agree.count,
            nd: disagree.count,
            ns: votes,
            pa: agree.share,
            pd: disagree.share,
            pat: agree.share_test,
            pdt: disagree.share_test,
            ra: agree.representative,
            rd: disagree.representative,
            rat: agree.representative_test,
            rdt: disagree.representative_test,
        }
    }
}

/// A statement in a list, as Polis writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Listed<'a> {
    tid: &'a Name,
    n_success: u32,
    n_trials: u32,
    p_success: f64,
    p_test: f64,
    /// True when another statement has the same weight.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tied: bool,
    #[serde(flatten)]
    group: Option<ListedOfGroup>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ListedOfGroup {
    repness: f64,
    repness_test: f64,
    repful_for: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    n_agree: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    best_agree: bool,
}

impl<'a> Opinions<'a> {
    /// Says it.
    pub fn told(&self, told: Told) -> Answer<'a> {
        let votes = self.votes;
        let silent = votes.without_votes.iter().zip(self.priorities_without_votes.iter().copied());
        let withheld = if told == Told::Everything { None } else { self.withheld() };
        let listed =
            |agree| self.consensus(agree).into_iter().map(|chosen| self.listed(chosen, false)).collect();
        let groups = self.groups().filter(|_| withheld.is_none());
        Answer {
            n_participants: votes.people.len(),
            n_statements: votes.statements.len(),
            n_clustered: self.grouped.len(),
            without_votes: silent
                .filter(|(statement, _)| !statement.out)
                .map(|(statement, priority)| (&statement.name, priority))
                .collect(),
            pca_explained_variance: self.map.variances,
            pca_mean: self.by_statement(self.map.means.iter().copied()),
            pc1: self.by_statement(self.map.axes[0].iter().copied()),
            pc2: self.by_statement(self.map.axes[1].iter().copied()),
            statement: self.by_statement(self.statements()),
            consensus: Consensus { agree: listed(true), disagree: listed(false) },
            groups: groups.map(|groups| self.told_groups(groups)),
            groups_withheld: withheld,
            people: (told == Told::Everything).then(|| self.told_people()),
        }
    }

    /// Why groups are not told.
    fn withheld(&self) -> Option<String> {
        let people = self.grouped.len();
        if people < FEWEST_PEOPLE {
            return Some(format!("groups are told of {FEWEST_PEOPLE} people or more, not of {people}"));
        }
        let Some(groups) = self.groups() else { return Some("there are no groups".to_owned()) };
        let smallest = sizes(groups).into_iter().min().unwrap_or_default();
        (smallest < FEWEST_IN_GROUP).then(|| {
            format!("a group has fewer than {FEWEST_IN_GROUP} people: what they said could be read from it")
        })
    }

    fn by_statement<V>(&self, values: impl IntoIterator<Item = V>) -> BTreeMap<&'a Name, V> {
        self.votes.statements.iter().map(|statement| &statement.name).zip(values).collect()
    }

    fn statements(&self) -> impl Iterator<Item = ToldStatement> {
        let extremity = self.map.extremity();
        self.tallies.iter().enumerate().map(move |(statement, Tally { agree, disagree, votes })| {
            ToldStatement {
                n_agree: *agree,
                n_disagree: *disagree,
                n_total: *votes,
                x: self.map.statements[statement][0],
                y: self.map.statements[statement][1],
                extremity: extremity[statement],
                priority: self.priorities[statement],
                gac_agree: self.group_informed(statement, true),
                gac_disagree: self.group_informed(statement, false),
            }
        })
    }

    fn told_groups(&self, groups: &Groups) -> ToldGroups<'a> {
        let of_group = |tallies: &Vec<Tally>| {
            let standings = tallies.iter().zip(&self.tallies).map(|(tally, all)| tally.standing(all).into());
            self.by_statement(standings)
        };
        let list =
            |group| self.representative(group).into_iter().map(|chosen| self.listed(chosen, true)).collect();
        let way = |way: &Groups| Way { inertia: way.inertia, silhouette: way.silhouette };
        ToldGroups {
            k: groups.centres.len(),
            silhouette: groups.silhouette,
            tied: groups.tied,
            cluster_sizes: sizes(groups),
            cluster_centers: groups.centres.clone(),
            per_k: self.ways.iter().map(|groups| (groups.centres.len(), way(groups))).collect(),
            group_stats: self.by_group.iter().map(of_group).enumerate().collect(),
            repness: (0..self.by_group.len()).map(|group| (group, list(group))).collect(),
        }
    }

    fn told_people(&self) -> ToldPeople<'a> {
        let names = &self.votes.people;
        let labels = self.groups().map(|groups| &groups.labels[..]).unwrap_or_default();
        ToldPeople {
            participant_xy: names.iter().zip(self.map.people.iter().copied()).collect(),
            cluster: self.grouped.iter().map(|person| &names[*person]).zip(labels.iter().copied()).collect(),
            init_centers: self.groups().map(|groups| groups.begun.clone()).unwrap_or_default(),
        }
    }

    fn listed(&self, chosen: Chosen, of_group: bool) -> Listed<'a> {
        let Side { count, share, share_test, representative, representative_test } = chosen.side;
        Listed {
            tid: &self.votes.statements[chosen.statement].name,
            n_success: count,
            n_trials: chosen.votes,
            p_success: share,
            p_test: share_test,
            tied: chosen.tied,
            group: of_group.then(|| ListedOfGroup {
                repness: representative,
                repness_test: representative_test,
                repful_for: if chosen.agree { "agree" } else { "disagree" },
                n_agree: chosen.best_agree.then_some(count),
                best_agree: chosen.best_agree,
            }),
        }
    }
}

fn sizes(groups: &Groups) -> Vec<usize> {
    let mut sizes = vec![0; groups.centres.len()];
    groups.labels.iter().for_each(|group| sizes[*group] += 1);
    sizes
}
