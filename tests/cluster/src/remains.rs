//! What is left of a release: every kind that the cluster knows is asked, ours and others', so that nothing is forgotten by a list of ours.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::release::Release;

/// How long kubectl may take.
const ANSWER: Duration = Duration::from_secs(120);

/// Something that carries the label of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remains {
    /// Kind as kubectl names it, for example `deployments.apps`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// True for what `helm test` made: helm leaves it so that its log can be read.
    pub is_of_a_test: bool,
}

/// Everything in the release's namespace and in the cluster that carries its label.
pub async fn of(release: &Release) -> Result<Vec<Remains>> {
    let mut found = Vec::new();
    for namespaced in ["--namespaced=true", "--namespaced=false"] {
        for kind in kinds(release, namespaced).await? {
            let selector = release.selector();
            let scope = match namespaced {
                "--namespaced=true" => vec!["--namespace", release.namespace.as_str()],
                _ => vec![],
            };
            let arguments = [&scope[..], &["get", &kind, "-l", &selector, "-o", "json"]].concat();
            let said = release.cluster.kubectl.ask(&arguments, None, ANSWER).await?;
            // A kind that cannot be listed hides nothing of ours: the chart makes none of those, and one that it makes is known to answer.
            let Ok(list) = serde_json::from_str::<Value>(&said.out) else {
                println!("    cannot be looked at: {kind}: {}", said.err.trim());
                continue;
            };
            for item in list["items"].as_array().into_iter().flatten() {
                found.push(Remains {
                    kind: kind.clone(),
                    name: crate::pods::name(item),
                    is_of_a_test: item["metadata"]["annotations"]["helm.sh/hook"] == "test",
                });
            }
        }
    }
    found.sort();
    Ok(found)
}

async fn kinds(release: &Release, namespaced: &str) -> Result<Vec<String>> {
    let ask = ["api-resources", "--verbs=list", namespaced, "-o", "name"];
    let said = release.cluster.kubectl.ask(&ask, None, ANSWER).await?;
    let all: Vec<_> = said.out.lines().map(str::to_owned).collect();
    anyhow::ensure!(all.len() > 3, "the cluster does not tell its kinds: {}", said.err.trim());
    // Figures of pods carry their labels for a minute, and nobody deletes them.
    Ok(all.into_iter().filter(|kind| !kind.ends_with(".metrics.k8s.io")).collect())
}
