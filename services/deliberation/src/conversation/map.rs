//! What a map is drawn from, and what of it a screen may tell. The numbers are those of the choice crate; here it is only seen to that few people are not told of.

use std::collections::BTreeMap;

use gongzhi_choice::opinion::{self, InvalidVotes, Name, Opinions, Options, Told, Vote, Votes};
use serde::Deserialize;
use sqlx::PgConnection;

use super::store::{self, Accepted};
use super::voice::Judgement;

/// How stable groups are is computed by so many samples.
const SAMPLES: usize = 50;
/// Where there are more judgements, what takes longest is not computed: nobody waits so long for a screen.
const MOST_FOR_MORE: usize = 100_000;

/// What was said, as a map is drawn from it and as it is given out.
pub(super) struct Matrix {
    /// Accepted statements by number.
    pub(super) statements: Vec<Accepted>,
    /// What each person said of them, in an order that means nothing; nobody who said nothing.
    pub(super) people: Vec<Vec<(u32, Judgement)>>,
}

impl Matrix {
    /// Reads what was said. What was said of statements that are not shown counts no more.
    pub(super) async fn of(connection: &mut PgConnection, conversation: &str) -> Result<Self, sqlx::Error> {
        let statements = store::accepted(connection, conversation).await?;
        let numbers: Vec<u32> = statements.iter().map(|statement| statement.number).collect();
        let voices = store::voices(connection, conversation).await?;
        let shown = |voice: BTreeMap<u32, Judgement>| {
            let shown = voice.into_iter().filter(|(number, _)| numbers.binary_search(number).is_ok());
            shown.collect::<Vec<_>>()
        };
        let people = voices.into_iter().map(shown).filter(|said| !said.is_empty()).collect();
        Ok(Self { statements, people })
    }

    /// Judgements of all.
    pub(super) fn judgements(&self) -> usize {
        self.people.iter().map(Vec::len).sum()
    }

    fn votes(&self) -> Result<Votes, InvalidVotes> {
        let names: Vec<String> = (1..=self.people.len()).map(|person| person.to_string()).collect();
        let numbers: BTreeMap<u32, String> = self
            .statements
            .iter()
            .map(|statement| (statement.number, statement.number.to_string()))
            .collect();
        let cast = self.people.iter().zip(&names).flat_map(|(said, name)| {
            said.iter()
                .map(|(number, judgement)| (name.as_str(), numbers[number].as_str(), 0, vote(*judgement)))
        });
        let statements = numbers.values().map(|number| opinion::Statement {
            name: Name::from(number.as_str()),
            out: false,
            meta: false,
        });
        Votes::of(cast, statements)
    }
}

fn vote(judgement: Judgement) -> Vote {
    match judgement {
        Judgement::Agree => Vote::Agree,
        Judgement::Pass => Vote::Pass,
        Judgement::Disagree => Vote::Disagree,
    }
}

/// What the choice crate tells a screen of a statement.
#[derive(Debug, Deserialize)]
pub(super) struct OfStatement {
    pub(super) n_agree: i32,
    pub(super) n_disagree: i32,
    pub(super) n_total: i32,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) gac_agree: f64,
    pub(super) gac_disagree: f64,
}

/// A statement in a list.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    /// Its number.
    pub(super) tid: u32,
}

/// On which side of a statement a group is.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    Agree,
    Disagree,
}

/// A statement that a group says more than others do.
#[derive(Debug, Deserialize)]
pub(super) struct Representative {
    /// Its number.
    pub(super) tid: u32,
    #[serde(rename = "repful-for")]
    pub(super) side: Side,
}

/// What most people are clearly on a side of.
#[derive(Debug, Deserialize)]
pub(super) struct Consensus {
    pub(super) agree: Vec<Listed>,
    pub(super) disagree: Vec<Listed>,
}

/// What the choice crate tells a screen.
#[derive(Debug, Deserialize)]
pub(super) struct Screen {
    pub(super) statement: BTreeMap<u32, OfStatement>,
    pub(super) consensus: Consensus,
    pub(super) groups_withheld: Option<String>,
    pub(super) silhouette: Option<f64>,
    #[serde(default)]
    pub(super) cluster_sizes: Vec<i32>,
    #[serde(default)]
    pub(super) cluster_centers: Vec<(f64, f64)>,
    #[serde(default)]
    pub(super) repness: BTreeMap<u32, Vec<Representative>>,
}

/// A map.
pub(super) struct Drawn {
    pub(super) statements: Vec<Accepted>,
    pub(super) participants: usize,
    pub(super) judgements: usize,
    /// What is told of judgements; none where there are none.
    pub(super) screen: Option<Screen>,
    /// The second opinion by number; empty where it is not computed.
    pub(super) bridging: BTreeMap<u32, f64>,
    /// How stable the groups are; none where that is not computed.
    pub(super) stability: Option<f64>,
    /// What each statement is worth to be asked about next, by number.
    pub(super) priorities: BTreeMap<u32, f64>,
}

/// Why there is no map, for whoever looks after the program.
pub(super) type Fault = String;

/// Draws the map.
pub(super) fn draw(matrix: Matrix) -> Result<Drawn, Fault> {
    let (participants, judgements) = (matrix.people.len(), matrix.judgements());
    let mut drawn = Drawn {
        participants,
        judgements,
        screen: None,
        bridging: BTreeMap::new(),
        stability: None,
        priorities: BTreeMap::new(),
        statements: Vec::new(),
    };
    if judgements > 0 {
        let votes = matrix.votes().map_err(|wrong| wrong.to_string())?;
        let opinions = opinion::opinions(&votes, &Options::default());
        let told = serde_json::to_value(opinions.told(Told::Screen)).map_err(|error| error.to_string())?;
        let screen: Screen = serde_json::from_value(told).map_err(|error| error.to_string())?;
        drawn.priorities = priorities(&opinions);
        if judgements <= MOST_FOR_MORE {
            drawn.bridging = bridging(&opinions);
            let groups_are_told = screen.groups_withheld.is_none();
            drawn.stability = groups_are_told.then(|| opinion::stability(&opinions, SAMPLES)).flatten();
        }
        drawn.screen = Some(screen);
    }
    Ok(Drawn { statements: matrix.statements, ..drawn })
}

fn number(name: &Name) -> Option<u32> {
    match name {
        Name::Number(number) => u32::try_from(*number).ok(),
        Name::Text(_) => None,
    }
}

fn priorities(opinions: &Opinions<'_>) -> BTreeMap<u32, f64> {
    let judged = opinions.votes.statements.iter().zip(&opinions.priorities);
    let silent = opinions.votes.without_votes.iter().zip(&opinions.priorities_without_votes);
    let priority =
        |(statement, priority): (&opinion::Statement, &f64)| Some((number(&statement.name)?, *priority));
    judged.chain(silent).filter_map(priority).collect()
}

fn bridging(opinions: &Opinions<'_>) -> BTreeMap<u32, f64> {
    let notes = opinion::bridging(opinions).notes;
    notes.into_iter().filter_map(|(name, (intercept, ..))| Some((number(name)?, intercept))).collect()
}
