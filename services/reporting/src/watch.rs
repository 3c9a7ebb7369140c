//! Watching a board: at once, then whenever it changed, and a beat when it did not for a while.

use std::sync::Arc;
use std::time::Duration;

use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::reporting::v1::{Board, WatchBoardResponse};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::boards::Boards;

/// How long nothing is sent at most.
const BEAT: Duration = Duration::from_secs(15);

/// Sends the board of an area until the caller goes away or `end` comes.
pub(crate) async fn watch(
    boards: Boards,
    area: AreaCode,
    mut pulse: watch::Receiver<u64>,
    sender: mpsc::Sender<Result<WatchBoardResponse, Status>>,
    end: CancellationToken,
) {
    tokio::select! {
        () = end.cancelled() => {}
        () = sender.closed() => {}
        () = send_on(&boards, &area, &mut pulse, &sender) => {}
    }
}

/// Sends until sending fails, or until the board cannot be read: then the caller is told and may come back.
async fn send_on(
    boards: &Boards,
    area: &AreaCode,
    pulse: &mut watch::Receiver<u64>,
    sender: &mpsc::Sender<Result<WatchBoardResponse, Status>>,
) {
    let mut shown: Option<Arc<Board>> = None;
    let mut beat_at = Instant::now() + BEAT;
    loop {
        // What comes from here on wakes the wait below.
        pulse.borrow_and_update();
        let board = match boards.paced(area).await {
            Ok(board) => board,
            Err(failure) => {
                // Nobody is left to tell when this fails.
                let _gone = sender.send(Err(failure.into())).await;
                return;
            }
        };
        if !shown.as_ref().is_some_and(|shown| shows_the_same(shown, &board)) {
            let answer = WatchBoardResponse { board: Some(Board::clone(&board)) };
            if sender.send(Ok(answer)).await.is_err() {
                return;
            }
            shown = Some(board);
            beat_at = Instant::now() + BEAT;
        }
        loop {
            tokio::select! {
                changed = pulse.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                () = tokio::time::sleep_until(beat_at) => {
                    if sender.send(Ok(WatchBoardResponse { board: None })).await.is_err() {
                        return;
                    }
                    beat_at = Instant::now() + BEAT;
                }
            }
        }
    }
}

/// True when nothing in the area changed: position and instant move with facts of other areas too.
fn shows_the_same(one: &Arc<Board>, other: &Arc<Board>) -> bool {
    Arc::ptr_eq(one, other)
        || Board { stream_sequence: 0, as_of: None, ..Board::clone(one) }
            == Board { stream_sequence: 0, as_of: None, ..Board::clone(other) }
}
