//! TLS between processes: certificates come as files that somebody renews, so they are read again when a connection is made and the last look is old.
//! A file that cannot be read leaves what was read before in force.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Uri;

use crate::status::Failure;

/// How old the last look at the files may be.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// How long a peer may take to shake hands.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Connections that have shaken hands and wait to be served.
const WAITING: usize = 64;

/// Which files a process has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Its own certificate, with the chain, and its key: PEM.
    pub own: Option<(PathBuf, PathBuf)>,
    /// Who vouches for servers that are called; none: the authorities of the web.
    pub authority: Option<PathBuf>,
    /// Who vouches for callers; none: callers need no certificate, their tokens say who they are.
    pub client_authority: Option<PathBuf>,
}

/// Certificates of a process, always the newest. Cloning shares them.
#[derive(Clone)]
pub struct Identity(Arc<Kept>);

struct Kept {
    files: Files,
    loaded: Mutex<Loaded>,
}

#[derive(Clone)]
struct Loaded {
    looked_at: Instant,
    server: Option<Arc<ServerConfig>>,
    client: Arc<ClientConfig>,
}

impl Identity {
    /// Reads the files; says which one is wrong.
    pub fn load(files: &Files) -> Result<Self, Failure> {
        let loaded = load(files).map_err(|error| Failure::Bug(error.to_string()))?;
        Ok(Self(Arc::new(Kept { files: files.clone(), loaded: Mutex::new(loaded) })))
    }

    /// True when servers of this process speak TLS.
    pub fn can_serve(&self) -> bool {
        self.0.files.own.is_some()
    }

    fn newest(&self) -> Loaded {
        let mut loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.looked_at.elapsed() >= LOOK_AGAIN {
            match load(&self.0.files) {
                Ok(again) => *loaded = again,
                Err(error) => {
                    tracing::warn!(%error, "certificates were not read again; the former ones stay in force");
                    loaded.looked_at = Instant::now();
                }
            }
        }
        loaded.clone()
    }

    /// Connections that have shaken hands. Who takes his time or has no certificate that is asked for keeps nobody waiting.
    pub(crate) fn incoming(self, listener: TcpListener) -> ReceiverStream<io::Result<TlsStream<TcpStream>>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = sender.closed() => break,
                    accepted = listener.accept() => accepted,
                };
                match (accepted, self.newest().server) {
                    (Ok((stream, peer)), Some(config)) => {
                        let sender = sender.clone();
                        tokio::spawn(async move {
                            match shake_hands(stream, config).await {
                                Ok(stream) => drop(sender.send(Ok(stream)).await),
                                Err(error) => tracing::debug!(%peer, %error, "no handshake"),
                            }
                        });
                    }
                    (Err(error), _) => {
                        // Out of files, for example: not the end of the server.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    (Ok(_), None) => break,
                }
            }
        });
        ReceiverStream::new(receiver)
    }

    /// Connects to the host and port of an address.
    pub(crate) async fn connect(
        self,
        uri: Uri,
    ) -> io::Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>> {
        let host = uri.host().ok_or_else(|| wrong("the address names no host"))?;
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(wrong)?;
        let stream =
            TcpStream::connect((host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(443))).await?;
        stream.set_nodelay(true)?;
        let connector = TlsConnector::from(self.newest().client);
        let shaken = tokio::time::timeout(HANDSHAKE_WITHIN, connector.connect(name, stream));
        Ok(TokioIo::new(shaken.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??))
    }
}

async fn shake_hands(stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    tokio::time::timeout(HANDSHAKE_WITHIN, TlsAcceptor::from(config).accept(stream))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn load(files: &Files) -> io::Result<Loaded> {
    let own = files.own.as_ref().map(|(certificate, key)| read_own(certificate, key)).transpose()?;
    let server = own.as_ref().map(|own| server(own, files.client_authority.as_deref())).transpose()?;
    Ok(Loaded { looked_at: Instant::now(), server, client: client(own, files.authority.as_deref())? })
}

type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read_own(certificate: &Path, key: &Path) -> io::Result<Own> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| of_file(certificate, error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| of_file(key, error))?;
    Ok((chain, key))
}

fn roots(authority: &Path) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(authority).map_err(|error| of_file(authority, error))?;
    for certificate in certificates {
        roots
            .add(certificate.map_err(|error| of_file(authority, error))?)
            .map_err(|error| of_file(authority, error))?;
    }
    if roots.is_empty() {
        return Err(of_file(authority, "there is no certificate in it"));
    }
    Ok(roots)
}

fn server((chain, key): &Own, client_authority: Option<&Path>) -> io::Result<Arc<ServerConfig>> {
    let builder = match client_authority {
        Some(authority) => {
            let verifier =
                WebPkiClientVerifier::builder(Arc::new(roots(authority)?)).build().map_err(wrong)?;
            ServerConfig::builder().with_client_cert_verifier(verifier)
        }
        None => ServerConfig::builder().with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain.clone(), key.clone_key()).map_err(wrong)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

fn client(own: Option<Own>, authority: Option<&Path>) -> io::Result<Arc<ClientConfig>> {
    let roots = match authority {
        Some(authority) => roots(authority)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match own {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(wrong)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

fn of_file(path: &Path, error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} is of no use: {error}", path.display()))
}

fn wrong(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
