//! What subscribers ask for: a hundred subscriptions of all three ways, as diverse as rights and filters are. Says in the plainest words which facts
//! each is due, and shares no line with the exchange, which must come to the same.

use anyhow::{Context, Result};
use gongzhi_proto::catalogue::{self, Classification};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization;
use serde_json::{Map, Value};

use super::record::Recorded;

/// The district of the scenario.
pub const DISTRICT: &str = "330105";
/// Sub-districts in which something happens.
pub const SUB_DISTRICTS: usize = 4;
/// Departments that are called.
pub const DEPARTMENTS: [&str; 3] = ["fire-rescue", "housing", "urban-management"];

/// Who subscribes.
#[derive(Clone, Debug)]
pub enum Party {
    Area(String),
    Department(&'static str),
}

impl Party {
    pub fn to_wire(&self) -> pb::Organization {
        let organization = match self {
            Self::Area(code) => Organization::AreaCode(code.clone()),
            Self::Department(code) => Organization::DepartmentCode((*code).to_owned()),
        };
        pb::Organization { organization: Some(organization) }
    }
}

/// A grant to ask for: facts with the fields that may be seen, none for all, and where.
#[derive(Clone, Debug)]
pub struct Covered {
    pub facts: Vec<(&'static str, &'static [&'static str])>,
    pub area: String,
}

/// A condition as it is asked for, and what it means.
pub type Condition = (&'static str, fn(&Map<String, Value>) -> bool);

/// What one subscriber asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub party: Party,
    pub grant: Option<Covered>,
    pub areas: Vec<String>,
    pub facts: Vec<&'static str>,
    pub audiences: Vec<&'static str>,
    pub condition: Option<Condition>,
    pub way: pb::DeliveryWay,
}

fn is_fire(data: &Map<String, Value>) -> bool {
    data["categoryCode"].as_str().is_some_and(|code| code.starts_with("fire."))
}

fn is_settled_in_time_by_the_community(data: &Map<String, Value>) -> bool {
    // JSON leaves out what has its default value: a field that is not there is false.
    !data.contains_key("late") && data["rung"] == "RUNG_COMMUNITY"
}

const FIRE: Condition = ("category_code starts_with \"fire.\"", is_fire);
const SETTLED: Condition =
    ("late = false and rung = \"RUNG_COMMUNITY\"", is_settled_in_time_by_the_community);

/// Kinds of wishes; every way has each of them, in every sub-district.
const KINDS: usize = 12;

impl Wish {
    /// The `nth` of a hundred.
    pub fn nth(nth: usize) -> Self {
        let ways = [pb::DeliveryWay::Pull, pb::DeliveryWay::Webhook, pb::DeliveryWay::Nats];
        let (way, turn) = (ways[nth % ways.len()], nth / ways.len());
        let place = 1 + (turn / KINDS + turn) % SUB_DISTRICTS;
        let (sub_district, community) = (format!("{DISTRICT}{place:03}"), format!("{DISTRICT}{place:03}051"));
        let elsewhere = format!("{DISTRICT}{:03}", 1 + place % SUB_DISTRICTS);
        let department = DEPARTMENTS[turn % DEPARTMENTS.len()];
        let of = |party| Self {
            party,
            grant: None,
            areas: vec![],
            facts: vec![],
            audiences: vec![],
            condition: None,
            way,
        };
        let (of_area, of_department) =
            (of(Party::Area(sub_district.clone())), of(Party::Department(department)));
        let under = |facts: &[(&'static str, &'static [&'static str])], area: &str| {
            Some(Covered { facts: facts.to_vec(), area: area.to_owned() })
        };
        match turn % KINDS {
            0 => of_area,
            1 => Self {
                facts: vec!["dispatch.case_registered", "dispatch.case_settled"],
                ..of(Party::Area(community))
            },
            2 => Self { areas: vec![community], audiences: vec!["all"], ..of_area },
            3 => of_department,
            4 => Self { facts: vec!["dispatch.whistle_sounded"], ..of_department },
            5 => Self {
                grant: under(
                    &[
                        ("dispatch.case_registered", &["case_id", "category_code"]),
                        ("dispatch.case_settled", &[]),
                    ],
                    &sub_district,
                ),
                ..of_department
            },
            6 => Self {
                grant: under(&[("dispatch.case_registered", &[])], DISTRICT),
                condition: Some(FIRE),
                ..of_department
            },
            7 => Self {
                grant: under(
                    &[("dispatch.case_accepted", &[]), ("dispatch.whistle_sounded", &[])],
                    &elsewhere,
                ),
                ..of(Party::Area(community))
            },
            8 => Self { audiences: vec![department], ..of(Party::Area(DISTRICT.to_owned())) },
            9 => Self {
                facts: vec!["dispatch.case_settled"],
                condition: Some(SETTLED),
                ..of(Party::Area(DISTRICT.to_owned()))
            },
            10 => Self {
                grant: under(&[("organization.post_granted", &["post", "area_code"])], DISTRICT),
                ..of_department
            },
            _ => Self { areas: vec![sub_district, elsewhere], ..of_department },
        }
    }

    /// What the fact looks like to this subscriber; none when it is not due to it.
    pub fn due(&self, fact: &Recorded) -> Result<Option<Value>> {
        let within = |area: &String| fact.area.starts_with(area.as_str());
        let chosen = (self.areas.is_empty() || self.areas.iter().any(within))
            && (self.facts.is_empty() || self.facts.contains(&fact.name.as_str()))
            && (self.audiences.is_empty() || self.audiences.contains(&fact.audience.as_str()));
        if !chosen {
            return Ok(None);
        }
        let mut event = fact.event.clone();
        let data = event["data"].as_object_mut().context("a fact without data")?;
        match &self.grant {
            None if !self.may_see(fact)? => return Ok(None),
            None => {}
            Some(grant) => {
                let covered = grant.facts.iter().find(|(name, _)| *name == fact.name);
                let Some((_, fields)) = covered.filter(|_| within(&grant.area)) else { return Ok(None) };
                let visible: Vec<_> = fields.iter().map(|field| camel(field)).collect();
                data.retain(|name, _| fields.is_empty() || visible.contains(name));
            }
        }
        if let Some((_, holds)) = self.condition
            && !holds(data)
        {
            return Ok(None);
        }
        Ok(Some(event))
    }

    /// What the organization may see without a grant.
    fn may_see(&self, fact: &Recorded) -> Result<bool> {
        let (service, name) = fact.name.split_once('.').context("a fact has a service")?;
        let entry = catalogue::find(service, name).with_context(|| format!("{} is unknown", fact.name))?;
        Ok(match (&self.party, entry.classification) {
            (_, Classification::Open) => true,
            (Party::Area(own), Classification::Shared) => fact.area.starts_with(own),
            (Party::Area(_), Classification::Restricted) => false,
            (Party::Department(own), Classification::Shared | Classification::Restricted) => {
                fact.audience == *own
            }
        })
    }
}

/// `category_code` as JSON has it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| {
        let (initial, rest) = word.split_at(1);
        all + &initial.to_uppercase() + rest
    })
}
