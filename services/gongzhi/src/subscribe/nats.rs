//! Over NATS: takes from the subscription's own consumer with the credentials that were issued for it, and acknowledges what was printed.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::{ConnectErrorKind, ConnectOptions};
use futures::StreamExt;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::config::{Secret, Settings};
use gongzhi_chassis::deliveries::stream_name;
use gongzhi_chassis::nats_identity::{self, JETSTREAM_DOMAIN, account_of, inbox_prefix};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use super::line;
use crate::account;

/// Who one is on NATS. Where it is, is the setting GONGZHI_NATS_URL.
#[derive(clap::Args)]
#[command(next_help_heading = "Over NATS")]
pub(super) struct Credentials {
    /// File of the credentials; when it is not there, credentials are issued into it, and former ones end. Default: new ones each time, kept nowhere.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

/// How long connecting may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// How long it rests before it connects again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Credentials {
    /// The credentials that are in the file already; none when there is no file.
    pub(super) fn kept(&self) -> Result<Option<Secret>> {
        match &self.credentials {
            Some(path) if path.exists() => {
                let text = std::fs::read_to_string(path);
                Ok(Some(text.with_context(|| format!("{} cannot be read", path.display()))?.into()))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// The credentials in the file, or new ones.
    pub(super) async fn obtain(&self, session: &Session, id: &str) -> Result<Secret> {
        if let Some(kept) = self.kept()? {
            return Ok(kept);
        }
        let request = pb::IssueNatsCredentialsRequest { subscription_id: id.to_owned() };
        let issued = SubscriptionServiceClient::new(session.calls()).issue_nats_credentials(request).await;
        let issued = issued.map_err(account::refused).context("no credentials were issued")?;
        let credentials = Secret::from(issued.into_inner().credentials);
        if let Some(path) = &self.credentials {
            nats_identity::write_secret(path, &credentials)?;
            eprintln!("credentials are kept in {}", path.display());
        }
        Ok(credentials)
    }
}

/// Why a consumer is not reached.
pub(crate) enum Unreached {
    /// The server does not take the credentials.
    Void,
    /// Another try may reach it.
    Away(String),
}

/// Reaches the one consumer that credentials give.
pub(crate) async fn reach(
    url: &str,
    district: &AreaCode,
    credentials: &Secret,
) -> Result<PullConsumer, Unreached> {
    let away = |error: &dyn std::fmt::Display| Unreached::Away(error.to_string());
    let account = account_of(credentials).map_err(|error| away(&error))?;
    let options = ConnectOptions::new()
        .name("gongzhi subscribe")
        .credentials(credentials.reveal())
        .map_err(|error| away(&error))?
        .custom_inbox_prefix(inbox_prefix(&account))
        .connection_timeout(CONNECTED_WITHIN);
    let client = options.connect(url).await.map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => Unreached::Void,
        _ => away(&error),
    })?;
    let jetstream = jetstream::with_domain(client, JETSTREAM_DOMAIN);
    jetstream.get_consumer_from_stream(&account, stream_name(district)).await.map_err(|error| away(&error))
}

/// Prints what comes; connects again when the server goes away for a while.
pub(super) async fn receive(settings: &Settings, credentials: &Secret) -> Result<()> {
    let url = settings.nats_url.as_ref().context("say with GONGZHI_NATS_URL where NATS is")?;
    account_of(credentials).context("the file holds no NATS credentials")?;
    loop {
        let ended = match reach(url.reveal(), &settings.district, credentials).await {
            Ok(consumer) => print(consumer).await?,
            Err(Unreached::Void) => anyhow::bail!(
                "NATS does not take these credentials: the subscription has ended, or new ones were issued; have new ones issued"
            ),
            Err(Unreached::Away(why)) => why,
        };
        eprintln!("{ended}; trying again");
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

/// Prints and acknowledges; tells why nothing comes any more. The server beats while nothing comes, so silence is noticed.
async fn print(consumer: PullConsumer) -> Result<String> {
    let mut messages = match consumer.messages().await {
        Ok(messages) => messages,
        Err(error) => return Ok(error.to_string()),
    };
    super::ready("NATS");
    while let Some(message) = messages.next().await {
        let message = match message {
            Ok(message) => message,
            Err(error) => return Ok(error.to_string()),
        };
        let event = std::str::from_utf8(&message.payload).context("what came is no text")?;
        line::print(event, Timestamp::now())?;
        if let Err(error) = message.ack().await {
            return Ok(error.to_string());
        }
    }
    Ok("the connection has ended".into())
}
