//! The only module that spawns cargo.

mod build;
mod compiler;
mod lint;
mod metadata;
mod rustfmt;
mod test;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use build::{BuildError, Built, Profile};
pub use compiler::Compiler;
pub use lint::Lint;
pub use metadata::MetadataError;
pub use test::{
    BuildFlags, Case, Counts, CoverageError, Doctests, Documented, Engine, FEW, FailedTest, FilterError,
    InterruptedTest, Lines, Listed, Listings, Outcome, Passthrough, Processes, Program, Programs, Ran,
    Report, Runner, START_STOP, Tested, Unfinished, UnitResult, Unsupported, Verdict, junit, location,
    may_have_doctests, shown,
};

/// The cargo this session calls.
#[derive(Debug, Clone)]
pub struct Cargo {
    program: OsString,
    cwd: PathBuf,
    /// The environment of this process.
    environment: BTreeMap<OsString, OsString>,
}

impl Cargo {
    /// It is `$CARGO` when cargo itself started us; `cargo` is looked up in the path otherwise.
    #[must_use]
    pub fn new(environment: BTreeMap<OsString, OsString>, cwd: PathBuf) -> Self {
        let program = environment.get(&OsString::from("CARGO")).cloned();
        Self { program: program.unwrap_or_else(|| "cargo".into()), cwd, environment }
    }

    /// The same cargo in another folder.
    #[must_use]
    pub fn at(&self, cwd: PathBuf) -> Self {
        Self { cwd, ..self.clone() }
    }

    /// A cargo command that runs in the session's folder, with nothing said yet.
    #[must_use]
    pub fn command(&self) -> Command {
        self.command_in(&self.cwd)
    }

    /// A cargo command that runs in `folder`, with nothing said yet.
    #[must_use]
    pub fn command_in(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder);
        command
    }
}

/// The arguments that choose these members of the workspace.
///
/// As patterns, which match members only: a name would be ambiguous where somebody below depends on a published package that
/// is called the same. Source: the Cargo book, `cargo build`, `--package`.
fn select<'a>(packages: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let pattern = |name: &str| {
        let mut letters = name.chars();
        letters.next().map_or_else(String::new, |first| format!("[{first}]{}", letters.as_str()))
    };
    packages.into_iter().flat_map(|name| ["--package".to_owned(), pattern(name)]).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn members_are_chosen_by_patterns() {
        assert_eq!(super::select(["b", "my-app"]), ["--package", "[b]", "--package", "[m]y-app"]);
    }
}
