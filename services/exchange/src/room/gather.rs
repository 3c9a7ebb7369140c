//! Gathering: when somebody looks at a room, what came since the last look is read from the stream, only that of the room's place. Nobody pays for rooms that
//! nobody looks at.

use std::time::Duration;

use futures::StreamExt;
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::subjects::area_filter;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio::time::Instant;

use super::concern::Concern;
use super::store::{self, Reading};
use super::{About, Room, Subject};
use crate::catalogue::Catalogue;
use crate::hub::{Hub, Seen};

/// How far back what is older than a room may concern it, in days, as far as the stream keeps it: of a case everything, of a place what is going on.
const DAYS_OF_A_CASE: i64 = 3 * 366;
const DAYS_OF_A_PLACE: i64 = 92;
/// Most facts of a room. What comes behind them is not gathered; a narrower subject is.
const MOST_FACTS: i64 = 10_000;
/// Facts that are looked at between two commits.
const BATCH: usize = 512;
/// How long a look at a room waits for what is read for it: less than a caller waits for the look.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a fact may be on its way to the stream: a closed room is read so much longer.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(600);

/// Reads for rooms. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Gatherer {
    pub(crate) pool: PgPool,
    pub(crate) bus: Bus,
    pub(crate) hub: Hub,
    pub(crate) clock: Clock,
    pub(crate) catalogue: Catalogue,
}

impl Gatherer {
    /// Brings what is known of a room up to now, or as far as a look may wait; the next look goes on from there.
    pub(super) async fn catch_up(&self, room_id: &str, room: &Room) -> Result<(), Failure> {
        let known = store::reading(&self.pool, room_id).await?;
        let ends_at = room.closing.as_ref().map(|closing| closing.at);
        if let (Some(ends_at), Some(known)) = (ends_at, &known)
            && known.read_at > ends_at + UNDER_WAY
        {
            return Ok(());
        }
        let extent = self.bus.extent().await?;
        let last = i64::try_from(extent.last).unwrap_or(i64::MAX);
        let known = known.filter(|known| known.stream == extent.created);
        if ends_at.is_none() && known.as_ref().is_some_and(|known| known.position >= last) {
            return Ok(());
        }
        let since = room.opened_at - SignedDuration::from_hours(24 * days_before(&room.opening.subject));
        let mut reading = match known {
            Some(known) => known,
            None => {
                let position = self.hub.find(since).await?.position;
                Reading { stream: extent.created, position, read_at: Timestamp::UNIX_EPOCH }
            }
        };
        let mut room_left = MOST_FACTS - store::gathered(&self.pool, room_id).await?;
        let mut concern = Concern::new(&room.opening.subject, store::threads(&self.pool, room_id).await?);
        let filters = vec![area_filter(&room.opening.subject.area)];
        let until = Instant::now() + PATIENCE;
        let behind = reading.position.unsigned_abs();
        let mut messages = self.bus.read_up_to_now(filters, &reading.stream, behind).await?;
        let (mut facts, mut looked_at) = (Vec::new(), 0);
        loop {
            let received = match tokio::time::timeout_at(until, messages.next()).await {
                Ok(Some(received)) => received?,
                Ok(None) => break,
                // What was not looked at stays to be looked at.
                Err(_) => return store::keep(&self.pool, room_id, &facts, &reading).await,
            };
            reading.position = i64::try_from(received.sequence).unwrap_or(i64::MAX);
            if let Some(seen) = Seen::read(&received, &self.catalogue) {
                let in_time = seen.envelope.time >= since
                    && ends_at.is_none_or(|ends_at| seen.envelope.time <= ends_at);
                if in_time && room_left > 0 && concern.looks_at(&seen) {
                    room_left -= 1;
                    facts.push(seen);
                }
            }
            looked_at += 1;
            if looked_at % BATCH == 0 {
                store::keep(&self.pool, room_id, &std::mem::take(&mut facts), &reading).await?;
            }
        }
        // What lies behind and is of other places need not be looked at again.
        reading.position = reading.position.max(last);
        reading.read_at = self.clock.now();
        store::keep(&self.pool, room_id, &facts, &reading).await
    }
}

fn days_before(subject: &Subject) -> i64 {
    match subject.about {
        About::Case(_) => DAYS_OF_A_CASE,
        About::Category(_) | About::Place => DAYS_OF_A_PLACE,
    }
}
