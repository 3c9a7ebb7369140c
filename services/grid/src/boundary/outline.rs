//! Answers whether a point lies within one boundary, fast: the edges are sorted into horizontal bands, so a
//! question looks only at the few edges at its own height.
//!
//! The border belongs to the outline. Orientation is decided by exact predicates, so the answer does not depend
//! on the direction in which a border was drawn. It knows nothing of names, nor of other boundaries.

use geo::algorithm::kernels::{Kernel, RobustKernel};
use geo::{BoundingRect, Coord, LinesIter, MultiPolygon, Orientation};

/// More bands than this cost memory and save nothing.
const MAX_BANDS: usize = 8192;

/// An outline prepared for many questions.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    bottom: f64,
    bands_per_degree: f64,
    /// Where the edges of each band begin in `members`; one more entry than bands.
    starts: Vec<u32>,
    members: Vec<u32>,
    edges: Vec<Edge>,
}

/// An edge from its lower to its upper end; both neighbours of a border thus hold the same edge.
#[derive(Debug, Clone, Copy)]
struct Edge {
    low: Coord<f64>,
    high: Coord<f64>,
}

impl Outline {
    pub(super) fn new(shape: &MultiPolygon<f64>) -> Self {
        let edges: Vec<Edge> = shape
            .lines_iter()
            .map(|line| {
                let (a, b) = (line.start, line.end);
                if (a.y, a.x) <= (b.y, b.x) { Edge { low: a, high: b } } else { Edge { low: b, high: a } }
            })
            .collect();
        let (bottom, height) = shape.bounding_rect().map_or((0.0, 0.0), |rect| (rect.min().y, rect.height()));
        let bands = edges.len().clamp(1, MAX_BANDS);
        let bands_per_degree = if height > 0.0 { bands as f64 / height } else { 0.0 };
        let mut outline =
            Self { bottom, bands_per_degree, starts: vec![0; bands + 1], members: vec![], edges };
        outline.fill_bands(bands);
        outline
    }

    /// Counting sort of the edges by the bands they reach into.
    fn fill_bands(&mut self, bands: usize) {
        let reach: Vec<_> = self.edges.iter().map(|e| (self.band(e.low.y), self.band(e.high.y))).collect();
        for &(first, last) in &reach {
            for band in first..=last {
                self.starts[band + 1] += 1;
            }
        }
        for band in 0..bands {
            self.starts[band + 1] += self.starts[band];
        }
        let mut next = self.starts.clone();
        self.members = vec![0; self.starts[bands] as usize];
        for (edge, &(first, last)) in (0_u32..).zip(&reach) {
            for cursor in &mut next[first..=last] {
                self.members[*cursor as usize] = edge;
                *cursor += 1;
            }
        }
    }

    /// The band of a height; the same rounding for edges and questions, so no edge at that height is missed.
    fn band(&self, y: f64) -> usize {
        let band = ((y - self.bottom) * self.bands_per_degree) as usize;
        band.min(self.starts.len() - 2)
    }

    /// Tells whether the point lies inside or on the border.
    pub(super) fn covers(&self, point: Coord<f64>) -> bool {
        let band = self.band(point.y);
        let members = &self.members[self.starts[band] as usize..self.starts[band + 1] as usize];
        let mut inside = false;
        for &member in members {
            let Edge { low, high } = self.edges[member as usize];
            if point.y < low.y || point.y > high.y || (point.x > low.x && point.x > high.x) {
                continue;
            }
            let left_of_both = point.x < low.x && point.x < high.x;
            let left = left_of_both
                || match RobustKernel::orient2d(low, high, point) {
                    // On a horizontal edge's line but left of it was caught above, right of it skipped.
                    Orientation::Collinear => return true,
                    Orientation::CounterClockwise => true,
                    Orientation::Clockwise => false,
                };
            // The upper end is left out, so that a ray through a vertex counts one crossing.
            inside ^= left && point.y < high.y;
        }
        inside
    }
}
