//! `umbrella run APP [-- ARGUMENT...]`.

use std::ffi::OsString;
use std::path::Path;

use crate::cargo::{BuildError, Profile};
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::ReleaseContents;
use crate::plan::selection::select_applications;
use crate::run::place::{Env, Place};
use crate::run::program;
use crate::session::Session;

use super::release_crates::write_release_crates;
use super::start::{StartError, build, not_run};

/// What `run` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
An application with a program of its own, src/main.rs, runs that, as cargo run does. Any other runs in a node, in the
foreground, with what it needs and nothing else; Ctrl-C stops it. What follows -- are its arguments: it reads them with
`umbrella::node::arguments()`.

Examples:
  umbrella run b
  umbrella run b -- --port 8080
  umbrella run b --release

Exit codes: those of the program; 2 no such application, 101 the build failed")]
pub(super) struct Args {
    /// The application
    #[arg(value_name = "APP")]
    application: String,
    /// Its arguments
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
    /// Build with the release profile
    #[arg(long)]
    release: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let env = Env::choose(args.env, session)?;
    let workspace = session.load_workspace()?;
    let place = Place::of(session, &workspace.root, env);
    let names = select_applications(&workspace, std::slice::from_ref(&args.application))?;
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    let app = workspace.app(&args.application);
    if let Some(app) = app.filter(|app| has_program(&app.path)) {
        let package = app.name.as_str();
        let built = session.cargo.build(&session.shell, &workspace.root, &[package], profile)?;
        let executable = built.executable_of(package);
        let executable =
            executable.ok_or_else(|| BuildError::NoExecutable { package: package.to_owned() })?;
        let source = program::exec(executable, &session.cwd, env.as_str(), &args.arguments);
        return Err(StartError::NotRun { program: executable.display().to_string(), source }.into());
    }
    let whole = [ReleaseContents::whole(&workspace)];
    write_release_crates(session, &workspace, &whole)?;
    let programs = build(session, &workspace, &place, &whole, profile)?;
    let Some(program) = programs.first() else { return Ok(ExitCode::Bug) };
    Err(not_run(program)(program.exec(&names, &args.arguments, session.shell.out_has_colour())).into())
}

/// Whether the package in this folder has a program that is named as it is.
fn has_program(folder: &Path) -> bool {
    folder.join("src/main.rs").is_file()
}
