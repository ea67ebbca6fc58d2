//! What was typed, checked.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::error::TestError;
use super::topology::{Topology, topologies};
use super::{Args, Output, Selection};
use crate::cargo::{BuildFlags, Lines, Passthrough, Runner};
use crate::error::CommandError;
use crate::plan::test::{FileTests, Partition, Unit, What, plan_test, tests_in, what};
use crate::session::Session;
use crate::workspace::Workspace;

/// What was typed.
pub(super) struct Options {
    /// What was named, before what changed and what failed is looked at.
    pub(super) units: Vec<Unit>,
    /// The files that were named, each with its unit.
    pub(super) places: Vec<(String, FileTests)>,
    /// The units that were named as a whole, where places were named too.
    pub(super) wholes: Vec<String>,
    pub(super) selection: Selection,
    pub(super) output: Output,
    pub(super) seed: Option<Option<u64>>,
    pub(super) max_failures: Option<u32>,
    pub(super) retries: u32,
    pub(super) repeat_until_failure: Option<u32>,
    pub(super) watch: bool,
    pub(super) isolated: bool,
    pub(super) flags: BuildFlags,
    /// How the applications are placed, one after the other.
    pub(super) topologies: Vec<Topology>,
    pub(super) runner: Runner,
    pub(super) passthrough: Passthrough,
    /// What stands behind `--`, as typed.
    filter: String,
    words: Vec<String>,
}

impl Options {
    pub(super) fn new(args: Args, session: &Session, workspace: &Workspace) -> Result<Self, CommandError> {
        let (mut names, mut places) = (Vec::new(), Vec::new());
        let is_package = |name: &str| workspace.member(name).is_some();
        for word in &args.what {
            match what(word, is_package) {
                What::Unit(name) => names.push(name),
                What::Place(path, line) => place(session, workspace, &path, line, &mut names, &mut places)?,
            }
        }
        let wholes = names.clone();
        names.extend(places.iter().map(|(unit, _)| unit.clone()));
        let units = plan_test(workspace, &names, session.start_dir())?;
        let options = Self {
            units,
            places,
            wholes,
            selection: args.selection,
            output: args.output,
            seed: args.order.seed,
            max_failures: args.order.max_failures,
            retries: args.order.retries,
            repeat_until_failure: args.order.repeat_until_failure,
            watch: args.order.watch,
            isolated: args.isolated,
            flags: args.flags,
            topologies: topologies(args.group.as_deref(), args.topology.as_deref(), workspace)?,
            runner: args.runner,
            filter: args.args.join(" "),
            passthrough: Passthrough::new(args.args),
            words: args.what,
        };
        options.check(session)?;
        Ok(options)
    }

    fn check(&self, session: &Session) -> Result<(), TestError> {
        self.passthrough.check()?;
        if self.runner == Runner::Umbrella {
            return Ok(());
        }
        let unfit = [
            ("-E", self.selection.expression.is_some()),
            ("--failed", self.selection.failed),
            ("--partition", self.selection.partition.is_some()),
            ("--seed", self.seed.is_some()),
            ("--max-failures", self.max_failures.is_some()),
            ("--slowest", self.output.slowest.is_some()),
            ("--junit", self.output.junit.is_some()),
            ("--cover", self.output.cover),
            ("--topology", self.topologies != [Topology::default()]),
            ("PATH", !self.places.is_empty()),
        ];
        if let Some((option, _)) = unfit.into_iter().find(|(_, asked)| *asked) {
            return Err(TestError::NotWithNextest { option });
        }
        if session.cargo.has_nextest() { Ok(()) } else { Err(TestError::NoNextest) }
    }

    /// Where what the tests say goes.
    pub(super) fn lines(&self) -> Lines {
        if self.output.json { Lines::Err } else { Lines::Out }
    }

    /// Whether something narrows what runs within a unit, so that nothing may be left.
    pub(super) fn narrows(&self) -> bool {
        self.passthrough.filters() || self.selection.expression.is_some() || !self.places.is_empty()
    }

    /// Whether all tests of a unit run.
    pub(super) fn takes_all_of(&self, unit: &str) -> bool {
        !self.passthrough.filters()
            && self.selection.expression.is_none()
            && self.selection.partition.is_none()
            && !self.selection.failed
            && self.takes_whole(unit)
    }

    /// Whether no place narrows what runs of a unit.
    pub(super) fn takes_whole(&self, unit: &str) -> bool {
        self.places.iter().all(|(of, _)| of != unit) || self.wholes.iter().any(|whole| whole == unit)
    }

    pub(super) fn partition(&self) -> Option<Partition> {
        self.selection.partition
    }

    /// What narrows, as it was typed.
    pub(super) fn shown_filter(&self) -> String {
        let mut shown = Vec::new();
        if !self.filter.is_empty() {
            shown.push(format!("`{}`", self.filter));
        }
        shown.extend(self.selection.expression.iter().map(|expression| format!("`-E {expression}`")));
        if shown.is_empty() {
            shown.push(format!("`{}`", self.words.join(" ")));
        }
        shown.join(" and ")
    }
}

/// Takes a place apart: units as a whole, or tests in files.
fn place(
    session: &Session,
    workspace: &Workspace,
    typed: &Path,
    line: Option<usize>,
    names: &mut Vec<String>,
    places: &mut Vec<(String, FileTests)>,
) -> Result<(), TestError> {
    let shown = typed.display().to_string();
    // From where one is, or as it is printed: from the root.
    let candidates = [session.start_dir().join(typed), workspace.root.join(typed)];
    let path = candidates.iter().find_map(|path| path.canonicalize().ok());
    let path = path.ok_or_else(|| TestError::NoSuchPlace { path: shown.clone() })?;
    let inside: Vec<&str> = workspace
        .members
        .iter()
        .filter(|member| member.path.starts_with(&path))
        .map(|member| &*member.name)
        .collect();
    if !inside.is_empty() {
        let releases = |name: &&str| !workspace.releases.iter().any(|release| release.package == **name);
        names.extend(inside.into_iter().filter(releases).map(str::to_owned));
        return Ok(());
    }
    let member = workspace.member_containing(&path);
    let member = member.ok_or_else(|| TestError::NobodysPlace { path: shown.clone() })?;
    let mut found = false;
    for file in sources(&path) {
        let tests = fs::read_to_string(&file).map(|source| tests_in(&source)).unwrap_or_default();
        let tests = FileTests { file, tests };
        let paths = || tests.tests.iter().map(|test| test.path.clone()).collect();
        let tests = match line {
            None => tests,
            Some(line) => tests.clone().at(line).ok_or_else(|| TestError::NoTestAtLine {
                path: shown.clone(),
                line,
                tests: paths(),
            })?,
        };
        if !tests.tests.is_empty() {
            found = true;
            places.push((member.name.clone(), tests));
        }
    }
    if found { Ok(()) } else { Err(TestError::NoTestInFile { path: shown }) }
}

/// The Rust files that a path stands for.
fn sources(path: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_source =
        |path: &PathBuf| path.is_file() && path.extension().is_some_and(|extension| extension == "rs");
    entries.map(walkdir::DirEntry::into_path).filter(is_source).collect()
}
