//! `cargo build`, and what it made.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use cargo_metadata::{Message, TargetKind};
use miette::Diagnostic;
use thiserror::Error;

use super::{Cargo, select};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::shell::Shell;

/// A build that is done sooner says nothing: there was nothing to wait for.
const PATIENCE: Duration = Duration::from_millis(700);

/// Which of cargo's two everyday profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `dev`: quick to build.
    Dev,
    /// `release`: quick to run.
    Release,
}

/// Why there is no build.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum BuildError {
    /// Cargo is not there.
    #[error("could not run cargo")]
    #[diagnostic(help(
        "umbrella needs cargo: install Rust from https://rustup.rs, or set CARGO to its path"
    ))]
    NotRun(#[source] io::Error),
    /// The compiler said no, in its own words and above this.
    #[error("could not build {}", backticked(packages))]
    Failed {
        /// What was to be built.
        packages: Vec<String>,
    },
    /// Cargo is content and names no executable.
    #[error("cargo built no executable of package `{package}`")]
    NoExecutable {
        /// The package.
        package: String,
    },
}

impl Failure for BuildError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BuildFailed
    }
}

/// What a build made, as cargo reported it.
#[derive(Debug, Default)]
pub struct Built {
    /// The executables, with the name of their package.
    executables: Vec<(String, PathBuf)>,
}

impl Built {
    /// The executable of `package`: that of its name, if it has several.
    #[must_use]
    pub fn executable_of(&self, package: &str) -> Option<&Path> {
        let own =
            || self.executables.iter().filter(|(name, _)| name == package).map(|(_, path)| path.as_path());
        let is_main = |path: &&Path| path.file_stem().is_some_and(|stem| stem == package);
        own().find(is_main).or_else(|| own().next())
    }

    fn read(messages: impl Read) -> Self {
        let mut built = Self::default();
        for message in Message::parse_stream(BufReader::new(messages)).map_while(Result::ok) {
            let Message::CompilerArtifact(artifact) = message else { continue };
            let package = package_name(&artifact.package_id.repr);
            if let Some(executable) = artifact.executable {
                built.executables.push((package.to_owned(), executable.into()));
            }
        }
        built
    }
}

/// `b` of `path+file:///w/apps/b#0.1.0` and of `path+file:///w/apps/x#b@0.1.0`.
///
/// Source: the package id specifications of the Cargo book.
pub(super) fn package_name(id: &str) -> &str {
    let (url, fragment) = id.rsplit_once('#').unwrap_or((id, ""));
    match fragment.split_once('@') {
        Some((name, _version)) => name,
        None => url.rsplit('/').next().unwrap_or(url),
    }
}

pub(super) fn is_library(kind: &TargetKind) -> bool {
    matches!(
        kind,
        TargetKind::Lib
            | TargetKind::RLib
            | TargetKind::DyLib
            | TargetKind::CDyLib
            | TargetKind::StaticLib
            | TargetKind::ProcMacro
    )
}

impl Cargo {
    /// Builds `packages` of the workspace at `root`. What cargo says is shown if it warns or fails, and, on a terminal, if it
    /// takes long.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(
        &self,
        shell: &Shell,
        root: &Path,
        packages: &[&str],
        profile: Profile,
    ) -> Result<Built, BuildError> {
        let mut command = self.command_in(root);
        command.arg("build").args(select(packages.iter().copied()));
        if profile == Profile::Release {
            command.arg("--release");
        }
        let colour = if shell.err_has_colour() { "always" } else { "never" };
        command.args(["--message-format=json-render-diagnostics", "--color", colour]);
        if let Some(width) = shell.progress_width() {
            // Cargo draws its bar when it is told that somebody looks: its stderr is a pipe to us.
            command
                .env("CARGO_TERM_PROGRESS_WHEN", "always")
                .env("CARGO_TERM_PROGRESS_WIDTH", width.to_string());
        }
        let mut child = spawn(command.stderr(Stdio::piped()))?;
        let said = child.stderr.take().map(text_of);
        let made = child.stdout.take().map(|stdout| thread::spawn(move || Built::read(stdout)));
        let unsaid = said.map(|text| say_if_long(shell, &text)).unwrap_or_default();
        let built = made.and_then(|reader| reader.join().ok()).unwrap_or_default();
        let success = child.wait().map_err(BuildError::NotRun)?.success();
        let warns = |line: &str| anstream::adapter::strip_str(line).to_string().starts_with("warning");
        if !success || unsaid.lines().any(warns) {
            shell.error_text(&unsaid);
        }
        if success { Ok(built) } else { Err(failed(packages)) }
    }
}

fn spawn(command: &mut Command) -> Result<Child, BuildError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(BuildError::NotRun)
}

fn failed(packages: &[&str]) -> BuildError {
    BuildError::Failed { packages: packages.iter().map(|&package| package.to_owned()).collect() }
}

fn text_of(mut output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, pieces) = channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 8192];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    pieces
}

/// Takes what cargo says until it ends. On a terminal, that of a build that takes long is shown as it comes; everything else
/// is handed back.
fn say_if_long(shell: &Shell, pieces: &Receiver<Vec<u8>>) -> String {
    let deadline = Instant::now() + PATIENCE;
    let mut unsaid = Vec::new();
    while shell.progress_width().is_some() {
        match pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(piece) => unsaid.extend(piece),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                for piece in std::iter::once(unsaid).chain(pieces) {
                    shell.error_text(&String::from_utf8_lossy(&piece));
                }
                return String::new();
            }
        }
    }
    unsaid.extend(pieces.iter().flatten());
    String::from_utf8_lossy(&unsaid).into_owned()
}

fn backticked(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = concat!(
        r#"{"reason":"compiler-artifact","package_id":"path+file:///w/apps/b#0.1.0","manifest_path":"/w/apps/b/Cargo.toml","#,
        r#""target":{"kind":["lib"],"crate_types":["lib"],"name":"b","src_path":"/w/apps/b/src/lib.rs","edition":"2024","#,
        r#""doc":true,"doctest":true,"test":true},"profile":{"opt_level":"0","debuginfo":2,"debug_assertions":true,"#,
        r#""overflow_checks":true,"test":true},"features":[],"filenames":["/w/target/debug/deps/b-1"],"#,
        r#""executable":"/w/target/debug/deps/b-1","fresh":true}"#,
        "\n",
        r#"{"reason":"build-finished","success":true}"#,
        "\n",
    );

    #[test]
    fn what_was_made_is_known_by_the_name_of_its_package() {
        let built = Built::read(MESSAGES.as_bytes());
        assert_eq!(built.executable_of("b"), Some(Path::new("/w/target/debug/deps/b-1")));
        assert_eq!(built.executable_of("w"), None);
        assert_eq!(package_name("path+file:///w/apps/x#b@0.1.0"), "b");
    }

    #[test]
    fn of_several_programs_that_of_the_packages_name_is_meant() {
        let path = |name: &str| ("b".to_owned(), PathBuf::from(format!("/w/target/debug/{name}")));
        let built = Built { executables: vec![path("another"), path("b")] };
        assert_eq!(built.executable_of("b"), Some(Path::new("/w/target/debug/b")));
        let built = Built { executables: vec![path("another")] };
        assert_eq!(built.executable_of("b"), Some(Path::new("/w/target/debug/another")));
    }

    #[test]
    fn where_nobody_looks_what_cargo_says_is_handed_back() {
        let shell = Shell::captured();
        let text = "   Compiling b\nwarning: unused\n";
        assert_eq!(say_if_long(&shell, &text_of(text.as_bytes())), text);
        assert_eq!(shell.into_captured().1, "");
    }
}
