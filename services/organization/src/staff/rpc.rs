//! The gRPC face of people on duty: admit, parse, execute, reply. Requests hold passwords and are never logged.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::staff_service_server::StaffService;
use tonic::{Request, Response, Status};

use super::machine::{Command, HeldPost};
use super::{StaffKind, appoint, store, wire};

/// Serves people on duty.
#[derive(Clone)]
pub(crate) struct StaffRegister {
    writer: Writer,
    district: AreaCode,
}

impl StaffRegister {
    pub(crate) fn new(writer: &Writer, district: &AreaCode) -> Self {
        Self { writer: writer.clone(), district: district.clone() }
    }
}

/// Fails unless the caller may appoint in the areas of all these posts.
fn require_everywhere(admission: &Admission, posts: &[HeldPost]) -> Result<(), Failure> {
    posts.iter().try_for_each(|held| admission.require(&Scope::area(held.area.clone()), None))
}

fn reply(done: DoneOf<StaffKind>) -> Result<Option<pb::Staff>, Failure> {
    Ok(Some(wire::staff(appoint::id_of(&done)?, done.state)))
}

#[tonic::async_trait]
impl StaffService for StaffRegister {
    async fn appoint_staff(
        &self,
        request: Request<pb::AppointStaffRequest>,
    ) -> Result<Response<pb::AppointStaffResponse>, Status> {
        let (admission, request) = admit(request)?;
        let staff = wire::appoint(&request, &self.district)?;
        require_everywhere(&admission, &staff.posts)?;
        let done = appoint::appoint(&self.writer, &admission, staff, request.password).await?;
        Ok(Response::new(pb::AppointStaffResponse { staff: reply(done)? }))
    }

    async fn grant_post(
        &self,
        request: Request<pb::GrantPostRequest>,
    ) -> Result<Response<pb::GrantPostResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, held) = wire::change(&request.staff_id, request.post.as_ref(), &self.district)?;
        require_everywhere(&admission, std::slice::from_ref(&held))?;
        let done = appoint::grant(&self.writer, &admission, id, held).await?;
        Ok(Response::new(pb::GrantPostResponse { staff: reply(done)? }))
    }

    async fn revoke_post(
        &self,
        request: Request<pb::RevokePostRequest>,
    ) -> Result<Response<pb::RevokePostResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, held) = wire::change(&request.staff_id, request.post.as_ref(), &self.district)?;
        require_everywhere(&admission, std::slice::from_ref(&held))?;
        let (id, command) = (id.to_string(), Command::Revoke(held));
        let target = Target::Existing(&id);
        let done = self.writer.execute::<StaffKind>(&admission, &Arc::default(), target, command).await?;
        Ok(Response::new(pb::RevokePostResponse { staff: reply(done)? }))
    }

    async fn list_staff(
        &self,
        request: Request<pb::ListStaffRequest>,
    ) -> Result<Response<pb::ListStaffResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, page) = wire::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut staff = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut staff, |(_, staff)| staff.account.clone());
        let staff = staff.into_iter().map(|(id, staff)| wire::staff(id, staff)).collect();
        Ok(Response::new(pb::ListStaffResponse { staff, next_page_token }))
    }
}
