//! Who may do what: rules as RBAC has them, by token. What was used and what was asked for in vain is remembered, so that a test finds a right that is
//! missing and one that nobody needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use serde::Deserialize;

use crate::ADMINISTRATOR;
use crate::status::No;

/// A rule as it stands in a Role.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Groups of the API; the empty one is the core.
    pub api_groups: Vec<String>,
    /// Plural names, with a subresource behind a slash.
    pub resources: Vec<String>,
    /// Names of objects; empty for all.
    #[serde(default)]
    pub resource_names: Vec<String>,
    /// What may be done.
    pub verbs: Vec<String>,
}

/// What a token may do: everywhere, and in single namespaces.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// In all namespaces, and on what is in none.
    pub everywhere: Vec<Rule>,
    /// In one namespace.
    pub within: BTreeMap<String, Vec<Rule>>,
}

/// The file of rights in the chart.
#[derive(Deserialize)]
struct OfChart {
    everywhere: Vec<Rule>,
    release: Vec<Rule>,
}

impl Role {
    /// What the chart lets its operator do, for a release in a namespace.
    pub fn of_chart(namespace: &str) -> Result<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm/gongzhi/files/operator-rules.yaml");
        let rules: OfChart = serde_saphyr::from_str(&std::fs::read_to_string(file)?)?;
        Ok(Self { everywhere: rules.everywhere, within: [(namespace.to_owned(), rules.release)].into() })
    }
}

/// What somebody wants to do.
pub(crate) struct Act<'a> {
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    /// Plural name, with its subresource.
    pub(crate) resource: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
}

#[derive(Default)]
struct Known {
    roles: BTreeMap<String, Role>,
    /// As whom somebody counts who shows no token.
    stranger: String,
    used: BTreeSet<(String, String)>,
    forbidden: BTreeSet<String>,
}

/// All rights.
#[derive(Default)]
pub(crate) struct Rights(Mutex<Known>);

/// One right in words: where, what, on what.
fn words(place: &str, verb: &str, group: &str, resource: &str) -> String {
    let group = if group.is_empty() { "core" } else { group };
    format!("{place}: {verb} {resource} ({group})")
}

impl Rights {
    pub(crate) fn allow(&self, token: &str, role: Role) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).roles.insert(token.to_owned(), role);
    }

    pub(crate) fn strangers_are(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stranger = token.to_owned();
    }

    /// Fails unless a token may do this.
    pub(crate) fn check(&self, token: &str, act: &Act<'_>) -> Result<(), No> {
        let stranger = self.0.lock().unwrap_or_else(PoisonError::into_inner).stranger.clone();
        let token = if token.is_empty() { &stranger } else { token };
        if token == ADMINISTRATOR {
            return Ok(());
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(role) = known.roles.get(token) else { return Err(No::unauthorized()) };
        let fits = |rule: &&Rule| {
            rule.api_groups.iter().any(|group| group == act.group)
                && rule.resources.iter().any(|resource| resource == act.resource)
                && rule.verbs.iter().any(|verb| verb == act.verb)
                && (rule.resource_names.is_empty() || rule.resource_names.iter().any(|name| name == act.name))
        };
        let within = role.within.get(act.namespace).into_iter().flatten();
        let place = if role.everywhere.iter().any(|rule| fits(&rule)) {
            Some("everywhere")
        } else {
            within.into_iter().any(|rule| fits(&rule)).then_some(act.namespace)
        };
        match place {
            Some(place) => {
                let used = words(place, act.verb, act.group, act.resource);
                known.used.insert((token.to_owned(), used));
                Ok(())
            }
            None => {
                let place = if act.namespace.is_empty() { "everywhere" } else { act.namespace };
                let wanted = words(place, act.verb, act.group, act.resource);
                known.forbidden.insert(wanted.clone());
                Err(No::forbidden(format!("{token} may not: {wanted}, name {:?}", act.name)))
            }
        }
    }

    /// What a token might have done and never did.
    pub(crate) fn unused(&self, token: &str) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(role) = known.roles.get(token) else { return Vec::new() };
        let everywhere = role.everywhere.iter().map(|rule| ("everywhere", rule));
        let within = role
            .within
            .iter()
            .flat_map(|(place, rules)| rules.iter().map(move |rule| (place.as_str(), rule)));
        let mut all = BTreeSet::new();
        for (place, rule) in everywhere.chain(within) {
            for group in &rule.api_groups {
                for resource in &rule.resources {
                    all.extend(rule.verbs.iter().map(|verb| words(place, verb, group, resource)));
                }
            }
        }
        all.into_iter().filter(|right| !known.used.contains(&(token.to_owned(), right.clone()))).collect()
    }

    pub(crate) fn forbidden(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).forbidden.iter().cloned().collect()
    }
}
