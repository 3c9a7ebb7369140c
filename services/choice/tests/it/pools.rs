//! Made pools that are small enough to write all of their panels down.

use gongzhi_choice::sortition::{self, Pool, Quota};
use proptest::prelude::*;

/// A pool as files.
#[derive(Clone, Debug)]
pub struct Made {
    people: String,
    quotas: String,
    meta: String,
}

impl Made {
    pub fn pool(&self) -> Pool {
        sortition::read(&self.people, &self.quotas, &self.meta).unwrap()
    }
}

/// Pools of up to nine people with two features each, in households of any size, with quotas that may contradict each other.
pub fn pools() -> impl Strategy<Value = Made> {
    let person = (0..2usize, 0..3usize, 0..7usize);
    let quota = (0..=3u32, 0..=3u32);
    let quotas = prop::collection::vec(quota, 5);
    (prop::collection::vec(person, 5..10), quotas, 2..=3u32).prop_filter_map(
        "too few households",
        |(people, quotas, k)| {
            let mut text = "sex,age,home\n".to_owned();
            let mut homes = std::collections::BTreeSet::new();
            for (sex, age, home) in people {
                homes.insert(home);
                text += &format!("{},{},{home}\n", ["f", "m"][sex], ["young", "middle", "old"][age]);
            }
            let features = ["sex,f", "sex,m", "age,young", "age,middle", "age,old"];
            let mut rows = "category,feature,min,max\n".to_owned();
            for (feature, (one, other)) in features.iter().zip(quotas) {
                // Wide quotas more often than narrow ones, or nothing would be possible.
                rows += &format!("{feature},{},{}\n", one.min(other) / 2, one.max(other).max(1));
            }
            let meta = format!(r#"{{"k": {k}, "household": "home"}}"#);
            (homes.len() >= k as usize).then_some(Made { people: text, quotas: rows, meta })
        },
    )
}

/// Every set of k people with at most one of a household.
pub fn sets(pool: &Pool) -> impl Iterator<Item = Vec<usize>> {
    let people = pool.people.len();
    let sets = (0u32..1 << people).filter(|set| set.count_ones() == pool.k);
    let rows = sets.map(move |set| (0..people).filter(|row| set & (1 << row) != 0).collect::<Vec<_>>());
    rows.filter(|rows| {
        let homes: std::collections::BTreeSet<_> = rows.iter().map(|row| pool.households[*row]).collect();
        homes.len() == rows.len()
    })
}

/// Of every feature its quota, and how many of these people have it.
pub fn held(pool: &Pool, rows: &[usize]) -> Vec<(Quota, u32)> {
    let mut held = Vec::new();
    for (category, features) in pool.categories.iter().enumerate() {
        for (feature, quota) in features.quotas.iter().enumerate() {
            let has = |row: &&usize| pool.types[pool.people[**row]][category] == feature;
            held.push((quota.clone(), rows.iter().filter(has).count() as u32));
        }
    }
    held
}

/// Every panel of people that meets the quotas and has at most one of a household.
pub fn panels(pool: &Pool) -> Vec<Vec<usize>> {
    let meets = |rows: &Vec<usize>| {
        held(pool, rows).iter().all(|(quota, count)| (quota.min..=quota.max).contains(count))
    };
    sets(pool).filter(meets).collect()
}
