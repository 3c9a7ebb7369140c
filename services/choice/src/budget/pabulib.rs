//! Files of Pabulib (`.pb`): three tables, divided by semicolons, under the lines META, PROJECTS and VOTES.

use std::collections::{BTreeMap, HashMap};

use num_traits::{Signed, Zero};

use super::{Ballot, Instance, Project};
use crate::number::{self, Exact};

/// A file that cannot be read, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidFile(pub Vec<String>);

/// Faults that are told of one file.
const MOST_FAULTS: usize = 50;
/// Most voters and projects of a file.
const MOST_VOTERS: usize = 1_000_000;
const MOST_PROJECTS: usize = 10_000;

/// The tables of a file.
#[derive(Default)]
struct Reading {
    faults: Vec<String>,
    meta: BTreeMap<String, String>,
    projects: Vec<Project>,
    places: HashMap<String, usize>,
    sites: HashMap<String, usize>,
    ballots: Vec<Ballot>,
}

impl Reading {
    fn fault(&mut self, line: u64, what: impl std::fmt::Display) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(format!("line {line}: {what}"));
        }
    }
}

/// Reads a file. Approvals, choices of one, points and rankings are understood; of a ranking of n the first one scores n-1 and the last one 0, as Borda has it.
///
/// Two columns of projects are ours: `exclusion_group` (or `site`), the same text for projects of which at most one is paid for, and `withdrawn`, 1 for a project that was
/// taken back.
pub fn read(text: &str) -> Result<Instance, InvalidFile> {
    let mut reading = Reading::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut table, mut header): (String, Option<Vec<String>>) = (String::new(), None);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                reading.fault(line, "is not readable as a row of values divided by semicolons");
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let row: Vec<String> = record.iter().map(|value| value.trim().to_owned()).collect();
        match row.as_slice() {
            [word] if ["META", "PROJECTS", "VOTES"].contains(&word.as_str()) => {
                (table, header) = (word.clone(), None);
            }
            _ => match &header {
                None => header = Some(row.iter().map(|name| name.to_lowercase()).collect()),
                Some(names) => {
                    let value = |name: &str| {
                        let place = names.iter().position(|known| known == name);
                        place.and_then(|place| row.get(place)).map(String::as_str)
                    };
                    match table.as_str() {
                        "META" => {
                            if let [key, value, ..] = row.as_slice() {
                                reading.meta.insert(key.to_lowercase(), value.clone());
                            }
                        }
                        "PROJECTS" => project(&mut reading, line, value),
                        "VOTES" => vote(&mut reading, line, value),
                        _ => reading.fault(line, "stands before META"),
                    }
                }
            },
        }
    }
    finish(reading)
}

fn finish(mut reading: Reading) -> Result<Instance, InvalidFile> {
    let budget = match reading.meta.get("budget").map(|text| number::parse(text)) {
        Some(Ok(budget)) if budget.is_positive() => budget,
        Some(Ok(_)) => {
            reading.faults.push("META: the budget must be above 0".into());
            Exact::zero()
        }
        Some(Err(wrong)) => {
            reading.faults.push(format!("META: the budget {wrong}"));
            Exact::zero()
        }
        None => {
            reading.faults.push("META: has no budget".into());
            Exact::zero()
        }
    };
    if reading.projects.is_empty() && reading.faults.is_empty() {
        reading.faults.push("PROJECTS: there is none".into());
    }
    if reading.faults.is_empty() {
        Ok(Instance { budget, projects: reading.projects, ballots: reading.ballots, least_votes: 0 })
    } else {
        Err(InvalidFile(reading.faults))
    }
}

fn project<'a>(reading: &mut Reading, line: u64, value: impl Fn(&str) -> Option<&'a str>) {
    let id = value("project_id").unwrap_or_default();
    if id.is_empty() {
        return reading.fault(line, "a project has no project_id");
    }
    if reading.projects.len() >= MOST_PROJECTS {
        return reading.fault(line, format!("there are more than {MOST_PROJECTS} projects"));
    }
    if reading.places.contains_key(id) {
        return reading.fault(line, format!("project {id} stands there twice"));
    }
    // What is wrong is told once: ballots may name the project all the same.
    let cost = match number::parse(value("cost").unwrap_or_default()) {
        Ok(cost) if !cost.is_negative() => cost,
        wrong => {
            match wrong {
                Ok(_) => reading.fault(line, format!("the cost of {id} is negative")),
                Err(wrong) => reading.fault(line, format!("the cost of {id}: {wrong}")),
            }
            Exact::zero()
        }
    };
    let withdrawn = value("withdrawn").unwrap_or_default();
    if !["", "0", "1"].contains(&withdrawn) {
        reading.fault(line, format!("withdrawn of {id} is {withdrawn:?}: 0 or 1 is wanted"));
    }
    let withdrawn = withdrawn == "1";
    let site = value("exclusion_group").or_else(|| value("site")).filter(|site| !site.is_empty());
    let next = reading.sites.len();
    let site = site.map(|site| *reading.sites.entry(site.to_owned()).or_insert(next));
    let name = value("name").unwrap_or_default().to_owned();
    reading.places.insert(id.to_owned(), reading.projects.len());
    reading.projects.push(Project { id: id.to_owned(), name, cost, site, withdrawn });
}

fn vote<'a>(reading: &mut Reading, line: u64, value: impl Fn(&str) -> Option<&'a str>) {
    if reading.ballots.len() >= MOST_VOTERS {
        return reading.fault(line, format!("there are more than {MOST_VOTERS} voters"));
    }
    let list =
        |text: &'a str| text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let chosen = list(value("vote").unwrap_or_default());
    let points = value("points").map(list);
    if let Some(points) = &points
        && points.len() != chosen.len()
    {
        let (chosen, points) = (chosen.len(), points.len());
        return reading.fault(line, format!("{chosen} projects are chosen and {points} points given"));
    }
    let ranks = reading.meta.get("vote_type").is_some_and(|kind| kind == "ordinal");
    let mut ballot: Vec<(usize, Exact)> = Vec::with_capacity(chosen.len());
    for (nth, id) in chosen.iter().enumerate() {
        let Some(place) = reading.places.get(*id).copied() else {
            reading.fault(line, format!("{id} is no project of this file"));
            continue;
        };
        if ballot.iter().any(|(known, _)| *known == place) {
            reading.fault(line, format!("{id} is chosen twice"));
            continue;
        }
        let score = match points.as_ref().and_then(|points| points.get(nth)) {
            None if ranks => Exact::from_integer((chosen.len() - nth - 1).into()),
            None => Exact::from_integer(1.into()),
            Some(text) => match number::parse(text) {
                Ok(points) if !points.is_negative() => points,
                Ok(_) => {
                    reading.fault(line, format!("the points of {id} are negative"));
                    continue;
                }
                Err(wrong) => {
                    reading.fault(line, format!("the points of {id}: {wrong}"));
                    continue;
                }
            },
        };
        ballot.push((place, score));
    }
    reading.ballots.push(Ballot(ballot));
}
