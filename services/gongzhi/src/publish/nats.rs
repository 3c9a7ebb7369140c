//! Over NATS: a request with credentials of one's own, and the answer that tells of each event what became of it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::{ConnectErrorKind, ConnectOptions};
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::nats_identity::{PUBLISH, account_of, inbox_prefix};
use gongzhi_proto::exchange::v1::publisher_service_client::PublisherServiceClient;
use gongzhi_proto::exchange::v1::{
    EventFault, IssuePublisherCredentialsRequest, PublishOutcome, PublishResult,
};
use serde::Deserialize;

use super::Unanswered;
use crate::account;
use crate::credentials::Credentials;

/// Most bytes of a request, with something to spare below what servers take.
pub(super) const MOST_BYTES: usize = 1_000_000;
/// How long connecting may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// How long it rests when no answer came.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Somebody who publishes.
pub(super) struct Publisher(async_nats::Client);

/// Connects with the credentials in the file, or with new ones.
pub(super) async fn open(
    settings: &Settings,
    file: &Credentials,
    organization: Option<String>,
    account: account::Account,
) -> Result<Publisher> {
    let url = settings.nats_url.as_ref().context("say with GONGZHI_NATS_URL where NATS is")?;
    let credentials = match (file.kept()?, organization) {
        (Some(kept), _) => kept,
        (None, Some(_)) if !file.is_named() => anyhow::bail!(
            "say with --credentials where to keep the credentials: issuing new ones each time would cut off who publishes with the former ones"
        ),
        (None, Some(organization)) => {
            let organization = Some(account::organization(&organization)?);
            let session = account.sign_in(settings).await?;
            let request = IssuePublisherCredentialsRequest { organization };
            let issued =
                PublisherServiceClient::new(session.calls()).issue_publisher_credentials(request).await;
            let issued = issued.map_err(account::refused).context("no credentials were issued")?;
            file.keep(issued.into_inner().credentials)?
        }
        (None, None) => anyhow::bail!(
            "there are no credentials yet; say with --for for whom they are issued, and with --account who asks"
        ),
    };
    let key = account_of(&credentials).context("the file holds no NATS credentials")?;
    let options = ConnectOptions::new()
        .name("gongzhi publish")
        .credentials(credentials.reveal())
        .context("the file holds no NATS credentials")?
        .custom_inbox_prefix(inbox_prefix(&key))
        .connection_timeout(CONNECTED_WITHIN)
        .request_timeout(Some(ANSWERED_WITHIN));
    let client = options.connect(url.reveal()).await.map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            anyhow::anyhow!(
                "NATS does not take these credentials: they were taken back, or new ones were issued"
            )
        }
        _ => anyhow::Error::from(error).context("NATS is not reached"),
    })?;
    Ok(Publisher(client))
}

/// The answer: what became of each event, or why nothing was taken.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    results: Option<Vec<Told>>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    faults: Vec<Wrong>,
    retry_after: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    outcome: String,
    #[serde(default)]
    event_id: String,
    #[serde(default)]
    faults: Vec<Wrong>,
}

#[derive(Deserialize)]
struct Wrong {
    path: String,
    reason: String,
    message: String,
}

impl From<Told> for PublishResult {
    fn from(told: Told) -> Self {
        let outcome = match told.outcome.as_str() {
            "accepted" => PublishOutcome::Accepted,
            "duplicate" => PublishOutcome::Duplicate,
            _ => PublishOutcome::Refused,
        };
        let fault =
            |wrong: Wrong| EventFault { path: wrong.path, reason: wrong.reason, message: wrong.message };
        Self {
            outcome: outcome as i32,
            event_id: told.event_id,
            faults: told.faults.into_iter().map(fault).collect(),
        }
    }
}

impl Publisher {
    pub(super) async fn send(&self, batch: &[String]) -> Result<Vec<PublishResult>, Unanswered> {
        let body = format!("[{}]", batch.join(","));
        if let ([_], true) = (batch, body.len() > MOST_BYTES) {
            // No server would take it; what comes behind it is sent.
            let message = format!("has {} bytes, more than NATS takes at once", body.len());
            let fault = EventFault { path: String::new(), reason: "TOO_LARGE".into(), message };
            let outcome = PublishOutcome::Refused as i32;
            return Ok(vec![PublishResult { outcome, event_id: String::new(), faults: vec![fault] }]);
        }
        let answer = match self.0.request(PUBLISH, body.into()).await {
            Ok(answer) => answer,
            Err(error) => return Err(Unanswered::Later(format!("no answer came ({error})"), RETRY_AFTER)),
        };
        let answer: Answer = serde_json::from_slice(&answer.payload).map_err(|error| {
            Unanswered::Never(anyhow::Error::from(error).context("the answer cannot be read"))
        })?;
        match (answer.results, answer.retry_after) {
            (Some(results), _) => Ok(results.into_iter().map(PublishResult::from).collect()),
            (None, Some(seconds)) => Err(Unanswered::Later(answer.message, Duration::from_secs(seconds))),
            (None, None) => {
                let faults =
                    answer.faults.iter().map(|wrong| format!("\n  {}: {}", wrong.path, wrong.message));
                let said = format!("{}{}", answer.message, faults.collect::<String>());
                Err(Unanswered::Never(anyhow::anyhow!(said)))
            }
        }
    }
}
