//! Whether the groups are more than an accident of who voted: other people of the same kind are asked, as well as that can be done with those who are there.

use super::Opinions;
use super::groups::{Start, groups, likeness};
use super::map::{Map, Point};
use crate::chance::Chance;

/// Starts of a search in a sample: fewer than for the groups themselves, because there are many samples.
const STARTS: usize = 10;
/// The seed of the samples.
const SEED: u64 = 1979;

/// How stable the groups are: the mean likeness (adjusted Rand index) of the groups with those found in so many samples of as many people, drawn with putting back
/// (Efron's bootstrap, 1979), over the people of each sample. 1: always the same; 0: no more alike than by chance. None where there are no groups.
pub fn stability(opinions: &Opinions, samples: usize) -> Option<f64> {
    let known = opinions.groups()?;
    let count = known.centres.len();
    let people = opinions.votes.people.len();
    let mut label = vec![None; people];
    for (person, group) in opinions.grouped.iter().zip(&known.labels) {
        label[*person] = Some(*group);
    }
    let mut chance = Chance::from_seed(SEED);
    let mut likenesses = Vec::with_capacity(samples);
    for _ in 0..samples {
        let mut sample: Vec<usize> = (0..people).map(|_| chance.place(people)).collect();
        sample.sort_unstable();
        let map = Map::of(opinions.votes, &sample);
        let grouped: Vec<(usize, usize, Point)> = sample
            .iter()
            .zip(&map.people)
            .filter_map(|(person, point)| label[*person].map(|group| (*person, group, *point)))
            .collect();
        let points: Vec<Point> = grouped.iter().map(|(_, _, point)| *point).collect();
        let Some(found) = groups(&points, [count], &Start::Many, STARTS).pop() else { continue };
        // Who was drawn twice counts once.
        let mut pairs: Vec<(usize, usize, usize)> = grouped
            .iter()
            .zip(&found.labels)
            .map(|((person, group, _), other)| (*person, *group, *other))
            .collect();
        pairs.dedup_by_key(|(person, _, _)| *person);
        let (before, now): (Vec<usize>, Vec<usize>) =
            pairs.into_iter().map(|(_, before, now)| (before, now)).unzip();
        likenesses.push(likeness(&before, &now));
    }
    let mean = likenesses.iter().sum::<f64>() / likenesses.len() as f64;
    (!likenesses.is_empty()).then_some(mean)
}
