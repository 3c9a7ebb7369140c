//! The contract's words for a department, and ours. Knows no SQL and asks nobody.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use gongzhi_proto::organization::v1 as pb;

use super::machine::Department;

/// Departments on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (200, 500);

pub(super) fn register(
    request: &pb::RegisterDepartmentRequest,
    served: &AreaCode,
) -> Result<Department, Failure> {
    let mut violations = Violations::new();
    let code = violations.id("department_code", &request.department_code, DepartmentCode::parse);
    let name_zh = violations.text("name_zh", &request.name_zh, 2, 60);
    let name_en = violations.text("name_en", &request.name_en, 2, 80);
    let district = violations.id("area_code", &request.area_code, AreaCode::parse);
    if district.as_ref().is_some_and(|district| district != served) {
        violations.add("area_code", format!("must be {served}, the district that is served here"));
    }
    let both = code.zip(district);
    violations.open(both.map(|(code, district)| Department { code, district, name_zh, name_en }))
}

pub(super) fn list(request: &pb::ListDepartmentsRequest) -> Result<Page, Failure> {
    let mut violations = Violations::new();
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    violations.finish()?;
    Ok(page)
}

pub(super) fn department(department: Department) -> pb::Department {
    pb::Department {
        department_code: department.code.to_string(),
        name_zh: department.name_zh,
        name_en: department.name_en,
    }
}
