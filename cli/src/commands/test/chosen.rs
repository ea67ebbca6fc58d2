//! Which tests of the programs that were built run, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::TestError;
use super::kept::Kept;
use super::options::Options;
use crate::cargo::{Case, Program, START_STOP};
use crate::plan::test::{Known, Memory, shuffle};
use crate::session::Session;
use crate::workspace::Workspace;

/// The tests that run.
pub(super) struct Chosen<'a> {
    /// In the order in which they are begun.
    pub(super) cases: Vec<Case<'a>>,
    /// How many tests of each unit do not run.
    pub(super) skipped: BTreeMap<&'a str, u64>,
}

/// Where the source of a program is, as it is shown and remembered.
pub(super) fn target_of(workspace: &Workspace, program: &Program) -> String {
    let source = program.source.strip_prefix(&workspace.root).unwrap_or(&program.source);
    source.display().to_string()
}

pub(super) fn choose<'a>(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    programs: &'a [Program],
    kept: &'a Kept,
    seed: Option<u64>,
) -> Result<Chosen<'a>, TestError> {
    let selected = match &options.selection.expression {
        None => None,
        Some(expression) => {
            let packages: BTreeSet<&str> = programs.iter().map(|program| program.package.as_str()).collect();
            let packages: Vec<&str> = packages.into_iter().collect();
            let colour = session.shell.err_has_colour();
            Some(session.cargo.select_tests(&workspace.root, &packages, expression, colour)?)
        }
    };
    let choice = Choice { workspace, options, programs, selected, memory: kept.memory.as_ref() };
    let mut chosen = Chosen { cases: Vec::new(), skipped: BTreeMap::new() };
    for program in programs {
        let skipped = chosen.skipped.entry(&program.package).or_default();
        let Some(tests) = kept.listings.tests_of(program) else {
            // A harness of its own takes no names: it runs as a whole, or not at all.
            if choice.takes(program, None, false) {
                chosen.cases.push(Case { program, test: None });
            }
            continue;
        };
        for test in tests {
            if choice.takes(program, Some(&test.name), test.ignored) {
                chosen.cases.push(Case { program, test: Some(&test.name) });
            } else {
                *skipped += 1;
            }
        }
    }
    if let Some(seed) = seed {
        shuffle(&mut chosen.cases, seed);
    }
    Ok(chosen)
}

struct Choice<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    programs: &'a [Program],
    /// What nextest selects.
    selected: Option<BTreeSet<(PathBuf, String)>>,
    memory: Option<&'a Memory>,
}

impl Choice<'_> {
    fn takes(&self, program: &Program, test: Option<&str>, ignored: bool) -> bool {
        let Options { selection, passthrough, .. } = self.options;
        let target = target_of(self.workspace, program);
        let name = test.unwrap_or_default();
        let is_conformance = test == Some(START_STOP);
        passthrough.selects(name, ignored)
            && !(selection.no_conformance && is_conformance)
            && self
                .selected
                .as_ref()
                .is_none_or(|tests| tests.contains(&(program.path.clone(), name.to_owned())))
            && self.is_at_a_place(program, name)
            && (!selection.failed || self.failed(program, &target, test))
            && self.options.partition().is_none_or(|part| part.holds(&program.package, &target, name))
    }

    fn is_at_a_place(&self, program: &Program, test: &str) -> bool {
        if self.options.takes_whole(&program.package) {
            return true;
        }
        let own = self.programs.iter().filter(|other| other.package == program.package);
        let roots: Vec<&Path> = own.map(|program| program.source.as_path()).collect();
        let mut places = self.options.places.iter().filter(|(unit, _)| *unit == program.package);
        places.any(|(_, place)| place.holds(&program.source, test, &roots))
    }

    fn failed(&self, program: &Program, target: &str, test: Option<&str>) -> bool {
        let Some(memory) = self.memory else { return false };
        let known =
            Known { unit: program.package.clone(), target: target.to_owned(), test: test.map(str::to_owned) };
        memory.not_built.contains(&program.package) || memory.failed.contains(&known)
    }
}
