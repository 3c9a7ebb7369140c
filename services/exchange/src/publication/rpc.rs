//! gRPC of publication and of the fact types that it needs: admit, parse, execute, reply.

use std::collections::BTreeMap;

use std::sync::Arc;

use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::catalogue::Classification;
use gongzhi_proto::envelope::event_type;
use gongzhi_proto::event::v1 as event;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publication_service_server::PublicationService;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::time::to_wire;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::check::{self, Addressed, fault};
use super::store::{self, Known};
use super::{Command, Limits, Occurrence, ThingKind};
use crate::catalogue::Catalogue;
use crate::fact_type::{self, FactType, FactTypeKind, Standing};
use crate::hub::Registry;
use crate::party::Party;

/// Most events of one call.
pub(crate) const MOST: usize = 100;
/// Most bytes of a call: a whole batch of the largest events.
pub(crate) const MOST_BYTES: usize = (MOST + 1) * check::MOST_BYTES;
/// Tries against others who publish about the same things at the same moment.
const TRIES: usize = 4;

/// The service of publication.
#[derive(Clone)]
pub(crate) struct Publications {
    pub(crate) writer: Writer,
    pub(crate) district: AreaCode,
    pub(crate) registry: Registry,
    pub(crate) limits: Limits,
}

/// What became of one event.
type Outcome = Result<Occurrence, Vec<pb::EventFault>>;

impl Publications {
    fn catalogue(&self) -> &Catalogue {
        self.registry.catalogue()
    }

    /// Takes events that somebody sends over whichever way, and tells of each what became of it.
    pub(crate) async fn take(
        &self,
        admission: &Admission,
        events: &[String],
    ) -> Result<Vec<pb::PublishResult>, Failure> {
        let mut violations = Violations::new();
        if !(1..=MOST).contains(&events.len()) {
            violations.add("events", format!("must hold 1 to {MOST} events, holds {}", events.len()));
        }
        violations.finish()?;
        self.catalogue().fresh().await?;
        let may = |owner: &Party| owner.require(admission, &self.district).is_ok();
        let events: Vec<_> = events.iter().map(|text| check::address(text, self.catalogue(), may)).collect();
        self.limit(admission, &events)?;
        let now = self.writer.clock().now();
        let outcomes: Vec<Outcome> =
            events.into_iter().map(|event| event.and_then(|event| check::check(event, now))).collect();
        let known = self.accept(admission, &outcomes).await?;
        Ok(answers(outcomes, known))
    }

    /// Refuses more events than an organization may publish now. What names no organization is counted for who sends it.
    fn limit(
        &self,
        admission: &Admission,
        events: &[Result<Addressed, Vec<pb::EventFault>>],
    ) -> Result<(), Failure> {
        let mut wanted = BTreeMap::new();
        for event in events {
            let who = match event {
                Ok(addressed) => addressed.owner().to_string(),
                Err(_) => admission.caller.id().to_owned(),
            };
            *wanted.entry(who).or_insert(0) += 1;
        }
        self.limits.take(&wanted, self.writer.clock().now()).map_err(|(who, retry_after)| {
            let message =
                format!("{who} publishes more than it may; nothing was taken, send the same again later");
            Failure::Exhausted { message, retry_after }
        })
    }

    /// Writes what was accepted in one commit; tells for each identity whether it was known.
    async fn accept(
        &self,
        admission: &Admission,
        outcomes: &[Outcome],
    ) -> Result<BTreeMap<Uuid, Known>, Failure> {
        let mut prints = BTreeMap::new();
        for occurrence in outcomes.iter().flatten() {
            // Of two with one identity the first one counts.
            prints.entry(occurrence.event_id).or_insert_with(|| fingerprint(occurrence));
        }
        if prints.is_empty() {
            return Ok(BTreeMap::new());
        }
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let at = unit.at();
            let known = store::claim(unit.connection().await?, &prints, at).await?;
            let mut first = prints.keys().copied().collect::<std::collections::BTreeSet<_>>();
            let mut new: Vec<_> = outcomes
                .iter()
                .flatten()
                .filter(|one| known.get(&one.event_id) == Some(&Known::New) && first.remove(&one.event_id))
                .collect();
            if new.is_empty() {
                return Ok(known);
            }
            // Everybody locks things in one order; events about one thing stay in theirs.
            new.sort_by_key(|occurrence| occurrence.thing.id());
            for occurrence in new {
                let id = occurrence.thing.id();
                let command = Command::Publish(occurrence.clone());
                unit.execute::<ThingKind>(&(), Target::Any(&id), &command).await?;
            }
            if unit.commit().await? {
                return Ok(known);
            }
        }
        Err(Failure::Conflict)
    }
}

/// Digest of what is published, each part with its length in front.
fn fingerprint(occurrence: &Occurrence) -> Vec<u8> {
    let audience = occurrence.audience.as_ref().map_or("all", |code| code.as_str());
    let time = occurrence.time.map(|time| time.to_string()).unwrap_or_default();
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [
        &occurrence.fact,
        &occurrence.thing.name,
        occurrence.area.as_str(),
        audience,
        &time,
        &occurrence.data,
    ] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

/// The answers in the order of the events.
fn answers(outcomes: Vec<Outcome>, mut known: BTreeMap<Uuid, Known>) -> Vec<pb::PublishResult> {
    let mut first: BTreeMap<Uuid, Vec<u8>> = BTreeMap::new();
    let mut answer = |outcome: Outcome| {
        let occurrence = match outcome {
            Ok(occurrence) => occurrence,
            Err(faults) => return refused(faults),
        };
        let id = occurrence.event_id;
        let print = fingerprint(&occurrence);
        let same = *first.entry(id).or_insert_with(|| print.clone()) == print;
        // The second one of a batch meets the first one.
        let state = known.get(&id).copied().unwrap_or(Known::Other);
        known.insert(id, if state == Known::New { Known::Same } else { state });
        match (state, same) {
            (Known::New, _) => accepted(id, pb::PublishOutcome::Accepted),
            (Known::Same, true) => accepted(id, pb::PublishOutcome::Duplicate),
            (Known::Same, false) | (Known::Other, _) => refused(vec![fault(
                "/id",
                "ID_REUSED",
                "another event was published under this source and id; each event has an id of its own",
            )]),
        }
    };
    outcomes.into_iter().map(&mut answer).collect()
}

fn accepted(id: Uuid, outcome: pb::PublishOutcome) -> pb::PublishResult {
    pb::PublishResult { outcome: outcome as i32, event_id: id.to_string(), faults: Vec::new() }
}

fn refused(faults: Vec<pb::EventFault>) -> pb::PublishResult {
    pb::PublishResult { outcome: pb::PublishOutcome::Refused as i32, event_id: String::new(), faults }
}

/// A fact type as the contracts have it.
fn shown(fact_type: &FactType, version: i64) -> pb::FactType {
    let definition = &fact_type.definition;
    let (status, reason) = match &fact_type.standing {
        Standing::Active => (pb::FactTypeStatus::Active, String::new()),
        Standing::Retired { reason } => (pb::FactTypeStatus::Retired, reason.clone()),
    };
    let classification = match definition.classification {
        Classification::Open => event::Classification::Open,
        Classification::Shared => event::Classification::Shared,
        Classification::Restricted => event::Classification::Restricted,
    };
    pb::FactType {
        fact: definition.fact(),
        event_type: event_type(&definition.owner.token(), &definition.name),
        organization: Some(definition.owner.to_wire()),
        title_zh: definition.title_zh.clone(),
        title_en: definition.title_en.clone(),
        description: definition.description.clone(),
        aggregate: definition.aggregate.clone(),
        classification: classification as i32,
        retention_days: definition.retention_days,
        area_codes: definition.areas.iter().map(ToString::to_string).collect(),
        data_schema: definition.schema.to_string(),
        status: status as i32,
        reason,
        version,
        registered_at: Some(to_wire(fact_type.registered_at)),
    }
}

#[tonic::async_trait]
impl PublicationService for Publications {
    async fn register_fact_type(
        &self,
        request: Request<pb::RegisterFactTypeRequest>,
    ) -> Result<Response<pb::RegisterFactTypeResponse>, Status> {
        let (admission, request) = admit(request)?;
        let definition = fact_type::parse::register(&request, &self.district)?;
        definition.owner.require(&admission, &self.district)?;
        let id = definition.fact();
        let command = fact_type::Command::Register(Box::new(definition));
        let done = self
            .writer
            .execute::<FactTypeKind>(&admission, &Arc::default(), Target::Any(&id), command)
            .await?;
        self.catalogue().fresh().await?;
        let fact_type = Some(shown(&done.state, done.version));
        Ok(Response::new(pb::RegisterFactTypeResponse { fact_type }))
    }

    async fn retire_fact_type(
        &self,
        request: Request<pb::RetireFactTypeRequest>,
    ) -> Result<Response<pb::RetireFactTypeResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = fact_type::parse::retire(&request)?;
        let done = self
            .writer
            .execute::<FactTypeKind>(&admission, &Arc::default(), Target::Existing(&id), command)
            .await?;
        self.catalogue().fresh().await?;
        let fact_type = Some(shown(&done.state, done.version));
        Ok(Response::new(pb::RetireFactTypeResponse { fact_type }))
    }

    async fn get_fact_type(
        &self,
        request: Request<pb::GetFactTypeRequest>,
    ) -> Result<Response<pb::GetFactTypeResponse>, Status> {
        let (_, request) = admit(request)?;
        self.catalogue().fresh().await?;
        let known = self.catalogue().registered(&request.fact);
        let known = known.ok_or_else(|| Failure::NotFound(format!("fact type {}", request.fact)))?;
        let fact_type = Some(shown(&known.fact_type, known.version));
        Ok(Response::new(pb::GetFactTypeResponse { fact_type }))
    }

    async fn list_fact_types(
        &self,
        request: Request<pb::ListFactTypesRequest>,
    ) -> Result<Response<pb::ListFactTypesResponse>, Status> {
        let (_, request) = admit(request)?;
        let mut violations = Violations::new();
        let party = match &request.organization {
            None => None,
            given => Party::parse(&mut violations, "organization", given.as_ref(), &self.district),
        };
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        violations.finish()?;
        let mut found =
            fact_type::store::list(self.writer.pool(), party.as_ref(), &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |listed| listed.fact.clone());
        let fact_types = found.iter().map(|listed| shown(&listed.fact_type, listed.version)).collect();
        Ok(Response::new(pb::ListFactTypesResponse { fact_types, next_page_token }))
    }

    async fn publish(
        &self,
        request: Request<pb::PublishRequest>,
    ) -> Result<Response<pb::PublishResponse>, Status> {
        let (admission, request) = admit(request)?;
        let results = self.take(&admission, &request.events).await?;
        Ok(Response::new(pb::PublishResponse { results }))
    }
}
