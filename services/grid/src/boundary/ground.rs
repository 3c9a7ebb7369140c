//! Measures a shape on the ground: square metres on the WGS-84 ellipsoid.
//!
//! As GeoJSON has it (RFC 7946), an edge is straight in degrees, not the shortest way over the globe. Therefore
//! parts of an area add up to the whole, wherever vertices happen to lie on their common borders.

use geo::{LinesIter, MultiPolygon};

/// Semi-major axis of WGS-84 in metres.
const A: f64 = 6_378_137.0;
/// Flattening of WGS-84.
const F: f64 = 1.0 / 298.257_223_563;
/// Nodes and weights of Gauss's quadrature with three points on 0..1.
const GAUSS: [(f64, f64); 3] =
    [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 4.0 / 9.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// Gives the area in square metres of a valid shape whose outer rings run counter-clockwise.
pub(super) fn area_m2(shape: &MultiPolygon<f64>) -> f64 {
    // Heights are taken from a latitude of the shape itself, or small areas would drown in rounding.
    let Some(base) = shape.lines_iter().next().map(|line| strip(line.start.y)) else { return 0.0 };
    let below = |edge: geo::Line<f64>| -> f64 {
        let height = |share: f64| strip(edge.start.y + share * edge.dy()) - base;
        edge.dx().to_radians() * GAUSS.iter().map(|(share, weight)| weight * height(*share)).sum::<f64>()
    };
    -shape.lines_iter().map(below).sum::<f64>()
}

/// The area between the equator and a latitude, per radian of longitude.
fn strip(latitude: f64) -> f64 {
    let e2 = F * (2.0 - F);
    let e = e2.sqrt();
    let sin = latitude.to_radians().sin();
    A * A * (1.0 - e2) / 2.0 * (sin / (1.0 - e2 * sin * sin) + (e * sin).atanh() / e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{GeodesicArea, Rect};

    fn rectangle(west: f64, south: f64, east: f64, north: f64) -> MultiPolygon<f64> {
        Rect::new((west, south), (east, north)).to_polygon().into()
    }

    #[test]
    fn the_whole_globe_has_its_known_area() {
        let globe = area_m2(&rectangle(-180.0, -90.0, 180.0, 90.0)).abs();
        assert!((globe / 510_065_621_724_089.0 - 1.0).abs() < 1e-9, "{globe}");
    }

    #[test]
    fn small_areas_agree_with_the_geodesic_measure() {
        for (x, y) in [(120.15, 30.27), (-118.24, 34.05), (0.0, 0.0), (18.0, -69.0)] {
            let shape = rectangle(x, y, x + 0.01, y + 0.005);
            let (ours, geodesic) = (area_m2(&shape).abs(), shape.geodesic_area_unsigned());
            assert!((ours / geodesic - 1.0).abs() < 1e-4, "{ours} and {geodesic}");
        }
    }
}
