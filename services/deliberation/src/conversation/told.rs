//! The map that is told. While a conversation goes on, ten people are left out of it, and it stays as it is until ten more have spoken: whoever looked before and after one
//! person spoke would otherwise know what that person said. Everybody is on the map of a closed conversation, which therefore differs by ten people or more as well.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use prost::Message;
use sqlx::PgPool;

use super::maps::Maps;
use super::state::FEWEST_TOLD;
use super::store::{self, Accepted};
use super::{Conversation, reply};

/// The map of a conversation as everybody may see it now.
pub(super) async fn map(
    pool: &PgPool,
    maps: &Maps,
    (id, conversation): (&str, &Conversation),
) -> Result<pb::OpinionMap, Failure> {
    if conversation.closing.is_some() {
        return Ok(reply::map(id, &*maps.of(id).await?));
    }
    let people = store::people(pool, id).await?;
    if let Some((before, map)) = store::told_map(pool, id).await?
        && people < before + FEWEST_TOLD
    {
        return as_of_now(pool, id, &map).await;
    }
    let drawn = reply::map(id, &maps.without_some(id, FEWEST_TOLD as usize).await?);
    if drawn.participants == 0 {
        return Ok(drawn);
    }
    // Counted after it was drawn: whoever spoke meanwhile may be on it or not, and is not counted as new the next time.
    let people = store::people(pool, id).await?;
    store::keep_told_map(pool, id, (people, FEWEST_TOLD), &drawn.encode_to_vec()).await?;
    // Where somebody else was faster, theirs is the one that is told.
    let (_, map) = store::told_map(pool, id).await?.ok_or_else(|| Failure::Bug("no map was kept".into()))?;
    as_of_now(pool, id, &map).await
}

/// A map with the statements that are shown now: one that came later by its words alone, one that was rejected since nowhere.
async fn as_of_now(pool: &PgPool, id: &str, map: &[u8]) -> Result<pb::OpinionMap, Failure> {
    let mut map = pb::OpinionMap::decode(map).map_err(|error| Failure::Bug(error.to_string()))?;
    let mut connection = pool.acquire().await?;
    let accepted = store::accepted(&mut connection, id).await?;
    let mut known: BTreeMap<i32, _> = map.statements.drain(..).map(|of| (of.number, of)).collect();
    let shown = |statement: &Accepted| {
        known.remove(&reply::number(statement.number)).unwrap_or_else(|| reply::untold(statement))
    };
    map.statements = accepted.iter().map(shown).collect();
    let is_shown = |side: &pb::MapSide| map.statements.iter().any(|of| of.number == side.number);
    map.consensus.retain(is_shown);
    for group in &mut map.groups {
        group.representative.retain(is_shown);
    }
    Ok(map)
}
