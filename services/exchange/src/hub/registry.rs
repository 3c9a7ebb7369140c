//! The living subscriptions with their grants and the catalogue, in memory, so that rights are asked at every delivery without asking the database. Brought up to date
//! by what happens in this process, by the exchange's own facts on the bus, and by a look every second in case that neither came through.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use gongzhi_chassis::status::Failure;
use sqlx::types::Json;
use sqlx::{PgPool, Row};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::spec::Spec;
use crate::catalogue::Catalogue;
use crate::grant::Grant;
use crate::subscription::store;

/// How often it is looked whether something changed; a right that ended stops delivery within five seconds even when no word of it came.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Specs = Arc<HashMap<String, Arc<Spec>>>;

/// The living subscriptions. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Registry(Arc<Inner>);

struct Inner {
    pool: PgPool,
    catalogue: Catalogue,
    specs: RwLock<Specs>,
    /// Counts who asked to be brought up to date.
    asked: AtomicU64,
    /// Up to which of them the specs are up to date. Held while somebody reads, so that an older list never replaces a newer one.
    served: Mutex<u64>,
    /// Counts changes.
    changed: watch::Sender<u64>,
}

impl Registry {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self(Arc::new(Inner {
            catalogue: Catalogue::new(pool.clone()),
            pool,
            specs: RwLock::default(),
            asked: AtomicU64::new(0),
            served: Mutex::new(0),
            changed: watch::Sender::new(0),
        }))
    }

    /// The facts that there are.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// Wakes whenever something changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Specs {
        self.0.specs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One of them, as it is now.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Spec>> {
        self.all().get(id).cloned()
    }

    /// One of them; asks the database for one that was made a moment ago.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Arc<Spec>>, Failure> {
        if let Some(spec) = self.get(id) {
            return Ok(Some(spec));
        }
        self.refresh().await?;
        Ok(self.get(id))
    }

    /// Keeps it up to date until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut known = None;
        loop {
            if let Err(error) = self.catalogue().fresh().await {
                tracing::warn!(%error, "the catalogue is not up to date");
            }
            match self.stamp().await {
                Ok(stamp) if known == Some(stamp) => {}
                Ok(stamp) => match self.refresh().await {
                    Ok(()) => known = Some(stamp),
                    Err(error) => tracing::warn!(%error, "subscriptions are not up to date"),
                },
                Err(error) => tracing::warn!(%error, "subscriptions are not up to date"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Changes with every change of a subscription or a grant: versions only grow.
    async fn stamp(&self) -> Result<(i64, i64), Failure> {
        let row = sqlx::query(
            "select count(*), coalesce(sum(version), 0)::bigint from aggregates where kind in ('grant', 'subscription')",
        )
        .fetch_one(&self.0.pool)
        .await?;
        Ok((row.get(0), row.get(1)))
    }

    /// Brings it up to date now, for who changed something and goes on with it.
    pub(crate) async fn refresh(&self) -> Result<(), Failure> {
        let asked = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.0.served.lock().await;
        if *served >= asked {
            // What somebody read while we waited was read after we asked.
            return Ok(());
        }
        let serves = self.0.asked.load(Ordering::SeqCst);
        let listed = store::living(&self.0.pool).await?;
        let wanted: Vec<_> =
            listed.iter().filter_map(|one| one.subscription.making.grant).map(|id| id.to_string()).collect();
        let rows = sqlx::query("select id, state from aggregates where kind = 'grant' and id = any ($1)")
            .bind(wanted)
            .fetch_all(&self.0.pool)
            .await?;
        let mut grants = HashMap::new();
        for row in rows {
            let Json(grant) = row.try_get::<Json<Grant>, _>(1)?;
            grants.insert(row.get::<String, _>(0), Arc::new(grant));
        }
        let specs = listed.iter().map(|one| {
            let grant = one.subscription.making.grant.and_then(|id| grants.get(&id.to_string()).cloned());
            let id = one.subscription_id.clone();
            let spec = Spec::new(&id, &one.subscription, grant);
            (id, Arc::new(spec))
        });
        *self.0.specs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(specs.collect());
        self.0.changed.send_modify(|count| *count += 1);
        *served = serves;
        Ok(())
    }
}
