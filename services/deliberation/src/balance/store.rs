//! The SQL of balances, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::TopicId;
use serde_json::json;
use sqlx::PgPool;

use super::state::Balance;
use crate::newest::newest;

/// What a balance is listed by.
pub(super) fn index(id: &str, balance: &Balance) -> Rows {
    Rows::new(
        "insert into balances (balance_id, topic_id, opened_at)
         select r.balance_id, r.topic_id, r.opened_at
         from json_to_recordset($1) as r (balance_id text, topic_id text, opened_at timestamptz)
         on conflict (balance_id) do nothing",
        json!({
            "balance_id": id,
            "topic_id": balance.plan.topic,
            "opened_at": balance.opened_at,
        }),
    )
}

/// Reads balances on a topic, newest first.
pub(super) async fn list(
    pool: &PgPool,
    topic: &TopicId,
    page: &Page,
) -> Result<Vec<(String, Balance, i64)>, sqlx::Error> {
    let query = "select b.balance_id, a.version, a.state from balances b join aggregates a on a.kind = 'balance' and a.id = b.balance_id
         where b.topic_id = $1
           and ($2 = 9223372036854775807 or (b.opened_at, b.balance_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by b.opened_at desc, b.balance_id desc limit $4";
    newest(pool, query, &topic.to_string(), page).await
}
