//! `gongzhi publish`: sends CloudEvents to the exchange, over gRPC or NATS, and tells what became of each.

mod nats;

use std::io::Read;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::Session;
use gongzhi_chassis::config::Settings;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::{PublishOutcome, PublishRequest, PublishResult};
use serde_json::value::RawValue;
use tonic_types::StatusExt;

use crate::account;
use crate::credentials::Credentials;

/// What to publish.
#[derive(clap::Args)]
#[command(after_help = "An event is CloudEvents 1.0 in JSON, of a registered type:
  {\"specversion\": \"1.0\", \"id\": \"4711\", \"source\": \"/bins\", \"subject\": \"GS-0017\", \"area\": \"330105001052\",
   \"type\": \"gongzhi.dept-urban-management.v1.bin_overflowed\", \"data\": {\"bin_code\": \"GS-0017\", \"fill_level\": 97}}
Publishing the same again, by source and id, changes nothing: repeat it whenever no answer came.
Over NATS the first call issues credentials, the next ones need nothing else:
  gongzhi publish bins.json --way nats --credentials bins.creds --for department/urban-management --account chengguan-system
  gongzhi publish bins.json --way nats --credentials bins.creds
Ends with 0 when every event was accepted, now or before, otherwise with 1.")]
pub(crate) struct Arguments {
    /// A file with one event, or an array of any length; `-` for standard input.
    file: String,
    /// How events are sent.
    #[arg(long, value_enum, default_value_t = Way::Grpc)]
    way: Way,
    /// Over NATS: whose credentials are issued when there are none yet: department/CODE or area/CODE.
    #[arg(long = "for", value_name = "ORGANIZATION")]
    organization: Option<String>,
    #[command(flatten)]
    nats: Credentials,
    #[command(flatten)]
    account: account::Account,
}

/// How events are sent.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// As a call to the exchange.
    Grpc,
    /// As a request on NATS, with credentials of one's own.
    Nats,
}

/// Most events of one call.
const BATCH: usize = 100;
/// Longest that a publisher rests when it is told to.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How often the same is sent before it is given up.
const TRIES: usize = 20;

/// What comes of a call that does not answer event by event.
enum Unanswered {
    /// The same again, after this rest.
    Later(String, Duration),
    /// It would not help.
    Never(anyhow::Error),
}

/// Somebody who takes events.
enum Exchange {
    Grpc(Box<Session>),
    Nats(nats::Publisher),
}

impl Exchange {
    async fn send(&self, batch: &[String]) -> Result<Vec<PublishResult>, Unanswered> {
        match self {
            Self::Grpc(session) => over_grpc(session, batch).await,
            Self::Nats(publisher) => publisher.send(batch).await,
        }
    }

    /// The next events that fit into one call.
    fn next<'a>(&self, events: &'a [String]) -> &'a [String] {
        let most = match self {
            Self::Grpc(_) => usize::MAX,
            Self::Nats(_) => nats::MOST_BYTES,
        };
        let mut bytes = 0;
        let fits = events.iter().take(BATCH).take_while(|event| {
            bytes += event.len() + 1;
            bytes <= most
        });
        // One that is too large by itself is sent, so that it is told so.
        &events[..fits.count().max(1).min(events.len())]
    }
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let Arguments { file, way, organization, nats, account } = arguments;
    anyhow::ensure!(way == Way::Nats || organization.is_none(), "--for goes with --way nats");
    let events = read(&file)?;
    let exchange = match way {
        Way::Grpc => Exchange::Grpc(Box::new(account.sign_in(&settings).await?)),
        Way::Nats => Exchange::Nats(nats::open(&settings, &nats, organization, account).await?),
    };
    let (mut sent, mut refused) = (0, 0);
    while sent < events.len() {
        let batch = exchange.next(&events[sent..]);
        let mut tries = 1;
        let results = loop {
            match exchange.send(batch).await {
                Ok(results) => break results,
                Err(Unanswered::Later(why, rest)) if rest <= LONGEST_REST && tries < TRIES => {
                    tries += 1;
                    eprintln!("{why}: waiting {:.1} s", rest.as_secs_f64());
                    tokio::time::sleep(rest).await;
                }
                Err(Unanswered::Later(why, _)) => anyhow::bail!("{why}; the rest was not published"),
                Err(Unanswered::Never(error)) => return Err(error).context("the rest was not published"),
            }
        };
        for (at, result) in results.iter().enumerate() {
            refused += usize::from(print(sent + at, result));
        }
        sent += batch.len();
    }
    anyhow::ensure!(refused == 0, "{refused} of {} events were refused", events.len());
    Ok(())
}

async fn over_grpc(session: &Session, batch: &[String]) -> Result<Vec<PublishResult>, Unanswered> {
    let mut client = PublicationServiceClient::new(session.calls()).max_encoding_message_size(16 << 20);
    let status = match client.publish(PublishRequest { events: batch.to_vec() }).await {
        Ok(answer) => return Ok(answer.into_inner().results),
        Err(status) => status,
    };
    match status.get_details_retry_info().and_then(|info| info.retry_delay) {
        Some(rest) => Err(Unanswered::Later(status.message().to_owned(), rest)),
        None => Err(Unanswered::Never(account::refused(status))),
    }
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
        let event: Box<RawValue> =
            serde_json::from_str(&text).context("neither an event nor an array of events")?;
        return Ok(vec![event.get().to_owned()]);
    }
    let events: Vec<Box<RawValue>> = serde_json::from_str(&text).context("not an array of events")?;
    Ok(events.into_iter().map(|event| event.get().to_owned()).collect())
}
