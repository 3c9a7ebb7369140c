//! The gRPC face of the register: admit, parse, read, reply. Nothing is written here: files are imported by the executable.

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::division_service_server::DivisionService;
use tonic::{Request, Response, Status};

use super::{store, wire};
use crate::reach;

/// Serves divisions.
#[derive(Clone)]
pub(crate) struct Divisions {
    writer: Writer,
}

impl Divisions {
    pub(crate) fn new(writer: &Writer) -> Self {
        Self { writer: writer.clone() }
    }
}

#[tonic::async_trait]
impl DivisionService for Divisions {
    async fn list_divisions(
        &self,
        request: Request<pb::ListDivisionsRequest>,
    ) -> Result<Response<pb::ListDivisionsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let search = wire::list(&request)?;
        reach::require_in_district(&admission, "division.read", &search.area)?;
        let mut divisions = store::list(self.writer.pool(), &search).await.map_err(Failure::from)?;
        let next_page_token = search.page.cut(&mut divisions, |(code, _)| code.to_string());
        let divisions = divisions.into_iter().map(wire::division).collect();
        Ok(Response::new(pb::ListDivisionsResponse { divisions, next_page_token }))
    }
}
