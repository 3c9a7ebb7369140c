//! What a file would change in the tree that is there.
//!
//! Owns the kinds of change and the rule of scope: what a file is silent about is left alone. Who became
//! whom is `successor`'s business; writing anything is the importer's, after an officer has looked.

use std::collections::{BTreeMap, BTreeSet};

use gongzhi_proto::ids::{AreaCode, Level};

use super::file::DivisionFile;
use super::successor::{Search, Successors};

/// The tree that is there: names by code.
pub type Tree = BTreeMap<AreaCode, String>;

/// Same code, other name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The code.
    pub code: AreaCode,
    /// The name so far.
    pub old_name: String,
    /// The name in the file.
    pub new_name: String,
}

/// Why two codes are taken for the same division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Same name below the same parent, or below what the parent became.
    SamePath,
    /// The only one of its name that vanished and the only one that appeared in this area.
    OnlyOneWithin(AreaCode),
    /// Same name in this area and at least half of the divisions below it have the same names.
    SameBelow(AreaCode),
    /// It lies below a division that was recoded, at a level the file does not list.
    Carried(AreaCode),
}

/// Same division, other code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recoded {
    /// The code so far.
    pub from: AreaCode,
    /// The code in the file.
    pub to: AreaCode,
    /// The name so far.
    pub old_name: String,
    /// The name in the file; it may differ in its ending only.
    pub new_name: String,
    /// Why.
    pub evidence: Evidence,
}

/// A division that ceased while everything in it lives on elsewhere (撤销并入).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The code that ceased.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// What took in its parts: one successor, or several when it was split up.
    pub into: Vec<AreaCode>,
}

/// A division that ceased and has no successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// The code.
    pub code: AreaCode,
    /// The name.
    pub name: String,
}

/// Several that vanished and several that appeared under one name: an officer must say which is which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// The name they share, without its ending.
    pub name: String,
    /// Codes that are there and not in the file.
    pub from: Vec<AreaCode>,
    /// Codes that are in the file and not there.
    pub to: Vec<AreaCode>,
}

/// A division outside the scope of the file of which some parts moved into it and others did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyMoved {
    /// The code.
    pub code: AreaCode,
    /// The name.
    pub name: String,
    /// Parts of which nothing is known.
    pub left: Vec<AreaCode>,
}

/// Everything a file would change. All lists are in the order of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The divisions the file speaks for: only below them can anything be gone.
    pub scope: Vec<AreaCode>,
    /// In the file, not there, and successor of nothing.
    pub new: Vec<AreaCode>,
    /// Same code, other name.
    pub renamed: Vec<Renamed>,
    /// Same division, other code.
    pub recoded: Vec<Recoded>,
    /// Ceased, with all parts living on elsewhere.
    pub merged: Vec<Merged>,
    /// Ceased without successor.
    pub gone: Vec<Departed>,
    /// Not to be told apart by rule.
    pub ambiguous: Vec<Ambiguous>,
    /// Partly moved into the scope.
    pub partly_moved: Vec<PartlyMoved>,
    /// How many have the same code and name.
    pub unchanged: usize,
}

/// Compares the tree that is there with a file.
pub fn compare(tree: &Tree, file: &DivisionFile) -> Diff {
    let after: Tree =
        file.divisions().iter().map(|(code, division)| (code.clone(), division.name.clone())).collect();
    let scope = scope(file);
    let standing = standing(&after);
    let Successors { recoded, ambiguous } = Search::new(tree, &after, &scope, &standing).run();
    let mut diff = Diff { scope, recoded, ambiguous, ..Diff::default() };
    let settled: BTreeSet<&AreaCode> = diff
        .recoded
        .iter()
        .map(|recoded| &recoded.to)
        .chain(diff.ambiguous.iter().flat_map(|ambiguous| &ambiguous.to))
        .collect();
    for (code, name) in &after {
        match tree.get(code) {
            Some(old) if old == name => diff.unchanged += 1,
            Some(old) => diff.renamed.push(Renamed {
                code: code.clone(),
                old_name: old.clone(),
                new_name: name.clone(),
            }),
            None if settled.contains(code) => {}
            None => diff.new.push(code.clone()),
        }
    }
    let fate = fates(tree, &standing, &diff);
    let listed = after.keys().map(AreaCode::level).collect();
    settle_departed(tree, &standing, &listed, fate, &mut diff);
    diff
}

/// Returns the codes that the file holds and those it hangs below: neither can have ceased.
fn standing(after: &Tree) -> BTreeSet<AreaCode> {
    let mut standing: BTreeSet<AreaCode> = after.keys().cloned().collect();
    for code in after.keys() {
        let mut above = code.parent();
        while let Some(code) = above {
            above = code.parent();
            if !standing.insert(code) {
                break;
            }
        }
    }
    standing
}

/// Finds the divisions a file speaks for.
///
/// An official extract of one district starts with its province and city as a path of only children; that
/// path says where the extract hangs, not that the province has one city. So the path is walked down to the
/// first division that branches or ends.
fn scope(file: &DivisionFile) -> Vec<AreaCode> {
    let mut children: BTreeMap<AreaCode, Vec<&AreaCode>> = BTreeMap::new();
    for code in file.divisions().keys() {
        if let Some(parent) = code.parent() {
            children.entry(parent).or_default().push(code);
        }
    }
    file.roots()
        .map(|root| {
            let mut at = root;
            while let Some([only]) = children.get(at).map(Vec::as_slice) {
                at = only;
            }
            at.clone()
        })
        .collect()
}

/// What becomes of a code that the file does not hold.
enum Fate {
    /// It lives on under another code.
    Lives(AreaCode),
    /// It ceased; its parts went into these.
    Merged(BTreeSet<AreaCode>),
    /// An officer must say.
    Ambiguous,
}

/// Follows the fates from the leaves up: a division whose every part lives on elsewhere has merged.
fn fates(tree: &Tree, standing: &BTreeSet<AreaCode>, diff: &Diff) -> BTreeMap<AreaCode, Fate> {
    let mut fates: BTreeMap<AreaCode, Fate> = BTreeMap::new();
    for recoded in &diff.recoded {
        fates.insert(recoded.from.clone(), Fate::Lives(recoded.to.clone()));
    }
    for code in diff.ambiguous.iter().flat_map(|ambiguous| &ambiguous.from) {
        fates.insert(code.clone(), Fate::Ambiguous);
    }
    // Reverse order of codes visits everything below a division before the division itself.
    for code in tree.keys().rev() {
        if standing.contains(code) || fates.contains_key(code) {
            continue;
        }
        let mut into = BTreeSet::new();
        let all_live_on = children(tree, code).all(|child| match fates.get(child) {
            Some(Fate::Lives(to)) => {
                into.extend(to.parent());
                true
            }
            Some(Fate::Merged(parts)) => {
                into.extend(parts.iter().filter_map(AreaCode::parent));
                true
            }
            Some(Fate::Ambiguous) | None => false,
        });
        if all_live_on && !into.is_empty() {
            fates.insert(code.clone(), Fate::Merged(into));
        }
    }
    fates
}

/// Says of every code without a place in the file whether it merged, is gone, or is none of the file's business.
fn settle_departed(
    tree: &Tree,
    standing: &BTreeSet<AreaCode>,
    listed: &BTreeSet<Level>,
    fate: BTreeMap<AreaCode, Fate>,
    diff: &mut Diff,
) {
    let mut gone: BTreeSet<&AreaCode> = BTreeSet::new();
    for (code, name) in tree {
        if standing.contains(code) {
            continue;
        }
        match fate.get(code) {
            Some(Fate::Lives(_) | Fate::Ambiguous) => continue,
            Some(Fate::Merged(into)) => {
                let into = into.iter().cloned().collect();
                diff.merged.push(Merged { code: code.clone(), name: name.clone(), into });
                continue;
            }
            None => {}
        }
        let in_scope = diff.scope.iter().any(|root| root.contains(code));
        let below_gone = code.parent().is_some_and(|parent| gone.contains(&parent));
        if below_gone || (in_scope && listed.contains(&code.level())) {
            gone.insert(code);
            diff.gone.push(Departed { code: code.clone(), name: name.clone() });
            continue;
        }
        let (moved, left): (Vec<&AreaCode>, Vec<&AreaCode>) = children(tree, code)
            .partition(|child| matches!(fate.get(child), Some(Fate::Lives(_) | Fate::Merged(_))));
        if !moved.is_empty() && !left.is_empty() {
            let left = left.into_iter().cloned().collect();
            diff.partly_moved.push(PartlyMoved { code: code.clone(), name: name.clone(), left });
        }
    }
}

/// Returns what lies directly in a division.
pub(super) fn children<'tree>(tree: &'tree Tree, code: &AreaCode) -> impl Iterator<Item = &'tree AreaCode> {
    let parent = code.clone();
    let level = code.level();
    tree.range(code.clone()..)
        .map(|(code, _)| code)
        .skip(1)
        .take_while(move |child| parent.contains(child))
        .filter(move |child| child.level().above() == Some(level))
}
