//! Where delivery has come to. Whoever moves a cursor states the epoch: after a rewind a worker of before moves nothing.

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::held;
use crate::hub::{Hub, Place, Spec};

/// What moves a cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Move {
    /// The stream in which it moves.
    pub(crate) stream: String,
    /// Everything up to here is done with.
    pub(crate) position: i64,
    /// Latest instant of any fact up to there.
    pub(crate) latest_at: Option<Timestamp>,
    /// Facts that were delivered on the way.
    pub(crate) delivered: i64,
    /// The last of them; none when none was.
    pub(crate) last_event_id: Option<Uuid>,
    /// When it was delivered.
    pub(crate) at: Timestamp,
}

/// Moves a cursor forward; never back. False when the epoch is over, or the stream was rebuilt and the position is another there.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    spec: &Spec,
    moved: &Move,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "update cursors set position = greatest(position, $3), latest_at = greatest(latest_at, $4), delivered = delivered + $5,
             last_event_id = coalesce($6, last_event_id), last_delivered_at = case when $6 is null then last_delivered_at else $7 end,
             last_error = case when $6 is null then last_error end
         where subscription_id = $1 and epoch = $2 and stream_created = $8",
    )
    .bind(&spec.id)
    .bind(spec.epoch)
    .bind(moved.position)
    .bind(moved.latest_at.map(ToSqlx::to_sqlx))
    .bind(moved.delivered)
    .bind(moved.last_event_id)
    .bind(moved.at.to_sqlx())
    .bind(&moved.stream)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes what went wrong; shown until something is delivered again.
pub(crate) async fn note_error(
    connection: &mut PgConnection,
    id: &str,
    error: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update cursors set last_error = left($2, 500), last_error_at = $3 where subscription_id = $1",
    )
    .bind(id)
    .bind(error)
    .bind(at.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}

/// Where deliveries stand. Cloning shares the pool.
#[derive(Clone)]
pub(crate) struct Positions(PgPool);

impl Positions {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    /// The place to read on from; none while the stream was not looked at or when the epoch is over. In a stream that was rebuilt it is found again
    /// by the instant up to which was read, with a margin in which facts come twice rather than not at all: a relay that was held up publishes late
    /// what happened early. That waits until the stream was read once: without milestones, everything would come twice.
    pub(crate) async fn of(&self, hub: &Hub, spec: &Spec) -> Result<Option<Place>, Failure> {
        let Some((stream, _)) = hub.stream() else { return Ok(None) };
        let row = sqlx::query(
            "select stream_created, position, latest_at from cursors where subscription_id = $1 and epoch = $2",
        )
        .bind(&spec.id)
        .bind(spec.epoch)
        .fetch_optional(&self.0)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.get::<String, _>(0) == stream {
            return Ok(Some(Place { stream, position: row.get(1) }));
        }
        if !hub.knows_instants() {
            return Ok(None);
        }
        let latest = row.get::<Option<jiff_sqlx::Timestamp>, _>(2).map(|at| at.to_jiff());
        let from = match latest {
            Some(latest) => hub.find(latest - MARGIN).await?,
            None => hub.edge(false).await?,
        };
        let mut transaction = self.0.begin().await?;
        sqlx::query(
            "update cursors set stream_created = $3, position = $4 where subscription_id = $1 and epoch = $2",
        )
        .bind(&spec.id)
        .bind(spec.epoch)
        .bind(&from.stream)
        .bind(from.position)
        .execute(&mut *transaction)
        .await?;
        held::outlive_stream(&mut transaction, &spec.id).await?;
        transaction.commit().await?;
        tracing::info!(subscription.id = spec.id, position = from.position, "reads on in a rebuilt stream");
        Ok(Some(Place { stream: from.stream, position: from.position }))
    }

    /// Notes that a receiver has had everything up to a position; tells how far it is then. A position of a stream that was rebuilt since is refused
    /// until the place was found again in the new one: the facts up to it are others now. After that nothing tells it from a position of the new stream, so whoever
    /// acknowledges late what came before a rebuild may pass over facts of the hour that comes twice.
    pub(crate) async fn acknowledge(&self, spec: &Spec, moved: &Move) -> Result<i64, Failure> {
        let mut connection = self.0.acquire().await?;
        advance(&mut connection, spec, moved).await?;
        let row = sqlx::query("select position, stream_created from cursors where subscription_id = $1")
            .bind(&spec.id)
            .fetch_one(&mut *connection)
            .await?;
        if row.get::<String, _>(1) != moved.stream {
            let message = "the stream was rebuilt since this was delivered, and positions are others now; pull, or open the stream, again".into();
            return Err(Failure::Overtaken { reason: "REBUILT", message });
        }
        Ok(row.get(0))
    }
}

/// How far before the instant up to which was read delivery begins again in a rebuilt stream.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
