//! The contract's words for a grid, and ours: requests become commands, with every field error at once; grids become replies. Reads a boundary in
//! whatever system it comes and keeps it in WGS 84. Knows no SQL and asks nobody.

use geo::{Coord, MapCoords};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::ids::{AreaCode, GridId, StaffId};

use super::machine::{Command, Drawing, Grid, Origin, Role};
use super::places::Place;
use crate::boundary::{Boundary, Crs, import};

/// Largest boundary, as it comes and as it is kept: histories hold it too.
pub const MAX_BOUNDARY_BYTES: usize = 200 * 1024;
/// Grids on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (100, 500);

/// A grid to draw, and what was repaired in its boundary, in words.
pub(super) struct Draw {
    pub(super) id: GridId,
    pub(super) command: Command,
    pub(super) repairs: Vec<String>,
}

pub(super) fn draw(request: &pb::DrawGridRequest) -> Result<Draw, Failure> {
    let mut violations = Violations::new();
    let id = violations.id("grid_id", &request.grid_id, GridId::parse);
    let name = violations.text("name", &request.name, 1, 60);
    let crs = violations.choice::<pb::Crs>("crs", request.crs).and_then(system);
    let bounded = bounded(&mut violations, &request.boundary_geojson, crs);
    let drawn = id.zip(bounded).map(|(id, bounded)| {
        let origin = if request.made { Origin::Made } else { Origin::Surveyed };
        let drawing = Drawing { name, boundary: bounded.geojson, area_m2: bounded.area_m2, origin };
        Draw { id: id.clone(), command: Command::Draw(id, drawing), repairs: bounded.repairs }
    });
    violations.open(drawn)
}

/// A boundary as it is kept, and what was repaired in it, in words.
struct Bounded {
    geojson: String,
    area_m2: f64,
    repairs: Vec<String>,
}

/// Reads the one boundary in a document; what is wrong with it becomes violations. Without a system the coordinates mean nothing, so nothing is said
/// of them then.
fn bounded(violations: &mut Violations, document: &str, crs: Option<Crs>) -> Option<Bounded> {
    let mut wrong = |what: String| {
        violations.add("boundary_geojson", what);
        None
    };
    if document.trim().is_empty() {
        return wrong("is required".into());
    }
    if document.len() > MAX_BOUNDARY_BYTES {
        return wrong(format!("must have at most 200 KiB, has {}", document.len().div_ceil(1024)));
    }
    let imported = match import(document, Some(crs?)) {
        Ok(imported) => imported,
        Err(refusal) => return wrong(format!("{} ({refusal})", refusal.explain_zh())),
    };
    let feature = match (imported.accepted.as_slice(), imported.refused.as_slice()) {
        ([feature], []) => feature,
        ([], [refusal]) => return wrong(format!("{} ({refusal})", refusal.explain_zh())),
        (accepted, refused) => {
            return wrong(format!("must hold exactly one feature, holds {}", accepted.len() + refused.len()));
        }
    };
    let (geojson, area_m2) = kept(&feature.boundary);
    if geojson.len() > MAX_BOUNDARY_BYTES {
        let kib = geojson.len().div_ceil(1024);
        return wrong(format!("takes {kib} KiB in WGS 84; leave out points until it fits into 200 KiB"));
    }
    let repairs = feature.repairs.iter().map(|repair| repair.explain_zh()).collect();
    Some(Bounded { geojson, area_m2, repairs })
}

/// Writes a boundary as it is kept, and its area: with nine decimals, which are a tenth of a millimetre. Numbers so short are read as they were
/// written, so a boundary that was listed and is drawn again is the same. Where rounding would tangle it, it is kept as it is.
fn kept(boundary: &Boundary) -> (String, f64) {
    let round = |degrees: f64| (degrees * 1e9).round() / 1e9;
    let rounded = boundary.shape().map_coords(|at| Coord { x: round(at.x), y: round(at.y) });
    let rounded = geojson::Geometry::new(geojson::GeometryValue::from(&rounded)).to_string();
    let read = import(&rounded, Some(Crs::Wgs84)).unwrap_or_default();
    match read.accepted.as_slice() {
        [sound] if sound.repairs.is_empty() => (rounded, sound.boundary.area_m2()),
        _ => (boundary.to_geojson().to_string(), boundary.area_m2()),
    }
}

fn system(crs: pb::Crs) -> Option<Crs> {
    match crs {
        pb::Crs::Unspecified => None,
        pb::Crs::Wgs84 => Some(Crs::Wgs84),
        pb::Crs::Cgcs2000 => Some(Crs::Cgcs2000),
        pb::Crs::Gcj02 => Some(Crs::Gcj02),
    }
}

pub(super) fn enrol(request: &pb::EnrolWorkerRequest) -> Result<(GridId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("grid_id", &request.grid_id, GridId::parse);
    let staff = violations.id("staff_id", &request.staff_id, StaffId::parse);
    let role = violations.choice::<pb::GridRole>("role", request.role).and_then(|role| match role {
        pb::GridRole::Unspecified => None,
        pb::GridRole::Leader => Some(Role::Leader),
        pb::GridRole::Worker => Some(Role::Worker),
        pb::GridRole::ConcurrentMember => Some(Role::ConcurrentMember),
    });
    violations.open(id.zip(staff.zip(role)).map(|(id, (staff, role))| (id, Command::Enrol(staff, role))))
}

pub(super) fn relieve(request: &pb::RelieveWorkerRequest) -> Result<(GridId, Command), Failure> {
    let mut violations = Violations::new();
    let id = violations.id("grid_id", &request.grid_id, GridId::parse);
    let staff = violations.id("staff_id", &request.staff_id, StaffId::parse);
    violations.open(id.zip(staff).map(|(id, staff)| (id, Command::Relieve(staff))))
}

pub(super) fn list(request: &pb::ListGridsRequest) -> Result<(AreaCode, Page), Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    violations.open(area.map(|area| (area, page)))
}

pub(super) fn place(request: &pb::LocatePlaceRequest) -> Result<Place, Failure> {
    let mut violations = Violations::new();
    let crs = violations.choice::<pb::Crs>("crs", request.crs).and_then(system);
    for (field, degrees, most) in
        [("longitude", request.longitude, 180.0), ("latitude", request.latitude, 90.0)]
    {
        // Written so that what is not a number fails too.
        if !(-most..=most).contains(&degrees) {
            violations.add(field, format!("must be degrees, -{most} to {most}"));
        }
    }
    violations.open(crs.map(|crs| Place::stated(crs, request.longitude, request.latitude)))
}

/// Which parts of a grid a reply shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// What the grid is: for those who may not see the people in it.
    Grid,
    /// And its roster.
    WithRoster,
    /// And its boundary.
    WithBoundary,
}

pub(super) fn grid(grid: Grid, shown: Shown) -> pb::Grid {
    let entry = |(staff, role): (StaffId, Role)| pb::RosterEntry {
        staff_id: staff.to_string(),
        role: self::role(role).into(),
    };
    let (roster, boundary) = match shown {
        Shown::Grid => (Default::default(), String::new()),
        Shown::WithRoster => (grid.roster, String::new()),
        Shown::WithBoundary => (grid.roster, grid.drawing.boundary),
    };
    pb::Grid {
        grid_id: grid.id.to_string(),
        area_code: grid.id.community().to_string(),
        name: grid.drawing.name,
        area_m2: grid.drawing.area_m2,
        made: grid.drawing.origin == Origin::Made,
        roster: roster.into_iter().map(entry).collect(),
        boundary_geojson: boundary,
    }
}

pub(super) fn role(role: Role) -> pb::GridRole {
    match role {
        Role::Leader => pb::GridRole::Leader,
        Role::Worker => pb::GridRole::Worker,
        Role::ConcurrentMember => pb::GridRole::ConcurrentMember,
    }
}
