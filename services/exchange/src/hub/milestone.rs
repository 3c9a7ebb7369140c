//! Where in the stream an instant is: the latest instant of any fact in every block of positions, noted as facts pass by. A search then skips every
//! block in which nothing happened late enough, and reads the rest.

use std::collections::BTreeMap;

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

/// Positions of a block.
pub(super) const BLOCK: i64 = 500;

/// Blocks that are being filled. A block is noted when a position of a later one is seen; noting it twice is the same.
#[derive(Debug, Default)]
pub(super) struct Filling {
    blocks: BTreeMap<i64, (i64, Timestamp)>,
    /// Complete, and not noted yet: kept until the database has taken them, because a search stops at a block that it does not know.
    complete: Vec<(i64, Timestamp)>,
}

impl Filling {
    /// Sees a fact. A block is complete when its first position was seen too.
    pub(super) fn see(&mut self, position: i64, at: Timestamp) {
        let block = block_of(position);
        let (_, latest) = self.blocks.entry(block).or_insert((position, at));
        *latest = (*latest).max(at);
        let later = self.blocks.split_off(&block);
        let done = std::mem::replace(&mut self.blocks, later);
        let whole = done.into_iter().filter(|(block, (first, _))| *first == block * BLOCK + 1);
        self.complete.extend(whole.map(|(block, (_, latest))| (block, latest)));
    }

    /// Notes what is complete.
    pub(super) async fn note(&mut self, pool: &PgPool, stream: &str) -> Result<(), Failure> {
        note(pool, stream, &self.complete).await?;
        self.complete.clear();
        Ok(())
    }
}

fn block_of(position: i64) -> i64 {
    (position - 1).div_euclid(BLOCK)
}

/// Notes complete blocks.
async fn note(pool: &PgPool, stream: &str, blocks: &[(i64, Timestamp)]) -> Result<(), Failure> {
    if blocks.is_empty() {
        return Ok(());
    }
    let (blocks, instants): (Vec<_>, Vec<_>) =
        blocks.iter().map(|(block, latest)| (*block, latest.to_sqlx())).unzip();
    sqlx::query(
        "insert into milestones (stream_created, block, latest_at) select $1, * from unnest($2::bigint[], $3::timestamptz[])
         on conflict (stream_created, block) do nothing",
    )
    .bind(stream)
    .bind(blocks)
    .bind(instants)
    .execute(pool)
    .await?;
    Ok(())
}

/// The position behind which everything of an instant or later lies: before the first block that may hold such a fact. `first` is the oldest
/// position that the stream keeps.
pub(super) async fn behind(pool: &PgPool, stream: &str, at: Timestamp, first: i64) -> Result<i64, Failure> {
    // Blocks that were never noted may hold anything: the search stops at the first of them too.
    let block: i64 = sqlx::query_scalar(
        "with kept as (select block, latest_at from milestones where stream_created = $1 and block >= $3),
              gap as (select coalesce(min(k.block + 1), $3) as block from kept k where not exists (select 1 from kept n where n.block = k.block + 1))
         select case when exists (select 1 from kept where block = $3)
             then least((select block from gap), coalesce((select min(block) from kept where latest_at >= $2), (select block from gap)))
             else $3 end",
    )
    .bind(stream)
    .bind(at.to_sqlx())
    .bind(block_of(first.max(1)))
    .fetch_one(pool)
    .await?;
    Ok((block * BLOCK).max(first - 1).max(0))
}

/// The position up to which the stream was noted without a gap from `first` on: where a reader that starts has to begin.
pub(super) async fn noted_to(pool: &PgPool, stream: &str, first: i64) -> Result<i64, Failure> {
    let far = "9999-01-01T00:00:00Z".parse::<Timestamp>().unwrap_or(Timestamp::MAX);
    behind(pool, stream, far, first).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_complete_when_all_of_it_passed_by() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut filling = Filling::default();
        let mut after = |position, at| {
            filling.see(position, at);
            filling.complete.clone()
        };
        assert_eq!(after(400, at(9)), []);
        assert_eq!(after(501, at(5)), [], "the first block was seen from its middle on");
        assert_eq!(after(700, at(7)), []);
        assert_eq!(after(1000, at(6)), []);
        assert_eq!(after(1001, at(1)), [(1, at(7))]);
        assert_eq!(after(1501, at(2)), [(1, at(7)), (2, at(1))], "kept until they are noted");
    }
}
