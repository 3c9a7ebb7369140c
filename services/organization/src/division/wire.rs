//! The contract's words for a division, and ours. Knows no SQL and asks nobody.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::ids::{AreaCode, Level};
use gongzhi_proto::organization::v1 as pb;

use super::file::EstateType;
use super::store::{Listed, Search};

/// Divisions on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (500, 1000);

pub(super) fn list(request: &pb::ListDivisionsRequest) -> Result<Search, Failure> {
    let mut violations = Violations::new();
    let area = violations.id("area_code", &request.area_code, AreaCode::parse);
    let deepest = match pb::DivisionLevel::try_from(request.deepest) {
        Ok(level) => self::deepest(level),
        Err(_) => {
            violations.add("deepest", format!("has no value {}", request.deepest));
            Level::Community
        }
    };
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    violations.open(area.map(|area| Search { area, deepest, page }))
}

fn deepest(level: pb::DivisionLevel) -> Level {
    match level {
        pb::DivisionLevel::Province => Level::Province,
        pb::DivisionLevel::City => Level::City,
        pb::DivisionLevel::District => Level::District,
        pb::DivisionLevel::SubDistrict => Level::SubDistrict,
        pb::DivisionLevel::Unspecified | pb::DivisionLevel::Community => Level::Community,
        pb::DivisionLevel::Estate => Level::Estate,
        pb::DivisionLevel::Building => Level::Building,
    }
}

pub(super) fn level(level: Level) -> pb::DivisionLevel {
    match level {
        Level::Province => pb::DivisionLevel::Province,
        Level::City => pb::DivisionLevel::City,
        Level::District => pb::DivisionLevel::District,
        Level::SubDistrict => pb::DivisionLevel::SubDistrict,
        Level::Community => pb::DivisionLevel::Community,
        Level::Estate => pb::DivisionLevel::Estate,
        Level::Building => pb::DivisionLevel::Building,
    }
}

pub(super) fn division((code, listed): (AreaCode, Listed)) -> pb::Division {
    let estate_type = match listed.estate_type {
        None => pb::EstateType::Unspecified,
        Some(EstateType::Old) => pb::EstateType::Old,
        Some(EstateType::Commercial) => pb::EstateType::Commercial,
    };
    pb::Division {
        area_code: code.to_string(),
        name: listed.name,
        level: level(code.level()).into(),
        estate_type: estate_type.into(),
    }
}
