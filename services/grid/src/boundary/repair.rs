//! Makes one valid multi-polygon of the rings of a feature, and says what it changed.
//!
//! A feature that is valid comes out with the very coordinates it came with, apart from ring direction. One that
//! is not is rebuilt from its rings: first each ring that touches or crosses itself, then holes out of outer
//! rings, then the parts merged. A crossing is repaired only where it has one meaning: the even-odd and the
//! non-zero reading of the outline must agree to one per cent of the area, otherwise a person has to look.
//!
//! It does not read documents and knows no index.

use std::panic::{self, AssertUnwindSafe};

use geo::algorithm::bool_ops::{FillRule, OpType};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::orient::Direction;
use geo::winding_order::{Winding, WindingOrder};
use geo::{Area, BooleanOps, Coord, Line, LineString, MultiPolygon, Orient, Polygon, unary_union};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use super::crs::Crs;
use super::ground::area_m2;
use super::proof;
use super::refusal::{Reason, VertexPlace};
use super::rings::Ring;

/// How far the two readings of a crossing outline may differ, as a share of the area.
const AMBIGUITY: f64 = 0.01;
/// Pieces below this area (about one square metre, in square degrees) are dust of the repair.
const DUST: f64 = 1e-10;
/// A hole with less than this share of it inside its outer ring is no hole of that ring.
const HOLE_INSIDE: f64 = 0.01;
/// Rebuilt areas that differ less than this share from those of the stated rings prove that they were valid; rebuilding
/// alone rounds to a lattice of a billionth of the extent.
const SAME_AREA: f64 = 1e-7;

/// Points at a ring of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RingPlace {
    /// The polygon within the feature, from zero.
    pub part: usize,
    /// The ring within the polygon, zero being the outer one.
    pub ring: usize,
}

/// Tells one thing that was changed to make a feature valid.
#[derive(Debug, Clone, PartialEq)]
pub enum Repair {
    /// The last point was not the first.
    ClosedRing {
        /// The ring.
        ring: RingPlace,
    },
    /// Points that repeat the one before were dropped.
    DroppedRepeatedPoints {
        /// The ring.
        ring: RingPlace,
        /// How many points were dropped.
        count: usize,
    },
    /// The ring ran the other way round.
    TurnedRing {
        /// The ring.
        ring: RingPlace,
    },
    /// The ring enclosed nothing and was left out.
    DroppedEmptyRing {
        /// The ring.
        ring: RingPlace,
    },
    /// The ring touched or crossed itself and was rebuilt.
    UntangledRing {
        /// The ring.
        ring: RingPlace,
        /// The first crossing, in WGS-84.
        at: Coord<f64>,
        /// In how many places it met itself.
        crossings: usize,
    },
    /// Rings of different holes or parts overlapped or ran along each other, and the whole was rebuilt.
    MergedOverlaps {
        /// The area in which rings overlapped, in square metres.
        changed_m2: f64,
    },
}

impl Repair {
    /// Explains the repair in Chinese, for whoever uploaded the document.
    pub fn explain_zh(&self) -> String {
        let ring = |ring: &RingPlace| format!("第 {} 部分第 {} 环", ring.part + 1, ring.ring + 1);
        match self {
            Self::ClosedRing { ring: place } => format!("{}未闭合，已闭合", ring(place)),
            Self::DroppedRepeatedPoints { ring: place, count } => {
                format!("{}去掉 {count} 个重复点", ring(place))
            }
            Self::TurnedRing { ring: place } => format!("{}方向已更正", ring(place)),
            Self::DroppedEmptyRing { ring: place } => format!("{}没有面积，已去掉", ring(place)),
            Self::UntangledRing { ring: place, at, crossings } => {
                format!(
                    "{}有 {crossings} 处自相交（首处约在经度 {:.6}、纬度 {:.6}），已拆解",
                    ring(place),
                    at.x,
                    at.y
                )
            }
            Self::MergedOverlaps { changed_m2 } => {
                format!("各环互相重叠，已合并，涉及 {changed_m2:.0} 平方米")
            }
        }
    }
}

type Fault = (Reason, Option<VertexPlace>);

/// Builds the shape of a feature; the first ring of a part is its outer ring.
///
/// The overlay library breaks off on some rings that touch themselves, in release builds too (iOverlay, pull request 78).
/// Whoever drew such rings is asked to draw them otherwise, as with everything else that cannot be repaired; what was
/// half done is thrown away with the feature.
pub(super) fn assemble(
    parts: Vec<Vec<Ring>>,
    crs: Crs,
    repairs: &mut Vec<Repair>,
) -> Result<MultiPolygon<f64>, Fault> {
    let built = panic::catch_unwind(AssertUnwindSafe(|| build(parts, crs, repairs)));
    built.unwrap_or(Err((Reason::NotRepairable, None)))
}

fn build(parts: Vec<Vec<Ring>>, crs: Crs, repairs: &mut Vec<Repair>) -> Result<MultiPolygon<f64>, Fault> {
    let mut as_stated = Vec::new();
    let mut rebuilt = Vec::new();
    let (mut tangled, mut overlapping) = (false, false);
    for mut rings in parts {
        if rings.is_empty() {
            continue;
        }
        let mut areas = Vec::with_capacity(rings.len());
        for ring in &mut rings {
            let (area, was_tangled) = untangle(ring, crs, repairs)?;
            tangled |= was_tangled;
            areas.push(area);
        }
        let mut areas = areas.into_iter().zip(&rings);
        let Some((outer, _)) = areas.next() else { continue };
        if outer.0.is_empty() {
            continue;
        }
        let outer_area = outer.unsigned_area();
        let mut holes = Vec::new();
        for (hole, ring) in areas {
            if outer.intersection(&hole).unsigned_area() < HOLE_INSIDE * hole.unsigned_area() {
                return Err((Reason::HoleOutside, place_of(ring.line.0.first().copied(), ring.place, crs)));
            }
            holes.push(hole);
        }
        let open = if holes.is_empty() { outer } else { outer.difference(&unary_union(&holes)) };
        let stated = holes.iter().fold(outer_area, |area, hole| area - hole.unsigned_area());
        overlapping |= (open.unsigned_area() - stated).abs() > SAME_AREA * outer_area;
        rebuilt.push(open.orient(Direction::Default));
        let mut lines = rings.into_iter().map(|ring| ring.line);
        if let Some(exterior) = lines.next() {
            as_stated.push(Polygon::new(exterior, lines.collect()));
        }
    }
    let as_stated = MultiPolygon(as_stated);
    let shape = if tangled || as_stated.0.len() > 1 || as_stated.iter().any(|p| !p.interiors().is_empty()) {
        let merged = unary_union(&rebuilt);
        // Each part was compared with its own rings above: summed up, what pokes out of one could hide what overlaps in others.
        let parts_area: f64 = rebuilt.iter().map(Area::unsigned_area).sum();
        overlapping |= (parts_area - merged.unsigned_area()).abs() > SAME_AREA * merged.unsigned_area();
        if !tangled && !overlapping && !share_a_stretch(&as_stated) {
            as_stated
        } else {
            finish(merged, as_stated, tangled, repairs)?
        }
    } else {
        as_stated
    };
    if shape.unsigned_area() < DUST {
        return Err((Reason::NoArea, None));
    }
    Ok(shape.orient(Direction::Default))
}

/// Drops the dust of a rebuilt shape and makes sure that it is sound now.
fn finish(
    mut merged: MultiPolygon<f64>,
    as_stated: MultiPolygon<f64>,
    tangled: bool,
    repairs: &mut Vec<Repair>,
) -> Result<MultiPolygon<f64>, Fault> {
    if !proof::holds(&merged, &as_stated, pairs) {
        return Err((Reason::NotRepairable, None));
    }
    merged.0.retain(|polygon| polygon.unsigned_area() >= DUST);
    for polygon in &mut merged.0 {
        let holes = polygon.interiors().iter().filter(|hole| ring_area(hole) >= DUST).cloned().collect();
        *polygon = Polygon::new(polygon.exterior().clone(), holes);
    }
    if merged
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
        .any(|r| !meets(r).is_empty())
    {
        return Err((Reason::NotRepairable, None));
    }
    if !tangled {
        let before = area_m2(&as_stated.orient(Direction::Default));
        let after = area_m2(&merged.orient(Direction::Default));
        repairs.push(Repair::MergedOverlaps { changed_m2: (after - before).abs() });
    }
    Ok(merged)
}

/// Gives the area a ring encloses, and whether it had to be untangled for that.
fn untangle(ring: &Ring, crs: Crs, repairs: &mut Vec<Repair>) -> Result<(MultiPolygon<f64>, bool), Fault> {
    let meets = meets(&ring.line);
    let Some(&at) = meets.first() else {
        let expected =
            if ring.place.ring == 0 { WindingOrder::CounterClockwise } else { WindingOrder::Clockwise };
        if ring.line.winding_order() != Some(expected) {
            repairs.push(Repair::TurnedRing { ring: ring.place });
        }
        let polygon = Polygon::new(ring.line.clone(), vec![]).orient(Direction::Default);
        return Ok((polygon.into(), false));
    };
    let stated = Polygon::new(ring.line.clone(), vec![]);
    let nothing = MultiPolygon::<f64>(vec![]);
    let read =
        |rule| stated.boolean_op_with_fill_rule(&nothing, OpType::Union, rule).orient(Direction::Default);
    let (even_odd, non_zero) = (read(FillRule::EvenOdd), read(FillRule::NonZero));
    let area = non_zero.unsigned_area();
    if area < DUST {
        repairs.push(Repair::DroppedEmptyRing { ring: ring.place });
        return Ok((nothing, true));
    }
    if (area - even_odd.unsigned_area()).abs() > AMBIGUITY * area {
        let reason =
            Reason::AmbiguousCrossing { even_odd_m2: area_m2(&even_odd), non_zero_m2: area_m2(&non_zero) };
        return Err((reason, place_of(Some(at), ring.place, crs)));
    }
    repairs.push(Repair::UntangledRing { ring: ring.place, at, crossings: meets.len() });
    Ok((non_zero, true))
}

fn ring_area(ring: &LineString<f64>) -> f64 {
    Polygon::new(ring.clone(), vec![]).unsigned_area()
}

/// Turns a position back into the system of the document.
fn place_of(at: Option<Coord<f64>>, ring: RingPlace, crs: Crs) -> Option<VertexPlace> {
    let at = crs.coordinates_of(at?);
    Some(VertexPlace { part: ring.part, ring: ring.ring, point: None, lon: at.x, lat: at.y })
}

/// Lists where a closed ring touches, overlaps or crosses itself, in order along the ring.
fn meets(ring: &LineString<f64>) -> Vec<Coord<f64>> {
    let edges: Vec<Line<f64>> = ring.lines().collect();
    pairs(&edges).into_iter().filter_map(|(i, j)| meeting(&edges, i, j)).collect()
}

/// Tells whether two rings run along each other: not valid, though the area does not tell.
fn share_a_stretch(shape: &MultiPolygon<f64>) -> bool {
    let rings = shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).enumerate();
    let (owners, edges): (Vec<usize>, Vec<Line<f64>>) =
        rings.flat_map(|(owner, ring)| ring.lines().map(move |line| (owner, line))).unzip();
    pairs(&edges).into_iter().filter(|&(i, j)| owners[i] != owners[j]).any(|(i, j)| {
        matches!(
            line_intersection(edges[i], edges[j]),
            Some(LineIntersection::Collinear { intersection }) if intersection.start != intersection.end
        )
    })
}

/// Lists the pairs of edges whose boxes meet, each once, in order.
fn pairs(edges: &[Line<f64>]) -> Vec<(usize, usize)> {
    let tree =
        RTree::bulk_load(edges.iter().enumerate().map(|(i, line)| GeomWithData::new(*line, i)).collect());
    let mut found = Vec::new();
    for (i, line) in edges.iter().enumerate() {
        let (a, b) = (line.start, line.end);
        let around = AABB::from_corners(
            geo::Point::new(a.x.min(b.x), a.y.min(b.y)),
            geo::Point::new(a.x.max(b.x), a.y.max(b.y)),
        );
        let others = tree.locate_in_envelope_intersecting(&around).map(|other| other.data);
        found.extend(others.filter(|&j| j > i).map(|j| (i, j)));
    }
    found.sort_unstable();
    found
}

/// Gives where two edges meet, if they may not: neighbours may share their common vertex and nothing else.
fn meeting(edges: &[Line<f64>], i: usize, j: usize) -> Option<Coord<f64>> {
    let neighbours = j == i + 1 || (i == 0 && j + 1 == edges.len());
    match line_intersection(edges[i], edges[j])? {
        LineIntersection::SinglePoint { intersection, .. } => (!neighbours).then_some(intersection),
        LineIntersection::Collinear { intersection } => {
            (!neighbours || intersection.start != intersection.end).then_some(intersection.start)
        }
    }
}
