//! Which compiler builds, and for what.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The compiler that cargo calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiler {
    /// Its version: `1.95.0`.
    pub version: String,
    /// What it compiles for unless told otherwise: `x86_64-unknown-linux-gnu`.
    pub host: String,
}

impl Compiler {
    /// Asks the compiler that builds the workspace at `root`; `program` is `$RUSTC`. None if it does not answer.
    #[must_use]
    pub fn of_workspace(root: &Path, program: Option<OsString>) -> Option<Self> {
        let program = program.unwrap_or_else(|| "rustc".into());
        // In the workspace: a toolchain file there decides which compiler it is.
        let output = Command::new(program).arg("-vV").current_dir(root).output().ok()?;
        Self::read(&String::from_utf8_lossy(&output.stdout))
    }

    fn read(answer: &str) -> Option<Self> {
        let fact = |key: &str| {
            let line = answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            line.map(|value| value.trim().to_owned())
        };
        Some(Self { version: fact("release")?, host: fact("host")? })
    }

    /// What the program at `executable` was built for: a target folder has a folder for each target that is not the
    /// default.
    #[must_use]
    pub fn target_of(&self, executable: &Path, target_directory: &Path) -> String {
        let inside = executable.strip_prefix(target_directory).ok();
        let mut folders = inside.into_iter().flat_map(Path::components);
        match (folders.next(), folders.next(), folders.next()) {
            (Some(target), Some(_profile), Some(_program)) => {
                target.as_os_str().to_string_lossy().into_owned()
            }
            _ => self.host.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Compiler;

    const ANSWER: &str = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\n\
                          release: 1.95.0\nLLVM version: 22.1.2\n";

    #[test]
    fn version_and_host_are_read() {
        let expected = Compiler { version: "1.95.0".into(), host: "x86_64-unknown-linux-gnu".into() };
        assert_eq!(Compiler::read(ANSWER), Some(expected));
        assert_eq!(Compiler::read("zsh: command not found"), None);
    }

    #[test]
    fn the_target_is_a_folder_unless_it_is_the_host() {
        let compiler = Compiler::read(ANSWER).unwrap();
        let target_of = |path| compiler.target_of(Path::new(path), Path::new("/w/target"));
        assert_eq!(target_of("/w/target/release/ab"), "x86_64-unknown-linux-gnu");
        assert_eq!(target_of("/w/target/x86_64-unknown-linux-musl/release/ab"), "x86_64-unknown-linux-musl");
        assert_eq!(target_of("/elsewhere/ab"), "x86_64-unknown-linux-gnu");
    }
}
