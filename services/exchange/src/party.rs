//! Organizations that share: a department, or an area with everybody who serves it. Knows nothing of what they may see.

use std::fmt;

use gongzhi_chassis::caller::{PostClaim, Scope};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::ids::{AreaCode, DepartmentCode, Level};
use gongzhi_proto::subjects;
use serde::{Deserialize, Serialize};

/// An organization (单位). Displayed and stored as `department/urban-management` or `area/330105001`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A department of the district (部门).
    Department(DepartmentCode),
    /// A district, sub-district or community (块).
    Area(AreaCode),
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Department(code) => write!(f, "department/{code}"),
            Self::Area(code) => write!(f, "area/{code}"),
        }
    }
}

impl Party {
    /// Reads the form in which it is stored.
    pub fn parse_stored(text: &str) -> Option<Self> {
        match text.split_once('/')? {
            ("department", code) => DepartmentCode::parse(code).ok().map(Self::Department),
            ("area", code) => AreaCode::parse(code).ok().map(Self::Area),
            _ => None,
        }
    }

    /// Reads an organization of a request; an area must be one of the district, and wide enough to have an office.
    pub(crate) fn parse(
        violations: &mut Violations,
        field: &str,
        given: Option<&pb::Organization>,
        district: &AreaCode,
    ) -> Option<Self> {
        match given.and_then(|given| given.organization.as_ref()) {
            None => {
                violations.add(field, "is required: a department or an area");
                None
            }
            Some(Organization::DepartmentCode(code)) => violations
                .id(&format!("{field}.department_code"), code, DepartmentCode::parse)
                .map(Self::Department),
            Some(Organization::AreaCode(code)) => {
                office(violations, &format!("{field}.area_code"), code, district).map(Self::Area)
            }
        }
    }

    /// As the contracts have it.
    pub(crate) fn to_wire(&self) -> pb::Organization {
        let organization = match self {
            Self::Department(code) => Organization::DepartmentCode(code.to_string()),
            Self::Area(code) => Organization::AreaCode(code.to_string()),
        };
        pb::Organization { organization: Some(organization) }
    }

    /// The token under which it publishes facts of its own, in place of a service.
    pub fn token(&self) -> String {
        match self {
            Self::Department(code) => subjects::department_token(code),
            Self::Area(code) => subjects::area_token(code),
        }
    }

    /// Where it is, and which unit takes part: what a permission is held for. A department serves the whole district.
    pub(crate) fn scope(&self, district: &AreaCode) -> Scope {
        match self {
            Self::Department(code) => Scope { area: district.clone(), units: vec![code.to_string()] },
            Self::Area(area) => Scope::area(area.clone()),
        }
    }

    /// The unit for which somebody acts who acts for it.
    pub(crate) fn acting(&self) -> Option<&str> {
        match self {
            Self::Department(code) => Some(code.as_str()),
            Self::Area(_) => None,
        }
    }

    /// The post of its information system, by which what it asks without a token is judged.
    pub(crate) fn system(&self, district: &AreaCode) -> PostClaim {
        let (post, area, unit) = match self {
            Self::Department(code) => ("POST_DEPARTMENT_SYSTEM", district, Some(code.to_string())),
            Self::Area(area) => ("POST_SUB_DISTRICT_SYSTEM", area, None),
        };
        PostClaim { post: post.into(), area: area.clone(), unit }
    }

    /// Fails unless the caller may act for it.
    pub(crate) fn require(&self, admission: &Admission, district: &AreaCode) -> Result<(), Failure> {
        admission.require(&self.scope(district), self.acting())
    }
}

/// Reads an area of the district that is wide enough to have an office.
pub(crate) fn office(
    violations: &mut Violations,
    field: &str,
    code: &str,
    district: &AreaCode,
) -> Option<AreaCode> {
    let area = violations.id(field, code, AreaCode::parse)?;
    if district.contains(&area) && area.level() <= Level::Community {
        return Some(area);
    }
    violations.add(field, format!("must be {district}, or a sub-district or community of it"));
    None
}
