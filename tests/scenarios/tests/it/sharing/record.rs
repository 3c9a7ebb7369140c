//! What happened, as the record of the services tells it, and what each subscriber must therefore have: due minus received is empty, received minus
//! due is empty, and what is of one thing came in the order in which it happened.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;

use super::receivers::Came;
use super::wish::Wish;
use crate::outage::ground::Ground;

/// A fact as it was recorded.
pub struct Recorded {
    pub id: Uuid,
    /// Service and name.
    pub name: String,
    pub area: String,
    pub audience: String,
    /// The thing it is of.
    pub thing: (String, String),
    pub body: Vec<u8>,
    pub event: Value,
}

/// Everything that was recorded, in the order in which it happened within each thing.
pub async fn recorded(ground: &Ground) -> Result<Vec<Recorded>> {
    let mut all = Vec::new();
    for record in &ground.records {
        let rows = sqlx::query("select body from outbox order by bucket, seq").fetch_all(record.pool());
        for row in rows.await? {
            all.push(Recorded::read(row.get(0))?);
        }
    }
    Ok(all)
}

impl Recorded {
    fn read(body: Vec<u8>) -> Result<Self> {
        let event: Value = serde_json::from_slice(&body)?;
        let text = |name: &str| Some(event.get(name)?.as_str()?.to_owned());
        let told = text("type").context("a fact has a type")?;
        let [_, service, _, fact] = told.split('.').collect::<Vec<_>>()[..] else {
            anyhow::bail!("{told} is no type of a fact");
        };
        Ok(Self {
            id: text("id").context("an id")?.parse()?,
            name: format!("{service}.{fact}"),
            area: text("area").context("an area")?,
            audience: text("audience").context("an audience")?,
            thing: (text("aggregatetype").context("a kind")?, text("subject").context("a subject")?),
            event,
            body,
        })
    }
}

/// What was found of one subscriber, or of many.
#[derive(Debug, Default)]
pub struct Found {
    pub due: usize,
    pub received: usize,
    pub duplicates: usize,
    /// What is wrong, in words.
    pub lost: Vec<String>,
    pub leaked: Vec<String>,
    pub disordered: Vec<String>,
}

impl Found {
    pub fn add(&mut self, other: Self) {
        self.due += other.due;
        self.received += other.received;
        self.duplicates += other.duplicates;
        self.lost.extend(other.lost);
        self.leaked.extend(other.leaked);
        self.disordered.extend(other.disordered);
    }
}

/// Compares what came with what is due.
pub fn compare(name: &str, wish: &Wish, recorded: &[Recorded], came: &[Came]) -> Result<Found> {
    let mut due = BTreeMap::new();
    for (rank, fact) in recorded.iter().enumerate() {
        if let Some(event) = wish.due(fact)? {
            due.insert(fact.id, (rank, fact, event));
        }
    }
    let mut found = Found { due: due.len(), ..Found::default() };
    let (mut seen, mut last) = (BTreeSet::new(), BTreeMap::new());
    for one in came {
        let Some((rank, fact, event)) = due.get(&one.id) else {
            found.leaked.push(format!("{name} was sent {}", String::from_utf8_lossy(&one.body)));
            continue;
        };
        // Untouched bytes where all may be seen, otherwise the same without what may not.
        let whole = *event == fact.event;
        if whole && one.body != fact.body || !whole && serde_json::from_slice::<Value>(&one.body)? != *event {
            found.leaked.push(format!(
                "{name} was sent {} as {}",
                one.id,
                String::from_utf8_lossy(&one.body)
            ));
        }
        if !one.accepted {
            continue;
        }
        if !seen.insert(one.id) {
            found.duplicates += 1;
            continue;
        }
        if let Some(before) = last.insert(&fact.thing, *rank)
            && before > *rank
        {
            let (kind, id) = &fact.thing;
            found.disordered.push(format!("{name} got {} of {kind} {id} late", fact.name));
        }
    }
    found.received = seen.len();
    let missing = due.iter().filter(|(id, _)| !seen.contains(id));
    found.lost.extend(missing.map(|(id, (_, fact, _))| format!("{name} lacks {} {id}", fact.name)));
    Ok(found)
}
