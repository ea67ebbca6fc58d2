//! What a release may be called.

use thiserror::Error;

/// The longest name: it becomes a package, a folder, a file in `bin/` and part of a socket's path.
const MAX_LENGTH: usize = 64;

/// Names that cargo or rustc take for something else.
const RESERVED: &[&str] = &["build", "core", "deps", "examples", "incremental", "std", "test"];

/// Why a name cannot be that of a release.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidReleaseName {
    /// It starts with something else than a lowercase letter.
    #[error("it must start with a lowercase letter, not with `{0}`")]
    Start(char),
    /// It holds something else than lowercase letters, digits, `_` and `-`.
    #[error("`{0}` is not allowed")]
    Character(char),
    /// It is longer than a file name should be.
    #[error("it is {0} bytes long, and {MAX_LENGTH} are allowed")]
    TooLong(usize),
    /// Cargo or rustc use it themselves.
    #[error("cargo reserves it")]
    Reserved,
}

/// Whether `name` can be that of a release: a package, a binary and a folder.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_release_name(name: &str) -> Result<(), InvalidReleaseName> {
    let first = name.chars().next().unwrap_or(' ');
    if !first.is_ascii_lowercase() {
        return Err(InvalidReleaseName::Start(first));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if let Some(bad) = name.chars().find(|c| !allowed(*c)) {
        return Err(InvalidReleaseName::Character(bad));
    }
    check_length(name)?;
    if RESERVED.contains(&name) {
        return Err(InvalidReleaseName::Reserved);
    }
    Ok(())
}

/// The part of the check that a name made from applications can fail too.
pub(super) fn check_length(name: &str) -> Result<(), InvalidReleaseName> {
    if name.len() > MAX_LENGTH { Err(InvalidReleaseName::TooLong(name.len())) } else { Ok(()) }
}
