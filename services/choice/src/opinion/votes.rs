//! Who said what of which statement, as Polis exports it: `votes.csv` and `statements.csv`. The last vote of a person on a statement counts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

/// What a person or a statement is called: a number where it is one, so that 2 comes before 10.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Name {
    /// A whole number from 0.
    Number(u64),
    /// Anything else.
    Text(String),
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        match text.parse::<u64>() {
            // `007` is not 7.
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// What a person says of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// 1
    Agree,
    /// 0
    Pass,
    /// -1
    Disagree,
}

impl Vote {
    /// The vote as a number: 1, 0 or -1.
    pub fn value(self) -> f64 {
        match self {
            Self::Agree => 1.0,
            Self::Pass => 0.0,
            Self::Disagree => -1.0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Agree),
            "0" => Some(Self::Pass),
            "-1" => Some(Self::Disagree),
            _ => None,
        }
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is called.
    pub name: Name,
    /// True when moderators took it out: it draws nobody to any place, and is in no list.
    pub out: bool,
    /// True when it is about the conversation or the people, not about the matter.
    pub meta: bool,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Votes {
    /// People who voted, by name.
    pub people: Vec<Name>,
    /// Statements with votes, by name.
    pub statements: Vec<Statement>,
    /// Statements without any vote, by name: nothing can be said of them yet.
    pub without_votes: Vec<Statement>,
    /// What each person said: the place of the statement and the vote, by place.
    pub ballots: Vec<Vec<(usize, Vote)>>,
}

/// Votes that make no sense, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidVotes(pub Vec<String>);

/// Faults that are told of one conversation.
const MOST_FAULTS: usize = 50;
/// Most votes, those that were changed later among them.
const MOST_VOTES: usize = 5_000_000;
/// Most people.
const MOST_PEOPLE: usize = 20_000;
/// Most statements.
const MOST_STATEMENTS: usize = 2_000;

/// Names with the places that they had when they were first met.
#[derive(Default)]
struct Places(HashMap<String, usize>);

impl Places {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.0.get(name) {
            return *place;
        }
        let place = self.0.len();
        self.0.insert(name.to_owned(), place);
        place
    }

    /// The names in their order, and for each place as met the place in that order.
    fn in_order(self) -> (Vec<Name>, Vec<usize>) {
        let mut named: Vec<_> =
            self.0.into_iter().map(|(name, met)| (Name::from(name.as_str()), met)).collect();
        named.sort_unstable();
        let mut places = vec![0; named.len()];
        for (place, (_, met)) in named.iter().enumerate() {
            places[*met] = place;
        }
        (named.into_iter().map(|(name, _)| name).collect(), places)
    }
}

/// Votes as they come.
#[derive(Default)]
struct Collected {
    people: Places,
    statements: Places,
    cast: Vec<(usize, usize, i64, Vote)>,
}

impl Collected {
    fn add(&mut self, person: &str, statement: &str, at: i64, vote: Vote) {
        self.cast.push((self.people.place(person), self.statements.place(statement), at, vote));
    }

    fn faults(&self) -> Vec<String> {
        let counts = [
            (self.cast.len(), MOST_VOTES, "votes"),
            (self.people.0.len(), MOST_PEOPLE, "people"),
            (self.statements.0.len(), MOST_STATEMENTS, "statements"),
        ];
        let too_many = counts.iter().filter(|(count, most, _)| count > most);
        let mut faults: Vec<_> =
            too_many.map(|(_, most, what)| too_many_of("votes.csv", *most, what)).collect();
        if self.cast.is_empty() {
            faults.push("votes.csv: there is no vote".to_owned());
        }
        faults
    }

    fn finish(self, known: &BTreeMap<Name, Statement>) -> Votes {
        let (people, person_at) = self.people.in_order();
        let (names, statement_at) = self.statements.in_order();
        let mut cast = self.cast;
        // A stable order: of votes at the same instant the one that stands later counts.
        cast.sort_by_key(|(person, statement, at, _)| (person_at[*person], statement_at[*statement], *at));
        let mut ballots: Vec<Vec<(usize, Vote)>> = vec![Vec::new(); people.len()];
        for (person, statement, _, vote) in cast {
            let (ballot, place) = (&mut ballots[person_at[person]], statement_at[statement]);
            match ballot.last_mut() {
                Some((last, earlier)) if *last == place => *earlier = vote,
                _ => ballot.push((place, vote)),
            }
        }
        let unlisted = |name: &Name| Statement { name: name.clone(), out: false, meta: false };
        let statements =
            names.iter().map(|name| known.get(name).cloned().unwrap_or_else(|| unlisted(name))).collect();
        let silent = known.values().filter(|statement| names.binary_search(&statement.name).is_err());
        Votes { people, statements, without_votes: silent.cloned().collect(), ballots }
    }
}

fn too_many_of(file: &str, most: usize, what: &str) -> String {
    format!("{file}: there are more than {most} {what}")
}

impl Votes {
    /// Puts votes together: person, statement, when (any count that grows with time; the last one counts, of equals the later in the list), vote. Statements that are not
    /// listed were not moderated.
    pub fn of<'a>(
        cast: impl IntoIterator<Item = (&'a str, &'a str, i64, Vote)>,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Result<Self, InvalidVotes> {
        let mut collected = Collected::default();
        for (person, statement, at, vote) in cast {
            collected.add(person, statement, at, vote);
        }
        let known = statements.into_iter().map(|statement| (statement.name.clone(), statement)).collect();
        let faults = collected.faults();
        if faults.is_empty() { Ok(collected.finish(&known)) } else { Err(InvalidVotes(faults)) }
    }
}

/// Reads the two files of a conversation: `votes.csv` (statement, participant, vote: agree 1, pass 0, disagree -1, and timestamp_ms where there is one) and
/// `statements.csv` (statement, moderated: -1 is out, and is_meta where there is one).
pub fn read(votes: &str, statements: &str) -> Result<Votes, InvalidVotes> {
    let mut faults = Vec::new();
    let known = read_statements(statements, &mut faults);
    let collected = read_votes(votes, &mut faults);
    if faults.is_empty() {
        faults = collected.faults();
    }
    if !faults.is_empty() {
        faults.truncate(MOST_FAULTS);
        return Err(InvalidVotes(faults));
    }
    Ok(collected.finish(&known))
}

/// Goes through the rows of a file, each with its line and the values of these columns; a column may be missing where it is optional.
fn each_row<const COLUMNS: usize>(
    (file, text): (&str, &str),
    columns: [(&str, bool); COLUMNS],
    faults: &mut Vec<String>,
    mut row: impl FnMut(&mut Vec<String>, u64, [Option<&str>; COLUMNS]),
) {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let places = columns.map(|(name, _)| header.iter().position(|known| known == name));
    for ((name, needed), place) in columns.iter().zip(&places) {
        if *needed && place.is_none() {
            faults.push(format!("{file}: has no column {name}"));
        }
    }
    if !faults.is_empty() {
        return;
    }
    let mut record = csv::StringRecord::new();
    while faults.len() < MOST_FAULTS {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.len() != header.len() {
                    let (has, wanted) = (record.len(), header.len());
                    faults.push(format!("{file}, line {line}: has {has} values in place of {wanted}"));
                    continue;
                }
                row(faults, line, places.map(|place| place.and_then(|place| record.get(place))));
            }
            Err(error) => faults.push(format!("{file}: {error}")),
        }
    }
}

fn read_statements(text: &str, faults: &mut Vec<String>) -> BTreeMap<Name, Statement> {
    let file = "statements.csv";
    let mut known = BTreeMap::new();
    let columns = [("statement", true), ("moderated", true), ("is_meta", false)];
    each_row((file, text), columns, faults, |faults, line, [name, moderated, meta]| {
        let name = name.unwrap_or_default();
        if name.is_empty() {
            faults.push(format!("{file}, line {line}: the statement has no name"));
        }
        let moderated = moderated.unwrap_or_default();
        if !["-1", "0", "1", ""].contains(&moderated) {
            faults.push(format!("{file}, line {line}: moderated must be -1, 0 or 1, is {moderated:?}"));
        }
        let meta = match meta.unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "0" | "false" => false,
            "1" | "true" => true,
            other => {
                faults.push(format!(
                    "{file}, line {line}: is_meta must be true, false or nothing, is {other:?}"
                ));
                false
            }
        };
        let statement = Statement { name: Name::from(name), out: moderated == "-1", meta };
        if known.insert(statement.name.clone(), statement).is_some() {
            faults.push(format!("{file}, line {line}: the statement {name} stands there twice"));
        }
    });
    if known.len() > MOST_STATEMENTS {
        faults.push(too_many_of(file, MOST_STATEMENTS, "statements"));
    }
    known
}

fn read_votes(text: &str, faults: &mut Vec<String>) -> Collected {
    let file = "votes.csv";
    let mut collected = Collected::default();
    // Too many need not be read to be refused.
    if text.lines().filter(|line| !line.is_empty()).count() > MOST_VOTES + 1 {
        faults.push(too_many_of(file, MOST_VOTES, "votes"));
        return collected;
    }
    let columns = [("participant", true), ("statement", true), ("vote", true), ("timestamp_ms", false)];
    // What is wrong with the other file must not hide what is wrong with this one.
    let mut own = Vec::new();
    each_row((file, text), columns, &mut own, |faults, line, [person, statement, vote, at]| {
        let (person, statement) = (person.unwrap_or_default(), statement.unwrap_or_default());
        if person.is_empty() || statement.is_empty() {
            faults.push(format!("{file}, line {line}: participant and statement must have names"));
        }
        let told = vote.unwrap_or_default();
        let vote = Vote::parse(told);
        if vote.is_none() {
            faults.push(format!(
                "{file}, line {line}: the vote must be 1 (agree), 0 (pass) or -1 (disagree), is {told:?}"
            ));
        }
        let at = at.map_or(Some(0), |at| at.parse::<i64>().ok());
        if at.is_none() {
            faults.push(format!("{file}, line {line}: timestamp_ms must be a whole number"));
        }
        if let (Some(vote), Some(at)) = (vote, at) {
            collected.add(person, statement, at, vote);
        }
    });
    faults.extend(own);
    collected
}
