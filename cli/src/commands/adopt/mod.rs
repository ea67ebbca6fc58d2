//! `umbrella adopt PATH`.

mod bring;
mod order;

use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{Document, Item};

use super::carry_out::carry_out;
use super::init::init;
use super::new::RuntimeArgs;
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::{Adoption, added_lines, adopt};
use crate::session::Session;
use crate::workspace::{
    AppName, DependencyKind, LoadError, Member, MemberRole, Sources, Workspace, enclosing_umbrella, library,
};

/// What `adopt` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Makes an application of a crate that is there, with at most ten added lines in its files.

Examples:
  umbrella adopt crates/billing          a library application: tested, placed and released as a unit
  umbrella adopt crates/billing --sup    with a supervision tree: src/application.rs is new, and empty of processes
  umbrella adopt crates/billing --dry-run
  umbrella adopt ../ledger               a crate from elsewhere: copied to apps/ledger, and left there as it was
  umbrella adopt ../ledger --into crates/ledger
  umbrella adopt ../shop                 every library of the workspace ../shop, in the order of their dependencies;
                                         where there is no umbrella: as `umbrella init` there

Of a crate from elsewhere everything is copied that git does not ignore.
What it inherits from its workspace is written out where this one does not say the same.
Paths lead where they led, or to the crate of the same name in this umbrella.
What cannot be carried over is refused.")]
pub(super) struct Args {
    /// The folder of the crate, or of a Cargo workspace
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Give it a supervision tree
    #[arg(long)]
    sup: bool,
    /// Where to copy a crate from elsewhere [default: apps/ and the name of its folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    into: Option<PathBuf>,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, Error, Diagnostic)]
enum AdoptError {
    #[error("no crate in `{}`: there is no Cargo.toml", path.display())]
    NoCrate { path: PathBuf },
    #[error("`{}` has no `[package]` with a name in its Cargo.toml", path.display())]
    NoPackage { path: PathBuf },
    #[error("`{}` is in no umbrella", path.display())]
    #[diagnostic(help(
        "make one of its workspace with `umbrella init`, or go into one, and adopt it from there"
    ))]
    InNoUmbrella { path: PathBuf },
    #[error("`{}` lies in the umbrella already", path.display())]
    #[diagnostic(help("leave out `--into`: a crate that is in the umbrella stays where it is"))]
    Inside { path: PathBuf },
    #[error("`{name}` is a workspace of its own inside of this one")]
    #[diagnostic(help("take `[workspace]` out of its Cargo.toml, and adopt its crates one by one"))]
    Nested { name: String },
    #[error("`{name}` has macros, which run in the compiler and in no node")]
    #[diagnostic(help(
        "it stays a crate, which `list`, `graph`, `test` and `check` know; adopt who uses it"
    ))]
    Macros { name: String },
    #[error("the library of `{name}` is `{}`", file.display())]
    #[diagnostic(help(
        "`--sup` and `umbrella gen` write beside src/lib.rs: move it there, or adopt it without `--sup`"
    ))]
    Elsewhere { name: String, file: PathBuf },
    #[error("`{name}` has no library")]
    #[diagnostic(help("an application is a library crate: its code goes to src/lib.rs"))]
    NoLibrary { name: String },
    #[error("`{name}` has a module `application` already: `{}`", file.display())]
    #[diagnostic(help(
        "rename it, or say in Cargo.toml which type starts the application: `application = \"{name}::Type\"`"
    ))]
    HasModule { name: String, file: PathBuf },
    #[error("`{name}` is a generated release")]
    Release { name: String },
}

impl Failure for AdoptError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let folder = session.cwd.join(&args.path);
    let folder = match folder.canonicalize() {
        Ok(folder) if folder.join("Cargo.toml").is_file() => folder,
        _ => return Err(AdoptError::NoCrate { path: args.path.clone() }.into()),
    };
    if let Ok(umbrella) = session.load_workspace() {
        let is_member = umbrella.members.iter().any(|member| member.path == folder);
        if !folder.starts_with(&umbrella.root) && !is_member {
            return bring::bring_in(args, &folder, &umbrella.root, session);
        }
    }
    if args.into.is_some() {
        return Err(AdoptError::Inside { path: args.path.clone() }.into());
    }
    match Workspace::load(&session.cargo, &folder) {
        Err(LoadError::NotAnUmbrella { root }) if root == folder && enclosing_umbrella(&folder).is_none() => {
            init(&root, None, args.dry_run, session)?;
            Ok(ExitCode::Done)
        }
        Ok(workspace) => adopt_in(args, &folder, &workspace.root, session),
        // Not a member yet: cargo believes that it belongs to no workspace, or refuses it.
        Err(_) => match enclosing_umbrella(&folder) {
            Some(root) => adopt_in(args, &folder, &root, session),
            None => Err(AdoptError::InNoUmbrella { path: args.path.clone() }.into()),
        },
    }
}

fn has_workspace(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    Document::parse(manifest).is_ok_and(|document| document.contains_key("workspace"))
}

fn adopt_in(args: &Args, folder: &Path, root: &Path, session: &Session) -> Result<ExitCode, CommandError> {
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(root);
    let workspace = Workspace::load(&session.cargo, root)?;
    let is_member = workspace.members.iter().any(|member| member.path == folder);
    if folder == root && !is_member {
        session.shell.line(format_args!("`{}` is already an umbrella", session.display_path(root)));
        return Ok(ExitCode::Done);
    }
    if folder != root && has_workspace(folder) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(AdoptError::Nested { name }.into());
    }
    let member = match workspace.members.iter().find(|member| member.path == folder) {
        Some(member) => member.clone(),
        None => stranger(folder)?,
    };
    match member.role {
        MemberRole::Crate => {}
        MemberRole::Release => return Err(AdoptError::Release { name: member.name }.into()),
        MemberRole::Supervised | MemberRole::Library => {
            session.shell.line(format_args!("`{}` is already an application", member.name));
            return Ok(ExitCode::Done);
        }
    }
    let sources = Sources::read(&workspace)?.with([folder.join("Cargo.toml"), folder.join("src/lib.rs")])?;
    let of = |file: &str| sources.get(&folder.join(file));
    check_library(&member, folder, (of("Cargo.toml").unwrap_or_default(), of("src/lib.rs")), args.sup)?;
    let runtime = args.runtime.resolve_for_existing(session.start_dir(), &workspace, &sources)?;
    let below = member.members_below(&[DependencyKind::Normal]);
    let dependencies: Vec<AppName> =
        below.into_iter().filter(|name| workspace.app(name).is_some()).map(AppName::of_package).collect();
    let adoption = Adoption { member: &member, supervised: args.sup, dependencies: &dependencies };
    let plan = adopt(&workspace, &sources, adoption, &runtime)?;
    carry_out(&plan, args.dry_run, session)?;
    if !args.dry_run {
        let name = &member.name;
        session.shell.say(format_args!(
            "\n`{name}` is an application: {} lines were added to files that were there, blank ones aside.\n",
            added_lines(&plan)
        ));
        session.shell.say(format_args!("    umbrella test {name}"));
        if args.sup {
            session.shell.say(format_args!("    umbrella start {name}"));
        }
    }
    Ok(ExitCode::Done)
}

/// A crate that is no member yet: its manifest alone, since cargo refuses it until it is one.
fn stranger(folder: &Path) -> Result<Member, AdoptError> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let document = Document::parse(text.as_str()).ok();
    let of_package = |key: &str| document.as_ref()?.get("package")?.get(key)?.as_str().map(str::to_owned);
    Ok(Member {
        name: of_package("name").ok_or_else(|| AdoptError::NoPackage { path: folder.to_owned() })?,
        path: folder.to_owned(),
        // Source: the Cargo book; a package without a version has this one.
        version: of_package("version").unwrap_or_else(|| "0.0.0".to_owned()),
        role: MemberRole::Crate,
        dependencies: Vec::new(),
    })
}

fn check_library(
    member: &Member,
    folder: &Path,
    (manifest, source): (&str, Option<&str>),
    supervised: bool,
) -> Result<(), AdoptError> {
    let name = member.name.clone();
    let manifest = Document::parse(manifest).ok();
    let of_library = |key: &str| manifest.as_ref()?.get("lib")?.get(key);
    if ["proc-macro", "proc_macro"].iter().any(|key| of_library(key).and_then(Item::as_bool) == Some(true)) {
        return Err(AdoptError::Macros { name });
    }
    let path = of_library("path").and_then(Item::as_str).map(PathBuf::from);
    if let Some(file) = path.filter(|path| path != Path::new("src/lib.rs") && folder.join(path).is_file()) {
        return if supervised { Err(AdoptError::Elsewhere { name, file }) } else { Ok(()) };
    }
    let Some(source) = source else { return Err(AdoptError::NoLibrary { name }) };
    let file = folder.join("src/application.rs");
    if supervised
        && (file.exists() || folder.join("src/application").exists() || library::exports_application(source))
    {
        return Err(AdoptError::HasModule { name, file });
    }
    Ok(())
}
