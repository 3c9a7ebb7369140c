//! `gongzhi subscribe`: makes a subscription or uses one, and prints facts as they come: over gRPC, a webhook or NATS.

pub(crate) mod line;
pub(crate) mod nats;
mod stream;
mod webhook;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::Session;
use gongzhi_chassis::config::Settings;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::start::Start;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use self::webhook::Door;
use crate::account;
use crate::credentials::Credentials;
use crate::process::asked_to_end;

/// What to receive, and how.
#[derive(clap::Args)]
#[command(
    after_help = "Each fact is one line of JSON, {\"receivedAt\": …, \"event\": the CloudEvent}, until Ctrl-C. What was printed is acknowledged; what was under way when it
ended comes again, with the same id: the next time
  gongzhi subscribe --subscription ID
goes on behind it. A new subscription begins with what its organization may see anyway; --grant names the grant for what needs one.

  gongzhi subscribe --for department/fire-rescue --fact dept-urban-management.bin_overflowed --condition 'fill_level >= 90' --grant ID
  gongzhi subscribe --for area/330105001 --from beginning
  gongzhi subscribe --for department/fire-rescue --way webhook --listen 10.20.0.7:9000 --allow-network 10.20.0.0/16
  gongzhi subscribe --for department/fire-rescue --way nats --credentials fire.creds
  gongzhi subscribe --credentials fire.creds"
)]
pub(crate) struct Arguments {
    /// A subscription that there is already; it tells the way.
    #[arg(long, value_name = "ID", conflicts_with_all = ["organization", "fact", "area", "condition", "grant", "from", "way"])]
    subscription: Option<String>,
    /// For whom a new one is made: department/CODE or area/CODE.
    #[arg(long = "for", value_name = "ORGANIZATION", required_unless_present_any = ["subscription", "credentials"])]
    organization: Option<String>,
    /// How facts shall come.
    #[arg(long, value_enum, default_value_t = Way::Grpc)]
    way: Way,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    webhook: webhook::Listen,
    #[command(flatten)]
    nats: Credentials,
    #[command(flatten)]
    account: account::Account,
}

/// How facts come.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Way {
    /// A stream that is held open.
    Grpc,
    /// Signed HTTP calls that are received here.
    Webhook,
    /// From NATS, with credentials of one's own.
    Nats,
}

/// Which facts.
#[derive(clap::Args)]
struct Wanted {
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
}

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
    tokio::select! {
        received = receive(arguments, &settings) => received,
        ended = asked_to_end() => ended,
    }
}

async fn receive(arguments: Arguments, settings: &Settings) -> Result<()> {
    let Arguments { subscription, organization, way, wanted, webhook, nats, account } = arguments;
    let Some(id) = subscription else {
        return match (nats.kept()?, organization) {
            (Some(_), Some(_)) => anyhow::bail!(
                "the file of --credentials is there already: leave --for out to receive with it, or name another file"
            ),
            (Some(credentials), None) => nats::receive(settings, &credentials).await,
            (None, None) => {
                anyhow::bail!("the file of --credentials is not there; say with --for for whom to subscribe")
            }
            (None, Some(organization)) => {
                let session = account.sign_in(settings).await?;
                let organization = account::organization(&organization)?;
                match way {
                    Way::Grpc => {
                        let id = wanted.make(&session, organization, pb::DeliveryWay::Pull, None).await?;
                        stream::receive(&session, &id).await
                    }
                    Way::Webhook => {
                        let door = webhook.open().await?;
                        let id = wanted
                            .make(&session, organization, pb::DeliveryWay::Webhook, Some(&door))
                            .await?;
                        webhook::receive(&session, &id, door).await
                    }
                    Way::Nats => {
                        let id = wanted.make(&session, organization, pb::DeliveryWay::Nats, None).await?;
                        nats::receive(settings, &nats::obtain(&nats, &session, &id).await?).await
                    }
                }
            }
        };
    };
    let session = account.sign_in(settings).await?;
    let request = pb::GetSubscriptionRequest { subscription_id: id.clone() };
    let found = SubscriptionServiceClient::new(session.calls()).get_subscription(request).await;
    let found = found.map_err(account::refused)?.into_inner().subscription.context("no such subscription")?;
    told(&id);
    match (found.way(), found.webhook) {
        (pb::DeliveryWay::Webhook, Some(known)) => {
            webhook::receive(&session, &id, webhook.open_again(known).await?).await
        }
        (pb::DeliveryWay::Nats, _) => {
            nats::receive(settings, &nats::obtain(&nats, &session, &id).await?).await
        }
        _ => stream::receive(&session, &id).await,
    }
}

/// Whoever reads this knows that from now on nothing is missed.
fn told(id: &str) {
    eprintln!("subscription {id}; Ctrl-C ends");
}

/// How the line begins that tells that facts can come now.
pub(crate) const READY: &str = "receiving over";

/// Says that facts can come now.
fn ready(way: &str) {
    eprintln!("{READY} {way}");
}

impl Wanted {
    /// Makes a subscription.
    async fn make(
        self,
        session: &Session,
        organization: pb::Organization,
        way: pb::DeliveryWay,
        door: Option<&Door>,
    ) -> Result<String> {
        let filter = pb::Filter {
            area_codes: self.area,
            facts: self.fact,
            audiences: Vec::new(),
            condition: self.condition,
        };
        let request = pb::SubscribeRequest {
            organization: Some(organization),
            name: "gongzhi subscribe".into(),
            grant_id: self.grant,
            filter: Some(filter),
            way: way as i32,
            webhook: door.map(|door| door.webhook.clone()),
            start: Some(pb::Start { start: Some(self.from) }),
            // One in hand: what is printed keeps its order whatever breaks.
            nats: None,
            reference: String::new(),
        };
        let made = SubscriptionServiceClient::new(session.calls()).subscribe(request).await;
        let made = made.map_err(account::refused).context("the subscription was not made")?;
        let id = made.into_inner().subscription.context("no subscription was made")?.subscription_id;
        told(&id);
        Ok(id)
    }
}
