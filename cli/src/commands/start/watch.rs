//! `umbrella start --watch`: what changes is built, and whose program is another one then is started again.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cargo::Profile;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::ReleaseContents;
use crate::run::control::Control;
use crate::run::group::{OnChange, run_watched};
use crate::run::place::Place;
use crate::run::program::Program;
use crate::run::sources::Sources;
use crate::session::Session;
use crate::workspace::Workspace;

use super::super::release_crates::write_release_crates;
use super::build;

/// How long a node has to take note of a configuration.
const RELOAD: Duration = Duration::from_secs(30);

/// What is watched, and how it is built again.
pub(super) struct Watched<'a> {
    pub(super) session: &'a Session,
    pub(super) place: &'a Place,
    pub(super) programs: &'a [Program],
    pub(super) names: &'a [String],
    pub(super) timeout: Duration,
    pub(super) profile: Profile,
    /// The releases, as the workspace has them now.
    pub(super) releases: &'a dyn Fn(&Workspace) -> Result<Vec<ReleaseContents>, CommandError>,
}

/// Runs the programs, in the foreground, and again whenever they change.
pub(super) fn run(watched: &Watched<'_>, workspace: &Workspace) -> Result<ExitCode, CommandError> {
    let Watched { session, place, programs, names, timeout, .. } = watched;
    let mut rebuild = Rebuild { watched, built: fingerprints(programs) };
    let _listening = session.interrupt.listen();
    let sources = sources(workspace);
    Ok(run_watched(&session.shell, programs, names, &place.dir, *timeout, sources, &mut rebuild)?)
}

/// What programs are made of: every member, and what the whole workspace shares.
fn sources(workspace: &Workspace) -> Sources {
    let root = &workspace.root;
    let members = workspace.members.iter().map(|member| member.path.clone());
    let folders = members.chain([root.join("config")]).collect();
    Sources::new(vec![root.join("Cargo.toml"), root.join("Cargo.lock")], folders)
}

struct Rebuild<'a> {
    watched: &'a Watched<'a>,
    /// What the program of each node was made of, as a number.
    built: HashMap<PathBuf, u64>,
}

impl OnChange for Rebuild<'_> {
    /// Which programs are others now. An error is shown, and then what runs goes on.
    fn changed(&mut self, files: &[PathBuf]) -> Option<Vec<usize>> {
        let Watched { session, place, programs, .. } = self.watched;
        let shell = &session.shell;
        let (config, sources): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| file.starts_with(place.root.join("config")));
        shell.progress(format_args!("{} changed", named(session, files)));
        if !config.is_empty() {
            programs.iter().for_each(|program| self.reload(program));
        }
        if sources.is_empty() {
            return Some(Vec::new());
        }
        match self.build() {
            Ok(changed) => {
                let names: Vec<String> = changed.iter().map(|at| programs[*at].node.to_string()).collect();
                match names.as_slice() {
                    [] => shell.progress("built: no program that runs is another one"),
                    names => shell.progress(format_args!("built: another program for {}", names.join(", "))),
                }
                Some(changed)
            }
            Err(error) => {
                shell.error(&error);
                shell.note("what runs goes on as it was");
                None
            }
        }
    }
}

impl Rebuild<'_> {
    fn build(&mut self) -> Result<Vec<usize>, CommandError> {
        let Watched { session, place, programs, profile, releases, .. } = self.watched;
        let workspace = session.load_workspace()?;
        let mut releases = releases(&workspace)?;
        releases.retain(|release| {
            release.nodes().iter().any(|node| programs.iter().any(|program| program.node == *node))
        });
        write_release_crates(session, &workspace, &releases)?;
        build(session, &workspace, place, &releases, *profile)?;
        let now = fingerprints(programs);
        let is_another = |program: &Program| now.get(&program.binary) != self.built.get(&program.binary);
        let changed = programs.iter().enumerate().filter(|(_, program)| is_another(program));
        let changed = changed.map(|(at, _)| at).collect();
        self.built = now;
        Ok(changed)
    }

    /// A configuration needs no other program: the node tells its applications.
    fn reload(&self, program: &Program) {
        let Watched { session, place, .. } = self.watched;
        let name = program.node.to_string();
        let Ok(Some(record)) = place.dir.record(&name) else { return };
        match Control::connect(&record.socket).and_then(|mut control| control.reload(RELOAD)) {
            Ok(told) if told.is_empty() => {
                session
                    .shell
                    .progress(format_args!("{name} read it: nothing is different for its applications"));
            }
            Ok(told) => {
                session.shell.progress(format_args!("{name} read it, and told {}", told.join(", ")));
            }
            Err(error) => session.shell.warn(format_args!("{name} did not take it: {error}")),
        }
    }
}

/// One file, or how many.
fn named(session: &Session, files: &[PathBuf]) -> String {
    match files {
        [one] => session.display_path(one),
        [first, others @ ..] => format!("{} and {} more", session.display_path(first), others.len()),
        [] => "nothing".to_owned(),
    }
}

fn fingerprints(programs: &[Program]) -> HashMap<PathBuf, u64> {
    let all = programs.iter().map(|program| program.binary.clone());
    all.filter_map(|binary| Some((fingerprint(&binary).ok()?, binary)))
        .map(|(print, binary)| (binary, print))
        .collect()
}

/// Cargo writes a program anew also when it is the same again.
fn fingerprint(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut hasher = std::hash::DefaultHasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(&buffer[..read]),
        }
    }
}
