//! The exchange as the operator calls it: signs in, calls as the cluster's account, signs in again when its token has ended, and tells three kinds of
//! failure apart: it cannot be reached, it says no, there is no such thing.

use std::path::PathBuf;
use std::time::Duration;

use gongzhi_chassis::client::{Calling, Session};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::organization::v1::SignInRequest;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use tokio::sync::Mutex;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};
use uuid::Uuid;

/// Longest that an answer is waited for.
const DEADLINE: Duration = Duration::from_secs(15);

/// How the operator proves who it is.
pub enum Entrance {
    /// An account with its password, at the service that keeps accounts.
    Account {
        /// Where that service is.
        organization: Channel,
        /// Name of the account.
        account: String,
        /// File with its password, read at each sign-in, so that a changed one is taken up.
        password: PathBuf,
    },
    /// A file with a bearer token, which somebody else renews.
    TokenFile(PathBuf),
    /// A token that is known.
    Token(String),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It cannot be reached, or is not well; trying again helps.
    #[error("the exchange does not answer: {0}")]
    Unavailable(String),
    /// It said no; trying the same again does not help.
    #[error("{message}")]
    Refused {
        /// The word by which it said no.
        reason: String,
        /// In a sentence, with every field that is wrong.
        message: String,
    },
    /// There is no such thing.
    #[error("the exchange knows nothing of it")]
    Absent,
}

/// Calls the exchange.
pub struct Exchange {
    channel: Channel,
    entrance: Entrance,
    session: Mutex<Option<Session>>,
}

pub(crate) type Grants = GrantServiceClient<Calling>;
pub(crate) type Subscriptions = SubscriptionServiceClient<Calling>;

impl Exchange {
    /// Calls over a connection, as whoever the entrance says.
    pub fn new(channel: Channel, entrance: Entrance) -> Self {
        Self { channel, entrance, session: Mutex::new(None) }
    }

    /// Asks something of grants.
    pub(crate) async fn grants<R: Clone, T, F>(
        &self,
        key: Option<Uuid>,
        request: R,
        ask: impl Fn(Grants, R) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        self.call(key, |calls| ask(Grants::new(calls), request.clone())).await
    }

    /// Asks something of subscriptions.
    pub(crate) async fn subscriptions<R: Clone, T, F>(
        &self,
        key: Option<Uuid>,
        request: R,
        ask: impl Fn(Subscriptions, R) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        self.call(key, |calls| ask(Subscriptions::new(calls), request.clone())).await
    }

    /// Calls; once more with a new token where the one that was used has ended.
    async fn call<T, F>(&self, key: Option<Uuid>, call: impl Fn(Calling) -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut again = true;
        loop {
            let session = self.session().await?;
            let calls = key.map_or_else(|| session.calls(), |key| session.calls_with_key(key));
            let answer = tokio::time::timeout(DEADLINE, call(calls)).await;
            match answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time"))) {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if again && status.code() == Code::Unauthenticated => {
                    *self.session.lock().await = None;
                    again = false;
                }
                Err(status) => return Err(Trouble::from(status)),
            }
        }
    }

    async fn session(&self) -> Result<Session, Trouble> {
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Trouble::Unavailable(format!("{} cannot be read: {error}; mount the Secret", path.display()))
            })?;
            Ok::<_, Trouble>(text.trim().to_owned())
        };
        let token = match &self.entrance {
            Entrance::Token(token) => token.clone(),
            Entrance::TokenFile(path) => read(path)?,
            Entrance::Account { organization, account, password } => {
                let request = SignInRequest { account: account.clone(), password: read(password)? };
                let mut accounts = IdentityServiceClient::new(organization.clone());
                let answer = tokio::time::timeout(DEADLINE, accounts.sign_in(request)).await;
                let answer = answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")));
                let refused = |status: Status| {
                    Trouble::Unavailable(format!("{account} cannot sign in: {}", status.message()))
                };
                answer.map_err(refused)?.into_inner().token
            }
        };
        let made = Session::new(self.channel.clone(), &token)
            .ok_or_else(|| Trouble::Unavailable("the token is not ASCII".into()))?;
        Ok(session.insert(made).clone())
    }
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        use tonic_types::StatusExt;
        match status.code() {
            Code::NotFound => Self::Absent,
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::PermissionDenied => {
                let fields = status.get_details_bad_request().map(|wrong| wrong.field_violations);
                let fields = fields.unwrap_or_default().into_iter();
                let fields: Vec<_> =
                    fields.map(|wrong| format!("{}: {}", wrong.field, wrong.description)).collect();
                let message = match fields.is_empty() {
                    true => status.message().to_owned(),
                    false => format!("{}: {}", status.message(), fields.join("; ")),
                };
                let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
                Self::Refused { reason, message }
            }
            Code::Ok
            | Code::Cancelled
            | Code::Unknown
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
            | Code::Unauthenticated => {
                Self::Unavailable(format!("{:?}: {}", status.code(), status.message()))
            }
        }
    }
}

/// Every grant that is asked for or in force, page by page.
pub(crate) async fn living_grants(exchange: &Exchange) -> Result<Vec<pb::Grant>, Trouble> {
    let statuses = vec![pb::GrantStatus::Requested as i32, pb::GrantStatus::Approved as i32];
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListGrantsRequest {
            grantee: None,
            statuses: statuses.clone(),
            page_size: 200,
            page_token: page_token.clone(),
        };
        let list = |mut grants: Grants, request| async move { grants.list_grants(request).await };
        let page = exchange.grants(None, request, list).await?;
        all.extend(page.grants);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// Every subscription that has not ended, page by page; those of one reference where one is given.
pub(crate) async fn living_subscriptions(
    exchange: &Exchange,
    reference: &str,
) -> Result<Vec<pb::Subscription>, Trouble> {
    let statuses = vec![pb::SubscriptionStatus::Active as i32, pb::SubscriptionStatus::Paused as i32];
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListSubscriptionsRequest {
            organization: None,
            statuses: statuses.clone(),
            page_size: 200,
            page_token: page_token.clone(),
            reference: reference.to_owned(),
        };
        let list = |mut calls: Subscriptions, request| async move { calls.list_subscriptions(request).await };
        let page = exchange.subscriptions(None, request, list).await?;
        all.extend(page.subscriptions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}
