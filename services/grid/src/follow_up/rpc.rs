//! The gRPC face of follow-up visits: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::grid::v1::follow_up_service_server::FollowUpService;
use tonic::{Request, Response, Status};

use super::{FollowUpKind, store, wire};

/// Serves follow-up visits.
#[derive(Clone)]
pub(crate) struct FollowUps {
    writer: Writer,
}

impl FollowUps {
    pub(crate) fn new(writer: &Writer) -> Self {
        Self { writer: writer.clone() }
    }
}

#[tonic::async_trait]
impl FollowUpService for FollowUps {
    async fn list_follow_up_visits(
        &self,
        request: Request<pb::ListFollowUpVisitsRequest>,
    ) -> Result<Response<pb::ListFollowUpVisitsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (search, page) = wire::search(&request)?;
        admission.require(&Scope::area(search.area.clone()), None)?;
        let mut visits = store::list(self.writer.pool(), &search, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut visits, |(id, visit)| wire::key(*id, visit));
        let visits = visits.iter().map(|(id, visit)| wire::visit(&id.to_string(), visit)).collect();
        Ok(Response::new(pb::ListFollowUpVisitsResponse { visits, next_page_token }))
    }

    async fn record_follow_up_visit(
        &self,
        request: Request<pb::RecordFollowUpVisitRequest>,
    ) -> Result<Response<pb::RecordFollowUpVisitResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = wire::record(&request)?;
        let id = id.to_string();
        let done = self
            .writer
            .execute::<FollowUpKind>(&admission, &Arc::default(), Target::Existing(&id), command)
            .await?;
        let visit = Some(wire::visit(&done.id, &done.state));
        Ok(Response::new(pb::RecordFollowUpVisitResponse { visit }))
    }
}
