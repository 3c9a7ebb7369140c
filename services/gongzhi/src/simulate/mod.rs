//! `gongzhi simulate`: what this machine does, as ratios against its own limits measured in the same run. Absolute figures of different machines, or of
//! one machine on different days, do not compare; ratios do.

mod balancer;
mod cost;
mod lag;
mod load;
mod raw;
mod rolling;
mod subscribers;

use std::time::Duration;

use anyhow::{Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::{history, outbox};
use sqlx::Row;
use tonic::transport::Channel;

use crate::bus;
use crate::demo::actor::Stage;
use crate::process::{Ground, Process};
use crate::seed;
use crate::services::Name;

/// How hard and how long.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Clients that call at the same time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Measures delivery to so many subscriptions with field filters instead, at a steady rate.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    subscriptions: Option<u32>,
    /// Facts per second while deliveries or a rolling restart are measured.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    rate: u32,
    /// Replicas of every service, over which calls are spread.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5))]
    replicas: u32,
    /// Exchanges all replicas of all services one by one under load instead, as an upgrade does, and tells which writes failed and how late facts were.
    #[arg(long, conflicts_with = "subscriptions")]
    rolling_restart: bool,
}

/// What was measured.
struct Figures {
    raw_commits: f64,
    accepted: f64,
    raw_messages: f64,
    relayed: f64,
    lag: lag::Lag,
    cost: cost::Cost,
    lost: i64,
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let mut settings = settings;
    settings.grpc_address.set_port(0);
    // Receivers of a measurement are on this machine.
    settings.webhook_networks = "127.0.0.0/8".into();
    settings.database_connections = settings.database_connections.max(arguments.clients.min(48));
    let ground = Ground::find(
        &settings,
        Some(std::env::temp_dir().join(format!("gongzhi-simulate-{}", std::process::id()))),
    )
    .await?;
    let outcome = match arguments.subscriptions {
        None if arguments.rolling_restart => {
            let order = rolling::Order {
                // One that goes needs another that stays.
                replicas: arguments.replicas.max(2) as usize,
                rate: arguments.rate.into(),
                time: Duration::from_secs(arguments.seconds.into()),
                clients: arguments.clients.min(8) as usize,
            };
            rolling::run(&order, &settings, &ground).await
        }
        None => commands(&arguments, &settings, &ground).await,
        Some(subscriptions) => {
            let order = subscribers::Order {
                subscriptions: subscriptions as usize,
                rate: arguments.rate.into(),
                time: Duration::from_secs(arguments.seconds.into()),
            };
            subscribers::run(&order, &settings, &ground).await
        }
    };
    let folder = ground.embedded().map(|embedded| embedded.dir().to_path_buf());
    ground.stop().await?;
    if let Some(folder) = folder {
        std::fs::remove_dir_all(folder)?;
    }
    outcome
}

/// Measures commands, and what becomes of them.
async fn commands(arguments: &Arguments, settings: &Settings, ground: &Ground) -> Result<()> {
    let figures = measure(arguments, settings, ground).await?;
    report(arguments, &figures);
    ensure!(figures.lost == 0, "{} were lost", figures.lost);
    Ok(())
}

async fn measure(arguments: &Arguments, settings: &Settings, ground: &Ground) -> Result<Figures> {
    let time = Duration::from_secs(arguments.seconds.into());
    let context = ground.prepare(settings, Clock::system()).await?;
    let divisions = seed::divisions(&context).await?;
    eprintln!("raw limits of this machine…");
    let commits_before = raw::commits(&context, arguments.clients, time / 2).await?;
    let raw_time = time.min(Duration::from_secs(5));
    let messages_before = raw::messages(ground, raw_time).await?;

    let mut processes = Vec::new();
    for _ in 0..arguments.replicas {
        // Each on connections of its own, as if it were alone.
        let context = ground.context(settings, Clock::system()).await?;
        processes.push(Process::start(context, &Name::WITH_RECORD).await?);
    }
    let addresses = processes.iter().map(|process| format!("http://{}", process.grpc_address));
    let endpoints: Vec<_> = addresses.map(Channel::from_shared).collect::<Result<_, _>>()?;
    let stage = Stage::on(Channel::balance_list(endpoints.into_iter()), &context).await?;
    let district = seed::people(&context, &stage, &divisions).await?;
    eprintln!("{} clients over {} communities…", arguments.clients, divisions.communities());
    let before = cost::Taken::now(&context).await?;
    let at_most = load::closed(&district, arguments.clients, time).await?;
    settle(&context).await?;
    let cost = cost::Taken::now(&context).await?.since(&before, &at_most);
    eprintln!("half of that, for the lag…");
    let (half, lag) = lag::at_rate(&context, &district, at_most.per_second() / 2.0, time).await?;
    settle(&context).await?;
    let accepted = at_most.per_second();
    let lost = verify(&context, &[at_most, half]).await?;
    for process in processes {
        process.stop().await?;
    }

    eprintln!("relaying the whole record…");
    let (count, seconds) = bus::republish(&context, &bus::limits(settings)).await?;
    eprintln!("raw limits once more…");
    // What a machine gives changes while one looks: its limit is measured before and after what is held against it.
    let raw_messages = f64::midpoint(messages_before, raw::messages(ground, raw_time).await?);
    let raw_commits =
        f64::midpoint(commits_before, raw::commits(&context, arguments.clients, time / 2).await?);
    Ok(Figures { raw_commits, accepted, raw_messages, relayed: count as f64 / seconds, lag, cost, lost })
}

/// Waits until everything is relayed and projected.
pub(crate) async fn settle(context: &Context) -> Result<()> {
    let mut pools = Vec::new();
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        pools.push((schema, context.writer(schema).await?));
    }
    for _ in 0..3_000 {
        let mut waiting = 0;
        for (_, writer) in &pools {
            waiting += outbox::waiting(writer.pool()).await?;
        }
        let mut stream = context.bus.stream().await?;
        let last = i64::try_from(stream.info().await?.state.last_sequence)?;
        let reporting =
            pools.iter().find(|(schema, _)| *schema == "reporting").map(|(_, writer)| writer.pool());
        let read: i64 = match reporting {
            Some(pool) => {
                sqlx::query_scalar(
                    "select coalesce(max(sequence), 0) from inbox_cursors where source = 'reporting'",
                )
                .fetch_one(pool)
                .await?
            }
            None => last,
        };
        if waiting == 0 && read >= last {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the record was not relayed and projected within a minute")
}

/// Counts what was acknowledged and is not found in the history, on the bus or in the projection; every chain must hold.
async fn verify(context: &Context, loads: &[load::Load]) -> Result<i64> {
    let mut lost = 0;
    let dispatch = context.writer("dispatch").await?;
    let reporting = context.writer("reporting").await?;
    for load in loads {
        let missing: i64 = sqlx::query("select count(*) from unnest($1::text[]) as c (id) where not exists (select 1 from history h where h.kind = 'case' and h.id = c.id)")
            .bind(&load.cases)
            .fetch_one(dispatch.pool())
            .await?
            .get(0);
        lost += missing;
        let missing: i64 = sqlx::query("select count(*) from unnest($1::text[]) as c (id) where not exists (select 1 from cases p where p.case_id = c.id::uuid)")
            .bind(&load.cases)
            .fetch_one(reporting.pool())
            .await?
            .get(0);
        lost += missing;
    }
    let (_, breaks) = history::verify(dispatch.pool()).await?;
    ensure!(breaks.is_empty(), "{} chains are broken", breaks.len());
    let mut stream = context.bus.stream().await?;
    let messages = i64::try_from(stream.info().await?.state.messages)?;
    let mut recorded = 0;
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        recorded += sqlx::query_scalar::<_, i64>("select count(*) from outbox")
            .fetch_one(context.writer(schema).await?.pool())
            .await?;
    }
    ensure!(
        messages <= recorded,
        "{recorded} facts are recorded, {messages} are on the bus: some are there twice"
    );
    Ok(lost + recorded - messages)
}

fn report(arguments: &Arguments, figures: &Figures) {
    let ratio = |part: f64, whole: f64| part / whole.max(f64::MIN_POSITIVE);
    println!("replicas of every service     {:>10}   all on this machine", arguments.replicas);
    println!("clients                       {:>10}", arguments.clients);
    println!(
        "raw commits/s                 {:>10.0}   the same number of rows in one statement, no program around it",
        figures.raw_commits
    );
    println!(
        "accepted commands/s           {:>10.0}   {:.2} of raw commits",
        figures.accepted,
        ratio(figures.accepted, figures.raw_commits)
    );
    println!(
        "raw JetStream messages/s      {:>10.0}   atomic batches of {}",
        figures.raw_messages,
        gongzhi_chassis::bus::BATCH
    );
    println!(
        "relayed facts/s               {:>10.0}   {:.2} of raw messages",
        figures.relayed,
        ratio(figures.relayed, figures.raw_messages)
    );
    println!(
        "lag to the projection, p50    {:>10.1} ms at {:.0} commands/s",
        figures.lag.p50.as_secs_f64() * 1e3,
        figures.lag.rate
    );
    println!(
        "lag to the projection, p99    {:>10.1} ms of {} samples",
        figures.lag.p99.as_secs_f64() * 1e3,
        figures.lag.samples
    );
    figures.cost.print();
    println!(
        "lost                          {:>10}   acknowledged minus found in history, on the bus and in the projection",
        figures.lost
    );
}
