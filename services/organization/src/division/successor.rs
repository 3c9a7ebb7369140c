//! Who became whom: divisions whose code changed while their name and place did not.
//!
//! Owns the rule of matching, from the strongest evidence to the weakest, highest level first, so that a
//! sub-district is known before its communities are looked for. It never guesses: where a rule finds more
//! than one on either side, all of them are reported and taken out of the search. It does not know which
//! divisions a file speaks for.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::ids::{AreaCode, Level};

use super::diff::{Ambiguous, Evidence, Recoded, Tree, children};
use super::name::bare;

/// What the search found.
pub(super) struct Successors {
    pub(super) recoded: Vec<Recoded>,
    pub(super) ambiguous: Vec<Ambiguous>,
}

/// How names are compared in one round.
#[derive(Clone, Copy)]
enum Reading {
    Exact,
    /// Without the ending that names the committee.
    Bare,
}

impl Reading {
    fn of(self, name: &str) -> &str {
        match self {
            Reading::Exact => name,
            Reading::Bare => bare(name),
        }
    }
}

/// The search and what it knows so far.
pub(super) struct Search<'tree> {
    before: &'tree Tree,
    after: &'tree Tree,
    /// The divisions the file speaks for; elsewhere silence does not mean that something ceased.
    scope: &'tree [AreaCode],
    /// Codes the file holds or hangs below.
    standing: &'tree BTreeSet<AreaCode>,
    /// Vanished codes without successor so far.
    vanished: BTreeSet<&'tree AreaCode>,
    /// Appeared codes without predecessor so far.
    appeared: BTreeSet<&'tree AreaCode>,
    became: BTreeMap<&'tree AreaCode, &'tree AreaCode>,
    recoded: Vec<Recoded>,
    ambiguous: Vec<Ambiguous>,
}

impl<'tree> Search<'tree> {
    pub(super) fn new(
        before: &'tree Tree,
        after: &'tree Tree,
        scope: &'tree [AreaCode],
        standing: &'tree BTreeSet<AreaCode>,
    ) -> Self {
        Search {
            before,
            after,
            scope,
            standing,
            vanished: before.keys().filter(|code| !standing.contains(code)).collect(),
            appeared: after.keys().filter(|code| !before.contains_key(code)).collect(),
            became: BTreeMap::new(),
            recoded: Vec::new(),
            ambiguous: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Successors {
        for level in Level::ALL {
            for reading in [Reading::Exact, Reading::Bare] {
                self.round(level, level.above(), reading);
            }
            // Then wider: the same name elsewhere in the district, the city, the province.
            for range in [Level::District, Level::City, Level::Province] {
                if Some(range) < level.above() {
                    for reading in [Reading::Exact, Reading::Bare] {
                        self.round(level, Some(range), reading);
                    }
                }
            }
        }
        self.carry();
        self.recoded.sort_by(|one, other| one.from.cmp(&other.from));
        Successors { recoded: self.recoded, ambiguous: self.ambiguous }
    }

    /// Returns what an area that was there is now, if it still is.
    fn now(&self, code: &AreaCode) -> Option<AreaCode> {
        match self.became.get(code) {
            Some(to) => Some((*to).clone()),
            None => self.standing.contains(code).then(|| code.clone()),
        }
    }

    /// Matches one level within areas of one level (none: the whole tree) by one reading of names.
    fn round(&mut self, level: Level, range: Option<Level>, reading: Reading) {
        type Sides<'tree> = (Vec<&'tree AreaCode>, Vec<&'tree AreaCode>);
        let mut groups: BTreeMap<(Option<AreaCode>, &str), Sides<'tree>> = BTreeMap::new();
        for code in self.vanished.iter().copied().filter(|code| code.level() == level) {
            let area = range.and_then(|range| code.at(range));
            let Some(area) = area.map(|area| self.now(&area)).map_or(Some(None), |now| now.map(Some)) else {
                continue;
            };
            groups.entry((area, reading.of(&self.before[code]))).or_default().0.push(code);
        }
        for code in self.appeared.iter().copied().filter(|code| code.level() == level) {
            let area = range.and_then(|range| code.at(range));
            if let Some(sides) = groups.get_mut(&(area, reading.of(&self.after[code]))) {
                sides.1.push(code);
            }
        }
        let direct = range == level.above();
        for ((area, name), (from, to)) in groups {
            if !to.is_empty() {
                self.settle(direct, area, name, from, to);
            }
        }
    }

    /// Pairs those of one name in one area that the evidence allows.
    fn settle(
        &mut self,
        direct: bool,
        area: Option<AreaCode>,
        name: &str,
        from: Vec<&'tree AreaCode>,
        to: Vec<&'tree AreaCode>,
    ) {
        let pairs: Vec<(&AreaCode, &AreaCode, Evidence)> = from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (*from, *to)))
            .filter_map(|(from, to)| {
                self.evidence(direct, area.as_ref(), from, to).map(|evidence| (from, to, evidence))
            })
            .collect();
        let mut unclear: (BTreeSet<&AreaCode>, BTreeSet<&AreaCode>) = Default::default();
        for (from, to, evidence) in &pairs {
            let rivals = pairs.iter().filter(|(one, other, _)| (one == from) != (other == to)).count();
            if rivals > 0 {
                unclear.0.insert(from);
                unclear.1.insert(to);
            } else {
                self.pair(from, to, evidence.clone());
            }
        }
        if !unclear.0.is_empty() {
            self.vanished.retain(|code| !unclear.0.contains(code));
            self.appeared.retain(|code| !unclear.1.contains(code));
            self.ambiguous.push(Ambiguous {
                name: bare(name).to_owned(),
                from: unclear.0.into_iter().cloned().collect(),
                to: unclear.1.into_iter().cloned().collect(),
            });
        }
    }

    /// Weighs whether `from`, of the same name in the same area, became `to`.
    fn evidence(
        &self,
        direct: bool,
        area: Option<&AreaCode>,
        from: &AreaCode,
        to: &AreaCode,
    ) -> Option<Evidence> {
        let area = match area {
            Some(area) if !direct => area,
            Some(_) | None => return Some(Evidence::SamePath),
        };
        match self.share_below(from, to) {
            Some(true) => Some(Evidence::SameBelow(area.clone())),
            Some(false) => None,
            // Nothing below to compare: only where a border moved, for names repeat from district to
            // district (an end here and a beginning there need not be the same community).
            None => {
                let redrawn = |level| {
                    from.at(level).is_some_and(|area| self.now(&area).is_none())
                        || to.at(level).is_some_and(|area| !self.before.contains_key(&area))
                };
                let plausible = match area.level() {
                    Level::District => true,
                    Level::City => redrawn(Level::District),
                    Level::Province => false,
                    Level::SubDistrict | Level::Community | Level::Estate | Level::Building => false,
                };
                // A division that the file is merely silent about may well be there still.
                let ceased =
                    self.speaks_for(from) || from.parent().is_some_and(|parent| self.now(&parent).is_some());
                (plausible && ceased).then(|| Evidence::OnlyOneWithin(area.clone()))
            }
        }
    }

    /// Says whether enough of the names below both agree; none if either has nothing below.
    ///
    /// Half of the smaller is enough where the file speaks for `from`. Elsewhere `from` may well exist
    /// still, so half of the larger and at least three are asked for.
    fn share_below(&self, from: &AreaCode, to: &AreaCode) -> Option<bool> {
        let old: BTreeSet<&str> = children(self.before, from).map(|code| bare(&self.before[code])).collect();
        let new: BTreeSet<&str> = children(self.after, to).map(|code| bare(&self.after[code])).collect();
        let shared = old.intersection(&new).count();
        let (smaller, larger) = (old.len().min(new.len()), old.len().max(new.len()));
        (smaller > 0).then(|| {
            if self.speaks_for(from) { shared * 2 >= smaller } else { shared >= 3 && shared * 2 >= larger }
        })
    }

    fn speaks_for(&self, code: &AreaCode) -> bool {
        self.scope.iter().any(|root| root.contains(code))
    }

    fn pair(&mut self, from: &'tree AreaCode, to: &'tree AreaCode, evidence: Evidence) {
        self.vanished.remove(from);
        self.appeared.remove(to);
        self.became.insert(from, to);
        self.recoded.push(Recoded {
            from: from.clone(),
            to: to.clone(),
            old_name: self.before[from].clone(),
            new_name: self.after[to].clone(),
            evidence,
        });
    }

    /// Takes along what lies below a recoded division at levels the file does not list: estates and
    /// buildings carry the code of their community.
    fn carry(&mut self) {
        let Some(deepest) = self.after.keys().map(AreaCode::level).max() else { return };
        for code in self.vanished.iter().filter(|code| code.level() > deepest) {
            let Some((above, to)) = code.at(deepest).and_then(|at| self.became.get_key_value(&at)) else {
                continue;
            };
            let moved = format!("{to}{}", &code.as_str()[above.as_str().len()..]);
            let Ok(to) = AreaCode::parse(&moved) else { continue };
            let name = &self.before[*code];
            self.recoded.push(Recoded {
                from: (*code).clone(),
                to,
                old_name: name.clone(),
                new_name: name.clone(),
                evidence: Evidence::Carried((*above).clone()),
            });
        }
    }
}
