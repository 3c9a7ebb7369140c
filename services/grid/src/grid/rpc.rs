//! The gRPC face of grids: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::grid::v1::grid_service_server::GridService;
use gongzhi_proto::ids::GridId;
use tonic::{Request, Response, Status};

use super::machine::Command;
use super::places::Places;
use super::wire::{self, Shown};
use super::{GridKind, store};

/// Serves grids.
#[derive(Clone)]
pub(crate) struct Grids {
    writer: Writer,
    places: Arc<Places>,
}

impl Grids {
    pub(crate) fn new(writer: &Writer) -> Self {
        Self { writer: writer.clone(), places: Arc::new(Places::new(writer.pool().clone())) }
    }

    async fn execute(
        &self,
        admission: &Admission,
        id: &GridId,
        command: Command,
    ) -> Result<DoneOf<GridKind>, Failure> {
        self.writer
            .execute::<GridKind>(admission, &Arc::default(), Target::Existing(id.as_str()), command)
            .await
    }
}

#[tonic::async_trait]
impl GridService for Grids {
    async fn draw_grid(
        &self,
        request: Request<pb::DrawGridRequest>,
    ) -> Result<Response<pb::DrawGridResponse>, Status> {
        let (admission, request) = admit(request)?;
        // Reading a large boundary is arithmetic without a pause: it must not hold up the calls on this thread.
        let draw = tokio::task::spawn_blocking(move || wire::draw(&request))
            .await
            .map_err(|error| Failure::Bug(error.to_string()))??;
        let target = Target::Any(draw.id.as_str());
        let done = self.writer.execute::<GridKind>(&admission, &Arc::default(), target, draw.command).await?;
        self.places.note_drawing();
        let grid = Some(wire::grid(done.state, Shown::WithBoundary));
        Ok(Response::new(pb::DrawGridResponse { grid, repairs: draw.repairs }))
    }

    async fn list_grids(
        &self,
        request: Request<pb::ListGridsRequest>,
    ) -> Result<Response<pb::ListGridsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, mut page) = wire::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let shown = if request.with_boundaries { Shown::WithBoundary } else { Shown::WithRoster };
        if request.with_boundaries {
            page = store::fit_boundaries(self.writer.pool(), &area, page).await.map_err(Failure::from)?;
        }
        let mut grids = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut grids, |grid| grid.id.to_string());
        let grids = grids.into_iter().map(|grid| wire::grid(grid, shown)).collect();
        Ok(Response::new(pb::ListGridsResponse { grids, next_page_token }))
    }

    async fn locate_place(
        &self,
        request: Request<pb::LocatePlaceRequest>,
    ) -> Result<Response<pb::LocatePlaceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let place = wire::place(&request)?;
        let grid = match self.places.locate(place).await? {
            Some(id) => self.writer.load::<GridKind>(id.as_str()).await?.map(|(grid, _)| grid),
            None => None,
        };
        let grid = grid.map(|grid| {
            let reads_there = admission.require(&Scope::area(grid.community()), None).is_ok();
            wire::grid(grid, if reads_there { Shown::WithRoster } else { Shown::Grid })
        });
        let (longitude, latitude) = (place.longitude, place.latitude);
        Ok(Response::new(pb::LocatePlaceResponse { grid, longitude, latitude }))
    }

    async fn enrol_worker(
        &self,
        request: Request<pb::EnrolWorkerRequest>,
    ) -> Result<Response<pb::EnrolWorkerResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = wire::enrol(&request)?;
        let done = self.execute(&admission, &id, command).await?;
        let grid = Some(wire::grid(done.state, Shown::WithRoster));
        Ok(Response::new(pb::EnrolWorkerResponse { grid }))
    }

    async fn relieve_worker(
        &self,
        request: Request<pb::RelieveWorkerRequest>,
    ) -> Result<Response<pb::RelieveWorkerResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = wire::relieve(&request)?;
        let done = self.execute(&admission, &id, command).await?;
        let grid = Some(wire::grid(done.state, Shown::WithRoster));
        Ok(Response::new(pb::RelieveWorkerResponse { grid }))
    }
}
