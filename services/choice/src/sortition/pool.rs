//! Who volunteers, and what the panel must look like.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A feature with its quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Its name.
    pub feature: String,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: u32,
}

/// A category with all of its features: everybody has exactly one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name.
    pub name: String,
    /// Its features.
    pub quotas: Vec<Quota>,
}

/// Volunteers and quotas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Members of the panel.
    pub k: u32,
    /// The categories.
    pub categories: Vec<Category>,
    /// The type of each person, in the order of the file.
    pub people: Vec<usize>,
    /// The household of each person, by a number: at most one of each is in a panel.
    pub households: Vec<usize>,
    /// The types: of each category the place of its feature. Those who share a household are of other types than those who do not, and also than those whose
    /// household is not alike, although their features are equal: their chances may differ.
    pub types: Vec<Vec<usize>>,
    /// How many people are of each type.
    pub counts: Vec<u32>,
}

/// A pool that makes no sense, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidPool(pub Vec<String>);

/// A row of `respondents.csv`.
struct Person {
    features: Vec<usize>,
    household: Option<String>,
}

/// Faults that are told of one pool.
const MOST_FAULTS: usize = 50;
/// Most people.
const MOST_PEOPLE: usize = 100_000;

/// Reads the three files of a pool: `respondents.csv` (a row a person, a column a category), `categories.csv` (category, feature, min, max) and `meta.json` (k).
///
/// With `"household": "address"` in `meta.json` people with the same text in the column `address` are a household, with `"household": true` those with the same in
/// the column `household`. Who has nothing there lives alone.
pub fn read(respondents: &str, categories: &str, meta: &str) -> Result<Pool, InvalidPool> {
    let mut faults = Vec::new();
    let meta: Value = serde_json::from_str(meta).unwrap_or_default();
    let k = meta["k"].as_u64().and_then(|k| u32::try_from(k).ok()).filter(|k| *k > 0);
    if k.is_none() {
        faults.push("meta.json: k must be a whole number above 0".to_owned());
    }
    let household = match &meta["household"] {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some("household"),
        Value::String(column) => Some(column.trim()),
        _ => {
            faults.push("meta.json: household must be the name of a column, true or false".to_owned());
            None
        }
    };
    let categories = read_categories(categories, &mut faults);
    let people = read_people(respondents, &categories, household, &mut faults);
    let k = k.unwrap_or(1);
    let households = number_households(&people);
    let homes = households.iter().collect::<BTreeSet<_>>().len();
    if faults.is_empty() && people.len() < k as usize {
        faults.push(format!("respondents.csv: {} people cannot fill a panel of {k}", people.len()));
    } else if faults.is_empty() && homes < k as usize {
        faults.push(format!(
            "respondents.csv: people of {homes} households cannot fill a panel of {k} with at most one of each"
        ));
    }
    if !faults.is_empty() {
        faults.truncate(MOST_FAULTS);
        return Err(InvalidPool(faults));
    }
    Ok(typed(k, categories, &people, households))
}

/// Numbers of households, in the order in which they first stand in the file.
fn number_households(people: &[Person]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    let mut next = 0..;
    let mut new = || next.next().unwrap_or_default();
    let number = |person: &Person| match person.household.as_ref() {
        Some(household) => *numbers.entry(household.clone()).or_insert_with(&mut new),
        None => new(),
    };
    people.iter().map(number).collect()
}

/// Finds the types: people with equal features in households that are alike.
fn typed(k: u32, categories: Vec<Category>, people: &[Person], households: Vec<usize>) -> Pool {
    let mut members: BTreeMap<usize, Vec<&[usize]>> = BTreeMap::new();
    for (person, household) in people.iter().zip(&households) {
        members.entry(*household).or_default().push(&person.features);
    }
    members.values_mut().for_each(|features| features.sort_unstable());
    let mut places: BTreeMap<(&[usize], &[&[usize]]), usize> = BTreeMap::new();
    let (mut types, mut counts, mut of) = (Vec::new(), Vec::new(), Vec::with_capacity(people.len()));
    for (person, household) in people.iter().zip(&households) {
        let place = *places.entry((&person.features, &members[household])).or_insert_with(|| {
            types.push(person.features.clone());
            counts.push(0);
            types.len() - 1
        });
        counts[place] += 1;
        of.push(place);
    }
    Pool { k, categories, people: of, households, types, counts }
}

/// Rows of a file with their columns by name.
fn rows(file: &str, text: &str, faults: &mut Vec<String>) -> (Vec<String>, Vec<(u64, Vec<String>)>) {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map(|names| names.iter().map(|name| name.trim().to_owned()).collect());
    let header: Vec<String> = header.unwrap_or_default();
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                rows.push((line, record.iter().map(|value| value.trim().to_owned()).collect()));
            }
            Err(error) => faults.push(format!("{file}: {error}")),
        }
    }
    (header, rows)
}

fn read_categories(text: &str, faults: &mut Vec<String>) -> Vec<Category> {
    let file = "categories.csv";
    let (header, rows) = rows(file, text, faults);
    let place = |name: &str| header.iter().position(|known| known == name);
    let (Some(category), Some(feature), Some(min), Some(max)) =
        (place("category"), place("feature"), place("min"), place("max"))
    else {
        faults.push(format!("{file}: must have the columns category, feature, min and max"));
        return Vec::new();
    };
    let mut categories: Vec<Category> = Vec::new();
    for (line, row) in rows {
        let (name, feature) = (&row[category], &row[feature]);
        let (Ok(min), Ok(max)) = (row[min].parse(), row[max].parse()) else {
            faults.push(format!("{file}, line {line}: min and max must be whole numbers from 0"));
            continue;
        };
        if min > max {
            faults.push(format!(
                "{file}, line {line}: of {feature} at least {min} and at most {max} are wanted"
            ));
        }
        let place = categories.iter().position(|known| known.name == *name).unwrap_or_else(|| {
            categories.push(Category { name: name.clone(), quotas: Vec::new() });
            categories.len() - 1
        });
        if categories[place].quotas.iter().any(|quota| quota.feature == *feature) {
            faults.push(format!("{file}, line {line}: {feature} stands there twice"));
        }
        categories[place].quotas.push(Quota { feature: feature.clone(), min, max });
    }
    if categories.is_empty() {
        faults.push(format!("{file}: there is no category"));
    }
    categories
}

fn read_people(
    text: &str,
    categories: &[Category],
    household: Option<&str>,
    faults: &mut Vec<String>,
) -> Vec<Person> {
    let file = "respondents.csv";
    let (header, rows) = rows(file, text, faults);
    let mut columns = Vec::new();
    for category in categories {
        match header.iter().position(|name| *name == category.name) {
            Some(column) => columns.push(column),
            None => faults.push(format!("{file}: has no column {}", category.name)),
        }
    }
    let home = household.map(|household| (household, header.iter().position(|name| name == household)));
    if let Some((household, None)) = home {
        faults.push(format!("{file}: has no column {household}, which meta.json names for households"));
    }
    if columns.len() < categories.len() {
        return Vec::new();
    }
    if rows.is_empty() {
        faults.push(format!("{file}: there is nobody"));
    }
    if rows.len() > MOST_PEOPLE {
        faults.push(format!("{file}: there are more than {MOST_PEOPLE} people"));
        return Vec::new();
    }
    let mut people = Vec::with_capacity(rows.len());
    let mut unknown = BTreeSet::new();
    for (line, row) in rows {
        let feature = |(category, column): (&Category, &usize)| {
            let value = &row[*column];
            let found = category.quotas.iter().position(|quota| quota.feature == *value);
            found.ok_or_else(|| (line, category.name.clone(), value.clone()))
        };
        match categories.iter().zip(&columns).map(feature).collect() {
            Ok(features) => {
                let household = home.and_then(|(_, column)| column).map(|column| row[column].clone());
                people.push(Person { features, household: household.filter(|text| !text.is_empty()) });
            }
            Err(wrong) => {
                unknown.insert(wrong);
            }
        }
    }
    for (line, category, value) in unknown {
        faults.push(format!("{file}, line {line}: {value:?} is no feature of {category}"));
    }
    people
}
