//! Relay and inbox: every committed fact is on the stream once and in order, has its effect once, and is parked when it cannot have it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use futures::StreamExt;
use gongzhi_chassis::bus::{Bus, Outgoing, StreamLimits};
use gongzhi_chassis::execute::{Unit, Writer};
use gongzhi_chassis::inbox::{self, Position, Reactions};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::{outbox, parked};
use gongzhi_harness::{Bench, wait_until};
use gongzhi_proto::Fact;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::service_filter;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::tally;

/// Writes down what it is told; refuses counts of one tally while told to.
#[derive(Default)]
struct Notes {
    refuses: AtomicBool,
}

impl Reactions for Notes {
    const SOURCE: &'static str = "notes";

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![service_filter(bus.district(), "dispatch")]
    }

    async fn handle(&self, unit: &mut Unit, envelope: &Envelope) -> Result<(), Failure> {
        let fact = envelope.fact().map_err(|error| Failure::Bug(error.to_string()))?;
        let statement = match fact {
            Some(Fact::CaseVoided(_)) => {
                "insert into counts (id, opened) values ($1, 1) on conflict (id) do update set opened = counts.opened + 1"
            }
            Some(Fact::ReporterJoined(joined))
                if self.refuses.load(Ordering::SeqCst) && joined.case_id == "bad" =>
            {
                return Err(Failure::Bug("this one cannot be handled".into()));
            }
            // The count must be the next one: what comes twice or out of order fails here.
            Some(Fact::ReporterJoined(joined)) => {
                let moved = sqlx::query("update counts set count = $2 where id = $1 and count = $2 - 1")
                    .bind(&joined.case_id)
                    .bind(joined.reporter_count)
                    .execute(unit.connection().await?)
                    .await?;
                return if moved.rows_affected() == 1 {
                    Ok(())
                } else {
                    Err(Failure::Bug(format!("{} came out of order", joined.reporter_count)))
                };
            }
            _ => return Ok(()),
        };
        sqlx::query(statement).bind(&envelope.subject).execute(unit.connection().await?).await?;
        Ok(())
    }
}

/// Everything on the stream: per aggregate the versions in order.
async fn on_the_stream(bus: &Bus) -> Result<BTreeMap<String, Vec<i64>>> {
    let mut stream = bus.stream().await?;
    let total = stream.info().await?.state.messages;
    let consumer =
        stream.create_consumer(async_nats::jetstream::consumer::pull::OrderedConfig::default()).await?;
    let mut messages = consumer.messages().await?;
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for _ in 0..total {
        let message = messages.next().await.expect("as many messages as the stream says")?;
        let envelope = Envelope::from_bytes(&message.payload)?;
        found.entry(envelope.subject.clone()).or_default().push(envelope.sequence);
    }
    Ok(found)
}

async fn relayed(writer: &Writer) -> Result<()> {
    wait_until("the outbox is empty", || async {
        let waiting = outbox::waiting(writer.pool()).await?;
        Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} waiting")) })
    })
    .await
}

/// Twenty tallies, counted thirty times each by all at once.
async fn count_a_lot(writer: &Writer, bench: &Bench) -> Result<()> {
    for tally in 0..20 {
        tally::open(writer, bench, &format!("t{tally}")).await?;
    }
    let counts = (0..600).map(|nth| async move {
        tally::count(writer, &format!("t{}", nth % 20), &format!("count-{nth}")).await
    });
    for done in futures::stream::iter(counts).buffer_unordered(16).collect::<Vec<_>>().await {
        done?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_is_relayed_once_in_order_and_a_second_relay_adds_nothing() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    let stop = CancellationToken::new();
    let relays: Vec<_> = (0..2)
        .map(|_| tokio::spawn(outbox::relay(writer.clone(), bench.context.bus.clone(), stop.clone())))
        .collect();
    count_a_lot(&writer, &bench).await?;
    relayed(&writer).await?;
    let found = on_the_stream(&bench.context.bus).await?;
    assert_eq!(found.len(), 20);
    assert!(found.values().all(|versions| *versions == (1..=31).collect::<Vec<_>>()), "{found:?}");
    // As after a crash between acknowledgement and cursor: everything is sent again and the server has it all.
    outbox::rewind(writer.pool()).await?;
    relayed(&writer).await?;
    assert_eq!(on_the_stream(&bench.context.bus).await?, found);
    stop.cancel();
    for relay in relays {
        relay.await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_has_its_effect_once_and_a_rebuilt_stream_changes_nothing() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    let stop = CancellationToken::new();
    let (sender, mut position) = watch::channel(Position::default());
    let relay = tokio::spawn(outbox::relay(writer.clone(), bench.context.bus.clone(), stop.clone()));
    let consumer = tokio::spawn(inbox::consume(
        writer.clone(),
        bench.context.bus.clone(),
        Arc::new(Notes::default()),
        sender,
        stop.clone(),
    ));
    count_a_lot(&writer, &bench).await?;
    position.wait_for(|position| position.sequence == 620).await?;
    let effects = || async {
        Ok::<_, anyhow::Error>(
            sqlx::query_as::<_, (i64, i64, i64)>("select count(*), sum(opened), sum(count) from counts")
                .fetch_one(writer.pool())
                .await?,
        )
    };
    assert_eq!(effects().await?, (20, 20, 600));
    assert!(parked::list(writer.pool(), 0, 10).await?.is_empty());

    // The stream is lost; it is rebuilt from the record and read again from its beginning, to no effect.
    bench.context.bus.delete_stream().await?;
    bench
        .context
        .bus
        .ensure_stream(&StreamLimits { max_age_days: 1, max_bytes: 1 << 30, replicas: 1 })
        .await?;
    outbox::rewind(writer.pool()).await?;
    wait_until("the rebuilt stream is read", || async {
        let read: i64 =
            sqlx::query_scalar("select sequence from inbox_cursors").fetch_one(writer.pool()).await?;
        let mut stream = bench.context.bus.stream().await?;
        let messages = stream.info().await?.state.messages;
        let created: String =
            sqlx::query_scalar("select stream_created from inbox_cursors").fetch_one(writer.pool()).await?;
        let now = jiff::Timestamp::from_nanosecond(stream.cached_info().created.unix_timestamp_nanos())?
            .to_string();
        Ok(if messages == 620 && read == 620 && created == now {
            Ok(())
        } else {
            Err(format!("{messages} there, {read} read"))
        })
    })
    .await?;
    assert_eq!(effects().await?, (20, 20, 600));
    stop.cancel();
    relay.await?;
    consumer.await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_cannot_be_handled_is_parked_and_replayed_in_order() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    let stop = CancellationToken::new();
    let notes = Arc::new(Notes { refuses: true.into() });
    let (sender, mut position) = watch::channel(Position::default());
    let relay = tokio::spawn(outbox::relay(writer.clone(), bench.context.bus.clone(), stop.clone()));
    let consumer = tokio::spawn(inbox::consume(
        writer.clone(),
        bench.context.bus.clone(),
        notes.clone(),
        sender,
        stop.clone(),
    ));
    for id in ["good", "bad"] {
        tally::open(&writer, &bench, id).await?;
        tally::count(&writer, id, &format!("{id}-1")).await?;
        tally::count(&writer, id, &format!("{id}-2")).await?;
    }
    position.wait_for(|position| position.sequence == 6).await?;
    // Bytes that are no fact at all are parked too.
    let id = bench.context.clock.new_id();
    let subject = format!("gov.{}.-.-.dispatch.case_voided.all", bench.context.bus.district());
    bench.context.bus.publish(&[Outgoing { subject, id, body: b"not a fact".as_slice().into() }]).await?;
    position.wait_for(|position| position.sequence == 7).await?;
    let reasons: Vec<_> =
        parked::list(writer.pool(), 0, 10).await?.into_iter().map(|parked| parked.reason).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(
        reasons[0].contains("cannot be handled")
            && reasons[1].contains("waits behind")
            && reasons[2].contains("not a cloud event"),
        "{reasons:?}"
    );
    let count = |id: &'static str| {
        sqlx::query_scalar::<_, i32>("select count from counts where id = $1")
            .bind(id)
            .fetch_one(writer.pool())
    };
    assert_eq!((count("good").await?, count("bad").await?), (2, 0));

    assert_eq!(parked::replay(&writer, notes.as_ref()).await?, (0, 3), "the cause is not mended yet");
    notes.refuses.store(false, Ordering::SeqCst);
    assert_eq!(parked::replay(&writer, notes.as_ref()).await?, (2, 1));
    assert_eq!((count("good").await?, count("bad").await?), (2, 2));
    stop.cancel();
    relay.await?;
    consumer.await?;
    Ok(())
}

#[tokio::test]
async fn a_stream_may_be_larger_than_the_disk_but_not_than_the_server() -> Result<()> {
    let bench = Bench::new().await?;
    let limits = |max_bytes| StreamLimits { max_age_days: 1, max_bytes, replicas: 1 };
    // What a stream may hold is no claim on the disk of a private server: half a terabyte is taken on a small one too.
    bench.context.bus.ensure_stream(&limits(1 << 39)).await?;
    let refused =
        bench.context.bus.ensure_stream(&limits(1 << 41)).await.expect_err("over the server's bound");
    assert!(refused.to_string().contains("GONGZHI_STREAM_MAX_BYTES"), "{refused}");
    bench.context.bus.ensure_stream(&limits(1 << 30)).await?;
    Ok(())
}
