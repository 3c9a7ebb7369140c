//! The law of the register of divisions: a file is taken whole, and never while it is unclear what became of whom. Pure.
//!
//! The register is one thing with one history; the rows are too many to be a state and are written beside it. The history keeps every import with
//! its digest and figures, and each change within the served district; the rest of the province is the statistics bureau's history, not ours.

use std::fmt;

use gongzhi_proto::ids::AreaCode;
use serde::{Deserialize, Serialize};

/// Most changes in one event: a large district fills several, so that none grows without bound.
const CHANGES_PER_EVENT: usize = 500;

/// The register of the divisions that a district works with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// The served district.
    pub district: AreaCode,
    /// How many files have changed it.
    pub imports: u32,
    /// SHA-256 of the last of them, in hexadecimal digits.
    pub digest: String,
}

/// What an import did, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Listed for the first time.
    pub new: usize,
    /// Same code, other name.
    pub renamed: usize,
    /// Same division, other code.
    pub recoded: usize,
    /// Ceased, with all parts living on elsewhere.
    pub merged: usize,
    /// Ceased without successor.
    pub gone: usize,
    /// Not to be told apart by rule.
    pub ambiguous: usize,
    /// Estates that are of another kind than before.
    pub retyped: usize,
    /// Same code and name.
    pub unchanged: usize,
}

impl Counts {
    /// True when the register stays as it is.
    pub fn is_no_change(&self) -> bool {
        let unchanged = self.unchanged;
        *self == Self { unchanged, ..Self::default() }
    }
}

/// One change within the served district.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Listed for the first time.
    Listed {
        /// Its code.
        code: AreaCode,
        /// Its name.
        name: String,
    },
    /// Has another name.
    Renamed {
        /// Its code.
        code: AreaCode,
        /// The new name.
        name: String,
    },
    /// Has another code.
    Recoded {
        /// The code until now.
        from: AreaCode,
        /// The new code.
        to: AreaCode,
        /// Its name.
        name: String,
    },
    /// Is no longer listed.
    Abolished {
        /// The code until now.
        code: AreaCode,
    },
}

/// What an officer says to divisions that cannot be told apart by rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unclear {
    /// The file is not taken.
    #[default]
    Refuse,
    /// Those that vanished have ceased, those that appeared are new.
    AsGoneAndNew,
}

/// What may be asked of the register.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take over a file.
    Import {
        /// The served district.
        district: AreaCode,
        /// SHA-256 of the file, in hexadecimal digits.
        digest: String,
        /// What it changes, in figures.
        counts: Counts,
        /// What it changes within the served district.
        changes: Vec<Change>,
        /// What is said to what is unclear.
        unclear: Unclear,
    },
}

/// What can happen to the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A file was taken over.
    DivisionsImported {
        /// The served district.
        district: AreaCode,
        /// SHA-256 of the file, in hexadecimal digits.
        digest: String,
        /// What it changed, in figures.
        counts: Counts,
    },
    /// Divisions of the served district changed by it.
    DivisionsChanged {
        /// The changes.
        changes: Vec<Change>,
    },
}

/// How the rules say no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is unclear what became of whom.
    Ambiguous(usize),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous(count) => write!(
                f,
                "of {count} names several divisions vanished or appeared and none can be told apart; look at them in a dry run, \
                 then accept them as gone and new or correct the file"
            ),
        }
    }
}

impl Refusal {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Ambiguous(_) => "AMBIGUOUS_DIVISIONS",
        }
    }
}

/// What follows from a command.
pub fn decide(command: &Command) -> Result<Vec<Event>, Refusal> {
    let Command::Import { district, digest, counts, changes, unclear } = command;
    match unclear {
        Unclear::Refuse if counts.ambiguous > 0 => return Err(Refusal::Ambiguous(counts.ambiguous)),
        Unclear::Refuse | Unclear::AsGoneAndNew => {}
    }
    if counts.is_no_change() {
        return Ok(Vec::new());
    }
    let imported =
        Event::DivisionsImported { district: district.clone(), digest: digest.clone(), counts: *counts };
    let changed = changes
        .chunks(CHANGES_PER_EVENT)
        .map(|changes| Event::DivisionsChanged { changes: changes.to_vec() });
    Ok(std::iter::once(imported).chain(changed).collect())
}

/// What the register is after an event.
pub fn evolve(state: Option<Register>, event: &Event) -> Register {
    match (event, state) {
        (Event::DivisionsImported { district, digest, .. }, state) => {
            let imports = state.map_or(0, |register| register.imports) + 1;
            Register { district: district.clone(), imports, digest: digest.clone() }
        }
        (Event::DivisionsChanged { .. }, Some(register)) => register,
        (Event::DivisionsChanged { .. }, None) => panic!("divisions cannot change before they are imported"),
    }
}
