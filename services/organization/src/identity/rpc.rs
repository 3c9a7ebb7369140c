//! The gRPC face of accounts and tokens. Requests hold passwords and answers hold tokens: neither is ever logged.

use std::sync::Arc;

use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::token::{KeySet, Signer};
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::identity_service_server::IdentityService;
use tonic::{Request, Response, Status};

use super::{key, refused, sign_in, wire};

/// Serves accounts and tokens.
#[derive(Clone)]
pub(crate) struct Identities {
    writer: Writer,
    issuer: String,
    accounts: Accounts,
}

/// Whose accounts are signed in with.
#[derive(Clone)]
enum Accounts {
    /// Ours, with this key.
    Ours(Arc<Signer>),
    /// Those of another OIDC issuer.
    OfAnotherIssuer,
}

impl Identities {
    pub(crate) async fn new(context: &Context, writer: &Writer) -> Result<Self, Failure> {
        let accounts = match context.settings.jwks_url {
            None => Accounts::Ours(Arc::new(key::signer(context).await?)),
            Some(_) => Accounts::OfAnotherIssuer,
        };
        Ok(Self { writer: writer.clone(), issuer: context.settings.issuer.clone(), accounts })
    }

    fn signer(&self) -> Result<&Signer, Failure> {
        match &self.accounts {
            Accounts::Ours(signer) => Ok(signer),
            Accounts::OfAnotherIssuer => Err(refused::other_issuer(&self.issuer)),
        }
    }
}

#[tonic::async_trait]
impl IdentityService for Identities {
    async fn sign_in(
        &self,
        request: Request<pb::SignInRequest>,
    ) -> Result<Response<pb::SignInResponse>, Status> {
        let (_, request) = admit(request)?;
        let signer = self.signer()?;
        let (account, password) = wire::sign_in(request)?;
        let signed_in = sign_in::sign_in(&self.writer, signer, &self.issuer, &account, password).await?;
        Ok(Response::new(wire::signed_in(signed_in)))
    }

    async fn who_am_i(
        &self,
        request: Request<pb::WhoAmIRequest>,
    ) -> Result<Response<pb::WhoAmIResponse>, Status> {
        let (admission, _) = admit(request)?;
        Ok(Response::new(wire::who_am_i(&admission.caller)))
    }

    async fn get_key_set(
        &self,
        request: Request<pb::GetKeySetRequest>,
    ) -> Result<Response<pb::GetKeySetResponse>, Status> {
        admit(request)?;
        let keys = KeySet::new(vec![self.signer()?.key()]);
        let jwks_json = serde_json::to_string(&keys).map_err(|error| Failure::Bug(error.to_string()))?;
        Ok(Response::new(pb::GetKeySetResponse { jwks_json }))
    }
}
