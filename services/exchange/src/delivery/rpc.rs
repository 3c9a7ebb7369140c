//! Delivery over gRPC: admit, read on from the cursor, reply.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_server::DeliveryService;
use gongzhi_proto::ids::SubscriptionId;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::cursor::{Move, Positions};
use crate::hub::{Hub, Place, Shown, Spec};
use crate::subscription::Way;

/// Most facts of one pull.
const MOST: i32 = 1_000;
/// Facts that are read at once for a stream.
const BATCH: usize = 256;
/// Facts that wait in a stream for a slow receiver; what is in it was delivered and cannot be called back.
const AHEAD: usize = 16;
/// How long a stream is silent at most.
const BEAT: Duration = Duration::from_secs(15);
/// How long a call waits until its place in the stream is known.
const FOUND_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked for meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest wait of a pull.
const LONGEST_WAIT: i32 = 30;

/// The service of delivery.
#[derive(Clone)]
pub(crate) struct Deliveries {
    pub(crate) positions: Positions,
    pub(crate) hub: Hub,
    /// Cancelled when the process ends, so that streams do.
    pub(crate) streams: CancellationToken,
}

impl Deliveries {
    /// The subscription, if the caller may receive for it.
    async fn receiver(&self, admission: &Admission, id: &str) -> Result<Arc<Spec>, Failure> {
        let missing = || Failure::NotFound(format!("subscription {id}"));
        let spec = self.hub.registry().find(id).await?.ok_or_else(missing)?;
        spec.party.require(admission, &spec.district).map_err(|_| missing())?;
        Ok(spec)
    }

    /// Where the receiver stands. A process that has just begun reads the stream first; a rewind elsewhere may be news here.
    async fn place(&self, admission: &Admission, id: &str) -> Result<(Arc<Spec>, Place), Failure> {
        self.hub.begun().await?;
        let (mut arrivals, until) = (self.hub.arrivals(), tokio::time::Instant::now() + FOUND_WITHIN);
        loop {
            let spec = self.receiver(admission, id).await?;
            deliverable(&spec)?;
            if let Some(place) = self.positions.of(&self.hub, &spec).await? {
                return Ok((spec, place));
            }
            self.hub.registry().refresh().await?;
            // A rebuilt stream is read once before a place in it is known.
            if tokio::time::Instant::now() >= until {
                return Err(Failure::Bus("the stream was rebuilt and is being read; try again".into()));
            }
            let _ = tokio::time::timeout(LOOK_EVERY, arrivals.changed()).await;
        }
    }
}

fn pulled(spec: &Spec) -> Result<(), Failure> {
    if spec.way == Way::Pull {
        return Ok(());
    }
    let message = "the subscription is delivered another way; make one of the way PULL to fetch facts".into();
    Err(Failure::Refused { reason: "NOT_PULLED", message })
}

fn deliverable(spec: &Spec) -> Result<(), Failure> {
    pulled(spec)?;
    if spec.is_active() {
        return Ok(());
    }
    let message = "the subscription is paused or has ended; nothing is delivered".into();
    Err(Failure::Refused { reason: "NOT_ACTIVE", message })
}

fn wire(shown: Shown) -> pb::Delivery {
    pb::Delivery {
        position: shown.seen.position,
        subject: shown.seen.subject.clone(),
        event: String::from_utf8(shown.body).unwrap_or_default(),
    }
}

#[tonic::async_trait]
impl DeliveryService for Deliveries {
    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<pb::PullResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("subscription_id", &request.subscription_id, SubscriptionId::parse);
        if !(0..=MOST).contains(&request.max_facts) {
            violations.add("max_facts", format!("must be 1 to {MOST}, or 0 for 100"));
        }
        if !(0..=LONGEST_WAIT).contains(&request.wait_seconds) {
            violations.add("wait_seconds", format!("must be 0 to {LONGEST_WAIT}"));
        }
        let id = violations.open(id)?.to_string();
        let most = if request.max_facts == 0 { 100 } else { request.max_facts.unsigned_abs() as usize };
        let (_, mut place) = self.place(&admission, &id).await?;
        let until =
            tokio::time::Instant::now() + Duration::from_secs(request.wait_seconds.unsigned_abs().into());
        let mut arrivals = self.hub.arrivals();
        loop {
            // Rights are asked again for every reading: what ended while we waited delivers nothing.
            let spec = self.receiver(&admission, &id).await?;
            deliverable(&spec)?;
            arrivals.mark_unchanged();
            let read = self.hub.read(&spec, &place, most).await?;
            let caught_up = read.position <= place.position;
            place.position = read.position;
            let waited = tokio::time::Instant::now() >= until;
            if !read.facts.is_empty() || (caught_up && waited) {
                let deliveries = read.facts.into_iter().map(wire).collect();
                return Ok(Response::new(pb::PullResponse { deliveries, position: place.position }));
            }
            if caught_up {
                tokio::select! {
                    _ = arrivals.changed() => {}
                    () = tokio::time::sleep_until(until) => {}
                    () = self.streams.cancelled() => return Err(Status::unavailable("the exchange is ending; pull again")),
                }
            }
        }
    }

    type StreamStream = Pin<Box<dyn Stream<Item = Result<pb::StreamResponse, Status>> + Send>>;

    async fn stream(
        &self,
        request: Request<pb::StreamRequest>,
    ) -> Result<Response<Self::StreamStream>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("subscription_id", &request.subscription_id, SubscriptionId::parse);
        let id = violations.open(id)?.to_string();
        let (spec, place) = self.place(&admission, &id).await?;
        let (sender, receiver) = tokio::sync::mpsc::channel(AHEAD);
        let serving = self.clone();
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = serving.send(&admission, &id, place, spec.epoch, &sender) => outcome,
                () = serving.streams.cancelled() => Err(Status::unavailable("the exchange is ending; open the stream again")),
            };
            if let Err(status) = outcome {
                let _ = sender.try_send(Err(status));
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn acknowledge(
        &self,
        request: Request<pb::AcknowledgeRequest>,
    ) -> Result<Response<pb::AcknowledgeResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("subscription_id", &request.subscription_id, SubscriptionId::parse);
        let id = violations.open(id)?.to_string();
        let spec = self.receiver(&admission, &id).await?;
        pulled(&spec)?;
        self.hub.begun().await?;
        let (mut stream, mut newest) = self.hub.stream().unwrap_or_default();
        if request.position > newest {
            // The process before this one may have delivered what this one has not read yet.
            let edge = self.hub.edge(true).await?;
            (stream, newest) = (edge.stream, edge.position);
        }
        if request.position < 0 || request.position > newest {
            let mut violations = Violations::new();
            violations.add("position", format!("must be a position that was delivered, at most {newest}"));
            violations.finish()?;
        }
        let place = Place { stream, position: request.position };
        let last = self.hub.last_before(&place).await?;
        let moved = Move {
            stream: place.stream,
            position: place.position,
            latest_at: last.as_ref().map(|seen| seen.envelope.time),
            // How many of the facts up to there concerned the receiver is not counted again.
            delivered: 0,
            last_event_id: last.map(|seen| seen.envelope.id),
            at: self.hub.clock().now(),
        };
        let position = self.positions.acknowledge(&spec, &moved).await?;
        Ok(Response::new(pb::AcknowledgeResponse { position }))
    }
}

impl Deliveries {
    /// Sends until the receiver goes, the rights end or the stream is rewound.
    async fn send(
        &self,
        admission: &Admission,
        id: &str,
        mut place: Place,
        epoch: i32,
        sender: &tokio::sync::mpsc::Sender<Result<pb::StreamResponse, Status>>,
    ) -> Result<(), Status> {
        let mut arrivals = self.hub.arrivals();
        let mut changes = self.hub.registry().changes();
        loop {
            let spec = self.receiver(admission, id).await?;
            deliverable(&spec)?;
            if spec.epoch != epoch {
                return Err(Failure::Overtaken {
                    reason: "REWOUND",
                    message: "the subscription was rewound; open the stream again".into(),
                }
                .into());
            }
            arrivals.mark_unchanged();
            let read = self.hub.read(&spec, &place, BATCH).await?;
            let went_on = read.position > place.position;
            place.position = read.position;
            for shown in read.facts {
                let Ok(place) = sender.reserve().await else { return Ok(()) };
                // Asked again for every single fact: a slow receiver may have waited while its right ended.
                let now = self.hub.clock().now();
                let spec = self.hub.registry().get(id).filter(|spec| spec.is_active() && spec.epoch == epoch);
                let Some(spec) = spec else { break };
                if spec.may_see(&shown.seen, now).is_some() {
                    let position = shown.seen.position;
                    place.send(Ok(pb::StreamResponse { delivery: Some(wire(shown)), position }));
                }
            }
            if went_on {
                continue;
            }
            tokio::select! {
                _ = arrivals.changed() => {}
                _ = changes.changed() => {}
                () = sender.closed() => return Ok(()),
                () = tokio::time::sleep(BEAT) => {
                    let beat = pb::StreamResponse { delivery: None, position: place.position };
                    if sender.send(Ok(beat)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }
}
