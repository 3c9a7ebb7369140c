//! What takes minutes is computed beside the server: state says that it is wanted, a task computes it and records what came of it by an ordinary command. Whatever dies
//! in between is found again by the state, and what was computed twice is recorded once.

use std::sync::Arc;
use std::time::Duration;

use gongzhi_chassis::lease::{self, Lease};
use gongzhi_chassis::run::Task;
use gongzhi_chassis::status::Failure;
use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

/// How often somebody looks whether there is something to compute, unless told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A kind of what is computed.
pub(crate) trait Computing: Clone + Send + Sync + 'static {
    /// Name of the lease: one process at a time computes it.
    const LEASE: &'static str;
    /// The schema of the service.
    fn pool(&self) -> &PgPool;
    /// Told when something is wanted.
    fn wake(&self) -> Arc<Notify>;
    /// What is wanted, a few at a time.
    fn wanted(&self) -> impl Future<Output = Result<Vec<String>, Failure>> + Send;
    /// Computes one and records it.
    fn compute(&self, id: &str) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The task that computes what is wanted until told to stop.
pub(crate) fn task<C: Computing>(computing: C, holder: Uuid) -> Task {
    Box::new(move |stop| {
        Box::pin(async move {
            let wake = computing.wake();
            let rounds = async {
                loop {
                    if let Err(failure) = round(&computing, holder).await {
                        tracing::warn!(lease = C::LEASE, error = %failure, "computing waits");
                    }
                    // Looks again after a while even if nobody tells: what is wanted may have been left by a process that died.
                    let _ = tokio::time::timeout(LOOK_EVERY, wake.notified()).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = rounds => {}
            }
        })
    })
}

/// Computes what is wanted now, unless another process does.
async fn round<C: Computing>(computing: &C, holder: Uuid) -> Result<(), Failure> {
    let Some(lease) = Lease::take(computing.pool(), C::LEASE, holder).await? else { return Ok(()) };
    for id in computing.wanted().await? {
        let renewing = async {
            loop {
                tokio::time::sleep(lease::RENEW_EVERY).await;
                // A lease that is lost costs double work and no more: the machine takes one outcome.
                let _ = Lease::take(computing.pool(), C::LEASE, holder).await;
            }
        };
        let computed = tokio::select! {
            computed = computing.compute(&id) => computed,
            () = renewing => Ok(()),
        };
        match computed {
            // It has changed while it was computed, or somebody else was faster: the next look finds what is wanted then.
            Err(Failure::Refused { reason, .. }) => tracing::info!(id, reason, "what was computed is void"),
            other => other?,
        }
    }
    Ok(lease.give_back(computing.pool()).await?)
}

/// Carries out what occupies a core on a thread of its own; none when it broke down. Such a thread does not keep a process from ending, as one of the runtime's would.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("computing".into()).spawn(move || {
        // Nobody waits any more where the process ends or the time has passed.
        let _ = sender.send(work());
    });
    thread.ok()?;
    receiver.await.ok()
}
