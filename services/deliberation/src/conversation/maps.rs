//! Maps as they were drawn last, in memory. One is drawn at a time, on a thread of its own; whoever has waited long enough asks again, and it is drawn meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::status::Failure;

use super::map::{self, Drawn, Matrix};
use super::store::{self, Stamp};
use crate::computing::aside;

/// How long somebody waits for a map.
const WAIT: Duration = Duration::from_secs(20);
/// Maps that are kept.
const MOST_KEPT: usize = 64;
/// Most judgements of which a map is drawn, as the choice crate takes them.
const MOST_JUDGEMENTS: i64 = 5_000_000;
/// What is asked next goes by a map that has this part of the judgements or more: a new one for each of them would cost more than it tells.
const NEAR: (i64, i64) = (9, 10);

type Kept = (Stamp, Arc<Drawn>);

/// Draws a map on a thread of its own.
async fn drawn(matrix: Matrix) -> Result<Drawn, Failure> {
    let broken = || Failure::Bug("drawing a map broke down".into());
    aside(move || map::draw(matrix)).await.ok_or_else(broken)?.map_err(Failure::Bug)
}

/// Maps of conversations.
#[derive(Clone)]
pub(super) struct Maps {
    writer: Writer,
    kept: Arc<Mutex<HashMap<String, Kept>>>,
    drawing: Arc<tokio::sync::Mutex<()>>,
}

impl Maps {
    pub(super) fn new(writer: &Writer) -> Self {
        Self { writer: writer.clone(), kept: Arc::default(), drawing: Arc::default() }
    }

    /// What each statement is worth to be asked about next, by number, as far as it is known: nobody who judges waits for a map. A newer one is drawn meanwhile.
    pub(super) async fn priorities(&self, conversation: &str) -> Result<BTreeMap<u32, f64>, Failure> {
        let now = store::stamp(self.writer.pool(), conversation).await?;
        let kept = self.kept_of(conversation);
        let is_near = kept.as_ref().is_some_and(|(kept, _)| NEAR.1 * kept.changes >= NEAR.0 * now.changes);
        if !is_near
            && now.judged <= MOST_JUDGEMENTS
            && let Ok(turn) = self.drawing.clone().try_lock_owned()
        {
            let (maps, conversation) = (self.clone(), conversation.to_owned());
            tokio::spawn(async move {
                let _turn = turn;
                if let Err(failure) = maps.draw(&conversation).await {
                    tracing::warn!(conversation, error = %failure, "a map is not drawn");
                }
            });
        }
        Ok(kept.map(|(_, drawn)| drawn.priorities.clone()).unwrap_or_default())
    }

    /// The map as it is.
    pub(super) async fn of(&self, conversation: &str) -> Result<Arc<Drawn>, Failure> {
        let now = store::stamp(self.writer.pool(), conversation).await?;
        if let Some((_, drawn)) = self.kept_of(conversation).filter(|(stamp, _)| *stamp == now) {
            return Ok(drawn);
        }
        let maps = self.clone();
        self.in_turn(conversation, &now, move |conversation| async move { maps.draw(&conversation).await })
            .await
    }

    /// A map on which some of the people are not, always the same ones, whoever else comes: those whose digests come first. It is kept nowhere.
    pub(super) async fn without_some(&self, conversation: &str, some: usize) -> Result<Drawn, Failure> {
        let now = store::stamp(self.writer.pool(), conversation).await?;
        let maps = self.clone();
        self.in_turn(conversation, &now, move |conversation| async move {
            let mut matrix = maps.matrix(&conversation).await?;
            matrix.people.drain(..some.min(matrix.people.len()));
            drawn(matrix).await
        })
        .await
    }

    /// Draws a map when its turn comes; who has waited long enough asks again, and it is drawn meanwhile.
    async fn in_turn<T, Fut>(
        &self,
        conversation: &str,
        now: &Stamp,
        draw: impl FnOnce(String) -> Fut + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        if now.judged > MOST_JUDGEMENTS {
            let message = "more was said than a map is drawn of".to_owned();
            return Err(Failure::Refused { reason: "TOO_MUCH_FOR_A_MAP", message });
        }
        let (turns, conversation) = (self.drawing.clone(), conversation.to_owned());
        let drawing = tokio::spawn(async move {
            let _turn = turns.lock().await;
            draw(conversation).await
        });
        match tokio::time::timeout(WAIT, drawing).await {
            Ok(drawn) => drawn.map_err(|error| Failure::Bug(error.to_string()))?,
            Err(_) => {
                let message = "the map is being drawn; ask again".to_owned();
                Err(Failure::Exhausted { message, retry_after: WAIT })
            }
        }
    }

    fn kept_of(&self, conversation: &str) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(conversation).cloned()
    }

    async fn matrix(&self, conversation: &str) -> Result<Matrix, Failure> {
        let mut connection = self.writer.pool().acquire().await?;
        Ok(Matrix::of(&mut connection, conversation).await?)
    }

    /// Draws the map of everybody and keeps it.
    async fn draw(&self, conversation: &str) -> Result<Arc<Drawn>, Failure> {
        // Before reading: what is said meanwhile makes the stamp older than the map, never newer.
        let now = store::stamp(self.writer.pool(), conversation).await?;
        if let Some((_, drawn)) = self.kept_of(conversation).filter(|(stamp, _)| *stamp == now) {
            return Ok(drawn);
        }
        let drawn = Arc::new(drawn(self.matrix(conversation).await?).await?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT && !kept.contains_key(conversation) {
            kept.clear();
        }
        kept.insert(conversation.to_owned(), (now, drawn.clone()));
        Ok(drawn)
    }
}
