//! `umbrella init`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::Plan;
use crate::session::Session;
use crate::workspace::{DependencyKind, LoadError, Member, ReleaseName, Workspace, manifest, suggest};

/// What `init` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Makes the Cargo workspace you are in an umbrella: two lines in its Cargo.toml, and nothing else.
Its crates stay what they are: `list`, `graph`, `test` and `check` know them at once, and `umbrella adopt` makes
applications of them, one at a time.

Examples:
  umbrella init                  named after the folder
  umbrella init --name shop      with this name
  umbrella init --dry-run        say what would be changed")]
pub(super) struct Args {
    /// What the umbrella is called [default: as its folder]
    #[arg(long)]
    name: Option<String>,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Error, Diagnostic)]
#[error("cannot read `{}`", path.display())]
struct Unreadable {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Failure for Unreadable {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    match session.load_workspace() {
        Ok(workspace) => {
            let root = session.display_path(&workspace.root);
            session.shell.line(format_args!("`{root}` is already an umbrella: `{}`", workspace.name));
            Ok(ExitCode::Done)
        }
        Err(LoadError::NotAnUmbrella { root }) => {
            init(&root, args.name.as_deref(), args.dry_run, session)?;
            if !args.dry_run {
                next(session)?;
            }
            Ok(ExitCode::Done)
        }
        Err(other) => Err(other.into()),
    }
}

/// Adds the table of an umbrella to the manifest of the workspace at `root`.
pub(super) fn init(
    root: &Path,
    name: Option<&str>,
    dry_run: bool,
    session: &Session,
) -> Result<(), CommandError> {
    let name = match name {
        Some(name) => ReleaseName::parse_umbrella(name)?,
        None => {
            let folder = root.file_name().unwrap_or_default().to_string_lossy();
            ReleaseName::parse_umbrella(&folder)
                .or_else(|_| ReleaseName::parse_umbrella(&suggest(&folder, |_| true)))?
        }
    };
    let _lock = RootLock::of(root);
    let path = root.join("Cargo.toml");
    let old = fs::read_to_string(&path).map_err(|source| Unreadable { path: path.clone(), source })?;
    let new = manifest::append_table(&old, "workspace.metadata.umbrella", &format!("name = \"{name}\"\n"));
    let mut plan = Plan::default();
    plan.replace(path, &old, new, Some("[workspace.metadata.umbrella]".to_owned()));
    Ok(carry_out(&plan, dry_run, session)?)
}

fn next(session: &Session) -> Result<(), CommandError> {
    let workspace: Workspace = session.load_workspace()?;
    let shell = &session.shell;
    shell.say(format_args!(
        "\nThe umbrella `{}` has {} crates and no application yet.",
        workspace.name,
        workspace.crates.len()
    ));
    shell.say("Look at it, test what a change affects, and make applications of its crates:\n");
    shell.say("    umbrella graph");
    shell.say("    umbrella test --affected");
    // One that others stand on is no benchmark, and no tool of the workspace.
    let is_used = |member: &&Member| {
        workspace
            .members
            .iter()
            .any(|other| other.members_below(&[DependencyKind::Normal]).contains(&*member.name))
    };
    let is_macros = |member: &Member| {
        let manifest = fs::read_to_string(member.path.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.replace(' ', "") == "proc-macro=true")
    };
    let mut libraries = workspace.members.iter().filter(|member| {
        member.path != workspace.root && member.path.join("src/lib.rs").is_file() && !is_macros(member)
    });
    if let Some(first) = libraries.clone().find(is_used).or_else(|| libraries.next()) {
        shell.say(format_args!("    umbrella adopt {}", session.display_path(&first.path)));
    }
    Ok(())
}
