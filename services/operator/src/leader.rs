//! Who leads: one process at a time, by a Lease that it renews. Whoever cannot renew in time stops before another may begin.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};

use crate::options::Options;

/// Name of the lease, behind the release's.
const NAME: &str = "operator";

/// A candidate for leading.
pub(crate) struct Candidate {
    leases: Api<Lease>,
    name: String,
    identity: String,
    lasts: Duration,
    /// What was last seen of another's lease, and when by our own clock: clocks of two machines are not compared.
    seen: Option<(Lease, Instant)>,
}

impl Candidate {
    pub(crate) fn new(client: Client, options: &Options) -> Self {
        Self {
            leases: Api::namespaced(client, &options.namespace),
            name: format!("{}-{NAME}", options.release),
            identity: options.identity.clone(),
            lasts: options.lease,
            seen: None,
        }
    }

    /// How often a leader renews and others look.
    pub(crate) fn beat(&self) -> Duration {
        self.lasts / 3
    }

    /// Takes or renews the lease; false while another holds it.
    pub(crate) async fn lead(&mut self) -> Result<bool, kube::Error> {
        let Some(lease) = self.leases.get_opt(&self.name).await? else {
            let created = self.leases.create(&PostParams::default(), &self.mine(None)).await;
            return lost_the_race(created);
        };
        let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.clone()).unwrap_or_default();
        if holder != self.identity && !holder.is_empty() && !self.is_over(&lease) {
            return Ok(false);
        }
        let replaced = self.leases.replace(&self.name, &PostParams::default(), &self.mine(Some(lease))).await;
        lost_the_race(replaced)
    }

    /// True when another's lease did not change for as long as it says that it lasts.
    fn is_over(&mut self, lease: &Lease) -> bool {
        let lasts = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
        let lasts =
            lasts.and_then(|seconds| u64::try_from(seconds).ok()).map_or(self.lasts, Duration::from_secs);
        match &self.seen {
            Some((known, since)) if known.metadata.resource_version == lease.metadata.resource_version => {
                since.elapsed() > lasts
            }
            Some(_) | None => {
                self.seen = Some((lease.clone(), Instant::now()));
                false
            }
        }
    }

    /// Gives the lease back, so that another need not wait.
    pub(crate) async fn give_back(&self) -> Result<(), kube::Error> {
        let Some(mut lease) = self.leases.get_opt(&self.name).await? else { return Ok(()) };
        let mine = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity));
        let Some(spec) = mine else { return Ok(()) };
        spec.holder_identity = Some(String::new());
        self.leases.replace(&self.name, &PostParams::default(), &lease).await.map(drop)
    }

    fn mine(&self, was: Option<Lease>) -> Lease {
        let now = MicroTime(in_microseconds());
        let was = was.unwrap_or_default();
        let spec = was.spec.unwrap_or_default();
        let renews = spec.holder_identity.as_ref() == Some(&self.identity);
        let transitions = spec.lease_transitions.unwrap_or_default();
        let seconds = SignedDuration::try_from(self.lasts).map_or(1, |lasts| lasts.as_secs().max(1));
        Lease {
            metadata: ObjectMeta { name: Some(self.name.clone()), ..was.metadata },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: Some(i32::try_from(seconds).unwrap_or(i32::MAX)),
                acquire_time: if renews { spec.acquire_time } else { Some(now.clone()) },
                renew_time: Some(now),
                lease_transitions: Some(if renews { transitions } else { transitions + 1 }),
                ..LeaseSpec::default()
            }),
        }
    }
}

fn in_microseconds() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// Another was faster: that is an answer, not a failure.
fn lost_the_race(outcome: Result<Lease, kube::Error>) -> Result<bool, kube::Error> {
    match outcome {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(answer)) if answer.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}
