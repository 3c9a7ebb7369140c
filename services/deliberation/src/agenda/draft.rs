//! From the topics that wait to the places of an agenda. The rule itself is `choice::agenda`; here topics become its items.

use std::collections::BTreeMap;

use gongzhi_choice::agenda::{self, Seat};
use gongzhi_proto::ids::TopicId;

use super::machine::{Place, Rule};
use crate::topic::Topic;

/// The places of an agenda and the topics among which the lot decides. Topics are given in the order of their first report: it decides between equals.
pub(super) fn places(
    topics: &[(TopicId, Topic)],
    seats: usize,
    lot_every: usize,
) -> (Vec<Place>, Vec<TopicId>) {
    let due: Vec<_> =
        topics.iter().map(|(_, topic)| topic.gate.as_ref().map(|gate| gate.due_on.to_string())).collect();
    let mut wants: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (item, (_, topic)) in topics.iter().enumerate() {
        for household in topic.households.keys() {
            wants.entry(household).or_default().push(item);
        }
    }
    let approvals: Vec<_> = wants.into_values().collect();
    let drafted = agenda::draw_up(&due, &approvals, seats, lot_every);
    let place = |item: usize, rule: Rule, without: usize| {
        let (id, topic) = &topics[item];
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Place {
            topic: Some(*id),
            rule,
            households: number(topic.households.len()),
            without: number(without),
            buildings: number(topic.buildings().len()),
            due_on: topic.gate.as_ref().map(|gate| gate.due_on),
        }
    };
    let places = drafted
        .seats
        .iter()
        .map(|seat| match seat {
            Seat::Gate { item } => place(*item, Rule::Gate, 0),
            Seat::Support { item, without } => place(*item, Rule::Support, *without),
            Seat::Lot => {
                Place { topic: None, rule: Rule::Lot, households: 0, without: 0, buildings: 0, due_on: None }
            }
        })
        .collect();
    (places, drafted.candidates.into_iter().map(|item| topics[item].0).collect())
}
