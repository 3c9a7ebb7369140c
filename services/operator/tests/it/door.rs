//! A door before the exchange that can be shut: who calls through it then finds nobody.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Lets connections through, or none.
#[derive(Clone)]
pub struct Door {
    pub address: SocketAddr,
    open: Arc<watch::Sender<bool>>,
}

impl Door {
    /// Opens a door to an address.
    pub async fn to(behind: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let open = Arc::new(watch::Sender::new(true));
        let (watched, mut state) = (open.clone(), open.subscribe());
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                if !*state.borrow_and_update() {
                    continue;
                }
                let mut state = watched.subscribe();
                tokio::spawn(async move {
                    let Ok(mut called) = TcpStream::connect(behind).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut caller, &mut called) => {}
                        _ = state.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Ok(Self { address, open })
    }

    /// Cuts off who is inside and lets nobody in.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }

    /// Lets everybody in again.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}
