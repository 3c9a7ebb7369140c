//! The boards that are being looked at: each is read once per change and shared by all who look at the same area. Whether something changed is asked of
//! the database, so that what another replica consumed is noticed too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::reporting::v1::Board;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::board;

/// Least time between two readings of one board for those who watch: four a second.
const PACE: Duration = Duration::from_millis(250);
/// A reading may take this part of the time at most, so that watching a large district leaves the database to others.
const SHARE: u32 = 4;
/// Boards read at the same time; the rest of the pool is for the consumer.
const READERS: usize = 2;
/// Areas remembered before those that nobody looks at are forgotten.
const REMEMBERED: usize = 256;

/// Boards by area. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Boards(Arc<Inner>);

struct Inner {
    pool: PgPool,
    readers: Semaphore,
    slots: Mutex<HashMap<AreaCode, Arc<Slot>>>,
}

/// One area; locked while its board is read, so that everybody else waits for that reading.
type Slot = tokio::sync::Mutex<Option<Reading>>;

struct Reading {
    board: Arc<Board>,
    position: Option<(String, u64)>,
    /// When those who watch may have it read again.
    again_at: Instant,
}

impl Boards {
    /// No board read yet.
    pub(crate) fn new(pool: PgPool) -> Self {
        let (readers, slots) = (Semaphore::new(READERS), Mutex::default());
        Self(Arc::new(Inner { pool, readers, slots }))
    }

    /// The board as it is now.
    pub(crate) async fn now(&self, area: &AreaCode) -> Result<Arc<Board>, Failure> {
        self.read(area, false).await
    }

    /// The board as it is as soon as the pace allows another reading.
    pub(crate) async fn paced(&self, area: &AreaCode) -> Result<Arc<Board>, Failure> {
        self.read(area, true).await
    }

    async fn read(&self, area: &AreaCode, paced: bool) -> Result<Arc<Board>, Failure> {
        let slot = self.slot(area);
        let mut slot = loop {
            let locked = slot.lock().await;
            match locked.as_ref().map(|reading| reading.again_at) {
                // Waits without the lock, so that who asks for the board as it is now need not wait too.
                Some(again_at) if paced && Instant::now() < again_at => {
                    drop(locked);
                    tokio::time::sleep_until(again_at).await;
                }
                Some(_) | None => break locked,
            }
        };
        let position = {
            let mut connection = self.0.pool.acquire().await?;
            board::position(&mut connection).await?
        };
        if let Some(reading) = slot.as_ref()
            && reading.position == position
        {
            return Ok(reading.board.clone());
        }
        let _reader = self.0.readers.acquire().await.map_err(|error| Failure::Bug(error.to_string()))?;
        let since = Instant::now();
        let board = Arc::new(board::read(&self.0.pool, area).await?);
        let again_at = Instant::now() + PACE.max(since.elapsed() * SHARE);
        // The position before the reading: what came during it has the board read once more, which does no harm.
        *slot = Some(Reading { board: board.clone(), position, again_at });
        Ok(board)
    }

    fn slot(&self, area: &AreaCode) -> Arc<Slot> {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= REMEMBERED {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(area.clone()).or_default().clone()
    }
}
