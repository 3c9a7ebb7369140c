//! The pulse of the projections: tells those who watch that something was committed, at once when the consumer runs in this process, within a second
//! when it runs in another.

use std::time::Duration;

use gongzhi_chassis::inbox::Position;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::board;

/// How often the kept position is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tells of every change of the position until told to stop. What is told is where the stream was read to; it may fall when the stream is another.
pub(crate) async fn beat(
    pool: PgPool,
    mut consumed: watch::Receiver<Position>,
    changed: watch::Sender<u64>,
    stop: CancellationToken,
) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut consumes = true;
    loop {
        let sequence = tokio::select! {
            () = stop.cancelled() => break,
            outcome = consumed.changed(), if consumes => {
                // The consumer ends before this task when the process stops.
                consumes = outcome.is_ok();
                consumed.borrow_and_update().sequence
            }
            _ = looks.tick() => match kept(&pool).await {
                Some(sequence) => sequence,
                None => continue,
            },
        };
        changed.send_if_modified(|told| std::mem::replace(told, sequence) != sequence);
    }
}

/// The kept position; none while the database does not answer, which a caller of a board is told by that board.
async fn kept(pool: &PgPool) -> Option<u64> {
    let mut connection = pool.acquire().await.ok()?;
    board::position(&mut connection).await.ok()?.map(|(_, sequence)| sequence)
}
