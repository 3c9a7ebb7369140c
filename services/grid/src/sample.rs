//! Grids for a demonstration, where no real ones exist: the outline of a district is cut into its sub-districts, those into their communities and
//! those into grids. Pure and the same every time; every grid says that it is made. Knows no file and no service: whoever asks brings the names.

use std::collections::BTreeMap;

use gongzhi_proto::ids::{AreaCode, GridId};

use crate::boundary::{Boundary, CellRefusal, Import, ImportRefusal, import, make_cells};

/// Communities of the sample that have more than one grid, and how many: 米市社区 is the one whose days are told in detail.
pub const SEVERAL: [(&str, usize); 1] = [("330105001052", 4)];

/// Most grids of a community: their numbers have two digits.
const MAX_GRIDS: usize = 99;

/// A sub-district as it is to be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubDistrict {
    /// Its name.
    pub name: String,
    /// Code and name of each of its communities.
    pub communities: Vec<(AreaCode, String)>,
}

/// A grid that was made (示意网格).
#[derive(Clone, Debug, PartialEq)]
pub struct MadeGrid {
    /// Its id.
    pub id: GridId,
    /// Its name, for example 米市社区第二网格.
    pub name: String,
    /// GeoJSON feature in WGS 84 whose properties say `made: true` and why.
    pub geojson: String,
}

/// Refuses to make a sample.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SampleRefusal {
    /// The district's outline cannot be read.
    #[error("the outline of the district cannot be read: {0}")]
    Outline(String),
    /// A part cannot be cut.
    #[error("{0} cannot be cut: {1}")]
    Cut(String, CellRefusal),
    /// It is no community, or has too many grids.
    #[error("{0} must be a community with 1 to {MAX_GRIDS} grids")]
    Community(AreaCode),
}

impl From<ImportRefusal> for SampleRefusal {
    fn from(refusal: ImportRefusal) -> Self {
        Self::Outline(refusal.to_string())
    }
}

/// Makes the grids of a district from its outline, a GeoJSON feature that states its coordinate system. A community that `several` does not name gets
/// one grid. Sub-districts share the district equally and so on downwards: nothing is known of where they really lie.
pub fn make_grids(
    district_geojson: &str,
    sub_districts: &[SubDistrict],
    several: &BTreeMap<AreaCode, usize>,
) -> Result<Vec<MadeGrid>, SampleRefusal> {
    let (name, district) = outline(import(district_geojson, None)?)?;
    let names: Vec<_> = sub_districts.iter().map(|sub_district| sub_district.name.as_str()).collect();
    let cells = make_cells(&district, &name, &names).map_err(|refusal| SampleRefusal::Cut(name, refusal))?;
    let mut grids = Vec::new();
    for (sub_district, cell) in sub_districts.iter().zip(cells) {
        // Two communities may have one name; their codes differ.
        let codes: Vec<_> = sub_district.communities.iter().map(|(code, _)| code.as_str()).collect();
        let cells = make_cells(&cell.boundary, &sub_district.name, &codes)
            .map_err(|refusal| SampleRefusal::Cut(sub_district.name.clone(), refusal))?;
        for ((code, name), cell) in sub_district.communities.iter().zip(cells) {
            let count = several.get(code).copied().unwrap_or(1);
            grids.extend(grids_of(code, name, &cell.boundary, count)?);
        }
    }
    Ok(grids)
}

/// Takes the one outline and its name.
fn outline(mut import: Import) -> Result<(String, Boundary), SampleRefusal> {
    if let Some(refusal) = import.refused.first() {
        return Err(SampleRefusal::Outline(refusal.to_string()));
    }
    match (import.accepted.pop(), import.accepted.len()) {
        (Some(feature), 0) => Ok((feature.label.name.unwrap_or_default(), feature.boundary)),
        (_, others) => Err(SampleRefusal::Outline(format!("one feature is needed, found {}", others + 1))),
    }
}

fn grids_of(
    code: &AreaCode,
    community: &str,
    boundary: &Boundary,
    count: usize,
) -> Result<Vec<MadeGrid>, SampleRefusal> {
    if !(1..=MAX_GRIDS).contains(&count) {
        return Err(SampleRefusal::Community(code.clone()));
    }
    let names: Vec<_> = (1..=count).map(|nth| format!("{community}第{}网格", numeral(nth))).collect();
    let cells = make_cells(boundary, community, &names)
        .map_err(|refusal| SampleRefusal::Cut(community.to_owned(), refusal))?;
    (1..)
        .zip(cells)
        .map(|(nth, cell): (usize, _)| {
            let id = GridId::parse(&format!("{code}-{nth:02}"))
                .map_err(|_| SampleRefusal::Community(code.clone()))?;
            let geojson = cell.to_feature().to_string();
            Ok(MadeGrid { id, name: cell.name, geojson })
        })
        .collect()
}

/// Writes a number from 1 to 99 in Chinese.
fn numeral(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

#[cfg(test)]
mod tests {
    use super::numeral;

    #[test]
    fn numbers_are_written_as_they_are_spoken() {
        let written = [1, 4, 10, 12, 20, 34, 99].map(numeral);
        assert_eq!(written, ["一", "四", "十", "十二", "二十", "三十四", "九十九"]);
    }
}
