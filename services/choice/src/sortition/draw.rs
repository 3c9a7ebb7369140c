//! The draw, as a stranger recomputes it: from the published tickets, their digest and the number that was drawn in public. And replacements: when members drop out,
//! those tickets are drawn from again that keep everybody who stays. No chance is taken here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::Pool;

/// Tickets as they were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The panel of each number, from 0: rows in the pool, from the smallest.
    tickets: Vec<Vec<usize>>,
}

/// Why a record says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// Something else was published.
    #[error("these are not the tickets that were published: their SHA-256 is {0}")]
    OtherDigest(String),
    /// A line that is no ticket.
    #[error("line {0} is no ticket: its number and the rows of its panel are wanted, divided by blanks")]
    NoTicket(usize),
    /// A number that is on no ticket.
    #[error("there is no ticket {0}: the last one is {1}")]
    NoNumber(usize, usize),
    /// Who stays or left was not on the panel, or is told twice.
    #[error("row {0} cannot leave: it was not on the panel, or is told twice")]
    NoMember(usize),
    /// A row that the pool does not have.
    #[error("row {0} of the tickets is not in this pool")]
    OtherPool(usize),
    /// Every ticket has somebody on it who left.
    #[error("there is no ticket without those who left")]
    NobodyLeft,
}

/// How far a panel is from a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    /// Of which category.
    pub category: String,
    /// Of which feature.
    pub feature: String,
    /// At least so many are wanted.
    pub min: u32,
    /// At most so many are wanted.
    pub max: u32,
    /// So many have it.
    pub has: u32,
}

/// What is drawn from when members have dropped out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacements {
    /// Panels with everybody who stays, numbered anew in the order of the old tickets: to be published before a number is drawn.
    pub tickets: Published,
    /// How many of those who stay were on the old panel of each of these tickets: all, or as many as there are on any. Where it was not all, quotas may be
    /// missed, and a household with somebody who stays is left out; [`shortfalls`] tells.
    pub kept: usize,
}

impl Published {
    /// Takes panels by their tickets.
    pub fn of(tickets: Vec<Vec<usize>>) -> Self {
        Self { tickets }
    }

    /// Reads what was published, if it is that: a line per ticket, its number and the rows of its panel, divided by blanks, and the SHA-256 of all in hexadecimal digits.
    pub fn read(text: &str, sha256: &str) -> Result<Self, InvalidRecord> {
        let digest = digest(text);
        if !digest.eq_ignore_ascii_case(sha256.trim()) {
            return Err(InvalidRecord::OtherDigest(digest));
        }
        let ticket = |(number, line): (usize, &str)| {
            let numbers: Option<Vec<usize>> = line.split(' ').map(|part| part.parse().ok()).collect();
            let numbers = numbers.filter(|numbers| numbers.len() > 1 && numbers[0] == number);
            let rows = numbers.map(|numbers| numbers[1..].to_vec());
            let rows = rows.filter(|rows| rows.windows(2).all(|pair| pair[0] < pair[1]));
            rows.ok_or(InvalidRecord::NoTicket(number + 1))
        };
        let tickets: Vec<_> = text.lines().enumerate().map(ticket).collect::<Result<_, _>>()?;
        if tickets.is_empty() { Err(InvalidRecord::NoTicket(1)) } else { Ok(Self { tickets }) }
    }

    /// The text whose digest is published: a line per ticket, its number and the rows of its panel, divided by blanks.
    pub fn text(&self) -> String {
        let digits = (self.tickets.len().max(1) - 1).to_string().len();
        let mut text = String::new();
        for (number, panel) in self.tickets.iter().enumerate() {
            let rows: Vec<_> = panel.iter().map(ToString::to_string).collect();
            // Writing to a text does not fail.
            let _ = writeln!(text, "{number:0digits$} {}", rows.join(" "));
        }
        text
    }

    /// The SHA-256 of the text, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        digest(&self.text())
    }

    /// How many tickets there are.
    pub fn count(&self) -> usize {
        self.tickets.len()
    }

    /// The panel of the number that was drawn: rows in the pool.
    pub fn drawn(&self, number: usize) -> Result<&[usize], InvalidRecord> {
        let missing = InvalidRecord::NoNumber(number, self.tickets.len().saturating_sub(1));
        self.tickets.get(number).map(Vec::as_slice).ok_or(missing)
    }

    /// Tickets for those who left the panel of the number that was drawn.
    ///
    /// These are all tickets whose panels have everybody who stays and nobody who left, so each panel keeps its weight. If there is none, they are those whose panels have
    /// most of them: the empty seats go to others of such a panel, one after the other, each time to whom the quotas are missed least with (then by row).
    pub fn replacements(
        &self,
        pool: &Pool,
        number: usize,
        left: &[usize],
    ) -> Result<Replacements, InvalidRecord> {
        let drawn = self.drawn(number)?;
        if let Some(row) = self.tickets.iter().flatten().find(|row| **row >= pool.people.len()) {
            return Err(InvalidRecord::OtherPool(*row));
        }
        let mut stay: BTreeSet<usize> = drawn.iter().copied().collect();
        for row in left {
            if !stay.remove(row) {
                return Err(InvalidRecord::NoMember(*row));
            }
        }
        let common = |panel: &&Vec<usize>| panel.iter().filter(|row| stay.contains(row)).count();
        let without = || self.tickets.iter().filter(|panel| !left.iter().any(|row| panel.contains(row)));
        let kept = without().map(|panel| common(&panel)).max().ok_or(InvalidRecord::NobodyLeft)?;
        let best = without().filter(|panel| common(panel) == kept);
        let tickets = best.map(|panel| completed(pool, &stay, panel, drawn.len())).collect();
        Ok(Replacements { tickets: Self { tickets }, kept })
    }
}

/// Those who stay, with others of a panel on the seats that are empty.
fn completed(pool: &Pool, stay: &BTreeSet<usize>, panel: &[usize], seats: usize) -> Vec<usize> {
    let mut members = stay.clone();
    while members.len() < seats {
        let at_home = |row: &usize| members.iter().any(|one| pool.households[*one] == pool.households[*row]);
        let free = panel.iter().filter(|row| !members.contains(row) && !at_home(row));
        let missed = |row: &&usize| -> u32 {
            let with: Vec<_> = members.iter().chain([*row]).copied().collect();
            shortfalls(pool, &with).iter().map(Shortfall::people).sum()
        };
        let Some(next) = free.min_by_key(|row| (missed(row), **row)).copied() else { break };
        members.insert(next);
    }
    members.into_iter().collect()
}

impl Shortfall {
    /// How many people too few or too many.
    fn people(&self) -> u32 {
        self.min.saturating_sub(self.has) + self.has.saturating_sub(self.max)
    }
}

/// The quotas that a panel misses.
pub fn shortfalls(pool: &Pool, panel: &[usize]) -> Vec<Shortfall> {
    let mut missed = Vec::new();
    for (category, features) in pool.categories.iter().enumerate() {
        for (feature, quota) in features.quotas.iter().enumerate() {
            let holds = |row: &&usize| pool.types[pool.people[**row]][category] == feature;
            let has = u32::try_from(panel.iter().filter(holds).count()).unwrap_or(u32::MAX);
            if !(quota.min..=quota.max).contains(&has) {
                let (category, feature) = (features.name.clone(), quota.feature.clone());
                missed.push(Shortfall { category, feature, min: quota.min, max: quota.max, has });
            }
        }
    }
    missed
}

fn digest(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
