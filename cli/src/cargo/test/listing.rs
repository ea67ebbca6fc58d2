//! Which tests a program has. It is asked once: what it said is known until it is built anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::processes::Processes;
use super::programs::Program;

/// A test of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name: `tests::adds`.
    pub name: String,
    /// Whether it runs only when asked for.
    pub ignored: bool,
}

/// What programs said of their tests, by their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listings(BTreeMap<PathBuf, Listing>);

/// What one program said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listing {
    /// When the program was built, in nanoseconds, and how long it is.
    built: (u128, u64),
    /// Nothing if it has a harness of its own, which does not list tests.
    tests: Option<Vec<Listed>>,
}

impl Listings {
    /// What `programs` said, those that were built since are asked again; nothing for a program with a harness of its own.
    #[must_use]
    pub fn update(&self, programs: &[Program], threads: usize, processes: &Processes) -> Self {
        let known = Mutex::new(BTreeMap::new());
        let next = AtomicUsize::new(0);
        let ask_all = || {
            while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let built = built(&program.path);
                let before =
                    self.0.get(&program.path).filter(|listing| Some(listing.built) == built).cloned();
                let listing =
                    before.or_else(|| Some(Listing { built: built?, tests: ask(program, processes) }));
                let mut known = known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                known.extend(listing.map(|listing| (program.path.clone(), listing)));
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(ask_all);
            }
        });
        Self(known.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The tests of `program`; nothing if it does not list them.
    ///
    /// Source: libtest-mimic and other harnesses list as libtest does. One that says nothing has not heard the question.
    #[must_use]
    pub fn tests_of(&self, program: &Program) -> Option<&[Listed]> {
        let tests = self.0.get(&program.path)?.tests.as_deref();
        tests.filter(|tests| !(program.has_own_harness && tests.is_empty()))
    }
}

fn built(program: &Path) -> Option<(u128, u64)> {
    let metadata = fs::metadata(program).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((modified.as_nanos(), metadata.len()))
}

fn ask(program: &Program, processes: &Processes) -> Option<Vec<Listed>> {
    let list = |more: &[&str]| {
        let mut command = program.command();
        command.args(["--list", "--format", "terse"]).args(more).stderr(Stdio::null());
        names(&processes.output(command)?)
    };
    let all = list(&[])?;
    // What has not heard the question has run: once is enough.
    if all.is_empty() {
        return Some(Vec::new());
    }
    let ignored = list(&["--ignored"])?;
    let listed = |name: String| Listed { ignored: ignored.contains(&name), name };
    Some(all.into_iter().map(listed).collect())
}

/// The names in a list of libtest's: `tests::adds: test`. Nothing if it is no such list.
fn names(list: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for line in list.lines().filter(|line| !line.is_empty()) {
        let (name, kind) = line.rsplit_once(": ")?;
        match kind {
            "test" => names.push(name.to_owned()),
            "benchmark" => {}
            _ => return None,
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tests_is_read_and_other_output_is_none() {
        assert_eq!(names("a::b: test\nfast: benchmark\n"), Some(vec!["a::b".to_owned()]));
        assert_eq!(names(""), Some(Vec::new()));
        assert_eq!(names("hello, I run everything\n"), None);
    }
}
