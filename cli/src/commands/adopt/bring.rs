//! A crate that lies outside of the umbrella is brought in: copied, with a manifest that says the same from there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;
use walkdir::WalkDir;

use super::super::carry_out::carry_out;
use super::super::new::refuse_taken;
use super::order::{Crates, crates_of, is_one_crate};
use super::{AdoptError, Args, check_library};
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::git;
use crate::plan::{
    Adoption, Carried, Carry, Contents, Entry, Plan, Step, added_lines, adopt, redirected, relative_path,
};
use crate::session::Session;
use crate::workspace::{
    AppName, Dependency, DependencyKind, Member, MemberRole, Sources, Workspace, manifest, normalize_path,
};

#[derive(Debug, Error, Diagnostic)]
enum BringError {
    #[error("`{name}` is an application of another umbrella already")]
    #[diagnostic(help(
        "copy its folder into apps/, add it to `members` and `[workspace.dependencies]` of Cargo.toml, and bring its \
         table of config/config.toml along"
    ))]
    OfAnother { name: String },
    #[error("this umbrella lies in `{}` itself", path.display())]
    Around { path: PathBuf },
    #[error("`{}` is not in the folder of this umbrella", into.display())]
    #[diagnostic(help("leave out `--into`: the crate goes to apps/"))]
    IntoOutside { into: PathBuf },
    #[error("`{}` cannot be copied: {why}", path.display())]
    #[diagnostic(help("put what is meant into the folder of the crate, or leave it out, and try again"))]
    NotCopied { path: PathBuf, why: &'static str },
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Failure for BringError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::IntoOutside { .. } => ExitCode::Usage,
            Self::OfAnother { .. }
            | Self::Around { .. }
            | Self::NotCopied { .. }
            | Self::Unreadable { .. } => ExitCode::Failed,
        }
    }
}

/// What is known of the crate where it lies.
struct Found {
    from: PathBuf,
    manifest: String,
    name: String,
    version: String,
    old_root: PathBuf,
}

/// Brings in a crate, or those of a workspace.
pub(super) fn bring_in(
    args: &Args,
    from: &Path,
    root: &Path,
    session: &Session,
) -> Result<ExitCode, CommandError> {
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(root);
    if root.starts_with(from) {
        return Err(BringError::Around { path: from.to_owned() }.into());
    }
    let metadata = session.cargo.metadata(&from.join("Cargo.toml"))?;
    if is_one_crate(&metadata, from) {
        let bringing = Bringing::plan(args, from, root, session)?;
        bringing.carry_out(args, session)?;
        return Ok(ExitCode::Done);
    }
    let crates = crates_of(&metadata);
    crates.check_places(from, args.into.is_some())?;
    let Crates { folders, others } = crates;
    let mut planned = Vec::new();
    for folder in &folders {
        // All of them, before the first is brought in: what is refused is refused while nothing is changed.
        planned.push(Bringing::plan(args, folder, root, session)?);
    }
    for (name, why) in others {
        session.shell.note(format_args!("`{name}` stays where it is: {why}"));
    }
    for (folder, bringing) in folders.iter().zip(planned) {
        let bringing = if args.dry_run { bringing } else { Bringing::plan(args, folder, root, session)? };
        bringing.carry_out(args, session)?;
    }
    Ok(ExitCode::Done)
}

/// A crate that is to be brought in.
struct Bringing {
    found: Found,
    carried: Carried,
    plan: Plan,
    /// How many lines are added to the files of the crate.
    lines: usize,
}

impl Bringing {
    fn plan(args: &Args, from: &Path, root: &Path, session: &Session) -> Result<Self, CommandError> {
        let workspace = Workspace::load(&session.cargo, root)?;
        let found = Found::read(from, session)?;
        let to = destination(args, from, &workspace, session)?;
        let manifests = workspace.members.iter().map(|member| member.path.join("Cargo.toml"));
        let sources = Sources::read(&workspace)?.with(manifests)?;
        if !found.is_known_as(&workspace, &sources) {
            refuse_taken(&AppName::of_package(&found.name), &workspace, &sources)?;
        }
        let old_root = read(&found.old_root.join("Cargo.toml"))?;
        let root_manifest = sources.get(&workspace.manifest_path()).unwrap_or_default().to_owned();
        let carry = Carry {
            from,
            to: &to,
            old_root: (&found.old_root, &old_root),
            umbrella: (&workspace, &root_manifest),
        };
        let carried = carry.manifest(&found.manifest)?;
        let (plan, lines) = found.plan(args, &to, &workspace, sources, &carried, session)?;
        Ok(Self { found, carried, plan, lines })
    }

    fn carry_out(&self, args: &Args, session: &Session) -> Result<(), CommandError> {
        carry_out(&self.plan, args.dry_run, session)?;
        tell(args, &self.found, &self.carried, self.lines, session);
        Ok(())
    }
}

/// Where it goes: `--into`, else `apps/` and its folder.
fn destination(
    args: &Args,
    from: &Path,
    workspace: &Workspace,
    session: &Session,
) -> Result<PathBuf, BringError> {
    let name = from.file_name().unwrap_or_default();
    let Some(into) = &args.into else { return Ok(workspace.root.join("apps").join(name)) };
    let folder = normalize_path(&session.cwd.join(into));
    if folder.starts_with(&workspace.root) && folder != workspace.root {
        Ok(folder)
    } else {
        Err(BringError::IntoOutside { into: into.clone() })
    }
}

impl Found {
    fn read(from: &Path, session: &Session) -> Result<Self, CommandError> {
        let path = from.join("Cargo.toml");
        let metadata = session.cargo.metadata(&path)?;
        let package = metadata.packages.iter().find(|package| package.manifest_path.as_std_path() == path);
        let old_root = metadata.workspace_root.clone().into_std_path_buf();
        let Some(package) = package else {
            return Err(AdoptError::NoPackage { path: from.to_owned() }.into());
        };
        let name = package.name.to_string();
        if package.metadata.get("umbrella").is_some() {
            return Err(BringError::OfAnother { name }.into());
        }
        let version = package.version.to_string();
        Ok(Self { from: from.to_owned(), manifest: read(&path)?, name, version, old_root })
    }

    /// Whether the umbrella depends on this very crate already, where it lies.
    fn is_known_as(&self, workspace: &Workspace, sources: &Sources) -> bool {
        let text = sources.get(&workspace.manifest_path()).unwrap_or_default();
        workspace.member(&self.name).is_none()
            && manifest::has_workspace_dependency(text, &self.name)
            && redirected(text, &workspace.root, &self.from, &workspace.root.join("apps")) != text
    }

    /// The plan, and how many lines it adds to the files of the crate.
    fn plan(
        &self,
        args: &Args,
        to: &Path,
        workspace: &Workspace,
        mut sources: Sources,
        carried: &Carried,
        session: &Session,
    ) -> Result<(Plan, usize), CommandError> {
        let library = fs::read_to_string(self.from.join("src/lib.rs")).ok();
        let member = self.member(to, &carried.manifest);
        check_library(&member, &self.from, (&self.manifest, library.as_deref()), args.sup)?;
        sources.set(to.join("Cargo.toml"), carried.manifest.clone());
        if let Some(library) = library {
            sources.set(to.join("src/lib.rs"), library);
        }
        let runtime = args.runtime.resolve_for_existing(session.start_dir(), workspace, &sources)?;
        let below: Vec<AppName> = (carried.siblings.iter())
            .filter(|name| workspace.app(name).is_some())
            .map(AppName::of_package)
            .collect();
        let adoption = Adoption { member: &member, supervised: args.sup, dependencies: &below };
        let mut plan = adopt(workspace, &sources, adoption, &runtime)?;
        for manifest in workspace
            .members
            .iter()
            .map(|member| member.path.join("Cargo.toml"))
            .chain([workspace.manifest_path()])
        {
            let old = sources.get(&manifest).unwrap_or_default();
            let text = plan.text_of(&manifest).unwrap_or(old);
            let new = redirected(text, manifest.parent().unwrap_or(&manifest), &self.from, to);
            if new != text {
                plan.replace(
                    manifest,
                    old,
                    new,
                    Some(format!("{} is {}", self.name, relative_path(&workspace.root, to))),
                );
            }
        }
        let written_out = carried.manifest.lines().count().saturating_sub(self.manifest.lines().count());
        let is_own = |step: &Step| matches!(step, Step::Replace { path, .. } if path.starts_with(to));
        let own = Plan { steps: plan.steps.iter().filter(|step| is_own(step)).cloned().collect() };
        let lines = added_lines(&own) + written_out;
        Ok((as_one_tree(plan, to, self.entries()?), lines))
    }

    fn member(&self, to: &Path, manifest: &str) -> Member {
        let uses_runtime = manifest.contains("umbrella-runtime");
        let runtime = || Dependency {
            package: "umbrella-runtime".to_owned(),
            is_member: false,
            kind: DependencyKind::Normal,
            optional: false,
            requirement: "*".to_owned(),
            features: std::collections::BTreeSet::new(),
            default_features: true,
        };
        Member {
            name: self.name.clone(),
            path: to.to_owned(),
            version: self.version.clone(),
            role: MemberRole::Crate,
            dependencies: uses_runtime.then(runtime).into_iter().collect(),
        }
    }

    /// What is copied: what git knows or would know; everything but what is built, where there is no git.
    fn entries(&self) -> Result<Vec<Entry>, BringError> {
        let known =
            git::files(&self.from).filter(|files| files.iter().any(|file| file == Path::new("Cargo.toml")));
        let mut files = known.unwrap_or_else(|| self.all_files());
        files.sort();
        files.dedup();
        // The umbrella has a lock of its own.
        files.retain(|file| file != Path::new("Cargo.lock"));
        let mut entries = Vec::with_capacity(files.len());
        for file in files {
            let path = self.from.join(&file);
            // Removed, and git not told yet.
            let Ok(found) = path.symlink_metadata() else { continue };
            let not_copied = |why| Err(BringError::NotCopied { path: path.clone(), why });
            if found.is_dir() {
                return not_copied("it is another repository");
            }
            if found.is_symlink() {
                let inside = fs::read_link(&path).is_ok_and(|to| to.is_relative())
                    && path.canonicalize().is_ok_and(|to| to.starts_with(&self.from));
                if !inside {
                    return not_copied("it is a link out of the crate");
                }
            } else if !found.is_file() {
                return not_copied("it is no file");
            }
            entries.push(Entry::File { path: file, contents: Contents::CopyOf(path) });
        }
        Ok(entries)
    }

    fn all_files(&self) -> Vec<PathBuf> {
        let built = self.from.join("target");
        let entries = WalkDir::new(&self.from).into_iter();
        let entries = entries.filter_entry(|entry| entry.path() != built && entry.file_name() != ".git");
        let files = entries.filter_map(Result::ok).filter(|entry| !entry.file_type().is_dir());
        files.filter_map(|entry| Some(entry.path().strip_prefix(&self.from).ok()?.to_owned())).collect()
    }
}

/// What is written into the new folder becomes part of it.
fn as_one_tree(plan: Plan, to: &Path, mut entries: Vec<Entry>) -> Plan {
    let mut steps = Vec::new();
    for step in plan.steps {
        let (path, text) = match &step {
            Step::Replace { path, new, .. } => (path, new.clone()),
            Step::NewFile { path, contents: Contents::Text(text) } => (path, text.clone()),
            Step::NewFile { .. } | Step::NewTree { .. } | Step::Move { .. } | Step::Remove { .. } => {
                steps.push(step);
                continue;
            }
        };
        let Ok(inside) = path.strip_prefix(to).map(Path::to_owned) else {
            steps.push(step);
            continue;
        };
        let edited = Entry::File { path: inside.clone(), contents: text.into() };
        match entries.iter_mut().find(|entry| entry.path() == inside) {
            Some(entry) => *entry = edited,
            None => entries.push(edited),
        }
    }
    steps.insert(0, Step::NewTree { folder: to.to_owned(), entries });
    Plan { steps }
}

fn tell(args: &Args, found: &Found, carried: &Carried, lines: usize, session: &Session) {
    let shell = &session.shell;
    let from = relative_path(&session.cwd, &found.from);
    for sibling in &carried.siblings {
        shell.note(format_args!("`{}` depends on the `{sibling}` of this umbrella", found.name));
    }
    for (package, path) in &carried.outside {
        let path = relative_path(&session.cwd, path);
        shell.note(format_args!("`{}` depends on `{package}` outside, in `{path}`", found.name));
    }
    for table in &carried.left_out {
        shell.note(format_args!(
            "`[{table}]` counts in the Cargo.toml of an umbrella only, and is left out: say it there"
        ));
    }
    for file in [".cargo/config.toml", "rust-toolchain.toml", "rust-toolchain"] {
        if found.from.join(file).is_file() {
            shell.note(format_args!(
                "`{file}` counts in the folder in which cargo is called, and no longer here"
            ));
        }
    }
    if !args.dry_run {
        let name = &found.name;
        shell.say(format_args!(
            "\n`{name}` is an application: {lines} lines were added to its files, blank ones aside; `{from}` is as it was.\n"
        ));
        shell.say(format_args!("    umbrella test {name}"));
        if args.sup {
            shell.say(format_args!("    umbrella start {name}"));
        }
    }
}

fn read(path: &Path) -> Result<String, BringError> {
    fs::read_to_string(path).map_err(|source| BringError::Unreadable { path: path.to_owned(), source })
}
