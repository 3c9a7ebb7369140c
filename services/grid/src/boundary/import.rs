//! Reads a GeoJSON document into boundaries: finds its features, their names and their stated coordinate system.
//!
//! All bad features are reported at once. What makes a ring good or bad is the matter of `rings` and `repair`.

use geojson::{Feature, GeometryValue, PolygonType};
use serde_json::Value;

use super::crs::Crs;
use super::refusal::{FeatureLabel, FeatureRefusal, Reason};
use super::repair::{Repair, assemble};
use super::rings::read_ring;
use super::{Boundary, MAX_POINTS};

/// Carries one accepted feature: its name, its boundary and what had to be repaired.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundaryFeature {
    /// The feature in the document.
    pub label: FeatureLabel,
    /// The system it was stated in, before it became WGS-84.
    pub crs: Crs,
    /// The boundary.
    pub boundary: Boundary,
    /// What was changed; empty when the feature was taken as it was.
    pub repairs: Vec<Repair>,
}

/// Holds what came of a document. Whether a partly refused document is used is for the caller to decide.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// The features that became boundaries, in document order.
    pub accepted: Vec<BoundaryFeature>,
    /// The features that did not, in document order.
    pub refused: Vec<FeatureRefusal>,
}

/// Refuses a document as a whole, because no feature can be found in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// It is not JSON, or JSON of another kind.
    #[error("not a GeoJSON document: {0}")]
    NotGeoJson(String),
    /// It is a collection without a feature.
    #[error("the document holds no feature")]
    Empty,
}

impl ImportRefusal {
    /// Explains the refusal in Chinese, for whoever uploaded the document.
    pub fn explain_zh(&self) -> String {
        match self {
            Self::NotGeoJson(detail) => format!("不是 GeoJSON 文件：{detail}"),
            Self::Empty => "文件中没有任何要素".to_owned(),
        }
    }
}

/// Reads a Feature, a FeatureCollection or a bare Polygon or MultiPolygon.
///
/// The system must be stated: by the caller, by a member `crs` of the document (a name, or the object of
/// GeoJSON 2008) or by a property `crs` of the feature. Statements that contradict each other are refused.
pub fn import(document: &str, stated: Option<Crs>) -> Result<Import, ImportRefusal> {
    let document: Value =
        serde_json::from_str(document).map_err(|e| ImportRefusal::NotGeoJson(e.to_string()))?;
    let document_crs = document.get("crs").cloned();
    let features = match document.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => match document.get("features") {
            Some(Value::Array(features)) => features.clone(),
            Some(_) | None => return Err(ImportRefusal::NotGeoJson("features is not an array".to_owned())),
        },
        Some("Feature") => vec![document],
        Some(_) => vec![serde_json::json!({ "type": "Feature", "properties": null, "geometry": document })],
        None => return Err(ImportRefusal::NotGeoJson("no type".to_owned())),
    };
    if features.is_empty() {
        return Err(ImportRefusal::Empty);
    }
    let mut result = Import::default();
    for (index, feature) in features.into_iter().enumerate() {
        let label = label(index, &feature);
        match read_feature(feature, document_crs.as_ref(), stated) {
            Ok((crs, boundary, repairs)) => {
                result.accepted.push(BoundaryFeature { label, crs, boundary, repairs });
            }
            Err((reason, at)) => result.refused.push(FeatureRefusal { label, reason, at }),
        }
    }
    Ok(result)
}

type Fault = (Reason, Option<super::VertexPlace>);

fn label(index: usize, feature: &Value) -> FeatureLabel {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) | None => None,
    };
    let property = |key: &str| text(feature.get("properties").and_then(|properties| properties.get(key)));
    FeatureLabel { index, code: property("code").or_else(|| text(feature.get("id"))), name: property("name") }
}

fn read_feature(
    feature: Value,
    document_crs: Option<&Value>,
    stated: Option<Crs>,
) -> Result<(Crs, Boundary, Vec<Repair>), Fault> {
    let bare = |reason| (reason, None);
    let feature_crs = feature.get("properties").and_then(|properties| properties.get("crs")).cloned();
    let crs =
        agree([stated, read_crs(document_crs).map_err(bare)?, read_crs(feature_crs.as_ref()).map_err(bare)?])
            .map_err(bare)?;
    let feature =
        serde_json::from_value::<Feature>(feature).map_err(|e| bare(Reason::Malformed(e.to_string())))?;
    let polygons = polygons(feature).map_err(bare)?;
    let count = polygons.iter().flatten().map(Vec::len).sum();
    if count > MAX_POINTS {
        return Err(bare(Reason::TooManyPoints { count, limit: MAX_POINTS }));
    }
    let mut repairs = Vec::new();
    let mut parts = Vec::with_capacity(polygons.len());
    for (part, polygon) in polygons.iter().enumerate() {
        let mut rings = Vec::with_capacity(polygon.len());
        for (ring, positions) in polygon.iter().enumerate() {
            let place = super::RingPlace { part, ring };
            let read =
                read_ring(place, positions, crs, &mut repairs).map_err(|(reason, at)| (reason, Some(at)))?;
            match read {
                Some(read) => rings.push(read),
                // Without its outer ring a polygon encloses nothing, whatever its holes are.
                None if ring == 0 => break,
                None => {}
            }
        }
        parts.push(rings);
    }
    let shape = assemble(parts, crs, &mut repairs)?;
    let boundary = Boundary::from_valid(shape).ok_or_else(|| bare(Reason::NoArea))?;
    Ok((crs, boundary, repairs))
}

/// Reads a statement such as `"GCJ-02"` or `{"type": "name", "properties": {"name": "urn:..."}}`.
fn read_crs(statement: Option<&Value>) -> Result<Option<Crs>, Reason> {
    let name = match statement {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(name)) => name.clone(),
        Some(other) => match other.pointer("/properties/name").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => other.to_string(),
        },
    };
    Ok(Some(name.parse()?))
}

fn agree(statements: [Option<Crs>; 3]) -> Result<Crs, Reason> {
    let mut statements = statements.into_iter().flatten();
    let first = statements.next().ok_or(Reason::CrsNotStated)?;
    match statements.find(|other| *other != first) {
        Some(other) => Err(Reason::CrsContradicted(first, other)),
        None => Ok(first),
    }
}

fn polygons(feature: Feature) -> Result<Vec<PolygonType>, Reason> {
    let Some(geometry) = feature.geometry else {
        return Err(Reason::NotAnArea { found: "null".to_owned() });
    };
    match geometry.value {
        GeometryValue::Polygon { coordinates } => Ok(vec![coordinates]),
        GeometryValue::MultiPolygon { coordinates } => Ok(coordinates),
        other @ (GeometryValue::Point { .. }
        | GeometryValue::MultiPoint { .. }
        | GeometryValue::LineString { .. }
        | GeometryValue::MultiLineString { .. }
        | GeometryValue::GeometryCollection { .. }) => {
            Err(Reason::NotAnArea { found: other.type_name().to_owned() })
        }
    }
}
