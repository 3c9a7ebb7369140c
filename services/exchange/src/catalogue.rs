//! The catalogue: the facts of our own contracts and those that organizations registered, by the name that people use, `dispatch.whistle_sounded`. Shared
//! by everything that asks what a fact looks like; brought up to date with the registry, and at once where it matters.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use gongzhi_chassis::reading::Received;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::catalogue::{self, Entry};
use gongzhi_proto::subjects::is_of_organization;
use jsonschema::Validator;
use sqlx::PgPool;

use crate::fact_type::{self, FactType, schema, store};

/// The facts of our own contracts.
static OURS: LazyLock<BTreeMap<String, Arc<Entry>>> = LazyLock::new(|| {
    catalogue::entries().iter().map(|entry| (name(entry), Arc::new(entry.clone()))).collect()
});

/// A fact type, ready to be asked.
pub(crate) struct Registered {
    pub(crate) fact_type: FactType,
    pub(crate) version: i64,
    pub(crate) entry: Arc<Entry>,
    /// None for a schema that this program cannot read although one before it could.
    pub(crate) validator: Option<Validator>,
}

#[derive(Default)]
struct Types {
    stamp: i64,
    by_name: BTreeMap<String, Arc<Registered>>,
}

/// The catalogue. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Catalogue {
    pool: PgPool,
    types: Arc<RwLock<Arc<Types>>>,
}

impl Catalogue {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, types: Arc::default() }
    }

    fn types(&self) -> Arc<Types> {
        self.types.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fact of this name.
    pub(crate) fn fact(&self, name: &str) -> Option<Arc<Entry>> {
        OURS.get(name).cloned().or_else(|| self.registered(name).map(|known| known.entry.clone()))
    }

    /// The fact type of this name.
    pub(crate) fn registered(&self, name: &str) -> Option<Arc<Registered>> {
        self.types().by_name.get(name).cloned()
    }

    /// Every fact, in the order of the names.
    pub(crate) fn facts(&self) -> BTreeMap<String, Arc<Entry>> {
        let types = self.types();
        let registered = types.by_name.iter().map(|(name, known)| (name.clone(), known.entry.clone()));
        OURS.iter().map(|(name, entry)| (name.clone(), entry.clone())).chain(registered).collect()
    }

    /// What to say of a name that is no fact: the nearest ones, so that a slip of the pen is found at once.
    pub(crate) fn unknown(&self, name: &str) -> String {
        let word = name.rsplit('.').next().unwrap_or_default();
        let facts = self.facts();
        let near: Vec<_> = facts
            .iter()
            .filter(|(_, entry)| word.len() > 2 && (entry.fact.contains(word) || word.contains(&entry.fact)))
            .map(|(name, _)| name.as_str())
            .take(5)
            .collect();
        if near.is_empty() {
            format!(
                "{name:?} is not in the catalogue; facts are named service.fact, for example dispatch.whistle_sounded"
            )
        } else {
            format!("{name:?} is not in the catalogue; do you mean {}?", near.join(" or "))
        }
    }

    /// Looks whether something was registered or retired since the last look.
    pub(crate) async fn fresh(&self) -> Result<(), Failure> {
        let stamp = store::stamp(&self.pool).await?;
        let known = self.types();
        if known.stamp == stamp {
            return Ok(());
        }
        let mut by_name = BTreeMap::new();
        for listed in store::all(&self.pool).await? {
            // What did not change is not compiled again.
            let same = known.by_name.get(&listed.fact).filter(|known| known.version == listed.version);
            let registered = same.cloned().unwrap_or_else(|| Arc::new(Registered::of(&listed)));
            by_name.insert(listed.fact, registered);
        }
        *self.types.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Types { stamp, by_name });
        Ok(())
    }

    /// Sees to it that what organizations publish is known before it is looked at: whoever reads it without its entry would take it for nobody's.
    pub(crate) async fn prepare(&self, batch: &[Received]) -> Result<(), Failure> {
        let types = self.types();
        let new = batch.iter().any(|received| match received.subject.split('.').collect::<Vec<_>>()[..] {
            [_, _, _, _, service, fact, _] if is_of_organization(service) => {
                !types.by_name.contains_key(&format!("{service}.{fact}"))
            }
            // A new version is told before the first event that needs it.
            [_, _, _, _, crate::NAME, fact, _] => fact.starts_with("fact_type_"),
            _ => false,
        });
        if new { self.fresh().await } else { Ok(()) }
    }
}

impl Registered {
    fn of(listed: &store::Listed) -> Self {
        let validator = schema::compile(&listed.fact_type.definition.schema);
        if let Err((at, what)) = &validator {
            tracing::error!(fact = listed.fact, at, what, "a registered schema cannot be read");
        }
        Self {
            entry: fact_type::entry(&listed.fact_type),
            fact_type: listed.fact_type.clone(),
            version: listed.version,
            validator: validator.ok(),
        }
    }
}

/// The name of a fact.
pub(crate) fn name(entry: &Entry) -> String {
    format!("{}.{}", entry.service, entry.fact)
}

/// The names of its fields in the contract.
pub(crate) fn field_names(entry: &Entry) -> Vec<&str> {
    entry.fields.iter().map(|field| field.name.as_str()).collect()
}
