//! Certificates, where they are, and what they are for.
//!
//! The folder that `umbrella gen certs` makes: `ca.pem`, and for each node `<name>@<host>.pem` and `.key`.
//!
//! The files are looked at before each connection: those that have changed are read again, and used from then on.

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

/// Reads the certificates of `node`, now and whenever they have changed.
#[cfg(feature = "tls")]
pub(super) fn load(root: &Path, folder: &Path, node: &str) -> Result<Tls, TlsError> {
    use std::sync::{Mutex, PoisonError};

    let (folder, node) = (root.join(folder), node.to_owned());
    // First, so that what changes in between is read again.
    let seen = Mutex::new(stamps(&folder, &node));
    let tls = read(folder.clone(), &node)?;
    Ok(tls.renewed_by(move || {
        let now = stamps(&folder, &node);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return None;
        }
        *seen = now;
        drop(seen);
        // Half of them may have been replaced; the others follow, and then all are read once more.
        match read(folder.clone(), &node) {
            Ok(tls) => {
                tracing::info!(target: "umbrella::dist", "{node}: the certificates in {} are new", folder.display());
                Some(tls)
            }
            Err(error) => {
                tracing::warn!(target: "umbrella::dist", "{node}: the certificates it had are kept: {error}");
                None
            }
        }
    }))
}

/// The files of `node`.
#[cfg(feature = "tls")]
fn files(folder: &Path, node: &str) -> [PathBuf; 3] {
    ["ca.pem".to_owned(), format!("{node}.pem"), format!("{node}.key")].map(|name| folder.join(name))
}

/// What is different once a file was written or replaced.
#[cfg(feature = "tls")]
fn stamps(folder: &Path, node: &str) -> [Option<(u64, i64, i64, u64)>; 3] {
    use std::os::unix::fs::MetadataExt;

    files(folder, node).map(|path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.ino(), found.mtime(), found.mtime_nsec(), found.size()))
    })
}

#[cfg(feature = "tls")]
fn read(folder: PathBuf, node: &str) -> Result<Tls, TlsError> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let [authority, certificate, key_path] = files(&folder, node);
    let read = |path: &PathBuf| {
        fs::read(path).map_err(|source| TlsError::Read { path: path.clone(), node: node.to_owned(), source })
    };
    let (authority, certificate, key) = (read(&authority)?, read(&certificate)?, read(&key_path)?);
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
