//! The tools of the end-to-end suite: kubectl and helm as people use them, a database and a bus to stand on, people who call the services, a load, and
//! watchers that see what must not happen. Knows no story; those are in `tests/it`.

pub mod casework;
pub mod cluster;
pub mod department;
pub mod forward;
pub mod ground;
pub mod load;
pub mod people;
pub mod pods;
pub mod program;
pub mod release;
pub mod remains;
pub mod settings;

use std::time::{Duration, Instant};

use anyhow::Result;

/// Waits until a condition holds; fails with what was seen last. A look that fails is one more that saw nothing good: API servers are away for moments.
pub async fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<Result<T, String>>,
) -> Result<T> {
    let since = Instant::now();
    loop {
        let seen = match look().await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(seen)) => seen,
            Err(error) => format!("{error:#}"),
        };
        anyhow::ensure!(
            since.elapsed() < within,
            "waited {} s in vain until {what}; saw last: {seen}",
            within.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
