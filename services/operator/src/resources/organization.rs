//! Organizations as they stand in resources and labels.

use std::fmt;

use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization as Named;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// A department of the district, or an area with everybody who serves it: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("has(self.department) != has(self.area)").message("name a department or an area, one of the two")
)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Code of a department, for example fire-rescue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40), regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub department: Option<String>,
    /// Code of the district, a sub-district or a community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{6}([0-9]{3}){0,2}$"))]
    pub area: Option<String>,
}

impl Organization {
    /// A department.
    pub fn department(code: impl Into<String>) -> Self {
        Self { department: Some(code.into()), area: None }
    }

    /// An area.
    pub fn area(code: impl Into<String>) -> Self {
        Self { department: None, area: Some(code.into()) }
    }

    /// As the contracts have it.
    pub fn to_wire(&self) -> pb::Organization {
        let organization = match (&self.department, &self.area) {
            (Some(code), _) => Some(Named::DepartmentCode(code.clone())),
            (None, Some(code)) => Some(Named::AreaCode(code.clone())),
            (None, None) => None,
        };
        pb::Organization { organization }
    }
}

/// As the program names organizations on its command line.
impl fmt::Display for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.department, &self.area) {
            (Some(code), _) => write!(f, "department/{code}"),
            (None, Some(code)) => write!(f, "area/{code}"),
            (None, None) => write!(f, "nobody"),
        }
    }
}
