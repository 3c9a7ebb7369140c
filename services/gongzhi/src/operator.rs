//! `gongzhi operator`: brings custom resources of a cluster into the exchange, and copies the release for further districts.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::connection;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::operations::{self, Readiness};
use gongzhi_operator::{Entrance, Exchange, Options};
use kube::Client;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::process::asked_to_end;

/// Whom it works for, and as whom. Where organization and exchange are, is the setting GONGZHI_UPSTREAMS.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Namespace of the release, in which its lease and its districts are.
    #[arg(long, env = "GONGZHI_OPERATOR_NAMESPACE", value_name = "NAME")]
    namespace: String,
    /// Name of the release.
    #[arg(long, env = "GONGZHI_OPERATOR_RELEASE", value_name = "NAME")]
    release: String,
    /// Name among those that may lead; a pod's name.
    #[arg(long, env = "GONGZHI_OPERATOR_IDENTITY", value_name = "NAME")]
    identity: String,
    /// Account that signs in, with the post of a cluster operator; not needed with a token.
    #[arg(long, env = "GONGZHI_ACCOUNT", requires = "password_file")]
    account: Option<String>,
    /// File with its password, read at each sign-in.
    #[arg(long, env = "GONGZHI_PASSWORD_FILE", value_name = "FILE", requires = "account")]
    password_file: Option<PathBuf>,
    /// File with a bearer token that somebody else renews, in place of account and password.
    #[arg(long, env = "GONGZHI_TOKEN_FILE", value_name = "FILE", conflicts_with = "account")]
    token_file: Option<PathBuf>,
    /// Address of exchange as clients in other namespaces reach it; told in the Secrets of those who pull.
    #[arg(long, env = "GONGZHI_OPERATOR_EXCHANGE_ADDRESS", default_value = "", value_name = "URL")]
    exchange_address: String,
    /// Address of NATS as subscribers reach it; told in the Secrets of those who subscribe there.
    #[arg(long, env = "GONGZHI_OPERATOR_NATS_ADDRESS", default_value = "", value_name = "URL")]
    nats_address: String,
}

pub(crate) async fn run(arguments: Arguments, settings: Settings) -> Result<()> {
    let upstream = |service: &str| -> Result<Channel> {
        let address = settings
            .upstreams
            .get(service)
            .with_context(|| format!("set GONGZHI_UPSTREAMS: it does not say where {service} is"))?;
        Ok(connection(address, &settings.tls)?)
    };
    let entrance = match (arguments.token_file, arguments.account, arguments.password_file) {
        (Some(file), _, _) => Entrance::TokenFile(file),
        (None, Some(account), Some(password)) => {
            Entrance::Account { organization: upstream("organization")?, account, password }
        }
        _ => {
            anyhow::bail!("say who calls: GONGZHI_ACCOUNT with GONGZHI_PASSWORD_FILE, or GONGZHI_TOKEN_FILE")
        }
    };
    let exchange = Arc::new(Exchange::new(upstream("exchange")?, entrance));
    let client = Client::try_default()
        .await
        .context("no cluster is near: run it in a pod with a service account, or set KUBECONFIG")?;
    let options = Options {
        district: settings.district.to_string(),
        exchange_address: arguments.exchange_address,
        nats_address: arguments.nats_address,
        ..Options::new(arguments.identity, arguments.namespace, arguments.release)
    };
    let (stop, readiness) = (CancellationToken::new(), Readiness::default());
    if let Some(address) = settings.operations_address {
        operations::serve_alone(address, readiness.clone(), stop.clone()).await?;
    }
    let working = tokio::spawn(gongzhi_operator::run(client, exchange, options, stop.clone()));
    // Signing in may have to wait for an account that is made after the installation; nobody is sent to an operator anyway.
    readiness.started();
    asked_to_end().await?;
    stop.cancel();
    working.await.context("the operator ended badly")
}
