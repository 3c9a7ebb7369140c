//! What every reconciliation stands on: the two servers, what is known of namespaces, and the ways to answer: a status that is only written when it
//! changes, an Event for what a person must know, a wait.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{Patch, PatchParams};
use kube::runtime::controller::Action;
use kube::runtime::events::{Event, EventType, Recorder};
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use crate::exchange::{Exchange, Trouble};
use crate::meters::{Meters, Outcome};
use crate::options::Options;
use crate::owner::{self, Nobody};
use crate::patience::{Patience, spread};
use crate::resources::{FINALIZER, MANAGER, Organization};
use crate::survey::Survey;

/// Why an object was not brought into order.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Exchange(#[from] Trouble),
    #[error("the API server: {0}")]
    Kube(#[from] Box<kube::Error>),
}

impl From<kube::Error> for Failure {
    fn from(error: kube::Error) -> Self {
        Self::Kube(Box::new(error))
    }
}

/// A kind of ours.
pub(crate) trait Kind:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Serialize
    + Send
    + Sync
    + 'static
{
    /// What the operator answers.
    type Status: Clone + PartialEq + Serialize + Default + Send + Sync;
    /// Its name in figures.
    const NAME: &'static str;
    fn status(&self) -> Option<&Self::Status>;
    fn conditions(status: &Self::Status) -> &[Condition];
}

/// What every reconciliation stands on.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) survey: Survey,
    pub(crate) namespaces: Store<Namespace>,
    pub(crate) recorder: Recorder,
    pub(crate) options: Options,
    pub(crate) meters: Meters,
    pub(crate) patience: Patience,
    /// The version of each object on which our last write to it was based, by uid.
    written: Mutex<HashMap<String, String>>,
    /// When each Secret was looked at, by the object's uid.
    pub(crate) secrets_seen: Mutex<HashMap<String, Instant>>,
    /// Whether each object was counted as ready, by kind and uid.
    counted: Mutex<HashMap<(&'static str, String), &'static str>>,
}

impl Context {
    pub(crate) fn new(
        client: Client,
        exchange: Arc<Exchange>,
        namespaces: Store<Namespace>,
        recorder: Recorder,
        options: Options,
        meters: Meters,
    ) -> Self {
        Self {
            survey: Survey::new(exchange.clone(), options.look_every),
            patience: Patience::new(options.first_wait, options.longest_wait),
            client,
            exchange,
            namespaces,
            recorder,
            options,
            meters,
            written: Mutex::default(),
            secrets_seen: Mutex::default(),
            counted: Mutex::default(),
        }
    }

    pub(crate) fn api<K: Kind>(&self, object: &K) -> Api<K> {
        Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default())
    }

    /// Whose the namespace of an object is.
    pub(crate) fn organization<K: Kind>(&self, object: &K) -> Result<Organization, Nobody> {
        let namespace = self.namespaces.get(&ObjectRef::new(&object.namespace().unwrap_or_default()));
        owner::organization(namespace.as_deref())
    }

    /// True when the object's namespace is another district's.
    pub(crate) fn is_anothers<K: Kind>(&self, object: &K) -> bool {
        let namespace = self.namespaces.get(&ObjectRef::new(&object.namespace().unwrap_or_default()));
        owner::is_anothers(namespace.as_deref(), &self.options.district)
    }

    /// True when an object is shown as it was before we wrote to it last: the watch has not caught up, and it would be decided by what is over.
    pub(crate) fn is_over<K: Kind>(&self, object: &K) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(&object.uid().unwrap_or_default()) == object.resource_version().as_ref()
    }

    /// When to look again at what is not shown as it is.
    pub(crate) fn soon(&self) -> Action {
        Action::requeue(self.options.first_wait)
    }

    /// Notes what an object was when we wrote to it; a write that changed nothing is none.
    fn note_written<K: Kind>(&self, object: &K, after: &K) {
        if after.resource_version() != object.resource_version() {
            let uid = object.uid().unwrap_or_default();
            let was = object.resource_version().unwrap_or_default();
            self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(uid, was);
        }
    }

    /// Writes a status, if it is another than before. One that is gone meanwhile needs none.
    pub(crate) async fn answer<K: Kind>(&self, object: &K, status: &K::Status) -> Result<(), Failure> {
        self.count(object, status);
        if object.status() == Some(status) {
            return Ok(());
        }
        let applied = json!({"apiVersion": K::api_version(&()), "kind": K::kind(&()), "status": status});
        let parameters = PatchParams::apply(MANAGER).force();
        let written =
            self.api(object).patch_status(&object.name_any(), &parameters, &Patch::Apply(&applied)).await;
        self.wrote(object, written)
    }

    fn wrote<K: Kind>(&self, object: &K, written: Result<K, kube::Error>) -> Result<(), Failure> {
        match written {
            Ok(after) => {
                self.note_written(object, &after);
                Ok(())
            }
            Err(kube::Error::Api(answer)) if answer.code == 404 => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells a person who looks at the object. That it cannot be told stops nothing.
    pub(crate) async fn tell<K: Kind>(&self, object: &K, type_: EventType, reason: &str, note: &str) {
        // An Event holds at most 1 KiB.
        let note: String = note.chars().take(300).collect();
        let event = Event {
            type_,
            reason: reason.into(),
            note: Some(note),
            action: "Reconcile".into(),
            secondary: None,
        };
        if let Err(error) = self.recorder.publish(&event, &object.object_ref(&())).await {
            tracing::warn!(%error, object = object.name_any(), reason, "an Event could not be written");
        }
    }

    /// Puts our mark on an object, so that it does not go before what stands in the exchange was ended. False while it has none: what comes next is decided
    /// when it is seen with it.
    pub(crate) async fn holds<K: Kind>(&self, object: &K) -> Result<bool, Failure> {
        if object.finalizers().iter().any(|one| one == FINALIZER) {
            return Ok(true);
        }
        let finalizers: Vec<_> = object.finalizers().iter().cloned().chain([FINALIZER.to_owned()]).collect();
        self.set_finalizers(object, finalizers).await?;
        Ok(false)
    }

    /// Takes our mark off: the object may go.
    pub(crate) async fn release<K: Kind>(&self, object: &K) -> Result<(), Failure> {
        let finalizers = object.finalizers().iter().filter(|one| *one != FINALIZER).cloned().collect();
        self.forget(object);
        self.set_finalizers(object, finalizers).await
    }

    /// Others may have marks of their own: with the version that was read, a list that changed meanwhile is not overwritten but read again.
    async fn set_finalizers<K: Kind>(&self, object: &K, finalizers: Vec<String>) -> Result<(), Failure> {
        let patch =
            json!({"metadata": {"finalizers": finalizers, "resourceVersion": object.resource_version()}});
        let patched =
            self.api(object).patch(&object.name_any(), &PatchParams::default(), &Patch::Merge(&patch)).await;
        self.wrote(object, patched)
    }

    /// When to look again at what is in order.
    pub(crate) fn later(&self) -> Action {
        Action::requeue(spread(self.options.look_every))
    }

    /// Counts what a reconciliation came to, and says when to go on.
    pub(crate) fn ended<K: Kind>(
        &self,
        object: &K,
        since: Instant,
        outcome: Result<Action, Failure>,
    ) -> Result<Action, Failure> {
        let uid = object.uid().unwrap_or_default();
        match &outcome {
            Ok(_) => self.patience.after_success(&uid),
            Err(failure) => tracing::warn!(
                kind = K::NAME,
                namespace = object.namespace(),
                name = object.name_any(),
                error = %failure,
                "an object waits"
            ),
        }
        let word = if outcome.is_ok() { Outcome::Done } else { Outcome::Failed };
        self.meters.reconciled(K::NAME, word, since.elapsed());
        outcome
    }

    /// How long to wait after a failure.
    pub(crate) fn wait<K: Kind>(&self, object: &K) -> Duration {
        self.patience.after_failure(&object.uid().unwrap_or_default())
    }

    fn count<K: Kind>(&self, object: &K, status: &K::Status) {
        let ready = K::conditions(status).iter().find(|condition| condition.type_ == "Ready");
        let ready = match ready.map(|condition| condition.status.as_str()) {
            Some("True") => "true",
            Some("False") => "false",
            Some(_) | None => "unknown",
        };
        let key = (K::NAME, object.uid().unwrap_or_default());
        let was = self.counted.lock().unwrap_or_else(PoisonError::into_inner).insert(key, ready);
        if was != Some(ready) {
            if let Some(was) = was {
                self.meters.object(K::NAME, was, -1);
            }
            self.meters.object(K::NAME, ready, 1);
        }
    }

    /// Counts an object no more.
    pub(crate) fn forget<K: Kind>(&self, object: &K) {
        let uid = object.uid().unwrap_or_default();
        self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(&uid);
        self.secrets_seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&uid);
        let was = self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(&(K::NAME, uid));
        if let Some(was) = was {
            self.meters.object(K::NAME, was, -1);
        }
    }

    /// Counts nothing any more: another process leads.
    pub(crate) fn forget_all(&self) {
        for ((kind, _), ready) in self.counted.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            self.meters.object(kind, ready, -1);
        }
    }
}

/// The key of an intent: the same object and intent give the same key whoever tries again, and after whatever restart.
pub(crate) fn key(uid: &str, intent: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("gongzhi.io/{uid}/{intent}").as_bytes())
}

/// Now, in the whole seconds in which the server keeps instants.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
