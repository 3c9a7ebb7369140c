//! Coordinate reference systems an input may come in, and the way from each to WGS-84.
//!
//! The shifts of GCJ-02 and BD-09 follow the algorithm as publicly described (the polynomial with sine terms
//! over the Krasovsky ellipsoid, and the polar offset Baidu lays over it). Neither has a closed inverse: it is
//! found by fixed-point iteration. This module knows nothing of rings, features or files.

use std::f64::consts::PI;
use std::str::FromStr;

use geo::Coord;

/// Semi-major axis of the Krasovsky 1940 ellipsoid in metres, as the public description of GCJ-02 uses it.
const KRASOVSKY_A: f64 = 6_378_245.0;
/// Squared eccentricity of the same ellipsoid.
const KRASOVSKY_E2: f64 = 0.006_693_421_622_965_943;
/// The period of the offset of BD-09 in degrees.
const BD09_PERIOD: f64 = PI * 3000.0 / 180.0;
/// The inverse stops at a hundredth of the promised 1e-7 degrees; it takes three to five rounds.
const INVERSE_TOLERANCE: f64 = 1e-9;
const INVERSE_ROUNDS: usize = 30;

/// Names the coordinate reference system (坐标系) in which an input states its longitudes and latitudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crs {
    /// EPSG:4326: GPS, and everything inside this service.
    Wgs84,
    /// EPSG:4490 (国家大地坐标系): centimetres away from WGS-84, taken as equal.
    Cgcs2000,
    /// The shifted system of maps published in China (火星坐标).
    Gcj02,
    /// Baidu's shift on top of GCJ-02 (百度坐标).
    Bd09,
}

/// Refuses a name of a coordinate reference system that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown coordinate reference system {0:?}; known are WGS-84, CGCS2000, GCJ-02 and BD-09")]
pub struct UnknownCrs(pub String);

impl FromStr for Crs {
    type Err = UnknownCrs;

    /// Reads names (`GCJ-02`), codes (`EPSG:4490`) and OGC URNs; letter case and punctuation do not matter.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let plain: String =
            name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let is =
            |known: &str| plain == known || (plain.starts_with("URNOGCDEFCRS") && plain.ends_with(known));
        if ["WGS84", "EPSG4326", "CRS84"].into_iter().any(is) {
            Ok(Self::Wgs84)
        } else if ["CGCS2000", "EPSG4490"].into_iter().any(is) {
            Ok(Self::Cgcs2000)
        } else if is("GCJ02") {
            Ok(Self::Gcj02)
        } else if ["BD09", "BD09LL"].into_iter().any(is) {
            Ok(Self::Bd09)
        } else {
            Err(UnknownCrs(name.to_owned()))
        }
    }
}

impl std::fmt::Display for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wgs84 => "WGS-84",
            Self::Cgcs2000 => "CGCS2000",
            Self::Gcj02 => "GCJ-02",
            Self::Bd09 => "BD-09",
        })
    }
}

impl Crs {
    /// Converts a position to WGS-84. Outside the box of China nothing was ever shifted, so nothing changes.
    pub fn to_wgs84(self, position: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => position,
            Self::Gcj02 => invert(wgs84_to_gcj02, position),
            Self::Bd09 => invert(wgs84_to_gcj02, invert(gcj02_to_bd09, position)),
        }
    }

    /// Gives the coordinates this system has for a position in WGS-84, for maps that draw in a shifted system.
    pub fn coordinates_of(self, position: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => position,
            Self::Gcj02 => wgs84_to_gcj02(position),
            Self::Bd09 => gcj02_to_bd09(wgs84_to_gcj02(position)),
        }
    }

    /// Tells whether the system is used in China only, where a place elsewhere is a mistake of the input.
    pub(super) fn is_chinese(self) -> bool {
        match self {
            Self::Wgs84 => false,
            Self::Cgcs2000 | Self::Gcj02 | Self::Bd09 => true,
        }
    }
}

/// Tells whether a position lies in the box within which the public algorithm shifts.
pub(super) fn in_china(position: Coord<f64>) -> bool {
    (72.004..=137.8347).contains(&position.x) && (0.8293..=55.8271).contains(&position.y)
}

/// Finds the position that `forward` takes to `target`. The shift changes by less than 1 % over its own
/// length, so correcting the guess by the remaining error contracts quickly.
fn invert(forward: fn(Coord<f64>) -> Coord<f64>, target: Coord<f64>) -> Coord<f64> {
    if !in_china(target) {
        return target;
    }
    let mut guess = target;
    for _ in 0..INVERSE_ROUNDS {
        let error = target - forward(guess);
        guess = guess + error;
        if error.x.abs() < INVERSE_TOLERANCE && error.y.abs() < INVERSE_TOLERANCE {
            break;
        }
    }
    guess
}

fn wgs84_to_gcj02(position: Coord<f64>) -> Coord<f64> {
    if !in_china(position) {
        return position;
    }
    let (x, y) = (position.x - 105.0, position.y - 35.0);
    let (sin_lat, cos_lat) = position.y.to_radians().sin_cos();
    let curvature = 1.0 - KRASOVSKY_E2 * sin_lat * sin_lat;
    let metres_per_radian_north = KRASOVSKY_A * (1.0 - KRASOVSKY_E2) / (curvature * curvature.sqrt());
    let metres_per_radian_east = KRASOVSKY_A / curvature.sqrt() * cos_lat;
    Coord {
        x: position.x + (metres_east(x, y) / metres_per_radian_east).to_degrees(),
        y: position.y + (metres_north(x, y) / metres_per_radian_north).to_degrees(),
    }
}

fn metres_east(x: f64, y: f64) -> f64 {
    let plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    let waves = shared_waves(x)
        + 20.0 * (x * PI).sin()
        + 40.0 * (x / 3.0 * PI).sin()
        + 150.0 * (x / 12.0 * PI).sin()
        + 300.0 * (x / 30.0 * PI).sin();
    plain + waves * 2.0 / 3.0
}

fn metres_north(x: f64, y: f64) -> f64 {
    let plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    let waves = shared_waves(x)
        + 20.0 * (y * PI).sin()
        + 40.0 * (y / 3.0 * PI).sin()
        + 160.0 * (y / 12.0 * PI).sin()
        + 320.0 * (y / 30.0 * PI).sin();
    plain + waves * 2.0 / 3.0
}

fn shared_waves(x: f64) -> f64 {
    20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()
}

fn gcj02_to_bd09(position: Coord<f64>) -> Coord<f64> {
    if !in_china(position) {
        return position;
    }
    let (x, y) = (position.x, position.y);
    let radius = x.hypot(y) + 0.000_02 * (y * BD09_PERIOD).sin();
    let angle = y.atan2(x) + 0.000_003 * (x * BD09_PERIOD).cos();
    Coord { x: radius * angle.cos() + 0.0065, y: radius * angle.sin() + 0.006 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HANGZHOU: Coord<f64> = Coord { x: 120.1551, y: 30.2741 };

    #[test]
    fn shifts_hangzhou_as_its_maps_are_shifted() {
        let shift = Crs::Gcj02.coordinates_of(HANGZHOU) - HANGZHOU;
        assert!((shift.x - 0.0047).abs() < 0.0002, "{shift:?}");
        assert!((shift.y + 0.0023).abs() < 0.0002, "{shift:?}");
    }

    #[test]
    fn leaves_the_rest_of_the_world_untouched() {
        let los_angeles = Coord { x: -118.24, y: 34.05 };
        for crs in [Crs::Wgs84, Crs::Cgcs2000, Crs::Gcj02, Crs::Bd09] {
            assert_eq!(crs.to_wgs84(los_angeles), los_angeles);
            assert_eq!(crs.coordinates_of(los_angeles), los_angeles);
        }
    }

    #[test]
    fn reads_names_codes_and_urns() {
        for (name, crs) in [
            ("WGS-84", Crs::Wgs84),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", Crs::Wgs84),
            ("epsg:4326", Crs::Wgs84),
            ("urn:ogc:def:crs:EPSG::4490", Crs::Cgcs2000),
            ("gcj02", Crs::Gcj02),
            ("BD-09", Crs::Bd09),
        ] {
            assert_eq!(name.parse(), Ok(crs), "{name}");
        }
        for name in ["EPSG:3857", "", "EPSG:432", "notWGS84"] {
            assert_eq!(name.parse::<Crs>(), Err(UnknownCrs(name.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn comes_back_from_every_shift(x in 72.1..137.7_f64, y in 0.9..55.7_f64) {
            let start = Coord { x, y };
            for crs in [Crs::Gcj02, Crs::Bd09] {
                let shifted = crs.coordinates_of(start);
                prop_assert!((shifted - start).x.abs() > 1e-5 || (shifted - start).y.abs() > 1e-5);
                let back = crs.to_wgs84(shifted);
                prop_assert!((back.x - x).abs() < 1e-7 && (back.y - y).abs() < 1e-7, "{crs}: {back:?}");
                let again = crs.coordinates_of(back);
                prop_assert!((again - shifted).x.abs() < 1e-7 && (again - shifted).y.abs() < 1e-7);
            }
        }
    }
}
