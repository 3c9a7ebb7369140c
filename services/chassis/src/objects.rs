//! Files: bytes under a name, larger than what goes over the bus. They lie in the object store of NATS, beside the streams and copied as those are.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::object_store::{Config, Object, ObjectStore};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::io::AsyncReadExt;

use crate::bus::Bus;
use crate::status::Failure;

/// Bytes of a piece that is read at a time.
const PIECE: usize = 128 << 10;
/// How long a piece is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Files of one kind of a district. Cloning shares them.
#[derive(Clone)]
pub struct Objects {
    jetstream: jetstream::Context,
    bucket: String,
    replicas: usize,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Bus(format!("the object store: {error}"))
}

impl Objects {
    /// Files of a kind; their bucket is made when it is first needed.
    pub fn new(bus: &Bus, kind: &str, replicas: usize) -> Self {
        let bucket = format!("{kind}_{}", bus.district());
        Self { jetstream: bus.jetstream().clone(), bucket, replicas }
    }

    async fn open(&self) -> Result<ObjectStore, Failure> {
        if let Ok(store) = self.jetstream.get_object_store(&self.bucket).await {
            return Ok(store);
        }
        let config = Config { bucket: self.bucket.clone(), num_replicas: self.replicas, ..Config::default() };
        self.jetstream.create_object_store(config).await.map_err(failed)
    }

    /// Keeps bytes under a name; the same again changes nothing.
    pub async fn put(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let mut content = content;
        self.open().await?.put(name, &mut content).await.map_err(failed)?;
        Ok(())
    }

    /// Reads bytes in pieces.
    pub async fn read(
        &self,
        name: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, Failure>> + Send + use<>, Failure> {
        let object = self.open().await?.get(name).await.map_err(failed)?;
        Ok(futures::stream::unfold(Some(object), next_piece).boxed())
    }

    /// Deletes bytes for good.
    pub async fn delete(&self, name: &str) -> Result<(), Failure> {
        self.open().await?.delete(name).await.map_err(failed)
    }
}

async fn next_piece(object: Option<Object>) -> Option<(Result<Bytes, Failure>, Option<Object>)> {
    let mut object = object?;
    let mut piece = vec![0; PIECE];
    match tokio::time::timeout(PATIENCE, object.read(&mut piece)).await {
        Err(_) => Some((Err(failed("no piece came in time")), None)),
        Ok(Ok(0)) => None,
        Ok(Ok(read)) => {
            piece.truncate(read);
            Some((Ok(piece.into()), Some(object)))
        }
        Ok(Err(error)) => Some((Err(failed(error)), None)),
    }
}
