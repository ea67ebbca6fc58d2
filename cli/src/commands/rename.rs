//! `umbrella rename OLD NEW`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use walkdir::WalkDir;

use super::carry_out::carry_out;
use super::formatted::formatted;
use super::new::refuse_taken;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::rename::{Renamed, Renaming, rename};
use crate::plan::selection::UnknownApplication;
use crate::plan::{Plan, Step, relative_path};
use crate::session::Session;
use crate::workspace::{AppName, Member, Sources, Workspace};

/// What `rename` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella rename c store --dry-run    every line that would change
  umbrella rename c store

Changed are manifests, paths in Rust sources, tables in config/, placements and rules, and the folder if it is called after
the application. Comments and texts stay, and are listed. Names of types and of processes stay: they are yours.")]
pub(super) struct Args {
    /// The application
    #[arg(value_name = "APP")]
    old: String,
    /// What it is to be called
    new: String,
    /// Show every line that would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// How many places to look at are listed.
const LISTED: usize = 20;

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let new = AppName::parse(&args.new)?;
    let root = session.load_workspace()?.root;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&root);
    let workspace = session.load_workspace()?;
    let app = workspace.app(&args.old);
    let app = app.ok_or_else(|| UnknownApplication::of(&workspace, &args.old))?;
    let sources = Sources::read(&workspace)?.with(files(&workspace, app.name.as_str()))?;
    refuse_taken(&new, &workspace, &sources)?;
    let Renamed { plan, look_at } = rename(&workspace, &sources, Renaming { app, new: &new })?;
    let plan = formatted(plan, session);
    carry_out(&plan, args.dry_run, session)?;
    if args.dry_run {
        show(&plan, session);
    }
    if !look_at.is_empty() {
        session
            .shell
            .say(format_args!("\nComments and texts that say `{}`, for you to look at:\n", args.old));
        for (path, line) in look_at.iter().take(LISTED) {
            session.shell.say(format_args!("    {}:{line}", relative_path(&session.cwd, path)));
        }
        if look_at.len() > LISTED {
            session.shell.say(format_args!("    and {} more", look_at.len() - LISTED));
        }
    }
    if !args.dry_run {
        session.shell.say(format_args!("\n    umbrella test {new}"));
    }
    Ok(ExitCode::Done)
}

/// Every file that may name the application: manifests, configuration, READMEs, sources of those who depend on it.
fn files(workspace: &Workspace, name: &str) -> BTreeSet<PathBuf> {
    let uses = |member: &&Member| {
        member.name == name
            || member.dependencies.iter().any(|below| below.is_member && below.package == name)
    };
    let mut files: BTreeSet<PathBuf> =
        workspace.members.iter().map(|member| member.path.join("Cargo.toml")).collect();
    for member in workspace.members.iter().filter(uses) {
        let is_other = |path: &std::path::Path| {
            workspace.members.iter().any(|other| other.path == path && path != member.path)
        };
        let entries = WalkDir::new(&member.path).into_iter().filter_entry(|entry| {
            let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
            !hidden && entry.path() != workspace.target_directory && !is_other(entry.path())
        });
        let sources = entries.filter_map(Result::ok).map(walkdir::DirEntry::into_path);
        files.extend(sources.filter(|path| path.extension().is_some_and(|kind| kind == "rs")));
    }
    let config = WalkDir::new(workspace.root.join("config")).max_depth(1).into_iter().filter_map(Result::ok);
    files.extend(
        config
            .map(walkdir::DirEntry::into_path)
            .filter(|path| path.extension().is_some_and(|kind| kind == "toml")),
    );
    files.extend(workspace.app(name).map(|app| app.path.join("README.md")));
    files.insert(workspace.root.join("README.md"));
    files
}

/// Every line that changes, with its place.
fn show(plan: &Plan, session: &Session) {
    for step in &plan.steps {
        let Step::Replace { path, old, new, .. } = step else { continue };
        let before: BTreeSet<&str> = old.lines().collect();
        for (number, line) in new.lines().enumerate().filter(|(_, line)| !before.contains(line)) {
            session.shell.line(format_args!(
                "{}:{}: {}",
                relative_path(&session.cwd, path),
                number + 1,
                line.trim()
            ));
        }
    }
}
