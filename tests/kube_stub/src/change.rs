//! What writes mean: create, replace, patch, apply, delete; versions and conflicts, generations, status, finalizers. Everything happens at one moment of
//! the store.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::apply::{self, Owners};
use crate::collect;
use crate::kinds::Kind;
use crate::schema::Schema;
use crate::status::No;
use crate::store::{Inner, Name};
use crate::strategic;

/// Which object is written, how, and by whom.
pub(crate) struct Write<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// `status`, or empty for the object itself.
    pub(crate) part: &'a str,
    pub(crate) manager: &'a str,
    pub(crate) strict: bool,
    pub(crate) dry: bool,
}

/// How an object is changed.
pub(crate) enum Patch {
    /// Merge patch (RFC 7386).
    Merge(Value),
    /// Merge patch in which things of a list are known by their names.
    Strategic(Value),
    /// JSON patch (RFC 6902).
    Json(json_patch::Patch),
    /// Server-side apply, by force or not.
    Apply(Value, bool),
}

impl Write<'_> {
    fn place(&self) -> Name {
        (self.namespace.to_owned(), self.name.to_owned())
    }

    fn words(&self) -> String {
        format!("{} {:?}", self.kind.resource(), self.name)
    }

    /// As whom the manager of this write is known.
    fn writer(&self, how: &str) -> String {
        format!("{} ({how}{}{})", self.manager, if self.part.is_empty() { "" } else { " " }, self.part)
    }

    /// Creates an object.
    pub(crate) fn create(&self, inner: &mut Inner, mut object: Value) -> Result<Arc<Value>, No> {
        let named = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let name = match (named.as_str(), object["metadata"]["generateName"].as_str()) {
            ("", Some(prefix)) => format!("{prefix}{}", random(5)),
            ("", None) => return Err(No::invalid("metadata.name or metadata.generateName is required")),
            (name, _) => name.to_owned(),
        };
        object["metadata"]["name"] = name.clone().into();
        let this = Write { name: &name, ..*self };
        if inner.get(&self.kind.resource(), &this.place()).is_some() {
            return Err(No::exists(this.words()));
        }
        let owners = apply::updated(&json!({}), &object, &Owners::default(), &this.writer("Update"));
        this.settle(inner, None, object, owners)
    }

    /// Replaces an object.
    pub(crate) fn replace(&self, inner: &mut Inner, object: Value) -> Result<Arc<Value>, No> {
        let Some(held) = inner.get(&self.kind.resource(), &self.place()).cloned() else {
            return Err(No::not_found(self.words()));
        };
        let new = self.only_its_part(&held.object, object);
        let owners = apply::updated(&held.object, &new, &held.owners, &self.writer("Update"));
        self.settle(inner, Some(held.object), new, owners)
    }

    /// Patches an object; apply creates it where it is not there.
    pub(crate) fn patch(&self, inner: &mut Inner, patch: Patch) -> Result<Arc<Value>, No> {
        let held = inner.get(&self.kind.resource(), &self.place()).cloned();
        let missing = || No::not_found(self.words());
        let patched = match patch {
            Patch::Apply(wanted, force) => {
                if held.is_none() && !self.part.is_empty() {
                    return Err(missing());
                }
                let (old, owners) = match &held {
                    Some(held) => (Some(held.object.as_ref()), held.owners.clone()),
                    None => (None, Owners::default()),
                };
                let wanted = self.applied(wanted)?;
                let (new, owners) = apply::apply(old, &owners, &wanted, (&self.writer("Apply"), force))?;
                // What the schema does not know cannot be owned, so it is refused whatever the client asked for.
                let this = Write { strict: true, ..*self };
                return this.settle(inner, held.map(|held| held.object), new, owners);
            }
            Patch::Merge(patch) => {
                let mut object = held.as_ref().ok_or_else(missing)?.object.as_ref().clone();
                json_patch::merge(&mut object, &patch);
                object
            }
            Patch::Strategic(patch) => {
                let mut object = held.as_ref().ok_or_else(missing)?.object.as_ref().clone();
                strategic::merge(&mut object, &patch);
                object
            }
            Patch::Json(patch) => {
                let mut object = held.as_ref().ok_or_else(missing)?.object.as_ref().clone();
                json_patch::patch(&mut object, &patch).map_err(|error| No::invalid(error.to_string()))?;
                object
            }
        };
        let held = held.ok_or_else(missing)?;
        let new = self.only_its_part(&held.object, patched);
        let owners = apply::updated(&held.object, &new, &held.owners, &self.writer("Update"));
        self.settle(inner, Some(held.object), new, owners)
    }

    /// Deletes an object; one with finalizers is marked and goes when they are gone.
    pub(crate) fn delete(&self, inner: &mut Inner, orphan: bool) -> Result<Arc<Value>, No> {
        let resource = self.kind.resource();
        let Some(held) = inner.get(&resource, &self.place()).cloned() else {
            return Err(No::not_found(self.words()));
        };
        if self.dry {
            return Ok(held.object);
        }
        let uid = held.object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        if orphan {
            collect::orphan(inner, &uid);
        }
        let waits = held.object["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty());
        if !waits {
            return Ok(collect::remove(inner, self.kind, &self.place()).unwrap_or(held.object));
        }
        if held.object["metadata"]["deletionTimestamp"].is_string() {
            return Ok(held.object);
        }
        let mut object = held.object.as_ref().clone();
        object["metadata"]["deletionTimestamp"] = now().into();
        object["metadata"]["deletionGracePeriodSeconds"] = 0.into();
        object["metadata"]["generation"] =
            (object["metadata"]["generation"].as_i64().unwrap_or(0) + 1).into();
        Ok(inner.put(&resource, self.place(), object, held.owners))
    }

    /// What is applied must say what it is; what it says of other parts is not heard.
    fn applied(&self, mut wanted: Value) -> Result<Value, No> {
        if wanted["kind"] != self.kind.kind.as_str()
            || wanted["apiVersion"] != self.kind.api_version().as_str()
        {
            let (kind, version) = (&self.kind.kind, self.kind.api_version());
            return Err(No::bad_request(format!(
                "apply: the object must say kind {kind} and apiVersion {version}"
            )));
        }
        if !wanted["metadata"].is_object() {
            wanted["metadata"] = json!({});
        }
        let fields = wanted.as_object_mut().expect("an object that says its kind");
        match self.part {
            "" if self.kind.status => drop(fields.remove("status")),
            "" => {}
            part => {
                let version = fields["metadata"].get("resourceVersion").cloned();
                fields.retain(|name, _| matches!(name.as_str(), "apiVersion" | "kind") || name == part);
                fields.insert(
                    "metadata".into(),
                    version.map_or(json!({}), |version| json!({"resourceVersion": version})),
                );
            }
        }
        Ok(wanted)
    }

    /// A write of the status changes nothing else, and one of the object not the status.
    fn only_its_part(&self, old: &Value, mut new: Value) -> Value {
        if self.part.is_empty() {
            if self.kind.status {
                put_or_remove(&mut new, "status", &old["status"]);
            }
            return new;
        }
        let mut kept = old.clone();
        put_or_remove(&mut kept, self.part, &new[self.part]);
        if let Some(version) = new["metadata"]["resourceVersion"].as_str() {
            kept["metadata"]["resourceVersion"] = version.into();
        }
        kept
    }

    /// Everything that is the server's: who it is, its version and generation, its schema.
    fn settle(
        &self,
        inner: &mut Inner,
        old: Option<Arc<Value>>,
        mut new: Value,
        owners: Owners,
    ) -> Result<Arc<Value>, No> {
        let resource = self.kind.resource();
        self.head(inner, old.as_deref(), &mut new)?;
        usual(self.kind, &mut new);
        if old.is_none() && self.kind.status && self.kind.definition.is_some() {
            new.as_object_mut().map(|fields| fields.remove("status"));
        }
        if let Some(schema) = self.kind.definition.as_ref().and_then(|name| inner.schemas.get(name)).cloned()
        {
            let admitted = schema.admit(new, old.as_deref(), self.strict);
            new = admitted.map_err(|wrong| No::invalid(format!("{} is invalid: {wrong}", self.words())))?;
        }
        if self.kind.plural == "customresourcedefinitions" {
            install(inner, &mut new).map_err(|error| No::invalid(format!("{error:#}")))?;
        }
        if let Some(old) = &old {
            if is_same(old, &new) {
                return Ok(old.clone());
            }
            let generation = old["metadata"]["generation"].as_i64().unwrap_or(1);
            let changed = !is_same_spec(old, &new);
            new["metadata"]["generation"] = (generation + i64::from(changed)).into();
        }
        if self.dry {
            return Ok(Arc::new(new));
        }
        let gone = new["metadata"]["deletionTimestamp"].is_string()
            && new["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty);
        let put = inner.put(&resource, self.place(), new, owners);
        if gone {
            collect::remove(inner, self.kind, &self.place());
        }
        Ok(put)
    }

    /// The head of the object: what a client may not change stays; a version that it names must be the present one.
    fn head(&self, inner: &Inner, old: Option<&Value>, new: &mut Value) -> Result<(), No> {
        new["apiVersion"] = self.kind.api_version().into();
        new["kind"] = self.kind.kind.clone().into();
        let metadata = &mut new["metadata"];
        metadata["name"] = self.name.into();
        if self.kind.namespaced {
            metadata["namespace"] = self.namespace.into();
            let exists = inner.get("namespaces", &(String::new(), self.namespace.to_owned()));
            match exists {
                None => return Err(No::not_found(format!("namespaces {:?}", self.namespace))),
                Some(held) if old.is_none() && held.object["metadata"]["deletionTimestamp"].is_string() => {
                    return Err(No::forbidden(format!("namespace {} is being terminated", self.namespace)));
                }
                Some(_) => {}
            }
        }
        metadata.as_object_mut().map(|fields| fields.remove("managedFields"));
        match old {
            None => {
                metadata["uid"] = Uuid::now_v7().to_string().into();
                metadata["creationTimestamp"] = now().into();
                metadata["generation"] = 1.into();
            }
            Some(old) => {
                let is = &old["metadata"];
                if let Some(version) = metadata["resourceVersion"].as_str()
                    && !version.is_empty()
                    && is["resourceVersion"] != version
                {
                    return Err(No::conflict(format!(
                        "Operation cannot be fulfilled on {}: the object has been modified; please apply your changes to the latest version and try again",
                        self.words()
                    )));
                }
                if let Some(uid) = metadata["uid"].as_str()
                    && is["uid"] != uid
                {
                    return Err(No::conflict(format!(
                        "{}: another uid than the one that is there",
                        self.words()
                    )));
                }
                for field in [
                    "uid",
                    "creationTimestamp",
                    "generation",
                    "resourceVersion",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                ] {
                    put_or_remove(metadata, field, &is[field]);
                }
            }
        }
        Ok(())
    }
}

/// What the server fills in for some kinds.
fn usual(kind: &Kind, object: &mut Value) {
    match kind.kind.as_str() {
        "Namespace" if !object["status"].is_object() => {
            object["status"] = json!({"phase": "Active"});
            let name = object["metadata"]["name"].clone();
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
        }
        "Secret" => {
            use base64::Engine as _;
            let text = object.as_object_mut().and_then(|fields| fields.remove("stringData"));
            for (name, value) in text.iter().filter_map(Value::as_object).flatten() {
                let bytes = value.as_str().unwrap_or_default();
                object["data"][name] = base64::engine::general_purpose::STANDARD.encode(bytes).into();
            }
        }
        "Service" if object["spec"]["clusterIP"].is_null() => {
            let [.., a, b] = *Uuid::now_v7().as_bytes();
            object["spec"]["clusterIP"] = format!("10.96.{a}.{b}").into();
        }
        _ => {}
    }
}

/// A definition that is written adds its kind.
fn install(inner: &mut Inner, definition: &mut Value) -> anyhow::Result<()> {
    let name = definition["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let spec = definition["spec"].clone();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let expected = format!("{}.{}", word(&spec["names"]["plural"]), word(&spec["group"]));
    anyhow::ensure!(name == expected, "a definition is called plural.group: {expected}, not {name}");
    let served = spec["versions"].as_array().context("spec.versions is required")?;
    let version =
        served.iter().find(|version| version["storage"] == true).context("one version is stored")?;
    let schema = Schema::new(&version["schema"]["openAPIV3Schema"])?;
    let kind = Kind {
        group: word(&spec["group"]),
        version: word(&version["name"]),
        kind: word(&spec["names"]["kind"]),
        plural: word(&spec["names"]["plural"]),
        short: spec["names"]["shortNames"].as_array().into_iter().flatten().map(word).collect(),
        categories: spec["names"]["categories"].as_array().into_iter().flatten().map(word).collect(),
        namespaced: spec["scope"] == "Namespaced",
        status: version["subresources"]["status"].is_object(),
        definition: Some(name.clone()),
    };
    inner.kinds.retain(|known| known.definition.as_ref() != Some(&name));
    inner.kinds.push(kind);
    inner.schemas.insert(name, Arc::new(schema));
    let holds = |kind: &str| json!({"type": kind, "status": "True", "reason": "Installed", "message": "", "lastTransitionTime": now()});
    if !definition["status"].is_object() {
        definition["status"] = json!({
            "conditions": [holds("NamesAccepted"), holds("Established")],
            "acceptedNames": spec["names"], "storedVersions": [version["name"]],
        });
    }
    Ok(())
}

fn put_or_remove(object: &mut Value, field: &str, value: &Value) {
    if value.is_null() {
        object.as_object_mut().map(|fields| fields.remove(field));
    } else {
        object[field] = value.clone();
    }
}

fn is_same(old: &Value, new: &Value) -> bool {
    let without = |value: &Value| {
        let mut value = value.clone();
        value["metadata"].as_object_mut().map(|fields| fields.remove("resourceVersion"));
        value
    };
    without(old) == without(new)
}

/// True when nothing but the head and the status differs.
fn is_same_spec(old: &Value, new: &Value) -> bool {
    let rest = |value: &Value| {
        let mut value = value.clone();
        if let Some(fields) = value.as_object_mut() {
            fields.retain(|name, _| !matches!(name.as_str(), "metadata" | "status"));
        }
        value
    };
    rest(old) == rest(new)
}

/// Letters by which generated names differ: the end of a time-ordered id is its random part.
fn random(letters: usize) -> String {
    let id = Uuid::now_v7().simple().to_string();
    id[id.len() - letters..].to_owned()
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
