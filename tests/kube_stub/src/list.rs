//! Lists: which objects fit, and page by page.

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::status::No;
use crate::store::{Inner, Name};

/// What a list or a watch is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) namespace: String,
    pub(crate) labels: Vec<Requirement>,
    pub(crate) fields: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Is(String, String),
    IsNot(String, String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    HasNot(String),
}

impl Wanted {
    pub(crate) fn parse(namespace: &str, labels: &str, fields: &str) -> Self {
        Self { namespace: namespace.to_owned(), labels: selector(labels), fields: selector(fields) }
    }

    pub(crate) fn fits(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let label = |name: &str| metadata["labels"].get(name).and_then(Value::as_str).map(str::to_owned);
        let field = |path: &str| {
            let found = path.split('.').try_fold(object, |value, name| value.get(name));
            found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        (self.namespace.is_empty() || metadata["namespace"] == self.namespace.as_str())
            && self.labels.iter().all(|one| one.holds(&label))
            && self.fields.iter().all(|one| one.holds(&field))
    }
}

impl Requirement {
    fn holds(&self, of: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Is(name, value) => of(name).as_ref() == Some(value),
            Self::IsNot(name, value) => of(name).as_ref() != Some(value),
            Self::In(name, values) => of(name).is_some_and(|value| values.contains(&value)),
            Self::NotIn(name, values) => !of(name).is_some_and(|value| values.contains(&value)),
            Self::Has(name) => of(name).is_some(),
            Self::HasNot(name) => of(name).is_none(),
        }
    }
}

/// Reads a selector: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
fn selector(text: &str) -> Vec<Requirement> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    let one = |part: &String| {
        let part = part.trim();
        let several = |values: &str| {
            let values = values.trim().trim_start_matches('(').trim_end_matches(')').split(',');
            values.map(|value| value.trim().to_owned()).collect()
        };
        if let Some((name, values)) = part.split_once(" notin ") {
            Requirement::NotIn(name.trim().into(), several(values))
        } else if let Some((name, values)) = part.split_once(" in ") {
            Requirement::In(name.trim().into(), several(values))
        } else if let Some((name, value)) = part.split_once("!=") {
            Requirement::IsNot(name.trim().into(), value.trim().into())
        } else if let Some((name, value)) = part.split_once('=') {
            Requirement::Is(name.trim().into(), value.trim_start_matches('=').trim().into())
        } else if let Some(name) = part.strip_prefix('!') {
            Requirement::HasNot(name.trim().into())
        } else {
            Requirement::Has(part.into())
        }
    };
    parts.iter().filter(|part| !part.trim().is_empty()).map(one).collect()
}

/// One page. The token holds the version of the first page and where to go on; a past that is forgotten cannot be paged on.
pub(crate) fn page(
    inner: &Inner,
    kind: &Kind,
    wanted: &Wanted,
    (limit, token): (usize, &str),
) -> Result<Value, No> {
    let after: Option<(u64, Name)> = match token {
        "" => None,
        token => {
            let read = serde_json::from_str::<(u64, Name)>(token);
            Some(read.map_err(|_| No::bad_request("the continue token is none of ours"))?)
        }
    };
    if after.as_ref().is_some_and(|(version, _)| *version < inner.forgotten) {
        return Err(No::gone("The provided continue parameter is too old: list anew"));
    }
    let version = after.as_ref().map_or(inner.version, |(version, _)| *version);
    let held = inner.objects.get(&kind.resource()).into_iter().flatten();
    let mut left = held.filter(|(name, held)| {
        after.as_ref().is_none_or(|(_, after)| *name > after) && wanted.fits(&held.object)
    });
    let limit = if limit == 0 { usize::MAX } else { limit };
    let (mut items, mut last) = (Vec::new(), None);
    for (name, held) in left.by_ref().take(limit) {
        items.push(held.object.as_ref().clone());
        last = Some(name.clone());
    }
    let mut metadata = json!({"resourceVersion": version.to_string()});
    if left.next().is_some() {
        metadata["continue"] = json!((version, last)).to_string().into();
    }
    Ok(json!({
        "apiVersion": kind.api_version(), "kind": format!("{}List", kind.kind), "metadata": metadata, "items": items,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_mean_what_they_mean_to_the_real_one() {
        let object =
            json!({"metadata": {"name": "a", "namespace": "n", "labels": {"app": "x", "tier": "b"}}});
        for (labels, fits) in [
            ("", true),
            ("app=x", true),
            ("app==x,tier!=b", false),
            ("app in (y, x),!other", true),
            ("tier notin (b)", false),
            ("other!=1", true),
            ("other", false),
        ] {
            assert_eq!(Wanted::parse("", labels, "").fits(&object), fits, "{labels}");
        }
        assert!(Wanted::parse("n", "", "metadata.name=a").fits(&object));
        assert!(!Wanted::parse("m", "", "").fits(&object));
    }
}
