//! How the rows of a file fit together: no code twice, every parent right and present.
//!
//! Knows rows that are sound by themselves; reading them is `file`'s business.

use std::collections::HashSet;
use std::collections::btree_map::{BTreeMap, Entry};

use super::complaint::{Complaint, Problem};
use super::file::{Column, Division, DivisionFile, Note};
use gongzhi_proto::ids::{AreaCode, Level};

/// A row that has found its place by its own code.
pub(super) struct Row {
    pub(super) code: AreaCode,
    /// The parent as written, not checked yet.
    pub(super) parent: String,
    pub(super) division: Division,
}

/// Puts the rows together, or returns every complaint, those found before included.
///
/// `unplaced` holds the codes of rows that were refused already: what lies below them is no orphan, so one
/// wrong row does not bring a complaint for each of its children.
pub(super) fn assemble(
    rows: Vec<Row>,
    unplaced: &HashSet<String>,
    notes: Vec<Note>,
    mut complaints: Vec<Complaint>,
) -> Result<DivisionFile, Vec<Complaint>> {
    let mut divisions = BTreeMap::new();
    let mut parents = Vec::with_capacity(rows.len());
    for Row { code, parent, division } in rows {
        let line = division.line;
        match divisions.entry(code.clone()) {
            Entry::Occupied(first) => {
                let first: &Division = first.get();
                let problem = Problem::Duplicate { first_line: first.line };
                complaints.push(Complaint { line, column: Some(Column::Code), problem });
            }
            Entry::Vacant(free) => {
                free.insert(division);
                parents.push((line, code, parent));
            }
        }
    }
    let highest = divisions.keys().map(AreaCode::level).min();
    for (line, code, parent) in parents {
        let found = check_parent(&code, &parent, &divisions).or_else(|| {
            let above = code.parent()?;
            let orphan = Some(code.level()) > highest
                && !divisions.contains_key(&above)
                && !unplaced.contains(&above.full_code());
            orphan.then(|| Problem::Orphan { level: above.level(), parent: above.full_code() })
        });
        if let Some(problem) = found {
            complaints.push(Complaint { line, column: Some(Column::ParentCode), problem });
        }
    }
    if complaints.is_empty() { Ok(DivisionFile { divisions, notes }) } else { Err(complaints) }
}

/// Compares the parent as written with the one the code calls for.
fn check_parent(code: &AreaCode, written: &str, divisions: &BTreeMap<AreaCode, Division>) -> Option<Problem> {
    let Some(above) = code.parent() else {
        return (!written.is_empty()).then_some(Problem::ParentOfProvince);
    };
    if written.is_empty() {
        return Some(Problem::ParentMissing);
    }
    let expected = above.full_code();
    if written == code.full_code() {
        // 东莞, 中山, 儋州: the district row is its own parent, meaning the city of the same code.
        let city_as_district = code.level() == Level::District && expected == written;
        let accepted = city_as_district && divisions.contains_key(&above);
        return (!accepted).then_some(Problem::ParentSelf);
    }
    if written == expected {
        return None;
    }
    let mut ancestor = above.parent();
    while let Some(higher) = ancestor {
        if higher.full_code() == written {
            return Some(Problem::ParentNotLevelAbove { level: above.level(), expected });
        }
        ancestor = higher.parent();
    }
    Some(Problem::ParentNotPrefix { expected })
}
