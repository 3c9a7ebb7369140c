//! Passwords: hashed with argon2id (19 MiB, two passes), compared in constant time, never kept, never printed.
//!
//! A hash takes tens of milliseconds and 19 MiB by intention, so only as many are made at once as there are processors: a flood of sign-ins waits in
//! line instead of taking the memory of the process.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use gongzhi_chassis::status::Failure;
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, and passes over it.
const COST: (u32, u32) = (19 * 1024, 2);

/// A hash of no password: whoever signs in with an account that nobody has waits as long as everybody else.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map(usize::from).unwrap_or(2)));

/// Whether a password is the one that was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is.
    Right,
    /// It is not, or there is none.
    Wrong,
}

fn argon2() -> Result<Argon2<'static>, Failure> {
    let params = Params::new(COST.0, COST.1, 1, None).map_err(|error| Failure::Bug(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password.
pub(crate) async fn hash(password: String) -> Result<String, Failure> {
    in_place(move || {
        let hash = argon2()?.hash_password(password.as_bytes());
        Ok(hash.map_err(|error| Failure::Bug(error.to_string()))?.to_string())
    })
    .await
}

/// Compares a password with a hash; without a hash it is wrong, and takes as long.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<Verdict, Failure> {
    in_place(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
        let hash = PasswordHash::new(&hash)
            .map_err(|error| Failure::Bug(format!("a stored hash cannot be read: {error}")))?;
        let fits = argon2()?.verify_password(password.as_bytes(), &hash).is_ok();
        Ok(if known && fits { Verdict::Right } else { Verdict::Wrong })
    })
    .await
}

async fn in_place<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let _place = PLACES.acquire().await.map_err(|error| Failure::Bug(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Bug(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let hash = hash("a-long-password".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify("a-long-password".into(), Some(hash.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(verify("a-long-passwore".into(), Some(hash)).await.unwrap(), Verdict::Wrong);
        assert_eq!(
            verify("a-long-password".into(), None).await.unwrap(),
            Verdict::Wrong,
            "the stand-in can be read and fits nothing"
        );
    }
}
