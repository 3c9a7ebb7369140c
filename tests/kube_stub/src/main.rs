//! The stub as a program, so that kubectl and helm can talk to it: `gongzhi-kube-stub --kubeconfig FILE`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use gongzhi_kube_stub::{ADMINISTRATOR, Stub};

/// A stand-in for an API server of Kubernetes; it runs nothing and forgets everything at its end.
#[derive(Parser)]
struct Arguments {
    /// Where a kubeconfig for it is written.
    #[arg(long, value_name = "FILE")]
    kubeconfig: PathBuf,
    /// Where it answers; port 0 for any.
    #[arg(long, default_value = "127.0.0.1:0")]
    address: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let stub = Stub::start(arguments.address).await?;
    stub.settle_in().await?;
    stub.strangers_are(ADMINISTRATOR);
    std::fs::write(&arguments.kubeconfig, stub.kubeconfig(ADMINISTRATOR))
        .with_context(|| format!("{} cannot be written", arguments.kubeconfig.display()))?;
    println!("serves at {}; KUBECONFIG={}", stub.url(), arguments.kubeconfig.display());
    std::future::pending().await
}
