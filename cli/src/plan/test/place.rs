//! `apps/b/tests/b.rs:12`: which tests of a program are meant by a place in its source. PURE.

use std::path::{Path, PathBuf};

use super::scan::{Found, test_at};

/// What was typed where an application or a place can stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A package.
    Unit(String),
    /// A file or a folder, and perhaps a line.
    Place(PathBuf, Option<usize>),
}

/// Reads a word of the command line. What is the name of a package is one, whatever else is there.
#[must_use]
pub fn what(word: &str, is_package: impl Fn(&str) -> bool) -> What {
    if is_package(word) {
        return What::Unit(word.to_owned());
    }
    let (path, line) = split_line(word);
    let is_path = path.contains('/') || path.starts_with('.') || path.ends_with(".rs") || line.is_some();
    if is_path { What::Place(path.into(), line) } else { What::Unit(word.to_owned()) }
}

/// `tests/b.rs:12` and, as rustc prints places, `tests/b.rs:12:5`.
fn split_line(word: &str) -> (&str, Option<usize>) {
    let number = |word: &'_ str| {
        let (path, number) = word.rsplit_once(':')?;
        Some((path.len(), number.parse::<usize>().ok()?))
    };
    match number(word) {
        None => (word, None),
        Some((end, last)) => match number(&word[..end]) {
            Some((end, line)) => (&word[..end], Some(line)),
            None => (&word[..end], Some(last)),
        },
    }
}

/// The tests that a file, or a line of it, stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTests {
    /// The file, absolute.
    pub file: PathBuf,
    /// Its tests.
    pub tests: Vec<Found>,
}

impl FileTests {
    /// Only the test that `line` belongs to; nothing if there is none above.
    #[must_use]
    pub fn at(self, line: usize) -> Option<Self> {
        let test = test_at(&self.tests, line)?.clone();
        Some(Self { tests: vec![test], ..self })
    }

    /// Whether the test that the program with the source `root` lists as `name` is one of these. `roots` are the sources of
    /// all programs of its package.
    #[must_use]
    pub fn holds(&self, root: &Path, name: &str, roots: &[&Path]) -> bool {
        if roots.contains(&self.file.as_path()) {
            return self.file == root && self.tests.iter().any(|test| is_case_of(name, &test.path));
        }
        let folder = root.parent().unwrap_or(root);
        let Ok(inside) = self.file.strip_prefix(folder) else { return false };
        let module = module_of(inside);
        self.tests.iter().any(|test| is_case_of(name, &format!("{module}::{}", test.path)))
    }
}

/// `deep::down` of `deep/down.rs` and of `deep/down/mod.rs`.
fn module_of(inside: &Path) -> String {
    let path = inside.with_extension("");
    let mut parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.pop_if(|last| last == "mod");
    parts.join("::")
}

/// A test, or one of the cases that a macro makes of it: `adds`, `adds::case_1`.
fn is_case_of(name: &str, path: &str) -> bool {
    name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_an_application_or_a_place() {
        let place = |path: &str, line| What::Place(path.into(), line);
        let table = [
            ("b", What::Unit("b".into())),
            ("apps/b/tests/b.rs:12", place("apps/b/tests/b.rs", Some(12))),
            ("apps/b/tests/b.rs:12:5", place("apps/b/tests/b.rs", Some(12))),
            ("b.rs", place("b.rs", None)),
            ("apps", What::Unit("apps".into())),
            ("./apps", place("./apps", None)),
            ("apps/b", place("apps/b", None)),
            (".", place(".", None)),
        ];
        for (word, expected) in table {
            assert_eq!(what(word, |name| name == "b"), expected, "{word}");
        }
    }

    #[test]
    fn a_test_is_known_by_its_file_and_its_modules() {
        let (lib, test) = (Path::new("/b/src/lib.rs"), Path::new("/b/tests/b.rs"));
        let roots = [lib, test];
        let tests = |file: &str, path: &str| FileTests {
            file: file.into(),
            tests: vec![Found { line: 1, path: path.into() }],
        };
        let table = [
            ("/b/src/lib.rs", "tests::adds", lib, "tests::adds", true),
            ("/b/src/lib.rs", "tests::adds", test, "tests::adds", false),
            ("/b/src/x/y.rs", "tests::adds", lib, "x::y::tests::adds", true),
            ("/b/src/x/mod.rs", "adds", lib, "x::adds", true),
            ("/b/src/x/mod.rs", "adds", lib, "adds", false),
            ("/b/tests/b.rs", "counts", test, "counts", true),
            ("/b/tests/b.rs", "counts", test, "counts::case_1", true),
            ("/b/tests/b.rs", "counts", test, "counts_too", false),
            ("/b/tests/common.rs", "counts", test, "common::counts", true),
        ];
        for (file, path, root, name, expected) in table {
            assert_eq!(tests(file, path).holds(root, name, &roots), expected, "{file} {path} {name}");
        }
    }
}
