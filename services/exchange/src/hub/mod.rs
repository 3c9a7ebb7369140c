//! The hub: reads the district's stream once per process and lets every delivery read on from its own position: from memory while it keeps up, from
//! the stream itself while it does not. Knows which subscriptions there are and nothing of the ways by which facts leave the house.

mod memory;
mod milestone;
mod registry;
mod ring;
mod seen;
mod spec;
mod tail;

pub(crate) use registry::Registry;
pub(crate) use seen::Seen;
pub(crate) use spec::Spec;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::subjects::stream_subjects;
use jiff::Timestamp;
use sqlx::PgPool;
use tokio::sync::watch;

use self::memory::Memory;
use crate::catalogue::Catalogue;
use crate::subscription::From;

/// Most facts that are looked at for one reading, so that a reading ends although nothing fits.
const LOOKED_AT: usize = 5_000;
/// How long one reading from the stream may take.
const READING: Duration = Duration::from_secs(2);

/// How long a call waits for a process that has just begun to read.
const BEGUN_WITHIN: Duration = Duration::from_secs(5);

/// The hub. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Hub {
    pool: PgPool,
    bus: Bus,
    clock: Clock,
    memory: Memory,
    registry: Registry,
}

/// A position, and the stream in which it is one: in a rebuilt stream the same number is another place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The stream, by the instant at which it was made.
    pub(crate) stream: String,
    /// Everything behind this position.
    pub(crate) position: i64,
}

/// What was read for a subscription.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What concerns it, with the bytes that it may see, in order.
    pub(crate) facts: Vec<Shown>,
    /// Position up to which was read.
    pub(crate) position: i64,
    /// Latest instant of any fact up to there; none when nothing was read.
    pub(crate) latest_at: Option<Timestamp>,
}

/// A fact as a subscription sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The fact.
    pub(crate) seen: Arc<Seen>,
    /// The bytes, without fields that the rights do not cover.
    pub(crate) body: Vec<u8>,
}

impl Hub {
    pub(crate) fn new(pool: PgPool, bus: Bus, clock: Clock, registry: Registry) -> Self {
        Self { pool, bus, clock, memory: Memory::new(), registry }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.registry.catalogue()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Wakes whenever the stream was read further.
    pub(crate) fn arrivals(&self) -> watch::Receiver<i64> {
        self.memory.arrivals()
    }

    /// The stream that is read and its newest position; none before the first look.
    pub(crate) fn stream(&self) -> Option<(String, i64)> {
        self.memory.stream()
    }

    /// True when the stream was read so far that its milestones tell where an instant is.
    pub(crate) fn knows_instants(&self) -> bool {
        self.memory.ring().unread < milestone::BLOCK
    }

    /// Waits until the stream is read; fails when that takes long.
    pub(crate) async fn begun(&self) -> Result<(), Failure> {
        let begun = tokio::time::timeout(BEGUN_WITHIN, self.memory.begun()).await;
        begun.map_err(|_| Failure::Bus("the stream cannot be read; try again".into()))
    }

    /// The newest fact up to a place; from the stream where it is no longer in memory, and none where the stream does not keep it either.
    pub(crate) async fn last_before(&self, place: &Place) -> Result<Option<Arc<Seen>>, Failure> {
        if let Some(seen) = self.memory.ring().last_before(place.position) {
            return Ok(Some(seen));
        }
        let Some(received) = self.bus.read_at(&place.stream, place.position.unsigned_abs()).await? else {
            return Ok(None);
        };
        self.catalogue().prepare(std::slice::from_ref(&received)).await?;
        Ok(Seen::read(&received, self.catalogue()).map(Arc::new))
    }

    /// Reads on behind a place: at most `most` facts that concern the subscription. What it is not allowed to see is never even copied. Fails where the
    /// stream was rebuilt: whoever reads finds its place again.
    pub(crate) async fn read(&self, spec: &Spec, place: &Place, most: usize) -> Result<Read, Failure> {
        let (at, position) = (self.clock.now(), place.position);
        let in_memory = {
            let ring = self.memory.ring();
            if ring.stream.is_empty() {
                return Ok(Read { position, ..Read::default() });
            }
            if ring.stream != place.stream {
                return Err(Failure::Bus(
                    "the stream was rebuilt; reading begins again where it was left".into(),
                ));
            }
            ring.behind(position, LOOKED_AT)
        };
        match in_memory {
            Some((facts, read_to)) => Ok(select(spec, facts, read_to, most, at)),
            None => {
                let (facts, read_to) = self.read_stream(place).await?;
                Ok(select(spec, facts, read_to, most, at))
            }
        }
    }

    /// Reads from the stream what is no longer in memory.
    async fn read_stream(&self, place: &Place) -> Result<(Vec<Arc<Seen>>, i64), Failure> {
        let all = vec![stream_subjects(self.bus.district())];
        let mut messages = self.bus.read_behind(all, &place.stream, place.position.unsigned_abs()).await?;
        let (mut facts, mut read_to, mut looked_at) = (Vec::new(), place.position, 0);
        let until = tokio::time::Instant::now() + READING;
        while looked_at < LOOKED_AT {
            let Ok(next) = tokio::time::timeout_at(until, messages.next()).await else { break };
            let Some(received) = next.transpose()? else { break };
            looked_at += 1;
            read_to = i64::try_from(received.sequence).unwrap_or(i64::MAX);
            self.catalogue().prepare(std::slice::from_ref(&received)).await?;
            facts.extend(Seen::read(&received, self.catalogue()).map(Arc::new));
            if received.behind == 0 {
                break;
            }
        }
        Ok((facts, read_to))
    }

    /// The place behind which everything of an instant or later lies.
    pub(crate) async fn find(&self, at: Timestamp) -> Result<From, Failure> {
        let extent = self.bus.extent().await?;
        let first = i64::try_from(extent.first).unwrap_or(1);
        let position = milestone::behind(&self.pool, &extent.created, at, first).await?;
        Ok(From { stream: extent.created, position, not_before: Some(at), end_at: None })
    }

    /// The beginning or the end of the stream as it is now.
    pub(crate) async fn edge(&self, newest: bool) -> Result<From, Failure> {
        let extent = self.bus.extent().await?;
        let position = if newest { extent.last } else { extent.first.saturating_sub(1) };
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let end_at = newest.then(|| self.clock.now());
        Ok(From { stream: extent.created, position, not_before: None, end_at })
    }
}

/// Chooses what concerns a subscription. Stops behind the last one that is taken, so that what was not taken is looked at again.
fn select(spec: &Spec, facts: Vec<Arc<Seen>>, read_to: i64, most: usize, at: Timestamp) -> Read {
    let mut read = Read { position: read_to, ..Read::default() };
    for seen in facts {
        read.latest_at = read.latest_at.max(Some(seen.envelope.time));
        if let Some(fields) = spec.sees(&seen, at) {
            let body = seen.shown(&fields);
            let position = seen.position;
            read.facts.push(Shown { seen, body });
            if read.facts.len() == most {
                read.position = position;
                break;
            }
        }
    }
    read
}
