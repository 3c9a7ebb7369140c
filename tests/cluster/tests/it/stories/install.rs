//! An installation into a namespace that enforces `restricted`: everything ready, notes, no warning, a whistle played by `helm test`, the first account.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gongzhi_cluster::casework::way;
use gongzhi_cluster::cluster::Cluster;
use gongzhi_cluster::forward::Way;
use gongzhi_cluster::release::{Release, SERVICES, values};
use gongzhi_cluster::settings::Settings;
use gongzhi_cluster::{ground, pods, until};
use gongzhi_proto::organization::v1::SignInRequest;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Installed, WHOLE_WITHIN, pull_secret};

pub async fn run(
    cluster: &Arc<Cluster>,
    settings: &Settings,
    major: u8,
    slot: &mut Option<Installed>,
) -> Result<()> {
    let namespace = cluster.namespace(&format!("helm{major}"), &[]).await?;
    let release = Release::new(cluster, major, &namespace, Path::new(&settings.kubeconfig)).await?;
    pull_secret(cluster, settings, &namespace).await?;
    let ground = ground::make(cluster, settings, &namespace).await?;
    let nats = format!("nats://ground-nats.{namespace}:4222");
    let values = values(&settings.image, settings.pull_secret.as_deref(), &nats);
    let said = release.install(&values).await?;
    ensure!(said.out.contains("What to do next"), "helm prints no notes:\n{}", said.all());
    release.is_whole(WHOLE_WITHIN).await?;
    // From here on others may use it, whatever is found wrong below.
    let installed = slot.insert(Installed { release, ground, settings: settings.clone(), values });
    let release = &installed.release;

    let pods = release.pods().await?;
    let of = |part: &str| pods.iter().filter(|pod| pods::component(pod) == part).count();
    let fewer: Vec<_> = SERVICES.iter().chain(&["operator"]).filter(|part| of(part) != 2).collect();
    ensure!(fewer.is_empty(), "not two pods of {fewer:?}");
    let restarted: Vec<_> = pods
        .iter()
        .filter(|pod| pod["status"]["containerStatuses"][0]["restartCount"].as_u64() > Some(0))
        .map(pods::name)
        .collect();
    println!("    {} pods ready; restarted until then: {restarted:?}", pods.len());

    let said = release.test().await?;
    ensure!(said.all().contains("taken back:"), "helm test played no whistle:\n{}", said.all());
    for line in said.out.lines().filter(|line| line.contains(" ms after")) {
        println!("    {line}");
    }
    sign_in(&mut way(release, "organization"), ground::FIRST_ACCOUNT, &installed.ground.password).await?;
    let mut portal = Way::new(cluster, &namespace, &release.name, "portal", 8080);
    answers(&mut portal).await
}

/// Signs in as people do; tells the token.
pub async fn sign_in(way: &mut Way, account: &str, password: &str) -> Result<String> {
    let request = SignInRequest { account: account.into(), password: password.into() };
    let answer = IdentityServiceClient::new(way.channel().await?).sign_in(request).await;
    let token = answer.with_context(|| format!("{account} cannot sign in"))?.into_inner().token;
    ensure!(!token.is_empty(), "{account} signed in and got no token");
    Ok(token)
}

/// Asks the portal for its page.
pub async fn answers(way: &mut Way) -> Result<()> {
    until("the portal answers", Duration::from_secs(60), async || {
        let port = way.local_port().await?;
        let page = page(port).await;
        if !matches!(&page, Ok(page) if page.starts_with("HTTP/1.1 200") && page.to_lowercase().contains("<html")) {
            way.broke();
        }
        Ok(match page {
            Ok(page) if page.starts_with("HTTP/1.1 200") && page.to_lowercase().contains("<html") => Ok(()),
            Ok(page) => Err(page.lines().next().unwrap_or_default().to_owned()),
            Err(error) => Err(error.to_string()),
        })
    })
    .await
}

async fn page(port: u16) -> Result<String> {
    let mut connection = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut text)).await??;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
