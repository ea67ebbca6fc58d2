//! `umbrella release [NAME] [--group EXPRESSION]`.

mod report;
mod upgrade;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use miette::Diagnostic;
use thiserror::Error;

use super::carry_out::carry_out;
use crate::cargo::{BuildError, Built, Compiler, Profile};
use crate::deployment::{Partial, Release, Scale};
use crate::emit::bundle::Bundles;
use crate::emit::cookie::cookie_of;
use crate::emit::{self, EmitError, ReleaseLock, RootLock};
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::Plan;
use crate::plan::bundle::{BuildFacts, Bundle, ConfigFile, is_shipped};
use crate::plan::chosen_deployment::{Choice, ChosenDeployment};
use crate::plan::panic_strategy::check_panic_strategy;
use crate::plan::release::{ReleaseConfigs, ReleasePlan, ReleaseRequest, plan_release, release_configs};
use crate::run::contracts::contracts_of;
use crate::session::Session;
use crate::workspace::{Sources, Workspace, git_revision};

/// What `release` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella release                                  every application in one release
  umbrella release --group '[a,b]+[c]'              two releases: a_b with a and b, c with c
  umbrella release --group 'web=[a,b]+[c]'          the same, but the first one is called web
  umbrella release --group '[a,b]+[c]*3'            c is to run in three nodes: `--scale c=3`
  umbrella release --group '[a,b]+[c]' --save prod  and keep it in Cargo.toml
  umbrella release prod                             what was kept
  umbrella release --check-upgrade rel.old target/umbrella/rel
                                                    in which order these nodes can be upgraded

Each release becomes a folder in target/umbrella/rel/ that runs by itself: copy it where it is to run.
A release that is running from that folder is not replaced: stop it first.

--check-upgrade builds and starts nothing. OLD and NEW are bundles, folders of bundles, or files with what
`bin/<release> contracts --json` prints.

Exit codes: 0 done, 1 failed or no order of upgrading is safe, 2 the expression is wrong or does not fit, 101 the build failed")]
pub(super) struct Args {
    /// A deployment saved in Cargo.toml, or the umbrella [default: the umbrella]
    #[arg(value_name = "NAME", conflicts_with = "group")]
    name: Option<String>,
    /// Which applications run together: one bracket per release, as in '[a,b]+[c]'
    #[arg(long, value_name = "EXPRESSION")]
    group: Option<String>,
    /// Run a release in several nodes, as `*3` in the expression does
    #[arg(long, value_name = "RELEASE=COUNT")]
    scale: Vec<Scale>,
    /// Allow applications that are in no release
    #[arg(long)]
    partial: bool,
    /// Save the expression in Cargo.toml under this name
    #[arg(long, value_name = "NAME", requires = "group")]
    save: Option<String>,
    /// The version of the releases [default: that of the workspace]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Say which calls fail between nodes of two versions, and in which order the nodes can be upgraded
    #[arg(
        long,
        num_args = 2,
        value_names = ["OLD", "NEW"],
        conflicts_with_all = ["name", "group", "scale", "partial", "save", "version", "dry_run"],
    )]
    check_upgrade: Option<Vec<PathBuf>>,
    /// Print what would be done and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print what was released, or what an upgrade does, as JSON on stdout
    #[arg(long)]
    json: bool,
}

/// A file of the configuration that cannot be read.
#[derive(Debug, Error, Diagnostic)]
#[error("could not read `{}`", path.display())]
struct ConfigError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Failure for ConfigError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    if let Some([old, new]) = args.check_upgrade.as_deref() {
        return upgrade::run(old, new, args.json, session);
    }
    // Once before anything is written, the lock included: what can be refused is refused here.
    let planned = plan(args, session)?;
    report::notes(session, &planned);
    if args.dry_run {
        write(args, session, &planned.plan.files)?;
        report::planned(args.json, session, &planned);
        return Ok(ExitCode::Done);
    }
    let root = planned.workspace.root;
    let _one_at_a_time = ReleaseLock::acquire(&planned.places.lock, || {
        session.shell.progress("waiting for another `umbrella release` in this workspace");
    })?;
    let planned = {
        // Once more, now that nobody else changes what the plan is made from.
        let _lock = RootLock::of(&root);
        let planned = plan(args, session)?;
        write(args, session, &planned.plan.files)?;
        planned
    };
    let built = session.cargo.build(&session.shell, &root, &planned.plan.packages(), Profile::Release)?;
    let bundles = bundles(session, &planned, &built)?;
    report::assembling(args.json, session, &bundles);
    let assembled = Bundles { folder: &planned.places.bundles };
    assembled.sweep();
    assembled.assemble(&bundles)?;
    report::done(args.json, session, &planned);
    Ok(ExitCode::Done)
}

/// Writes the release crates and says so, unless stdout is for JSON.
fn write(args: &Args, session: &Session, files: &Plan) -> Result<(), EmitError> {
    match (args.json, args.dry_run) {
        (false, dry_run) => carry_out(files, dry_run, session),
        (true, false) => emit::execute(files, &session.interrupt),
        (true, true) => emit::check(files),
    }
}

/// Where things are kept in `target/umbrella`.
#[derive(Debug)]
struct Places {
    /// A folder for each bundle.
    bundles: PathBuf,
    cookies: PathBuf,
    lock: PathBuf,
}

impl Places {
    fn of(root: &Path) -> Self {
        let folder = root.join("target/umbrella");
        Self {
            bundles: folder.join("rel"),
            cookies: folder.join("COOKIES"),
            lock: folder.join("release.lock"),
        }
    }
}

/// What is going to be done, to which workspace, and where.
#[derive(Debug)]
struct Planned {
    workspace: Workspace,
    plan: ReleasePlan,
    configs: ReleaseConfigs,
    places: Places,
}

/// Loads and plans; writes nothing.
fn plan(args: &Args, session: &Session) -> Result<Planned, CommandError> {
    let workspace = session.load_workspace()?;
    let sources = Sources::read(&workspace)?;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    let choice = match (&args.group, &args.name) {
        (Some(expression), _) => Choice::Expression(expression),
        (None, Some(name)) => Choice::Named(name),
        (None, None) => Choice::Whole,
    };
    let chosen = ChosenDeployment::find(choice, &workspace, manifest)?.scaled(&args.scale)?;
    let request = ReleaseRequest {
        partial: if args.partial { Partial::Yes } else { Partial::No },
        save: args.save.as_deref(),
        version: args.version.as_deref(),
    };
    let plan = plan_release(&workspace, &sources, &chosen, request)?;
    let variable = session.var("CARGO_PROFILE_RELEASE_PANIC");
    check_panic_strategy(manifest, variable.as_deref().and_then(OsStr::to_str))?;
    let configs = release_configs(&plan.deployment, &workspace, &config_files(&workspace.root)?)?;
    let places = Places::of(&workspace.root);
    let bundles = Bundles { folder: &places.bundles };
    for release in &plan.deployment.releases {
        bundles.check_idle(&release.name)?;
    }
    Ok(Planned { workspace, plan, configs, places })
}

/// The files of `config/`, by name.
fn config_files(root: &Path) -> Result<Vec<ConfigFile>, ConfigError> {
    let folder = root.join("config");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ConfigError { path, source }
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&folder)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed(&folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_shipped(&name) {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            files.push(ConfigFile { name, text });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// What goes into the bundles, in the order of the releases.
fn bundles(session: &Session, planned: &Planned, built: &Built) -> Result<Vec<Bundle>, CommandError> {
    let Planned { workspace, plan, configs, places } = planned;
    let compiler = Compiler::of_workspace(&workspace.root, session.var("RUSTC"));
    let cookie = cookie_of(&places.cookies, &plan.identity)?;
    let built_unix_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let git_revision = git_revision(&workspace.root);
    let bundle = |(release, configs): (&Release, &Vec<ConfigFile>)| {
        let executable = built.executable_of(&release.package);
        let executable =
            executable.ok_or_else(|| BuildError::NoExecutable { package: release.package.clone() })?;
        let target = compiler.as_ref().map(|it| it.target_of(executable, &workspace.target_directory));
        let facts = BuildFacts {
            deployment: plan.deployment.expression.clone(),
            identity: plan.identity.clone(),
            rustc: compiler.as_ref().map(|it| it.version.clone()),
            target,
            git_revision: git_revision.clone(),
            built_unix_s,
        };
        let bundle = plan.bundle(release, workspace, executable.to_owned(), &facts);
        let bundle = bundle.with_config(configs.iter().cloned()).with_cookie(cookie.clone());
        Ok(match contracts_of(executable) {
            Ok(contracts) => bundle.with_contracts(contracts),
            Err(error) => {
                session.shell.warn(format_args!(
                    "the bundle of `{}` does not say what its contracts are, for `--check-upgrade`: {error}",
                    release.name
                ));
                bundle
            }
        })
    };
    plan.deployment.releases.iter().zip(&configs.per_release).map(bundle).collect()
}
