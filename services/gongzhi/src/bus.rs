//! `gongzhi bus`: looking after the bus. Facts are read from the stream; what is parked and what is recorded, from the services' schemas.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::datetime::DateTime;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use gongzhi_chassis::bus::StreamLimits;
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::nats_identity::{self, Keys};
use gongzhi_chassis::run::Context;
use gongzhi_chassis::{outbox, parked, record};
use gongzhi_proto::envelope::Envelope;
use indicatif::ProgressBar;
use jiff::Timestamp;
use sqlx::Row;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::process::{Ground, asked_to_end};
use crate::services::Name;

/// What to do with the bus.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Prints facts as they come, one per line, until Ctrl-C.
    Tail {
        /// Subjects, for example `gov.330105.001.>`; default: the whole district.
        #[arg(long)]
        filter: Option<String>,
        /// From this instant on (RFC 3339); default: from now on.
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        /// From the beginning of the stream.
        #[arg(long, conflicts_with = "since")]
        all: bool,
        /// Ends when everything that was there at the start is printed.
        #[arg(long)]
        exit: bool,
    },
    /// Lists facts that could not be handled, with the reason.
    Parked,
    /// Handles parked facts again, oldest first.
    Replay {
        /// The service that could not handle them.
        service: Name,
    },
    /// Makes an operator for NATS servers of one's own: keys, credentials and the servers' configuration, into a new folder.
    Keys {
        /// The folder; it must not be there yet.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Deletes the stream and publishes it again from the services' records; then compares count, order and hash.
    Rebuild {
        /// Says that nothing else is running and that the stream may be deleted.
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, settings: Settings) -> Result<()> {
    if let Command::Keys { folder } = &command {
        return make_keys(folder);
    }
    anyhow::ensure!(
        settings.database_url.is_some() && settings.nats_url.is_some(),
        "set GONGZHI_DATABASE_URL and GONGZHI_NATS_URL: there is no bus to look after otherwise"
    );
    let ground = Ground::find(&settings, None).await?;
    let context = ground.context(&settings, Clock::system()).await?;
    match command {
        Command::Tail { filter, since, all, exit } => tail(&context, filter, start(since, all)?, exit).await,
        // Needs neither database nor broker, and was done above.
        Command::Keys { .. } => Ok(()),
        Command::Parked => list_parked(&context).await,
        Command::Replay { service } => replay_parked(&context, service).await,
        Command::Rebuild { yes } => {
            anyhow::ensure!(
                yes,
                "this deletes the stream of {}; stop every service and say --yes",
                settings.district
            );
            rebuild(&context, &limits(&settings)).await
        }
    }
}

/// Writes what servers and services are told, each into a file that nobody else can read.
fn make_keys(folder: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let (keys, now) = (Keys::generate(), Timestamp::now());
    keys.keep(&folder.join("nats-keys"))?;
    // Its account JWTs are no secrets, but nobody else needs them either.
    let configuration = nats_identity::configuration(&keys, "$GONGZHI_NATS_ACCOUNTS", now)?;
    for (file, secret, what) in [
        ("operator.conf", configuration.into(), "include in every server, which has GONGZHI_NATS_ACCOUNTS"),
        ("services.creds", keys.credentials("gongzhi", now)?, "GONGZHI_NATS_CREDENTIALS"),
        ("operator.seed", keys.operator_seed()?, "GONGZHI_NATS_OPERATOR_SEED, where credentials are issued"),
        ("system.creds", keys.system_credentials(now)?, "GONGZHI_NATS_SYSTEM_CREDENTIALS, beside it"),
    ] {
        let path = folder.join(file);
        nats_identity::write_secret(&path, &secret)?;
        println!("{}  {what}", path.display());
    }
    Ok(())
}

pub(crate) fn limits(settings: &Settings) -> StreamLimits {
    StreamLimits {
        max_age_days: settings.stream_max_age_days,
        max_bytes: settings.stream_max_bytes,
        replicas: settings.stream_replicas,
    }
}

fn start(since: Option<Timestamp>, all: bool) -> Result<DeliverPolicy> {
    Ok(match (since, all) {
        (Some(since), _) => DeliverPolicy::ByStartTime {
            start_time: DateTime::from_unix_timestamp_nanos(since.as_nanosecond())?,
        },
        (None, true) => DeliverPolicy::All,
        (None, false) => DeliverPolicy::New,
    })
}

async fn tail(
    context: &Context,
    filter: Option<String>,
    deliver_policy: DeliverPolicy,
    exit: bool,
) -> Result<()> {
    let mut stream = context.bus.stream().await?;
    let last = stream.info().await?.state.last_sequence;
    let filter_subject =
        filter.unwrap_or_else(|| gongzhi_proto::subjects::stream_subjects(context.bus.district()));
    let config = pull::Config {
        filter_subject,
        deliver_policy,
        ack_policy: AckPolicy::None,
        inactive_threshold: Duration::from_secs(60),
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let pending = consumer.cached_info().num_pending;
    if exit && pending == 0 {
        return Ok(());
    }
    let mut messages = consumer.messages().await?;
    let ended = asked_to_end();
    tokio::pin!(ended);
    loop {
        let message = tokio::select! {
            outcome = &mut ended => return outcome,
            message = messages.next() => message.context("the stream ended")??,
        };
        let info = message.info().map_err(|error| anyhow::anyhow!("{error}"))?;
        println!(
            "{:>9} {} {}",
            info.stream_sequence,
            message.subject,
            String::from_utf8_lossy(&message.payload)
        );
        if exit && (info.pending == 0 || info.stream_sequence >= last) {
            return Ok(());
        }
    }
}

async fn list_parked(context: &Context) -> Result<()> {
    let mut total = 0;
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        let pool = record::connect(&context.database_url, schema, 1).await?;
        let mut after = 0;
        loop {
            let rows = parked::list(&pool, after, 500).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            for row in &rows {
                println!(
                    "{schema:<13} {:>6} {} {} {}\n              {}",
                    row.id, row.parked_at, row.event_id, row.subject, row.reason
                );
            }
            total += rows.len();
            after = last;
        }
    }
    println!("{total} parked");
    Ok(())
}

async fn replay_parked(context: &Context, service: Name) -> Result<()> {
    let (handled, failed) = match service {
        Name::Dispatch => gongzhi_dispatch::replay_parked(context).await?,
        Name::Grid => gongzhi_grid::replay_parked(context).await?,
        Name::Deliberation => gongzhi_deliberation::replay_parked(context).await?,
        Name::Reporting => gongzhi_reporting::replay_parked(context).await?,
        Name::Exchange => gongzhi_exchange::replay_parked(context).await?,
        Name::Organization | Name::Portal => anyhow::bail!("{service:?} consumes no facts"),
    };
    println!("{handled} handled, {failed} failed again and stay parked");
    anyhow::ensure!(failed == 0, "see `gongzhi bus parked` for the reasons");
    Ok(())
}

/// What a rebuild must bring back: the number of facts and a hash over their ids in order, per service; seals apart, which every service tells of itself.
type Contents = BTreeMap<String, (u64, u64)>;

/// Folds an id into a hash over a sequence of ids (FNV-1a, 64 bit): order counts.
fn fold(hash: u64, id: Uuid) -> u64 {
    id.as_bytes().iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Deletes the stream and publishes it again; gives the number of facts and the seconds it took to publish them.
pub(crate) async fn republish(context: &Context, limits: &StreamLimits) -> Result<(u64, f64)> {
    context.bus.delete_stream().await?;
    context.bus.ensure_stream(limits).await?;
    let mut writers = Vec::new();
    let mut total = 0_u64;
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        let writer = context.writer(schema).await?;
        outbox::rewind(writer.pool()).await?;
        total += outbox::waiting(writer.pool()).await?.unsigned_abs();
        writers.push(writer);
    }
    let progress = ProgressBar::new(total);
    let stop = CancellationToken::new();
    let since = std::time::Instant::now();
    let relays: Vec<_> = writers
        .iter()
        .map(|writer| tokio::spawn(outbox::relay(writer.clone(), context.bus.clone(), stop.clone())))
        .collect();
    loop {
        let mut stream = context.bus.stream().await?;
        let there = stream.info().await?.state.messages;
        progress.set_position(there.min(total));
        if there >= total {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = since.elapsed().as_secs_f64();
    progress.finish_and_clear();
    stop.cancel();
    for relay in relays {
        relay.await?;
    }
    Ok((total, seconds))
}

async fn rebuild(context: &Context, limits: &StreamLimits) -> Result<()> {
    let (total, seconds) = republish(context, limits).await?;
    let (recorded, streamed) = (recorded(context).await?, streamed(context).await?);
    println!("{total} facts published in {seconds:.1} s, {:.0} a second", total as f64 / seconds.max(0.001));
    for (service, (count, hash)) in &recorded {
        println!("{service:<13} {count:>9} facts, order {hash:016x}");
    }
    anyhow::ensure!(
        recorded == streamed,
        "the stream differs from the record: {recorded:?} is recorded, {streamed:?} is on the stream"
    );
    println!("count, order and hash are those of the record");
    Ok(())
}

/// Who published a fact: the service in its subject; of a seal, the service that it is of.
fn publisher(subject: &str, sealed: &str) -> String {
    match subject.split('.').nth(4) {
        Some("audit") | None => format!("seals of {sealed}"),
        Some(service) => service.to_owned(),
    }
}

async fn recorded(context: &Context) -> Result<Contents> {
    let mut contents = Contents::new();
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        let pool = record::connect(&context.database_url, schema, 1).await?;
        let mut rows = sqlx::query("select event_id, subject from outbox order by seq").fetch(&pool);
        while let Some(row) = rows.next().await {
            let row = row?;
            let (count, hash) = contents.entry(publisher(row.get(1), schema)).or_default();
            *count += 1;
            *hash = fold(*hash, row.get(0));
        }
    }
    Ok(contents)
}

async fn streamed(context: &Context) -> Result<Contents> {
    let mut contents = Contents::new();
    let mut stream = context.bus.stream().await?;
    let total = stream.info().await?.state.messages;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        inactive_threshold: Duration::from_secs(60),
        ..Default::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    for _ in 0..total {
        let message = messages.next().await.context("the stream ended early")??;
        let envelope = Envelope::from_bytes(&message.payload)?;
        let (count, hash) = contents.entry(publisher(&message.subject, &envelope.subject)).or_default();
        *count += 1;
        *hash = fold(*hash, envelope.id);
    }
    Ok(contents)
}
