//! A file of NATS credentials: used when it is there, filled when it is not.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use gongzhi_chassis::config::Secret;
use gongzhi_chassis::nats_identity;

/// Who one is on NATS. Where it is, is the setting GONGZHI_NATS_URL.
#[derive(clap::Args)]
#[command(next_help_heading = "Over NATS")]
pub(crate) struct Credentials {
    /// File of the credentials; when it is not there, credentials are issued into it, and former ones end. Default: new ones each time, kept nowhere.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

impl Credentials {
    /// The credentials that are in the file already; none when there is no file.
    pub(crate) fn kept(&self) -> Result<Option<Secret>> {
        match &self.credentials {
            Some(path) if path.exists() => {
                let text = std::fs::read_to_string(path);
                Ok(Some(text.with_context(|| format!("{} cannot be read", path.display()))?.into()))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// True when a file is named.
    pub(crate) fn is_named(&self) -> bool {
        self.credentials.is_some()
    }

    /// Keeps what was issued, where a file is named.
    pub(crate) fn keep(&self, issued: String) -> Result<Secret> {
        let credentials = Secret::from(issued);
        if let Some(path) = &self.credentials {
            nats_identity::write_secret(path, &credentials)?;
            eprintln!("credentials are kept in {}", path.display());
        }
        Ok(credentials)
    }
}
