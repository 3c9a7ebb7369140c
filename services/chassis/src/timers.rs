//! Timers: an aggregate's row says when something next happens to it by itself; when that instant has come, an ordinary command makes it happen.
//! Two processes that see the same row at once do no harm: the command is decided once, and the second finds nothing due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff_sqlx::ToSqlx;
use sqlx::Row as _;
use tokio_util::sync::CancellationToken;

use crate::execute::{Aggregate, Target, Writer};
use crate::gate::Admission;
use crate::status::Failure;

/// How often due rows are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Most rows taken at once.
const BATCH: i64 = 200;
/// How long a row rests after a tick that failed or changed nothing, so that it does not keep others waiting.
const REST: &str = "1 minute";

type Tick = Arc<dyn Fn(String) -> BoxFuture<'static, Result<bool, Failure>> + Send + Sync>;

/// The kinds of a service to which something happens by itself.
#[derive(Clone, Default)]
pub struct Timers {
    kinds: HashMap<&'static str, Tick>,
}

impl Timers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    pub fn with<A: Aggregate>(mut self, writer: &Writer, rules: Arc<A::Rules>) -> Self {
        let writer = writer.clone();
        let tick: Tick = Arc::new(move |id| {
            let (writer, rules) = (writer.clone(), rules.clone());
            Box::pin(async move {
                let Some(command) = A::tick() else { return Ok(false) };
                let admission = Admission::reaction(writer.service());
                let done = writer.execute::<A>(&admission, &rules, Target::Existing(&id), command).await?;
                Ok(!done.events.is_empty())
            })
        });
        self.kinds.insert(A::KIND, tick);
        self
    }

    /// Makes happen what is due, once; tells how many aggregates were due.
    pub async fn run_due(&self, writer: &Writer) -> Result<usize, Failure> {
        let rows = sqlx::query("select kind, id from aggregates where due_at <= $1 order by due_at limit $2")
            .bind(writer.clock().now().to_sqlx())
            .bind(BATCH)
            .fetch_all(writer.pool())
            .await?;
        for row in &rows {
            let (kind, id): (String, String) = (row.get(0), row.get(1));
            let outcome = match self.kinds.get(kind.as_str()) {
                Some(tick) => tick(id.clone()).await,
                None => Ok(false),
            };
            if matches!(outcome, Ok(true)) {
                continue;
            }
            if let Err(failure) = outcome {
                tracing::error!(kind, id, error = %failure, "a timer failed and rests");
            }
            sqlx::query(sqlx::AssertSqlSafe(format!("update aggregates set due_at = $3 + interval '{REST}' where kind = $1 and id = $2 and due_at <= $3")))
                .bind(kind)
                .bind(id)
                .bind(writer.clock().now().to_sqlx())
                .execute(writer.pool())
                .await?;
        }
        Ok(rows.len())
    }

    /// Makes happen what is due until told to stop.
    pub async fn run(self, writer: Writer, stop: CancellationToken) {
        loop {
            let wait = match self.run_due(&writer).await {
                Ok(count) if count as i64 == BATCH => Duration::ZERO,
                Ok(_) => LOOK_EVERY,
                Err(failure) => {
                    tracing::warn!(service = writer.service(), error = %failure, "timers wait");
                    LOOK_EVERY * 5
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}
