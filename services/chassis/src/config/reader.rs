//! Reading settings one by one: what was read, where it came from, and everything that was wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Secret;

/// One setting as read, for `gongzhi config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Name in the environment.
    pub name: &'static str,
    /// Value; secrets are hidden.
    pub value: String,
    /// `environment` or `default`.
    pub from: &'static str,
    /// What it is for.
    pub what: &'static str,
}

/// Everything that is wrong with the environment.
#[derive(Debug, thiserror::Error)]
#[error("settings are wrong:{}", .0.iter().map(|line| format!("\n  {line}")).collect::<String>())]
pub struct WrongSettings(pub(super) Vec<String>);

/// Reads settings one by one and remembers what was read and what was wrong.
pub(super) struct Reader<F> {
    pub(super) variable: F,
    pub(super) shown: Vec<Shown>,
    pub(super) wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub(super) fn text(&mut self, name: &'static str, default: &str, what: &'static str) -> String {
        let given = (self.variable)(name).filter(|value| !value.is_empty());
        let from = if given.is_some() { "environment" } else { "default" };
        let value = given.unwrap_or_else(|| default.to_owned());
        self.shown.push(Shown { name, value: value.clone(), from, what });
        value
    }

    pub(super) fn optional(&mut self, name: &'static str, what: &'static str) -> Option<String> {
        Some(self.text(name, "", what)).filter(|value| !value.is_empty())
    }

    pub(super) fn secret(&mut self, name: &'static str, what: &'static str) -> Option<Secret> {
        let value = self.optional(name, what);
        if let (Some(shown), true) = (self.shown.last_mut(), value.is_some()) {
            shown.value = "(hidden)".into();
        }
        value.map(Secret::from)
    }

    /// Reads a value of a type; one that is wrong is noted and stood in for by the default.
    pub(super) fn parsed<T: FromStr>(
        &mut self,
        name: &'static str,
        default: &str,
        what: &'static str,
    ) -> Option<T>
    where
        T::Err: fmt::Display,
    {
        let text = self.text(name, default, what);
        text.parse().map_err(|error| self.wrong.push(format!("{name}: {error}"))).ok()
    }
}

/// Reads `name=url` pairs that are separated by commas.
pub(super) fn parse_upstreams(text: &str) -> Result<BTreeMap<String, String>, String> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            pair.split_once('=')
                .map(|(name, url)| (name.to_owned(), url.to_owned()))
                .ok_or(format!("{pair:?} has no ="))
        })
        .collect()
}
