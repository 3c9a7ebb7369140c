//! `gongzhi audit`: whether the record of every service is what was written. Chains, states and seals are recomputed from the database, and the seals are
//! compared with what the bus was told.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use gongzhi_chassis::audit::{Finding, Report, Wrong, verify};
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::nats_identity;
use gongzhi_chassis::{record, seal};
use gongzhi_proto::Fact;
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::subjects::service_filter;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::services::Name;

/// What to audit.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Recomputes every chain, compares it with the state and with the seals, and names every row that does not fit; 1 when there is one.
    Verify {
        /// Prints the result as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Seals that the bus was told of: service, day, root.
type Told = Vec<(String, String, String)>;

pub(crate) async fn run(command: Command, settings: Settings) -> Result<()> {
    let Command::Verify { json } = command;
    let url = settings
        .database_url
        .as_ref()
        .context("set GONGZHI_DATABASE_URL: there is no record to audit otherwise")?;
    let told = match &settings.nats_url {
        Some(nats) => {
            let own = settings.nats_credentials.as_ref().map(nats_identity::read).transpose()?;
            let (district, authority) = (settings.district.clone(), settings.nats_authority.as_deref());
            let bus =
                Bus::connect_trusting(nats.reveal(), "audit", district, own.as_ref(), authority).await?;
            Some(seals_told(&bus).await?)
        }
        None => None,
    };
    let reports = audit(url.reveal(), told.as_ref()).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&as_json(&reports, told.as_ref()))?);
    } else {
        print(&reports, told.as_ref());
    }
    let wrong: u64 = reports.values().map(|report| report.wrong).sum();
    ensure!(wrong == 0, "{wrong} rows do not fit");
    Ok(())
}

/// Audits the record of every service.
async fn audit(url: &str, told: Option<&Told>) -> Result<BTreeMap<&'static str, Report>> {
    let mut reports = BTreeMap::new();
    for name in Name::WITH_RECORD {
        let Some(schema) = name.schema() else { continue };
        let pool = record::connect(url, schema, 1).await?;
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template("{msg:13} {bar:40} {pos}/{len} events {per_sec}")?);
        bar.set_message(schema);
        let moved = bar.clone();
        let mut report = verify(&pool, schema, &name.folds(), move |read, all| {
            moved.set_length(all);
            moved.set_position(read);
        })
        .await
        .with_context(|| format!("the record of {schema}"))?;
        bar.finish_and_clear();
        if let Some(told) = told {
            compare_with_bus(schema, told, &mut report);
        }
        reports.insert(schema, report);
        pool.close().await;
    }
    Ok(reports)
}

/// Compares what the bus was told with the seals on record. A seal that the bus does not hold any more is no difference.
fn compare_with_bus(service: &str, told: &Told, report: &mut Report) {
    for (_, day, root) in told.iter().filter(|(of, _, _)| of == service) {
        let nth = report.seals.iter().position(|sealed| sealed.day.to_string() == *day);
        if nth.and_then(|nth| report.seals.get(nth)).is_none_or(|sealed| sealed.root != *root) {
            let version = nth.map_or(0, |nth| nth as i64 + 1);
            report.find(seal::KIND, service, version, Wrong::OtherOnBus { sealed: day.clone() });
        }
    }
}

/// Reads the seals from the stream.
async fn seals_told(bus: &Bus) -> Result<Told> {
    let config = pull::Config {
        filter_subject: service_filter(bus.district(), "audit"),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        ..Default::default()
    };
    let consumer = bus.stream().await?.create_consumer(config).await?;
    let waiting = consumer.cached_info().num_pending;
    let mut messages = consumer.messages().await?;
    let mut told = Told::new();
    for _ in 0..waiting {
        let message = messages.next().await.context("the stream ended early")??;
        if let Some(Fact::ChainsSealed(fact)) = Envelope::from_bytes(&message.payload)?.fact()? {
            told.push((fact.service, fact.day, fact.root));
        }
    }
    Ok(told)
}

fn as_json(reports: &BTreeMap<&'static str, Report>, told: Option<&Told>) -> serde_json::Value {
    let services: Vec<_> = reports
        .iter()
        .map(|(service, report)| {
            let last = report.seals.last().map(|sealed| json!({ "day": sealed.day, "root": sealed.root }));
            json!({ "service": service, "report": report, "seals": report.seals.len(), "last_seal": last })
        })
        .collect();
    let holds = reports.values().all(|report| report.wrong == 0);
    json!({ "holds": holds, "services": services, "seals_on_bus": told.map(Vec::len) })
}

fn print(reports: &BTreeMap<&'static str, Report>, told: Option<&Told>) {
    for (service, report) in reports {
        let Report { chains, events, states, wrong, .. } = report;
        let sealed = report.seals.last().map_or("never sealed".to_owned(), |last| {
            format!("{} seals, the last of {}", report.seals.len(), last.day)
        });
        let holds = if *wrong == 0 { "holds" } else { "DOES NOT HOLD" };
        println!(
            "{service:<13} {holds}: {chains} chains, {events} events, {states} states compared, {sealed}"
        );
        for finding in &report.findings {
            println!("  {service} {}", in_words(finding));
        }
        let unlisted = wrong - report.findings.len() as u64;
        if unlisted > 0 {
            println!("  and {unlisted} more");
        }
    }
    match told {
        Some(told) => println!("{} seals on the bus were compared with those on record", told.len()),
        None => {
            println!("GONGZHI_NATS_URL is not set: the seals were not compared with what the bus was told")
        }
    }
}

fn in_words(Finding { kind, id, version, wrong }: &Finding) -> String {
    let on = |day: &Option<_>| {
        day.map_or("a day that is not on record".to_owned(), |day: jiff::civil::Date| day.to_string())
    };
    let what = match wrong {
        Wrong::BrokenChain => {
            "does not follow from the row before: it was changed, or the one before is missing".to_owned()
        }
        Wrong::OtherEnd => "should be the last, and the history does not have it so".to_owned(),
        Wrong::BeyondEnd => "is in the history, and the aggregate does not know it".to_owned(),
        Wrong::AggregateMissing => "is in the history of an aggregate that is missing".to_owned(),
        Wrong::OtherState => "has a state that its history does not make".to_owned(),
        Wrong::Rewritten { sealed } => format!("was rewritten after it was sealed on {}", on(sealed)),
        Wrong::Removed { sealed } => format!("was removed after it was sealed on {}", on(sealed)),
        Wrong::OtherRoot { sealed, among } if among.is_empty() => {
            format!("(sealed on {sealed}) has another root than what it covers")
        }
        Wrong::OtherRoot { sealed, among } => format!(
            "(sealed on {sealed}) has another root than what it covers: something was rewritten together with its note, removed, or is among {}",
            among.join(", ")
        ),
        Wrong::SealMissing => "is not on record, and ends are noted for it".to_owned(),
        Wrong::OtherOnBus { sealed } => format!("(sealed on {sealed}) is not what the bus was told"),
    };
    format!("{kind} {id} version {version} {what}")
}
