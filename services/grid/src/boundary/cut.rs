//! Cuts a shape along a line of constant longitude or latitude.
//!
//! Both sides get the very same points on the line, and a point on it has exactly the coordinate of the line, so
//! cells made by repeated cuts share their borders without gap or overlap. General overlays round to a lattice
//! of their own and cannot promise that. It knows nothing of how many cells are wanted, nor why.

use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon};

/// Names which coordinate is constant along the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Longitude,
    Latitude,
}

/// A piece of a ring on one side: its first and last points lie on the line, at the crossings named.
struct Chain {
    points: Vec<Coord<f64>>,
    enters: usize,
    leaves: usize,
}

/// The pieces of a shape on one side of the line.
#[derive(Default)]
struct Side {
    rings: Vec<Vec<Coord<f64>>>,
    chains: Vec<Chain>,
}

impl Axis {
    /// The coordinate that decides the side.
    pub(super) fn across(self, point: Coord<f64>) -> f64 {
        match self {
            Self::Longitude => point.x,
            Self::Latitude => point.y,
        }
    }

    fn along(self, point: Coord<f64>) -> f64 {
        match self {
            Self::Longitude => point.y,
            Self::Latitude => point.x,
        }
    }

    fn point(self, across: f64, along: f64) -> Coord<f64> {
        match self {
            Self::Longitude => Coord { x: across, y: along },
            Self::Latitude => Coord { x: along, y: across },
        }
    }

    /// Where an edge crosses the line; the same to the last bit for both directions of the edge.
    fn crossing(self, from: Coord<f64>, to: Coord<f64>, at: f64) -> Coord<f64> {
        let (low, high) = if self.across(from) < self.across(to) { (from, to) } else { (to, from) };
        let share = (at - self.across(low)) / (self.across(high) - self.across(low));
        self.point(at, self.along(low) + share * (self.along(high) - self.along(low)))
    }
}

/// Measures the planar area below the line, in square degrees: the integral of the distance to the line around
/// the rings, with everything beyond the line pressed onto it.
pub(super) fn area_below(shape: &MultiPolygon<f64>, axis: Axis, at: f64) -> f64 {
    let mut sum = 0.0;
    for line in rings(shape).flat_map(LineString::lines) {
        let (a, b) = (axis.across(line.start) - at, axis.across(line.end) - at);
        let along = axis.along(line.end) - axis.along(line.start);
        sum += match (a < 0.0, b < 0.0) {
            (true, true) => (a + b) / 2.0 * along,
            (false, false) => 0.0,
            (true, false) => a / 2.0 * along * (a / (a - b)),
            (false, true) => b / 2.0 * along * (b / (b - a)),
        };
    }
    sum.abs()
}

/// Cuts an oriented, valid shape into the part below and the part above the line.
///
/// Gives `None` where the line runs through a vertex or two crossings fall together: which side such points
/// belong to is undecided there, and the caller does better to shift the line by a hair.
pub(super) fn cut(
    shape: &MultiPolygon<f64>,
    axis: Axis,
    at: f64,
) -> Option<(MultiPolygon<f64>, MultiPolygon<f64>)> {
    if rings(shape).flat_map(|ring| &ring.0).any(|point| axis.across(*point) == at) {
        return None;
    }
    let (mut below, mut above) = (Side::default(), Side::default());
    let mut crossings = Vec::new();
    for ring in rings(shape) {
        take_apart(ring, axis, at, &mut crossings, &mut below, &mut above);
    }
    let partners = partners(&crossings)?;
    Some((put_together(below, &partners)?, put_together(above, &partners)?))
}

fn rings(shape: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
}

fn take_apart(
    ring: &LineString<f64>,
    axis: Axis,
    at: f64,
    crossings: &mut Vec<f64>,
    below: &mut Side,
    above: &mut Side,
) {
    let points = &ring.0[..ring.0.len().saturating_sub(1)];
    let is_below = |point: Coord<f64>| axis.across(point) < at;
    let next = |i: usize| points[(i + 1) % points.len()];
    let Some(start) = (0..points.len()).find(|&i| is_below(points[i]) != is_below(next(i))) else {
        if let Some(&first) = points.first() {
            let side = if is_below(first) { below } else { above };
            side.rings.push(points.to_vec());
        }
        return;
    };
    let first_crossing = crossings.len();
    let mut chain: Option<Chain> = None;
    for step in 0..points.len() {
        let i = (start + step) % points.len();
        let (from, to) = (points[i], next(i));
        if let Some(chain) = &mut chain {
            chain.points.push(from);
        }
        if is_below(from) == is_below(to) {
            continue;
        }
        let meeting = axis.crossing(from, to, at);
        let here = crossings.len();
        crossings.push(axis.along(meeting));
        if let Some(mut done) = chain.replace(Chain { points: vec![meeting], enters: here, leaves: here }) {
            done.points.push(meeting);
            done.leaves = here;
            let side = if is_below(from) { &mut *below } else { &mut *above };
            side.chains.push(done);
        }
    }
    // The last chain runs through the point before the first crossing and ends there.
    if let Some(mut last) = chain {
        last.points.push(points[start]);
        last.points.push(axis.crossing(points[start], next(start), at));
        last.leaves = first_crossing;
        let side = if is_below(points[start]) { below } else { above };
        side.chains.push(last);
    }
}

/// Pairs the crossings: sorted along the line, each odd and the even one after it bound a stretch inside.
fn partners(crossings: &[f64]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..crossings.len()).collect();
    order.sort_by(|&a, &b| crossings[a].total_cmp(&crossings[b]));
    if order.windows(2).any(|pair| crossings[pair[0]] == crossings[pair[1]]) {
        return None;
    }
    let mut partners = vec![0; crossings.len()];
    for pair in order.chunks(2) {
        let &[a, b] = pair else { return None };
        partners[a] = b;
        partners[b] = a;
    }
    Some(partners)
}

fn put_together(side: Side, partners: &[usize]) -> Option<MultiPolygon<f64>> {
    let mut by_entrance = vec![None; partners.len()];
    for (i, chain) in side.chains.iter().enumerate() {
        by_entrance[chain.enters] = Some(i);
    }
    let mut rings = side.rings;
    let mut used = vec![false; side.chains.len()];
    for first in 0..side.chains.len() {
        let mut ring = Vec::new();
        let mut chain = first;
        while !used[chain] {
            used[chain] = true;
            ring.extend_from_slice(&side.chains[chain].points);
            // A ring whose direction is wrong would lead to where no chain of this side begins.
            chain = by_entrance[partners[side.chains[chain].leaves]]?;
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    Some(nest(rings))
}

/// Sorts rings into outer ones (counter-clockwise) and holes, and gives each hole to its smallest outer ring.
fn nest(rings: Vec<Vec<Coord<f64>>>) -> MultiPolygon<f64> {
    let polygons = rings.into_iter().map(|ring| Polygon::new(LineString(ring), vec![]));
    let (mut outer, holes): (Vec<_>, Vec<_>) = polygons.partition(|polygon| polygon.signed_area() >= 0.0);
    outer.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    let bare = outer.clone();
    for hole in holes {
        let Some(&vertex) = hole.exterior().0.first() else { continue };
        let owner = bare.iter().position(|polygon| {
            polygon.bounding_rect().is_some_and(|r| r.contains(&Point(vertex)))
                && polygon.contains(&Point(vertex))
        });
        if let Some(owner) = owner {
            outer[owner].interiors_push(hole.exterior().clone());
        }
    }
    MultiPolygon(outer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Validation, polygon};

    /// A frame around a hole, its outline notched so that a line through the middle crosses it six times.
    fn frame() -> MultiPolygon<f64> {
        MultiPolygon(vec![polygon!(
            exterior: [
                (x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 12.0), (x: 6.0, y: 12.0), (x: 6.5, y: 11.0),
                (x: 4.0, y: 11.0), (x: 7.0, y: 10.0), (x: 0.0, y: 10.0), (x: 0.0, y: 0.0),
            ],
            interiors: [[(x: 4.0, y: 4.0), (x: 4.0, y: 6.0), (x: 6.0, y: 6.0), (x: 6.0, y: 4.0), (x: 4.0, y: 4.0)]],
        )])
    }

    #[test]
    fn both_sides_are_valid_and_make_the_whole() {
        let whole = frame();
        for (axis, at) in
            [(Axis::Longitude, 5.0), (Axis::Longitude, 6.2), (Axis::Latitude, 5.0), (Axis::Latitude, 10.5)]
        {
            let (below, above) = cut(&whole, axis, at).expect("no vertex on the line");
            assert!(below.is_valid() && above.is_valid(), "{axis:?} {at}: {below:?} {above:?}");
            assert!((below.unsigned_area() - area_below(&whole, axis, at)).abs() < 1e-9);
            assert!((below.unsigned_area() + above.unsigned_area() - whole.unsigned_area()).abs() < 1e-9);
        }
    }

    #[test]
    fn keeps_a_hole_that_is_not_cut() {
        let (below, above) = cut(&frame(), Axis::Longitude, 2.0).expect("no vertex on the line");
        assert_eq!(below.0[0].interiors().len(), 0);
        assert_eq!(above.0[0].interiors().len(), 1);
    }

    #[test]
    fn declines_a_line_through_a_vertex() {
        assert!(cut(&frame(), Axis::Longitude, 4.0).is_none());
    }
}
