//! Proves a rebuilt shape against the definition of what the stated rings enclose: a place lies in a part if its outer ring winds around it and none
//! of its holes does. Beside every stretch of every ring, on both sides, the shape must agree; hence it agrees in every face that the rings make.
//!
//! The overlay library is known to take something filled for a hole where rings touch themselves, and nothing else would tell. This module knows
//! nothing of how a shape was rebuilt.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect, Coord, Line, LineString, MultiPolygon, Polygon};

/// Distance of a place from its stretch, as a share of the extent: a thousand times what the overlay rounds to.
const BESIDE: f64 = 1e-6;
/// A place may lie by chance where something else was rounded; all of several do not.
const TRIES: [f64; 3] = [1.0, 1.37, 1.83];
/// More stretches than this are no outline of anything.
const MAX_STRETCHES: usize = 100_000;

/// Tells whether a shape holds what the stated rings enclose. `pairs` lists the pairs of edges whose boxes meet.
pub(super) fn holds(
    shape: &MultiPolygon<f64>,
    stated: &MultiPolygon<f64>,
    pairs: impl Fn(&[Line<f64>]) -> Vec<(usize, usize)>,
) -> bool {
    let Some(bounds) = stated.bounding_rect() else { return shape.0.is_empty() };
    let beside = BESIDE * bounds.width().max(bounds.height());
    let edges: Vec<Line<f64>> = stated.iter().flat_map(rings).flat_map(LineString::lines).collect();
    let stretches = stretches(&edges, &pairs(&edges), beside);
    if stretches.len() > MAX_STRETCHES {
        return false;
    }
    stretches.iter().all(|stretch| {
        let along = stretch.delta();
        let length = along.x.hypot(along.y);
        let normal = Coord { x: -along.y / length, y: along.x / length } * beside;
        let middle = (stretch.start + stretch.end) / 2.0;
        [normal, -normal].into_iter().all(|aside| {
            TRIES.iter().any(|far| {
                let place = middle + aside * *far;
                covers(shape, place) == Some(stated.iter().any(|part| encloses(part, place)))
            })
        })
    })
}

fn rings(part: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(part.exterior()).chain(part.interiors())
}

/// Cuts the edges where they meet; what is too short to have a face beside it is left out.
fn stretches(edges: &[Line<f64>], pairs: &[(usize, usize)], beside: f64) -> Vec<Line<f64>> {
    let mut cuts: Vec<Vec<Coord<f64>>> = edges.iter().map(|edge| vec![edge.start, edge.end]).collect();
    for &(i, j) in pairs {
        let met = match line_intersection(edges[i], edges[j]) {
            Some(LineIntersection::SinglePoint { intersection, .. }) => [intersection; 2],
            Some(LineIntersection::Collinear { intersection }) => [intersection.start, intersection.end],
            None => continue,
        };
        cuts[i].extend(met);
        cuts[j].extend(met);
    }
    let mut stretches = Vec::new();
    for (edge, mut cuts) in edges.iter().zip(cuts) {
        let along = edge.delta();
        cuts.sort_by(|a, b| (a.x * along.x + a.y * along.y).total_cmp(&(b.x * along.x + b.y * along.y)));
        let parts = cuts.windows(2).map(|ends| Line::new(ends[0], ends[1]));
        stretches.extend(parts.filter(|part| part.dx().hypot(part.dy()) > 8.0 * beside));
    }
    stretches
}

/// Tells whether a shape covers a place; none where its rings do not nest as those of a valid one: a hole outside of its outer ring, holes or parts
/// that overlap.
fn covers(shape: &MultiPolygon<f64>, place: Coord<f64>) -> Option<bool> {
    let mut covering = 0;
    for part in shape {
        let holes = part.interiors().iter().filter(|hole| winding(hole, place) != 0).count();
        match (winding(part.exterior(), place) != 0, holes) {
            (true, 0) => covering += 1,
            (true, 1) | (false, 0) => {}
            (true | false, _) => return None,
        }
    }
    (covering <= 1).then_some(covering == 1)
}

fn encloses(part: &Polygon<f64>, place: Coord<f64>) -> bool {
    winding(part.exterior(), place) != 0 && part.interiors().iter().all(|hole| winding(hole, place) == 0)
}

/// How often a ring winds around a place.
fn winding(ring: &LineString<f64>, at: Coord<f64>) -> i32 {
    let crossed = ring.lines().map(|Line { start, end }| {
        let left = (end.x - start.x) * (at.y - start.y) - (at.x - start.x) * (end.y - start.y);
        match (start.y <= at.y, end.y <= at.y) {
            (true, false) if left > 0.0 => 1,
            (false, true) if left < 0.0 => -1,
            (true | false, true | false) => 0,
        }
    });
    crossed.sum()
}
