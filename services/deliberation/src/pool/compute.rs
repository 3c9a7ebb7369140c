//! Lotteries that are wanted, computed beside the server and recorded with their tickets in one commit.

use std::sync::Arc;

use gongzhi_chassis::crash;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use sqlx::PgPool;
use tokio::sync::Notify;

use super::state::{Computed, Stage};
use super::{Command, PoolKind, lottery, store};
use crate::computing::{Computing, aside};
use crate::rules::{Policy, Rules};

/// Tries against others who change the same pool at the same moment.
const TRIES: usize = 4;

/// Who computes lotteries.
#[derive(Clone)]
pub(crate) struct Lotteries {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) wake: Arc<Notify>,
}

impl Computing for Lotteries {
    const LEASE: &'static str = "lotteries";

    fn pool(&self) -> &PgPool {
        self.writer.pool()
    }

    fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    async fn wanted(&self) -> Result<Vec<String>, Failure> {
        Ok(store::computing(self.writer.pool()).await?)
    }

    async fn compute(&self, id: &str) -> Result<(), Failure> {
        let Some((pool, _)) = self.writer.load::<PoolKind>(id).await? else { return Ok(()) };
        if pool.stage != Stage::Computing {
            return Ok(());
        }
        let volunteers = store::volunteers(self.writer.pool(), id).await?;
        let seconds = self.rules.at(Policy::LotterySeconds, self.writer.clock().now());
        let (opening, attempt) = (pool.opening, pool.attempt);
        let computed = aside(move || lottery::compute(&opening, &volunteers, lottery::within(seconds))).await;
        crash::point("pool.computed");
        // Who breaks down over a pool does so again: it is told, and does not go round for ever.
        let (computed, sheet) = computed.unwrap_or((Computed::Failed, None));
        let command = Command::Record { attempt, computed };
        // A key of its own for every attempt: it is recorded once, whoever computes it twice.
        let admission = Admission::system(self.writer.service(), format!("lottery:{id}:{attempt}"));
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(&admission).await?;
            unit.execute::<PoolKind>(&(), Target::Existing(id), &command).await?;
            if let (Some(sheet), false) = (&sheet, unit.is_repeat()) {
                store::publish(unit.connection().await?, id, 0, sheet).await?;
            }
            if unit.commit().await? {
                return Ok(());
            }
        }
        Err(Failure::Conflict)
    }
}
