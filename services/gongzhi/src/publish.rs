//! `gongzhi publish`: sends CloudEvents to the exchange and tells what became of each.

use std::io::Read;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::config::Settings;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::{PublishOutcome, PublishRequest, PublishResult};
use serde_json::value::RawValue;
use tonic_types::StatusExt;

use crate::account;

/// What to publish.
#[derive(clap::Args)]
#[command(after_help = "An event is CloudEvents 1.0 in JSON, of a registered type:
  {\"specversion\": \"1.0\", \"id\": \"4711\", \"source\": \"/bins\", \"subject\": \"GS-0017\", \"area\": \"330105001052\",
   \"type\": \"gongzhi.dept-urban-management.v1.bin_overflowed\", \"data\": {\"bin_code\": \"GS-0017\", \"fill_level\": 97}}
Publishing the same again, by source and id, changes nothing: repeat it whenever no answer came.
Ends with 0 when every event was accepted, now or before, otherwise with 1.")]
pub(crate) struct Arguments {
    /// A file with one event, or an array of any length; `-` for standard input.
    file: String,
    #[command(flatten)]
    account: account::Account,
}

/// Events of one call.
const BATCH: usize = 100;
/// Longest that a publisher rests when it is told to.
const LONGEST_REST: Duration = Duration::from_secs(60);

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let events = read(&arguments.file)?;
    let session = arguments.account.sign_in(&settings).await?;
    let mut client = PublicationServiceClient::new(session.calls()).max_encoding_message_size(16 << 20);
    let mut refused = 0;
    for (nth, batch) in events.chunks(BATCH).enumerate() {
        let results = loop {
            let status = match client.publish(PublishRequest { events: batch.to_vec() }).await {
                Ok(answer) => break answer.into_inner().results,
                Err(status) => status,
            };
            let rest = status.get_details_retry_info().and_then(|info| info.retry_delay);
            let Some(rest) = rest.filter(|rest| *rest <= LONGEST_REST) else {
                return Err(account::refused(status)).context("the rest was not published");
            };
            eprintln!("{}: waiting {:.1} s", status.message(), rest.as_secs_f64());
            tokio::time::sleep(rest).await;
        };
        for (at, result) in results.iter().enumerate() {
            refused += usize::from(print(nth * BATCH + at, result));
        }
    }
    anyhow::ensure!(refused == 0, "{refused} of {} events were refused", events.len());
    Ok(())
}

/// Tells what became of an event; true when it was refused.
fn print(nth: usize, result: &PublishResult) -> bool {
    match result.outcome() {
        PublishOutcome::Accepted => println!("[{nth}] accepted  {}", result.event_id),
        PublishOutcome::Duplicate => println!("[{nth}] duplicate {}", result.event_id),
        PublishOutcome::Refused | PublishOutcome::Unspecified => {
            println!("[{nth}] refused");
            for fault in &result.faults {
                println!("      {} {}: {}", fault.reason, fault.path, fault.message);
            }
            return true;
        }
    }
    false
}

/// The events of a file, each as it stands there.
fn read(file: &str) -> Result<Vec<String>> {
    let mut text = String::new();
    match file {
        "-" => std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?,
        file => {
            let mut source = std::fs::File::open(file).with_context(|| format!("{file} cannot be read"))?;
            source.read_to_string(&mut text).with_context(|| format!("{file} cannot be read"))?
        }
    };
    if !text.trim_start().starts_with('[') {
        return Ok(vec![text.trim().to_owned()]);
    }
    let events: Vec<Box<RawValue>> = serde_json::from_str(&text).context("not an array of events")?;
    Ok(events.into_iter().map(|event| event.get().to_owned()).collect())
}
