//! One ring at a time: checks its coordinates, brings them to WGS-84, closes it and drops what repeats.
//!
//! It knows nothing of crossings, nor of how rings lie to each other; that is `repair`.

use geo::{Coord, LineString};
use geojson::Position;

use super::crs::{Crs, in_china};
use super::refusal::{Reason, VertexPlace};
use super::repair::{Repair, RingPlace};

/// A closed ring in WGS-84 with at least three distinct vertices, none repeated in a row.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    pub(super) place: RingPlace,
    pub(super) line: LineString<f64>,
}

/// Reads a ring; `None` when fewer than three distinct vertices are left, which encloses nothing.
pub(super) fn read_ring(
    place: RingPlace,
    positions: &[Position],
    crs: Crs,
    repairs: &mut Vec<Repair>,
) -> Result<Option<Ring>, (Reason, VertexPlace)> {
    let mut points = Vec::with_capacity(positions.len() + 1);
    for (point, position) in positions.iter().enumerate() {
        let [lon, lat] = [position[0], position[1]];
        let at = VertexPlace { part: place.part, ring: place.ring, point: Some(point), lon, lat };
        check(Coord { x: lon, y: lat }, crs).map_err(|reason| (reason, at))?;
        points.push(crs.to_wgs84(Coord { x: lon, y: lat }));
    }
    let closed = points.len() > 1 && points.first() == points.last();
    if !closed && let Some(&first) = points.first() {
        points.push(first);
    }
    let before = points.len();
    points.dedup();
    let repeated = before - points.len();
    if points.len() < 4 {
        repairs.push(Repair::DroppedEmptyRing { ring: place });
        return Ok(None);
    }
    if !closed {
        repairs.push(Repair::ClosedRing { ring: place });
    }
    if repeated > 0 {
        repairs.push(Repair::DroppedRepeatedPoints { ring: place, count: repeated });
    }
    Ok(Some(Ring { place, line: LineString(points) }))
}

fn check(position: Coord<f64>, crs: Crs) -> Result<(), Reason> {
    let Coord { x, y } = position;
    let swapped = Coord { x: y, y: x };
    let on_globe = |place: Coord<f64>| place.x.abs() <= 180.0 && place.y.abs() <= 90.0;
    if !x.is_finite() || !y.is_finite() {
        Err(Reason::NotFinite)
    } else if on_globe(position) {
        // A system of China used outside China is no proof of a mistake, but if turning it round brings it home it is.
        if crs.is_chinese() && !in_china(position) && in_china(swapped) {
            return Err(Reason::LooksSwapped);
        }
        Ok(())
    } else if on_globe(swapped) {
        Err(Reason::LooksSwapped)
    } else if x.abs() > 360.0 && y.abs() > 360.0 {
        Err(Reason::LooksProjected)
    } else {
        Err(Reason::OutOfRange)
    }
}
