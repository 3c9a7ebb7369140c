//! The public record of a draw: what a stranger needs to recompute it, and nothing that points at somebody.

use serde_json::{Value, json};

use super::lottery::Sheet;
use super::reply;
use super::state::{Draw, Panel, Pool, Stage};

/// How it is recomputed, in words that go with it.
const HOW: &str = "tickets: one line each, its number and rows of its panel; row n, from 0, is volunteers[n]. tickets_sha256 is that of the text of the tickets. \
The panel is the ticket whose number is the remainder of the drawn number by the count of tickets. The chance of a volunteer is the part of tickets with its row, and \
differs from chances by lottery_error at most. Replacements are drawn the same way from the tickets published with them.";

fn draw(draw: &Draw) -> Value {
    json!({ "number": draw.number, "ticket": draw.ticket, "panel": draw.panel })
}

fn replacements(panel: &Panel, sheets: &[Sheet]) -> Vec<Value> {
    let later = panel.draws.iter().zip(sheets).skip(1);
    later
        .map(|(drawn, sheet)| {
            json!({
                "left": drawn.left, "tickets": sheet.tickets, "tickets_sha256": drawn.sha256, "draw": draw(drawn),
            })
        })
        .collect()
}

/// The record as JSON; none while no tickets are published.
pub(super) fn record(id: &str, pool: &Pool, sheets: &[Sheet]) -> Option<String> {
    let (lottery, sheet) = (pool.lottery()?, sheets.first()?);
    let (opening, panel) = (&pool.opening, pool.panel());
    let counts = |category: usize, feature: usize| {
        panel.and_then(|panel| panel.counts.get(category)?.get(feature).copied())
    };
    let categories = opening.categories.iter().enumerate().map(|(place, category)| {
        let features = category.quotas.iter().enumerate().map(|(nth, quota)| {
            json!({ "feature": quota.feature, "min": quota.min, "max": quota.max, "members": counts(place, nth) })
        });
        json!({ "name": category.name, "features": features.collect::<Vec<_>>() })
    });
    let mut replaced = panel.map(|panel| replacements(panel, sheets)).unwrap_or_default();
    if let (Stage::Replacing(panel, replacing), Some(sheet)) = (&pool.stage, sheets.last()) {
        debug_assert_eq!(panel.draws.len() + 1, sheets.len(), "tickets of every round are kept");
        replaced.push(json!({
            "left": replacing.left, "tickets": sheet.tickets, "tickets_sha256": replacing.sha256, "draw": null,
        }));
    }
    let record = json!({
        "pool_id": id,
        "topic_id": opening.topic.to_string(),
        "area_code": opening.area.as_str(),
        "how": HOW,
        "seats": opening.seats,
        "categories": categories.collect::<Vec<_>>(),
        "quota_changes": pool.change_reasons,
        "household_rule": opening.household_rule,
        "draw_source": opening.draw_source,
        "objective": reply::objective(lottery.objective).as_str_name(),
        "lottery_error": f64::from(lottery.error_millionths) / 1e6,
        "volunteers": sheet.numbers,
        "chances": sheet.chances,
        "tickets": sheet.tickets,
        "tickets_sha256": lottery.sha256,
        "draw": panel.and_then(|panel| panel.draws.first()).map(draw),
        "replacements": replaced,
    });
    Some(record.to_string())
}
