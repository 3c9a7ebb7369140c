//! Server-side apply: who owns which field, what happens when two want the same one, and what goes when its owner no longer wants it. Pure.
//!
//! A list is one field, but for finalizers and owner references, whose entries are fields each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::status::No;

type Path = Vec<String>;

/// Who owns which fields. A manager is known by its name, by how it writes, and by the subresource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners(BTreeMap<String, BTreeSet<Path>>);

/// What nobody owns: it says which object it is, or is the server's.
const NOBODYS: [&[&str]; 10] = [
    &["apiVersion"],
    &["kind"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "uid"],
    &["metadata", "resourceVersion"],
    &["metadata", "generation"],
    &["metadata", "creationTimestamp"],
    &["metadata", "managedFields"],
    &["metadata", "deletionTimestamp"],
];

/// Lists of the metadata whose entries are fields, and by what an entry is known.
const SETS: [(&str, Option<&str>); 2] = [("finalizers", None), ("ownerReferences", Some("uid"))];

/// Applies what a manager wants to what is there; gives what comes of it.
pub(crate) fn apply(
    old: Option<&Value>,
    owners: &Owners,
    wanted: &Value,
    (manager, force): (&str, bool),
) -> Result<(Value, Owners), No> {
    let (wanted, mut live) = (opened(wanted.clone()), opened(old.cloned().unwrap_or_default()));
    let fields = leaves(&wanted);
    let mut owners = owners.clone();
    let mut conflicts = Vec::new();
    for (other, owned) in owners.0.iter_mut().filter(|(other, _)| *other != manager) {
        let contested: Vec<_> =
            owned.iter().filter(|path| clashes(path, &fields, &wanted, &live)).cloned().collect();
        if force {
            contested.iter().for_each(|path| {
                owned.remove(path);
            });
        } else {
            conflicts.extend(contested.iter().map(|path| format!("{other} owns .{}", path.join("."))));
        }
    }
    if !conflicts.is_empty() {
        let count = conflicts.len();
        return Err(No::conflict(format!("Apply failed with {count} conflicts: {}", conflicts.join("; "))));
    }
    let former = owners.0.remove(manager).unwrap_or_default();
    for path in former.difference(&fields) {
        let shared = owners.0.values().any(|owned| owned.contains(path));
        if !shared {
            remove(&mut live, path);
        }
    }
    merge(&mut live, &wanted);
    owners.0.insert(manager.to_owned(), fields);
    Ok((closed(live), owners))
}

/// What a write that is no apply makes of the owners: who changes a field owns it.
pub(crate) fn updated(old: &Value, new: &Value, owners: &Owners, manager: &str) -> Owners {
    let (old, new) = (opened(old.clone()), opened(new.clone()));
    let mut owners = owners.clone();
    let is: BTreeSet<_> = leaves(&new);
    let changed: BTreeSet<_> = is.iter().filter(|path| at(&old, path) != at(&new, path)).cloned().collect();
    for owned in owners.0.values_mut() {
        owned.retain(|path| is.contains(path) && !changed.contains(path));
    }
    owners.0.entry(manager.to_owned()).or_default().extend(changed);
    owners.0.retain(|_, owned| !owned.is_empty());
    owners
}

/// True when a field of another is to become something else.
fn clashes(path: &Path, fields: &BTreeSet<Path>, wanted: &Value, live: &Value) -> bool {
    let same_or_within = |field: &Path| field.starts_with(path) || path.starts_with(field);
    fields.iter().any(|field| same_or_within(field) && at(wanted, field) != at(live, field))
}

/// The ends of a tree: what is no map, or an empty one.
fn leaves(value: &Value) -> BTreeSet<Path> {
    fn walk(value: &Value, path: &mut Path, found: &mut BTreeSet<Path>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    path.push(name.clone());
                    walk(value, path, found);
                    path.pop();
                }
            }
            _ => {
                let nobodys =
                    NOBODYS.iter().any(|nobodys| path.iter().map(String::as_str).eq(nobodys.iter().copied()));
                if !path.is_empty() && !nobodys {
                    found.insert(path.clone());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// Takes a field away, and the maps that are empty without it.
fn remove(value: &mut Value, path: &[String]) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(fields) = value.as_object_mut() else { return };
    if rest.is_empty() {
        fields.remove(first);
    } else if let Some(inner) = fields.get_mut(first) {
        remove(inner, rest);
        if inner.as_object().is_some_and(Map::is_empty) {
            fields.remove(first);
        }
    }
}

fn merge(live: &mut Value, wanted: &Value) {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            for (name, value) in wanted.iter().filter(|(_, value)| !value.is_null()) {
                merge(live.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (live, wanted) => *live = wanted.clone(),
    }
}

/// Makes maps of the lists whose entries are fields.
fn opened(mut object: Value) -> Value {
    for (name, by) in SETS {
        let Some(list) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut(name)) else {
            continue;
        };
        let entries = list.as_array().cloned().unwrap_or_default();
        let key = |entry: &Value| {
            let known_by = by.map_or(entry, |by| &entry[by]);
            known_by.as_str().unwrap_or_default().to_owned()
        };
        // The entry stands in a list of one, so that it is one field.
        *list = entries.iter().map(|entry| (key(entry), Value::Array(vec![entry.clone()]))).collect();
    }
    object
}

/// Makes lists of them again.
fn closed(mut object: Value) -> Value {
    for (name, _) in SETS {
        let Some(list) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut(name)) else {
            continue;
        };
        let entries = list.as_object().cloned().unwrap_or_default();
        *list = entries
            .into_iter()
            .flat_map(|(_, entry)| entry.as_array().cloned().unwrap_or_default())
            .collect();
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn two_managers_keep_what_is_theirs_and_a_field_goes_with_its_last_owner() {
        let (one, owners) =
            apply(None, &Owners::default(), &json!({"spec": {"a": 1, "b": 2}}), ("one", false)).unwrap();
        let (both, owners) =
            apply(Some(&one), &owners, &json!({"spec": {"b": 2, "c": 3}}), ("two", false)).unwrap();
        assert_eq!(both, json!({"spec": {"a": 1, "b": 2, "c": 3}}));
        let no = apply(Some(&both), &owners, &json!({"spec": {"a": 9}}), ("two", false)).unwrap_err();
        assert!(no.object()["message"].as_str().unwrap().contains("one owns .spec.a"), "{no:?}");
        let (forced, owners) =
            apply(Some(&both), &owners, &json!({"spec": {"a": 9, "b": 2}}), ("two", true)).unwrap();
        assert_eq!(forced, json!({"spec": {"a": 9, "b": 2}}), "c was two's alone");
        let (less, _) = apply(Some(&forced), &owners, &json!({"spec": {"b": 2}}), ("one", false)).unwrap();
        assert_eq!(less, forced, "a was taken from one; giving it up takes nothing away");
    }

    #[test]
    fn finalizers_of_two_managers_stand_beside_each_other() {
        let finalizer = |name: &str| json!({"metadata": {"finalizers": [name]}});
        let (one, owners) = apply(None, &Owners::default(), &finalizer("a"), ("one", false)).unwrap();
        let (both, owners) = apply(Some(&one), &owners, &finalizer("b"), ("two", false)).unwrap();
        assert_eq!(both["metadata"]["finalizers"], json!(["a", "b"]));
        let (less, _) = apply(Some(&both), &owners, &json!({}), ("one", false)).unwrap();
        assert_eq!(less["metadata"]["finalizers"], json!(["b"]));
    }
}
