//! The story of a token: somebody signs in with a name and a password and gets one that carries the posts held then, signed with this deployment's
//! key; every service verifies it with the public half alone. After five wrong passwords an account rests. Where another OIDC issuer is configured, it
//! does all of this, and only its keys are read here.

mod attempts;
mod issuer;
mod key;
mod refused;
mod rpc;
mod sign_in;
mod wire;

pub use key::{key_set, signer};
pub(crate) use rpc::Identities;

use gongzhi_chassis::run::Context;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::token::Verifier;

/// What the gate of every process verifies tokens with: the keys of the configured issuer, or this deployment's own. The own key needs the schema of
/// this service to be there, unless it is given in the settings.
pub async fn verifier(context: &Context) -> Result<Verifier, Failure> {
    let issuer = &context.settings.issuer;
    match &context.settings.jwks_url {
        Some(url) => issuer::verifier(issuer, url).await,
        None => Ok(Verifier::new(issuer, key_set(context).await?)),
    }
}
