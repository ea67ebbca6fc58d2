//! What a program says of its protocols, without being started as a node.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use thiserror::Error;

/// Why it is not known.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ContractsError {
    /// The program does not run on this machine.
    #[error("its program does not run here: {0}")]
    Run(#[from] io::Error),
    /// It does not know the command, or gives up.
    #[error("its program said `{0}`")]
    Refused(String),
}

/// What `<binary> contracts --json` prints.
///
/// # Errors
/// [`ContractsError`].
pub fn contracts_of(binary: &Path) -> Result<String, ContractsError> {
    let output = Command::new(binary).args(["contracts", "--json"]).stdin(Stdio::null()).output()?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(said(&output.stdout));
    }
    Err(ContractsError::Refused(said(&output.stderr).lines().next().unwrap_or_default().to_owned()))
}
