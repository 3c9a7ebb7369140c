//! From volunteers to tickets, and from a number to a panel. The rules themselves are `choice::sortition`; here numbers of volunteers become rows and back. Pure.

use std::time::Duration;

use gongzhi_choice::sortition::{
    self, InvalidPool, Limit, NoLottery, Objective as Best, Published, TICKETS, Tickets, lottery,
};

use super::HouseholdRule;
use super::machine::Refusal;
use super::state::{Category, Computed, Draw, Lottery, Objective, Opening, Relaxation, Replacing};

/// What is kept of a volunteer until the draw is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) number: u32,
    pub(super) household: Option<String>,
    /// Of each category the place of the feature.
    pub(super) features: Vec<usize>,
}

/// Tickets as they are published, with whose row is whose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) tickets: String,
    pub(crate) numbers: Vec<u32>,
    pub(crate) chances: Vec<f64>,
}

/// The column of households; longer than the name of any category.
const HOUSEHOLD: &str = "digest of the household of a volunteer";

fn pool(opening: &Opening, volunteers: &[Kept]) -> Result<sortition::Pool, InvalidPool> {
    let broken = |error: &dyn std::fmt::Display| InvalidPool(vec![error.to_string()]);
    let mut categories = csv::Writer::from_writer(Vec::new());
    let mut rows = vec![["category".into(), "feature".into(), "min".into(), "max".into()]];
    for category in &opening.categories {
        rows.extend(category.quotas.iter().map(|quota| {
            [category.name.clone(), quota.feature.clone(), quota.min.to_string(), quota.max.to_string()]
        }));
    }
    for row in rows {
        categories.write_record(row).map_err(|error| broken(&error))?;
    }
    let mut people = csv::Writer::from_writer(Vec::new());
    let names = opening.categories.iter().map(|category| category.name.as_str());
    people.write_record(names.chain([HOUSEHOLD])).map_err(|error| broken(&error))?;
    for volunteer in volunteers {
        let of = |(category, place): (&Category, &usize)| {
            category.quotas.get(*place).map(|quota| quota.feature.clone()).unwrap_or_default()
        };
        let features = opening.categories.iter().zip(&volunteer.features).map(of);
        let household = volunteer.household.clone().unwrap_or_default();
        people.write_record(features.chain([household])).map_err(|error| broken(&error))?;
    }
    let text = |writer: csv::Writer<Vec<u8>>| {
        let bytes = writer.into_inner().map_err(|error| broken(&error))?;
        String::from_utf8(bytes).map_err(|error| broken(&error))
    };
    let meta = match opening.household_rule {
        HouseholdRule::OneMember => {
            serde_json::json!({ "k": opening.seats, "household": HOUSEHOLD })
        }
        HouseholdRule::OneVolunteer | HouseholdRule::None => serde_json::json!({ "k": opening.seats }),
    };
    sortition::read(&text(people)?, &text(categories)?, &meta.to_string())
}

/// Computes a lottery within a limit; tickets come with it where there is one.
pub(super) fn compute(
    opening: &Opening,
    volunteers: &[Kept],
    limit: impl Into<Limit>,
) -> (Computed, Option<Sheet>) {
    // Volunteers and quotas were looked at one by one; what is wrong with all of them together is that there are fewer households than seats.
    let Ok(pool) = pool(opening, volunteers) else { return (Computed::Infeasible(Vec::new()), None) };
    let found = match lottery(&pool, Best::Leximin, limit) {
        Ok(found) => found,
        Err(NoLottery::Infeasible(changes)) => {
            let changes = changes.into_iter().map(|change| Relaxation {
                category: change.category,
                feature: change.feature,
                lowers: change.lowers,
                was: change.was,
                becomes: change.becomes,
            });
            return (Computed::Infeasible(changes.collect()), None);
        }
        Err(NoLottery::OutOfTime | NoLottery::Solver(_)) => return (Computed::Failed, None),
    };
    let tickets = Tickets::of(&pool, &found, TICKETS);
    let published = tickets.published();
    let objective = if found.reached == Best::Leximin { Objective::Leximin } else { Objective::Maximin };
    let lottery = Lottery {
        sha256: published.sha256(),
        objective,
        error_millionths: (tickets.error * 1e6).ceil() as u32,
    };
    let sheet = Sheet {
        tickets: published.text(),
        numbers: volunteers.iter().map(|volunteer| volunteer.number).collect(),
        // A millionth is nearer than the tickets come to it.
        chances: found.chances.iter().map(|chance| (chance * 1e6).round() / 1e6).collect(),
    };
    (Computed::Lottery(lottery), Some(sheet))
}

/// The seconds of a limit.
pub(super) fn within(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn read(sheet: &Sheet, sha256: &str) -> Result<Published, Refusal> {
    Published::read(&sheet.tickets, sha256).map_err(|_| Refusal::OutOfDate)
}

/// The draw of a number from tickets: the ticket is its remainder by their count.
pub(super) fn drawn(sheet: &Sheet, sha256: &str, number: &str, left: &[u32]) -> Result<Draw, Refusal> {
    let published = read(sheet, sha256)?;
    let count = published.count() as u128;
    let ticket = number.parse::<u128>().map_err(|_| Refusal::NoTicket("it must be digits"))? % count.max(1);
    let rows = published.drawn(ticket as usize).map_err(|_| Refusal::NoTicket("there is none"))?;
    let panel = rows.iter().filter_map(|row| sheet.numbers.get(*row).copied()).collect();
    Ok(Draw {
        left: left.to_vec(),
        sha256: sha256.to_owned(),
        tickets: count as u32,
        number: number.to_owned(),
        ticket: ticket as u32,
        panel,
    })
}

/// Tickets for replacements of members who left the panel of a draw.
pub(super) fn replacements(
    opening: &Opening,
    volunteers: &[Kept],
    sheet: &Sheet,
    last: &Draw,
    left: &[u32],
) -> Result<(Replacing, Sheet), Refusal> {
    let refused = || Refusal::CannotReplace(left.to_vec());
    let pool = pool(opening, volunteers).map_err(|_| refused())?;
    let published = read(sheet, &last.sha256)?;
    let row = |number: &u32| sheet.numbers.iter().position(|known| known == number).ok_or_else(refused);
    let rows: Vec<_> = left.iter().map(row).collect::<Result<_, _>>()?;
    let found = published.replacements(&pool, last.ticket as usize, &rows).map_err(|_| refused())?;
    let replacing = Replacing {
        left: left.to_vec(),
        sha256: found.tickets.sha256(),
        tickets: u32::try_from(found.tickets.count()).unwrap_or(u32::MAX),
    };
    let sheet = Sheet { tickets: found.tickets.text(), numbers: sheet.numbers.clone(), chances: Vec::new() };
    Ok((replacing, sheet))
}

/// Members of a panel with each feature, by category.
pub(super) fn counts(opening: &Opening, volunteers: &[Kept], panel: &[u32]) -> Vec<Vec<u32>> {
    let mut counts: Vec<Vec<u32>> =
        opening.categories.iter().map(|category| vec![0; category.quotas.len()]).collect();
    for volunteer in volunteers.iter().filter(|volunteer| panel.contains(&volunteer.number)) {
        for (of_category, place) in counts.iter_mut().zip(&volunteer.features) {
            if let Some(count) = of_category.get_mut(*place) {
                *count += 1;
            }
        }
    }
    counts
}
