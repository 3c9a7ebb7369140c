//! Repeats: what the same command touched when it was answered first, and that answer, folded from history.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use crate::aggregate::{Aggregate, Done, DoneOf};
use crate::gate::Admission;
use crate::status::Failure;
use crate::work::parse;

/// An aggregate as it was touched by a command, so that a repeat can be answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Touched {
    pub(crate) kind: String,
    pub(crate) id: String,
    /// Version before; the events in between are those of the command.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What the same command touched when it was answered first; none when it was not.
pub(crate) async fn recorded(
    connection: &mut PgConnection,
    admission: &Admission,
    key: &str,
) -> Result<Option<Vec<Touched>>, Failure> {
    let row = sqlx::query(
        "select fingerprint, touched::text from commands where caller = $1 and idempotency_key = $2",
    )
    .bind(admission.caller.id())
    .bind(key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.get::<Vec<u8>, _>(0) != admission.fingerprint {
        return Err(Failure::KeyReused);
    }
    parse(row.get(1)).map(Some)
}

/// The first answer: the aggregate as it was then, folded from its history.
pub(crate) async fn first_answer<A: Aggregate>(
    connection: &mut PgConnection,
    touched: Touched,
) -> Result<DoneOf<A>, Failure> {
    let rows = sqlx::query(
        "select at, event from history where kind = $1 and id = $2 and version <= $3 order by version",
    )
    .bind(&touched.kind)
    .bind(&touched.id)
    .bind(touched.to)
    .fetch_all(connection)
    .await?;
    let (mut state, mut events) = (None, Vec::new());
    for (row, version) in rows.iter().zip(1..) {
        let event: A::Event = parse(row.get(1))?;
        state = Some(A::evolve(state, row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff(), &event));
        if version > touched.from {
            events.push(event);
        }
    }
    let state = state.ok_or_else(|| {
        Failure::Bug(format!("{} {} was answered and has no history", touched.kind, touched.id))
    })?;
    Ok(Done { id: touched.id, state, version: touched.to, events })
}
