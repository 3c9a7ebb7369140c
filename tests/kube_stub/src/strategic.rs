//! Strategic merge patches, which helm 3 and kubectl send for kinds that they know: lists of things with a name are merged thing by thing.

use serde_json::{Map, Value};

/// By which field things of a list are known, by the name of the list. What is not here is replaced as a whole.
const KEYS: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("env", "name"),
    ("volumes", "name"),
    ("volumeMounts", "mountPath"),
    ("imagePullSecrets", "name"),
    ("conditions", "type"),
    ("ownerReferences", "uid"),
];

/// Ports of containers are known by one field, those of Services by another.
fn key(list: &str, patch: &[Value], old: &[Value]) -> Option<&'static str> {
    if list == "ports" {
        let has = |field: &str| patch.iter().chain(old).any(|one| one.get(field).is_some());
        return if has("containerPort") {
            Some("containerPort")
        } else if has("port") {
            Some("port")
        } else {
            None
        };
    }
    KEYS.iter().find(|(known, _)| *known == list).map(|(_, key)| *key)
}

/// Lays a patch over an object.
pub(crate) fn merge(object: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *object = patch.clone();
        return;
    };
    if fields.get("$patch").is_some_and(|word| word == "replace") {
        let fields = fields.iter().filter(|(name, _)| *name != "$patch");
        *object = Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect());
        return;
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(held) = object.as_object_mut() else { return };
    if let Some(kept) = fields.get("$retainKeys").and_then(Value::as_array) {
        held.retain(|name, _| kept.iter().any(|one| one == name.as_str()));
    }
    for (name, value) in fields {
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            if let (Some(held), Some(gone)) =
                (held.get_mut(list).and_then(Value::as_array_mut), value.as_array())
            {
                held.retain(|one| !gone.contains(one));
            }
        } else if name.starts_with('$') {
            // The order of lists is not looked at by anybody here.
        } else if value.is_null() {
            held.remove(name);
        } else if let Some(things) = value.as_array() {
            merge_list(held.entry(name.clone()).or_insert(Value::Null), name, things);
        } else {
            merge(held.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn merge_list(held: &mut Value, name: &str, patch: &[Value]) {
    let old = held.as_array().cloned().unwrap_or_default();
    // Finalizers are words that are added to each other.
    if name == "finalizers" {
        let new = patch.iter().filter(|one| !old.contains(one)).cloned();
        *held = old.iter().cloned().chain(new).collect();
        return;
    }
    let Some(key) = key(name, patch, &old) else {
        *held = patch.to_vec().into();
        return;
    };
    let mut things = old;
    for one in patch {
        let place = things.iter().position(|thing| thing.get(key) == one.get(key));
        match (place, one.get("$patch").and_then(Value::as_str)) {
            (Some(place), Some("delete")) => drop(things.remove(place)),
            (None, Some("delete")) => {}
            (Some(place), _) => merge(&mut things[place], one),
            (None, _) => {
                let mut made = Value::Null;
                merge(&mut made, one);
                things.push(made);
            }
        }
    }
    *held = things.into();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn things_are_merged_by_their_names() {
        let mut object = json!({"spec": {"containers": [
            {"name": "a", "image": "x:1", "env": [{"name": "ONE", "value": "1"}, {"name": "TWO", "value": "2"}]},
        ], "args": ["old", "words"]}});
        super::merge(
            &mut object,
            &json!({"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "a", "image": "x:2", "env": [
                {"name": "ONE", "value": "one"}, {"name": "TWO", "$patch": "delete"}, {"name": "THREE", "value": "3"},
            ]}], "args": ["new"]}}),
        );
        assert_eq!(
            object,
            json!({"spec": {"containers": [
                {"name": "a", "image": "x:2", "env": [{"name": "ONE", "value": "one"}, {"name": "THREE", "value": "3"}]},
            ], "args": ["new"]}})
        );
    }

    #[test]
    fn what_is_null_goes_and_what_is_not_retained_goes() {
        let mut object =
            json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}, "paused": true});
        super::merge(
            &mut object,
            &json!({"paused": null, "strategy": {"$retainKeys": ["type"], "type": "Recreate"}}),
        );
        assert_eq!(object, json!({"strategy": {"type": "Recreate"}}));
    }
}
