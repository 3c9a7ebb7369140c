//! `gongzhi subscribe`: makes a subscription or uses one, and prints facts as they come.

use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::Session;
use gongzhi_chassis::config::Settings;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use crate::account;
use crate::process::asked_to_end;

/// What to receive.
#[derive(clap::Args)]
#[command(
    after_help = "Facts are printed as they stand on the bus, one JSON document per line, until Ctrl-C. What was printed is acknowledged: the next time
  gongzhi subscribe --subscription ID
goes on behind it. A new subscription begins with what its organization may see anyway; --grant names the grant for what needs one.

  gongzhi subscribe --for department/fire-rescue --fact dept-urban-management.bin_overflowed --condition 'fill_level >= 90' --grant ID
  gongzhi subscribe --for area/330105001 --from beginning"
)]
pub(crate) struct Arguments {
    /// A subscription that there is already, of the way PULL.
    #[arg(long, value_name = "ID", conflicts_with_all = ["organization", "fact", "area", "condition", "grant", "from"])]
    subscription: Option<String>,
    /// For whom a new one is made: department/CODE or area/CODE.
    #[arg(long = "for", value_name = "ORGANIZATION", required_unless_present = "subscription")]
    organization: Option<String>,
    /// Facts by their names in the catalogue; default: all. May be given several times.
    #[arg(long, value_name = "FACT")]
    fact: Vec<String>,
    /// Areas by their codes; default: all that may be seen. May be given several times.
    #[arg(long, value_name = "CODE")]
    area: Vec<String>,
    /// Condition on the fields of the facts, for example: kind = "FIRE" and level >= 2.
    #[arg(long, default_value = "")]
    condition: String,
    /// Grant that covers what is asked for.
    #[arg(long, value_name = "ID", default_value = "")]
    grant: String,
    /// Where it begins: now, beginning, or an instant (RFC 3339).
    #[arg(long, default_value = "now", value_parser = start)]
    from: Start,
    #[command(flatten)]
    account: account::Account,
}

/// How long the stream rests before it is opened again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

fn start(text: &str) -> Result<Start, String> {
    match text {
        "now" => Ok(Start::Now(true)),
        "beginning" => Ok(Start::Beginning(true)),
        instant => instant
            .parse::<Timestamp>()
            .map(|at| Start::Time(to_wire(at)))
            .map_err(|_| "must be now, beginning or an instant like 2026-11-27T08:00:00+08:00".to_owned()),
    }
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let Arguments { subscription, organization, fact, area, condition, grant, from, account } = arguments;
    let session = account.sign_in(&settings).await?;
    let id = match subscription {
        Some(id) => id,
        None => {
            let filter = pb::Filter { area_codes: area, facts: fact, audiences: Vec::new(), condition };
            let request = pb::SubscribeRequest {
                organization: Some(parse(&organization.unwrap_or_default())?),
                name: "gongzhi subscribe".into(),
                grant_id: grant,
                filter: Some(filter),
                way: pb::DeliveryWay::Pull as i32,
                start: Some(pb::Start { start: Some(from) }),
                ..Default::default()
            };
            let made = SubscriptionServiceClient::new(session.calls()).subscribe(request).await;
            let made = made.map_err(account::refused).context("the subscription was not made")?;
            made.into_inner().subscription.context("no subscription was made")?.subscription_id
        }
    };
    eprintln!("subscription {id}; Ctrl-C ends");
    tokio::select! {
        received = receive(&session, &id) => received,
        ended = asked_to_end() => ended,
    }
}

fn parse(text: &str) -> Result<pb::Organization> {
    let organization = match text.split_once('/') {
        Some(("department", code)) => Organization::DepartmentCode(code.to_owned()),
        Some(("area", code)) => Organization::AreaCode(code.to_owned()),
        _ => anyhow::bail!("--for is department/CODE or area/CODE, not {text:?}"),
    };
    Ok(pb::Organization { organization: Some(organization) })
}

/// Prints what comes; opens the stream again when the exchange goes away for a while.
async fn receive(session: &Session, id: &str) -> Result<()> {
    let mut client = DeliveryServiceClient::new(session.calls()).max_decoding_message_size(16 << 20);
    loop {
        let ended = match client.stream(pb::StreamRequest { subscription_id: id.to_owned() }).await {
            Ok(stream) => print(&mut client, id, stream.into_inner()).await,
            Err(status) => Err(status),
        };
        match ended {
            Err(status) if status.code() != tonic::Code::Unavailable => return Err(account::refused(status)),
            Ok(()) | Err(_) => tokio::time::sleep(RETRY_AFTER).await,
        }
    }
}

async fn print(
    client: &mut DeliveryServiceClient<gongzhi_chassis::client::Calling>,
    id: &str,
    mut stream: tonic::Streaming<pb::StreamResponse>,
) -> Result<(), tonic::Status> {
    let mut acknowledged = 0;
    while let Some(next) = stream.message().await? {
        if let Some(delivery) = next.delivery {
            // Between its parts a publisher may break lines; within a text JSON has none.
            println!("{}", delivery.event.replace(['\n', '\r'], " "));
        }
        if next.position > acknowledged {
            acknowledged = next.position;
            let request = pb::AcknowledgeRequest { subscription_id: id.to_owned(), position: acknowledged };
            client.acknowledge(request).await?;
        }
    }
    Ok(())
}
