//! Why a feature is no boundary, told by the feature's name and the place of the fault, in Chinese and English.
//!
//! It finds no faults itself; `import` and `repair` do.

use std::fmt;

use super::crs::{Crs, UnknownCrs};

/// Names a feature so that whoever drew it can find it again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FeatureLabel {
    /// The place in the document, from zero.
    pub index: usize,
    /// The property `code`, or the identifier of the feature.
    pub code: Option<String>,
    /// The property `name`.
    pub name: Option<String>,
}

impl fmt::Display for FeatureLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.code) {
            (Some(name), Some(code)) => write!(f, "{name} ({code})"),
            (Some(only), None) | (None, Some(only)) => f.write_str(only),
            (None, None) => write!(f, "#{}", self.index + 1),
        }
    }
}

/// Points at a place on the outline of a feature, in the coordinates in which the document states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VertexPlace {
    /// The polygon within the feature, from zero.
    pub part: usize,
    /// The ring within the polygon, zero being the outer one.
    pub ring: usize,
    /// The vertex within the ring, from zero; none where edges cross between vertices.
    pub point: Option<usize>,
    /// The longitude as read.
    pub lon: f64,
    /// The latitude as read.
    pub lat: f64,
}

/// Gives the reason for which a feature was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Reason {
    /// It does not follow the GeoJSON format.
    #[error("not a GeoJSON feature: {0}")]
    Malformed(String),
    /// It has a geometry that bounds no area, or none.
    #[error("a Polygon or MultiPolygon is needed, found {found}")]
    NotAnArea {
        /// The GeoJSON type that was found.
        found: String,
    },
    /// Nobody said in which system the coordinates are.
    #[error("the coordinate reference system is not stated")]
    CrsNotStated,
    /// The stated system is not one of ours.
    #[error(transparent)]
    CrsUnknown(#[from] UnknownCrs),
    /// Two statements about the system contradict each other.
    #[error("coordinate reference system stated both as {0} and as {1}")]
    CrsContradicted(Crs, Crs),
    /// It is larger than one request may carry.
    #[error("{count} points, at most {limit} are allowed")]
    TooManyPoints {
        /// The points found.
        count: usize,
        /// The points allowed.
        limit: usize,
    },
    /// A coordinate is not a finite number.
    #[error("coordinate is not a finite number")]
    NotFinite,
    /// The two numbers make sense only the other way round.
    #[error("looks like latitude and longitude are swapped")]
    LooksSwapped,
    /// The numbers are too large to be degrees.
    #[error("looks like metres of a map projection, degrees are needed")]
    LooksProjected,
    /// Longitude or latitude lies outside the globe.
    #[error("longitude or latitude out of range")]
    OutOfRange,
    /// Nothing with an area is left of it.
    #[error("encloses no area")]
    NoArea,
    /// Its outline crosses itself, and the two usual readings of such an outline disagree.
    #[error(
        "outline crosses itself and can be read as {} m² or as {} m²",
        even_odd_m2.round(),
        non_zero_m2.round()
    )]
    AmbiguousCrossing {
        /// The area when what is enclosed twice counts as outside.
        even_odd_m2: f64,
        /// The area when whatever is enclosed counts as inside.
        non_zero_m2: f64,
    },
    /// A hole lies wholly outside: more likely a second part written in the wrong place.
    #[error("a hole lies outside the outer ring")]
    HoleOutside,
    /// The repair was tried and the outline still crosses itself.
    #[error("outline crosses itself and could not be repaired")]
    NotRepairable,
}

impl Reason {
    /// Explains the reason in Chinese, for whoever uploaded the document.
    pub fn explain_zh(&self) -> String {
        match self {
            Self::Malformed(detail) => format!("不符合 GeoJSON 格式：{detail}"),
            Self::NotAnArea { found } => format!("需要 Polygon 或 MultiPolygon，实际为 {found}"),
            Self::CrsNotStated => "未说明坐标系".to_owned(),
            Self::CrsUnknown(UnknownCrs(name)) => format!("不认识的坐标系“{name}”"),
            Self::CrsContradicted(one, other) => format!("坐标系说明互相矛盾：{one} 与 {other}"),
            Self::TooManyPoints { count, limit } => format!("共 {count} 个点，超过上限 {limit}"),
            Self::NotFinite => "坐标不是有限数".to_owned(),
            Self::LooksSwapped => "经度和纬度似乎写反了".to_owned(),
            Self::LooksProjected => "坐标似乎是投影后的米，需要经纬度".to_owned(),
            Self::OutOfRange => "经度或纬度超出范围".to_owned(),
            Self::NoArea => "没有围成任何面积".to_owned(),
            Self::AmbiguousCrossing { even_odd_m2, non_zero_m2 } => {
                format!("边界自相交，面积可理解为 {even_odd_m2:.0} 或 {non_zero_m2:.0} 平方米，无法确定")
            }
            Self::HoleOutside => "内环落在外环之外".to_owned(),
            Self::NotRepairable => "边界自相交，无法修复".to_owned(),
        }
    }
}

/// Refuses one feature, by its name, with the reason and where the fault is.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRefusal {
    /// The feature.
    pub label: FeatureLabel,
    /// Why it was refused.
    pub reason: Reason,
    /// The vertex at fault, where one can be shown.
    pub at: Option<VertexPlace>,
}

impl fmt::Display for FeatureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.reason)?;
        let Some(at) = self.at else { return Ok(()) };
        write!(f, " near {}, {} (part {}, ring {}", at.lon, at.lat, at.part, at.ring)?;
        match at.point {
            Some(point) => write!(f, ", point {point})"),
            None => f.write_str(")"),
        }
    }
}

impl std::error::Error for FeatureRefusal {}

impl FeatureRefusal {
    /// Explains the refusal in Chinese, for whoever uploaded the document.
    pub fn explain_zh(&self) -> String {
        let place =
            self.at.map_or_else(String::new, |at| format!("，位置约在经度 {}、纬度 {}", at.lon, at.lat));
        format!("{}：{}{place}", self.label, self.reason.explain_zh())
    }
}
