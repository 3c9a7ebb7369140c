//! The contract's words for accounts and callers, and ours.

use gongzhi_chassis::caller::{Caller, Permit, PostClaim};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::organization::v1 as pb;

use super::sign_in::SignedIn;
use crate::staff;

/// Longest account and password that are looked at, in bytes: longer ones cost work and fit nothing.
const LONGEST: usize = 800;

pub(super) fn sign_in(request: pb::SignInRequest) -> Result<(String, String), Failure> {
    let mut violations = Violations::new();
    for (field, given) in [("account", &request.account), ("password", &request.password)] {
        if given.is_empty() {
            violations.add(field, "is required");
        } else if given.len() > LONGEST {
            violations.add(field, format!("must have at most {LONGEST} bytes"));
        }
    }
    violations.finish()?;
    Ok((request.account, request.password))
}

pub(super) fn signed_in(signed_in: SignedIn) -> pb::SignInResponse {
    let seconds = signed_in.expires_at.as_second();
    pb::SignInResponse {
        token: signed_in.token,
        // A token ends at a whole second.
        expires_at: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        staff: Some(staff::to_wire(signed_in.id, signed_in.staff)),
    }
}

pub(super) fn who_am_i(caller: &Caller) -> pb::WhoAmIResponse {
    pb::WhoAmIResponse {
        staff_id: caller.id().to_owned(),
        display_name: caller.name().to_owned(),
        posts: caller.posts().iter().map(held_post).collect(),
        permits: caller.permits().iter().map(permit).collect(),
    }
}

fn held_post(claim: &PostClaim) -> pb::HeldPost {
    pb::HeldPost {
        post: Post::from_str_name(&claim.post).unwrap_or_default().into(),
        area_code: claim.area.to_string(),
        department_code: claim.unit.clone().unwrap_or_default(),
    }
}

fn permit(permit: &Permit) -> pb::Permit {
    pb::Permit {
        permission: permit.permission.clone(),
        area_code: permit.area.to_string(),
        department_code: permit.unit.clone().unwrap_or_default(),
    }
}
