//! The audit: an untouched record holds and is sealed when the day is over; whatever somebody changes who may write to the database is found and named.

use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use gongzhi::services::Name;
use gongzhi_chassis::audit::{Finding, Report, Wrong, verify};
use gongzhi_chassis::seal::merkle;
use gongzhi_proto::Fact;
use gongzhi_proto::audit::v1::ChainsSealed;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::service_filter;
use jiff::SignedDuration;
use sqlx::{PgPool, Row};

use crate::world::World;

/// A world in which some cases were registered on Monday, and Monday is over.
async fn after_monday() -> Result<(World, Vec<String>, PgPool)> {
    let world = World::new().await?;
    let mut cases = Vec::new();
    for spot in ["1幢", "2幢", "3幢"] {
        cases.push(world.climbed(spot).await?);
    }
    world.clock.advance(SignedDuration::from_hours(15));
    let pool = world.bench.context.writer(gongzhi_dispatch::NAME).await?.pool().clone();
    sealed(&pool, 1).await?;
    Ok((world, cases, pool))
}

async fn sealed(pool: &PgPool, seals: i64) -> Result<()> {
    gongzhi_harness::wait_until("the record is sealed", || async {
        let found: i64 =
            sqlx::query_scalar("select count(*) from history where kind = 'seal'").fetch_one(pool).await?;
        Ok(if found == seals { Ok(()) } else { Err(format!("{found} seals")) })
    })
    .await
}

async fn audit(pool: &PgPool) -> Result<Report> {
    Ok(verify(pool, gongzhi_dispatch::NAME, &Name::Dispatch.folds(), |_, _| {}).await?)
}

/// What the audit says of one aggregate.
async fn of(pool: &PgPool, id: &str) -> Result<Vec<(i64, Wrong)>> {
    let found = audit(pool).await?.findings.into_iter().filter(|found| found.id == id);
    Ok(found.map(|Finding { version, wrong, .. }| (version, wrong)).collect())
}

/// The seals that the bus was told of.
async fn told(world: &World, seals: u64) -> Result<Vec<ChainsSealed>> {
    let bus = &world.bench.context.bus;
    let config = pull::Config {
        filter_subject: service_filter(bus.district(), "audit"),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        ..Default::default()
    };
    let mut messages = bus.stream().await?.create_consumer(config).await?.messages().await?;
    let mut told = Vec::new();
    for _ in 0..seals {
        let message = messages.next().await.context("the stream ended")??;
        let Some(Fact::ChainsSealed(fact)) = Envelope::from_bytes(&message.payload)?.fact()? else {
            anyhow::bail!("not a seal: {}", message.subject)
        };
        told.push(fact);
    }
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_record_holds_and_every_day_is_sealed_on_the_bus() -> Result<()> {
    let (world, cases, pool) = after_monday().await?;
    // Organization registered departments on Monday, dispatch cases; grid has no history yet and nothing to seal.
    let first = told(&world, 2).await?;
    let of_dispatch = first.iter().find(|fact| fact.service == "dispatch").context("dispatch is not told")?;
    assert_eq!((of_dispatch.day.as_str(), of_dispatch.chains), ("2026-11-09", cases.len() as i64));
    world.registers("4幢").await?;
    world.clock.advance(SignedDuration::from_hours(24));
    sealed(&pool, 2).await?;
    let report = audit(&pool).await?;
    assert_eq!(report.findings, vec![]);
    assert_eq!((report.seals.len(), report.seals[0].root.as_str()), (2, of_dispatch.root.as_str()));
    assert_eq!(report.seals[1].chains, 4);
    assert_eq!(report.states, report.chains, "every state was compared, that of the seals too");
    // The tree is made of the ends in their order, and a single case can be shown to belong to it.
    let ends = sqlx::query(
        "select distinct on (kind, id) kind, id, version, hash from sealed_ends order by kind, id, seal desc",
    )
    .fetch_all(&pool)
    .await?;
    let leaves: Vec<_> =
        ends.iter().map(|row| merkle::leaf(row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let root = merkle::root(&leaves);
    assert_eq!(merkle::hex(&root), report.seals[1].root);
    assert!(merkle::holds(leaves[2], 2, leaves.len(), &merkle::proof(&leaves, 2), &root));
    for name in [Name::Organization, Name::Grid, Name::Reporting] {
        let schema = name.schema().context("no schema")?;
        let writer = world.bench.context.writer(schema).await?;
        assert_eq!(
            verify(writer.pool(), schema, &name.folds(), |_, _| {}).await?.findings,
            vec![],
            "{schema}"
        );
    }
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_taken_away_is_named() -> Result<()> {
    let (_world, cases, pool) = after_monday().await?;
    let run = |sql: &'static str, id: String| {
        let pool = pool.clone();
        async move { sqlx::query(sql).bind(id).execute(&pool).await.map(drop) }
    };
    // One row is changed.
    run("update history set actor = 'somebody else' where id = $1 and version = 2", cases[0].clone()).await?;
    assert_eq!(of(&pool, &cases[0]).await?, vec![(2, Wrong::BrokenChain)]);
    // The last row is taken away, and the aggregate set back to the row before it.
    run(
        "delete from history where id = $1 and version = (select max(version) from history where id = $1)",
        cases[1].clone(),
    )
    .await?;
    let left = of(&pool, &cases[1]).await?;
    assert!(left.iter().any(|(_, wrong)| *wrong == Wrong::OtherEnd), "{left:?}");
    run("update aggregates a set version = h.version, hash = h.hash from history h
         where a.id = $1 and h.kind = a.kind and h.id = a.id and h.version = (select max(version) from history where id = $1)", cases[1].clone()).await?;
    let left = of(&pool, &cases[1]).await?;
    assert!(left.iter().any(|(_, wrong)| matches!(wrong, Wrong::Removed { sealed: Some(_) })), "{left:?}");
    assert!(left.iter().any(|(_, wrong)| *wrong == Wrong::OtherState), "{left:?}");
    // The aggregate is taken away and its history stays; then both.
    run("delete from aggregates where id = $1", cases[2].clone()).await?;
    assert_eq!(of(&pool, &cases[2]).await?, vec![(1, Wrong::AggregateMissing)]);
    run("delete from history where id = $1", cases[2].clone()).await?;
    assert!(matches!(of(&pool, &cases[2]).await?[..], [(_, Wrong::Removed { sealed: Some(_) })]));
    // Nothing of it is left, and the seal has one chain more.
    run("delete from sealed_ends where id = $1", cases[2].clone()).await?;
    assert_eq!(of(&pool, &cases[2]).await?, vec![]);
    assert!(matches!(of(&pool, "dispatch").await?[..], [(1, Wrong::OtherRoot { .. })]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_no_history_makes_is_named() -> Result<()> {
    let (_world, cases, pool) = after_monday().await?;
    sqlx::query("update aggregates set state = replace(state::text, '\"rung\":\"sub_district\"', '\"rung\":\"community\"')::json where id = $1")
        .bind(&cases[0])
        .execute(&pool)
        .await?;
    assert!(matches!(of(&pool, &cases[0]).await?[..], [(_, Wrong::OtherState)]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_rewritten_as_a_whole_is_named_by_its_seal() -> Result<()> {
    let (world, cases, pool) = after_monday().await?;
    rewrite(&pool, &cases[0]).await?;
    let found = of(&pool, &cases[0]).await?;
    assert!(
        found.iter().all(|(_, wrong)| matches!(wrong, Wrong::Rewritten { sealed: Some(_) }))
            && found.len() == 1,
        "the chain holds by itself, only the seal tells: {found:?}"
    );
    // Who rewrites the note of the seal as well has another root.
    sqlx::query(
        "update sealed_ends s set hash = a.hash from aggregates a where a.kind = s.kind and a.id = s.id",
    )
    .execute(&pool)
    .await?;
    assert_eq!(of(&pool, &cases[0]).await?, vec![]);
    let report = audit(&pool).await?;
    let [Finding { id, version: 1, wrong: Wrong::OtherRoot { among, .. }, .. }] = &report.findings[..] else {
        panic!("{:?}", report.findings)
    };
    assert_eq!(id, "dispatch");
    assert!(among.contains(&format!("case {}", cases[0])), "{among:?}");
    // And the bus has the root that was told, whatever becomes of the record.
    let told = told(&world, 2).await?;
    assert!(told.iter().any(|fact| fact.root == report.seals[0].root));
    Ok(())
}

/// Rewrites the first event of a case and all hashes after it, as somebody would who knows the program.
async fn rewrite(pool: &PgPool, id: &str) -> Result<()> {
    let rows = sqlx::query("select version, (extract(epoch from at) * 1000000)::bigint, actor, event from history where kind = 'case' and id = $1 order by version")
        .bind(id)
        .fetch_all(pool)
        .await?;
    let (mut previous, mut last) = (Vec::new(), 0);
    for row in rows {
        let (version, at): (i64, i64) = (row.get(0), row.get(1));
        let event: String = row.get::<String, _>(3).replace("超出小区能力", "超出小区的能力");
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let (version_bytes, at) = (version.to_be_bytes(), at.to_be_bytes());
        let actor: &str = row.get(2);
        for part in [
            previous.as_slice(),
            b"case",
            id.as_bytes(),
            &version_bytes,
            &at,
            actor.as_bytes(),
            event.as_bytes(),
        ] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        previous = context.finish().as_ref().to_vec();
        sqlx::query(
            "update history set event = $3, hash = $4 where kind = 'case' and id = $1 and version = $2",
        )
        .bind(id)
        .bind(version)
        .bind(event)
        .bind(&previous)
        .execute(pool)
        .await?;
        last = version;
    }
    sqlx::query("update aggregates set hash = $3 where kind = 'case' and id = $1 and version = $2")
        .bind(id)
        .bind(last)
        .bind(&previous)
        .execute(pool)
        .await?;
    Ok(())
}
