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
    /// It said no.
    #[error("cargo-llvm-cov failed: {said}")]
    Failed {
        /// In its own words.
        said: String,
    },
    /// Cargo cannot be run.
    #[error("could not run cargo")]
    NotRun(#[source] io::Error),
}

impl Cargo {
    /// What build and tests have to find in their environment so that they are covered; what was measured before is
    /// forgotten, and what is built goes to a folder of its own below `target`, since cargo does not tell what is
    /// instrumented from what is not.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub fn coverage(&self, root: &Path, target: &Path) -> Result<Vec<(String, String)>, CoverageError> {
        if !self.has_subcommand("llvm-cov") {
            return Err(CoverageError::NotInstalled);
        }
        // The name that cargo-llvm-cov itself gives it.
        let target = ("CARGO_TARGET_DIR".to_owned(), target.join("llvm-cov-target").display().to_string());
        let mut show = self.command_in(root);
        show.args(["llvm-cov", "show-env"]).env(&target.0, &target.1).stdin(Stdio::null());
        let output = show.output().map_err(CoverageError::NotRun)?;
        if !output.status.success() {
            return Err(CoverageError::Failed { said: said(&output.stderr) });
        }
        let mut variables = variables(&String::from_utf8_lossy(&output.stdout));
        variables.push(target);
        self.llvm_cov(root, &["clean", "--workspace"], &variables)?;
        Ok(variables)
    }

    /// Has pages made of what was covered, in the folder `pages`; answers the table of it.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub fn report_coverage(
        &self,
        root: &Path,
        variables: &[(String, String)],
        pages: &Path,
    ) -> Result<String, CoverageError> {
        let table = self.llvm_cov(root, &["report"], variables)?;
        let pages = pages.display().to_string();
        self.llvm_cov(root, &["report", "--html", "--output-dir", &pages], variables)?;
        Ok(table)
    }

    /// What it prints on stdout.
    fn llvm_cov(
        &self,
        root: &Path,
        args: &[&str],
        variables: &[(String, String)],
    ) -> Result<String, CoverageError> {
        let mut command = self.command_in(root);
        command.arg("llvm-cov").args(args).stdin(Stdio::null());
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let output = command.output().map_err(CoverageError::NotRun)?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(CoverageError::Failed { said: said(&output.stderr) }),
        }
    }
}

/// What it said when it failed, without what it says each time.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().filter(|line| !line.starts_with("info: ") && !line.trim().is_empty());
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix("error: ").unwrap_or(line)).collect();
    lines.join("\n")
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
    fn what_it_says_each_time_is_no_reason() {
        let said = said(b"info: cfg(coverage) is set\nerror: failed to find llvm-tools\n\n");
        assert_eq!(said, "failed to find llvm-tools");
    }

    #[test]
    fn what_show_env_prints_is_read_with_and_without_quotes() {
        let text = "RUSTFLAGS='-C instrument-coverage --cfg=coverage'\nexport CARGO_LLVM_COV=1\nA=\"b c\"\n";
        let read = variables(text);
        let expected =
            [("RUSTFLAGS", "-C instrument-coverage --cfg=coverage"), ("CARGO_LLVM_COV", "1"), ("A", "b c")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
