//! What stands before replicas in a cluster: new connections go to the replicas that are ready, in turn; those that are made already stay where they are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The address of a service with replicas. Dropping it closes it.
pub(super) struct Balancer {
    pub(super) address: SocketAddr,
    ready: Arc<Mutex<Vec<SocketAddr>>>,
    _closes: DropGuard,
}

impl Balancer {
    /// One without replicas yet: connections are refused.
    pub(super) async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let ready: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
        let stop = CancellationToken::new();
        tokio::spawn(accept(listener, ready.clone(), stop.clone()));
        Ok(Self { address, ready, _closes: stop.drop_guard() })
    }

    /// A replica is ready.
    pub(super) fn add(&self, replica: SocketAddr) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(replica);
    }

    /// A replica will go: it gets no new connections.
    pub(super) fn remove(&self, replica: SocketAddr) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).retain(|ready| *ready != replica);
    }
}

async fn accept(listener: TcpListener, ready: Arc<Mutex<Vec<SocketAddr>>>, stop: CancellationToken) {
    let turn = AtomicUsize::new(0);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut near, _)) = accepted else { continue };
        let nth = turn.fetch_add(1, Ordering::Relaxed);
        let replica = {
            let ready = ready.lock().unwrap_or_else(PoisonError::into_inner);
            if ready.is_empty() { None } else { ready.get(nth % ready.len()).copied() }
        };
        let Some(replica) = replica else { continue };
        tokio::spawn(async move {
            // What breaks is seen by both ends.
            if let Ok(mut far) = TcpStream::connect(replica).await {
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
