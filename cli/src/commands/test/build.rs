//! Building what is to be tested: in one go of cargo's, or each unit by itself.

use std::collections::BTreeSet;

use super::error::TestError;
use super::options::Options;
use crate::cargo::{BuildError, Processes, Programs};
use crate::plan::test::Unit;
use crate::session::Session;
use crate::workspace::Workspace;

/// Builds the tests of `units`.
pub(super) fn build(
    session: &Session,
    processes: &Processes,
    workspace: &Workspace,
    options: &Options,
    units: &[Unit],
    variables: &[(String, String)],
) -> Result<Programs, TestError> {
    let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    let build = |names: &[&str]| {
        let built = session.cargo.build_tests(
            &session.shell,
            processes,
            &workspace.root,
            names,
            &options.flags,
            variables,
        );
        built.map_err(|error| match error {
            BuildError::NotRun(source) => TestError::NotRun(source),
            // Cargo has spoken, and what it did not build is known by what it built.
            BuildError::Failed { .. } | BuildError::NoExecutable { .. } => {
                TestError::NotRun(std::io::ErrorKind::Other.into())
            }
        })
    };
    if !options.isolated {
        return build(&names);
    }
    let mut all: Option<Programs> = None;
    for name in &names {
        let built = build(&[name])?;
        match &mut all {
            Some(all) => all.merge(built),
            None => all = Some(built),
        }
        if session.interrupt.is_raised() {
            break;
        }
    }
    Ok(all.unwrap_or_default())
}

/// The units that cannot be tested, as something of them, or something that they stand on, does not compile.
pub(super) fn not_built<'a>(workspace: &Workspace, units: &'a [Unit], built: &Programs) -> BTreeSet<&'a str> {
    let units = units.iter().map(|unit| unit.name.as_str());
    if built.complete {
        return BTreeSet::new();
    }
    let without = built.without_library.iter().map(String::as_str);
    let downstream = workspace.with_dependent_members(without);
    let has_program = |unit: &str| built.programs.iter().any(|program| program.package == unit);
    // A build script that fails, or a lock file that does not fit, names no package.
    let nobody_named = built.broken.is_empty();
    let any_program = !built.programs.is_empty();
    units
        .filter(|unit| {
            built.broken.contains(*unit)
                || downstream.contains(*unit)
                || (!has_program(unit) && (nobody_named || !workspace_has(&built.broken, workspace)))
                || (nobody_named && !any_program)
        })
        .collect()
}

/// Whether what is broken is of this workspace.
fn workspace_has(broken: &BTreeSet<String>, workspace: &Workspace) -> bool {
    broken.iter().any(|package| workspace.member(package).is_some())
}
