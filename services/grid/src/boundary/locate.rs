//! Finds the boundary in which a place lies, among many.
//!
//! The rule where boundaries touch or overlap: a border belongs to all boundaries that share it, and of all that
//! cover a place the one with the smallest area answers, between equal areas the one with the smaller id. Hence a
//! place has one answer or none, whatever the order in which boundaries were loaded.

use geo::{Coord, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::Boundary;
use super::outline::Outline;

/// Indexes boundaries by an id of the caller's choice. It is immutable: a changed boundary means a new index.
#[derive(Debug, Clone)]
pub struct Locator<Id> {
    /// Ordered by precedence: smaller areas first, then smaller ids.
    entries: Vec<(Id, Outline)>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl<Id: Ord> Locator<Id> {
    /// Builds the index.
    pub fn new<'a>(boundaries: impl IntoIterator<Item = (Id, &'a Boundary)>) -> Self {
        let mut boundaries: Vec<_> = boundaries.into_iter().collect();
        boundaries.sort_by(|(id, one), (other_id, other)| {
            one.area_m2().total_cmp(&other.area_m2()).then_with(|| id.cmp(other_id))
        });
        let boxes =
            boundaries.iter().enumerate().map(|(i, (_, b))| GeomWithData::new(corners(b.bounds()), i));
        let boxes = RTree::bulk_load(boxes.collect());
        let entries = boundaries.into_iter().map(|(id, b)| (id, Outline::new(b.shape()))).collect();
        Self { entries, boxes }
    }

    /// Returns the boundary that answers for a place in WGS-84 degrees.
    pub fn locate(&self, lon: f64, lat: f64) -> Option<&Id> {
        let point = Coord { x: lon, y: lat };
        let mut best: Option<usize> = None;
        for entry in self.boxes_at(point) {
            if best.is_none_or(|best| entry < best) && self.entries[entry].1.covers(point) {
                best = Some(entry);
            }
        }
        best.map(|entry| &self.entries[entry].0)
    }

    /// Returns every boundary that covers a place, the one that answers first.
    pub fn covering(&self, lon: f64, lat: f64) -> Vec<&Id> {
        let point = Coord { x: lon, y: lat };
        let mut hits: Vec<usize> =
            self.boxes_at(point).filter(|&entry| self.entries[entry].1.covers(point)).collect();
        hits.sort_unstable();
        hits.into_iter().map(|entry| &self.entries[entry].0).collect()
    }

    /// Returns how many boundaries are indexed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether nothing is indexed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn boxes_at(&self, point: Coord<f64>) -> impl Iterator<Item = usize> {
        let at = AABB::from_point([point.x, point.y]);
        // What is not a number is nowhere; asked of the tree, it would compare false with every bound.
        let is_place = point.x.is_finite() && point.y.is_finite();
        self.boxes.locate_in_envelope_intersecting(&at).filter(move |_| is_place).map(|entry| entry.data)
    }
}

fn corners(bounds: Rect<f64>) -> Rectangle<[f64; 2]> {
    Rectangle::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y])
}
