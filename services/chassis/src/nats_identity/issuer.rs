//! Issues and revokes outsiders: signs with the operator's key and tells the servers through the system account. Nothing of an outsider is kept here
//! but on the servers; whoever needs it later keeps the account's JWT, which is no secret.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use nkeys::{KeyPair, KeyPairType};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::account::{self, Outside, Reach, exports};
use super::claims::{Body, Claims, Deletion};
use super::{credentials, keys};
use crate::bus;
use crate::clock::Clock;
use crate::config::{Secret, Settings};
use crate::status::Failure;

/// How long the servers may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// Somebody outside who has an account of its own.
pub struct Outsider {
    /// Public key of the account, which is the name of its consumer too.
    pub account_public_key: String,
    /// Text of the credentials file; told once and kept nowhere.
    pub credentials: Secret,
    /// The account as pushed; kept by the caller, it can be pushed again to servers that lost it.
    pub account_jwt: String,
}

/// Issues and revokes outsiders. Cloning shares the connection.
#[derive(Clone)]
pub struct Issuer {
    operator: Arc<KeyPair>,
    main: String,
    url: String,
    credentials: Secret,
    /// Who vouches for the servers; none: the authorities of the machine.
    authority: Option<PathBuf>,
    clock: Clock,
    connection: Arc<OnceCell<async_nats::Client>>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    error: Option<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    #[serde(default)]
    description: String,
}

impl Issuer {
    pub(super) fn new(
        operator: KeyPair,
        main: String,
        url: String,
        credentials: Secret,
        clock: Clock,
    ) -> Self {
        let (operator, connection) = (Arc::new(operator), Arc::default());
        Self { operator, main, url, credentials, authority: None, clock, connection }
    }

    /// The issuer for servers that are named in the settings; none without the operator's key.
    pub fn from_settings(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(seed) = &settings.nats_operator_seed else { return Ok(None) };
        let missing = |name: &str| Failure::Bug(format!("GONGZHI_NATS_OPERATOR_SEED needs {name} beside it"));
        let operator = KeyPair::from_seed(seed.reveal().trim())
            .ok()
            .filter(|key| matches!(key.key_pair_type(), KeyPairType::Operator))
            .ok_or_else(|| {
                Failure::Bug("GONGZHI_NATS_OPERATOR_SEED is not the seed of an operator".into())
            })?;
        let url = settings.nats_url.as_ref().ok_or_else(|| missing("GONGZHI_NATS_URL"))?;
        let own = settings.nats_credentials.as_ref().ok_or_else(|| missing("GONGZHI_NATS_CREDENTIALS"))?;
        let system = settings
            .nats_system_credentials
            .as_ref()
            .ok_or_else(|| missing("GONGZHI_NATS_SYSTEM_CREDENTIALS"))?;
        let main = credentials::account_of(&credentials::read(own)?)?;
        let system = credentials::read(system)?;
        let issuer = Self::new(operator, main, url.reveal().to_owned(), system, Clock::system());
        Ok(Some(Self { authority: settings.nats_authority.clone(), ..issuer }))
    }

    /// Adds to the main account what outsiders import, where servers do not have it yet. Told once at the start.
    pub async fn prepare(&self) -> Result<(), Failure> {
        let mut claims = Claims::read(&self.look_up(&self.main).await?.ok_or_else(|| {
            Failure::Bus("the NATS servers do not know the account of our own credentials".into())
        })?)?;
        let Body::Account(account) = &mut claims.nats else {
            return Err(Failure::Bus("the JWT of the main account is none of an account".into()));
        };
        let before = account.exports.len();
        for export in exports() {
            if !account.exports.iter().any(|there| there.subject == export.subject) {
                account.exports.push(export);
            }
        }
        if account.exports.len() == before {
            return Ok(());
        }
        self.push(&claims.sign(&self.operator, self.clock.now())?).await
    }

    /// Issues an account and its one user, who reaches one thing, and tells the servers. The key that signed the user is forgotten:
    /// nobody can make another user of that account. What expires is issued anew.
    pub async fn issue(
        &self,
        name: &str,
        reach: Reach<'_>,
        expires_at: Option<Timestamp>,
    ) -> Result<Outsider, Failure> {
        let (own, user, now) = (KeyPair::new_account(), KeyPair::new_user(), self.clock.now());
        let account_public_key = own.public_key();
        let outside = Outside { main: &self.main, own: &account_public_key, reach };
        let body = Body::Account(Box::new(outside.account()));
        let account_jwt = Claims::about(account_public_key.clone(), name, body).sign(&self.operator, now)?;
        let credentials = keys::user(&own, &user, name, outside.user(), expires_at, now)?;
        self.push(&account_jwt).await?;
        Ok(Outsider { account_public_key, credentials, account_jwt })
    }

    /// Tells the servers of an account, as they must be told again when they lost it.
    pub async fn push(&self, account_jwt: &str) -> Result<(), Failure> {
        self.ask::<serde_json::Value>("$SYS.REQ.CLAIMS.UPDATE", account_jwt.to_owned()).await.map(drop)
    }

    /// Revokes an account: its users first, which closes their connections, then all of it. A repeat changes nothing.
    pub async fn revoke(&self, account_public_key: &str) -> Result<(), Failure> {
        if account_public_key == self.main {
            return Err(Failure::Bug("the main account cannot be revoked".into()));
        }
        if self.look_up(account_public_key).await?.is_none() {
            return Ok(());
        }
        let now = self.clock.now();
        let emptied = Body::Account(Box::new(account::revoked(now.as_second())));
        let emptied = Claims::about(account_public_key.into(), "revoked", emptied);
        self.push(&emptied.sign(&self.operator, now)?).await?;
        let body = Deletion { accounts: vec![account_public_key.into()], version: account::VERSION };
        let deletion = Claims::about(self.operator.public_key(), "revoked", Body::Generic(body));
        let deletion = deletion.sign(&self.operator, now)?;
        self.ask::<serde_json::Value>("$SYS.REQ.CLAIMS.DELETE", deletion).await.map(drop)
    }

    /// The public keys of all accounts that the servers know beside the main one and the issuer's own.
    pub async fn list(&self) -> Result<Vec<String>, Failure> {
        let system = credentials::account_of(&self.credentials)?;
        let mut known: Vec<String> = self.ask("$SYS.REQ.CLAIMS.LIST", String::new()).await?;
        known.retain(|key| *key != self.main && *key != system);
        known.sort();
        Ok(known)
    }

    async fn look_up(&self, account_public_key: &str) -> Result<Option<String>, Failure> {
        let subject = format!("$SYS.REQ.ACCOUNT.{account_public_key}.CLAIMS.LOOKUP");
        let answer = self.request(subject, String::new()).await?;
        let jwt = String::from_utf8_lossy(&answer).into_owned();
        Ok(Some(jwt).filter(|jwt| !jwt.is_empty()))
    }

    async fn ask<T: for<'a> Deserialize<'a>>(&self, subject: &str, body: String) -> Result<T, Failure> {
        let answer = self.request(subject.to_owned(), body).await?;
        let answer: Answer<T> = serde_json::from_slice(&answer)
            .map_err(|error| Failure::Bus(format!("the answer to {subject} cannot be read: {error}")))?;
        match (answer.error, answer.data) {
            (None, Some(data)) => Ok(data),
            (error, _) => {
                let why = error.map(|error| error.description).unwrap_or_default();
                Err(Failure::Bus(format!("the NATS server refused {subject}: {why}")))
            }
        }
    }

    async fn request(&self, subject: String, body: String) -> Result<bytes::Bytes, Failure> {
        let client = self
            .connection
            .get_or_try_init(|| {
                bus::open(&self.url, "issuer", Some(&self.credentials), self.authority.as_deref())
            })
            .await?;
        let request = async_nats::Request::new().payload(body.into()).timeout(Some(ANSWERED_WITHIN));
        let answer = client.send_request(subject, request).await;
        answer.map(|answer| answer.payload).map_err(|error| {
            Failure::Bus(format!("the NATS servers do not answer in the system account: {error}"))
        })
    }
}
