//! Topics that the system raises: so many cases at one place, or of one category in a community, within a month. How many are too many is dated data.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_chassis::execute::{Target, Unit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::ids::{AreaCode, CaseId, CategoryCode};
use jiff::SignedDuration;

use super::demand::{self, Crowd, Demand, Together, malformed};
use super::machine::Command;
use super::state::{Beginning, Origin, Reason};
use super::{TopicKind, community};
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
        Ok(Some(Self { case, area, registered_at: envelope.time, place, cluster, category }))
    }
}

/// Keeps cases, and raises topics where there are too many of them. What is asked of the database is asked once for all of them.
pub(crate) async fn keep(unit: &mut Unit, rules: &Rules, demands: &[Demand]) -> Result<(), Failure> {
    let Some(last) = demands.iter().map(|demand| demand.registered_at).max() else { return Ok(()) };
    demand::keep(unit.connection().await?, demands).await?;
    let since = last - SignedDuration::from_hours(24 * i64::from(rules.at(Policy::DaysCounted, last)));
    for (together, reason, policy) in [
        (Together::AtPlace, Reason::CasesAtOnePlace, Policy::CasesAtOnePlace),
        (Together::OfCluster, Reason::ClusterOfDemands, Policy::ClusterOfDemands),
    ] {
        let keys: BTreeSet<_> = demands
            .iter()
            .map(|demand| match together {
                Together::AtPlace => demand.place.clone(),
                Together::OfCluster => demand.cluster.clone(),
            })
            .collect();
        let (keys, threshold) = (Vec::from_iter(keys), rules.at(policy, last));
        for crowd in demand::crowded(unit.connection().await?, together, &keys, since, threshold).await? {
            raise(unit, (together, reason), crowd).await?;
        }
    }
    Ok(())
}

/// Raises a topic for cases that came together.
async fn raise(unit: &mut Unit, (together, reason): (Together, Reason), crowd: Crowd) -> Result<(), Failure> {
    let kinds = demand::kinds(unit.connection().await?, together, &crowd).await?;
    let Some((area, category)) = common_area(&kinds).zip(most_frequent(&kinds)) else { return Ok(()) };
    let cases = kinds.iter().map(|(_, _, count)| count).sum();
    let origin = Origin::Raised { reason, cases, place: None };
    let places = BTreeMap::from([(crowd.key, crowd.since)]);
    let beginning = Beginning { area, wording: None, category, origin, places, noted: Vec::new() };
    let id = unit.new_id().to_string();
    unit.execute::<TopicKind>(&(), Target::Any(&id), &Command::Begin(Box::new(beginning))).await?;
    Ok(())
}

/// Cases by area and category.
type Kinds = [(AreaCode, CategoryCode, u32)];

/// The smallest area that holds all cases; none above a community.
fn common_area(kinds: &Kinds) -> Option<AreaCode> {
    let first = kinds.first()?.0.as_str();
    let lengths = [18, 15, 12].into_iter().filter(|length| *length <= first.len());
    let mut areas = lengths.filter_map(|length| AreaCode::parse(&first[..length]).ok());
    areas.find(|area| kinds.iter().all(|(other, _, _)| area.contains(other)))
}

/// The category of most cases; of equals the first by its code.
fn most_frequent(kinds: &Kinds) -> Option<CategoryCode> {
    let mut counts = BTreeMap::<&CategoryCode, u32>::new();
    for (_, category, count) in kinds {
        *counts.entry(category).or_default() += count;
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map(|(category, _)| category.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(area: &str, category: &str, count: u32) -> (AreaCode, CategoryCode, u32) {
        (AreaCode::parse(area).unwrap(), CategoryCode::parse(category).unwrap(), count)
    }

    #[test]
    fn the_area_of_a_topic_is_the_smallest_that_holds_its_cases() {
        let area = |areas: &[&str]| {
            let kinds: Vec<_> = areas.iter().map(|area| kind(area, "fire.lane", 1)).collect();
            common_area(&kinds).map(|area| area.to_string())
        };
        assert_eq!(area(&["330105001052003001", "330105001052003001"]).unwrap(), "330105001052003001");
        assert_eq!(area(&["330105001052003001", "330105001052003002"]).unwrap(), "330105001052003");
        assert_eq!(area(&["330105001052003001", "330105001052"]).unwrap(), "330105001052");
        assert_eq!(area(&["330105001052", "330105001053"]), None);
    }

    #[test]
    fn the_category_of_a_topic_is_that_of_most_cases() {
        let of = |kinds: &[(&str, u32)]| {
            let kinds: Vec<_> =
                kinds.iter().map(|(code, count)| kind("330105001052", code, *count)).collect();
            most_frequent(&kinds).map(|code| code.to_string())
        };
        assert_eq!(of(&[("fire.lane", 3), ("noise.night", 2), ("noise.night", 2)]).unwrap(), "noise.night");
        assert_eq!(of(&[("noise.night", 2), ("fire.lane", 2)]).unwrap(), "fire.lane");
        assert_eq!(of(&[]), None);
    }
}
