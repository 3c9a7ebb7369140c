//! An authority of a test that makes certificates for this machine.

use std::path::Path;

use anyhow::Result;
use gongzhi_chassis::tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// An authority that makes certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// Writes a certificate for this machine, its key and the authority's own certificate.
    pub fn issue(&self, folder: &Path, name: &str) -> Result<tls::Files> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".into()])?.signed_by(&key, &self.0)?;
        let [own, own_key, authority] =
            ["crt", "key", "ca"].map(|kind| folder.join(format!("{name}.{kind}")));
        std::fs::write(&own_key, key.serialize_pem())?;
        std::fs::write(&own, certificate.pem())?;
        std::fs::write(&authority, self.0.pem())?;
        Ok(tls::Files { own: Some((own, own_key)), authority: Some(authority), client_authority: None })
    }
}
