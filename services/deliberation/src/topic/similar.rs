//! Which topics may ask for the same: how much their words have in common. It only ever proposes; a person confirms.

use std::collections::BTreeSet;

use super::state::Topic;

/// Most topics that are proposed.
pub(super) const MOST: usize = 10;
/// Below this nothing is proposed unless the category is the same.
const LIKE: f64 = 0.2;

/// Pairs of neighbouring letters; signs and blanks do not count.
fn pairs(text: &str) -> BTreeSet<(char, char)> {
    let letters: Vec<char> =
        text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn words(topic: &Topic) -> String {
    topic.wording.as_ref().map(|words| format!("{}\n{}", words.title, words.question)).unwrap_or_default()
}

/// Jaccard index of the pairs of two texts: 0 for nothing in common, 1 for the same.
fn likeness(a: &BTreeSet<(char, char)>, b: &BTreeSet<(char, char)>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

/// Those of others that may ask for the same as a topic, the most alike first: by place in `others`, likeness, and whether the category is the same.
pub(super) fn similar(topic: &Topic, others: &[&Topic]) -> Vec<(usize, f64, bool)> {
    let own = pairs(&words(topic));
    let mut found: Vec<_> = others
        .iter()
        .enumerate()
        .map(|(at, other)| (at, likeness(&own, &pairs(&words(other))), other.category == topic.category))
        .filter(|(_, likeness, same_category)| *likeness >= LIKE || *same_category)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worded_alike_is_found() {
        let like = |a: &str, b: &str| likeness(&pairs(a), &pairs(b));
        assert!(like("电动车充电棚建在哪里", "电动车充电棚应该建在哪里?") > 0.6);
        assert!(like("电动车充电棚建在哪里", "加装电梯的费用怎样分摊") < 0.1);
        assert!((like("停车 位", "停车位!") - 1.0).abs() < f64::EPSILON);
        assert!(like("", "").abs() < f64::EPSILON);
    }
}
