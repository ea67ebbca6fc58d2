//! What `umbrella check` has cargo do: formatting, lints, and the audit of cargo-deny.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::{Cargo, select};
use crate::shell::Shell;

/// One of cargo's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lint {
    /// `cargo fmt --check`.
    Format,
    /// `cargo clippy`, where every warning counts.
    Clippy,
    /// `cargo deny check`.
    Deny,
}

impl Cargo {
    /// Runs a check for `packages`, or for the whole workspace at `root`; what it says goes to stderr.
    ///
    /// # Errors
    /// What the system says if cargo cannot be run.
    pub fn lint(
        &self,
        shell: &Shell,
        root: &Path,
        lint: Lint,
        packages: &[String],
    ) -> io::Result<ExitStatus> {
        let mut command = self.command_in(root);
        let colour = if shell.err_has_colour() { "always" } else { "never" };
        match lint {
            Lint::Format => {
                command.args(["fmt", "--check"]).args(if packages.is_empty() { &["--all"][..] } else { &[] });
                command.args(packages.iter().flat_map(|package| ["--package", package]));
                command.args(["--", "--color", colour]);
            }
            Lint::Clippy => {
                command.args(["clippy", "--quiet", "--all-targets", "--color", colour]);
                command.args(if packages.is_empty() { &["--workspace"][..] } else { &["--no-deps"] });
                command.args(select(packages.iter().map(String::as_str))).args(["--", "--deny", "warnings"]);
            }
            Lint::Deny => _ = command.args(["deny", "--color", colour, "check"]),
        }
        shell.verbose(format_args!("running {}", shown(&command)));
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        // rustfmt's differences: they say what is wrong, so they go where the others write that.
        shell.error_text(&String::from_utf8_lossy(&output.stdout));
        Ok(output.status)
    }

    /// Whether `cargo <name>` is there.
    #[must_use]
    pub fn has_subcommand(&self, name: &str) -> bool {
        let mut command = self.command();
        command.args([name, "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
