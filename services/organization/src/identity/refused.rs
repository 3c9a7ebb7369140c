//! How signing in says no. Nothing here tells whether an account exists.

use gongzhi_chassis::status::Failure;

pub(super) fn locked() -> Failure {
    Failure::Refused {
        reason: "ACCOUNT_LOCKED",
        message: "too many wrong passwords; wait 15 minutes, then try again".into(),
    }
}

pub(super) fn wrong() -> Failure {
    Failure::Unauthenticated("account or password is wrong; try again".into())
}

pub(super) fn other_issuer(issuer: &str) -> Failure {
    Failure::Refused {
        reason: "OTHER_ISSUER",
        message: format!("accounts are kept by another issuer; sign in at {issuer}"),
    }
}
