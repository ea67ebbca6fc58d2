//! How much of the code tests reach: what cargo-llvm-cov makes of them.

use std::io;
use std::path::Path;
use std::process::Stdio;

use thiserror::Error;

use super::super::Cargo;

/// Why there is no coverage.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CoverageError {
    /// There is no cargo-llvm-cov.
    #[error("cargo-llvm-cov is not installed")]
    NotInstalled,
    /// It said no, in its own words and above this.
    #[error("cargo-llvm-cov failed")]
    Failed,
    /// Cargo cannot be run.
    #[error("could not run cargo")]
    NotRun(#[source] io::Error),
}

impl Cargo {
    /// What build and tests have to find in their environment so that they are covered; what was measured before is
    /// forgotten.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub fn coverage(&self, root: &Path) -> Result<Vec<(String, String)>, CoverageError> {
        if !self.has_subcommand("llvm-cov") {
            return Err(CoverageError::NotInstalled);
        }
        let mut show = self.command_in(root);
        show.args(["llvm-cov", "show-env"]).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = show.output().map_err(CoverageError::NotRun)?;
        if !output.status.success() {
            return Err(CoverageError::Failed);
        }
        let variables = variables(&String::from_utf8_lossy(&output.stdout));
        self.llvm_cov(root, &["clean", "--workspace", "--profraw-only"], &variables)?;
        Ok(variables)
    }

    /// Has the table of what was covered printed, on stdout.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub fn report_coverage(&self, root: &Path, variables: &[(String, String)]) -> Result<(), CoverageError> {
        self.llvm_cov(root, &["report"], variables)
    }

    fn llvm_cov(
        &self,
        root: &Path,
        args: &[&str],
        variables: &[(String, String)],
    ) -> Result<(), CoverageError> {
        let mut command = self.command_in(root);
        command.arg("llvm-cov").args(args).stdin(Stdio::null());
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let status = command.status().map_err(CoverageError::NotRun)?;
        if status.success() { Ok(()) } else { Err(CoverageError::Failed) }
    }
}

/// The variables in what `cargo llvm-cov show-env` prints: `NAME='value'` or `NAME=value`, one a line.
fn variables(text: &str) -> Vec<(String, String)> {
    let variable = |line: &str| {
        let (name, value) = line.trim().split_once('=')?;
        let name = name.strip_prefix("export ").unwrap_or(name);
        let quoted = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
        let value = quoted('\'').or_else(|| quoted('"')).unwrap_or(value);
        Some((name.to_owned(), value.replace(r"'\''", "'")))
    };
    text.lines().filter_map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_show_env_prints_is_read_with_and_without_quotes() {
        let text = "RUSTFLAGS='-C instrument-coverage --cfg=coverage'\nexport CARGO_LLVM_COV=1\nA=\"b c\"\n";
        let read = variables(text);
        let expected =
            [("RUSTFLAGS", "-C instrument-coverage --cfg=coverage"), ("CARGO_LLVM_COV", "1"), ("A", "b c")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
