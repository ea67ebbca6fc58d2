//! `umbrella release [NAME] [--group EXPRESSION]`.

mod report;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cargo::{BuildError, Built, Compiler, Profile};
use crate::deployment::Partial;
use crate::emit::bundle::Bundles;
use crate::emit::cookie::cookie_of;
use crate::emit::lock::ReleaseLock;
use crate::emit::{self, Lock};
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::bundle::{BuildFacts, Bundle, ConfigFile};
use crate::plan::chosen_deployment::{Choice, ChosenDeployment};
use crate::plan::panic_strategy::check_panic_strategy;
use crate::plan::release::{ReleasePlan, ReleaseRequest, plan_release, release_configs};
use crate::session::Session;
use crate::workspace::{Sources, Workspace, git_revision};

/// What `release` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella release                                  every application in one release
  umbrella release --group '[a,b]+[c]'              two releases: a_b with a and b, c with c
  umbrella release --group 'web=[a,b]+[c]'          the same, but the first one is called web
  umbrella release --group '[a,b]+[c]' --save prod  and keep it in Cargo.toml
  umbrella release prod                             what was kept

Each release becomes a folder in target/umbrella/rel/ that runs by itself: copy it where it is to run.
A release that is running from that folder is not replaced: stop it first.

Exit codes: 0 done, 1 failed, 2 the expression is wrong or does not fit, 101 the build failed")]
pub(super) struct Args {
    /// A deployment saved in Cargo.toml, or the umbrella [default: the umbrella]
    #[arg(value_name = "NAME", conflicts_with = "group")]
    name: Option<String>,
    /// Which applications run together: one bracket per release, as in '[a,b]+[c]'
    #[arg(long, value_name = "EXPRESSION")]
    group: Option<String>,
    /// Allow applications that are in no release
    #[arg(long)]
    partial: bool,
    /// Save the expression in Cargo.toml under this name
    #[arg(long, value_name = "NAME", requires = "group")]
    save: Option<String>,
    /// The version of the releases [default: that of the workspace]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Print what would be done and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print what was released as JSON on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let root = session.load_workspace()?.root;
    let places = Places::of(&root);
    let lock = match args.dry_run {
        true => None,
        false => Some(ReleaseLock::acquire(&places.lock, || {
            session.shell.progress("waiting for another `umbrella release` in this workspace");
        })?),
    };
    let (workspace, plan, configs) = prepare(args, session, &places)?;
    if args.dry_run {
        report::dry_run(args.json, session, &workspace, &plan, &places.bundles);
        return Ok(ExitCode::Done);
    }
    let packages = plan.packages();
    let built = session.cargo.build(&session.shell, &root, &packages, Profile::Release)?;
    let bundles = bundles(session, &workspace, &plan, &built, &configs, &places)?;
    let shown = |bundle: &Bundle| format!("{}-{}", bundle.release, bundle.version);
    if !args.json {
        bundles.iter().for_each(|bundle| session.shell.star("assembling", shown(bundle)));
    }
    Bundles { folder: &places.bundles }.assemble(&bundles)?;
    drop(lock);
    report::done(args.json, session, &workspace, &plan, &places.bundles);
    Ok(ExitCode::Done)
}

/// Where things are kept in `target/umbrella`.
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

/// Everything up to the build: what can be refused is refused before anything is written.
fn prepare(
    args: &Args,
    session: &Session,
    places: &Places,
) -> Result<(Workspace, ReleasePlan, Vec<Vec<ConfigFile>>), CommandError> {
    // Until the release crates are written, nobody else may change what is read here.
    let first = session.load_workspace()?;
    let _lock = (!args.dry_run).then(|| Lock::of(&first.root));
    let workspace = session.load_workspace()?;
    let sources = Sources::read(&workspace)?;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    let variable = session.var("CARGO_PROFILE_RELEASE_PANIC");
    check_panic_strategy(manifest, variable.as_deref().and_then(std::ffi::OsStr::to_str))?;
    let choice = match (&args.group, &args.name) {
        (Some(expression), _) => Choice::Expression(expression),
        (None, Some(name)) => Choice::Named(name),
        (None, None) => Choice::Whole,
    };
    let chosen = ChosenDeployment::find(choice, &workspace, manifest)?;
    let request = ReleaseRequest {
        partial: if args.partial { Partial::Yes } else { Partial::No },
        save: args.save.as_deref(),
        version: args.version.as_deref(),
    };
    let plan = plan_release(&workspace, &sources, &chosen, request)?;
    let (configs, strangers) = release_configs(&plan.deployment, &workspace, &config_files(&workspace.root)?)?;
    let bundles = Bundles { folder: &places.bundles };
    plan.deployment.releases.iter().try_for_each(|release| bundles.check_idle(&release.name))?;
    report::notes(session, &plan, &strangers);
    if !args.dry_run {
        bundles.sweep();
        emit::execute(&plan.files, &session.interrupt)?;
        report::written(args.json, session, &plan);
    }
    Ok((workspace, plan, configs))
}
