//! Outcomes that are wanted, computed beside the server and recorded with the public record and every share in one commit.

use std::sync::Arc;
use std::time::Duration;

use gongzhi_chassis::crash;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use sqlx::PgPool;
use tokio::sync::Notify;

use super::outcome::{self, Counted};
use super::state::{Computed, Stage};
use super::{Command, FundKind, store};
use crate::computing::{Computing, aside};
use crate::rules::{Policy, Rules};

/// Tries against others who change the same fund at the same moment.
const TRIES: usize = 4;

/// Who computes outcomes.
#[derive(Clone)]
pub(crate) struct Outcomes {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) wake: Arc<Notify>,
}

impl Computing for Outcomes {
    const LEASE: &'static str = "outcomes";

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
        let Some((fund, version)) = self.writer.load::<FundKind>(id).await? else { return Ok(()) };
        if fund.stage != Stage::Computing {
            return Ok(());
        }
        let ballots = store::ballots(self.writer.pool(), id).await?;
        let seconds = self.rules.at(Policy::OutcomeSeconds, self.writer.clock().now());
        let own = id.to_owned();
        let counting = aside(move || outcome::count(&own, &fund, &ballots));
        let counted = tokio::time::timeout(Duration::from_secs(seconds.into()), counting).await;
        crash::point("fund.computed");
        // What takes too long, or breaks down, is told; whoever closes the fund again tries again.
        let overdue = Counted { computed: Computed::Overdue, record: String::new(), shares: Vec::new() };
        let counted = counted.ok().flatten().transpose()?.unwrap_or(overdue);
        let is_decided = matches!(counted.computed, Computed::Decided(_));
        let command = Command::Record(counted.computed);
        // Nothing changes while it is computed: a version has one outcome, whoever computes it twice.
        let admission = Admission::system(self.writer.service(), format!("outcome:{id}:{version}"));
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(&admission).await?;
            unit.execute::<FundKind>(&(), Target::Existing(id), &command).await?;
            if is_decided && !unit.is_repeat() {
                store::record(unit.connection().await?, id, &counted.record, &counted.shares).await?;
            }
            if unit.commit().await? {
                return Ok(());
            }
        }
        Err(Failure::Conflict)
    }
}
