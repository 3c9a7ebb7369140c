//! The law of a grid: what drawing, enrolling and relieving make of it. Knows no geometry: a boundary is a text that was found valid before it came
//! here. Whether a person on duty exists is not asked: people have another owner.

use std::collections::BTreeMap;
use std::fmt;

use gongzhi_proto::ids::{AreaCode, GridId, StaffId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most people on one roster; a grid has a handful.
pub const MAX_ROSTER: usize = 100;

/// A grid (网格) of a community, as it was drawn last, with the people who serve in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Which grid.
    pub id: GridId,
    /// How it was drawn.
    pub drawing: Drawing,
    /// How often it was drawn, this time included.
    pub drawings: i64,
    /// Who serves in it, and how.
    pub roster: BTreeMap<StaffId, Role>,
}

impl Grid {
    /// The community that it belongs to.
    pub fn community(&self) -> AreaCode {
        self.id.community()
    }
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// Name of the grid.
    pub name: String,
    /// Boundary as GeoJSON geometry in WGS 84, valid.
    pub boundary: String,
    /// Square metres within the boundary.
    pub area_m2: f64,
    /// Where the boundary comes from.
    pub origin: Origin,
}

impl Drawing {
    /// True when another drawing shows the same. The area is not compared: it follows from the boundary.
    fn shows(&self, other: &Drawing) -> bool {
        (&self.name, &self.boundary, self.origin) == (&other.name, &other.boundary, other.origin)
    }
}

/// Where a boundary comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody drew it from what is on the ground.
    Surveyed,
    /// It was made for a sample, because no real one exists.
    Made,
}

/// How a person on duty serves in a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 网格长
    Leader,
    /// 网格员
    Worker,
    /// 兼职委员
    ConcurrentMember,
}

/// What may be asked of a grid.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Draw it, or draw it anew.
    Draw(GridId, Drawing),
    /// Put a person on the roster, or change how the person serves.
    Enrol(StaffId, Role),
    /// Take a person off the roster.
    Relieve(StaffId),
}

/// What can happen to a grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was drawn, or drawn anew.
    Drawn {
        /// Which grid.
        id: GridId,
        /// What was drawn.
        drawing: Drawing,
    },
    /// A person serves in it from now on.
    WorkerEnrolled {
        /// Who.
        staff: StaffId,
        /// How.
        role: Role,
    },
    /// A person no longer serves in it.
    WorkerRelieved {
        /// Who.
        staff: StaffId,
    },
}

/// How the rules of a grid say no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody has drawn it.
    NotDrawn,
    /// The person is not on the roster.
    NotOnRoster(StaffId),
    /// Nobody more fits on the roster.
    RosterFull,
}

impl Refusal {
    /// Stable word in capitals.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotDrawn => "NOT_DRAWN",
            Self::NotOnRoster(_) => "NOT_ON_ROSTER",
            Self::RosterFull => "ROSTER_FULL",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDrawn => f.write_str("the grid is not drawn; draw it first"),
            Self::NotOnRoster(staff) => {
                write!(f, "{staff} is not on the roster of the grid; list the grid to see who is")
            }
            Self::RosterFull => {
                write!(f, "{MAX_ROSTER} people are on the roster already; relieve somebody first")
            }
        }
    }
}

/// Tells what follows from a command; nothing if it changes nothing.
pub fn decide(state: Option<&Grid>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (state, command) {
        (Some(grid), Command::Draw(_, drawing)) if grid.drawing.shows(drawing) => Ok(Vec::new()),
        (Some(_) | None, Command::Draw(id, drawing)) => {
            Ok(vec![Event::Drawn { id: id.clone(), drawing: drawing.clone() }])
        }
        (None, Command::Enrol(..) | Command::Relieve(_)) => Err(Refusal::NotDrawn),
        (Some(grid), Command::Enrol(staff, role)) => match grid.roster.get(staff) {
            Some(serving) if serving == role => Ok(Vec::new()),
            None if grid.roster.len() >= MAX_ROSTER => Err(Refusal::RosterFull),
            Some(_) | None => Ok(vec![Event::WorkerEnrolled { staff: *staff, role: *role }]),
        },
        (Some(grid), Command::Relieve(staff)) if grid.roster.contains_key(staff) => {
            Ok(vec![Event::WorkerRelieved { staff: *staff }])
        }
        (Some(_), Command::Relieve(staff)) => Err(Refusal::NotOnRoster(*staff)),
    }
}

/// Tells what a grid is after an event.
pub fn evolve(state: Option<Grid>, _at: Timestamp, event: &Event) -> Grid {
    match (state, event) {
        (None, Event::Drawn { id, drawing }) => {
            Grid { id: id.clone(), drawing: drawing.clone(), drawings: 1, roster: BTreeMap::new() }
        }
        (Some(grid), Event::Drawn { drawing, .. }) => {
            Grid { drawing: drawing.clone(), drawings: grid.drawings + 1, ..grid }
        }
        (Some(mut grid), Event::WorkerEnrolled { staff, role }) => {
            grid.roster.insert(*staff, *role);
            grid
        }
        (Some(mut grid), Event::WorkerRelieved { staff }) => {
            grid.roster.remove(staff);
            grid
        }
        (None, Event::WorkerEnrolled { .. } | Event::WorkerRelieved { .. }) => {
            panic!("a grid that was never drawn has {event:?} in its history")
        }
    }
}
