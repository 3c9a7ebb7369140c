//! Reading what everybody on duty in a district may know: the names of its divisions and departments. They hang on every signboard, and a page of a
//! community shows the sub-district above it, so a post anywhere in the district is enough. What is known of people and cases never goes this way.

use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, Level};

/// Fails unless the caller holds the permission somewhere in the district of an area, or somewhere in an area that is larger than a district.
pub(crate) fn require_in_district(
    admission: &Admission,
    permission: &str,
    area: &AreaCode,
) -> Result<(), Failure> {
    let around = area.at(Level::District).unwrap_or_else(|| area.clone());
    let held = admission.caller.permits().iter().any(|permit| {
        permit.permission == permission && (around.contains(&permit.area) || permit.area.contains(&around))
    });
    if held {
        return Ok(());
    }
    Err(Failure::Forbidden(format!("your posts do not allow {permission} anywhere in {around}")))
}
