//! Over NATS: takes from the subscription's own consumer with the credentials that were issued for it, and acknowledges what was printed.

use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::{ConnectErrorKind, ConnectOptions};
use futures::StreamExt;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::config::{Secret, Settings};
use gongzhi_chassis::deliveries::stream_name;
use gongzhi_chassis::nats_identity::{JETSTREAM_DOMAIN, account_of, inbox_prefix};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use super::line;
use crate::account;
use crate::credentials::Credentials;

/// How long connecting may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// How long it rests before it connects again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The credentials in the file, or new ones of a subscription.
pub(super) async fn obtain(file: &Credentials, session: &Session, id: &str) -> Result<Secret> {
    if let Some(kept) = file.kept()? {
        return Ok(kept);
    }
    let request = pb::IssueNatsCredentialsRequest { subscription_id: id.to_owned() };
    let issued = SubscriptionServiceClient::new(session.calls()).issue_nats_credentials(request).await;
    let issued = issued.map_err(account::refused).context("no credentials were issued")?;
    file.keep(issued.into_inner().credentials)
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
