//! Topics that the system raises: so many cases at one place, or of one category in a community, within a month. How many are too many is dated data.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode};
use jiff::{SignedDuration, Timestamp};

use super::demand::{self, Demand, Together, malformed};
use super::machine::Command;
use super::state::{Beginning, CaseNote, Origin, Reason};
use super::{TopicKind, community, store};
use crate::rules::{Policy, Rules};

impl Demand {
    /// Reads the fact that a case was registered; none where it lies above a community, where nobody deliberates.
    pub(crate) fn read(
        envelope: &Envelope,
        fact: &dispatch::CaseRegistered,
    ) -> Result<Option<Self>, Failure> {
        let area = AreaCode::parse(&fact.area_code).map_err(malformed)?;
        if area.as_str().len() < 12 {
            return Ok(None);
        }
        let case = CaseId::parse(&fact.case_id).map_err(malformed)?;
        let category = CategoryCode::parse(&fact.category_code).map_err(malformed)?;
        let place =
            if fact.grid_id.is_empty() { format!("area:{area}") } else { format!("grid:{}", fact.grid_id) };
        let cluster = format!("{}/{category}", community(&area));
        let note = CaseNote { case, area, registered_at: envelope.time };
        Ok(Some(Self { note, place, cluster, category }))
    }
}

/// Notes cases, and raises topics where there are too many of them. What is asked of the database is asked once for all of them.
pub(crate) async fn note(unit: &mut Unit, rules: &Rules, demands: &[Demand]) -> Result<(), Failure> {
    let Some(last) = demands.iter().map(|demand| demand.note.registered_at).max() else { return Ok(()) };
    demand::keep(unit.connection().await?, demands).await?;
    let since = last - SignedDuration::from_hours(24 * i64::from(rules.at(Policy::DaysCounted, last)));
    for (together, reason, policy) in [
        (Together::AtPlace, Reason::CasesAtOnePlace, Policy::CasesAtOnePlace),
        (Together::OfCluster, Reason::ClusterOfDemands, Policy::ClusterOfDemands),
    ] {
        let mut by_key: BTreeMap<&str, Vec<&Demand>> = BTreeMap::new();
        for demand in demands {
            let key = match together {
                Together::AtPlace => &demand.place,
                Together::OfCluster => &demand.cluster,
            };
            by_key.entry(key).or_default().push(demand);
        }
        let keys: Vec<String> = by_key.keys().map(|key| (*key).to_owned()).collect();
        let raised = store::raised_for(unit.connection().await?, &keys).await?;
        unit.load_all::<TopicKind>(&raised.values().flatten().cloned().collect()).await?;
        for (key, topic) in &raised {
            let Some(topic) = topic else { continue };
            for demand in by_key.get(key.as_str()).into_iter().flatten() {
                let command = Command::NoteCase(demand.note.clone());
                unit.execute::<TopicKind>(&(), Target::Existing(topic), &command).await?;
            }
        }
        let new: Vec<String> = keys.into_iter().filter(|key| !raised.contains_key(key)).collect();
        let threshold = rules.at(policy, last);
        for key in demand::crowded(unit.connection().await?, together, &new, since, threshold).await? {
            raise(unit, (together, reason), &key, since).await?;
        }
    }
    Ok(())
}

/// Raises a topic for cases that came together.
async fn raise(
    unit: &mut Unit,
    (together, reason): (Together, Reason),
    key: &str,
    since: Timestamp,
) -> Result<(), Failure> {
    let found = demand::cases(unit.connection().await?, together, key, since).await?;
    let (cases, categories): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let Some((area, category)) = common_area(&cases).zip(most_frequent(&categories)) else {
        return Ok(());
    };
    let origin = Origin::Raised { reason, place: key.to_owned() };
    let beginning = Beginning { area, wording: None, category, origin, cases };
    let id = unit.new_id().to_string();
    unit.execute::<TopicKind>(&(), Target::Any(&id), &Command::Begin(Box::new(beginning))).await?;
    Ok(())
}

/// The smallest area that holds all cases; none above a community.
fn common_area(cases: &[CaseNote]) -> Option<AreaCode> {
    let first = cases.first()?.area.as_str();
    let lengths = [18, 15, 12].into_iter().filter(|length| *length <= first.len());
    let mut areas = lengths.filter_map(|length| AreaCode::parse(&first[..length]).ok());
    areas.find(|area| cases.iter().all(|case| area.contains(&case.area)))
}

/// The category of most cases; of equals the first by its code.
fn most_frequent(categories: &[CategoryCode]) -> Option<CategoryCode> {
    let mut counts = BTreeMap::<&CategoryCode, usize>::new();
    for category in categories {
        *counts.entry(category).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map(|(category, _)| category.clone())
}

/// Notes that a case came back after it had been closed.
pub(crate) async fn reopened(unit: &mut Unit, case: &str) -> Result<(), Failure> {
    let case = CaseId::parse(case).map_err(malformed)?;
    each_behind(unit, case, &Command::NoteReopened { case }).await
}

/// Forgets a case that was void: it speaks for nothing.
pub(crate) async fn forget(unit: &mut Unit, case: &str) -> Result<(), Failure> {
    let case = CaseId::parse(case).map_err(malformed)?;
    demand::forget(unit.connection().await?, &case).await?;
    each_behind(unit, case, &Command::ForgetCase { case }).await
}

async fn each_behind(unit: &mut Unit, case: CaseId, command: &Command) -> Result<(), Failure> {
    let topics: BTreeSet<String> = store::behind(unit.connection().await?, &case).await?;
    unit.load_all::<TopicKind>(&topics).await?;
    for topic in &topics {
        unit.execute::<TopicKind>(&(), Target::Existing(topic), command).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(area: &str) -> CaseNote {
        CaseNote {
            case: CaseId::parse("0192f0c1-7a00-7000-8000-000000000001").unwrap(),
            area: AreaCode::parse(area).unwrap(),
            registered_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_area_of_a_topic_is_the_smallest_that_holds_its_cases() {
        let area = |areas: &[&str]| {
            common_area(&areas.iter().map(|area| at(area)).collect::<Vec<_>>()).map(|area| area.to_string())
        };
        assert_eq!(area(&["330105001052003001", "330105001052003001"]).unwrap(), "330105001052003001");
        assert_eq!(area(&["330105001052003001", "330105001052003002"]).unwrap(), "330105001052003");
        assert_eq!(area(&["330105001052003001", "330105001052"]).unwrap(), "330105001052");
        assert_eq!(area(&["330105001052", "330105001053"]), None);
    }

    #[test]
    fn the_category_of_a_topic_is_that_of_most_cases() {
        let of = |codes: &[&str]| {
            let codes: Vec<_> = codes.iter().map(|code| CategoryCode::parse(code).unwrap()).collect();
            most_frequent(&codes).map(|code| code.to_string())
        };
        assert_eq!(of(&["fire.lane", "noise.night", "noise.night"]).unwrap(), "noise.night");
        assert_eq!(of(&["noise.night", "fire.lane"]).unwrap(), "fire.lane");
        assert_eq!(of(&[]), None);
    }
}
