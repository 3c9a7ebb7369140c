//! What a case takes of the disks: the figures from which `deploy/sizing.md` reckons.

use anyhow::Result;
use gongzhi_chassis::run::Context;

use super::load::Load;
use crate::services::Name;

/// What is taken at a moment.
pub(super) struct Taken {
    database: i64,
    stream: u64,
    facts: u64,
}

/// What a load took.
pub(super) struct Cost {
    cases: f64,
    commands: f64,
    facts: f64,
    database: f64,
    stream: f64,
}

impl Taken {
    /// Looks now. Of the database all schemas count, with their indexes; its log does not.
    pub(super) async fn now(context: &Context) -> Result<Self> {
        let writer = context.writer("dispatch").await?;
        let schemas: Vec<_> = Name::WITH_RECORD.into_iter().filter_map(Name::schema).collect();
        let database = sqlx::query_scalar(
            "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = any ($1) and c.relkind = 'r'",
        )
        .bind(schemas)
        .fetch_one(writer.pool())
        .await?;
        let stream = context.bus.stream().await?.cached_info().state.clone();
        Ok(Self { database, stream: stream.bytes, facts: stream.messages })
    }

    /// What was taken since another moment, by a load.
    pub(super) fn since(&self, before: &Self, load: &Load) -> Cost {
        Cost {
            cases: load.cases.len() as f64,
            commands: load.commands as f64,
            facts: self.facts.saturating_sub(before.facts) as f64,
            database: (self.database - before.database) as f64,
            stream: self.stream.saturating_sub(before.stream) as f64,
        }
    }
}

impl Cost {
    /// Tells it.
    pub(super) fn print(&self) {
        let (cases, facts) = (self.cases.max(1.0), self.facts.max(1.0));
        println!(
            "commands of a case            {:>10.1}   {:.1} facts",
            self.commands / cases,
            self.facts / cases
        );
        println!(
            "bytes of a case in database   {:>10.0}   {:.0} a fact, all schemas and indexes",
            self.database / cases,
            self.database / facts
        );
        println!(
            "bytes of a case in the stream {:>10.0}   {:.0} a fact, of one copy",
            self.stream / cases,
            self.stream / facts
        );
    }
}
