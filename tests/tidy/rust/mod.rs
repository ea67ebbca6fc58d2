//! What the Rust files of this repository mention, define, and document.
//!
//! Files that cargo builds as part of umbrella: `examples/` holds workspaces of their own.

mod reader;
mod scope;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::source::{self, lies_in};

/// What is known of one Rust file.
#[derive(std::default::Default)]
pub(crate) struct RustFile {
    pub(crate) path: &'static str,
    /// Built for tests, benchmarks or as an example only.
    pub(crate) test_only: bool,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) functions: Vec<Function>,
    pub(crate) docs: Vec<Doc>,
    pub(crate) defaults: Vec<Default>,
    pub(crate) modules: Vec<Module>,
}

/// A module that is in a file of its own.
pub(crate) struct Module {
    /// Where the module is, without what tells `a.rs` from `a/mod.rs`.
    pub(crate) place: String,
    in_test: bool,
}

impl Module {
    /// Whether the file at `path` is this module.
    pub(crate) fn is(&self, path: &str) -> bool {
        path.strip_prefix(&self.place).is_some_and(|rest| matches!(rest, ".rs" | "/mod.rs"))
    }

    /// Whether the file at `path` is this module, or a part of it.
    fn holds(&self, path: &str) -> bool {
        self.is(path) || lies_in(path, &self.place)
    }
}

/// A path, macro or attribute, where it is written.
pub(crate) struct Mention {
    /// In full, through the imports of the file: `std::fs::write`, `crate::process::Pid`, `println!`, `#[ignore]`.
    pub(crate) what: String,
    pub(crate) line: usize,
    pub(crate) in_test: bool,
    /// In a `use`.
    pub(crate) is_import: bool,
    /// In a function whose clock stands still.
    pub(crate) is_paused: bool,
}

impl Mention {
    /// Whether this is `path`, something in it, or a glob that brings it.
    pub(crate) fn is(&self, path: &str) -> bool {
        let inside =
            self.what.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        inside || self.what.strip_suffix('*').is_some_and(|globbed| path.starts_with(globbed))
    }
}

/// A function that has a body.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// The documentation of an item.
pub(crate) struct Doc {
    /// `Counter`, `Counter::add`; empty for a module.
    pub(crate) item: String,
    pub(crate) text: String,
}

/// A value that holds unless something else is said: a constant, or the variant that is `#[default]`.
pub(crate) struct Default {
    /// `WAIT = Duration::from_secs(5)`, `Restart::Permanent`.
    pub(crate) written: String,
    pub(crate) line: usize,
}

static FILES: LazyLock<Vec<RustFile>> = LazyLock::new(|| {
    let rust = source::files().iter().filter(|file| is_ours(&file.path));
    let mut files: Vec<RustFile> = rust.map(|file| reader::read(&file.path, &file.text)).collect();
    let modules = files.iter().flat_map(|file| &file.modules).filter(|module| module.in_test);
    let for_tests = |path: &str| modules.clone().any(|module| module.holds(path));
    let for_tests: Vec<bool> = files.iter().map(|file| for_tests(file.path)).collect();
    for (file, _) in files.iter_mut().zip(for_tests).filter(|(_, for_tests)| *for_tests) {
        file.make_test_only();
    }
    files
});

impl RustFile {
    fn make_test_only(&mut self) {
        self.test_only = true;
        self.defaults.clear();
        for mention in &mut self.mentions {
            mention.in_test = true;
        }
    }

    /// What its shipped code mentions.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &Mention> {
        self.mentions.iter().filter(|mention| !mention.in_test)
    }
}

/// Every Rust file, sorted by path.
pub(crate) fn files() -> &'static [RustFile] {
    &FILES
}

/// Every Rust file in `place`.
pub(crate) fn files_in(place: &str) -> impl Iterator<Item = &'static RustFile> {
    files().iter().filter(move |file| lies_in(file.path, place))
}

fn is_ours(path: &str) -> bool {
    let is_data = |part: &str| part == "errors" || part.ends_with(".in") || part.ends_with(".out");
    let is_fixture = path.split_once("tests/").is_some_and(|(_, inside)| inside.split('/').any(is_data));
    path.ends_with(".rs") && !lies_in(path, "examples") && !is_fixture
}
