//! What the suite is told by the environment. Without a variable that names a cluster there is none: nobody's cluster is met by accident.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// Everything that can be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster's kubeconfig.
    pub kubeconfig: PathBuf,
    /// The image of the services: repository and tag.
    pub image: Image,
    /// The image of the trial, from which PostgreSQL and NATS of the suite come, too.
    pub trial_image: Image,
    /// A newer version of the image, with a migration more; none: upgrades go to the same image.
    pub upgrade_image: Option<Image>,
    /// Class of volumes; none: the cluster's own.
    pub storage_class: Option<String>,
    /// PostgreSQL in place of the trial's: image and the uid by which it runs.
    pub postgres_image: Option<String>,
    /// nats-server in place of the trial's.
    pub nats_image: Option<String>,
    /// Name of a Secret of the `default` namespace that opens the registry; copied into the suite's namespaces.
    pub pull_secret: Option<String>,
    /// True where namespaces stay, to be looked at.
    pub keep: bool,
}

/// Where an image lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Registry and repository.
    pub repository: String,
    /// Tag.
    pub tag: String,
}

impl Image {
    /// Reads `repository:tag`; a tag must be said, because `latest` is pulled each time and says nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let split = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/') && !tag.is_empty());
        let (repository, tag) =
            split.with_context(|| format!("{text:?} names no tag: say repository:tag"))?;
        anyhow::ensure!(!text.contains('@'), "{text:?}: name a tag, not a digest");
        Ok(Self { repository: repository.into(), tag: tag.into() })
    }

    /// As a pod names it.
    pub fn name(&self) -> String {
        format!("{}:{}", self.repository, self.tag)
    }
}

impl Settings {
    /// Reads the environment; none where no cluster is named.
    pub fn read() -> Result<Option<Self>> {
        let told = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let is_on = |name: &str| matches!(told(name).as_deref(), Some("1" | "true" | "yes"));
        let named = told("GONGZHI_CLUSTER_KUBECONFIG");
        let kubeconfig = match (named, told("KUBECONFIG")) {
            (Some(named), _) => named,
            (None, Some(usual)) if is_on("GONGZHI_CLUSTER") => usual,
            _ => return Ok(None),
        };
        let kubeconfig = PathBuf::from(kubeconfig);
        anyhow::ensure!(
            kubeconfig.is_file(),
            "{} is no file: name one kubeconfig in GONGZHI_CLUSTER_KUBECONFIG",
            kubeconfig.display()
        );
        let image =
            |name: &str| told(name).map(|text| Image::parse(&text).context(name.to_owned())).transpose();
        let needed = |name: &str| -> Result<Image> {
            image(name)?.with_context(|| {
                format!("set {name} to an image that the nodes can pull or have loaded, as repository:tag (deploy/image/README.md builds it)")
            })
        };
        Ok(Some(Self {
            kubeconfig,
            image: needed("GONGZHI_CLUSTER_IMAGE")?,
            trial_image: needed("GONGZHI_CLUSTER_TRIAL_IMAGE")?,
            upgrade_image: image("GONGZHI_CLUSTER_UPGRADE_IMAGE")?,
            storage_class: told("GONGZHI_CLUSTER_STORAGE_CLASS"),
            postgres_image: told("GONGZHI_CLUSTER_POSTGRES_IMAGE"),
            nats_image: told("GONGZHI_CLUSTER_NATS_IMAGE"),
            pull_secret: told("GONGZHI_CLUSTER_PULL_SECRET"),
            keep: is_on("GONGZHI_CLUSTER_KEEP"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Image;

    #[test]
    fn an_image_has_a_tag() {
        let image = Image::parse("registry.example.org:5000/gongzhi:0.1.0").expect("it has one");
        assert_eq!(
            (image.repository.as_str(), image.tag.as_str()),
            ("registry.example.org:5000/gongzhi", "0.1.0")
        );
        assert!(Image::parse("registry.example.org:5000/gongzhi").is_err());
        assert!(Image::parse("gongzhi").is_err());
        assert!(Image::parse("gongzhi:1@sha256:00").is_err());
    }
}
