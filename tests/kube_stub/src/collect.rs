//! What goes with what: objects with their owners, and everything with its namespace.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::store::{Inner, Name};

/// Takes an object away and what hangs on it; objects with finalizers are marked and wait.
pub(crate) fn remove(inner: &mut Inner, kind: &Kind, name: &Name) -> Option<Arc<Value>> {
    let gone = inner.take(&kind.resource(), name)?;
    let uid = gone["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    if kind.kind == "CustomResourceDefinition" {
        inner.kinds.retain(|known| known.definition.as_ref() != Some(&name.1));
        inner.schemas.remove(&name.1);
    }
    let namespace = (kind.kind == "Namespace").then(|| name.1.clone());
    let hangs = |object: &Value| {
        let owners = object["metadata"]["ownerReferences"].as_array();
        owners.into_iter().flatten().any(|owner| owner["uid"] == uid.as_str())
            || namespace
                .as_ref()
                .is_some_and(|namespace| object["metadata"]["namespace"] == namespace.as_str())
    };
    for (resource, name) in places(inner, &hangs) {
        release(inner, &resource, &name, &uid, namespace.is_some());
    }
    Some(gone)
}

/// Lets everything that hangs on an object stay when it goes.
pub(crate) fn orphan(inner: &mut Inner, uid: &str) {
    let hangs = |object: &Value| {
        let owners = object["metadata"]["ownerReferences"].as_array();
        owners.into_iter().flatten().any(|owner| owner["uid"] == uid)
    };
    for (resource, name) in places(inner, &hangs) {
        without_owner(inner, &resource, &name, uid);
    }
}

fn places(inner: &Inner, fits: &dyn Fn(&Value) -> bool) -> Vec<(String, Name)> {
    let all = inner.objects.iter().flat_map(|(resource, held)| held.iter().map(move |one| (resource, one)));
    all.filter(|(_, (_, held))| fits(&held.object))
        .map(|(resource, (name, _))| (resource.clone(), name.clone()))
        .collect()
}

/// An object whose last owner went, or whose namespace did, goes too.
fn release(inner: &mut Inner, resource: &str, name: &Name, uid: &str, with_namespace: bool) {
    let left = if with_namespace { 0 } else { without_owner(inner, resource, name, uid) };
    let Some(held) = inner.get(resource, name).cloned() else { return };
    if left > 0 {
        return;
    }
    if held.object["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty()) {
        let mut object = held.object.as_ref().clone();
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        inner.put(resource, name.clone(), object, held.owners);
        return;
    }
    let kind = inner.kinds.iter().find(|kind| kind.resource() == resource).cloned();
    if let Some(kind) = kind {
        remove(inner, &kind, name);
    }
}

/// Takes one owner away; tells how many are left. The last one stays, so that it can be seen whose it was.
fn without_owner(inner: &mut Inner, resource: &str, name: &Name, uid: &str) -> usize {
    let Some(held) = inner.get(resource, name).cloned() else { return 0 };
    let mut object = held.object.as_ref().clone();
    let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() else { return 0 };
    owners.retain(|owner| owner["uid"] != uid);
    let left = owners.len();
    if left > 0 {
        inner.put(resource, name.clone(), object, held.owners);
    }
    left
}
