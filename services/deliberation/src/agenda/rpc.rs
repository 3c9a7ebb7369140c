//! gRPC of agendas: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::agenda_service_server::AgendaService;
use gongzhi_proto::ids::{AgendaId, TopicId};
use jiff::{SignedDuration, Timestamp};
use tonic::{Request, Response, Status};

use super::machine::Draft;
use super::{Agenda, AgendaKind, Command, draft, parse, reply, store};
use crate::rules::{Policy, Rules};
use crate::topic::{self, TopicKind};

/// Tries against others who change the same topics at the same moment.
const TRIES: usize = 4;

/// The service of agendas.
#[derive(Clone)]
pub(crate) struct Agendas {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
}

impl Agendas {
    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Agenda>, Failure> {
        let done = self.writer.execute::<AgendaKind>(admission, &Arc::default(), target, command).await?;
        Ok(shown(&done))
    }

    async fn find(&self, id: &AgendaId) -> Result<(Agenda, i64), Failure> {
        let found = self.writer.load::<AgendaKind>(&id.to_string()).await?;
        found.ok_or_else(|| Failure::NotFound(format!("agenda {id}")))
    }

    /// Publishes an agenda and schedules its topics, all in one commit.
    async fn publish(&self, admission: &Admission, id: &AgendaId) -> Result<DoneOf<AgendaKind>, Failure> {
        for _ in 0..TRIES {
            let (agenda, _) = self.find(id).await?;
            let mut unit = self.writer.begin(admission).await?;
            let days = i64::from(self.rules.at(Policy::NoticeDays, unit.at()));
            let votable_from = unit.at() + SignedDuration::from_hours(24 * days);
            let topics = agenda.order();
            unit.load_all::<TopicKind>(&topics.iter().map(ToString::to_string).collect()).await?;
            let publish = Command::Publish { votable_from };
            let done = unit.execute::<AgendaKind>(&(), Target::Existing(&id.to_string()), &publish).await?;
            // Changed since the look above: what is scheduled must be what is published.
            if !unit.is_repeat() && done.state.order() != topics {
                continue;
            }
            let meets_at = agenda.draft.meets_at;
            for topic in topics {
                let schedule = topic::Command::Schedule { agenda: *id, meets_at, votable_from };
                unit.execute::<TopicKind>(&(), Target::Existing(&topic.to_string()), &schedule).await?;
            }
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// What an agenda would be of the topics that wait now.
    async fn draft(&self, asked: parse::Asked, now: Timestamp) -> Result<Draft, Failure> {
        let waiting = topic::store::waiting(self.writer.pool(), &asked.area, now).await?;
        let ids: Vec<_> = waiting.iter().map(|found| found.id.as_str()).collect();
        let tallies = topic::demand::tallies(self.writer.pool(), &ids).await?;
        let mut topics = Vec::with_capacity(waiting.len());
        // What nobody has worded cannot be decided; it waits for its words.
        for found in waiting.into_iter().filter(|found| found.topic.wording.is_some()) {
            let id = TopicId::parse(&found.id).map_err(|error| Failure::Bug(error.to_string()))?;
            let since =
                tallies.get(&found.id).map_or(found.topic.proposed_at, |tally| tally.since(&found.topic));
            topics.push((since, id, found.topic));
        }
        topics.sort_by_key(|(since, id, _)| (*since, *id));
        let topics: Vec<_> = topics.into_iter().map(|(_, id, topic)| (id, topic)).collect();
        let lot_every = self.rules.at(Policy::LotEvery, now) as usize;
        let (places, candidates) = draft::places(&topics, asked.places, lot_every);
        Ok(Draft {
            area: asked.area,
            title: asked.title,
            meets_at: asked.meets_at,
            lot_source: asked.lot_source,
            places,
            candidates,
        })
    }
}

fn shown(done: &DoneOf<AgendaKind>) -> Option<pb::Agenda> {
    Some(reply::agenda(&done.id, &done.state, done.version))
}

#[tonic::async_trait]
impl AgendaService for Agendas {
    async fn draw_up_agenda(
        &self,
        request: Request<pb::DrawUpAgendaRequest>,
    ) -> Result<Response<pb::DrawUpAgendaResponse>, Status> {
        let (admission, request) = admit(request)?;
        let now = self.writer.clock().now();
        let asked = parse::draw_up(&request, now)?;
        admission.require(&Scope::area(asked.area.clone()), None)?;
        let command = Command::DrawUp(Box::new(self.draft(asked, now).await?));
        let id = self.writer.clock().new_id().to_string();
        let agenda = self.execute(&admission, Target::Any(&id), command).await?;
        Ok(Response::new(pb::DrawUpAgendaResponse { agenda }))
    }

    async fn draw_agenda_lot(
        &self,
        request: Request<pb::DrawAgendaLotRequest>,
    ) -> Result<Response<pb::DrawAgendaLotResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, number) = parse::lot(&request)?;
        let target = id.to_string();
        let agenda = self.execute(&admission, Target::Existing(&target), Command::DrawLot { number }).await?;
        Ok(Response::new(pb::DrawAgendaLotResponse { agenda }))
    }

    async fn reorder_agenda(
        &self,
        request: Request<pb::ReorderAgendaRequest>,
    ) -> Result<Response<pb::ReorderAgendaResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reordering) = parse::reorder(&request)?;
        let target = id.to_string();
        let agenda =
            self.execute(&admission, Target::Existing(&target), Command::Reorder(reordering)).await?;
        Ok(Response::new(pb::ReorderAgendaResponse { agenda }))
    }

    async fn publish_agenda(
        &self,
        request: Request<pb::PublishAgendaRequest>,
    ) -> Result<Response<pb::PublishAgendaResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.agenda_id)?;
        let done = self.publish(&admission, &id).await?;
        Ok(Response::new(pb::PublishAgendaResponse { agenda: shown(&done) }))
    }

    async fn get_agenda(
        &self,
        request: Request<pb::GetAgendaRequest>,
    ) -> Result<Response<pb::GetAgendaResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.agenda_id)?;
        let (agenda, version) = self.find(&id).await?;
        admission.require(&Scope::area(agenda.draft.area.clone()), None)?;
        let agenda = Some(reply::agenda(&id.to_string(), &agenda, version));
        Ok(Response::new(pb::GetAgendaResponse { agenda }))
    }

    async fn list_agendas(
        &self,
        request: Request<pb::ListAgendasRequest>,
    ) -> Result<Response<pb::ListAgendasResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, page) = parse::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut agendas = store::list(self.writer.pool(), &area, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut agendas, |(id, agenda, _)| newest_key(agenda.drawn_up_at, id));
        let agendas = agendas.iter().map(|(id, agenda, version)| reply::agenda(id, agenda, *version));
        Ok(Response::new(pb::ListAgendasResponse { agendas: agendas.collect(), next_page_token }))
    }
}
