//! The gRPC face of departments: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::department_service_server::DepartmentService;
use tonic::{Request, Response, Status};

use super::machine::Command;
use super::{DepartmentKind, store, wire};
use crate::reach;

/// Serves departments.
#[derive(Clone)]
pub(crate) struct Departments {
    writer: Writer,
    district: AreaCode,
}

impl Departments {
    pub(crate) fn new(writer: &Writer, district: &AreaCode) -> Self {
        Self { writer: writer.clone(), district: district.clone() }
    }
}

#[tonic::async_trait]
impl DepartmentService for Departments {
    async fn register_department(
        &self,
        request: Request<pb::RegisterDepartmentRequest>,
    ) -> Result<Response<pb::RegisterDepartmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let department = wire::register(&request, &self.district)?;
        let code = department.code.clone();
        let command = Command::Register(department);
        let target = Target::Any(code.as_str());
        let done =
            self.writer.execute::<DepartmentKind>(&admission, &Arc::default(), target, command).await?;
        let department = Some(wire::department(done.state));
        Ok(Response::new(pb::RegisterDepartmentResponse { department }))
    }

    async fn list_departments(
        &self,
        request: Request<pb::ListDepartmentsRequest>,
    ) -> Result<Response<pb::ListDepartmentsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let page = wire::list(&request)?;
        reach::require_in_district(&admission, "department.read", &self.district)?;
        let mut departments = store::list(self.writer.pool(), &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut departments, |department| department.code.to_string());
        let departments = departments.into_iter().map(wire::department).collect();
        Ok(Response::new(pb::ListDepartmentsResponse { departments, next_page_token }))
    }
}
