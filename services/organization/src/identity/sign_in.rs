//! Exchanging a name and a password for a token that carries the posts held now.

use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, Signer};
use gongzhi_proto::ids::StaffId;
use jiff::{SignedDuration, Timestamp};

use super::attempts::{self, Try};
use super::refused;
use crate::staff::{self, HeldPost, Staff, Verdict};

/// Lifetime of a token: a working day. A revoked post is gone for good after this.
const LIFETIME: SignedDuration = SignedDuration::from_hours(8);

/// Somebody who signed in.
pub(super) struct SignedIn {
    pub(super) token: String,
    pub(super) expires_at: Timestamp,
    pub(super) id: StaffId,
    pub(super) staff: Staff,
}

/// Signs somebody in.
pub(super) async fn sign_in(
    writer: &Writer,
    signer: &Signer,
    issuer: &str,
    account: &str,
    password: String,
) -> Result<SignedIn, Failure> {
    // What cannot be an account is nobody's; it is answered like one that nobody has, without a row of its own.
    if !staff::is_account(account) {
        staff::verify_password(writer, "", password).await?;
        return Err(refused::wrong());
    }
    let now = writer.clock().now();
    if attempts::count(writer.pool(), account, now).await? == Try::Locked {
        tracing::warn!("an account is locked after wrong passwords");
        return Err(refused::locked());
    }
    let id = match staff::verify_password(writer, account, password).await? {
        (Verdict::Right, Some(id)) => id,
        (Verdict::Right | Verdict::Wrong, _) => return Err(refused::wrong()),
    };
    attempts::forget(writer.pool(), account).await?;
    let staff = staff::load(writer, id)
        .await?
        .ok_or_else(|| Failure::Bug(format!("staff {id} has an account and no record")))?;
    let expires_at = now + LIFETIME;
    let token = signer.sign(&Claims {
        iss: issuer.to_owned(),
        sub: id.to_string(),
        aud: Audience::One(AUDIENCE.into()),
        iat: now.as_second(),
        exp: expires_at.as_second(),
        name: staff.display_name.clone(),
        posts: staff.posts.iter().map(claim).collect(),
    })?;
    tracing::info!(staff.id = %id, "signed in");
    Ok(SignedIn { token, expires_at, id, staff })
}

fn claim(held: &HeldPost) -> PostClaim {
    PostClaim {
        post: held.post.clone(),
        area: held.area.clone(),
        unit: held.department.as_ref().map(ToString::to_string),
    }
}
