//! The SQL of agendas, and nothing else.

use gongzhi_chassis::execute::Rows;
use gongzhi_chassis::page::Page;
use gongzhi_proto::ids::AreaCode;
use serde_json::json;
use sqlx::PgPool;

use super::machine::Agenda;
use crate::newest::newest;

/// What an agenda is listed by.
pub(super) fn index(id: &str, agenda: &Agenda) -> Rows {
    Rows::new(
        "insert into agendas (agenda_id, area_code, drawn_up_at)
         select r.agenda_id, r.area_code, r.drawn_up_at
         from json_to_recordset($1) as r (agenda_id text, area_code text, drawn_up_at timestamptz) on conflict do nothing",
        json!({ "agenda_id": id, "area_code": agenda.draft.area.as_str(), "drawn_up_at": agenda.drawn_up_at }),
    )
}

/// Reads agendas of an area, newest first.
pub(super) async fn list(
    pool: &PgPool,
    area: &AreaCode,
    page: &Page,
) -> Result<Vec<(String, Agenda, i64)>, sqlx::Error> {
    let query = "select g.agenda_id, a.version, a.state from agendas g join aggregates a on a.kind = 'agenda' and a.id = g.agenda_id
         where g.area_code >= $1 and g.area_code < $1 || ':'
           and ($2 = 9223372036854775807 or (g.drawn_up_at, g.agenda_id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3))
         order by g.drawn_up_at desc, g.agenda_id desc limit $4";
    newest(pool, query, area.as_str(), page).await
}
