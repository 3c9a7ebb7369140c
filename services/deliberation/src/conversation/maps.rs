//! Maps as they were drawn last, in memory. One is drawn at a time, on a thread of its own; whoever has waited long enough asks again, and it is drawn meanwhile.

use std::collections::HashMap;
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

    /// The map as it is.
    pub(super) async fn of(&self, conversation: &str) -> Result<Arc<Drawn>, Failure> {
        self.such_as(conversation, |kept, now| kept == now).await
    }

    /// The map, or one from shortly before.
    pub(super) async fn near(&self, conversation: &str) -> Result<Arc<Drawn>, Failure> {
        let is_near = |kept: &Stamp, now: &Stamp| {
            kept.accepted == now.accepted && NEAR.1 * kept.changes >= NEAR.0 * now.changes
        };
        self.such_as(conversation, is_near).await
    }

    async fn such_as(
        &self,
        conversation: &str,
        will_do: fn(&Stamp, &Stamp) -> bool,
    ) -> Result<Arc<Drawn>, Failure> {
        let now = store::stamp(self.writer.pool(), conversation).await?;
        if let Some(drawn) = self.kept(conversation, &now, will_do) {
            return Ok(drawn);
        }
        if now.judged > MOST_JUDGEMENTS {
            let message = "more was said than a map is drawn of".to_owned();
            return Err(Failure::Refused { reason: "TOO_MUCH_FOR_A_MAP", message });
        }
        let (maps, conversation) = (self.clone(), conversation.to_owned());
        let drawing = tokio::spawn(async move {
            let _turn = maps.drawing.lock().await;
            maps.draw(&conversation, will_do).await
        });
        match tokio::time::timeout(WAIT, drawing).await {
            Ok(drawn) => drawn.map_err(|error| Failure::Bug(error.to_string()))?,
            Err(_) => {
                let message = "the map is being drawn; ask again".to_owned();
                Err(Failure::Exhausted { message, retry_after: WAIT })
            }
        }
    }

    fn kept(
        &self,
        conversation: &str,
        now: &Stamp,
        will_do: fn(&Stamp, &Stamp) -> bool,
    ) -> Option<Arc<Drawn>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(conversation).filter(|(stamp, _)| will_do(stamp, now)).map(|(_, drawn)| drawn.clone())
    }

    async fn draw(
        &self,
        conversation: &str,
        will_do: fn(&Stamp, &Stamp) -> bool,
    ) -> Result<Arc<Drawn>, Failure> {
        // Before reading: what is said meanwhile makes the stamp older than the map, never newer.
        let now = store::stamp(self.writer.pool(), conversation).await?;
        if let Some(drawn) = self.kept(conversation, &now, will_do) {
            return Ok(drawn);
        }
        let mut connection = self.writer.pool().acquire().await?;
        let matrix = Matrix::of(&mut connection, conversation).await?;
        drop(connection);
        let broken = || Failure::Bug("drawing a map broke down".into());
        let drawn = aside(move || map::draw(matrix)).await.ok_or_else(broken)?;
        let drawn = Arc::new(drawn.map_err(Failure::Bug)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT && !kept.contains_key(conversation) {
            kept.clear();
        }
        kept.insert(conversation.to_owned(), (now, drawn.clone()));
        Ok(drawn)
    }
}
