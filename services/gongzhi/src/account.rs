//! Who calls the services from the command line: an account with its password, or a token that somebody has already.

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::{Session, connection};
use gongzhi_chassis::config::Settings;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::organization::Organization;
use gongzhi_proto::organization::v1::SignInRequest;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;

/// Who calls, and whom.
#[derive(clap::Args)]
#[command(next_help_heading = "Who calls")]
pub(crate) struct Account {
    /// Address of the services, for example http://gongzhi.example:50051; default: the one of GONGZHI_GRPC_ADDRESS.
    #[arg(long, env = "GONGZHI_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Account that signs in; not needed with a token.
    #[arg(long, env = "GONGZHI_ACCOUNT")]
    account: Option<String>,
    /// Its password; better in the environment than on the command line, where others can see it.
    #[arg(long, env = "GONGZHI_PASSWORD", hide_env_values = true, requires = "account")]
    password: Option<String>,
    /// A bearer token, in place of account and password.
    #[arg(long, env = "GONGZHI_TOKEN", hide_env_values = true, conflicts_with = "account")]
    token: Option<String>,
}

impl Account {
    /// Signs in.
    pub(crate) async fn sign_in(self, settings: &Settings) -> Result<Session> {
        let server = self.server.unwrap_or_else(|| format!("http://{}", settings.grpc_address));
        let channel = connection(&server, &settings.tls)?;
        let token = match (self.token, self.account, self.password) {
            (Some(token), _, _) => token,
            (None, Some(account), Some(password)) => {
                let request = SignInRequest { account: account.clone(), password };
                let answer = IdentityServiceClient::new(channel.clone()).sign_in(request).await;
                answer
                    .map_err(refused)
                    .with_context(|| format!("{account} cannot sign in"))?
                    .into_inner()
                    .token
            }
            _ => anyhow::bail!("say who calls: --account with --password, or GONGZHI_TOKEN"),
        };
        Session::new(channel, &token).context("the token is not ASCII")
    }
}

/// What a service said, with every field that it found wrong.
pub(crate) fn refused(status: tonic::Status) -> anyhow::Error {
    use tonic_types::StatusExt;
    let fields = status.get_details_bad_request().map(|wrong| wrong.field_violations).unwrap_or_default();
    let fields: Vec<_> =
        fields.iter().map(|wrong| format!("\n  {}: {}", wrong.field, wrong.description)).collect();
    anyhow::anyhow!("{}{}", status.message(), fields.concat())
}

/// Reads an organization as it is named on the command line.
pub(crate) fn organization(text: &str) -> Result<pb::Organization> {
    let organization = match text.split_once('/') {
        Some(("department", code)) => Organization::DepartmentCode(code.to_owned()),
        Some(("area", code)) => Organization::AreaCode(code.to_owned()),
        _ => anyhow::bail!("--for is department/CODE or area/CODE, not {text:?}"),
    };
    Ok(pb::Organization { organization: Some(organization) })
}
