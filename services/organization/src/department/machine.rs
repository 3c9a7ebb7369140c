//! The law of a department: registered once, with names that stay. Pure.

use std::fmt;

use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use serde::{Deserialize, Serialize};

/// A department (机关部门) of the district.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Code that addresses facts.
    pub code: DepartmentCode,
    /// District that it belongs to.
    pub district: AreaCode,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Register it.
    Register(Department),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// It was registered.
    DepartmentRegistered(Department),
}

/// How the rules say no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The code belongs to a department that differs.
    RegisteredOtherwise(Department),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegisteredOtherwise(known) => write!(
                f,
                "{} is registered as {} ({}) already; give another department another code",
                known.code, known.name_zh, known.name_en
            ),
        }
    }
}

impl Refusal {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::RegisteredOtherwise(_) => "ALREADY_REGISTERED_OTHERWISE",
        }
    }
}

/// What follows from a command.
pub fn decide(state: Option<&Department>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let Command::Register(wanted) = command;
    match state {
        None => Ok(vec![Event::DepartmentRegistered(wanted.clone())]),
        Some(known) if known == wanted => Ok(Vec::new()),
        Some(known) => Err(Refusal::RegisteredOtherwise(known.clone())),
    }
}

/// What it is after an event.
pub fn evolve(state: Option<Department>, event: &Event) -> Department {
    match (event, state) {
        (Event::DepartmentRegistered(department), None) => department.clone(),
        (Event::DepartmentRegistered(_), Some(known)) => panic!("{} cannot be registered twice", known.code),
    }
}
