//! What must be found when everything has come to rest: acknowledged minus found is empty, and found minus acknowledged too.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::{history, outbox, parked};
use gongzhi_harness::wait_until;
use gongzhi_proto::envelope::Envelope;
use sqlx::Row;
use uuid::Uuid;

use super::ground::Ground;
use super::load::Acknowledged;

/// What was found.
pub struct Found {
    /// Facts on the bus.
    pub facts: usize,
}

/// Facts of each aggregate, by kind and id: versions and ids in their order.
pub type Facts = BTreeMap<(String, String), Vec<(i64, Uuid)>>;

/// Waits until everything is relayed and has had its effect in every service.
pub async fn comes_to_rest(ground: &Ground, acknowledged: &[Acknowledged]) -> Result<()> {
    wait_until("everything is relayed", || async {
        let waiting = waiting(ground).await?;
        Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} wait")) })
    })
    .await?;
    let verified = cases(acknowledged).len();
    wait_until("every fact has had its effect", || async {
        // In this order: visits are told of in the commit that opens them, and what is told moves the end of the stream.
        let visits: i64 = sqlx::query_scalar("select count(*) from follow_up_visits")
            .fetch_one(ground.record("grid").pool())
            .await?;
        let waiting = waiting(ground).await?;
        let end = ground.context.bus.stream().await?.cached_info().state.last_sequence;
        let read: i64 = sqlx::query_scalar("select coalesce(max(sequence), 0) from inbox_cursors")
            .fetch_one(ground.record("reporting").pool())
            .await?;
        let rests = visits >= i64::try_from(verified)? && waiting == 0 && read.unsigned_abs() == end;
        Ok(if rests {
            Ok(())
        } else {
            Err(format!("{visits} visits to {verified} cases, {waiting} facts waiting, {read} of {end} read"))
        })
    })
    .await
}

pub async fn waiting(ground: &Ground) -> Result<i64> {
    let mut waiting = 0;
    for record in &ground.records {
        waiting += outbox::waiting(record.pool()).await?;
    }
    Ok(waiting)
}

/// Compares what clients were told with what is there.
pub async fn verify(ground: &Ground, acknowledged: &[Acknowledged]) -> Result<Found> {
    // Projections are told again below, which nobody may do who is not alone.
    ground.stop_beside().await?;
    happened_once(ground, acknowledged).await?;
    let facts = told_once(ground, acknowledged).await?;
    projected(ground, acknowledged).await?;
    for record in &ground.records {
        let (_, breaks) = history::verify(record.pool()).await?;
        ensure!(breaks.is_empty(), "{}: {breaks:?}", record.service());
        let parked = parked::list(record.pool(), 0, 10).await?;
        ensure!(parked.is_empty(), "{} parked {parked:?}", record.service());
    }
    Ok(Found { facts })
}

fn cases(acknowledged: &[Acknowledged]) -> BTreeSet<&str> {
    acknowledged.iter().map(|command| command.case_id.as_str()).collect()
}

/// The history holds every acknowledged command once and nothing else.
async fn happened_once(ground: &Ground, acknowledged: &[Acknowledged]) -> Result<()> {
    let expected: BTreeSet<_> = acknowledged
        .iter()
        .map(|command| (command.case_id.clone(), command.version, command.event.to_owned()))
        .collect();
    ensure!(expected.len() == acknowledged.len(), "two commands were told the same version of a case");
    let found: BTreeSet<(String, i64, String)> =
        sqlx::query("select id, version, event::json ->> 'event' from history where kind = 'case'")
            .fetch_all(ground.record("dispatch").pool())
            .await?
            .into_iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
    let lost: Vec<_> = expected.difference(&found).collect();
    ensure!(lost.is_empty(), "{} acknowledged commands are not in the history: {lost:?}", lost.len());
    let more: Vec<_> = found.difference(&expected).collect();
    ensure!(more.is_empty(), "{} events were acknowledged to nobody: {more:?}", more.len());
    Ok(())
}

/// The bus holds every recorded fact once, those of an aggregate in the order of the record; gives their number.
pub async fn told_once(ground: &Ground, acknowledged: &[Acknowledged]) -> Result<usize> {
    let (recorded, streamed) = (recorded(ground).await?, streamed(&ground.context.bus).await?);
    let ids = |facts: &Facts| facts.values().flatten().map(|(_, id)| *id).collect::<Vec<_>>();
    let (written, told) = (ids(&recorded), ids(&streamed));
    let distinct: BTreeSet<_> = told.iter().copied().collect();
    let lost = written.iter().filter(|id| !distinct.contains(*id)).count();
    ensure!(lost == 0, "{lost} of {} recorded facts are not on the bus", written.len());
    let twice = told.len() - distinct.len();
    ensure!(twice == 0, "{twice} facts are on the bus twice");
    for (aggregate, facts) in &streamed {
        ensure!(
            facts.is_sorted_by_key(|(version, _)| *version),
            "{aggregate:?} is told out of order: {facts:?}"
        );
    }
    ensure!(recorded == streamed, "the bus tells another order than the record, or what was not recorded");
    for command in acknowledged {
        let facts = streamed.get(&("case".to_owned(), command.case_id.clone()));
        let told = facts.is_some_and(|facts| facts.iter().any(|(version, _)| *version == command.version));
        ensure!(told, "{} version {} is not on the bus", command.case_id, command.version);
    }
    Ok(told.len())
}

async fn recorded(ground: &Ground) -> Result<Facts> {
    let mut facts = Facts::new();
    for record in &ground.records {
        let rows =
            sqlx::query("select body from outbox order by bucket, seq").fetch_all(record.pool()).await?;
        for row in rows {
            note(&mut facts, &Envelope::from_bytes(row.get(0))?);
        }
    }
    Ok(facts)
}

/// What the bus tells now.
pub async fn streamed(bus: &Bus) -> Result<Facts> {
    let stream = bus.stream().await?;
    let total = stream.cached_info().state.messages;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        ..Default::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let mut facts = Facts::new();
    for _ in 0..total {
        let message = messages.next().await.context("the stream ended early")??;
        note(&mut facts, &Envelope::from_bytes(&message.payload)?);
    }
    Ok(facts)
}

fn note(facts: &mut Facts, envelope: &Envelope) {
    let aggregate = (envelope.aggregatetype.clone(), envelope.subject.clone());
    facts.entry(aggregate).or_default().push((envelope.sequence, envelope.id));
}

/// The projection shows each case as it was acknowledged last, each case is visited once, and the stream tells all of it again byte for byte.
async fn projected(ground: &Ground, acknowledged: &[Acknowledged]) -> Result<()> {
    let mut last: BTreeMap<&str, &Acknowledged> = BTreeMap::new();
    for command in acknowledged {
        let latest = last.entry(&command.case_id).or_insert(command);
        if latest.version < command.version {
            *latest = command;
        }
    }
    let phase = |command: &Acknowledged| {
        command.phase.as_str_name().trim_start_matches("CASE_PHASE_").to_ascii_lowercase()
    };
    let expected: BTreeMap<String, String> =
        last.into_iter().map(|(case_id, command)| (case_id.to_owned(), phase(command))).collect();
    let reporting = ground.record("reporting").pool();
    let found: BTreeMap<String, String> = sqlx::query("select case_id::text, phase from cases")
        .fetch_all(reporting)
        .await?
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    for (case_id, phase) in &expected {
        let shown = found.get(case_id);
        ensure!(shown == Some(phase), "case {case_id} was acknowledged as {phase} and is shown as {shown:?}");
    }
    ensure!(found.len() == expected.len(), "the projection shows cases that were acknowledged to nobody");
    let (visits, visited): (i64, i64) =
        sqlx::query_as("select count(*), count(distinct case_id) from follow_up_visits")
            .fetch_one(ground.record("grid").pool())
            .await?;
    ensure!(visits == visited, "{visits} visits were opened to the one reporter each of {visited} cases");
    ensure!(visited.unsigned_abs() as usize == expected.len(), "{visited} cases are visited");

    let before = gongzhi_reporting::digest(reporting).await?;
    gongzhi_reporting::replay(&ground.context, |_| {}).await?;
    let after = gongzhi_reporting::digest(reporting).await?;
    ensure!(before == after, "told again, the projections differ: {before} before, {after} after");
    Ok(())
}
