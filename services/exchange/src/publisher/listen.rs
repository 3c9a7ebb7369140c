//! Listens for what publishers send over NATS, and answers. What has no room now is told so at once and waits with its sender, not here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::requests::{Asked, Requests};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::published;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Instrument;

use super::Accounts;
use crate::publication::rpc::Publications;

/// What a request asks for, as the contracts name it.
const RPC: &str = "/gongzhi.exchange.v1.PublicationService/Publish";
/// Requests that are worked on at the same time, of all publishers and of one, so that nobody shuts out the others.
const AT_ONCE: usize = 32;
const AT_ONCE_OF_ONE: usize = 4;
/// How long one may take, and how long an end waits for those that were begun.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How long somebody rests for whom there is no room.
const REST: Duration = Duration::from_secs(1);

/// Answers publishers on NATS. Cloning shares connections.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) bus: Bus,
    pub(crate) accounts: Accounts,
    pub(crate) publications: Publications,
}

impl Listener {
    /// Listens until it is told to stop; what was begun then is answered still.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        while !stop.is_cancelled() {
            if let Err(failure) = self.listen(&room, &stop).await {
                tracing::warn!(error = %failure, "publishers on NATS wait");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(REST) => {}
            }
        }
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        if tokio::time::timeout(ANSWERED_WITHIN, room.acquire_many(all)).await.is_err() {
            tracing::warn!("publishers on NATS were left without an answer");
        }
    }

    async fn listen(&self, room: &Arc<Semaphore>, stop: &CancellationToken) -> Result<(), Failure> {
        // Of each account that asks now; those that ask for nothing are forgotten.
        let mut own: HashMap<String, Arc<Semaphore>> = HashMap::new();
        let mut requests = Requests::listen(&self.bus, crate::NAME).await?;
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                asked = requests.next() => asked,
            };
            let Some(asked) = asked else { return Ok(()) };
            own.retain(|_, own| own.available_permits() < AT_ONCE_OF_ONE);
            let own =
                own.entry(asked.account.clone()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_OF_ONE)));
            let permits =
                own.clone().try_acquire_owned().and_then(|own| Ok((own, room.clone().try_acquire_owned()?)));
            match permits {
                Ok(permits) => drop(tokio::spawn(self.clone().serve(asked, permits))),
                Err(_) => {
                    let message =
                        "too many publish at the same time; nothing was taken, send the same again later";
                    let full = Failure::Exhausted { message: message.into(), retry_after: REST };
                    answer(asked, &status::to_json(&Status::from(full))).await;
                }
            }
        }
    }

    async fn serve(self, asked: Asked, _permits: (OwnedSemaphorePermit, OwnedSemaphorePermit)) {
        let span = tracing::info_span!("publish over NATS", nats.account = asked.account);
        let taken = tokio::time::timeout(ANSWERED_WITHIN, self.take(&asked).instrument(span)).await;
        let said = match taken {
            Ok(Ok(results)) => published::results(&results),
            Ok(Err(status)) => status::to_json(&status),
            Err(_) => status::to_json(&Status::deadline_exceeded(
                "it took too long; send the same again, what was taken is told as a duplicate",
            )),
        };
        answer(asked, &said).await;
    }

    async fn take(&self, asked: &Asked) -> Result<Vec<pb::PublishResult>, Status> {
        // The servers may still let in whom the record does not know any more.
        let party = self.accounts.party_of(&asked.account).await?.ok_or_else(|| {
            Failure::Unauthenticated(
                "these credentials are not in force: they were taken back, or new ones were issued".into(),
            )
        })?;
        let id = format!("publisher:{}", party.token());
        let admission = Admission::of_system(&id, vec![party.system(&self.accounts.district)], RPC)?;
        match published::either(&asked.body) {
            Ok(events) => Ok(self.publications.take(&admission, &events).await?),
            Err(fault) => Ok(vec![pb::PublishResult {
                outcome: pb::PublishOutcome::Refused as i32,
                event_id: String::new(),
                faults: vec![fault],
            }]),
        }
    }
}

async fn answer(asked: Asked, said: &Value) {
    if let Err(failure) = asked.answer(said.to_string().into_bytes()).await {
        tracing::warn!(error = %failure, "a publisher had no answer; it asks again");
    }
}
