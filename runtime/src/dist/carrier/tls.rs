//! TLS both ways: each side shows a certificate of the deployment's authority.
//!
//! What OTP's `inet_tls_dist` speaks: TLS first, then the same messages, with lengths of four bytes from the beginning.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::{Carrier, names};
use crate::dist::frame::Prefix;

/// The certificates of a node: who it is, and whom it trusts.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    certificates: RwLock<Certificates>,
    renew: Option<Box<Renew>>,
}

/// Gives other certificates, if there are any.
type Renew = dyn Fn() -> Option<Tls> + Send + Sync;

#[derive(Clone)]
struct Certificates {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file is not what it should be.
    #[error("{what} is not PEM: {source}")]
    Pem {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// They do not fit together.
    #[error("{0}")]
    Unusable(Box<dyn std::error::Error + Send + Sync>),
}

impl Tls {
    /// From the texts of PEM files: the authority's certificate, the node's, and the node's key.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn new(authority: &[u8], certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let unusable = |error: rustls::Error| TlsError::Unusable(error.into());
        let mut roots = RootCertStore::empty();
        for root in chain("the certificate of the authority", authority)? {
            roots.add(root).map_err(unusable)?;
        }
        let (roots, certificate) = (Arc::new(roots), chain("the certificate", certificate)?);
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|source| TlsError::Pem { what: "the key", source })?;
        // Not the one of the process: a node shares nothing with others.
        let provider = Arc::new(ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(roots.clone())
            .with_client_auth_cert(certificate.clone(), key.clone_key())
            .map_err(unusable)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider.clone()).build();
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_client_cert_verifier(verifier.map_err(|error| TlsError::Unusable(error.into()))?)
            .with_single_cert(certificate, key)
            .map_err(unusable)?;
        let certificates = Certificates { client: Arc::new(client), server: Arc::new(server) };
        Ok(Self(Arc::new(Shared { certificates: RwLock::new(certificates), renew: None })))
    }

    /// Asks `renew` before each connection whether there are other certificates, which are used from then on. Connections
    /// that there are go on with those that they were made with.
    ///
    /// Source: OTP `ssl` reads the files of certificates again, `ssl:clear_pem_cache/0`.
    pub fn renewed_by(&self, renew: impl Fn() -> Option<Self> + Send + Sync + 'static) -> Self {
        let certificates = RwLock::new(self.certificates());
        Self(Arc::new(Shared { certificates, renew: Some(Box::new(renew)) }))
    }

    fn certificates(&self) -> Certificates {
        self.0.certificates.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those for a new connection.
    fn renewed(&self) -> Certificates {
        if let Some(renewed) = self.0.renew.as_ref().and_then(|renew| renew()) {
            let renewed = renewed.certificates();
            *self.0.certificates.write().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
            return renewed;
        }
        self.certificates()
    }
}

fn chain(what: &'static str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    certificates.map_err(|source| TlsError::Pem { what, source })
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Tls {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(..)")
    }
}

/// Calls the host at `address`, which must show a certificate of its name.
pub(crate) async fn connect(address: SocketAddr, host: &str, tls: &Tls) -> io::Result<Arc<dyn Carrier>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connection = ClientConnection::new(tls.renewed().client, name).map_err(io::Error::other)?;
    secured(TcpStream::connect(address).await?, connection.into())
}

/// Answers a call.
pub(crate) fn accept(stream: TcpStream, tls: &Tls) -> io::Result<Arc<dyn Carrier>> {
    let connection = ServerConnection::new(tls.renewed().server).map_err(io::Error::other)?;
    secured(stream, connection.into())
}

fn secured(stream: TcpStream, tls: Connection) -> io::Result<Arc<dyn Carrier>> {
    stream.set_nodelay(true)?;
    let secured = Arc::new(Secured { stream, tls: Mutex::new(tls), is_behind: Notify::new() });
    let flusher = tokio::spawn(secured.clone().catch_up()).abort_handle();
    Ok(Arc::new(Closing { secured, flusher }))
}

/// A connection and its encryption.
struct Secured {
    stream: TcpStream,
    tls: Mutex<Connection>,
    /// Something was encrypted that the socket has not taken yet.
    is_behind: Notify,
}

/// Ends the connection when it is dropped.
struct Closing {
    secured: Arc<Secured>,
    flusher: AbortHandle,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.flusher.abort();
    }
}

impl Secured {
    fn tls(&self) -> MutexGuard<'_, Connection> {
        self.tls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the socket what it takes of what is encrypted: whether that is everything.
    fn flush(&self, tls: &mut Connection) -> io::Result<bool> {
        while tls.wants_write() {
            match tls.write_tls(&mut Socket(&self.stream)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_behind.notify_one();
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Writes what was left behind, for as long as it is polled: nobody else may come to write.
    async fn catch_up(self: Arc<Self>) {
        loop {
            self.is_behind.notified().await;
            if self.stream.writable().await.is_err() || self.flush(&mut self.tls()).is_err() {
                // Whoever reads sees the same.
                return;
            }
        }
    }
}

impl Carrier for Closing {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let secured = &self.secured;
        let mut tls = secured.tls();
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Not told that it ends, as when a process is killed: the frames say whether something is missing.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            if tls.read_tls(&mut Socket(&secured.stream))? == 0 {
                return Ok(0);
            }
            let processed = tls.process_new_packets();
            // An alert says to the other side what is wrong.
            secured.flush(&mut tls)?;
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.secured.stream.poll_read_ready(cx)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let secured = &self.secured;
        let mut tls = secured.tls();
        if !secured.flush(&mut tls)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let written = tls.writer().write(bytes)?;
        secured.flush(&mut tls)?;
        if written == 0 && !bytes.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(written) }
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.secured.stream.poll_write_ready(cx)
    }

    fn handshake_prefix(&self) -> Prefix {
        Prefix::Four
    }

    fn is_of(&self, node: &str) -> bool {
        let tls = self.secured.tls();
        let certificate = tls.peer_certificates().and_then(<[_]>::first);
        certificate.is_some_and(|certificate| names::is_of(certificate, node))
    }
}

/// The socket, as rustls reads and writes it.
struct Socket<'a>(&'a TcpStream);

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
