//! SQL of subscriptions: what lists are searched by, and where delivery stands.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::{Page, newest_key};
use jiff::Timestamp;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::{Standing, Subscription};
use crate::party::Party;

/// Where delivery of a subscription stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    pub(crate) stream: String,
    pub(crate) position: i64,
    pub(crate) latest_at: Option<Timestamp>,
    pub(crate) delivered: i64,
    pub(crate) last_delivered_at: Option<Timestamp>,
    pub(crate) last_event_id: Option<Uuid>,
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_at: Option<Timestamp>,
    pub(crate) held: i64,
    pub(crate) parked: i64,
}

/// A subscription as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) subscription_id: String,
    pub(crate) subscription: Subscription,
    pub(crate) version: i64,
    pub(crate) cursor: Cursor,
}

impl Standing {
    /// The word for it in the table.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused { .. } => "paused",
            Self::Ended { .. } => "ended",
        }
    }
}

/// The cursor is set where the epoch is new, and what was held of what is delivered again, or to one that has ended, is let go.
pub(super) fn index(id: &str, subscription: &Subscription) -> Vec<Rows> {
    let making = &subscription.making;
    let listed = Rows::new(
        "insert into subscriptions (subscription_id, organization, grant_id, status, subscribed_at, reference)
         select * from json_to_recordset($1) as r (subscription_id text, organization text, grant_id text, status text, subscribed_at timestamptz, reference text)
         on conflict (subscription_id) do update set status = excluded.status",
        json!({
            "subscription_id": id,
            "organization": making.party.to_string(),
            "grant_id": making.grant.map(|grant| grant.to_string()),
            "status": subscription.standing.word(),
            "subscribed_at": subscription.subscribed_at,
            "reference": making.reference,
        }),
    );
    let place = json!({
        "subscription_id": id,
        "epoch": subscription.epoch,
        "stream_created": subscription.from.stream,
        "position": subscription.from.position,
        "latest_at": subscription.from.end_at,
        "ended": matches!(subscription.standing, Standing::Ended { .. }),
    });
    let cursor = Rows::new(
        "insert into cursors as c (subscription_id, epoch, stream_created, position, latest_at)
         select subscription_id, epoch, stream_created, position, latest_at
         from json_to_recordset($1) as r (subscription_id text, epoch int, stream_created text, position bigint, latest_at timestamptz)
         on conflict (subscription_id) do update set epoch = excluded.epoch, stream_created = excluded.stream_created,
             position = excluded.position, latest_at = excluded.latest_at, last_error = null, last_error_at = null
             where c.epoch < excluded.epoch",
        place.clone(),
    );
    let held = Rows::new(
        "delete from held h using json_to_recordset($1) as r (subscription_id text, epoch int, position bigint, ended boolean)
         where h.subscription_id = r.subscription_id and (r.ended or h.epoch < r.epoch and h.position > r.position)",
        place,
    );
    vec![listed, cursor, held]
}

/// Subscriptions with where they stand, and the rest of the statement.
macro_rules! select_listed {
    ($rest:literal) => {
        concat!(
            "select s.subscription_id, a.state, a.version, c.stream_created, c.position, c.latest_at, c.delivered,
                 c.last_delivered_at, c.last_event_id, c.last_error, c.last_error_at,
                 (select count(*) from held h where h.subscription_id = s.subscription_id) as held,
                 (select count(*) from held h where h.subscription_id = s.subscription_id and h.parked_at is not null) as parked
             from subscriptions s join aggregates a on a.kind = 'subscription' and a.id = s.subscription_id
             join cursors c on c.subscription_id = s.subscription_id ",
            $rest
        )
    };
}

fn listed(row: &sqlx::postgres::PgRow) -> Result<Listed, sqlx::Error> {
    let Json(subscription) = row.try_get::<Json<Subscription>, _>(1)?;
    let instant =
        |at: usize| row.try_get::<Option<jiff_sqlx::Timestamp>, _>(at).map(|at| at.map(|at| at.to_jiff()));
    let cursor = Cursor {
        stream: row.try_get(3)?,
        position: row.try_get(4)?,
        latest_at: instant(5)?,
        delivered: row.try_get(6)?,
        last_delivered_at: instant(7)?,
        last_event_id: row.try_get(8)?,
        last_error: row.try_get(9)?,
        last_error_at: instant(10)?,
        held: row.try_get(11)?,
        parked: row.try_get(12)?,
    };
    Ok(Listed { subscription_id: row.try_get(0)?, subscription, version: row.try_get(2)?, cursor })
}

/// One subscription with where it stands.
pub(crate) async fn find(pool: &PgPool, id: &str) -> Result<Option<Listed>, sqlx::Error> {
    let row =
        sqlx::query(select_listed!("where s.subscription_id = $1")).bind(id).fetch_optional(pool).await?;
    row.as_ref().map(listed).transpose()
}

/// Every subscription that delivers or may deliver again.
pub(crate) async fn living(pool: &PgPool) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(select_listed!("where s.status <> 'ended'")).fetch_all(pool).await?;
    rows.iter().map(listed).collect()
}

/// Subscriptions that hang on a grant and have not ended.
pub(crate) async fn of_grant(connection: &mut PgConnection, grant: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select subscription_id from subscriptions where grant_id = $1 and status <> 'ended' order by 1",
    )
    .bind(grant)
    .fetch_all(connection)
    .await
}

/// Subscriptions of one organization or of all, and of one reference or of all, newest first.
pub(super) async fn list(
    pool: &PgPool,
    (organization, reference): (Option<&Party>, &str),
    statuses: &[&str],
    page: &Page,
) -> Result<Vec<Listed>, sqlx::Error> {
    let (before_at, before_id) = page.before();
    let sql = select_listed!(
        "where ($1::text is null or s.organization = $1) and (cardinality($2::text[]) = 0 or s.status = any ($2))
           and ($6 = '' or s.reference = $6)
           and ($3 = 9223372036854775807 or (s.subscribed_at, s.subscription_id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4))
         order by s.subscribed_at desc, s.subscription_id desc limit $5"
    );
    let rows = sqlx::query(sql)
        .bind(organization.map(ToString::to_string))
        .bind(statuses)
        .bind(before_at)
        .bind(before_id)
        .bind(page.limit())
        .bind(reference)
        .fetch_all(pool)
        .await?;
    rows.iter().map(listed).collect()
}

impl Listed {
    /// Where a page that ends with this subscription is continued.
    pub(super) fn key(&self) -> String {
        newest_key(self.subscription.subscribed_at, &self.subscription_id)
    }
}
