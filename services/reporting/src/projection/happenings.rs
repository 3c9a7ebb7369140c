//! Happenings: the newest facts about cases, one line each, bounded per community.

use std::collections::BTreeMap;

use gongzhi_chassis::rows::JsonArray;
use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// How many of a community remain when older ones are forgotten; a board shows at most 30.
const KEPT: i64 = 50;
/// One fact in so many has older ones forgotten: a delete per fact would cost more than the fact itself.
const FORGETS: u8 = 16;
/// How much of the code of an area names its community.
const COMMUNITY: usize = 12;

/// A fact about a case.
pub(crate) struct Happening {
    pub(crate) area: String,
    pub(crate) happened_at: Timestamp,
    pub(crate) event_id: Uuid,
    pub(crate) fact: String,
    pub(crate) case_id: Uuid,
    pub(crate) department: String,
}

/// Happenings that are written together, and the communities that forget older ones after that.
#[derive(Default)]
struct Wave {
    rows: Vec<Value>,
    forgetting: Vec<String>,
}

/// Notes facts about cases; `area` is the present code of each. Which ones remain follows from the facts and their order alone: it is the id of a fact
/// that says whether older ones of its community are forgotten after it. So what a community is told after that comes in a later wave.
pub(crate) async fn note(
    connection: &mut PgConnection,
    happenings: Vec<(Happening, String)>,
) -> Result<(), Failure> {
    let mut waves: Vec<Wave> = Vec::new();
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for (happening, area_code) in happenings {
        let community: String = area_code.chars().take(COMMUNITY).collect();
        let nth = reached.entry(community.clone()).or_default();
        while waves.len() <= *nth {
            waves.push(Wave::default());
        }
        if happening.event_id.as_bytes()[15].is_multiple_of(FORGETS) {
            waves[*nth].forgetting.push(community.clone());
            waves[*nth].rows.push(row(&happening, &community, &area_code));
            *nth += 1;
        } else {
            waves[*nth].rows.push(row(&happening, &community, &area_code));
        }
    }
    for wave in waves {
        write(connection, &wave.rows).await?;
        if !wave.forgetting.is_empty() {
            forget(connection, &wave.forgetting).await?;
        }
    }
    Ok(())
}

/// The happenings that are there whatever the order in which facts came, as what a query selects from: the newest of each community. What is older
/// waits to be forgotten, and a stream that was built anew has facts of different services in another order.
pub(super) fn sure() -> String {
    format!(
        "(select h.* from (select distinct community from happenings) as place cross join lateral
             (select * from happenings h where h.community = place.community order by h.happened_at desc, h.event_id desc limit {KEPT}) as h)"
    )
}

fn row(happening: &Happening, community: &str, area_code: &str) -> Value {
    json!({
        "community": community,
        "happened_at": happening.happened_at,
        "event_id": happening.event_id,
        "fact": happening.fact,
        "case_id": happening.case_id,
        "area_code": area_code,
        "department_code": happening.department,
    })
}

async fn write(connection: &mut PgConnection, rows: &[Value]) -> Result<(), Failure> {
    sqlx::query(
        "insert into happenings (community, happened_at, event_id, fact, case_id, area_code, department_code)
         select community, happened_at, event_id, fact, case_id, area_code, department_code
         from json_populate_recordset(null::happenings, $1)",
    )
    .bind(JsonArray::of(rows)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the oldest happenings of communities.
async fn forget(connection: &mut PgConnection, communities: &[String]) -> Result<(), Failure> {
    sqlx::query(
        "with last as materialized (
             select newest.community, newest.happened_at, newest.event_id from unnest($1::text[]) as place (community)
             cross join lateral (
                 select h.community, h.happened_at, h.event_id from happenings h where h.community = place.community
                 order by h.happened_at desc, h.event_id desc offset $2 - 1 limit 1
             ) as newest)
         delete from happenings h using last
         where h.community = last.community and (h.happened_at, h.event_id) < (last.happened_at, last.event_id)",
    )
    .bind(communities)
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}
