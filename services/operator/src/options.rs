//! What one operator is told when it is started.

use std::time::Duration;

/// Whom it works for, and how patient it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of this process among those that may lead; a pod's name.
    pub identity: String,
    /// Namespace of the release: its lease and its districts are there.
    pub namespace: String,
    /// Name of the release, as its objects carry it in `app.kubernetes.io/instance`.
    pub release: String,
    /// Code of the district that is served; namespaces that are labelled with another one are left to their own operator. Empty: all are served.
    pub district: String,
    /// Address of the exchange as clients of other namespaces reach it; put into the Secrets of those who pull. Empty: not told.
    pub exchange_address: String,
    /// Address of NATS as outsiders reach it; put into the Secrets of those who subscribe there. Empty: not told.
    pub nats_address: String,
    /// How often the exchange is looked at.
    pub look_every: Duration,
    /// How often a Secret is looked at, in case that somebody changed or deleted it.
    pub secrets_every: Duration,
    /// Wait after the first failure; doubled with each further one.
    pub first_wait: Duration,
    /// Longest wait after a failure.
    pub longest_wait: Duration,
    /// Objects of one kind that are worked on at the same time.
    pub at_once: u16,
    /// How long a leader leads without renewing.
    pub lease: Duration,
}

impl Options {
    /// The usual patience, for a release in a namespace.
    pub fn new(
        identity: impl Into<String>,
        namespace: impl Into<String>,
        release: impl Into<String>,
    ) -> Self {
        Self {
            identity: identity.into(),
            namespace: namespace.into(),
            release: release.into(),
            district: String::new(),
            exchange_address: String::new(),
            nats_address: String::new(),
            look_every: Duration::from_secs(30),
            secrets_every: Duration::from_secs(600),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            at_once: 16,
            lease: Duration::from_secs(15),
        }
    }
}
