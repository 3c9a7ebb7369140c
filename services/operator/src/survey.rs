//! What the exchange holds, in memory: every living grant and subscription, read page by page by whoever first finds it too old. So a thousand objects at
//! rest cost a few calls each half minute and not a thousand.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gongzhi_proto::exchange::v1 as pb;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::exchange::{Exchange, Trouble, living_grants, living_subscriptions};

/// After a failure nobody asks again for so long: a thousand objects must not all knock at a closed door.
const REST: Duration = Duration::from_secs(2);

/// The last look at the exchange.
pub(crate) struct Survey {
    exchange: Arc<Exchange>,
    every: Duration,
    grants: Mutex<Look<pb::Grant>>,
    subscriptions: Mutex<Look<pb::Subscription>>,
}

struct Look<T> {
    at: Option<Instant>,
    failed: Option<(Instant, String)>,
    found: HashMap<String, T>,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self { at: None, failed: None, found: HashMap::new() }
    }
}

impl<T> Look<T> {
    fn is_fresh(&self, every: Duration) -> bool {
        self.at.is_some_and(|at| at.elapsed() < every)
    }

    fn rest(&self) -> Result<(), Trouble> {
        match &self.failed {
            Some((at, why)) if at.elapsed() < REST => Err(Trouble::Unavailable(why.clone())),
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, seen: Result<HashMap<String, T>, Trouble>) -> Result<(), Trouble> {
        match seen {
            Ok(found) => {
                *self = Self { at: Some(Instant::now()), failed: None, found };
                Ok(())
            }
            Err(trouble) => {
                let why = match &trouble {
                    Trouble::Unavailable(why) => why.clone(),
                    Trouble::Refused { .. } | Trouble::Absent => trouble.to_string(),
                };
                self.failed = Some((Instant::now(), why.clone()));
                // A refusal of the list says nothing of the object for which it was asked.
                Err(Trouble::Unavailable(why))
            }
        }
    }
}

impl Survey {
    pub(crate) fn new(exchange: Arc<Exchange>, every: Duration) -> Self {
        Self { exchange, every, grants: Mutex::default(), subscriptions: Mutex::default() }
    }

    /// A grant as it was seen last; asks for it singly where it is not among the living.
    pub(crate) async fn grant(&self, id: &str) -> Result<pb::Grant, Trouble> {
        {
            let mut look = self.grants.lock().await;
            if !look.is_fresh(self.every) {
                look.rest()?;
                let seen = living_grants(&self.exchange).await;
                look.take(seen.map(|all| all.into_iter().map(|one| (one.grant_id.clone(), one)).collect()))?;
            }
            if let Some(grant) = look.found.get(id) {
                return Ok(grant.clone());
            }
        }
        let request = pb::GetGrantRequest { grant_id: id.to_owned() };
        let get =
            |mut grants: crate::exchange::Grants, request| async move { grants.get_grant(request).await };
        self.exchange.grants(None, request, get).await?.grant.ok_or(Trouble::Absent)
    }

    /// A subscription as it was seen last; asks for it singly where it is not among the living.
    pub(crate) async fn subscription(&self, id: &str) -> Result<pb::Subscription, Trouble> {
        {
            let mut look = self.subscriptions.lock().await;
            if !look.is_fresh(self.every) {
                look.rest()?;
                let seen = living_subscriptions(&self.exchange, "").await;
                let by_id = |all: Vec<pb::Subscription>| {
                    all.into_iter().map(|one| (one.subscription_id.clone(), one)).collect()
                };
                look.take(seen.map(by_id))?;
            }
            if let Some(subscription) = look.found.get(id) {
                return Ok(subscription.clone());
            }
        }
        let request = pb::GetSubscriptionRequest { subscription_id: id.to_owned() };
        let get = |mut calls: crate::exchange::Subscriptions, request| async move {
            calls.get_subscription(request).await
        };
        self.exchange.subscriptions(None, request, get).await?.subscription.ok_or(Trouble::Absent)
    }

    /// Notes what the exchange just answered, so that nobody decides by what was before.
    pub(crate) async fn note_grant(&self, grant: &pb::Grant) {
        self.grants.lock().await.found.insert(grant.grant_id.clone(), grant.clone());
    }

    /// Notes what the exchange just answered.
    pub(crate) async fn note_subscription(&self, subscription: &pb::Subscription) {
        let id = subscription.subscription_id.clone();
        self.subscriptions.lock().await.found.insert(id, subscription.clone());
    }
}
