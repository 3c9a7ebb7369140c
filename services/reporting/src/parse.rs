//! Fields that several requests have.

use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::ids::{AreaCode, Level};

/// Takes the area of a board.
pub(crate) fn board(area_code: &str) -> Result<AreaCode, Failure> {
    let mut violations = Violations::new();
    let area = area(&mut violations, area_code);
    violations.open(area)
}

/// Takes the code of a district, a sub-district or a community.
pub(crate) fn area(violations: &mut Violations, given: &str) -> Option<AreaCode> {
    let area = violations.id("area_code", given, AreaCode::parse)?;
    match area.level() {
        Level::District | Level::SubDistrict | Level::Community => Some(area),
        Level::Province | Level::City | Level::Estate | Level::Building => {
            violations.add("area_code", "must be the code of a district, a sub-district or a community");
            None
        }
    }
}
