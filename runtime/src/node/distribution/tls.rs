//! Certificates, where they are, and what they are for.
//!
//! The folder that `umbrella gen certs` makes: `ca.pem`, and for each node `<name>@<host>.pem` and `.key`.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::dist::{Address, Listen};

/// Why a node cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("failed to read {}: {source}\nhelp: `umbrella gen certs {node}` makes it", path.display())]
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only a runtime with TLS reads them"))]
    Read { path: PathBuf, node: String, source: io::Error },
    #[error("others may read the key {}\nhelp: chmod 600 {}", .0.display(), .0.display())]
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only a runtime with TLS reads them"))]
    Exposed(PathBuf),
    #[cfg(feature = "tls")]
    #[error("the certificates in {} cannot be used: {source}", folder.display())]
    Unusable { folder: PathBuf, source: crate::dist::TlsError },
    #[cfg(not(feature = "tls"))]
    #[error(
        "`tls = \"{}\"` in [umbrella.node], and this release was built without TLS\n\
         help: add `features = [\"tls\"]` to `umbrella` in [workspace.dependencies] of Cargo.toml; \
         `umbrella gen certs` does it", .0.display()
    )]
    NotBuilt(PathBuf),
}

/// How TCP connections of a node are secured.
#[cfg(feature = "tls")]
pub(super) use crate::dist::Tls;

/// How TCP connections of a node are secured: not at all, in a runtime that was built without TLS.
#[cfg(not(feature = "tls"))]
#[derive(Clone, Debug)]
pub(super) enum Tls {}

/// Reads the certificates of `node`.
#[cfg(feature = "tls")]
pub(super) fn load(root: &Path, folder: &Path, node: &str) -> Result<Tls, TlsError> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let folder = root.join(folder);
    let read = |name: String| {
        let path = folder.join(name);
        fs::read(&path).map_err(|source| TlsError::Read { path, node: node.to_owned(), source })
    };
    let (authority, certificate) = (read("ca.pem".to_owned())?, read(format!("{node}.pem"))?);
    let key_path = folder.join(format!("{node}.key"));
    let key = read(format!("{node}.key"))?;
    if fs::metadata(&key_path).is_ok_and(|found| found.mode() & 0o077 != 0) {
        return Err(TlsError::Exposed(key_path));
    }
    Tls::new(&authority, &certificate, &key).map_err(|source| TlsError::Unusable { folder, source })
}

/// Says that there is no TLS.
#[cfg(not(feature = "tls"))]
pub(super) fn load(_root: &Path, folder: &Path, _node: &str) -> Result<Tls, TlsError> {
    Err(TlsError::NotBuilt(folder.to_owned()))
}

/// Where a node listens over TCP.
pub(super) fn listen(address: SocketAddr, tls: Option<&Tls>) -> Listen {
    match tls {
        None => Listen::Tcp(address),
        #[cfg(feature = "tls")]
        Some(tls) => Listen::Tls(address, tls.clone()),
        #[cfg(not(feature = "tls"))]
        Some(never) => match *never {},
    }
}

/// Where the node with this full name is over TCP.
#[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "a certificate is asked for its name"))]
pub(super) fn address(address: SocketAddr, node: &str, tls: Option<&Tls>) -> Address {
    match tls {
        None => Address::tcp(address),
        #[cfg(feature = "tls")]
        Some(tls) => Address::tls(address, node.split_once('@').map_or(node, |(_, host)| host), tls.clone()),
        #[cfg(not(feature = "tls"))]
        Some(never) => match *never {},
    }
}
