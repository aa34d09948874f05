//! Whom we believe to be the server they say they are: one rustls configuration for IMAP and SMTP.
//!
//! Either the platform's own verifier, or only the roots of a `ca_file` (a private CA). There is no way to turn
//! verification off.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::BuilderVerifierExt;

/// What is wrong with the certificates to trust.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The `ca_file` cannot be read.
    #[error("the ca_file {path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The `ca_file` holds no certificate, or a broken one.
    #[error("{path} is no ca_file: it must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)")]
    Pem {
        /// The file.
        path: PathBuf,
    },
    /// The platform's certificates cannot be used.
    #[error("the system's certificates cannot be used ({0}); install ca-certificates, or name a ca_file")]
    Platform(#[source] rustls::Error),
    /// The TLS library refused the configuration.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Certificates to trust. Cheap to clone; made once for a mailbox.
#[derive(Clone)]
pub struct Trust {
    config: Arc<ClientConfig>,
    /// The `ca_file`'s content, for lettre, which builds its own configuration for STARTTLS.
    ca_pem: Option<Arc<[u8]>>,
}

impl Trust {
    /// Trusts what the operating system trusts.
    ///
    /// # Errors
    /// If it has no certificates.
    pub fn system() -> Result<Self, TrustError> {
        let config = builder()?.with_platform_verifier().map_err(TrustError::Platform)?.with_no_client_auth();
        Ok(Self { config: Arc::new(config), ca_pem: None })
    }

    /// Trusts the certificates of `path` (PEM) and no others.
    ///
    /// # Errors
    /// If the file cannot be read or holds no certificates.
    pub fn ca_file(path: &Path) -> Result<Self, TrustError> {
        let pem = std::fs::read(path).map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
        let bad = || TrustError::Pem { path: path.to_owned() };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.add(certificate.map_err(|_| bad())?).map_err(|_| bad())?;
        }
        if roots.is_empty() {
            return Err(bad());
        }
        let config = builder()?.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { config: Arc::new(config), ca_pem: Some(pem.into()) })
    }

    /// For tokio-rustls.
    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    /// The same for lettre's STARTTLS to `host`.
    pub(crate) fn for_lettre(&self, host: &str) -> Result<TlsParameters, TrustError> {
        let mut parameters = TlsParameters::builder(host.to_owned());
        if let Some(pem) = &self.ca_pem {
            let roots = Certificate::from_pem(pem).map_err(|e| TrustError::Setup(e.into()))?;
            parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(roots);
        }
        parameters.build().map_err(|e| TrustError::Setup(e.into()))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.ca_pem.is_some() { "Trust(ca_file)" } else { "Trust(system)" })
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TrustError> {
    let ring: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|e| TrustError::Setup(e.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_must_hold_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(matches!(Trust::ca_file(&path), Err(TrustError::Read { .. })));
        for bad in ["", "no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(Trust::ca_file(&path), Err(TrustError::Pem { .. })), "{bad:?}");
        }
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(&path, own.cert.pem()).unwrap();
        let trust = Trust::ca_file(&path).unwrap();
        trust.for_lettre("localhost").unwrap();
    }
}
