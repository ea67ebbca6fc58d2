//! The certificates of a deployment: an authority of its own, and one certificate for each node.
//!
//! ```text
//! certs/ca.pem           what every node trusts
//! certs/ca.key           what signs; no node needs it
//! certs/c@10.0.0.5.pem   who the node is: its host, and its name
//! certs/c@10.0.0.5.key   how it shows that; for nobody else
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use miette::Diagnostic;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use thiserror::Error;

use crate::error::Failure;

/// How long an authority is valid: longer than any deployment goes without being looked after.
const AUTHORITY_DAYS: u32 = 3650;

/// Clocks of other machines may be behind.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why there are no certificates.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum CertsError {
    /// The system said no.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The key of the authority is there, and is none.
    #[error("`{}` is not the key of an authority that umbrella made", path.display())]
    #[diagnostic(help(
        "move the folder away: then a new authority is made, and every node needs a new certificate"
    ))]
    BadKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: rcgen::Error,
    },
    /// A certificate could not be made.
    #[error("could not make the certificate of `{node}`")]
    NotMade {
        /// Whose.
        node: String,
        /// What is wrong.
        #[source]
        source: rcgen::Error,
    },
}

impl Failure for CertsError {}

/// The folder of a deployment's certificates.
#[derive(Debug)]
pub struct Certs<'a> {
    /// Where they are.
    pub folder: &'a Path,
    /// The umbrella whose nodes they are for.
    pub umbrella: &'a str,
}

impl Certs<'_> {
    /// The files that would be made for `nodes`, and, if there is none yet, for the authority.
    #[must_use]
    pub fn would_make(&self, nodes: &[String]) -> Vec<PathBuf> {
        let authority = ["ca.pem", "ca.key"].map(|file| self.folder.join(file));
        let authority = authority.into_iter().filter(|_| !self.folder.join("ca.key").exists());
        authority.chain(nodes.iter().flat_map(|node| self.files_of(node))).collect()
    }

    /// The certificate and the key of a node.
    fn files_of(&self, node: &str) -> [PathBuf; 2] {
        ["pem", "key"].map(|extension| self.folder.join(format!("{node}.{extension}")))
    }

    /// The authority that signs; made now if there is none yet. Says which files were made.
    ///
    /// # Errors
    /// [`CertsError`].
    pub fn authority(&self) -> Result<(Authority, Vec<PathBuf>), CertsError> {
        let (key_path, path) = (self.folder.join("ca.key"), self.folder.join("ca.pem"));
        let params = self.authority_params();
        if let Ok(text) = fs::read_to_string(&key_path) {
            let bad = |source| CertsError::BadKey { path: key_path.clone(), source };
            let key = KeyPair::from_pem(&text).map_err(bad)?;
            return Ok((Authority(Issuer::new(params, key)), Vec::new()));
        }
        fs::create_dir_all(self.folder).map_err(failed("create", self.folder))?;
        let not_made = |source| CertsError::NotMade { node: "the authority".to_owned(), source };
        let key = KeyPair::generate().map_err(not_made)?;
        let certificate = params.self_signed(&key).map_err(not_made)?;
        // Keys are nothing for a repository.
        let ignore = self.folder.join(".gitignore");
        write(&ignore, "*\n", 0o644)?;
        write(&key_path, &key.serialize_pem(), 0o600)?;
        write(&path, &certificate.pem(), 0o644)?;
        Ok((Authority(Issuer::new(params, key)), vec![path, key_path]))
    }

    /// Makes key and certificate of `node`, `name@host`, in place of those it has. Says which files were made.
    ///
    /// # Errors
    /// [`CertsError`].
    pub fn certify(&self, authority: &Authority, node: &str, days: u32) -> Result<[PathBuf; 2], CertsError> {
        let not_made = |source| CertsError::NotMade { node: node.to_owned(), source };
        let params = node_params(node, days).map_err(not_made)?;
        let key = KeyPair::generate().map_err(not_made)?;
        let certificate = params.signed_by(&key, &authority.0).map_err(not_made)?;
        let [path, key_path] = self.files_of(node);
        write(&key_path, &key.serialize_pem(), 0o600)?;
        write(&path, &certificate.pem(), 0o644)?;
        Ok([path, key_path])
    }

    fn authority_params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, format!("{} nodes", self.umbrella));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid(&mut params, AUTHORITY_DAYS);
        params
    }
}

/// Who signs.
pub struct Authority(Issuer<'static, KeyPair>);

/// Valid for the host in the name, as any TLS client checks it, and for the name itself, as an address of mail: the one kind
/// of name in a certificate that is written `name@host`.
fn node_params(node: &str, days: u32) -> Result<CertificateParams, rcgen::Error> {
    let host = node.split_once('@').map_or(node, |(_, host)| host);
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, node);
    // Among these OTP looks for addresses too.
    params.subject_alt_names =
        vec![SanType::DnsName(host.try_into()?), SanType::Rfc822Name(node.try_into()?)];
    params.subject_alt_names.extend(host.parse::<IpAddr>().map(SanType::IpAddress));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // A node calls and is called.
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, days);
    Ok(params)
}

fn valid(params: &mut CertificateParams, days: u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.as_secs());
    params.not_before = now - BEFORE;
    params.not_after = now + Duration::from_secs(u64::from(days) * 24 * 60 * 60);
}

/// Replaces the file at `path`, with this mode from its first moment.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), CertsError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let file = File::options().write(true).create(true).truncate(true).mode(mode).open(&temporary);
    let mut file = file.map_err(failed("create", &temporary))?;
    file.write_all(text.as_bytes()).map_err(failed("write", &temporary))?;
    fs::rename(&temporary, path).map_err(failed("replace", path))
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CertsError {
    let path = path.to_owned();
    move |source| CertsError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_authority_is_made_once_and_signs_again() {
        let folder = tempfile::tempdir().unwrap();
        let certs = Certs { folder: &folder.path().join("certs"), umbrella: "abc" };
        let (authority, made) = certs.authority().unwrap();
        assert_eq!(made.len(), 2);
        certs.certify(&authority, "c@10.0.0.5", 10).unwrap();
        let ca = fs::read_to_string(&made[0]).unwrap();
        let (authority, made) = certs.authority().unwrap();
        assert!(made.is_empty());
        certs.certify(&authority, "d-1@d.internal", 10).unwrap();
        assert_eq!(fs::read_to_string(certs.folder.join("ca.pem")).unwrap(), ca);
    }

    #[test]
    fn what_would_be_made_is_what_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let certs = Certs { folder: &folder.path().join("certs"), umbrella: "abc" };
        let nodes = ["a@127.0.0.1".to_owned()];
        for files in [4, 2] {
            let told = certs.would_make(&nodes);
            assert_eq!(told.len(), files);
            let (authority, mut made) = certs.authority().unwrap();
            made.extend(certs.certify(&authority, &nodes[0], 1).unwrap());
            assert_eq!(told, made);
        }
    }

    #[test]
    fn keys_are_for_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let certs = Certs { folder: folder.path(), umbrella: "abc" };
        let (authority, _made) = certs.authority().unwrap();
        certs.certify(&authority, "c@10.0.0.5", 10).unwrap();
        for key in ["ca.key", "c@10.0.0.5.key"] {
            let mode = fs::metadata(folder.path().join(key)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
    }

    #[test]
    fn what_is_no_key_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.key"), "mine").unwrap();
        let certs = Certs { folder: folder.path(), umbrella: "abc" };
        assert!(matches!(certs.authority(), Err(CertsError::BadKey { .. })));
        assert_eq!(fs::read_to_string(folder.path().join("ca.key")).unwrap(), "mine");
    }
}
