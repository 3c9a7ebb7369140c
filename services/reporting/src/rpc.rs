//! gRPC only: admit, parse, read, reply.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::admit;
use gongzhi_proto::reporting::v1 as pb;
use gongzhi_proto::reporting::v1::reporting_service_server::ReportingService;
use tokio::sync::{mpsc, watch as tokio_watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::boards::Boards;
use crate::listing::Listing;
use crate::parse;
use crate::watch::watch;

/// Boards and figures for those who may see them.
pub(crate) struct Reporting {
    /// Leads to the projections; nothing is written with it here.
    pub(crate) writer: Writer,
    /// Boards that are being looked at.
    pub(crate) boards: Boards,
    /// Tells of changes.
    pub(crate) pulse: tokio_watch::Receiver<u64>,
    /// Ends those who watch.
    pub(crate) end: CancellationToken,
}

#[tonic::async_trait]
impl ReportingService for Reporting {
    type WatchBoardStream = ReceiverStream<Result<pb::WatchBoardResponse, Status>>;

    async fn get_board(
        &self,
        request: Request<pb::GetBoardRequest>,
    ) -> Result<Response<pb::GetBoardResponse>, Status> {
        let (admission, request) = admit(request)?;
        let area = parse::board(&request.area_code)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let board = self.boards.now(&area).await?;
        Ok(Response::new(pb::GetBoardResponse { board: Some(pb::Board::clone(&board)) }))
    }

    async fn watch_board(
        &self,
        request: Request<pb::WatchBoardRequest>,
    ) -> Result<Response<Self::WatchBoardStream>, Status> {
        let (admission, request) = admit(request)?;
        let area = parse::board(&request.area_code)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let (sender, receiver) = mpsc::channel(1);
        let (boards, pulse, end) = (self.boards.clone(), self.pulse.clone(), self.end.clone());
        tokio::spawn(watch(boards, area, pulse, sender, end));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn list_figures(
        &self,
        request: Request<pb::ListFiguresRequest>,
    ) -> Result<Response<pb::ListFiguresResponse>, Status> {
        let (admission, request) = admit(request)?;
        let listing = Listing::parse(&request)?;
        admission.require(&Scope::area(listing.area.clone()), None)?;
        let (figures, next_page_token) = listing.read(self.writer.pool()).await?;
        Ok(Response::new(pb::ListFiguresResponse { figures, next_page_token }))
    }
}
