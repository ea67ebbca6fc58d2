//! Where the cookies of the workspace's deployments are kept.
//!
//! One file, readable by its owner only: a deployment keeps its cookie across builds, so that a release that was built
//! today still trusts one that was built last week.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{DocumentMut, TomlError, value};

use crate::error::Failure;
use crate::plan::bundle::Cookie;

/// Why there is no cookie.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum CookieError {
    /// The file could not be read or written, or the system has no random numbers.
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
    /// Somebody edited the file.
    #[error("`{}` is not what umbrella wrote", path.display())]
    #[diagnostic(help(
        "mend it, or remove it: then every release of this workspace must be built and deployed again"
    ))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it. Boxed to keep the error small.
        #[source]
        source: Option<Box<TomlError>>,
    },
}

impl Failure for CookieError {}

/// The cookie of `deployment`, kept in the file `path`; made now if there is none yet.
///
/// The caller holds the lock of the workspace's releases.
///
/// # Errors
/// [`CookieError`].
pub fn cookie_of(path: &Path, deployment: &str) -> Result<Cookie, CookieError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(CookieError::Io { action: "read", path: path.to_owned(), source }),
    };
    let malformed = |source| CookieError::Malformed { path: path.to_owned(), source };
    let mut cookies: DocumentMut = text.parse().map_err(|error| malformed(Some(Box::new(error))))?;
    if let Some(kept) = cookies.get(deployment) {
        let kept = kept.as_str().ok_or_else(|| malformed(None))?;
        return Ok(Cookie::new(kept.to_owned()));
    }
    let cookie = random()?;
    cookies.insert(deployment, value(cookie.expose()));
    keep(path, &cookies.to_string())?;
    Ok(cookie)
}

/// 256 bits of the system's randomness, in hexadecimal: letters and digits only, as an Erlang node likes it.
fn random() -> Result<Cookie, CookieError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 32];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(failed("read", source))?;
    Ok(Cookie::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Replaces the file at `path`. A temporary file is its owner's alone, and so is what it becomes.
fn keep(path: &Path, text: &str) -> Result<(), CookieError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed("create a file in", folder))?;
    file.write_all(text.as_bytes()).map_err(failed("write", path))?;
    file.persist(path).map(drop).map_err(|error| failed("write", path)(error.error))
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CookieError {
    let path = path.to_owned();
    move |source| CookieError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{CookieError, cookie_of};

    #[test]
    fn a_deployment_keeps_its_cookie_and_shares_it_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("umbrella/COOKIES");
        let prod = cookie_of(&path, "prod").unwrap();
        let other = cookie_of(&path, "[a,b]+[c]").unwrap();
        assert_ne!(prod, other);
        assert_eq!(cookie_of(&path, "prod").unwrap(), prod);
        assert_eq!(cookie_of(&path, "[a,b]+[c]").unwrap(), other);
        assert_eq!(prod.expose().len(), 64);
    }

    #[test]
    fn only_the_owner_reads_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("COOKIES");
        cookie_of(&path, "prod").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_broken_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("COOKIES");
        for broken in ["prod = ", "prod = 1\n"] {
            fs::write(&path, broken).unwrap();
            assert!(matches!(cookie_of(&path, "prod"), Err(CookieError::Malformed { .. })));
            assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        }
    }
}
