//! Never giving up: a call that was cut off is repeated with the same key until it is answered.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tonic::{Code, Response, Status};
use uuid::Uuid;

/// How long a call is repeated.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the caller pauses before it repeats.
const PAUSE: Duration = Duration::from_millis(25);

/// Calls with one key until there is an answer; counts the calls that were cut off.
pub async fn until_answered<T, F>(what: &str, repeats: &mut usize, call: impl Fn(Uuid) -> F) -> Result<T>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let (key, since) = (Uuid::now_v7(), Instant::now());
    loop {
        let refused = match call(key).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => status,
        };
        if !is_worth_repeating(&refused) {
            bail!("{what} was refused after {:?}: {refused:?}", since.elapsed());
        }
        ensure!(since.elapsed() < PATIENCE, "{what} was not answered in a minute: {refused:?}");
        *repeats += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

/// True when there was no answer, or one that asks to repeat. A status with a source was made on this side, of a connection that broke.
fn is_worth_repeating(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
        || matches!(
            status.code(),
            Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Aborted
                | Code::Cancelled
                | Code::ResourceExhausted
        )
}
