//! Makes cells where nobody has surveyed a boundary: cuts a known area into parts of equal area, one per name.
//!
//! A made cell always says that it is made. The cutting is deterministic and can be repeated inside a cell
//! (district, sub-district, community, grid); the cells of one area tile it without gap or overlap. It does not
//! know where the named places really lie: order in the list is all it goes by.

use std::collections::HashSet;

use geo::{Area, MultiPolygon};
use serde_json::json;

use super::Boundary;
use super::cut::{Axis, area_below, cut};

/// More cells than this of one area are no longer a sketch but a mistake.
const MAX_CELLS: usize = 10_000;
/// Halvings of the search for the line: enough to reach the resolution of a double.
const HALVINGS: usize = 60;
/// A line through a vertex is shifted by this many degrees (a tenth of a millimetre) until it is free.
const HAIR: f64 = 1e-9;
const SHIFTS: usize = 200;

/// Carries the sentence that every made cell shows, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// 中文说明。
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Stands in for a boundary nobody has surveyed (示意边界). That it is made is its type, not a flag on it.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeCell {
    /// The name of the place it stands for.
    pub name: String,
    /// Its share of the area.
    pub boundary: Boundary,
    /// What to tell whoever sees it.
    pub explanation: Explanation,
}

impl MadeCell {
    /// Writes the cell as a GeoJSON feature whose properties say `made: true` and why.
    pub fn to_feature(&self) -> geojson::Feature {
        let mut feature = geojson::Feature::from(self.boundary.to_geojson());
        for (key, value) in [
            ("name", json!(self.name)),
            ("crs", json!("EPSG:4326")),
            ("made", json!(true)),
            ("explanation_zh", json!(self.explanation.zh)),
            ("explanation_en", json!(self.explanation.en)),
        ] {
            feature.set_property(key, value);
        }
        feature
    }
}

/// Refuses to make cells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellRefusal {
    /// There is no name to make a cell for.
    #[error("no names to make cells for")]
    NoNames,
    /// A name is given twice, so the cells could not be told apart.
    #[error("name {0:?} is given twice")]
    RepeatedName(String),
    /// There are more names than anybody can mean.
    #[error("{count} names, at most {limit} are allowed")]
    TooManyNames {
        /// The names given.
        count: usize,
        /// The names allowed.
        limit: usize,
    },
    /// The area is too small or too intricate to be cut further.
    #[error("the area cannot be cut into {0} cells")]
    NotDivisible(usize),
}

impl CellRefusal {
    /// Explains the refusal in Chinese.
    pub fn explain_zh(&self) -> String {
        match self {
            Self::NoNames => "没有给出名称".to_owned(),
            Self::RepeatedName(name) => format!("名称“{name}”重复"),
            Self::TooManyNames { count, limit } => format!("共 {count} 个名称，超过上限 {limit}"),
            Self::NotDivisible(count) => format!("该范围无法划分为 {count} 份"),
        }
    }
}

/// Cuts the boundary of `area_name` into one cell per name, of equal area, in the order of the names.
///
/// Each step cuts across the longer side, so neighbours in the list are neighbours on the ground. In a concave
/// area a cell may consist of several parts.
pub fn make_cells<N: AsRef<str>>(
    area: &Boundary,
    area_name: &str,
    names: &[N],
) -> Result<Vec<MadeCell>, CellRefusal> {
    if names.is_empty() {
        return Err(CellRefusal::NoNames);
    }
    if names.len() > MAX_CELLS {
        return Err(CellRefusal::TooManyNames { count: names.len(), limit: MAX_CELLS });
    }
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().map(AsRef::as_ref).find(|name| !seen.insert(*name)) {
        return Err(CellRefusal::RepeatedName(name.to_owned()));
    }
    let mut shapes = Vec::with_capacity(names.len());
    divide(area.shape().clone(), names.len(), &mut shapes).ok_or(CellRefusal::NotDivisible(names.len()))?;
    let explanation = explanation(area_name, names.len());
    let cells = names.iter().zip(shapes).map(|(name, shape)| {
        let boundary = Boundary::from_valid(shape)?;
        Some(MadeCell { name: name.as_ref().to_owned(), boundary, explanation: explanation.clone() })
    });
    cells.collect::<Option<_>>().ok_or(CellRefusal::NotDivisible(names.len()))
}

fn explanation(area_name: &str, count: usize) -> Explanation {
    Explanation {
        zh: format!(
            "示意边界：由系统将“{area_name}”按面积均分为 {count} 份生成，并非实测界线，不得作为管辖依据。"
        ),
        en: format!(
            "Made boundary: {area_name} was cut into {count} parts of equal area by the system. \
             It was not surveyed and proves no jurisdiction."
        ),
    }
}

/// Divides a shape into `count` parts, the western or southern ones first.
fn divide(shape: MultiPolygon<f64>, count: usize, cells: &mut Vec<MultiPolygon<f64>>) -> Option<()> {
    if count == 1 {
        cells.push(shape);
        return Some(());
    }
    let (axis, low, high) = longer_side(&shape)?;
    let low_count = count / 2;
    let wanted = shape.unsigned_area() * low_count as f64 / count as f64;
    let line = line_with_area_below(&shape, axis, (low, high), wanted);
    let (below, above) = (0..SHIFTS).find_map(|shift| {
        // Alternating sides keep the line close to where it ought to be.
        let hairs = shift.div_ceil(2) as f64 * if shift % 2 == 0 { 1.0 } else { -1.0 };
        let at = line + hairs * HAIR;
        let (below, above) = if low < at && at < high { cut(&shape, axis, at)? } else { return None };
        (!below.0.is_empty() && !above.0.is_empty()).then_some((below, above))
    })?;
    divide(below, low_count, cells)?;
    divide(above, count - low_count, cells)
}

/// Chooses the axis across the longer side on the ground, and the extent along it.
fn longer_side(shape: &MultiPolygon<f64>) -> Option<(Axis, f64, f64)> {
    let bounds = geo::BoundingRect::bounding_rect(shape)?;
    let (min, max) = (bounds.min(), bounds.max());
    let width = bounds.width() * bounds.center().y.to_radians().cos();
    Some(if width >= bounds.height() {
        (Axis::Longitude, min.x, max.x)
    } else {
        (Axis::Latitude, min.y, max.y)
    })
}

fn line_with_area_below(shape: &MultiPolygon<f64>, axis: Axis, extent: (f64, f64), wanted: f64) -> f64 {
    let (mut low, mut high) = extent;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if area_below(shape, axis, middle) < wanted { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
