//! Files: bytes under a name, larger than what goes over the bus. They lie in the object store of NATS, beside the streams and copied as those are, or in
//! a bucket of a store that speaks S3.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::object_store::{Config, Object};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt, RetryConfig};
use tokio::io::AsyncReadExt;

use crate::bus::Bus;
use crate::config::{S3, Settings};
use crate::status::Failure;

/// Bytes of a piece that is read at a time.
const PIECE: usize = 128 << 10;
/// How long a piece is waited for, and how long a call to S3 is repeated.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a file may take from or to S3.
const TRANSFERRED_WITHIN: Duration = Duration::from_secs(300);

/// Files of one kind of a district. Cloning shares them.
#[derive(Clone)]
pub struct Objects(Store);

#[derive(Clone)]
enum Store {
    Nats(Arc<Bucket>),
    /// With the folder in which the files of this kind lie.
    S3(Arc<dyn object_store::ObjectStore>, Path),
}

/// A bucket of the object store of NATS; it is made when it is first needed.
struct Bucket {
    jetstream: jetstream::Context,
    name: String,
    replicas: usize,
}

/// A file as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Its name.
    pub name: String,
    /// When its bytes were put there, by the store's time.
    pub at: Timestamp,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Bus(format!("the object store: {error}"))
}

impl Objects {
    /// Files of a kind, where the settings say that files lie. Connects to nothing yet.
    pub fn new(bus: &Bus, kind: &str, settings: &Settings) -> Result<Self, Failure> {
        let Some(s3) = &settings.s3 else {
            let name = format!("{kind}_{}", bus.district());
            let replicas = settings.stream_replicas;
            let bucket = Bucket { jetstream: bus.jetstream().clone(), name, replicas };
            return Ok(Self(Store::Nats(Arc::new(bucket))));
        };
        let folder = Path::from_iter([kind, bus.district().as_str()]);
        Ok(Self(Store::S3(Arc::new(connection(s3)?), folder)))
    }

    /// True where files lie in a store that others may use as well.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.0, Store::S3(..))
    }

    /// Keeps bytes under a name; the same again changes nothing.
    pub async fn put(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        match &self.0 {
            Store::Nats(bucket) => {
                let mut content = content;
                bucket.open().await?.put(name, &mut content).await.map_err(failed)?;
            }
            Store::S3(store, folder) => {
                let content = Bytes::copy_from_slice(content);
                store.put(&folder.clone().join(name), content.into()).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads bytes in pieces.
    pub async fn read(&self, name: &str) -> Result<BoxStream<'static, Result<Bytes, Failure>>, Failure> {
        match &self.0 {
            Store::Nats(bucket) => {
                let object = bucket.open().await?.get(name).await.map_err(failed)?;
                Ok(futures::stream::unfold(Some(object), next_piece).boxed())
            }
            Store::S3(store, folder) => {
                let found = store.get(&folder.clone().join(name)).await.map_err(failed)?;
                Ok(found.into_stream().map_err(failed).boxed())
            }
        }
    }

    /// Deletes bytes for good; those that are gone already are no failure.
    pub async fn delete(&self, name: &str) -> Result<(), Failure> {
        match &self.0 {
            Store::Nats(bucket) => match bucket.open().await?.delete(name).await {
                Err(error) if error.kind() == jetstream::object_store::DeleteErrorKind::NotFound => Ok(()),
                outcome => outcome.map_err(failed),
            },
            Store::S3(store, folder) => match store.delete(&folder.clone().join(name)).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                outcome => outcome.map_err(failed),
            },
        }
    }

    /// Everything that lies there.
    pub async fn list(&self) -> Result<BoxStream<'static, Result<Lying, Failure>>, Failure> {
        match &self.0 {
            Store::Nats(bucket) => {
                let lying = bucket.open().await?.list().await.map_err(failed)?;
                let lying = lying.map_err(failed).map(|found| {
                    let found = found?;
                    let at = found.modified.map_or(Ok(Timestamp::now()), |at| instant(at.unix_timestamp()));
                    Ok(Lying { name: found.name, at: at? })
                });
                Ok(lying.boxed())
            }
            Store::S3(store, folder) => {
                let lying = store.list(Some(folder)).map_err(failed).map(|found| {
                    let found = found?;
                    let name = found.location.filename().unwrap_or_default().to_owned();
                    Ok(Lying { name, at: instant(found.last_modified.timestamp())? })
                });
                Ok(lying.collect::<Vec<_>>().await).map(|all| futures::stream::iter(all).boxed())
            }
        }
    }
}

fn instant(seconds: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_second(seconds).map_err(failed)
}

fn connection(s3: &S3) -> Result<object_store::aws::AmazonS3, Failure> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(s3.access_key.reveal())
        .with_secret_access_key(s3.secret_key.reveal())
        .with_retry(RetryConfig { retry_timeout: PATIENCE, ..RetryConfig::default() });
    // A file is read as fast as whoever wants it takes it.
    let mut client = ClientOptions::new().with_timeout(TRANSFERRED_WITHIN).with_connect_timeout(PATIENCE / 4);
    if let Some(endpoint) = &s3.endpoint {
        client = client.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_endpoint(endpoint);
    }
    builder.with_client_options(client).build().map_err(failed)
}

impl Bucket {
    async fn open(&self) -> Result<jetstream::object_store::ObjectStore, Failure> {
        if let Ok(store) = self.jetstream.get_object_store(&self.name).await {
            return Ok(store);
        }
        let config = Config { bucket: self.name.clone(), num_replicas: self.replicas, ..Config::default() };
        self.jetstream.create_object_store(config).await.map_err(failed)
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
