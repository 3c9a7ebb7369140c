//! All objects, the order in which they changed, and who is told of it. One lock: what a request sees is one moment.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::apply::Owners;
use crate::kinds::{self, Kind};
use crate::schema::Schema;

/// Changes that are remembered; who goes on from before is told that it is gone.
const REMEMBERED: usize = 50_000;

/// Namespace and name.
pub(crate) type Name = (String, String);

/// An object with the owners of its fields.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) object: Arc<Value>,
    pub(crate) owners: Owners,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Added,
    Modified,
    Deleted,
}

/// One change, with the object before and after it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) resource: String,
    pub(crate) what: What,
    pub(crate) object: Arc<Value>,
    pub(crate) was: Option<Arc<Value>>,
}

/// Everything that is kept.
pub(crate) struct Inner {
    pub(crate) version: u64,
    /// Changes up to here are forgotten.
    pub(crate) forgotten: u64,
    /// Counts how often the past was forgotten on purpose; watches of before end.
    pub(crate) era: u64,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) schemas: HashMap<String, Arc<Schema>>,
    pub(crate) objects: HashMap<String, BTreeMap<Name, Held>>,
    log: VecDeque<Change>,
}

/// All objects.
pub(crate) struct Store {
    inner: Mutex<Inner>,
    told: watch::Sender<u64>,
}

impl Default for Store {
    fn default() -> Self {
        let inner = Inner {
            version: 1,
            forgotten: 0,
            era: 0,
            kinds: kinds::table(),
            schemas: HashMap::new(),
            objects: HashMap::new(),
            log: VecDeque::new(),
        };
        Self { inner: Mutex::new(inner), told: watch::Sender::new(0) }
    }
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads at one moment.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.lock())
    }

    /// Writes at one moment, and wakes who waits for changes.
    pub(crate) fn write<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        let done = act(&mut self.lock());
        self.told.send_modify(|count| *count += 1);
        done
    }

    /// Wakes whenever something may have changed.
    pub(crate) fn told(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    pub(crate) fn version(&self) -> u64 {
        self.lock().version
    }

    pub(crate) fn forget_the_past(&self) {
        self.write(|inner| {
            // A version of its own, so that nobody's last one is the newest.
            inner.version += 1;
            inner.forgotten = inner.version;
            inner.era += 1;
            inner.log.clear();
        });
    }

    pub(crate) fn kind(&self, group: &str, version: &str, plural: &str) -> Option<Kind> {
        let fits = |kind: &&Kind| kind.group == group && kind.version == version && kind.plural == plural;
        self.lock().kinds.iter().find(fits).cloned()
    }

    /// Every object of a resource.
    pub(crate) fn all(&self, resource: &str) -> Vec<Value> {
        let inner = self.lock();
        let held = inner.objects.get(resource).into_iter().flat_map(BTreeMap::values);
        held.map(|held| held.object.as_ref().clone()).collect()
    }
}

impl Inner {
    pub(crate) fn get(&self, resource: &str, name: &Name) -> Option<&Held> {
        self.objects.get(resource)?.get(name)
    }

    /// Puts an object in its place with a new version, and remembers it.
    pub(crate) fn put(
        &mut self,
        resource: &str,
        name: Name,
        mut object: Value,
        owners: Owners,
    ) -> Arc<Value> {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let object = Arc::new(object);
        let held = Held { object: object.clone(), owners };
        let was = self.objects.entry(resource.to_owned()).or_default().insert(name, held);
        let what = if was.is_some() { What::Modified } else { What::Added };
        self.remember(resource, what, object.clone(), was.map(|was| was.object));
        object
    }

    /// Takes an object away, and remembers it.
    pub(crate) fn take(&mut self, resource: &str, name: &Name) -> Option<Arc<Value>> {
        let was = self.objects.get_mut(resource)?.remove(name)?;
        self.version += 1;
        let mut object = was.object.as_ref().clone();
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let object = Arc::new(object);
        self.remember(resource, What::Deleted, object.clone(), Some(was.object));
        Some(object)
    }

    fn remember(&mut self, resource: &str, what: What, object: Arc<Value>, was: Option<Arc<Value>>) {
        if self.log.len() >= REMEMBERED
            && let Some(oldest) = self.log.pop_front()
        {
            self.forgotten = oldest.version;
        }
        self.log.push_back(Change {
            version: self.version,
            resource: resource.to_owned(),
            what,
            object,
            was,
        });
    }

    /// Changes of a resource behind a version, oldest first; none where they are forgotten.
    pub(crate) fn since(&self, resource: &str, version: u64) -> Option<Vec<Change>> {
        if version < self.forgotten {
            return None;
        }
        let from = self.log.partition_point(|change| change.version <= version);
        Some(self.log.range(from..).filter(|change| change.resource == resource).cloned().collect())
    }
}
