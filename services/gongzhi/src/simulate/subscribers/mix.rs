//! Which subscriptions are made: who wants which registrations, and how they come. Says by itself which facts are due to whom, without the exchange's
//! code: what it counts is what the exchange must have delivered.

use crate::seed::Divisions;

/// Categories of the cases that are registered.
pub(super) const CATEGORIES: [&str; 10] = [
    "fire.lane.obstructed",
    "traffic.parking.irregular",
    "environment.rubbish.uncollected",
    "environment.noise.neighbourhood",
    "utilities.drain.blocked",
    "housing.elevator.fault",
    "municipal.lamp.broken",
    "fire.stairwell.clutter",
    "fire.ebike.charging",
    "civil.elderly.care",
];
/// Beginnings that several categories share.
const GROUPS: [&str; 2] = ["fire.", "environment."];

/// How a subscription is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Grpc,
    Webhook,
    Nats,
}

/// Whose subscription it is, by its place in the list of each.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    SubDistrict(usize),
    Department(usize),
}

/// What the field filter asks of a case.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// Urgency that every case has.
    Normal,
    /// One category.
    Category(&'static str),
    /// Every category of a group.
    Group(&'static str),
}

/// A subscription to registrations.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) owner: Owner,
    pub(super) way: Way,
    /// Sub-district or community.
    pub(super) area: String,
    asked: Asked,
}

impl Wanted {
    /// The field filter as the exchange reads it.
    pub(super) fn condition(&self) -> String {
        match self.asked {
            Asked::Normal => "urgency = \"URGENCY_NORMAL\"".into(),
            Asked::Category(category) => format!("category_code = \"{category}\""),
            Asked::Group(group) => format!("category_code starts_with \"{group}\""),
        }
    }

    /// True when a case is due to it: a code of an area begins with the code of every area in which it lies.
    pub(super) fn is_due(&self, area: &str, category: &str) -> bool {
        area.starts_with(&self.area)
            && match self.asked {
                Asked::Normal => true,
                Asked::Category(one) => category == one,
                Asked::Group(group) => category.starts_with(group),
            }
    }
}

/// So many subscriptions: one of every sub-district to everything in it; of the others six in ten of sub-districts and four in ten of departments, half
/// to one category in a sub-district, half to a group of categories in a community. Of a hundred, two come over NATS, eight over webhooks.
pub(super) fn mix(count: usize, divisions: &Divisions, departments: usize) -> Vec<Wanted> {
    let places = &divisions.sub_districts;
    let one = |nth: usize| {
        // 37 and 100 have no factor in common: ways spread evenly over owners and filters.
        let way = match nth * 37 % 100 {
            0 | 1 => Way::Nats,
            2..10 => Way::Webhook,
            _ => Way::Grpc,
        };
        let whole = nth < places.len();
        let of_department = !whole && nth / 3 % 5 < 2;
        let round = nth / places.len();
        let (place, owner) = match of_department {
            true => (nth / departments % places.len(), Owner::Department(nth % departments)),
            false => (nth % places.len(), Owner::SubDistrict(nth % places.len())),
        };
        let communities = &places[place].communities;
        let (area, asked) = match (whole, round % 2) {
            (true, _) => (places[place].code.clone(), Asked::Normal),
            (false, 0) => {
                (places[place].code.clone(), Asked::Category(CATEGORIES[nth / 5 % CATEGORIES.len()]))
            }
            (false, _) => (communities[round % communities.len()].clone(), Asked::Group(GROUPS[nth % 2])),
        };
        Wanted { owner, way, area, asked }
    };
    (0..count).map(one).collect()
}
