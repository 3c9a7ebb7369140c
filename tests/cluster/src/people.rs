//! People and systems who call the services. The suite has the signing key of its own installation, so it can be anybody of the district.

use anyhow::{Context as _, Result};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::Session;
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, Signer};
use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;
use tonic::transport::Channel;
use uuid::Uuid;

/// The district.
pub const DISTRICT: &str = "330105";
/// Seconds for which a token lasts: longer than a run.
const LASTS: i64 = 8 * 3600;

/// Somebody with a post.
#[derive(Clone, Debug)]
pub struct Person {
    token: String,
}

/// Signs for somebody with a post in an area (`001052` below the district) and, where it is of one, of a department.
pub fn person(signer: &Signer, post: &str, below: &str, department: Option<&str>) -> Result<Person> {
    let now = Timestamp::now().as_second();
    let claims = Claims {
        iss: "gongzhi".into(),
        sub: Uuid::now_v7().to_string(),
        aud: Audience::One(AUDIENCE.into()),
        // The clocks of nodes may be a little behind.
        iat: now - 30,
        exp: now + LASTS,
        name: "e2e".into(),
        posts: vec![PostClaim {
            post: post.into(),
            area: AreaCode::parse(&format!("{DISTRICT}{below}"))?,
            unit: department.map(ToOwned::to_owned),
        }],
    };
    Ok(Person { token: signer.sign(&claims)? })
}

impl Person {
    /// The bearer token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Calls over a connection.
    pub fn over(&self, channel: Channel) -> Result<Session> {
        Session::new(channel, &self.token).context("a token is ASCII")
    }
}
