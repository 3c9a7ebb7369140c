//! The story of a boundary: a GeoJSON document states its coordinate system (`crs`), its features are read
//! (`import`), broken rings are repaired or refused by name (`repair`), and a place is found among the
//! boundaries that came through (`locate`). Where no surveyed boundary exists, `cells` makes openly marked ones.
//!
//! Pure geometry in WGS-84 degrees: it knows no database, no rpc and no people. Shapes that cross the
//! antimeridian are outside its world.

mod cells;
mod crs;
mod cut;
mod ground;
mod import;
mod locate;
mod outline;
mod proof;
mod refusal;
mod repair;
mod rings;

pub use cells::{CellRefusal, Explanation, MadeCell, make_cells};
pub use crs::{Crs, UnknownCrs};
pub use import::{BoundaryFeature, Import, ImportRefusal, import};
pub use locate::Locator;
pub use refusal::{FeatureLabel, FeatureRefusal, Reason, VertexPlace};
pub use repair::{Repair, RingPlace};

use geo::{BoundingRect, MultiPolygon, Rect};

/// The most vertices one boundary may have: ten times the longest real district outline at survey detail,
/// and still repaired within a request.
pub const MAX_POINTS: usize = 20_000;

/// Bounds an area on the ground (边界): a valid, not empty multi-polygon in WGS-84, outer rings
/// counter-clockwise. Only `import` and `make_cells` make one, so whoever holds it need not check again.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    shape: MultiPolygon<f64>,
    area_m2: f64,
    bounds: Rect<f64>,
}

impl Boundary {
    /// Trusts the shape to be valid and oriented; an empty one has no bounds and is no boundary.
    fn from_valid(shape: MultiPolygon<f64>) -> Option<Self> {
        let bounds = shape.bounding_rect()?;
        let area_m2 = ground::area_m2(&shape);
        Some(Self { shape, area_m2, bounds })
    }

    /// Returns the shape in WGS-84 degrees, `x` east and `y` north.
    pub fn shape(&self) -> &MultiPolygon<f64> {
        &self.shape
    }

    /// Returns the area on the WGS-84 ellipsoid, in square metres, edges being straight in degrees.
    pub fn area_m2(&self) -> f64 {
        self.area_m2
    }

    /// Returns the smallest box of degrees around the shape.
    pub fn bounds(&self) -> Rect<f64> {
        self.bounds
    }

    /// Writes the shape as a GeoJSON geometry, for storage and for the map.
    pub fn to_geojson(&self) -> geojson::Geometry {
        geojson::Geometry::new(geojson::GeometryValue::from(&self.shape))
    }
}
