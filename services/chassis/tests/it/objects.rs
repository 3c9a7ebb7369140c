//! Files, in the object store of NATS and in one that speaks S3: what is put there is read again whole, listed, and gone when it is deleted.

use std::convert::Infallible;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use futures::TryStreamExt;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::objects::Objects;
use gongzhi_harness::Bench;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;

const BUCKET: &str = "gongzhi";

/// A server that speaks S3 and keeps its files in a folder of its own, which goes with it.
struct Server {
    root: PathBuf,
    endpoint: String,
}

impl Server {
    async fn open() -> Result<Self> {
        let root = std::env::temp_dir().join(format!("gongzhi-s3-{}", std::process::id()));
        std::fs::create_dir_all(root.join(BUCKET))?;
        let files = s3s_fs::FileSystem::new(&root).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single("the-key", "the-secret"));
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let connections = Builder::new(TokioExecutor::new());
                    let _ = connections.serve_connection(TokioIo::new(socket), service).await;
                });
            }
            Ok::<_, Infallible>(())
        });
        Ok(Self { root, endpoint })
    }

    fn settings(&self, secret: &str) -> Result<Settings> {
        let (settings, _) = Settings::read(|name| match name {
            "GONGZHI_S3_BUCKET" => Some(BUCKET.into()),
            "GONGZHI_S3_ENDPOINT" => Some(self.endpoint.clone()),
            "GONGZHI_S3_ACCESS_KEY" => Some("the-key".into()),
            "GONGZHI_S3_SECRET_KEY" => Some(secret.into()),
            _ => None,
        })?;
        Ok(settings)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

async fn whole(objects: &Objects, name: &str) -> Result<Vec<u8>> {
    let pieces: Vec<_> = objects.read(name).await?.try_collect().await?;
    Ok(pieces.concat())
}

async fn names(objects: &Objects) -> Result<Vec<String>> {
    let mut names: Vec<_> = objects.list().await?.map_ok(|lying| lying.name).try_collect().await?;
    names.sort();
    Ok(names)
}

async fn keep_their_word(objects: &Objects, others: &Objects) -> Result<()> {
    let large: Vec<u8> = (0..3_000_000u32).map(|nth| (nth % 251) as u8).collect();
    ensure!(names(objects).await?.is_empty());
    ensure!(objects.read("a").await.is_err(), "what is not there cannot be read");
    objects.put("a", &large).await?;
    objects.put("a", &large).await?;
    objects.put("b", b"small").await?;
    others.put("c", b"of another kind").await?;
    ensure!(whole(objects, "a").await? == large);
    ensure!(whole(objects, "b").await? == b"small");
    ensure!(names(objects).await? == ["a", "b"]);
    let lying: Vec<_> = objects.list().await?.try_collect().await?;
    let age = jiff::Timestamp::now().duration_since(lying.first().context("nothing lies there")?.at);
    ensure!(age.as_secs().abs() < 60, "{lying:?}");
    objects.delete("a").await?;
    objects.delete("a").await?;
    ensure!(objects.read("a").await.is_err() && names(objects).await? == ["b"]);
    ensure!(whole(others, "c").await? == b"of another kind");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_lie_on_nats_where_nothing_else_is_set() -> Result<()> {
    let bench = Bench::new().await?;
    let (bus, settings) = (&bench.context.bus, &bench.context.settings);
    keep_their_word(&Objects::new(bus, "evidence", settings)?, &Objects::new(bus, "other", settings)?)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_lie_on_s3_where_that_is_set() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bench = Bench::new().await?;
    let server = Server::open().await?;
    let (bus, settings) = (&bench.context.bus, server.settings("the-secret")?);
    keep_their_word(&Objects::new(bus, "evidence", &settings)?, &Objects::new(bus, "other", &settings)?)
        .await?;
    let stranger = Objects::new(bus, "evidence", &server.settings("another-secret")?)?;
    assert!(stranger.put("d", b"forged").await.is_err(), "the server asks who it is");
    assert!(!names(&Objects::new(bus, "evidence", &settings)?).await?.contains(&"d".to_owned()));
    Ok(())
}

#[test]
fn a_bucket_without_its_keys_is_a_wrong_setting() {
    let wrong = Settings::read(|name| (name == "GONGZHI_S3_BUCKET").then(|| "b".into())).unwrap_err();
    assert!(wrong.to_string().contains("GONGZHI_S3_ACCESS_KEY"), "{wrong}");
}
